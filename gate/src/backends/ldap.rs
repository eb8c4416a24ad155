//! A directory, asked by LDAP (RFC 4511): a person is searched for, the password is tried by a bind,
//! then the groups are read. All of it has one time limit.

use super::{Backend, BackendError, Credentials, Found, Identity, Person};
use crate::{config::Ldap as Settings, hash::hex, outbound, trust::Trust};
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, LdapError, ResultEntry, Scope, SearchEntry, SearchOptions, StdStream, ldap_escape};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use std::{net::SocketAddr, sync::Arc};
use tokio::{
    net::{TcpStream, lookup_host},
    sync::Semaphore,
    time::timeout,
};
use tokio_rustls::rustls::ClientConfig;

/// The most groups of one person that are read.
const GROUPS: i32 = 500;
/// How many connections are open at once.
const AT_ONCE: usize = 16;
/// A DN that nobody has: who is not found costs a bind as well.
const NOBODY: &str = "cn=nobody has this name";

/// A directory.
pub(crate) struct Directory {
    inside: Arc<Inside>,
    slots: Arc<Semaphore>,
}

struct Inside {
    settings: Settings,
    host: String,
    port: u16,
    tls: Arc<ClientConfig>,
}

type Answer<T> = Result<T, String>;

impl Directory {
    /// Makes it ready; nothing is asked yet. Without authorities of its own it believes `trust`.
    ///
    /// # Errors
    /// A sentence, when the certificates can not be read.
    pub(crate) fn new(settings: &Settings, trust: &Trust) -> Result<Self, String> {
        let is_encrypted = settings.url.starts_with("ldaps:");
        let rest = settings.url.split_once("://").map_or("", |(_, rest)| rest);
        let (host, port) = crate::net::split_host(rest).ok_or("auth.ldap.url: expected a host, with or without a port")?;
        let port = port.unwrap_or(if is_encrypted { 636 } else { 389 });
        let is_near = crate::net::is_loopback_name(host);
        if !is_encrypted && !settings.starttls && !is_near {
            tracing::warn!(url = settings.url, "passwords go to the directory without encryption; use ldaps: or starttls");
        }
        let tls = match &settings.ca {
            None => trust.client(),
            Some(pem) => Trust::only(pem).map_err(|problem| format!("auth.ldap.ca: {problem}"))?.client(),
        };
        let inside = Inside { settings: settings.clone(), host: host.to_owned(), port, tls };
        Ok(Self { inside: Arc::new(inside), slots: Arc::new(Semaphore::new(AT_ONCE)) })
    }

    /// What its subjects are names in: the same, whichever way it is reached.
    pub(crate) fn issuer(&self) -> String {
        format!("ldap://{}/{}", self.inside.host.to_ascii_lowercase(), self.inside.settings.base_dn)
    }
}

impl Backend for Directory {
    async fn authenticate(&self, credentials: &Credentials) -> Found {
        // A bind without a password is one as nobody, and goes well (RFC 4513, section 5.1.2).
        if credentials.password.expose_secret().is_empty() || credentials.name.is_empty() {
            return Ok(None);
        }
        let (inside, slots, credentials) = (self.inside.clone(), self.slots.clone(), credentials.clone());
        let patience = inside.settings.timeout;
        // What a directory sends that makes no sense makes the reader of it panic, not this request.
        let asking = tokio::spawn(async move {
            let work = async {
                let _slot = slots.acquire().await.map_err(|error| error.to_string())?;
                inside.ask(&credentials).await
            };
            timeout(patience, work).await.unwrap_or_else(|_| Err(format!("it did not answer within {patience:?}")))
        });
        match asking.await {
            Ok(Ok(found)) => Ok(found.map(|person| Identity::Person(Box::new(person)))),
            Ok(Err(problem)) => Err(BackendError::Away(problem)),
            Err(_) => Err(BackendError::Away("its answer makes no sense".into())),
        }
    }
}

fn words(error: LdapError) -> String {
    match error {
        LdapError::LdapResult { result } => format!("it refused: {}", crate::audit::clip(&result.to_string())),
        error => crate::audit::clip(&error.to_string()),
    }
}

impl Inside {
    async fn ask(&self, credentials: &Credentials) -> Answer<Option<Person>> {
        let mut ldap = self.connect().await?;
        let found = self.find(&mut ldap, credentials).await;
        // Nobody waits for the goodbye.
        _ = ldap.unbind().await;
        found
    }

    async fn find(&self, ldap: &mut Ldap, credentials: &Credentials) -> Answer<Option<Person>> {
        self.bind_searcher(ldap).await?;
        let entry = self.entry(ldap, &credentials.name).await?;
        let dn = entry.as_ref().map_or(NOBODY, |entry| entry.dn.as_str());
        let is_right = self.is_right(ldap, dn, &credentials.password).await?;
        let Some(entry) = entry.filter(|_| is_right) else { return Ok(None) };
        let groups = match &self.settings.groups_filter {
            Some(filter) => {
                self.bind_searcher(ldap).await?;
                self.groups(ldap, filter, &entry.dn, &credentials.name).await?
            }
            None => texts(&entry, "memberOf"),
        };
        Ok(Some(self.person(&entry, &credentials.name, groups)))
    }

    /// Connects to an address that was judged, not to a name that may lead elsewhere meanwhile.
    async fn connect(&self) -> Answer<Ldap> {
        let unreachable = |error: std::io::Error| format!("it can not be reached: {error}");
        let found = lookup_host((self.host.as_str(), self.port)).await.map_err(unreachable)?;
        let allowed: Vec<SocketAddr> = found.filter(|address| outbound::is_allowed(address.ip())).collect();
        if allowed.is_empty() {
            return Err("its name leads to no address that may be connected to".into());
        }
        let stream = TcpStream::connect(allowed.as_slice()).await.map_err(unreachable)?;
        let stream = stream.into_std().map_err(unreachable)?;
        let settings = LdapConnSettings::new()
            .set_starttls(self.settings.starttls)
            .set_config(self.tls.clone())
            .set_std_stream(StdStream::Tcp(stream));
        let (connection, ldap) = LdapConnAsync::with_settings(settings, &self.settings.url).await.map_err(words)?;
        tokio::spawn(async move {
            if let Err(error) = connection.drive().await {
                tracing::debug!(%error, "the connection to the directory broke off");
            }
        });
        Ok(ldap)
    }

    async fn bind_searcher(&self, ldap: &mut Ldap) -> Answer<()> {
        let dn = self.settings.bind_dn.as_deref().unwrap_or_default();
        let password = self.settings.bind_password.as_ref().map_or("", |password| password.expose_secret());
        let bound = ldap.simple_bind(dn, password).await.and_then(ldap3::LdapResult::success);
        bound.map(drop).map_err(|error| format!("the searcher can not sign in: {}", words(error)))
    }

    /// The one entry of this name; nothing where there is none, or it is not certain which is meant.
    async fn entry(&self, ldap: &mut Ldap, name: &str) -> Answer<Option<SearchEntry>> {
        let filter = self.settings.user_filter.replace("{username}", &ldap_escape(name));
        let Settings { email_attribute, name_attribute, id_attribute, .. } = &self.settings;
        let attributes = [email_attribute, name_attribute, id_attribute, "memberOf"];
        let found = self.search(ldap, &filter, &attributes, 2).await?;
        if found.len() > 1 {
            tracing::warn!(
                base_dn = self.settings.base_dn,
                "auth.ldap.user_filter finds several entries for one name; nobody is signed in by it"
            );
            return Ok(None);
        }
        Ok(found.into_iter().next())
    }

    async fn groups(&self, ldap: &mut Ldap, filter: &str, dn: &str, name: &str) -> Answer<Vec<String>> {
        let filter = filter.replace("{dn}", &ldap_escape(dn)).replace("{username}", &ldap_escape(name));
        let attribute = &self.settings.group_attribute;
        let found = self.search(ldap, &filter, &[attribute], GROUPS).await?;
        let name = |entry: &SearchEntry| if attribute == "dn" { vec![entry.dn.clone()] } else { texts(entry, attribute) };
        Ok(found.iter().flat_map(name).collect())
    }

    async fn search(&self, ldap: &mut Ldap, filter: &str, attributes: &[&str], most: i32) -> Answer<Vec<SearchEntry>> {
        ldap.with_search_options(SearchOptions::new().sizelimit(most));
        let found = ldap.search(&self.settings.base_dn, Scope::Subtree, filter, attributes).await.map_err(words)?;
        // 4: there are more than were asked for.
        if !matches!(found.1.rc, 0 | 4) {
            return Err(words(found.1.into()));
        }
        let is_entry = |entry: &ResultEntry| !entry.is_ref() && !entry.is_intermediate();
        Ok(found.0.into_iter().filter(is_entry).map(SearchEntry::construct).collect())
    }

    /// Whether this is the password of this entry.
    async fn is_right(&self, ldap: &mut Ldap, dn: &str, password: &SecretString) -> Answer<bool> {
        let bound = ldap.simple_bind(dn, password.expose_secret()).await.map_err(words)?;
        match bound.rc {
            0 => Ok(dn != NOBODY),
            // Wrong, no such entry or name, none to sign in with, locked, expired: all of it is no.
            19 | 32 | 34 | 48 | 49 | 50 | 53 => Ok(false),
            _ => Err(words(bound.into())),
        }
    }

    fn person(&self, entry: &SearchEntry, name: &str, groups: Vec<String>) -> Person {
        let one = |attribute: &str| texts(entry, attribute).into_iter().next();
        let Settings { email_attribute, name_attribute, id_attribute, .. } = &self.settings;
        let subject = one(id_attribute).or_else(|| bytes(entry, id_attribute)).unwrap_or_else(|| entry.dn.clone());
        let (email, display_name) = (one(email_attribute), one(name_attribute));
        let claims = [
            ("sub", json!(subject)),
            ("dn", json!(entry.dn)),
            ("username", json!(name)),
            ("email", json!(email)),
            ("name", json!(display_name)),
            ("groups", json!(groups)),
        ];
        let claims: Map<String, Value> = claims.into_iter().map(|(claim, value)| (claim.to_owned(), value)).collect();
        Person { subject, username: name.to_owned(), email, display_name, claims }
    }
}

/// The values of an attribute, whose name may be written in any case.
fn texts(entry: &SearchEntry, attribute: &str) -> Vec<String> {
    let found = entry.attrs.iter().find(|(name, _)| name.eq_ignore_ascii_case(attribute));
    found.map(|(_, values)| values.clone()).unwrap_or_default()
}

/// The value of an attribute that is no text, in hex.
fn bytes(entry: &SearchEntry, attribute: &str) -> Option<String> {
    let found = entry.bin_attrs.iter().find(|(name, _)| name.eq_ignore_ascii_case(attribute));
    found.and_then(|(_, values)| values.first()).map(|value| hex(value))
}
