//! The browser's side of a call: the token goes along, and an answer of 401 is met with one renewal
//! and one more try.

use crate::state::{
    browser, scope,
    session::{self, Renewal},
};
use bytes::Bytes;
use futures::{Stream, sink, stream};
use http::Method;
use leptos::task;
use send_wrapper::SendWrapper;
use server_fn::{
    client::Client,
    codec::Post,
    error::{FromServerFnError, IntoAppError, ServerFnErrorErr},
    request::ClientReq,
    response::ClientRes,
};
use std::{cell::Cell, future::poll_fn, pin::pin};
use wire::{Code, Failure, policy, text::JsonText};

/// How calls and their answers are written: JSON in the body of a POST.
pub type Json = Post<JsonText>;

/// Sends calls to our own server.
pub struct Door;

/// Sent along with what nobody does, so that it keeps no session alive.
const BACKGROUND: &str = "x-doorward-background";

thread_local! {
    /// Whether what is asked right now is of nobody's doing.
    static IS_BACKGROUND: Cell<bool> = const { Cell::new(false) };
}

/// Asks for something on behalf of nobody: it keeps no session alive.
pub async fn in_background<T>(asking: impl Future<Output = T>) -> T {
    let mut asking = pin!(asking);
    // A call takes the mark when it is made, which is while this is polled.
    poll_fn(|context| {
        let before = IS_BACKGROUND.replace(true);
        let polled = asking.as_mut().poll(context);
        IS_BACKGROUND.set(before);
        polled
    })
    .await
}

/// A call, as plain data: it can be sent twice.
pub struct Call {
    path: String,
    content_type: String,
    accepts: String,
    body: String,
    is_background: bool,
}

/// The answer to a call.
pub struct Reply {
    status: u16,
    body: String,
}

impl Call {
    /// Whether the table of rights lets anybody do this, so that no token goes along.
    fn is_public(&self) -> bool {
        let id = self.path.rsplit('/').next().unwrap_or_default();
        policy::PUBLIC.contains(&id)
    }

    /// Posts it with the place where the dashboard acts. Where that is refused the place is dropped, and
    /// the call goes on without: nothing has been done yet.
    async fn post(&self, token: Option<&str>) -> Option<Reply> {
        let place = scope::sent();
        let reply = self.post_from(token, place.as_ref().map(|(header, scope)| (header.as_str(), scope.to_string()))).await?;
        match place {
            Some((_, scope)) if reply.refuses_place() => {
                scope::refused(&scope);
                self.post_from(token, None).await
            }
            _ => Some(reply),
        }
    }

    async fn post_from(&self, token: Option<&str>, place: Option<(&str, String)>) -> Option<Reply> {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let mut headers = vec![("content-type", self.content_type.as_str()), ("accept", self.accepts.as_str())];
        headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        headers.extend(self.is_background.then_some((BACKGROUND, "1")));
        headers.extend(place.as_ref().map(|(header, scope)| (*header, scope.as_str())));
        let answer = browser::post(&self.path, &headers, &self.body).await?;
        Some(Reply { status: answer.status, body: answer.body })
    }

    async fn send(self) -> Option<Reply> {
        if self.is_public() {
            return self.post_from(None, None).await;
        }
        let token = match session::token().await {
            Ok(token) => token,
            Err(lacking) => return Reply::without(lacking),
        };
        let reply = self.post(token.as_deref()).await?;
        if reply.status != 401 {
            return Some(reply);
        }
        match session::renew(token).await {
            Renewal::Done => {
                let token = session::token().await.ok().flatten();
                let reply = self.post(token.as_deref()).await?;
                if reply.status == 401 {
                    session::has_ended();
                }
                Some(reply)
            }
            lacking => Reply::without(lacking),
        }
    }
}

impl Reply {
    /// What a call answers that could not get a token: the session is over, or nobody is there.
    fn without(renewal: Renewal) -> Option<Self> {
        if renewal == Renewal::Away {
            return None;
        }
        session::has_ended();
        let failure = Failure::new(Code::Unauthenticated, "Your session has ended. Sign in again.");
        Some(Self { status: failure.status, body: serde_json::to_string(&failure).unwrap_or_default() })
    }

    /// Whether it is the place that was refused, and not what was asked: a field is named otherwise.
    fn refuses_place(&self) -> bool {
        let failure = || wire::objects::from_str::<Failure>(&self.body).ok();
        matches!(self.status, 403 | 404)
            && failure()
                .is_some_and(|failure| matches!(failure.code, Code::EnvironmentNotFound | Code::NotAMember) && failure.errors.is_empty())
    }

    /// Learns from a refusal: the role may have changed, or the password has to be.
    fn heed(&self) {
        if self.status != 403 {
            return;
        }
        let Ok(failure) = wire::objects::from_str::<Failure>(&self.body) else { return };
        match (failure.code, session::current()) {
            (Code::PasswordChangeRequired, _) => browser::enter("/change-password"),
            (Code::Forbidden, Some(session)) => {
                session.was_refused(failure.decision_id);
                session.look_again();
            }
            _ => {}
        }
    }
}

impl<E: FromServerFnError, I: FromServerFnError, O: FromServerFnError> Client<E, I, O> for Door {
    type Request = Call;
    type Response = Reply;

    fn send(call: Call) -> impl Future<Output = Result<Reply, E>> + Send {
        // The browser has one thread.
        SendWrapper::new(async move {
            match call.send().await {
                Some(reply) => {
                    reply.heed();
                    Ok(reply)
                }
                None => {
                    session::is_unreachable();
                    Err(ServerFnErrorErr::Request("no answer".into()).into_app_error())
                }
            }
        })
    }

    async fn open_websocket(
        _path: &str,
    ) -> Result<(impl Stream<Item = Result<Bytes, Bytes>> + Send + 'static, impl sink::Sink<Bytes> + Send + 'static), E> {
        Err::<(stream::Pending<_>, sink::Drain<_>), _>(unsupported())
    }

    fn spawn(future: impl Future<Output = ()> + Send + 'static) {
        task::spawn_local(future);
    }
}

fn unsupported<E: FromServerFnError>() -> E {
    ServerFnErrorErr::UnsupportedRequestMethod("calls are posted as text".into()).into_app_error()
}

impl<E: FromServerFnError> ClientReq<E> for Call {
    type FormData = ();

    fn try_new_req_text(path: &str, content_type: &str, accepts: &str, body: String, method: Method) -> Result<Self, E> {
        if method != Method::POST {
            return Err(unsupported());
        }
        Ok(Self { path: path.into(), content_type: content_type.into(), accepts: accepts.into(), body, is_background: IS_BACKGROUND.get() })
    }

    fn try_new_req_bytes(path: &str, content_type: &str, accepts: &str, body: Bytes, method: Method) -> Result<Self, E> {
        // What JSON writes is text.
        let body = String::from_utf8(body.into()).map_err(|_| unsupported())?;
        Self::try_new_req_text(path, content_type, accepts, body, method)
    }

    fn try_new_req_query(_: &str, _: &str, _: &str, _: &str, _: Method) -> Result<Self, E> {
        Err(unsupported())
    }

    fn try_new_req_form_data(_: &str, _: &str, _: &str, (): (), _: Method) -> Result<Self, E> {
        Err(unsupported())
    }

    fn try_new_req_multipart(_: &str, _: &str, (): (), _: Method) -> Result<Self, E> {
        Err(unsupported())
    }

    fn try_new_req_streaming(_: &str, _: &str, _: &str, _: impl Stream<Item = Bytes> + Send + 'static, _: Method) -> Result<Self, E> {
        Err(unsupported())
    }
}

impl<E: FromServerFnError> ClientRes<E> for Reply {
    async fn try_into_string(self) -> Result<String, E> {
        Ok(self.body)
    }

    async fn try_into_bytes(self) -> Result<Bytes, E> {
        Ok(self.body.into())
    }

    fn try_into_stream(self) -> Result<impl Stream<Item = Result<Bytes, Bytes>> + Send + Sync + 'static, E> {
        Err::<stream::Empty<_>, _>(unsupported())
    }

    fn status(&self) -> u16 {
        self.status
    }

    fn status_text(&self) -> String {
        String::new()
    }

    fn location(&self) -> String {
        String::new()
    }

    fn has_redirect(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_refused_is_told_from_a_field_that_names_one() {
        let refuses = |failure: Failure| Reply { status: failure.status, body: serde_json::to_string(&failure).unwrap() }.refuses_place();
        assert!(refuses(Code::EnvironmentNotFound.into()));
        assert!(refuses(Code::NotAMember.into()));
        assert!(!refuses(Failure::from(Code::NotAMember).at("grants[0].environment")), "a grant for a place of others");
        assert!(!refuses(Code::Forbidden.into()));
        assert!(!refuses(Code::NotFound.into()));
    }
}
