//! An order, from the account to the certificate.

use super::{Settings, certificate::Kept, challenge, directory::Client};
use gate::Gate;
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, ChallengeType, Error, ExternalAccountKey, Identifier, NewAccount, NewOrder, Order,
    OrderStatus, RetryPolicy,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Under which name the certificate is kept.
pub(super) const CERTIFICATE: &str = "acme.certificate";
/// Under which name the account is kept.
const ACCOUNT: &str = "acme.account";
/// How long an authority may take to look, or to write the certificate.
const PATIENCE: Duration = Duration::from_secs(120);

/// The account, and at which authority.
#[derive(Serialize, Deserialize)]
struct KeptAccount {
    directory: String,
    credentials: AccountCredentials,
    /// To which account of a customer it is bound.
    #[serde(default)]
    kid: Option<String>,
}

/// Orders a certificate, and keeps it.
///
/// # Errors
/// What the authority said, or what else went wrong.
pub(super) async fn certificate(gate: &Gate, settings: &Settings) -> Result<(), String> {
    let account = account(gate, settings).await?;
    let names: Vec<Identifier> = settings.domains.iter().cloned().map(Identifier::Dns).collect();
    let mut order = account.new_order(&NewOrder::new(&names)).await.map_err(said)?;
    let proved = prove(gate, &mut order).await;
    for domain in &settings.domains {
        if let Err(error) = gate.let_go_of(&challenge(domain)).await {
            tracing::debug!(%error, "a proof that is of no use any more stays");
        }
    }
    proved?;
    let key = order.finalize().await.map_err(said)?;
    let chain = order.poll_certificate(&patience()).await.map_err(said)?;
    let kept = Kept { domains: settings.domains.clone(), directory: settings.directory.clone(), chain, key };
    let text = serde_json::to_vec(&kept).map_err(|error| error.to_string())?;
    gate.keep(CERTIFICATE, &text).await.map_err(|error| error.to_string())
}

/// The account at this authority; made where there is none.
async fn account(gate: &Gate, settings: &Settings) -> Result<Account, String> {
    let builder = || Account::builder_with_http(Box::new(Client { gate: gate.clone(), authorities: settings.ca.clone() }));
    let kid = settings.binding.as_ref().map(|binding| binding.kid.clone());
    let kept = gate.kept(ACCOUNT).await.map_err(|error| error.to_string())?;
    let known = kept.and_then(|text| serde_json::from_slice::<KeptAccount>(&text).ok());
    if let Some(known) = known.filter(|known| known.directory == settings.directory && known.kid == kid) {
        return builder().from_credentials(known.credentials).await.map_err(said);
    }
    let contact: Vec<String> = settings.email.iter().map(|email| format!("mailto:{email}")).collect();
    let contact: Vec<&str> = contact.iter().map(String::as_str).collect();
    let new = NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
    let binding = match &settings.binding {
        Some(binding) => Some(ExternalAccountKey::new(binding.kid.clone(), &binding.key()?)),
        None => None,
    };
    let made = builder().create(&new, settings.directory.clone(), binding.as_ref()).await;
    let (account, credentials) = made.map_err(|error| wants_binding(&error).unwrap_or_else(|| said(error)))?;
    let kept = KeptAccount { directory: settings.directory.clone(), credentials, kid };
    let text = serde_json::to_vec(&kept).map_err(|error| error.to_string())?;
    gate.keep(ACCOUNT, &text).await.map_err(|error| error.to_string())?;
    Ok(account)
}

/// What is to be done where the authority takes nobody whom it does not know from elsewhere.
fn wants_binding(error: &Error) -> Option<String> {
    let Error::Api(problem) = error else { return None };
    let is_it = problem.r#type.as_deref()?.ends_with(":externalAccountRequired");
    is_it.then(|| {
        "the authority makes accounts for its customers alone; set tls.acme.eab.kid and tls.acme.eab.hmac_key to what it gave you".into()
    })
}

/// Proves that the names are ours.
async fn prove(gate: &Gate, order: &mut Order) -> Result<(), String> {
    let mut all = order.authorizations();
    while let Some(authorization) = all.next().await {
        let mut authorization = authorization.map_err(said)?;
        match authorization.status {
            AuthorizationStatus::Pending => {}
            AuthorizationStatus::Valid => continue,
            other => return Err(format!("the authority gives no way to prove a name: {other:?}")),
        }
        let mut asked = authorization
            .challenge(ChallengeType::TlsAlpn01)
            .ok_or("the authority does not look by TLS (tls-alpn-01), and no other way is known here")?;
        let domain = asked.identifier().to_string();
        gate.keep(&challenge(&domain), asked.key_authorization().digest().as_ref()).await.map_err(|error| error.to_string())?;
        asked.set_ready().await.map_err(said)?;
    }
    match order.poll_ready(&patience()).await.map_err(said)? {
        OrderStatus::Ready => Ok(()),
        _ => Err(refused(order).await),
    }
}

/// Which name could not be proved, and why.
async fn refused(order: &mut Order) -> String {
    let mut problems = Vec::new();
    let mut all = order.authorizations();
    while let Some(Ok(authorization)) = all.next().await {
        for challenge in &authorization.challenges {
            if let Some(problem) = &challenge.error {
                problems.push(format!("{}: {problem}", authorization.identifier()));
            }
        }
    }
    match problems.is_empty() {
        true => "the authority did not find the server at its name; port 443 of the name has to lead here".into(),
        false => {
            format!("the authority did not find the server at its name; port 443 of the name has to lead here: {}", problems.join("; "))
        }
    }
}

fn patience() -> RetryPolicy {
    RetryPolicy::new().initial_delay(Duration::from_millis(250)).timeout(PATIENCE)
}

/// What went wrong, of a length that a log line bears.
fn said(error: Error) -> String {
    error.to_string().chars().filter(|c| !c.is_control()).take(400).collect()
}
