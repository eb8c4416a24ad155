//! What no key can see alone: parts that belong together, and values that do not go with each other.

use super::{Admin, HalfCentrifugo, HalfTls, HalfWebhook, Reading, Tls, oidc};
use doorward::acme;
use gate::{
    Authorities,
    config::{Bootstrap, Centrifugo, Webhook},
};
use std::path::Path;

/// Looks at everything that was read.
pub(super) fn whole(reading: &mut Reading) {
    admin(reading);
    webhook(reading);
    live(reading);
    tls(reading);
    oidc::check(reading);
    outbound(reading);
    hashing(reading);
    apps(reading);
    dev(reading);
}

fn admin(reading: &mut Reading) {
    let Admin { username, email, password } = std::mem::take(&mut reading.draft.admin);
    let from_email = || email.as_deref().and_then(|email| email.split('@').next()).map(str::to_owned);
    let name = username.clone().or_else(from_email);
    match name {
        Some(name) => match wire::check::username(&name) {
            Some(problem) if username.is_some() => reading.wrong("auth.admin.username", &problem),
            Some(problem) => {
                reading.wrong("auth.admin.email", &format!("its first part is no username: {problem} Set auth.admin.username as well"));
            }
            None => reading.draft.settings.gate.auth.admin = Some(Bootstrap { username: name, email, password }),
        },
        None if password.is_some() => {
            reading.wrong("auth.admin.password", "whose password? Set auth.admin.username or auth.admin.email as well");
        }
        None => {}
    }
}

fn webhook(reading: &mut Reading) {
    match std::mem::take(&mut reading.draft.webhook) {
        HalfWebhook { url: Some(url), secret: Some(secret) } => reading.draft.settings.gate.audit.webhook = Some(Webhook { url, secret }),
        HalfWebhook { url: None, secret: None } => {}
        _ => reading.wrong("audit.webhook", "url and secret belong together; set both"),
    }
    // What it says begins with the key.
    if let Err(problem) = reading.draft.settings.gate.audit.check() {
        let key = ["audit.webhook.url", "audit.webhook.secret", "audit.retention"].into_iter().find(|key| problem.starts_with(key));
        let place = key.and_then(|key| reading.sources.get(key)).map(|place| format!("{place}: ")).unwrap_or_default();
        reading.problems.push(format!("{place}{problem}"));
    }
}

fn live(reading: &mut Reading) {
    match std::mem::take(&mut reading.draft.centrifugo) {
        HalfCentrifugo { url: Some(url), api_key: Some(api_key), token_secret: Some(token_secret) } => {
            reading.draft.settings.gate.live.centrifugo = Some(Centrifugo { url, api_key, token_secret });
        }
        HalfCentrifugo { url: None, api_key: None, token_secret: None } => {}
        _ => reading.wrong("centrifugo", "url, api_key and token_secret belong together; set all three"),
    }
    reading.problems.extend(reading.draft.settings.gate.live.check().err());
}

fn tls(reading: &mut Reading) {
    let half = std::mem::take(&mut reading.draft.tls);
    let has_acme = half.has_acme();
    match (&half.cert, &half.key) {
        (Some(_), _) | (_, Some(_)) if has_acme => {
            reading.wrong("tls", "a certificate comes from files or from an authority; leave out cert and key, or acme");
        }
        (Some(cert), Some(key)) => {
            for (path, file) in [("tls.cert", cert), ("tls.key", key)] {
                if let Err(error) = std::fs::metadata(file) {
                    reading.wrong(path, &format!("the file {} can not be read: {error}", file.display()));
                }
            }
            reading.draft.settings.tls = Some(Tls::Files { cert: cert.clone(), key: key.clone() });
        }
        (None, None) if half.domains.is_empty() && has_acme => {
            reading.wrong("tls.acme", "a certificate for which names? Set tls.acme.domains as well");
        }
        (None, None) if has_acme => acme(reading, half),
        (None, None) => {}
        _ => reading.wrong("tls", "cert and key belong together; set both"),
    }
}

fn acme(reading: &mut Reading, half: HalfTls) {
    let HalfTls { domains, email, directory, kid, hmac_key, ca, .. } = half;
    let binding = match (kid, hmac_key) {
        (Some(kid), Some(hmac_key)) => Some(acme::Binding { kid, hmac_key }),
        (None, None) => None,
        _ => return reading.wrong("tls.acme.eab", "kid and hmac_key belong together; set both"),
    };
    if let Some(Err(problem)) = binding.as_ref().map(acme::Binding::key) {
        return reading.wrong("tls.acme.eab.hmac_key", problem);
    }
    let ca = match ca.map(|file| authorities(&file)).transpose() {
        Ok(ca) => ca,
        Err(problem) => return reading.wrong("tls.acme.ca", &problem),
    };
    let directory = directory.unwrap_or_else(|| acme::DIRECTORY.into());
    reading.draft.settings.tls = Some(Tls::Acme(acme::Settings { domains, email, directory, binding, ca }));
}

fn authorities(file: &Path) -> Result<Authorities, String> {
    let told = |problem: String| format!("the file {}: {problem}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| format!("the file {} can not be read: {error}", file.display()))?;
    Authorities::read(&text).map_err(told)
}

fn outbound(reading: &mut Reading) {
    // What it says begins with the key.
    if let Err(problem) = reading.draft.settings.gate.outbound.check() {
        let (key, problem) = problem.split_once(": ").unwrap_or(("outbound", &problem));
        reading.wrong(key, problem);
    }
}

fn hashing(reading: &mut Reading) {
    let hashing = &reading.draft.settings.gate.auth.hashing;
    let least = 8 * hashing.parallelism;
    if hashing.memory_kib < least {
        let problem = format!("expected at least 8 for each lane, so {least}, not {}", hashing.memory_kib);
        reading.wrong("auth.argon2.memory_kib", &problem);
    }
}

fn apps(reading: &mut Reading) {
    for problem in reading.draft.settings.gate.check_apps().err().unwrap_or_default() {
        let slug = problem.split('.').nth(1).unwrap_or_default();
        let place = reading.app_places.get(slug).map(|place| format!("{place}: ")).unwrap_or_default();
        reading.problems.push(format!("{place}{problem}"));
    }
}

fn dev(reading: &mut Reading) {
    let settings = &reading.draft.settings;
    if settings.gate.dev && !settings.listen.ip().to_canonical().is_loopback() {
        reading.problems.push(format!(
            "--dev lets everybody in, so it listens on loopback only; {} is open to others: leave out --dev, or listen on 127.0.0.1:{}",
            settings.listen,
            settings.listen.port()
        ));
    }
}
