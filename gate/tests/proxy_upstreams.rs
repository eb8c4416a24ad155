//! Upstreams that do badly, and bodies that are long.

use crate::proxy_kit::{Front, Manner, Reply, read_until, upstream};
use serde_json::json;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

const OPEN: &str = r#"[{ "allow": "public" }]"#;

fn open() -> serde_json::Value {
    serde_json::from_str(OPEN).unwrap()
}

/// PRX-165
#[tokio::test]
async fn an_upstream_that_is_down_or_talks_nonsense_is_a_502_that_names_no_address() {
    let down = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let mut cases = vec![down];
    for bytes in [
        b"nonsense\r\n\r\n".as_slice(),
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
        b"",
    ] {
        cases.push(upstream(Manner::Says(bytes)).await.address);
    }
    cases.push(
        upstream(Manner::Endless(b"HTTP/1.1 200 OK\r\n", b"X-More: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n")).await.address,
    );
    for address in cases {
        let front = Front::to(address, open()).await;
        let reply = front.send("GET /", &[]).await;
        assert_eq!((reply.status, reply.code().as_str()), (502, "upstream_down"), "{}", reply.text);
        assert!(!reply.text.contains("127.0.0.1") && reply.text.contains("requestId"), "{}", reply.text);
        let page = front.send("GET /", &[("Accept", "text/html")]).await;
        assert!(
            page.status == 502 && page.text.contains("<h1>The app does not answer</h1>") && !page.text.contains("127.0.0.1"),
            "{}",
            page.text
        );
        assert!(page.head.to_lowercase().contains("content-security-policy: default-src 'none'"));
    }
}

/// PRX-165
#[tokio::test]
async fn an_upstream_that_takes_too_long_is_a_504() {
    let silent = upstream(Manner::Silent).await;
    let front = Front::to(silent.address, open()).await;
    let mut stream = TcpStream::connect(front.address).await.unwrap();
    stream.write_all(format!("{}\r\n", front.head("GET /", &[])).as_bytes()).await.unwrap();
    while silent.text().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // From here on an hour passes in no time, whenever nobody has anything to do.
    tokio::time::pause();
    let (mut answer, mut piece) = (Vec::new(), [0; 4096]);
    while !answer.ends_with(b"}") {
        let count = stream.read(&mut piece).await.unwrap();
        assert!(count > 0);
        answer.extend_from_slice(&piece[..count]);
    }
    let reply = Reply::read(&answer);
    assert_eq!((reply.status, reply.code().as_str()), (504, "upstream_slow"), "{}", reply.text);
}

/// PRX-165
#[tokio::test]
async fn an_endless_answer_is_read_no_faster_than_the_client_reads() {
    let endless = upstream(Manner::Endless(b"HTTP/1.1 200 OK\r\n\r\n", &[b'x'; 65_536])).await;
    let front = Front::to(endless.address, open()).await;
    let mut stream = TcpStream::connect(front.address).await.unwrap();
    stream.write_all(format!("{}\r\n", front.head("GET /", &[])).as_bytes()).await.unwrap();
    let mut piece = vec![0; 65_536];
    for _ in 0..200 {
        assert!(timeout(Duration::from_secs(5), stream.read(&mut piece)).await.unwrap().unwrap() > 0);
    }
    // It is left unread, and others are served meanwhile.
    let mut other = TcpStream::connect(front.address).await.unwrap();
    other.write_all(format!("{}\r\n", front.head("GET /", &[])).as_bytes()).await.unwrap();
    assert!(read_until(&mut other, b"\r\n\r\n").await.starts_with(b"HTTP/1.1 200"));
}

/// PRX-152
#[tokio::test]
async fn a_body_that_nobody_expects_is_refused_and_ends_the_connection() {
    let echo = upstream(Manner::Echo).await;
    let front = Front::to(echo.address, open()).await;
    let hidden = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";
    for head in [format!("Content-Length: {}", hidden.len()), "Transfer-Encoding: chunked".to_owned()] {
        let body = if head.starts_with('T') { format!("{:x}\r\n{hidden}\r\n0\r\n\r\n", hidden.len()) } else { hidden.to_owned() };
        let text = format!("{}{head}\r\n\r\n{body}{}\r\n", front.head("GET /", &[]), front.head("GET /second", &[]));
        let answer = String::from_utf8_lossy(&front.raw(text.as_bytes()).await).into_owned();
        assert!(answer.starts_with("HTTP/1.1 400") && answer.matches("HTTP/1.1 ").count() == 1, "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
    }
    assert_eq!(echo.text(), "");
    assert_eq!(front.send("GET /next", &[]).await.status, 200);
    assert!(!echo.text().contains("hidden"));
}

#[tokio::test]
async fn bodies_of_every_kind_arrive_whole() {
    let echo = upstream(Manner::Echo).await;
    let front = Front::to(echo.address, open()).await;
    let text = format!("{}Content-Length: 5\r\nConnection: close\r\n\r\nhello", front.head("POST /", &[]));
    let reply = Reply::read(&front.raw(text.as_bytes()).await);
    assert!(reply.text.ends_with("\r\n\r\nhello") && reply.text.contains("content-length: 5"), "{}", reply.text);
    let chunked = "Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\nConnection: close\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\nX-Sum: 7\r\n\r\n";
    let reply = Reply::read(&front.raw(format!("{}{chunked}", front.head("POST /", &[])).as_bytes()).await);
    assert!(
        reply.text.contains("transfer-encoding: chunked") && reply.text.contains("hel") && reply.text.to_lowercase().contains("x-sum: 7"),
        "{}",
        reply.text
    );
    // The client waits to be told to go on, and is.
    let mut stream = TcpStream::connect(front.address).await.unwrap();
    stream.write_all(format!("{}Content-Length: 5\r\nExpect: 100-continue\r\n\r\n", front.head("PUT /", &[])).as_bytes()).await.unwrap();
    read_until(&mut stream, b"HTTP/1.1 100 Continue\r\n\r\n").await;
    stream.write_all(b"hello").await.unwrap();
    let answer = read_until(&mut stream, b"hello").await;
    assert!(String::from_utf8_lossy(&answer).contains("HTTP/1.1 200"));
    let denied = Front::to(echo.address, json!([])).await;
    let text = format!("{}Content-Length: 5\r\nExpect: 100-continue\r\n\r\n", denied.head("PUT /", &[]));
    let answer = String::from_utf8_lossy(&denied.raw(text.as_bytes()).await).into_owned();
    assert!(answer.starts_with("HTTP/1.1 401"), "who may not is not told to go on: {answer}");
}

#[tokio::test]
async fn an_upstream_s_own_address_and_cookies_stay_within_the_app() {
    let says = upstream(Manner::Says(
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/x\r\nSet-Cookie: a=1; Domain=example.com\r\nSet-Cookie: doorward=x\r\nAlt-Svc: h3\r\nContent-Length: 0\r\nETag: \"1\"\r\nContent-Range: bytes 0-1/2\r\n\r\n",
    ))
    .await;
    let front = Front::to(says.address, open()).await;
    let reply = front.send("GET /", &[]).await;
    assert_eq!((reply.status, reply.all("set-cookie")), (302, vec!["a=1".to_owned()]));
    assert_eq!(reply.place(), "http://127.0.0.1:1/x", "another address is none of ours to change");
    assert!(reply.all("alt-svc").is_empty() && reply.all("etag") == ["\"1\""] && reply.all("content-range") == ["bytes 0-1/2"]);
    assert_eq!(reply.all("x-request-id").len(), 1);
}
