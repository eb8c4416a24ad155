//! The client of the authority, by the one way out that Doorward has.

use gate::{Authorities, Gate};
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use std::pin::Pin;

pub(super) struct Client {
    pub(super) gate: Gate,
    pub(super) authorities: Option<Authorities>,
}

impl HttpClient for Client {
    fn request(&self, request: Request<BodyWrapper<Bytes>>) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let (gate, authorities) = (self.gate.clone(), self.authorities.clone());
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let Ok(body) = body.collect().await;
            let other = |error: std::io::Error| Error::Other(Box::new(error));
            let url = parts.uri.to_string();
            let answer =
                gate.ask_outside(authorities.as_ref(), &url, parts.method, parts.headers, body.to_bytes().to_vec()).await.map_err(other)?;
            Ok(answer.map(|body| Full::new(Bytes::from(body))).into())
        })
    }
}
