//! A browser without script, and a client of gRPC, on real connections.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::{error::Error, net::SocketAddr};
use tokio::net::{TcpListener, TcpStream};

type Served = Result<(), Box<dyn Error + Send + Sync>>;

/// Serves an example on any free port.
pub async fn start<S>(serve: impl FnOnce(TcpListener) -> S) -> Browser
where
    S: Future<Output = Served> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener));
    Browser { address, cookies: Vec::new() }
}

/// Keeps cookies, and asks for pages.
pub struct Browser {
    address: SocketAddr,
    cookies: Vec<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    /// Where it leads; nothing where it does not.
    pub fn place(&self) -> &str {
        self.headers.get(header::LOCATION).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

impl Browser {
    /// Opens a page.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[("accept", "text/html"), ("sec-fetch-mode", "navigate")], "").await
    }

    /// Sends a form of a page of this very host.
    pub async fn form(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let headers = [("sec-fetch-site", "same-origin"), ("content-type", "application/x-www-form-urlencoded"), ("accept", "text/html")];
        self.send("POST", path, &headers, &body).await
    }

    /// Signs in at this page.
    pub async fn sign_in(&mut self, page: &str, username: &str, password: &str, next: &str) -> Answer {
        self.form(page, &[("username", username), ("password", password), ("next", next)]).await
    }

    /// An access token, by the interface below this prefix.
    pub async fn token(&mut self, prefix: &str, username: &str, password: &str) -> String {
        let body = serde_json::json!({ "username": username, "password": password }).to_string();
        let answer = self.send("POST", &format!("{prefix}/api/v1/auth/login"), &[("content-type", "application/json")], &body).await;
        let tokens: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
        tokens["token"].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned()
    }

    /// Sends a request, with the cookies that there are.
    pub async fn send(&mut self, method: &str, path: &str, headers: &[(&'static str, &str)], body: &str) -> Answer {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path).body(Full::new(Bytes::from(body.to_owned()))).unwrap();
        request.headers_mut().insert(header::HOST, self.address.to_string().parse().unwrap());
        if !self.cookies.is_empty() {
            request.headers_mut().insert(header::COOKIE, self.cookies.join("; ").parse().unwrap());
        }
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_str(value).unwrap());
        }
        let (parts, body) = sender.send_request(request).await.unwrap().into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let name = pair.split('=').next().unwrap();
            self.cookies.retain(|kept| kept.split('=').next() != Some(name));
            self.cookies.push(pair.to_owned());
        }
        let text = String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// Calls a method of gRPC with an empty message: the status of HTTP, that of gRPC, and the answer.
    pub async fn call(&self, method: &str, token: Option<&str>) -> (StatusCode, Option<String>, String) {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let place = format!("http://{}{method}", self.address);
        // Not compressed, and of no length.
        let mut request = Request::post(place).body(Full::new(Bytes::from_static(&[0; 5]))).unwrap();
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        request.headers_mut().insert(header::TE, HeaderValue::from_static("trailers"));
        if let Some(token) = token {
            request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        }
        let (parts, body) = sender.send_request(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap();
        let status = body.trailers().and_then(|trailers| trailers.get("grpc-status")).map(|value| value.to_str().unwrap().to_owned());
        let bytes = body.to_bytes();
        (parts.status, status, String::from_utf8_lossy(bytes.get(5..).unwrap_or_default()).into_owned())
    }
}
