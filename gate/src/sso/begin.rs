//! The way to a provider: authorization code with PKCE, state and nonce (OpenID Connect Core 1.0,
//! RFC 9700). Nothing of it comes from the request's own host.

use super::{
    Way,
    discovery::metadata,
    live::LiveProvider,
    pending::{Aim, Pending},
};
use crate::{
    Result,
    audit::NewEvent,
    ctx::{Ctx, Principal},
    gate::Gate,
    http::principal::is_open,
};
use http::HeaderMap;
use serde_json::json;
use std::sync::Arc;
use wire::{
    Code, Failure,
    audit::Action,
    next::{escaped, is_local},
    policy,
    setup::SetupState,
    sso::SignInProblem,
    workspaces::Slug,
};

/// What a browser asks for that begins.
pub(super) struct Asked<'a> {
    pub(super) aim: Aim,
    /// Where to go in the end.
    pub(super) next: &'a str,
    pub(super) is_remembered: bool,
    /// Whether it was sent here from another of our addresses.
    pub(super) was_moved: bool,
    /// Whether a page of ours leads here.
    pub(super) is_own_site: bool,
}

/// Sends a browser to a provider.
///
/// # Errors
/// 404 for a provider that there is not; 401 or 403 where a session, or a right, is needed; 403
/// `cross_site` where another site leads to linking or testing.
pub(super) async fn begin(ctx: &Ctx, id: &Slug, asked: &Asked<'_>, headers: &HeaderMap) -> Result<Way> {
    let gate = ctx.gate();
    let live = gate.providers().find(id).ok_or_else(unknown)?;
    match asked.aim {
        Aim::SignIn => {
            if gate.state().setup == SetupState::Unclaimed || is_open(gate) {
                return Ok(Way::to("/"));
            }
            if !live.is_offered() {
                return Err(unknown());
            }
        }
        Aim::Link => {
            ctx.may(&policy::LIST_IDENTITIES)?;
            ctx.signed_in()?;
            if !live.is_offered() {
                return Err(unknown());
            }
        }
        Aim::Test => ctx.may(&policy::UPDATE_PROVIDER)?,
    }
    // Whoever could make somebody's browser link would give them an identity of their own choice.
    if asked.aim != Aim::SignIn && !asked.is_own_site {
        let text = "This has to begin on a page of Doorward itself. Open your profile, or the settings, and begin there.";
        return Err(Failure::new(Code::CrossSite, text).into());
    }
    let home = home(gate, asked.aim);
    let next = if is_local(asked.next) { asked.next } else { &home };
    if asked.aim != Aim::SignIn && matches!(ctx.principal(), Principal::Person(_)) && ctx.proved_lately().is_err() {
        return Ok(refused(ctx, Some(&live), asked.aim, SignInProblem::ConfirmFirst, next));
    }
    if let Some(there) = elsewhere(ctx, &live, asked, next) {
        return Ok(Way::to(&there));
    }
    let metadata = match metadata(gate, &live).await {
        Ok(metadata) => metadata,
        Err(problem) => {
            let event = NewEvent::denied(Action::SessionStart).on("provider", &id.0, &live.settings.button_label);
            ctx.note(event.with(json!({ "reason": problem })));
            return Ok(refused(ctx, Some(&live), asked.aim, SignInProblem::ProviderDown, next));
        }
    };
    let state = ctx.new_secret();
    let pending = Pending::new(ctx, id.clone(), live.print.clone(), asked.aim, next.to_owned(), asked.is_remembered);
    let fields = [
        ("response_type", "code"),
        ("client_id", &live.settings.client_id),
        ("redirect_uri", &live.callback_url()),
        ("scope", &live.settings.scopes.join(" ")),
        ("state", &state),
        ("nonce", &pending.nonce),
        ("code_challenge", &pending.challenge()),
        ("code_challenge_method", "S256"),
    ];
    let place = with_fields(&metadata.authorization_endpoint, &fields);
    Ok(Way { place, cookies: pending.keep(ctx, &state, headers)? })
}

fn unknown() -> crate::Error {
    Failure::new(Code::NotFound, "There is no such provider, or it is not offered yet.").into()
}

/// Where to go in the end when nobody says otherwise.
fn home(gate: &Gate, aim: Aim) -> String {
    match aim {
        // Not every door below a prefix has a first page; the site around it does.
        Aim::SignIn => "/".into(),
        Aim::Link => gate.at("/profile"),
        Aim::Test => gate.at("/settings/authentication"),
    }
}

/// The same at the address to which the provider sends back: a cookie that is kept here would not be seen
/// there.
fn elsewhere(ctx: &Ctx, live: &Arc<LiveProvider>, asked: &Asked<'_>, next: &str) -> Option<String> {
    let is_here = live.client_url.eq_ignore_ascii_case(&ctx.origin().base_url);
    (asked.aim == Aim::SignIn && !is_here && !asked.was_moved).then(|| {
        let remember = if asked.is_remembered { "&remember=1" } else { "" };
        live.at(&format!("/auth/oidc/{}/login?moved=1{remember}&next={}", live.id(), escaped(next)))
    })
}

/// An address with these fields in its query.
pub(super) fn with_fields(address: &str, fields: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(fields);
    let mark = if address.contains('?') { '&' } else { '?' };
    format!("{address}{mark}{}", query.finish())
}

/// The page that says that it did not work: where it began, with a word for what happened.
pub(super) fn refused(ctx: &Ctx, live: Option<&Arc<LiveProvider>>, aim: Aim, problem: SignInProblem, next: &str) -> Way {
    let provider = live.map(|live| format!("&provider={}", live.id())).unwrap_or_default();
    let said = format!("problem={}{provider}&request={}", problem.as_str(), ctx.request_id());
    let place = match (aim, live) {
        (Aim::Link, _) => format!("/profile?{said}"),
        (Aim::Test, Some(live)) => format!("/settings/authentication/{}?{said}", live.id()),
        _ if next == "/" => format!("/login?{said}"),
        _ => format!("/login?{said}&next={}", escaped(next)),
    };
    Way::to(&ctx.gate().at(&place))
}
