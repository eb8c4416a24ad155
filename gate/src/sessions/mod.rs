//! Signing in and staying signed in: one sign-in on one device is one session, with short-lived
//! access tokens and one refresh secret that changes with every use.

pub(crate) mod access;
pub mod cookie;
pub(crate) mod http;
mod password;
mod refresh;
pub(crate) mod store;
pub(crate) mod throttle;
mod ticket;
pub(crate) mod upkeep;

pub use password::{change_password, confirm};
pub use refresh::refresh;
pub use ticket::{redeem_ticket, ticket};

use crate::{
    Result,
    audit::{NewEvent, clip},
    backends::{self, Answer, Credentials},
    bus::Signal,
    ctx::{Ctx, Person, Principal},
    db::cursor::{self, Position},
    hash::sha256_hex,
    identities::{self, store::Beginning},
    sso, users,
};
use cookie::SessionCookie;
use serde_json::json;
use wire::{
    Check, Code, Failure, IdentityId, Page, Permission, SessionId, Timestamp, UserId,
    audit::Action,
    list::{DEFAULT_LIMIT, MAX_LIMIT},
    policy,
    sessions::{EndedSessions, Session, SessionKind, SessionQuery, SignIn, Tokens, Validated},
    setup::SetupState,
    sso::ProviderSignOut,
    users::User,
    workspaces::Slug,
};

/// A session that was opened, or carried on: what the client gets.
#[derive(Debug)]
pub struct Opened {
    /// The answer's body.
    pub tokens: Tokens,
    /// `Set-Cookie` values; none in a token session.
    pub cookies: Vec<String>,
}

/// A session that was closed: what the client has to let go of.
#[derive(Debug)]
pub struct Closed {
    /// `Set-Cookie` values.
    pub cookies: Vec<String>,
    /// The provider by which the session had begun, where one can sign out of that as well.
    pub provider: Option<ProviderSignOut>,
}

/// By what a session begins, where it is no password.
pub(crate) struct By<'a> {
    /// The provider.
    pub(crate) provider: &'a Slug,
    /// The identity that was proved.
    pub(crate) identity: IdentityId,
    /// The session's name at the provider.
    pub(crate) sid: Option<&'a str>,
    /// What the provider said, sealed, to show it again at sign-out.
    pub(crate) id_token_sealed: Option<String>,
}

/// What a refresh token starts with, so that it is never taken for another secret.
const REFRESH_PREFIX: &str = "dwr_";

/// Signs in with a name, or an address, and a password.
///
/// # Errors
/// 401 `invalid_credentials`, the same for a wrong name, a wrong password and a disabled account;
/// 429 with `Retry-After`; 503 `busy`; 409 while there is nothing to sign in to; 422.
pub async fn sign_in(ctx: &Ctx, request: SignIn, kind: SessionKind) -> Result<Opened> {
    ctx.may(&policy::SIGN_IN)?;
    request.check()?;
    let state = ctx.gate().state();
    if state.setup == SetupState::Unclaimed {
        return Err(Failure::new(Code::SetupRequired, "Nobody has an account yet. Open the dashboard and make the first one.").into());
    }
    if !state.authentication || ctx.gate().config().dev {
        return Err(Failure::new(Code::AuthenticationOff, "Sign-in is off: everybody may do everything without it.").into());
    }
    if !ctx.gate().is_password_on() {
        let text = "Signing in with a password is turned off. Use one of the other ways on the sign-in page.";
        return Err(Failure::new(Code::PasswordSignInOff, text).into());
    }
    let (user, by) = check_credentials(ctx, request.name(), &request.password).await?;
    let by = by.as_ref().map(|(provider, identity)| By { provider, identity: *identity, sid: None, id_token_sealed: None });
    open_by(ctx, &user, kind, request.remember_me, by).await
}

/// The user of this name, if the password is right and the account may sign in; with the backend and
/// the identity that said so, where it was none of the accounts here.
async fn check_credentials(ctx: &Ctx, name: &str, password: &str) -> Result<(User, Option<(Slug, IdentityId)>)> {
    let gate = ctx.gate();
    let key = users::name::key(name);
    let found = users::store::credentials(gate.db().pool(), &key).await?;
    let is_known_device = found.as_ref().is_some_and(|f| ctx.origin().carried.knows(gate.keys(), f.user.id));
    let slot = gate.throttle().take(&key, ctx.address(), is_known_device, ctx.now()).map_err(|seconds| {
        ctx.note(NewEvent::denied(Action::SessionStart).on("user", "", typed(name)).with(json!({ "reason": "throttled" })));
        too_many(seconds)
    })?;
    let credentials = Credentials { name: name.to_owned(), password: password.into() };
    let has_password = found.as_ref().is_some_and(|f| f.password_hash.is_some());
    let reason = match gate.backends().ask(ctx, &credentials).await {
        Ok(Answer::Right(user, by)) => {
            gate.throttle().right(&slot);
            return Ok((*user, by));
        }
        Ok(Answer::Refused(reason)) => reason,
        Ok(Answer::Wrong) if found.is_none() => "unknown name",
        Ok(Answer::Wrong) => "wrong password",
        Ok(Answer::Away) => {
            // What was wrong here was a guess, whoever else is away.
            if !has_password {
                gate.throttle().undo(&slot);
            }
            ctx.note(NewEvent::denied(Action::SessionStart).on("user", "", typed(name)).with(json!({ "reason": "a backend is away" })));
            return Err(backends::away().into());
        }
        Err(error) => {
            gate.throttle().undo(&slot);
            return Err(error);
        }
    };
    let event = NewEvent::denied(Action::SessionStart).with(json!({ "reason": reason }));
    ctx.note(match &found {
        Some(f) => event.to(&f.user),
        None => event.on("user", "", typed(name)),
    });
    Err(Failure::new(Code::InvalidCredentials, "The name or the password is wrong. Check both, and whether Caps Lock is on.").into())
}

/// The name that was typed, for the log. What nobody can be called is not written down: it may be a
/// password that was typed into the wrong field.
fn typed(name: &str) -> &str {
    let is_plausible = wire::check::username(name).is_none() || wire::check::email(name).is_none();
    if is_plausible { name } else { "(not a name)" }
}

fn too_many(seconds: u64) -> Failure {
    Failure::new(Code::TooManyAttempts, format!("Too many attempts. Try again in {seconds} seconds.")).retry_after(seconds)
}

/// Opens a session for a user who is who they say they are, whichever way that was found out.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn open(ctx: &Ctx, user: &User, kind: SessionKind, is_remembered: bool) -> Result<Opened> {
    open_by(ctx, user, kind, is_remembered, None).await
}

/// The same, for a session that begins by an identity.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn open_by(ctx: &Ctx, user: &User, kind: SessionKind, is_remembered: bool, by: Option<By<'_>>) -> Result<Opened> {
    let now = ctx.now();
    let session: SessionId = ctx.new_id().into();
    let secret = ctx.new_secret();
    let cookie = (kind == SessionKind::Browser).then(|| SessionCookie { session, binding: ctx.new_secret(), refresh: secret.clone() });
    let expires_at = expiry(ctx, is_remembered, now);
    let device = clip(ctx.user_agent());
    let new = store::NewSession {
        id: session,
        user: user.id,
        kind,
        binding_hash: cookie.as_ref().map(|c| sha256_hex(c.binding.as_bytes())),
        is_remembered,
        device: &device,
        address: ctx.address().to_string(),
        now,
        expires_at,
    };
    let mut change = ctx.change().await?;
    store::insert(change.db(), &new).await?;
    store::insert_secret(change.db(), &sha256_hex(secret.as_bytes()), session, now).await?;
    users::store::touch_login(change.db(), user.id, now).await?;
    change.signal(Signal::User(user.id));
    let mut detail = json!({ "kind": kind, "remembered": is_remembered });
    if let Some(By { provider, identity, sid, id_token_sealed }) = by {
        detail["provider"] = json!(provider);
        identities::store::insert_beginning(change.db(), &Beginning { session, identity, sid, id_token_sealed }).await?;
    }
    change.commit(NewEvent::new(Action::SessionStart).by(user).in_session(session).with(detail)).await?;
    let grown = Grown { session, user: user.id, is_remembered, expires_at, secret, cookie };
    let mut opened = tokens(ctx, grown).await?;
    if kind == SessionKind::Browser {
        opened.cookies.push(ctx.origin().carried.keep_device(ctx.gate().keys(), user.id));
    }
    Ok(opened)
}

/// When a session that is used now ends, if nothing is done.
fn expiry(ctx: &Ctx, is_remembered: bool, created_at: Timestamp) -> Timestamp {
    let auth = &ctx.gate().config().auth;
    let window = if is_remembered { auth.refresh_ttl } else { auth.browser_ttl };
    // A clock that stands before the session's beginning was set back, perhaps by mistake.
    ctx.now().max(created_at).plus(millis(window)).min(created_at.plus(millis(auth.session_max)))
}

fn millis(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// A session at the moment when it gets another pair of tokens.
struct Grown {
    session: SessionId,
    user: UserId,
    is_remembered: bool,
    expires_at: Timestamp,
    /// The refresh secret from now on.
    secret: String,
    /// The cookie that carries it, in a browser session.
    cookie: Option<SessionCookie>,
}

/// The pair of tokens, and the cookies, that go to the client.
async fn tokens(ctx: &Ctx, grown: Grown) -> Result<Opened> {
    let gate = ctx.gate();
    let account = gate.presence().account(gate.db(), grown.user).await?.ok_or_else(ended)?;
    let access_ends = ctx.now().plus(millis(gate.config().auth.access_ttl)).min(grown.expires_at);
    let subject = access::Subject {
        user: grown.user,
        session: grown.session,
        role: &account.user.role.0,
        security_version: account.security_version,
        is_bound: grown.cookie.is_some(),
    };
    let token = access::mint(gate.keys(), &subject, ctx.new_id(), ctx.now(), access_ends)?;
    let left = |end: Timestamp| u64::try_from((end.0 - ctx.now().0) / 1000).unwrap_or(0);
    let cookies = grown.cookie.iter().map(|c| ctx.origin().carried.keep(c, grown.is_remembered.then(|| left(grown.expires_at)))).collect();
    let tokens = Tokens {
        token,
        token_type: "Bearer".into(),
        expires_in: left(access_ends),
        refresh_token: grown.cookie.is_none().then(|| format!("{REFRESH_PREFIX}{}", grown.secret)),
        refresh_expires_in: left(grown.expires_at),
        user: (*account.user).clone(),
    };
    Ok(Opened { tokens, cookies })
}

fn ended() -> crate::Error {
    Failure::new(Code::SessionEnded, "This session has ended. Sign in again.").into()
}

/// Ends this session.
///
/// # Errors
/// 401 when there is none.
pub async fn sign_out(ctx: &Ctx) -> Result<Closed> {
    ctx.may(&policy::SIGN_OUT)?;
    let person = ctx.signed_in()?;
    let provider = sso::logout::offer(ctx, person.session).await?;
    let mut change = ctx.change().await?;
    store::end(change.db(), person.session, "sign-out", ctx.now()).await?;
    change.signal(Signal::Session(person.session));
    change.commit(NewEvent::new(Action::SessionEnd).to(&person.user)).await?;
    Ok(Closed { cookies: vec![ctx.origin().carried.drop_session()], provider })
}

/// Ends all sessions of one's own, this one too.
///
/// # Errors
/// 401 when there is none.
pub async fn sign_out_everywhere(ctx: &Ctx) -> Result<Closed> {
    ctx.may(&policy::SIGN_OUT_EVERYWHERE)?;
    let person = ctx.signed_in()?;
    let mut change = ctx.change().await?;
    let sessions = store::end_all_of(change.db(), person.user.id, None, "sign-out everywhere", ctx.now()).await?;
    sessions.iter().for_each(|id| change.signal(Signal::Session(*id)));
    change.commit(NewEvent::new(Action::SessionEndAll).to(&person.user).with(json!({ "sessions": sessions.len() }))).await?;
    Ok(Closed { cookies: vec![ctx.origin().carried.drop_session()], provider: None })
}

/// Ends all sessions of one's own but this one, and counts them.
///
/// # Errors
/// 401 when there is none.
pub async fn sign_out_others(ctx: &Ctx) -> Result<EndedSessions> {
    ctx.may(&policy::SIGN_OUT_OTHERS)?;
    let person = ctx.signed_in()?;
    let mut change = ctx.change().await?;
    let sessions = store::end_all_of(change.db(), person.user.id, Some(person.session), "owner", ctx.now()).await?;
    let ended = EndedSessions { ended: sessions.len() as u64 };
    if sessions.is_empty() {
        return Ok(ended);
    }
    sessions.iter().for_each(|id| change.signal(Signal::Session(*id)));
    let detail = json!({ "sessions": sessions.len(), "kept": person.session });
    change.commit(NewEvent::new(Action::SessionEndAll).to(&person.user).with(detail)).await?;
    Ok(ended)
}

/// Tells whether the access token is good, and whose it is.
///
/// # Errors
/// 401 when it is not.
pub async fn validate(ctx: &Ctx) -> Result<Validated> {
    ctx.may(&policy::VALIDATE_SESSION)?;
    let person = ctx.signed_in()?;
    Ok(Validated { valid: true, user: (*person.user).clone(), expires_at: person.token_expires_at })
}

/// The person who asks; nobody in particular at the server's own shell, which has no session and
/// reaches everybody's.
fn asker(ctx: &Ctx) -> Result<Option<&Person>> {
    match ctx.principal() {
        Principal::System(_) => Ok(None),
        _ => ctx.signed_in().map(Some),
    }
}

/// Lists sessions that are alive: one's own, or with `users` anybody's.
///
/// # Errors
/// 404 for another's without the right, 400 for a cursor of another list, 422.
pub async fn list(ctx: &Ctx, query: SessionQuery) -> Result<Page<Session>> {
    ctx.may(&policy::LIST_SESSIONS)?;
    let person = asker(ctx)?;
    let user = match query.user.as_deref() {
        None | Some("") => person.map(|person| person.user.id),
        Some("all") if ctx.has(Permission::Users) => None,
        Some(id) => match id.parse::<UserId>() {
            Ok(id) if person.is_some_and(|person| id == person.user.id) || ctx.has(Permission::Users) => Some(id),
            _ => return Err(no_such()),
        },
    };
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Failure::field("limit", format!("A page has 1 to {MAX_LIMIT} rows.")).into());
    }
    let name = format!("sessions {user:?}");
    let keys = ctx.gate().keys();
    let after = match &query.cursor {
        Some(cursor) => {
            let position = cursor::open(keys, &name, cursor)?;
            Some((position.key.parse().map_err(|_| Failure::from(Code::BadCursor))?, position.id))
        }
        None => None,
    };
    let mut items = store::page(ctx.gate().db().pool(), user, after, ctx.now(), i64::from(limit) + 1).await?;
    let is_more = items.len() > limit as usize;
    items.truncate(limit as usize);
    for session in &mut items {
        session.is_current = person.is_some_and(|person| session.id == person.session);
    }
    let next_cursor = items
        .last()
        .filter(|_| is_more)
        .map(|last| cursor::seal(keys, &name, &Position { key: last.last_seen_at.0.to_string(), id: last.id.to_string() }));
    Ok(Page { items, next_cursor, total: None })
}

/// Ends a session: one's own, or with `users` anybody's.
///
/// # Errors
/// 404 where there is none, or it is not one's to see.
pub async fn end(ctx: &Ctx, id: SessionId) -> Result<()> {
    ctx.may(&policy::END_SESSION)?;
    let person = asker(ctx)?;
    let session = store::by_id(ctx.gate().db().pool(), id, ctx.now()).await?.ok_or_else(no_such)?;
    let is_own = person.is_some_and(|person| session.user_id == person.user.id);
    if !is_own && !ctx.has(Permission::Users) {
        return Err(no_such());
    }
    let mut change = ctx.change().await?;
    let by = if is_own { "owner" } else { "admin" };
    if !store::end(change.db(), id, by, ctx.now()).await? {
        return Err(no_such());
    }
    change.signal(Signal::Session(id));
    change
        .commit(
            NewEvent::new(Action::SessionEnd)
                .on("user", &session.user_id.to_string(), &session.user_name)
                .with(json!({ "session": id, "by": by })),
        )
        .await
}

fn no_such() -> crate::Error {
    Failure::new(Code::NotFound, "There is no such session; it may have ended already.").into()
}
