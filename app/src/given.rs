//! What the server hands to the browser with a page, as JSON.
//!
//! Leptos' own codec reads it by serde_json itself; this one reads as the answers of server functions
//! are read, so that the browser's program holds the reader of each type once.

use leptos::{
    prelude::SharedValue,
    server::codee::{Decoder, Encoder},
};
use serde::{Serialize, de::DeserializeOwned};

/// JSON as [`wire::objects`] reads it.
pub struct Json;

/// What is loaded for a page: on the server while it is rendered, in the browser when it changes.
pub type Resource<T> = leptos::prelude::Resource<T, Json>;

impl<T: Serialize> Encoder<T> for Json {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &T) -> Result<String, serde_json::Error> {
        serde_json::to_string(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for Json {
    type Error = serde_json::Error;
    type Encoded = str;

    #[cfg(not(feature = "ssr"))]
    fn decode(text: &str) -> Result<T, serde_json::Error> {
        wire::objects::from_str(text)
    }

    // Only browsers read; without this the server would carry a reader of everything that it hands out.
    #[cfg(feature = "ssr")]
    fn decode(_: &str) -> Result<T, serde_json::Error> {
        Err(serde::de::Error::custom("a page is read in a browser"))
    }
}

/// Loads what `fetch` gets for `source`, and again whenever that is another.
#[track_caller]
pub fn resource<S, T, F>(source: impl Fn() -> S + Send + Sync + 'static, fetch: impl Fn(S) -> F + Send + Sync + 'static) -> Resource<T>
where
    S: PartialEq + Clone + Send + Sync + 'static,
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    F: Future<Output = T> + Send + 'static,
{
    Resource::new_with_options(source, fetch, false)
}

/// A value that the server makes for a page; the browser gets the same for its first render.
pub fn shared<T: Serialize + DeserializeOwned>(make: impl FnOnce() -> T) -> T {
    SharedValue::<T, Json>::new_with_encoding(make).into_inner()
}
