//! Who, when and where: the one value that every function of a feature gets, and asks for the right.

mod caller;

pub use caller::{KeyCaller, Person, Principal, TokenCaller};

use crate::{
    Result,
    audit::{NewEvent, decision},
    change::Change,
    clock::has_passed,
    gate::Gate,
    place::Place,
    sessions::cookie::Carried,
};
use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};
use wire::{
    Code, EventId, Failure, Permission, Permissions, SessionId, Timestamp, UserId,
    audit::Party,
    policy::{Needs, Operation, PageRow},
    setup::SetupState,
    users::User,
};

/// Where a request comes from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The client's address, as far as it can be believed.
    pub address: IpAddr,
    /// Whether the client sits on the server's own machine, with nothing in between.
    pub is_local: bool,
    /// Whether the connection is encrypted.
    pub is_encrypted: bool,
    /// The `User-Agent`.
    pub user_agent: String,
    /// The host that was asked for, with scheme: for links.
    pub base_url: String,
    /// The setup code that came along.
    pub setup_code: Option<String>,
    /// Our cookies that came along.
    pub carried: Carried,
}

/// Who, when and where. It reads the clock once, so all rows of one request carry one time.
#[derive(Clone)]
pub struct Ctx {
    gate: Gate,
    inner: Arc<Inner>,
}

struct Inner {
    principal: Principal,
    now: Timestamp,
    request_id: String,
    origin: Origin,
    place: Place,
    /// What was asked for last, for the events that tell why it was refused.
    asked: Mutex<Option<&'static Operation>>,
}

impl std::fmt::Debug for Ctx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ctx").field("request_id", &self.inner.request_id).finish_non_exhaustive()
    }
}

/// For how long a password counts as just given.
const RECENT: i64 = 10 * 60 * 1000;

impl Ctx {
    pub(crate) fn new(gate: Gate, principal: Principal, now: Timestamp, request_id: String, origin: Origin, place: Place) -> Self {
        Self { gate, inner: Arc::new(Inner { principal, now, request_id, origin, place, asked: Mutex::default() }) }
    }

    /// The same request, once it is known who sent it and where it acts; a copy where an event keeps the one before.
    pub(crate) fn acting_as(mut self, principal: Principal, place: Place) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            (inner.principal, inner.place) = (principal, place);
            return self;
        }
        Self::new(self.gate.clone(), principal, self.inner.now, self.inner.request_id.clone(), self.inner.origin.clone(), place)
    }

    /// Who acts.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.inner.principal
    }

    /// The person, where it is one.
    #[must_use]
    pub fn person(&self) -> Option<&Person> {
        match &self.inner.principal {
            Principal::Person(person) => Some(person),
            _ => None,
        }
    }

    /// The person.
    ///
    /// # Errors
    /// 401 when nobody is signed in, 409 `authentication_off` while there are no sessions.
    pub fn signed_in(&self) -> Result<&Person> {
        match &self.inner.principal {
            Principal::Person(person) => Ok(person),
            Principal::Open => Err(Failure::new(
                Code::AuthenticationOff,
                "Sign-in is off, so there is no session. Turn it on in Settings, Authentication.",
            )
            .into()),
            Principal::Token(_) => {
                let why = "A token of an issuer has no session. Sign in and do it yourself.";
                Err(decision::refuse_anyhow(self, Code::SessionRequired, why, "a session").into())
            }
            Principal::Key(_) => Err(decision::refuse_anyhow(
                self,
                Code::SessionRequired,
                "An API key has no session. Sign in and do it yourself.",
                "a person",
            )
            .into()),
            _ => Err(unauthenticated()),
        }
    }

    /// The session, where there is one.
    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        self.person().map(|person| person.session)
    }

    /// The API key, where it is one.
    #[must_use]
    pub fn key(&self) -> Option<&KeyCaller> {
        match &self.inner.principal {
            Principal::Key(key) => Some(key),
            _ => None,
        }
    }

    /// When the proof that was sent ends, where it does: a token, a key that was rotated or has an end, else the
    /// session. It is the one answer to that, for requests and for what stays open.
    #[must_use]
    pub fn good_until(&self) -> Option<Timestamp> {
        match &self.inner.principal {
            Principal::Person(person) => Some(person.token_expires_at),
            Principal::Token(token) => Some(token.until),
            Principal::Key(key) => key.until,
            Principal::Open | Principal::Nobody | Principal::System(_) => None,
        }
    }

    /// The account of the caller, in a session or by the token of an issuer, where it is a person.
    #[must_use]
    pub fn user(&self) -> Option<&Arc<User>> {
        match &self.inner.principal {
            Principal::Person(person) => Some(&person.user),
            Principal::Token(token) => Some(&token.user),
            _ => None,
        }
    }

    /// Whether the caller is a person, or a key, that has no session and can get none.
    fn is_without_session(&self) -> bool {
        matches!(self.inner.principal, Principal::Key(_) | Principal::Token(_))
    }

    /// The user id of the caller, or of the owner of the caller's personal key, where there is one.
    #[must_use]
    pub fn user_id(&self) -> Option<UserId> {
        self.user().map(|user| user.id).or_else(|| Some(self.key()?.owner.as_ref()?.id))
    }

    /// The time of this request.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.now
    }

    /// Names this request in the log and in answers.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.inner.request_id
    }

    /// The client's address.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.inner.origin.address
    }

    /// The client's program.
    #[must_use]
    pub fn user_agent(&self) -> &str {
        &self.inner.origin.user_agent
    }

    /// Where the request comes from.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.inner.origin
    }

    /// Where the request acts.
    pub(crate) fn place(&self) -> &Place {
        &self.inner.place
    }

    /// The whole product.
    #[must_use]
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// A new id of this request's time.
    #[must_use]
    pub fn new_id(&self) -> uuid::Uuid {
        crate::random::id(self.gate.random(), self.inner.now)
    }

    /// A new secret of 256 bits.
    #[must_use]
    pub fn new_secret(&self) -> String {
        crate::random::secret(self.gate.random())
    }

    /// Begins a change: a write transaction that only an event can commit.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn change(&self) -> Result<Change> {
        Change::begin(self.clone()).await
    }

    /// Writes an event that goes with no change; gives its id, unless there is too much to write.
    pub fn note(&self, event: NewEvent) -> Option<EventId> {
        let event = event.complete(self);
        let id = event.id;
        self.gate.metrics().happened(&event);
        self.gate.writer().note(event).then_some(id)
    }

    /// The actor of this request's events.
    pub(crate) fn actor(&self) -> Party {
        let party = |kind: &str, id: String, name: &str| Party { kind: kind.into(), id, name: name.into() };
        match &self.inner.principal {
            Principal::Nobody => party("nobody", String::new(), "nobody"),
            Principal::Open => party("open", String::new(), "anyone"),
            Principal::System(what) => party("system", String::new(), what),
            Principal::Person(person) => party("user", person.user.id.to_string(), &person.user.username),
            Principal::Token(token) => party("user", token.user.id.to_string(), &token.user.username),
            Principal::Key(key) => party("key", key.id.to_string(), &key.name),
        }
    }

    /// Whether the caller may do this; the first question of every function of a feature.
    ///
    /// # Errors
    /// 401 for nobody, 403 with the missing permission or membership (and an event), 404 when the
    /// request names an environment that there is not, 409 where setup or the state of sign-in does
    /// not allow it.
    pub fn may(&self, operation: &'static Operation) -> Result<()> {
        let needs = operation.needs;
        *self.inner.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(operation);
        if self.is_without_session() && (operation.by_people_only || needs == Needs::Session) {
            return Err(decision::refuse_without_session(self, operation).into());
        }
        if needs == Needs::Nothing {
            return Ok(());
        }
        if needs == Needs::SetupOpen {
            return match self.gate.state().setup {
                SetupState::Unclaimed if !self.gate.config().dev => Ok(()),
                _ => Err(Failure::new(Code::SetupDone, "Doorward is set up. Sign in instead.").into()),
            };
        }
        match &self.inner.principal {
            Principal::System(_) => Ok(()),
            Principal::Nobody => Err(unauthenticated()),
            Principal::Open if needs == Needs::Session => self.signed_in().map(drop),
            Principal::Open if operation.guarded_while_open => {
                crate::setup::prove_presence(self).and_then(|()| self.may_be_here(operation))
            }
            Principal::Open => self.may_be_here(operation),
            Principal::Person(person) => self.known_may(Some(&person.user), operation),
            Principal::Key(key) => self.known_may(key.owner.as_deref(), operation),
            Principal::Token(token) => self.known_may(Some(&token.user), operation),
        }
    }

    /// What a person may do, or the key of a person, or of nobody in particular.
    fn known_may(&self, user: Option<&User>, operation: &Operation) -> Result<()> {
        if user.is_some_and(|user| user.must_change_password) && !operation.while_password_pending {
            return Err(Failure::new(Code::PasswordChangeRequired, "Change your password first; until then nothing else works.").into());
        }
        self.may_be_here(operation)?;
        match (operation.needs, operation.keys_need.filter(|_| self.key().is_some())) {
            (Needs::Permission(permission), _) | (_, Some(permission)) => self.must_have(permission, operation),
            _ => Ok(()),
        }
    }

    /// Whether the caller is the operator at the server's own shell: for what has no address in the API.
    ///
    /// # Errors
    /// 403 for everybody else.
    pub fn at_the_shell(&self) -> Result<()> {
        match &self.inner.principal {
            Principal::System(_) => Ok(()),
            _ => Err(Failure::new(Code::Forbidden, "This is done at the server's own shell, by the doorward command.").into()),
        }
    }

    /// What was asked for last.
    pub(crate) fn asked(&self) -> Option<&'static Operation> {
        *self.inner.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the caller has this permission, which an operation needs in this case.
    ///
    /// # Errors
    /// 403 with the missing permission (and an event).
    pub fn must_have(&self, permission: Permission, operation: &Operation) -> Result<()> {
        if self.has(permission) {
            return Ok(());
        }
        Err(decision::refuse(self, operation, permission).into())
    }

    /// Writes down that a page did not open for lack of a permission; gives the id of that event.
    pub fn turned_away(&self, page: &PageRow, missing: Permission) -> Option<EventId> {
        decision::refuse_page(self, page, missing)
    }

    /// Whom to ask for more: a few admins by their names to show, which people are told alone.
    #[must_use]
    pub fn whom_to_ask(&self) -> Arc<[String]> {
        self.user().map(|_| self.gate.admins().names()).unwrap_or_default()
    }

    /// Whether the caller has this permission, to decide what to show.
    #[must_use]
    pub fn has(&self, permission: Permission) -> bool {
        self.permissions().has(permission)
    }

    /// Whether the caller could give out these permissions, having them all; `refusal` is the sentence
    /// that says what can do more.
    ///
    /// # Errors
    /// 403 `role_exceeds_own` with what is missing (and an event).
    pub fn holds(&self, permissions: Permissions, refusal: &str) -> std::result::Result<(), Failure> {
        if self.permissions().covers(permissions) {
            return Ok(());
        }
        Err(decision::refuse_more(self, permissions, refusal))
    }

    /// Whether the password was given lately: at sign-in, or as proof since.
    ///
    /// # Errors
    /// 403 `confirmation_required`.
    pub fn proved_lately(&self) -> Result<()> {
        self.proof(|person| Some(person.proved_at))
    }

    /// Whether the password was given lately as proof; signing in does not count.
    ///
    /// # Errors
    /// 403 `confirmation_required`.
    pub fn confirmed_lately(&self) -> Result<()> {
        self.proof(|person| person.confirmed_at)
    }

    fn proof(&self, of: impl Fn(&Person) -> Option<Timestamp>) -> Result<()> {
        match &self.inner.principal {
            Principal::Key(_) => Err(Failure::new(
                Code::ConfirmationRequired,
                "This needs a password that was given just now, and an API key has none. A person has to do it.",
            )
            .into()),
            Principal::Token(_) => Err(Failure::new(
                Code::ConfirmationRequired,
                "This needs a password, or a sign-in, of just now, and the token of an issuer is none. Sign in and do it yourself.",
            )
            .into()),
            Principal::Person(person) if of(person).is_none_or(|at| has_passed(at, self.now(), RECENT + 1)) => {
                Err(Failure::new(Code::ConfirmationRequired, "Give your password again, then repeat this within ten minutes.").into())
            }
            _ => Ok(()),
        }
    }
}

fn unauthenticated() -> crate::Error {
    Failure::new(Code::Unauthenticated, "Sign in first, or send a valid token.").into()
}
