//! Whose account somebody is who proved to be (issuer, subject): found, made or linked, with the role
//! that the mapping gives. All of it waits for [`Turn::People`], so that of many first requests at once
//! one makes the account and the others find it.

use super::{
    name,
    store::{self, Kept},
};
use crate::{
    Result,
    audit::NewEvent,
    bus::Signal,
    change::{Change, Turn},
    ctx::Ctx,
    gate::Gate,
    users, workspaces,
};
use serde_json::json;
use wire::{
    RoleName, UserId,
    audit::Action,
    sso::MappingOutcome,
    users::{Source, User},
    workspaces::Slug,
};

/// Somebody who proved to be this, and is let in by whoever vouches for them.
pub(crate) struct Stranger<'a> {
    /// What kind of party vouches; never local.
    pub(crate) source: Source,
    /// That party, by its id in the settings.
    pub(crate) provider: &'a Slug,
    /// Its name in what it signs.
    pub(crate) issuer: &'a str,
    /// Its name for the person.
    pub(crate) subject: &'a str,
    /// The address that it vouches for; never one that is not verified.
    pub(crate) email: Option<&'a str>,
    /// An address that it only mentions: whoever has it here is not taken for this one.
    pub(crate) claimed_email: Option<&'a str>,
    /// What an account could be called, the best first.
    pub(crate) names: Vec<&'a str>,
    /// The name to show.
    pub(crate) display_name: Option<&'a str>,
    /// What the mapping makes of the claims.
    pub(crate) outcome: &'a MappingOutcome,
    /// Whether the role follows the mapping each time.
    pub(crate) follows_role: bool,
    /// Whether the mapping tells people apart at all; else everybody gets the default role.
    pub(crate) tells_apart: bool,
    /// Whether whoever is unknown gets an account.
    pub(crate) auto_signup: bool,
    /// Whether an account of the same verified address is taken for theirs.
    pub(crate) link_by_email: bool,
    /// Whether a new account gets a workspace of its own.
    pub(crate) personal_workspace: bool,
}

/// Why somebody is not let in. To the person all causes look alike; this is for the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Nobody has the identity, and nobody gets an account.
    Unknown,
    /// Another account has the address.
    EmailTaken,
    /// The mapping gives no role.
    NoRole,
    /// The account is disabled.
    Disabled,
    /// The subject is empty or longer than any is.
    BadSubject,
    /// The identity belongs to another account; only where one is linked.
    Taken,
}

impl Refusal {
    /// The cause in words, for an event.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Unknown => "unknown identity, and accounts are not made",
            Self::EmailTaken => "another account has this address",
            Self::NoRole => "the mapping gives no role",
            Self::Disabled => "disabled",
            Self::BadSubject => "a subject that can not be one",
            Self::Taken => "the identity belongs to another account",
        }
    }
}

/// The account of somebody, and the identity by which it was found.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    /// The account.
    pub(crate) user: User,
    /// The identity.
    pub(crate) identity: wire::IdentityId,
}

/// An account, or why there is none for this one.
pub(super) type Settled = std::result::Result<Known, Refusal>;

/// The most bytes of an issuer or a subject (OpenID Connect Core 2: 255 characters).
const LONGEST: usize = 1024;

/// Whether `auth.admins` names this one: by the user's id, by the subject, or by the address that is
/// vouched for.
fn is_listed_admin(gate: &Gate, user: Option<UserId>, subject: &str, email: Option<&str>) -> bool {
    gate.config().auth.admins.iter().any(|entry| {
        entry == subject
            || email.is_some_and(|email| users::name::email_key(entry) == users::name::email_key(email) && entry.contains('@'))
            || user.is_some_and(|user| entry.parse::<UserId>().is_ok_and(|id| id == user))
    })
}

/// Finds the account of somebody, or makes it, or links it; gives it the role of the mapping.
///
/// Open: nobody acts yet. The caller has verified what is told of the person.
///
/// # Errors
/// When the database does not answer. Who is not let in is no error: the caller says so, and writes the
/// event.
pub(crate) async fn settle(ctx: &Ctx, stranger: &Stranger<'_>) -> Result<Settled> {
    let is_text = |text: &str| !text.is_empty() && text.len() <= LONGEST && !text.contains('\0');
    if !is_text(stranger.subject) || !is_text(stranger.issuer) {
        return Ok(Err(Refusal::BadSubject));
    }
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    if let Some(kept) = store::by_subject(change.db(), stranger.issuer, stranger.subject).await? {
        return known(ctx, change, stranger, &kept).await;
    }
    let Some(role) = role_of(ctx, None, stranger) else { return Ok(Err(Refusal::NoRole)) };
    let address = stranger.email.or(stranger.claimed_email);
    let same = match address {
        Some(address) => users::store::by_address(change.db(), address).await?,
        None => None,
    };
    match same {
        // Whoever writes somebody else's address into their own profile does not become that one.
        Some((user, false)) if stranger.link_by_email && stranger.email.is_some() => {
            if user.is_disabled {
                return Ok(Err(Refusal::Disabled));
            }
            let identity = attach(ctx, &mut change, stranger, &user, "by email").await?;
            let user = follow(ctx, &mut change, stranger, user, role).await?;
            change.keep().await?;
            Ok(Ok(Known { user, identity }))
        }
        Some(_) => Ok(Err(Refusal::EmailTaken)),
        None if stranger.auto_signup => {
            let user = sign_up(ctx, &mut change, stranger, role).await?;
            let identity = attach(ctx, &mut change, stranger, &user, "at sign-up").await?;
            change.keep().await?;
            Ok(Ok(Known { user, identity }))
        }
        None => Ok(Err(Refusal::Unknown)),
    }
}

/// Links an identity to the account of somebody who is signed in.
///
/// Open: the caller asked for the session.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn link(ctx: &Ctx, stranger: &Stranger<'_>, user: &User) -> Result<Settled> {
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    match store::by_subject(change.db(), stranger.issuer, stranger.subject).await? {
        Some(kept) if kept.user == user.id => Ok(Ok(Known { user: user.clone(), identity: kept.id })),
        Some(_) => Ok(Err(Refusal::Taken)),
        None => {
            let identity = attach(ctx, &mut change, stranger, user, "by the owner").await?;
            change.keep().await?;
            Ok(Ok(Known { user: user.clone(), identity }))
        }
    }
}

/// Somebody whose identity is known.
async fn known(ctx: &Ctx, mut change: Change, stranger: &Stranger<'_>, kept: &Kept) -> Result<Settled> {
    let Some(user) = users::store::by_id(change.db(), kept.user).await? else { return Ok(Err(Refusal::Unknown)) };
    if user.is_disabled {
        return Ok(Err(Refusal::Disabled));
    }
    let Some(role) = role_of(ctx, Some(user.id), stranger) else { return Ok(Err(Refusal::NoRole)) };
    let user = follow(ctx, &mut change, stranger, user, role).await?;
    store::touch(change.db(), kept.id, stranger.provider, stranger.email, ctx.now()).await?;
    change.keep().await?;
    Ok(Ok(Known { user, identity: kept.id }))
}

/// The role that somebody is to have; nothing where they are not let in without one.
fn role_of(ctx: &Ctx, user: Option<UserId>, stranger: &Stranger<'_>) -> Option<RoleName> {
    if is_listed_admin(ctx.gate(), user, stranger.subject, stranger.email) {
        return Some(RoleName::admin());
    }
    let role = stranger.outcome.role.clone()?;
    ctx.gate().roles().find(&role).is_some().then_some(role)
}

/// Gives an account the role of the mapping, unless it has to keep its own.
async fn follow(ctx: &Ctx, change: &mut Change, stranger: &Stranger<'_>, user: User, role: RoleName) -> Result<User> {
    let is_listed = is_listed_admin(ctx.gate(), Some(user.id), stranger.subject, stranger.email);
    // Who was made here, and is known by an identity besides, has the role that was given here, where
    // the mapping is the same for everybody.
    let says_nothing = user.source == Source::Local && !stranger.tells_apart;
    if user.role == role || (!is_listed && (!stranger.follows_role || says_nothing)) {
        return Ok(user);
    }
    let detail = json!({ "provider": stranger.provider, "role": role, "decidedBy": stranger.outcome.decided_by });
    let kept_by = if user.is_break_glass {
        Some("a break-glass account keeps its role")
    } else if user.role.is_admin() && !users::store::is_another_admin_active(change.db(), user.id).await? {
        Some("nobody could administer any more")
    } else if user.role.is_admin()
        && !ctx.gate().is_password_on()
        && super::admins_stay(change, ctx.gate(), Some(user.id), None).await.is_err()
    {
        Some("no other admin has signed in by a provider")
    } else {
        None
    };
    if let Some(reason) = kept_by {
        let event = NewEvent::denied(Action::RoleSyncRefused).by_part(&stranger.provider.0).to(&user);
        change.also(event.with(json!({ "reason": reason, "would": detail }))).await?;
        return Ok(user);
    }
    give_role(ctx, change, &user, role, &stranger.provider.0, detail).await
}

/// Gives an account another role; tokens of the old one end.
pub(super) async fn give_role(
    ctx: &Ctx,
    change: &mut Change,
    before: &User,
    role: RoleName,
    by: &str,
    why: serde_json::Value,
) -> Result<User> {
    // The time is the version too, so it rises even within one millisecond.
    let updated_at = ctx.now().max(before.updated_at.plus(1));
    let after = User { role, updated_at, ..before.clone() };
    users::store::save(change.db(), &after, true).await?;
    change.signal(Signal::User(after.id));
    let detail = json!({ "before": { "role": before.role }, "after": { "role": after.role }, "why": why });
    change.also(NewEvent::new(Action::UserRole).by_part(by).to(&after).with(detail)).await?;
    Ok(after)
}

/// Makes the account of somebody who is new.
async fn sign_up(ctx: &Ctx, change: &mut Change, stranger: &Stranger<'_>, role: RoleName) -> Result<User> {
    let wanted = name::username(stranger.names.iter().copied().chain([stranger.subject]));
    let mut username = wanted.clone();
    let mut turn = 2;
    // Nobody else takes a name meanwhile: whoever adds somebody waits for the unique index, and who
    // comes by an identity for the turn.
    while users::store::is_name_taken(change.db(), &username).await? {
        username =
            if turn < 50 { format!("{wanted}-{turn}") } else { format!("{wanted}-{}", &ctx.new_secret().replace(['-', '_'], "")[..8]) };
        turn += 1;
    }
    let display_name = stranger.display_name.filter(|name| wire::check::display_name(name).is_none());
    let email = stranger.email.filter(|email| wire::check::email(email).is_none());
    let mut user = users::build(ctx, &username, email, display_name, &role);
    user.has_password = false;
    user.source = stranger.source;
    users::insert_refusing_duplicates(change, &user, None).await?;
    change.signal(Signal::User(user.id));
    let detail = json!({ "after": users::seen(&user), "provider": stranger.provider, "decidedBy": stranger.outcome.decided_by });
    change.also(NewEvent::new(Action::UserCreate).by_part(&stranger.provider.0).to(&user).with(detail)).await?;
    if stranger.personal_workspace {
        workspaces::create_personal(ctx, change, &user, &name::slug(&username)).await?;
    }
    Ok(user)
}

/// Writes down that an identity belongs to an account.
async fn attach(ctx: &Ctx, change: &mut Change, stranger: &Stranger<'_>, user: &User, how: &str) -> Result<wire::IdentityId> {
    let kept = Kept {
        id: ctx.new_id().into(),
        user: user.id,
        source: stranger.source,
        provider: stranger.provider.clone(),
        issuer: stranger.issuer.to_owned(),
        subject: stranger.subject.to_owned(),
        email: stranger.email.map(str::to_owned),
        linked_at: ctx.now(),
        last_used_at: Some(ctx.now()),
    };
    store::insert(change.db(), &kept).await?;
    change.signal(Signal::User(user.id));
    let mut detail = super::seen(&kept);
    detail["how"] = json!(how);
    change.also(NewEvent::new(Action::IdentityLink).by(user).to(user).with(detail)).await?;
    Ok(kept.id)
}
