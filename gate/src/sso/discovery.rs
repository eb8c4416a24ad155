//! What a provider says of itself (OpenID Connect Discovery 1.0, RFC 8414): fetched beside requests and
//! when somebody needs it, kept, and never needed for the start or for signing in with a password.

use super::live::LiveProvider;
use crate::{
    audit::clip,
    clock::has_passed,
    gate::Gate,
    jwks::{Place, Source},
    outbound::Target,
};
use http::{HeaderMap, HeaderValue, Method, header};
use serde::Deserialize;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use wire::Timestamp;

/// The most bytes of a description.
const MOST: usize = 256 * 1024;
/// How long it may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
const MINUTE: i64 = 60_000;
/// For how long a description is fresh, in milliseconds.
const FRESH: i64 = 60 * MINUTE;
/// For how long it serves while the provider is away: an outage of an hour is not noticed by it.
const STALE: i64 = 120 * MINUTE;
/// Between two looks beside requests: where all is well, and where not.
const LOOK: i64 = 10 * MINUTE;
const LOOK_AGAIN: i64 = MINUTE;
/// After a look that failed nobody's sign-in causes another one so soon.
const PAUSE: i64 = 5_000;

/// What is needed of a description.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Metadata {
    issuer: String,
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    pub(super) userinfo_endpoint: Option<String>,
    #[serde(default)]
    pub(super) end_session_endpoint: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

impl Metadata {
    /// Whether the client's secret goes into the body: where the provider takes it in no header.
    pub(super) fn wants_secret_in_body(&self) -> bool {
        let methods = self.token_endpoint_auth_methods_supported.as_deref();
        methods.is_some_and(|all| !all.iter().any(|it| it == "client_secret_basic") && all.iter().any(|it| it == "client_secret_post"))
    }

    /// Where its keys are published.
    pub(super) fn keys(&self) -> Place {
        Place::Keys(self.jwks_uri.clone())
    }
}

/// How a provider is, in the memory of this process.
#[derive(Debug, Default)]
pub(crate) struct Health {
    inside: Mutex<Inside>,
    /// One look at a time: who comes during it waits for it.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Inside {
    metadata: Option<Arc<Metadata>>,
    fetched_at: Timestamp,
    /// When it was last looked at.
    pub(super) checked_at: Option<Timestamp>,
    /// What does not work, for those who set it.
    pub(super) problem: Option<String>,
}

impl Health {
    /// How it is.
    pub(super) fn now(&self) -> Inside {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was read last, however old it is.
    pub(super) fn last(&self) -> Option<Arc<Metadata>> {
        self.now().metadata
    }
}

impl LiveProvider {
    /// Its keys, as far as it is known where they are.
    pub(super) fn keys(&self, gate: &Gate) -> Option<Arc<Source>> {
        Some(gate.jwks().source(gate, &self.health.last()?.keys()))
    }

    /// Whether it is to be looked at beside requests.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        let inside = self.health.now();
        let pause = if inside.problem.is_some() { LOOK_AGAIN } else { LOOK };
        inside.checked_at.is_none_or(|at| has_passed(at, now, pause))
    }
}

/// What a provider says of itself, fresh enough to send somebody there.
///
/// # Errors
/// What does not work, for those who set it.
pub(super) async fn metadata(gate: &Gate, live: &LiveProvider) -> Result<Arc<Metadata>, String> {
    if let Some(known) = fresh(gate, live) {
        return Ok(known);
    }
    let _turn = live.health.turn.lock().await;
    if let Some(known) = fresh(gate, live) {
        return Ok(known);
    }
    let inside = live.health.now();
    let now = gate.now();
    let was_tried = inside.problem.is_some() && inside.checked_at.is_some_and(|at| !has_passed(at, now, PAUSE));
    if !was_tried {
        look(gate, live).await;
    }
    let inside = live.health.now();
    let is_usable = now.0 - inside.fetched_at.0 < STALE;
    inside.metadata.filter(|_| is_usable).ok_or_else(|| inside.problem.unwrap_or_else(|| "it was not looked at yet".into()))
}

fn fresh(gate: &Gate, live: &LiveProvider) -> Option<Arc<Metadata>> {
    let inside = live.health.now();
    inside.metadata.filter(|_| !has_passed(inside.fetched_at, gate.now(), FRESH))
}

/// Looks at a provider now: its description and its keys.
pub(super) async fn check(gate: &Gate, live: &LiveProvider) {
    let _turn = live.health.turn.lock().await;
    look(gate, live).await;
}

async fn look(gate: &Gate, live: &LiveProvider) {
    let found = fetch(gate, live).await;
    let keys = match &found {
        Ok(metadata) => gate.jwks().source(gate, &metadata.keys()).check(gate).await.map(drop),
        Err(_) => Ok(()),
    };
    let now = gate.now();
    let mut inside = live.health.inside.lock().unwrap_or_else(PoisonError::into_inner);
    inside.checked_at = Some(now);
    inside.problem = match found {
        Ok(metadata) => {
            inside.metadata = Some(Arc::new(metadata));
            inside.fetched_at = now;
            keys.err().map(|problem| format!("Its signing keys can not be used: {problem}."))
        }
        Err(Problem::Away(problem)) => Some(problem),
        Err(Problem::Wrong(problem)) => {
            // What it says now is not to be believed, and so is not what it said before.
            inside.metadata = None;
            Some(problem)
        }
    };
    if let Some(problem) = &inside.problem {
        tracing::warn!(provider = %live.id(), problem, "a provider does not work; signing in with a password does");
    }
}

enum Problem {
    /// It does not answer.
    Away(String),
    /// It answers what does not fit.
    Wrong(String),
}

async fn fetch(gate: &Gate, live: &LiveProvider) -> Result<Metadata, Problem> {
    let issuer = live.settings.issuer.as_str();
    let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let away = |cause: String| Problem::Away(format!("Its description at {address} can not be read: {cause}. Is the issuer right?"));
    let body = get(gate, &address, None).await.map_err(away)?;
    let wrong = |cause: String| Problem::Wrong(format!("Its description at {address} does not fit: {cause}."));
    let found: Metadata = serde_json::from_slice(&body)
        .map_err(|_| wrong("it lacks the issuer, or one of authorization_endpoint, token_endpoint and jwks_uri".into()))?;
    if found.issuer != issuer {
        let named = clip(&found.issuer);
        return Err(wrong(format!("it names the issuer {named}, and here it is {issuer}; write it exactly as it does")));
    }
    let more = [&found.userinfo_endpoint, &found.end_session_endpoint].into_iter().flatten();
    for endpoint in [&found.authorization_endpoint, &found.token_endpoint, &found.jwks_uri].into_iter().chain(more) {
        let is_plain = issuer.starts_with("https://") && !endpoint.starts_with("https://");
        if is_plain || Target::parse(endpoint).is_err() || endpoint.contains('#') {
            return Err(wrong(format!("{} is no address that can be used", clip(endpoint))));
        }
    }
    Ok(found)
}

/// Reads JSON from an address, with a token where there is one.
///
/// # Errors
/// What went wrong, to be read after a colon.
pub(super) async fn get(gate: &Gate, address: &str, token: Option<&str>) -> Result<Vec<u8>, String> {
    let target = Target::parse(address)?;
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(token) = token {
        let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| "its token is none".to_owned())?;
        value.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, value);
    }
    let answer = gate.outbound().ask(&target, Method::GET, headers, MOST + 1, PATIENCE).await.map_err(|error| error.to_string())?;
    if answer.status != 200 {
        return Err(format!("it answered {}", answer.status));
    }
    if answer.body.len() > MOST {
        return Err("the answer is longer than 256 KiB".into());
    }
    Ok(answer.body)
}
