//! With what Doorward signs in to an upstream: sealed in the database, a header in memory.

use super::store;
use crate::{
    Result,
    gate::Gate,
    random,
    seal::{self, seal, unseal},
    secret::Keys,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderName, HeaderValue, header};
use std::fmt;
use wire::apps::{App, UpstreamCredentials};

/// The header with which Doorward signs in to an upstream.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credentials {
    /// The header's name.
    pub(crate) name: HeaderName,
    /// The header's value; it does not print itself.
    pub(crate) value: HeaderValue,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Credentials {
    /// The header of these credentials; nothing when they make none, which their check tells before.
    pub(super) fn of(given: &UpstreamCredentials) -> Option<Self> {
        let (name, value) = match given {
            UpstreamCredentials::Basic { username, password } => {
                (header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(format!("{username}:{password}"))))
            }
            UpstreamCredentials::Bearer { token } => (header::AUTHORIZATION, format!("Bearer {token}")),
            UpstreamCredentials::Header { name, value } => (name.parse().ok()?, value.clone()),
        };
        let mut value = HeaderValue::from_str(&value).ok()?;
        value.set_sensitive(true);
        Some(Self { name, value })
    }

    /// Opens what was sealed for this app and its upstream.
    pub(super) fn unseal(keys: &Keys, app: &App, sealed: &str) -> Option<Self> {
        let bytes = unseal(keys, &place(&app.slug.0, &app.upstream), sealed)?;
        Self::of(&serde_json::from_slice(&bytes).ok()?)
    }
}

/// Credentials as they are kept. `random` must be new each time.
pub(super) fn seal_for(keys: &Keys, random: &[u8], app: &App, given: &UpstreamCredentials) -> Result<String> {
    Ok(seal(keys, random, &place(&app.slug.0, &app.upstream), &serde_json::to_vec(given)?))
}

/// The credentials that are kept: slug, upstream, sealed.
pub(crate) async fn rows(gate: &Gate) -> Result<Vec<(String, String, String)>> {
    Ok(store::sealed(gate.db().pool()).await?)
}

/// Seals with the present key what is sealed with another; gives how many there were.
pub(crate) async fn seal_anew(gate: &Gate) -> Result<usize> {
    let mut count = 0;
    for (slug, upstream, sealed) in rows(gate).await? {
        let nonce = random::secret(gate.random());
        let Some(anew) = seal::seal_anew(gate.keys(), nonce.as_bytes(), &place(&slug, &upstream), &sealed) else { continue };
        let mut write = gate.db().write().await?;
        // Unless somebody gave the app other credentials meanwhile.
        store::replace_sealed(write.db(), &slug, &sealed, &anew).await?;
        write.commit().await?;
        count += 1;
    }
    Ok(count)
}

/// What the credentials belong to: whoever moves them to another app, or the app to another upstream,
/// has something that does not open.
fn place(slug: &str, upstream: &str) -> String {
    format!("app {slug} {upstream}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::{Timestamp, apps::NewApp, apps::Source, workspaces::Slug};

    #[test]
    fn credentials_open_for_their_app_and_upstream_alone() {
        let keys = Keys::derive(b"sixteen bytes ..");
        let new = NewApp { slug: Slug("tasks".into()), upstream: "http://a:1".into(), ..NewApp::default() };
        let app = new.app(Source::Dashboard, Timestamp(0));
        let given = UpstreamCredentials::Basic { username: "admin".into(), password: "canary".into() };
        let sealed = seal_for(&keys, b"r", &app, &given).unwrap();
        assert!(!sealed.contains("canary"));
        let opened = Credentials::unseal(&keys, &app, &sealed).unwrap();
        assert_eq!((opened.name.as_str(), opened.value.as_bytes()), ("authorization", b"Basic YWRtaW46Y2FuYXJ5".as_slice()));
        assert!(!format!("{opened:?} {:?}", opened.value).contains("YWRt"), "it does not print itself");
        for moved in [App { upstream: "http://b:1".into(), ..app.clone() }, App { slug: Slug("other".into()), ..app }] {
            assert!(Credentials::unseal(&keys, &moved, &sealed).is_none());
        }
    }
}
