//! The first run: claim it, skip it, or have it done by configuration. A stored state machine
//! (unclaimed, then skipped or claimed), never derived from a count of users.

mod code;
mod entry;
pub(crate) mod http;

pub(crate) use code::SetupCode;
pub(crate) use entry::{Entry, enter};

use crate::{
    Result, apps,
    audit::NewEvent,
    bus::Signal,
    change::{Change, Turn},
    ctx::{Ctx, Principal},
    gate::Gate,
    random, sessions,
    sessions::Opened,
    settings::store,
    sso, users,
};
use secrecy::{ExposeSecret, SecretString};
use std::sync::PoisonError;
use wire::{
    Check, Code, Failure, RoleName,
    apps::{ProbeReport, SetupProbe},
    audit::Action,
    policy,
    sessions::SessionKind,
    setup::{Capabilities, NewSetup, SetupState, SetupStatus, SkipSetup},
    users::User,
};

/// Tells what the sign-in side must know, and no more.
///
/// # Errors
/// None that a client could cause.
pub async fn capabilities(ctx: &Ctx) -> Result<Capabilities> {
    ctx.may(&policy::GET_CAPABILITIES)?;
    let (gate, state) = (ctx.gate(), ctx.gate().state());
    let is_open = gate.config().dev || !state.authentication;
    let setup_required = state.setup == SetupState::Unclaimed && !gate.config().dev;
    Ok(Capabilities {
        auth_required: !is_open,
        setup_required,
        setup_code_required: setup_required && is_code_required(ctx),
        providers: sso::ways(gate),
        password_sign_in: gate.is_password_on(),
        registration: false,
        version: ctx.user().map(|_| env!("CARGO_PKG_VERSION").to_owned()),
        dev_mode: gate.config().dev,
        name: state.name.clone(),
        help_contact: state.help_contact.clone(),
        secure_transport: ctx.origin().is_encrypted || ctx.origin().is_local || gate.config().http.insecure_http,
    })
}

/// Tells how far setup has come.
///
/// # Errors
/// 409 `setup_done` once it is done or skipped.
pub async fn status(ctx: &Ctx) -> Result<SetupStatus> {
    ctx.may(&policy::GET_SETUP)?;
    Ok(SetupStatus { state: ctx.gate().state().setup, code_required: is_code_required(ctx) })
}

/// Whether this caller has to give the setup code: anybody but the server's own machine, and that
/// one too where the database was lost beside a kept secret.
#[must_use]
pub fn is_code_required(ctx: &Ctx) -> bool {
    !ctx.origin().is_local || ctx.gate().state().code_always
}

/// While sign-in is off, what changes people and settings needs the server's own machine or the code.
pub(crate) fn prove_presence(ctx: &Ctx) -> Result<()> {
    if ctx.origin().is_local || ctx.gate().config().dev {
        return Ok(());
    }
    check_code(ctx, ctx.origin().setup_code.as_deref())
}

fn check_code(ctx: &Ctx, given: Option<&str>) -> Result<()> {
    let code = &ctx.gate().0.setup_code;
    match given.map(str::trim).filter(|text| !text.is_empty()) {
        None => Err(Failure::new(Code::SetupCodeRequired, "Enter the setup code. Doorward printed it when it started, on the server.")
            .at("setupCode")
            .into()),
        Some(given) => code.check(given, ctx.now()).inspect_err(|_| {
            ctx.note(NewEvent::denied(Action::SetupCodeRefused));
        }),
    }
}

/// Makes the first account, turns sign-in on, and signs the account in.
///
/// # Errors
/// 409 `setup_done` when somebody was faster, 403 `setup_code_required`, 422.
pub async fn claim(ctx: &Ctx, new: NewSetup, kind: SessionKind) -> Result<Opened> {
    ctx.may(&policy::SET_UP)?;
    if is_code_required(ctx) {
        check_code(ctx, new.setup_code.as_deref())?;
    }
    let (user, hash) = prepare(ctx, &new).await?;
    let mut change = begin(ctx).await?;
    first_admin(ctx, &mut change, &user, &hash).await?;
    change.commit(NewEvent::new(Action::SetupComplete).by(&user).to(&user)).await?;
    sessions::open(ctx, &user, kind, false).await
}

/// Leaves sign-in off: everybody who reaches the server may do everything.
///
/// # Errors
/// 409 `setup_done` when somebody was faster, 403 `setup_code_required`.
pub async fn skip(ctx: &Ctx, skip: SkipSetup) -> Result<()> {
    ctx.may(&policy::SKIP_SETUP)?;
    if is_code_required(ctx) {
        check_code(ctx, skip.setup_code.as_deref())?;
    }
    let mut change = begin(ctx).await?;
    store::set(change.db(), "setup", SetupState::Skipped.as_str(), ctx.now()).await?;
    store::set(change.db(), "authentication", "off", ctx.now()).await?;
    change.signal(Signal::Settings);
    change.commit(NewEvent::new(Action::SetupSkip)).await
}

/// Looks at the upstream of a first app.
///
/// # Errors
/// 409 `setup_done`, 403 `setup_code_required`, 422.
pub async fn check_upstream(ctx: &Ctx, asked: SetupProbe) -> Result<ProbeReport> {
    ctx.may(&policy::CHECK_UPSTREAM)?;
    if is_code_required(ctx) {
        check_code(ctx, asked.setup_code.as_deref())?;
    }
    asked.check()?;
    apps::probe::look(ctx.gate().outbound(), &asked.upstream).await
}

/// Waits for the turn, and looks whether setup is still open.
async fn begin(ctx: &Ctx) -> Result<Change> {
    let mut change = ctx.change().await?;
    change.turn(Turn::Setup).await?;
    match store::value_in(change.db(), "setup").await?.as_deref() {
        None | Some("unclaimed") => Ok(change),
        Some(_) => Err(Failure::new(Code::SetupDone, "Somebody else was faster: Doorward is set up. Sign in instead.").into()),
    }
}

async fn first_admin(ctx: &Ctx, change: &mut Change, user: &User, hash: &str) -> Result<()> {
    users::insert_refusing_duplicates(change, user, Some(hash)).await?;
    store::set(change.db(), "setup", SetupState::Claimed.as_str(), ctx.now()).await?;
    store::set(change.db(), "authentication", "on", ctx.now()).await?;
    change.signal(Signal::Settings);
    change.signal(Signal::User(user.id));
    change.also(NewEvent::new(Action::AuthEnable).by(user)).await
}

/// An admin who was made at the server's own shell makes the wizard needless.
pub(crate) async fn claim_from_shell(ctx: &Ctx, change: &mut Change, user: &User) -> Result<()> {
    if !matches!(ctx.principal(), Principal::System(_)) || !user.role.is_admin() {
        return Ok(());
    }
    change.turn(Turn::Setup).await?;
    if !matches!(store::value_in(change.db(), "setup").await?.as_deref(), None | Some("unclaimed")) {
        return Ok(());
    }
    store::set(change.db(), "setup", SetupState::Claimed.as_str(), ctx.now()).await?;
    store::set(change.db(), "authentication", "on", ctx.now()).await?;
    change.signal(Signal::Settings);
    change.also(NewEvent::new(Action::SetupComplete).to(user)).await
}

/// Checks the first account as any other, and hashes its password.
pub(crate) async fn prepare(ctx: &Ctx, new: &NewSetup) -> Result<(User, String)> {
    new.check()?;
    let email = new.email.as_deref().filter(|text| !text.is_empty());
    let about: Vec<&str> = [Some(new.username.as_str()), email].into_iter().flatten().collect();
    users::check_new_password(ctx, "password", &new.password, &about)?;
    let user = users::build(ctx, &new.username, email, None, &RoleName::admin());
    let hash = ctx.gate().hasher().hash(&new.password).await?;
    Ok((user, hash))
}

/// Makes the admin of the configuration, when nobody has set Doorward up yet.
pub(crate) async fn bootstrap(gate: &Gate) -> Result<()> {
    let Some(admin) = &gate.config().auth.admin else { return Ok(()) };
    let ctx = gate.system("bootstrap");
    if gate.state().setup != SetupState::Unclaimed || users::store::any(gate.db().pool()).await? {
        return Ok(());
    }
    let made = admin.password.is_none();
    let password = admin.password.clone().unwrap_or_else(|| SecretString::from(random::code(gate.random(), 24)));
    let new = NewSetup {
        username: admin.username.clone(),
        email: admin.email.clone(),
        password: password.expose_secret().to_owned(),
        setup_code: None,
    };
    let (mut user, hash) = prepare(&ctx, &new).await?;
    user.must_change_password = made;
    let mut change = match begin(&ctx).await {
        Err(error) if error.code() == Code::SetupDone => return Ok(()),
        other => other?,
    };
    first_admin(&ctx, &mut change, &user, &hash).await?;
    change.commit(NewEvent::new(Action::SetupComplete).to(&user)).await?;
    if made {
        *gate.0.bootstrap.lock().unwrap_or_else(PoisonError::into_inner) = Some(password);
    }
    Ok(())
}
