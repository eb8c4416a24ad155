//! What came back of a request.

use http::{HeaderMap, header};
use serde_json::Value;

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; null where it is none.
    pub body: Value,
    /// The body as text.
    pub text: String,
}

impl Answer {
    /// The failure's code; empty where it is no failure.
    #[must_use]
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The cookies that are set, as `name=value` of a request.
    #[must_use]
    pub fn cookies(&self) -> String {
        let pairs =
            self.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok()?.split(';').next().map(str::to_owned));
        pairs.collect::<Vec<_>>().join("; ")
    }
}
