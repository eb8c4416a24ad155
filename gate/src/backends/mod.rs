//! Who knows whether a name and a password belong together: the accounts here, a directory, or
//! whatever an embedder brings. They are asked one after the other, in the configured order.

mod built_in;
mod cached;
mod ldap;
mod list;
mod prove;
#[cfg(test)]
mod tests;

pub(crate) use built_in::BuiltIn;
pub use cached::Cached;
pub(crate) use ldap::Directory;
pub use list::StaticUser;
pub(crate) use prove::Proof;

use crate::{
    Result,
    config::{BackendName, Config},
    ctx::Ctx,
    db::Db,
    hash::Hasher,
    identities::{self, Stranger},
    mapping::Mapping,
    trust::Trust,
};
use secrecy::SecretString;
use serde_json::{Map, Value};
use std::{fmt, pin::Pin, sync::Arc};
use wire::{
    Code, Failure, RoleName, UserId,
    sso::RoleMapping,
    users::{Source, User},
    workspaces::Slug,
};

/// What somebody gives at sign-in.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// A username or an address, as it was typed.
    pub name: String,
    /// The password.
    pub password: SecretString,
}

/// Somebody who proved who they are.
#[derive(Debug, Clone, PartialEq)]
pub enum Identity {
    /// An account here.
    Account(UserId),
    /// Somebody whom the backend vouches for; the account is found, or made, by the subject.
    Person(Box<Person>),
}

/// Somebody whom a backend vouches for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Person {
    /// Names the person for ever, in the backend's own way.
    pub subject: String,
    /// What an account of theirs is to be called.
    pub username: String,
    /// Their address, as far as the backend knows that it is theirs.
    pub email: Option<String>,
    /// The name to show.
    pub display_name: Option<String>,
    /// What the role mapping looks at, `groups` among it.
    pub claims: Map<String, Value>,
}

/// Why a backend could not say whether a password is right. It is never taken for a wrong one.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// It can not be reached, or does not do what it should; in words for the log.
    #[error("{0}")]
    Away(String),
    /// Something here, which the client may know.
    #[error(transparent)]
    Here(#[from] crate::Error),
}

/// Something that knows passwords.
///
/// ```
/// use doorward_gate::backends::{Backend, BackendError, Credentials, Identity, Person};
///
/// /// Lets everybody in whose name is their password spelled backwards.
/// struct Backwards;
///
/// impl Backend for Backwards {
///     async fn authenticate(&self, credentials: &Credentials) -> Result<Option<Identity>, BackendError> {
///         use secrecy::ExposeSecret;
///         let is_right = credentials.name.chars().rev().eq(credentials.password.expose_secret().chars());
///         let person = Person { subject: credentials.name.clone(), username: credentials.name.clone(), ..Person::default() };
///         Ok(is_right.then(|| Identity::Person(Box::new(person))))
///     }
/// }
/// ```
pub trait Backend: Send + Sync + 'static {
    /// Who gave these credentials; nothing where they are wrong.
    ///
    /// # Errors
    /// When that can not be known at the moment.
    fn authenticate(&self, credentials: &Credentials) -> impl Future<Output = Found> + Send;
}

/// A closure is a backend too.
impl<F, A> Backend for F
where
    F: Fn(Credentials) -> A + Send + Sync + 'static,
    A: Future<Output = Found> + Send,
{
    fn authenticate(&self, credentials: &Credentials) -> impl Future<Output = Found> + Send {
        self(credentials.clone())
    }
}

/// What a backend found.
pub type Found = std::result::Result<Option<Identity>, BackendError>;

/// Whom a backend lets in, and as what.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Its name in the log and in the settings of accounts; it stays the same for ever.
    pub id: Slug,
    /// What its subjects are names in; two backends with the same issuer vouch for the same people.
    pub issuer: String,
    /// How claims become a role.
    pub role_mapping: RoleMapping,
    /// Whether whoever is unknown gets an account.
    pub auto_signup: bool,
}

impl Terms {
    /// Whoever is unknown gets an account with the role `viewer`; subjects are names in the backend alone.
    /// The id is in lower case, of letters, digits and `-`.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self { id: Slug(id.into()), issuer: id.into(), role_mapping: RoleMapping::default(), auto_signup: true }
    }

    /// The same; whoever is unknown gets this role.
    #[must_use]
    pub fn role(mut self, role: &str) -> Self {
        self.role_mapping.default_role = RoleName(role.into());
        self
    }
}

/// A backend of whatever type.
trait Any: Send + Sync {
    fn ask<'a>(&'a self, credentials: &'a Credentials) -> Pin<Box<dyn Future<Output = Found> + Send + 'a>>;
}

impl<B: Backend> Any for B {
    fn ask<'a>(&'a self, credentials: &'a Credentials) -> Pin<Box<dyn Future<Output = Found> + Send + 'a>> {
        Box::pin(self.authenticate(credentials))
    }
}

struct Entry {
    backend: Arc<dyn Any>,
    id: Slug,
    source: Source,
    issuer: String,
    auto_signup: bool,
    mapping: Mapping,
}

/// All backends, in the order in which they are asked.
pub(crate) struct Backends(Vec<Entry>);

impl fmt::Debug for Backends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|entry| &entry.id)).finish()
    }
}

/// What came of asking.
pub(crate) enum Answer {
    /// It is this one, by this backend and identity, where it is none of the accounts here.
    Right(Box<User>, Option<(Slug, wire::IdentityId)>),
    /// Somebody was right, and is not let in for this cause.
    Refused(&'static str),
    /// Nobody knows these credentials.
    Wrong,
    /// Nobody who answered knows them, and somebody did not answer.
    Away,
}

impl Backends {
    /// The configured ones, and then these.
    ///
    /// # Errors
    /// What can not be used, in a sentence.
    pub(crate) fn new(config: &Config, trust: &Trust, db: &Db, hasher: &Hasher, more: Vec<Own>) -> std::result::Result<Self, String> {
        let mut all = Self(Vec::new());
        for name in &config.auth.backends {
            match (name, &config.auth.ldap) {
                (BackendName::BuiltIn, _) => {
                    let terms = Terms {
                        id: Slug("builtin".into()),
                        issuer: String::new(),
                        role_mapping: RoleMapping::default(),
                        auto_signup: false,
                    };
                    all.add(Own { backend: Arc::new(BuiltIn::new(db.clone(), hasher.clone())), terms }, Source::Local)?;
                }
                (BackendName::Ldap, Some(settings)) => {
                    settings.check().map_err(|(key, problem)| format!("auth.ldap.{key}: {problem}"))?;
                    let directory = Directory::new(settings, trust)?;
                    let terms = Terms {
                        id: Slug("ldap".into()),
                        issuer: directory.issuer(),
                        role_mapping: settings.role_mapping.clone(),
                        auto_signup: settings.auto_signup,
                    };
                    all.add(Own { backend: Arc::new(directory), terms }, Source::Ldap)?;
                }
                (BackendName::Ldap, None) => {}
            }
        }
        more.into_iter().try_for_each(|own| all.add(own, Source::Issuer))?;
        Ok(all)
    }

    fn add(&mut self, own: Own, source: Source) -> std::result::Result<(), String> {
        let Own { backend, terms } = own;
        let Terms { id, issuer, role_mapping, auto_signup } = terms;
        if self.0.iter().any(|entry| entry.id == id) {
            return Err(format!("There are two backends called {id}."));
        }
        let mapping = Mapping::new(role_mapping).map_err(|(field, problem)| format!("The backend {id}: {field}: {problem}"))?;
        self.0.push(Entry { backend, id, source, issuer, auto_signup, mapping });
        Ok(())
    }

    /// Asks one after the other until one says yes.
    ///
    /// # Errors
    /// When the database does not answer, or too many wait.
    pub(crate) async fn ask(&self, ctx: &Ctx, credentials: &Credentials) -> Result<Answer> {
        let mut is_away = false;
        for entry in &self.0 {
            match entry.backend.ask(credentials).await {
                Ok(None) => {}
                Ok(Some(Identity::Account(id))) => {
                    // What is in memory may be a moment old; a sign-in looks.
                    let user = crate::users::store::by_id(ctx.gate().db().pool(), id).await?;
                    return Ok(match user {
                        Some(user) if user.is_disabled => Answer::Refused("disabled"),
                        Some(user) => Answer::Right(Box::new(user), None),
                        None => Answer::Wrong,
                    });
                }
                Ok(Some(Identity::Person(person))) => return entry.settle(ctx, &person).await,
                Err(BackendError::Here(error)) => return Err(error),
                Err(BackendError::Away(problem)) => {
                    tracing::warn!(backend = %entry.id, %problem, request_id = ctx.request_id(), "a backend does not answer");
                    is_away = true;
                }
            }
        }
        Ok(if is_away { Answer::Away } else { Answer::Wrong })
    }
}

impl Entry {
    /// The account of somebody whom this backend vouches for.
    async fn settle(&self, ctx: &Ctx, person: &Person) -> Result<Answer> {
        let outcome = self.mapping.apply(ctx.gate(), &person.claims).await;
        let stranger = Stranger {
            source: self.source,
            provider: &self.id,
            issuer: &self.issuer,
            subject: &person.subject,
            email: person.email.as_deref(),
            claimed_email: None,
            names: vec![&person.username],
            display_name: person.display_name.as_deref(),
            outcome: &outcome,
            follows_role: !self.mapping.settings().skip_org_role_sync,
            tells_apart: self.mapping.settings().reads_claims(),
            auto_signup: self.auto_signup,
            link_by_email: false,
            personal_workspace: false,
        };
        Ok(match identities::settle(ctx, &stranger).await? {
            Ok(known) => Answer::Right(Box::new(known.user), Some((self.id.clone(), known.identity))),
            Err(refusal) => Answer::Refused(refusal.words()),
        })
    }
}

/// A backend that an embedder brings, and its terms.
pub(crate) struct Own {
    backend: Arc<dyn Any>,
    terms: Terms,
}

impl Own {
    pub(crate) fn new(backend: impl Backend, terms: Terms) -> Self {
        Self { backend: Arc::new(backend), terms }
    }
}

/// What is said while a backend does not answer.
pub(crate) fn away() -> Failure {
    let text = "Whoever keeps your password does not answer at the moment, so nobody can say whether it is right. Try again in a moment; an \
                admin finds the cause in the server’s log.";
    Failure::new(Code::Unavailable, text).retry_after(5)
}
