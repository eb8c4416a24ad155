//! The way back from a provider. Whatever goes wrong, the person sees one of a few words, and the audit
//! log has the cause.

use super::{
    Way, access,
    begin::refused,
    bench,
    discovery::metadata,
    live::LiveProvider,
    pending::{Aim, Pending, drop_cookie},
    store,
    token::{Said, Trouble, redeem},
};
use crate::{
    Result,
    audit::{NewEvent, clip},
    bus::Signal,
    ctx::Ctx,
    identities::{self, Known, Refusal, Stranger},
    seal::seal,
    sessions,
};
use http::HeaderMap;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use wire::{
    audit::Action,
    policy,
    sessions::SessionKind,
    sso::{MappingOutcome, SignInProblem},
    users::Source,
};

/// What the provider put into the address.
#[derive(Default)]
pub(super) struct Brought {
    pub(super) state: String,
    pub(super) code: Option<String>,
    pub(super) iss: Option<String>,
    pub(super) error: Option<String>,
    pub(super) error_description: Option<String>,
}

/// Why it did not work: what the person is told, and the cause.
struct Fault {
    problem: SignInProblem,
    cause: String,
    /// Who it is about, where that is known.
    who: String,
}

fn fault(problem: SignInProblem, cause: impl Into<String>) -> Fault {
    Fault { problem, cause: cause.into(), who: String::new() }
}

impl From<Trouble> for Fault {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Away(cause) => fault(SignInProblem::ProviderDown, cause),
            Trouble::Wrong(cause) => fault(SignInProblem::Failed, cause),
        }
    }
}

/// Takes somebody in who comes back from a provider.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn finish(ctx: &Ctx, brought: &Brought, headers: &HeaderMap) -> Result<Way> {
    let Some(pending) = Pending::find(ctx, &brought.state, headers) else {
        let cause = "no sign-in of this state is on its way in this browser, or it is older than ten minutes";
        return Ok(tell(ctx, None, Aim::SignIn, "/", &fault(SignInProblem::Expired, cause)));
    };
    let aim = pending.aim;
    let live = ctx.gate().providers().find(&pending.provider).filter(|live| live.print == pending.print);
    let done = if !pending.spend(ctx, &brought.state).await? {
        Err(fault(SignInProblem::Expired, "the state was used before"))
    } else if let Some(live) = &live {
        receive(ctx, live, &pending, brought).await?
    } else {
        Err(fault(SignInProblem::Expired, "the provider was changed meanwhile"))
    };
    let mut way = match done {
        Ok(way) => way,
        Err(fault) => {
            if let (Aim::Test, Some(live)) = (aim, &live) {
                note_test(ctx, live, Err(&fault.cause)).await?;
            }
            tell(ctx, live.as_ref(), aim, &pending.next, &fault)
        }
    };
    way.cookies.push(drop_cookie(ctx, &brought.state));
    Ok(way)
}

/// Writes the cause down, and sends to the page that says what happened.
fn tell(ctx: &Ctx, live: Option<&Arc<LiveProvider>>, aim: Aim, next: &str, fault: &Fault) -> Way {
    let action = match aim {
        Aim::SignIn => Action::SessionStart,
        Aim::Link => Action::IdentityLink,
        Aim::Test => Action::ProviderTest,
    };
    let provider = live.map(|live| live.id().0.clone());
    let detail = json!({ "reason": fault.cause, "provider": provider, "problem": fault.problem.as_str() });
    let event = NewEvent::denied(action).with(detail);
    ctx.note(match (aim, live) {
        (Aim::Test, Some(live)) => event.on("provider", &live.id().0, &live.settings.button_label),
        _ => event.on("user", "", &fault.who),
    });
    refused(ctx, live, aim, fault.problem, next)
}

type Received = std::result::Result<Way, Fault>;

async fn receive(ctx: &Ctx, live: &Arc<LiveProvider>, pending: &Pending, brought: &Brought) -> Result<Received> {
    if pending.aim != Aim::SignIn && ctx.session() != pending.session {
        return Ok(Err(fault(SignInProblem::Expired, "the session in which it began is not this one")));
    }
    let metadata = match metadata(ctx.gate(), live).await {
        Ok(metadata) => metadata,
        Err(cause) => return Ok(Err(fault(SignInProblem::ProviderDown, cause))),
    };
    // Before anything is believed of the answer: whose it is (RFC 9207).
    let is_its_own = match &brought.iss {
        Some(issuer) => *issuer == live.settings.issuer,
        None => !metadata.authorization_response_iss_parameter_supported,
    };
    if !is_its_own {
        return Ok(Err(fault(SignInProblem::Failed, "the answer names another issuer, or none")));
    }
    if let Some(word) = &brought.error {
        let problem = match word.as_str() {
            "access_denied" | "login_required" | "consent_required" | "interaction_required" | "account_selection_required" => {
                SignInProblem::Cancelled
            }
            "server_error" | "temporarily_unavailable" => SignInProblem::ProviderDown,
            _ => SignInProblem::Failed,
        };
        let more = brought.error_description.as_deref().map(|text| format!(": {}", clip(text))).unwrap_or_default();
        return Ok(Err(fault(problem, format!("the provider answered {}{more}", clip(word)))));
    }
    let Some(code) = brought.code.as_deref().filter(|code| !code.is_empty()) else {
        return Ok(Err(fault(SignInProblem::Failed, "the answer has no code")));
    };
    let said = match redeem(ctx, live, &metadata, pending, code).await {
        Ok(said) => said,
        Err(trouble) => return Ok(Err(trouble.into())),
    };
    let person = bench::about_person(&said.claims);
    let outcome = live.mapping.apply(ctx.gate(), &person).await;
    for remark in &outcome.remarks {
        tracing::warn!(provider = %live.id(), remark, "a mapping did not go as it says");
    }
    match pending.aim {
        Aim::SignIn => sign_in(ctx, live, pending, &said, &person, &outcome).await,
        Aim::Link => link(ctx, live, pending, &said, &outcome).await,
        Aim::Test => test(ctx, live, pending, &said, &person).await,
    }
}

/// Somebody as the provider describes them.
fn stranger<'a>(ctx: &Ctx, live: &'a LiveProvider, said: &'a Said, outcome: &'a MappingOutcome) -> Stranger<'a> {
    let text = |name: &str| said.claims.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let settings = &live.settings;
    Stranger {
        source: Source::Oidc,
        provider: live.id(),
        issuer: &settings.issuer,
        subject: &said.subject,
        email: access::verified_email(&said.claims),
        claimed_email: text("email"),
        names: ["preferred_username", "email", "nickname", "name"].into_iter().filter_map(text).collect(),
        display_name: text("name"),
        outcome,
        follows_role: !settings.role_mapping.skip_org_role_sync,
        tells_apart: settings.role_mapping.reads_claims(),
        auto_signup: settings.auto_signup,
        link_by_email: settings.link_by_email,
        personal_workspace: ctx.gate().config().personal_workspaces,
    }
}

/// Whom an event about somebody names.
fn who(said: &Said) -> String {
    access::verified_email(&said.claims).unwrap_or(&said.subject).to_owned()
}

async fn sign_in(
    ctx: &Ctx,
    live: &LiveProvider,
    pending: &Pending,
    said: &Said,
    person: &Map<String, Value>,
    outcome: &MappingOutcome,
) -> Result<Received> {
    let settings = &live.settings;
    let not_allowed = |cause: String| Ok(Err(Fault { problem: SignInProblem::NotAllowed, cause, who: who(said) }));
    let access = access::judge(&settings.allowed_domains, &settings.whitelist, access::verified_email(&said.claims));
    if !access.is_allowed {
        return not_allowed(access.because);
    }
    let known = match identities::settle(ctx, &stranger(ctx, live, said, outcome)).await? {
        Ok(known) => known,
        Err(Refusal::BadSubject) => return Ok(Err(fault(SignInProblem::Failed, Refusal::BadSubject.words()))),
        Err(refusal) => return not_allowed(refusal.words().into()),
    };
    bench::keep(ctx, live, person, known.user.name()).await?;
    let opened =
        sessions::open_by(ctx, &known.user, SessionKind::Browser, pending.is_remembered, Some(begun(ctx, live, said, &known))).await?;
    Ok(Ok(Way { place: pending.next.clone(), cookies: opened.cookies }))
}

/// By what the session begins; the ID token is shown to the provider again at sign-out.
fn begun<'a>(ctx: &Ctx, live: &'a LiveProvider, said: &'a Said, known: &Known) -> sessions::By<'a> {
    let keys = ctx.gate().keys();
    let id_token_sealed = live
        .health
        .last()
        .is_some_and(|metadata| metadata.end_session_endpoint.is_some())
        .then(|| seal(keys, ctx.new_secret().as_bytes(), &super::logout::place(known.identity), said.id_token.as_bytes()));
    sessions::By { provider: live.id(), identity: known.identity, sid: said.sid.as_deref(), id_token_sealed }
}

async fn link(ctx: &Ctx, live: &LiveProvider, pending: &Pending, said: &Said, outcome: &MappingOutcome) -> Result<Received> {
    ctx.may(&policy::LIST_IDENTITIES)?;
    let user = ctx.signed_in()?.user.clone();
    Ok(match identities::link(ctx, &stranger(ctx, live, said, outcome), &user).await? {
        Ok(_) => Ok(Way::to(&format!("{}?linked={}", pending.next, live.id()))),
        Err(Refusal::Taken) => Err(Fault { problem: SignInProblem::IdentityTaken, cause: Refusal::Taken.words().into(), who: who(said) }),
        Err(refusal) => Err(fault(SignInProblem::Failed, refusal.words())),
    })
}

async fn test(ctx: &Ctx, live: &Arc<LiveProvider>, _: &Pending, said: &Said, person: &Map<String, Value>) -> Result<Received> {
    ctx.may(&policy::UPDATE_PROVIDER)?;
    bench::keep(ctx, live, person, &who(said)).await?;
    note_test(ctx, live, Ok(())).await?;
    Ok(Ok(Way::to(&ctx.gate().at(&format!("/settings/authentication/{}?test=passed", live.id())))))
}

/// Writes down how a test went. From the first good one on the provider is offered.
async fn note_test(ctx: &Ctx, live: &LiveProvider, outcome: std::result::Result<(), &str>) -> Result<()> {
    let mut change = ctx.change().await?;
    store::set_tested(change.db(), live.id(), outcome.map(|()| live.print.as_str()), ctx.now()).await?;
    change.signal(Signal::Provider(live.id().clone()));
    match outcome {
        Ok(()) => {
            let event = NewEvent::new(Action::ProviderTest).on("provider", &live.id().0, &live.settings.button_label);
            change.commit(event).await
        }
        // The refusal itself is written by whoever tells of it.
        Err(_) => change.keep().await,
    }
}
