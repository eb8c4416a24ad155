//! What an admin sets for the whole installation: whether sign-in is on, the name, the contact.

pub(crate) mod http;
pub(crate) mod store;
mod trusted;

use crate::{
    Result,
    audit::NewEvent,
    bus::Signal,
    change::{Change, Turn},
    ctx::{Ctx, Principal},
    db::{Db, Engine},
    duration::GoDuration,
    identities,
    sessions::{self, Opened},
    setup, users,
};
use serde_json::json;
use wire::{
    Check, Code, Failure,
    audit::Action,
    policy,
    sessions::SessionKind,
    settings::{AuthSettings, AuthSettingsPatch, Settings, SettingsPatch},
    setup::SetupState,
};

/// How far setup has come and what is set, as the last change left it.
#[derive(Debug, Clone)]
pub struct State {
    /// How far setup has come.
    pub setup: SetupState,
    /// Whether one has to sign in.
    pub authentication: bool,
    /// Whether one can sign in with a password.
    pub password: bool,
    /// Whether setup asks everybody for the code, because a database was lost.
    pub code_always: bool,
    /// What the installation is called.
    pub name: String,
    /// Whom to ask for help.
    pub help_contact: Option<String>,
}

impl State {
    /// Reads the settings. What is absent is as on the first day; what is unknown is taken for the
    /// strict one: claimed, sign-in on.
    pub(crate) async fn read(db: &Db) -> std::result::Result<Self, sqlx::Error> {
        let all = store::all(db.pool()).await?;
        let get = |name: &str| all.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
        let setup = match get("setup") {
            None | Some("unclaimed") => SetupState::Unclaimed,
            Some("skipped") => SetupState::Skipped,
            Some(_) => SetupState::Claimed,
        };
        Ok(Self {
            setup,
            authentication: get("authentication") != Some("off"),
            password: get("password_sign_in") != Some("off"),
            code_always: get("setup_code_always").is_some(),
            name: get("name").unwrap_or("Doorward").to_owned(),
            help_contact: get("help_contact").filter(|text| !text.is_empty()).map(str::to_owned),
        })
    }
}

/// Shows how signing in is set.
///
/// # Errors
/// 403 without `settings`.
pub async fn auth(ctx: &Ctx) -> Result<AuthSettings> {
    ctx.may(&policy::GET_AUTH_SETTINGS)?;
    let (state, auth) = (ctx.gate().state(), &ctx.gate().config().auth);
    let text = |duration| GoDuration::from(duration).to_string();
    Ok(AuthSettings {
        enabled: state.authentication && !ctx.gate().config().dev,
        setup: state.setup,
        has_users: users::store::any_active(ctx.gate().db().pool()).await?,
        password_sign_in: ctx.gate().is_password_on(),
        can_turn_password_off: identities::has_admin_by_provider(ctx.gate()).await?,
        trusted: trusted::parties(ctx.gate()),
        access_ttl: text(auth.access_ttl),
        refresh_ttl: text(auth.refresh_ttl),
        browser_ttl: text(auth.browser_ttl),
        session_max: text(auth.session_max),
        idle_ttl: auth.idle_ttl.map(text),
        password_min: auth.password_min,
        setup_code_required: matches!(ctx.principal(), Principal::Open) && setup::is_code_required(ctx),
    })
}

/// Turns sign-in on or off. When it made the first admin, that admin's session comes along.
///
/// # Errors
/// 403 without `settings` or a fresh proof, 409 `no_users` when nobody could sign in, 422.
pub async fn update_auth(ctx: &Ctx, patch: AuthSettingsPatch) -> Result<(AuthSettings, Option<Opened>)> {
    ctx.may(&policy::UPDATE_AUTH_SETTINGS)?;
    let opened = match patch.enabled {
        Some(true) if !ctx.gate().state().authentication => enable(ctx, patch.clone()).await?,
        Some(false) if ctx.gate().state().authentication => {
            ctx.confirmed_lately()?;
            disable(ctx).await?;
            None
        }
        _ => None,
    };
    if let Some(is_on) = patch.password_sign_in.filter(|is_on| *is_on != ctx.gate().state().password) {
        set_password_sign_in(ctx, is_on).await?;
    }
    // The caller may be nobody now, until the next request; what was done is told all the same.
    Ok((auth(&ctx.gate().system("settings")).await?, opened))
}

/// Turns signing in with a password on or off; off only while an admin can get in by a provider.
async fn set_password_sign_in(ctx: &Ctx, is_on: bool) -> Result<()> {
    ctx.proved_lately()?;
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    if !is_on {
        identities::admins_stay(&mut change, ctx.gate(), None, None).await.map_err(|_| {
            let text =
                "No active admin has signed in by a provider yet. Sign in by one first: without a password, nobody could administer.";
            Failure::new(Code::LastWayIn, text).at("passwordSignIn")
        })?;
    }
    turn_password_sign_in(ctx, &mut change, is_on).await?;
    let action = if is_on { Action::PasswordSignInEnable } else { Action::PasswordSignInDisable };
    change.commit(NewEvent::new(action)).await
}

/// The same, as a part of another change.
pub(crate) async fn turn_password_sign_in(ctx: &Ctx, change: &mut Change, is_on: bool) -> Result<()> {
    store::set(change.db(), "password_sign_in", if is_on { "on" } else { "off" }, ctx.now()).await?;
    change.signal(Signal::Settings);
    Ok(())
}

async fn enable(ctx: &Ctx, patch: AuthSettingsPatch) -> Result<Option<Opened>> {
    let first = match patch.admin {
        Some(admin) => Some(setup::prepare(ctx, &admin).await?),
        None => None,
    };
    let mut change = ctx.change().await?;
    change.turn(Turn::Setup).await?;
    change.turn(Turn::People).await?;
    let has_admin = users::store::count_active_admins(change.db()).await? > 0;
    let made = match (has_admin, first) {
        (true, _) => None,
        (false, Some((user, hash))) => {
            users::insert_refusing_duplicates(&mut change, &user, Some(&hash)).await?;
            change.also(NewEvent::new(Action::UserCreate).to(&user)).await?;
            Some(user)
        }
        (false, None) => {
            return Err(Failure::new(Code::NoUsers, "Nobody could sign in. Make the first account in the same step.").into());
        }
    };
    store::set(change.db(), "authentication", "on", ctx.now()).await?;
    store::set(change.db(), "setup", SetupState::Claimed.as_str(), ctx.now()).await?;
    change.signal(Signal::Settings);
    change.commit(NewEvent::new(Action::AuthEnable)).await?;
    match made {
        Some(user) => sessions::open(ctx, &user, SessionKind::Browser, false).await.map(Some),
        None => Ok(None),
    }
}

/// Turns sign-in off for everybody at once.
async fn disable(ctx: &Ctx) -> Result<()> {
    let mut change = ctx.change().await?;
    change.turn(Turn::Setup).await?;
    store::set(change.db(), "authentication", "off", ctx.now()).await?;
    if ctx.gate().state().setup == SetupState::Unclaimed {
        store::set(change.db(), "setup", SetupState::Skipped.as_str(), ctx.now()).await?;
    }
    change.signal(Signal::Settings);
    change.commit(NewEvent::new(Action::AuthDisable)).await
}

/// Shows the general settings.
///
/// # Errors
/// 403 without `settings`.
pub async fn general(ctx: &Ctx) -> Result<Settings> {
    ctx.may(&policy::GET_SETTINGS)?;
    let (gate, state) = (ctx.gate(), ctx.gate().state());
    Ok(Settings {
        name: state.name.clone(),
        help_contact: state.help_contact.clone(),
        public_url: gate.config().http.public_url.clone(),
        version: env!("CARGO_PKG_VERSION").into(),
        database: match gate.db().engine() {
            Engine::Sqlite => "sqlite".into(),
            Engine::Postgres => "postgres".into(),
        },
        data: gate.0.place.clone(),
        started_at: gate.0.started_at,
        configuration: gate.configuration_file(),
    })
}

/// Changes the general settings.
///
/// # Errors
/// 403 without `settings`, 422.
pub async fn update_general(ctx: &Ctx, patch: SettingsPatch) -> Result<Settings> {
    ctx.may(&policy::UPDATE_SETTINGS)?;
    patch.check()?;
    let before = ctx.gate().state();
    let mut change = ctx.change().await?;
    if let Some(name) = &patch.name {
        store::set(change.db(), "name", name.trim(), ctx.now()).await?;
    }
    if let Some(contact) = &patch.help_contact {
        store::set(change.db(), "help_contact", contact.as_deref().unwrap_or_default().trim(), ctx.now()).await?;
    }
    change.signal(Signal::Settings);
    let detail = json!({ "before": { "name": before.name, "helpContact": before.help_contact }, "after": patch });
    change.commit(NewEvent::new(Action::SettingsUpdate).on("settings", "general", "General").with(detail)).await?;
    general(ctx).await
}
