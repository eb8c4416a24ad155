//! What comes in: bodies, queries and ids. Whatever is wrong with them is told with the field's name.

use super::reply::{Reply, problem};
use crate::ctx::Ctx;
use axum::{
    RequestExt,
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Request},
};
use http::{header, request::Parts};
use serde::de::DeserializeOwned;
use std::str::FromStr;
use wire::{Code, Failure, FieldError, objects};

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

/// The query of the address.
pub(crate) struct Query<T>(pub(crate) T);

/// The id in the address; what is no id names nothing.
pub(crate) struct Id<T>(pub(crate) T);

/// Two ids in the address: of something, and of what lies in it.
pub(crate) struct Within<A, B>(pub(crate) A, pub(crate) B);

fn refuse(ctx: &Ctx, mut failure: Failure) -> Reply {
    ctx.request_id().clone_into(&mut failure.request_id);
    problem(&failure)
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Reply;

    async fn from_request(mut request: Request, _: &S) -> Result<Self, Reply> {
        let ctx = request.extract_parts::<Ctx>().await?;
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !is_json(content_type) {
            return Err(refuse(&ctx, Failure::new(Code::UnsupportedMediaType, "Send the body with Content-Type: application/json.")));
        }
        let bytes = Bytes::from_request(request, &()).await.map_err(|rejection| {
            let failure = if rejection.status().as_u16() == 413 {
                Failure::new(Code::TooLarge, "The body is larger than is taken here.")
            } else {
                Failure::new(Code::BadRequest, "The body did not arrive whole.")
            };
            refuse(&ctx, failure)
        })?;
        parse(&bytes).map(Self).map_err(|failure| refuse(&ctx, failure))
    }
}

/// Whether a content type is JSON, with or without parameters.
pub(crate) fn is_json(content_type: &str) -> bool {
    content_type.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

/// Reads JSON; what is wrong with it names the field, never a type of ours.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let text = str::from_utf8(bytes).map_err(|_| Failure::new(Code::BadJson, "The body is not JSON: it is not UTF-8."))?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = objects::located(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        if !error.is_data() {
            return Failure::new(Code::BadJson, format!("The body is not JSON: look at line {}, column {}.", error.line(), error.column()));
        }
        explain(&error.to_string(), &path)
    })?;
    reader.end().map_err(|_| Failure::new(Code::BadJson, "Something follows the JSON value. Send one value alone."))?;
    Ok(value)
}

/// A data error of serde's as a failure of ours.
fn explain(text: &str, path: &str) -> Failure {
    let quoted = |start: &str| text.strip_prefix(start)?.split('`').next().map(str::to_owned);
    let below = |field: String| match path {
        "." | "?" | "" => field,
        path if path == field || path.ends_with(&format!(".{field}")) => path.to_owned(),
        path => format!("{path}.{field}"),
    };
    let (field, message) = if let Some(field) = quoted("unknown field `") {
        (below(field), "There is no such field here.".to_owned())
    } else if let Some(field) = quoted("missing field `") {
        (below(field), "This field is needed.".to_owned())
    } else if let Some(field) = quoted("duplicate field `") {
        (below(field), "This field is there twice.".to_owned())
    } else {
        let expected = text.split(", expected ").nth(1).or_else(|| text.strip_prefix("expected "));
        let expected = expected.and_then(|e| e.split(" at line ").next()).filter(|e| !e.contains("struct"));
        let message =
            expected.map_or_else(|| "This is not the kind of value that is expected here.".to_owned(), |e| format!("Expected {e}."));
        let field = if matches!(path, "." | "?" | "") { "body".to_owned() } else { path.to_owned() };
        (field, message)
    };
    Failure { detail: format!("{field}: {message}"), ..Failure::invalid(vec![FieldError { field, message }]) }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Reply;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Reply> {
        let ctx = Ctx::from_request_parts(parts, state).await?;
        let pairs = serde_urlencoded::Deserializer::new(form_pairs(parts.uri.query().unwrap_or_default()));
        serde_path_to_error::deserialize(pairs).map(Self).map_err(|error| {
            let path = error.path().to_string();
            refuse(&ctx, explain(&error.into_inner().to_string(), &path))
        })
    }
}

fn form_pairs(query: &str) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(query.as_bytes())
}

impl<A: FromStr + Send, B: FromStr + Send, S: Send + Sync> FromRequestParts<S> for Within<A, B> {
    type Rejection = Reply;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Reply> {
        let ctx = Ctx::from_request_parts(parts, state).await?;
        let (outer, inner) = Path::<(String, String)>::from_request_parts(parts, state).await.map(|Path(both)| both).unwrap_or_default();
        match (outer.parse(), inner.parse()) {
            (Ok(outer), Ok(inner)) => Ok(Self(outer, inner)),
            _ => Err(refuse(&ctx, Failure::new(Code::NotFound, "There is nothing of this id."))),
        }
    }
}

impl<T: FromStr + Send, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Reply;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Reply> {
        let ctx = Ctx::from_request_parts(parts, state).await?;
        let text = Path::<String>::from_request_parts(parts, state).await.map(|Path(text)| text).unwrap_or_default();
        text.parse().map(Self).map_err(|_| refuse(&ctx, Failure::new(Code::NotFound, "There is nothing of this id.")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::{sessions::SignIn, users::NewUser};

    fn failure<T: DeserializeOwned + std::fmt::Debug>(text: &str) -> (Code, Vec<String>) {
        let failure = parse::<T>(text.as_bytes()).unwrap_err();
        (failure.code, failure.errors.into_iter().map(|e| e.field).collect())
    }

    #[test]
    fn what_is_no_json_is_said_with_its_place() {
        for text in ["", "{", "nope", "{\"username\":\"\\ud800\"}", "\u{feff}{}", "{} {}"] {
            assert_eq!(failure::<SignIn>(text).0, if text == "{} {}" { Code::Invalid } else { Code::BadJson }, "{text}");
        }
        assert_eq!(failure::<serde_json::Value>(&"[".repeat(100_000)).0, Code::BadJson, "deep nesting is refused, not followed");
    }

    #[test]
    fn a_wrong_field_is_named() {
        assert_eq!(failure::<NewUser>(r#"{"username":"a","password":"x","isAdmin":true}"#), (Code::Invalid, vec!["isAdmin".into()]));
        assert_eq!(failure::<NewUser>(r#"{"username":"a"}"#), (Code::Invalid, vec!["password".into()]));
        assert_eq!(failure::<NewUser>(r#"{"username":7,"password":"x"}"#), (Code::Invalid, vec!["username".into()]));
        assert_eq!(failure::<SignIn>(r#"{"password":{"$ne":""}}"#), (Code::Invalid, vec!["password".into()]));
        assert_eq!(failure::<SignIn>(r#"{"password":"a","password":"b"}"#), (Code::Invalid, vec!["password".into()]));
        assert_eq!(failure::<SignIn>("[]").0, Code::Invalid);
    }
}
