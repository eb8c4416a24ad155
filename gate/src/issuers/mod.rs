//! Trusted issuers: a token that one of them signed is the account of its subject, made at the first
//! request. There is no session, so what makes sessions or keys is not done with such a token; what
//! changes about the account holds from the next request on, as for everybody.

mod known;

pub(crate) use known::Issuers;

use crate::{
    Result,
    audit::NewEvent,
    ctx::{Ctx, Principal, TokenCaller},
    gate::Gate,
    hash::sha256,
    identities::{self, Stranger},
    jwks::{self, Claims, Expect, Place, Refusal, Source},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use known::{Known, Trusted, Whom};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use wire::{Timestamp, UserId, audit::Action, users};

/// The types that a token for an interface may say it has (RFC 7519, RFC 9068).
const TYPES: [&str; 2] = ["jwt", "at+jwt"];
/// What a person may be called, the best first.
const NAMES: [&str; 5] = ["preferred_username", "username", "email", "nickname", "name"];
/// For how long somebody who is not let in is not asked about again, in milliseconds.
const REFUSED: i64 = 10_000;

/// Fetches the keys of all issuers before anybody needs them. Nothing waits for it.
pub(crate) fn start(gate: &Gate) {
    for trusted in gate.issuers().all() {
        if let Place::Keys(address) | Place::Discovery { address, .. } = &trusted.place
            && address.starts_with("http://")
            && !crate::net::is_loopback_name(address.trim_start_matches("http://").split(['/', ':']).next().unwrap_or_default())
        {
            tracing::warn!(issuer = %trusted.settings.id, "the keys of this issuer come without encryption, so whoever is on the way could replace them");
        }
        gate.jwks().source(gate, &trusted.place);
    }
    jwks::round(gate);
}

/// Whether a text is a token for us of an issuer that is trusted, good or not. The same issuer may give
/// out tokens for others too: those are theirs.
pub(crate) fn is_ours(issuers: &Issuers, token: &str) -> bool {
    !issuers.all().is_empty() && (issuers.recognised.peek(&sha256(token.as_bytes())).is_some() || issuers.of(token).next().is_some())
}

/// What a token says before anybody looked whether it is true.
#[derive(Deserialize)]
struct Said {
    iss: String,
    #[serde(default)]
    aud: Value,
}

/// What a token says of its issuer and its audience, true or not.
fn said(token: &str) -> Option<Said> {
    let (_, rest) = token.split_once('.')?;
    let (body, signature) = rest.split_once('.')?;
    if signature.contains('.') || token.len() > 16 * 1024 {
        return None;
    }
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()
}

impl Issuers {
    /// The issuers whose token for us this is, as far as it says so itself.
    fn of(&self, token: &str) -> impl Iterator<Item = (usize, &Trusted)> + use<'_> {
        let said = said(token);
        self.all().iter().enumerate().filter(move |(_, trusted)| {
            said.as_ref().is_some_and(|said| {
                let is_meant = |it: &Value| it.as_str().is_some_and(|it| trusted.settings.audience.iter().any(|own| own == it));
                let has_audience = match &said.aud {
                    Value::Array(all) => all.iter().any(is_meant),
                    one => is_meant(one),
                };
                said.iss == trusted.settings.issuer && has_audience
            })
        })
    }
}

/// Whom a token makes of a request, if it was good before: without the signature, and mostly without a
/// look into the database. `nobody` is the request before that is known.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn recognise(nobody: &Ctx, token: &str) -> Result<Option<Principal>> {
    let issuers = nobody.gate().issuers();
    if issuers.all().is_empty() {
        return Ok(None);
    }
    match issuers.recognised.peek(&sha256(token.as_bytes())) {
        Some(known) => of_known(nobody, &known).await,
        None => Ok(None),
    }
}

/// Whom what is known of a token makes of a request; nothing where it has to be looked at again.
async fn of_known(nobody: &Ctx, known: &Known) -> Result<Option<Principal>> {
    let (gate, now) = (nobody.gate(), nobody.now());
    let Some(trusted) = gate.issuers().all().get(known.issuer) else { return Ok(None) };
    let source = gate.jwks().source(gate, &trusted.place);
    if source.version(now) != Some(known.version) {
        return Ok(None);
    }
    let nobody_known = Ok(Some(Principal::Nobody));
    if jwks::check_time(&known.times, now).is_err() {
        return nobody_known;
    }
    let user = match known.whom {
        Whom::User(user) => user,
        Whom::Refused(at) if now.0 - at.0 < REFUSED => return nobody_known,
        Whom::Refused(_) => return Ok(None),
    };
    let doubts = known.doubts.load(Ordering::SeqCst);
    if known.settled.load(Ordering::SeqCst) != doubts {
        let kept = identities::store::by_subject(gate.db().pool(), &trusted.settings.issuer, &known.subject).await?;
        if kept.is_none_or(|kept| kept.user != user) {
            return Ok(None);
        }
        // What was heard since is a reason to look once more.
        known.settled.store(doubts, Ordering::SeqCst);
    }
    // Who was deleted is a stranger.
    let Some(caller) = caller(gate, trusted, user, known.until).await? else { return Ok(None) };
    Ok(Some(match caller {
        Some(caller) => Principal::Token(Arc::new(caller)),
        None => Principal::Nobody,
    }))
}

/// The caller, as the account stands; nothing where it is gone, and nobody where it is disabled.
async fn caller(gate: &Gate, trusted: &Trusted, user: UserId, until: Timestamp) -> Result<Option<Option<TokenCaller>>> {
    gate.trust_memory()?;
    let Some(account) = gate.presence().account(gate.db(), user).await? else { return Ok(None) };
    Ok(Some((!account.user.is_disabled).then(|| TokenCaller {
        permissions: gate.roles().permissions(&account.user.role),
        user: account.user.clone(),
        issuer: trusted.settings.id.clone(),
        until,
        gate: gate.clone(),
    })))
}

/// The same caller as the account stands now; nothing where it may nothing any more.
pub(crate) async fn renewed(gate: &Gate, caller: &TokenCaller) -> Result<Option<TokenCaller>> {
    let account = gate.presence().account(gate.db(), caller.user.id).await?.filter(|account| !account.user.is_disabled);
    Ok(account.map(|account| TokenCaller {
        permissions: gate.roles().permissions(&account.user.role),
        user: account.user.clone(),
        ..caller.clone()
    }))
}

/// Whom a token of an issuer makes of a request: verified, and its account found or made. It is nobody
/// where it is no such token, or not good.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn admit(nobody: &Ctx, token: &str) -> Result<Principal> {
    let gate = nobody.gate();
    for (at, trusted) in gate.issuers().of(token) {
        let source = gate.jwks().source(gate, &trusted.place);
        let Trusted { settings, .. } = trusted;
        let expect = Expect { issuer: &settings.issuer, audiences: &settings.audience, algorithms: &settings.algorithms, types: &TYPES };
        let (claims, version) = match verified(gate, &source, token, &expect).await {
            Ok(verified) => verified,
            Err(refusal) => {
                tracing::info!(issuer = %settings.id, %refusal, request_id = nobody.request_id(), "a token is refused");
                continue;
            }
        };
        // Of many first requests at once the first makes the account, a few wait for the database, and
        // the others find what it left.
        let _slot = gate.issuers().slots.acquire().await.map_err(|error| crate::Error::Fault(error.to_string()))?;
        if let Some(found) = recognise(nobody, token).await? {
            return Ok(found);
        }
        let subject = claims.get(&settings.subject_claim).and_then(Value::as_str).unwrap_or_default();
        let whom = settle(nobody, trusted, &claims).await?;
        let until = Timestamp(claims.get("exp").and_then(Value::as_i64).unwrap_or_default().saturating_mul(1000));
        let known = Known {
            issuer: at,
            version,
            times: known::times(&claims),
            until,
            whom,
            subject: subject.to_owned(),
            doubts: AtomicU64::new(0),
            settled: AtomicU64::new(0),
        };
        let (hash, recognised) = (sha256(token.as_bytes()), &gate.issuers().recognised);
        // What was known of it before was by other keys, or about somebody who is gone.
        recognised.forget(&hash);
        recognised.find_or_make(&hash, || Some(known));
        if let Whom::User(user) = whom
            && let Some(Some(caller)) = caller(gate, trusted, user, until).await?
        {
            return Ok(Principal::Token(Arc::new(caller)));
        }
    }
    Ok(Principal::Nobody)
}

/// What a token says that is good, and the version of the keys by which that was seen.
async fn verified(gate: &Gate, source: &Source, token: &str, expect: &Expect<'_>) -> std::result::Result<(Claims, u64), Refusal> {
    let before = source.version(gate.now());
    let claims = jwks::verify(gate, source, token, expect).await?;
    let after = source.version(gate.now());
    if let Some(version) = before.filter(|_| before == after) {
        return Ok((claims, version));
    }
    // The keys came, or changed, while it was looked at.
    let claims = jwks::verify(gate, source, token, expect).await?;
    Ok((claims, after.unwrap_or_default()))
}

/// The account of whom these claims are about, or that they are not let in.
async fn settle(nobody: &Ctx, trusted: &Trusted, claims: &Claims) -> Result<Whom> {
    let settings = &trusted.settings;
    let text = |claim: &str| claims.get(claim).and_then(Value::as_str).filter(|text| !text.is_empty());
    let is_verified = claims.get("email_verified") == Some(&Value::Bool(true));
    let address = text("email").filter(|email| wire::check::email(email).is_none());
    let refuse = |reason: &str| {
        let subject = text(&settings.subject_claim).unwrap_or_default();
        let detail = json!({ "reason": reason, "issuer": settings.id });
        nobody.note(NewEvent::denied(Action::SessionStart).on("user", "", subject).with(detail));
        Whom::Refused(nobody.now())
    };
    // An address that nobody vouches for names nobody.
    let subject = text(&settings.subject_claim).filter(|_| settings.subject_claim != "email" || is_verified);
    let Some(subject) = subject else { return Ok(refuse("no subject in the claim that is to hold it")) };
    let outcome = trusted.mapping.apply(nobody.gate(), claims).await;
    let stranger = Stranger {
        source: users::Source::Issuer,
        provider: &settings.id,
        issuer: &settings.issuer,
        subject,
        email: address.filter(|_| is_verified),
        claimed_email: address.filter(|_| !is_verified),
        names: NAMES.into_iter().filter_map(text).collect(),
        display_name: text("name"),
        outcome: &outcome,
        follows_role: !settings.role_mapping.skip_org_role_sync,
        tells_apart: settings.role_mapping.reads_claims(),
        auto_signup: settings.auto_provision,
        link_by_email: false,
        personal_workspace: settings.personal_workspace,
    };
    Ok(match identities::settle(nobody, &stranger).await? {
        Ok(known) => Whom::User(known.user.id),
        Err(refusal) => refuse(refusal.words()),
    })
}
