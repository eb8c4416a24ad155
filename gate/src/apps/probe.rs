//! A look at an upstream before it becomes an app: does it answer, does it ask to sign in by itself,
//! and is it something that there is a preset for.

use super::presets::{Look, PRESETS};
use crate::{
    Result,
    ctx::Ctx,
    outbound::{Answer, Outbound, Target},
};
use http::{HeaderMap, Method, header};
use std::{
    io,
    time::{Duration, Instant},
};
use tokio_rustls::rustls;
use wire::{
    Check, Failure,
    apps::{AppProbe, ProbeReport},
    policy,
};

/// How long the first answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long each page may take by which a program is recognised.
const SHORT: Duration = Duration::from_secs(2);
/// So much of a page is read.
const MOST: usize = 64 * 1024;

/// Looks at an upstream.
///
/// # Errors
/// 403 without `apps`; 422 for what is no address, or one that is never connected to.
pub async fn probe(ctx: &Ctx, asked: AppProbe) -> Result<ProbeReport> {
    ctx.may(&policy::PROBE_UPSTREAM)?;
    asked.check()?;
    let own = match &asked.upstream_ca {
        Some(pem) => {
            let trust = ctx.gate().trust().clone().and(pem).map_err(|problem| Failure::field("upstreamCa", sentence(&problem)))?;
            Some(Outbound::new(&trust))
        }
        None => None,
    };
    look(own.as_ref().unwrap_or(ctx.gate().outbound()), &asked.upstream).await
}

/// Looks at an upstream whose address is checked.
///
/// # Errors
/// 422 for what is no address.
pub(crate) async fn look(outbound: &Outbound, upstream: &str) -> Result<ProbeReport> {
    let base = upstream.trim_end_matches('/');
    let target = |path: &str| Target::parse(&format!("{base}{path}")).map_err(|text| Failure::field("upstream", text));
    let begun = Instant::now();
    let answer = match outbound.ask(&target("/")?, Method::GET, HeaderMap::new(), MOST, PATIENCE).await {
        Ok(answer) => answer,
        Err(error) => return Ok(ProbeReport { problem: Some(advice(&error)), ..ProbeReport::default() }),
    };
    let latency_ms = u64::try_from(begun.elapsed().as_millis()).ok();
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let title = title(&text);
    let mut preset = title.as_deref().and_then(by_title);
    for (name, path, wanted) in pages() {
        if preset.is_some() {
            break;
        }
        let page = outbound.ask(&target(path)?, Method::GET, HeaderMap::new(), MOST, SHORT).await;
        let is_it = page.is_ok_and(|page| page.status == 200 && String::from_utf8_lossy(&page.body).contains(wanted));
        preset = is_it.then_some(name);
    }
    Ok(ProbeReport {
        reachable: true,
        status: Some(answer.status),
        latency_ms,
        asks_to_sign_in: asks_to_sign_in(&answer, &text),
        title: title.map(|title| crate::audit::clip(&title)),
        preset: preset.map(str::to_owned),
        problem: None,
    })
}

fn by_title(title: &str) -> Option<&'static str> {
    let title = title.to_lowercase();
    let has = |look: &Look| matches!(look, Look::Title(word) if title.contains(word));
    PRESETS.iter().find(|preset| preset.looks.iter().any(has)).map(|preset| preset.name)
}

/// The addresses by which programs are recognised, with what is there.
fn pages() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    PRESETS.iter().flat_map(|preset| {
        preset.looks.iter().filter_map(|look| match look {
            Look::Page(path, wanted) => Some((preset.name, *path, *wanted)),
            Look::Title(_) => None,
        })
    })
}

/// The title of a page of HTML.
fn title(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower[start..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    Some(text[start..end].split_whitespace().collect::<Vec<_>>().join(" ")).filter(|title| !title.is_empty())
}

/// Whether an upstream asks to sign in by itself.
fn asks_to_sign_in(answer: &Answer, text: &str) -> bool {
    let to = answer.headers.get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default().to_lowercase();
    match answer.status {
        401 | 403 | 407 => true,
        300..=399 => ["login", "signin", "sign-in", "sign_in", "auth"].iter().any(|word| to.contains(word)),
        _ => text.to_ascii_lowercase().contains("type=\"password\""),
    }
}

/// Why an upstream does not answer, in a few words.
pub(super) fn cause(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "it refuses connections".into(),
        io::ErrorKind::TimedOut => "it does not answer in time".into(),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => "there is no way to it".into(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof => "it breaks the connection off".into(),
        _ if let Some(why) = disbelief(error) => format!("its certificate is not believed: {why}"),
        _ => error.to_string(),
    }
}

/// What is wrong with a certificate, where it was that.
fn disbelief(error: &io::Error) -> Option<&'static str> {
    match error.get_ref()?.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer) => {
            Some("its issuer is nobody whom this server believes")
        }
        rustls::Error::InvalidCertificate(
            rustls::CertificateError::NotValidForName | rustls::CertificateError::NotValidForNameContext { .. },
        ) => Some("it is for another name"),
        rustls::Error::InvalidCertificate(rustls::CertificateError::Expired | rustls::CertificateError::ExpiredContext { .. }) => {
            Some("it has run out")
        }
        rustls::Error::InvalidCertificate(_) => Some("it can not be used"),
        _ => None,
    }
}

/// What is expected of a setting, as a sentence.
pub(super) fn sentence(problem: &str) -> String {
    let mut letters = problem.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).chain(['.']).collect::<String>()).unwrap_or_default().replace("?.", "?")
}

/// The same, with what to look at.
fn advice(error: &io::Error) -> String {
    let hint = match error.kind() {
        io::ErrorKind::ConnectionRefused => "Is it running, and on this port? In a container 127.0.0.1 is the container itself.",
        io::ErrorKind::TimedOut => "Is it running, and does a firewall stand between?",
        _ if disbelief(error).is_some() => {
            "A certificate of one's own authority is believed once that stands in the app's settings, or in outbound.ca for all."
        }
        _ => "Look at its address, and at its log.",
    };
    let cause = cause(error);
    format!("{}{}. {hint}", cause[..1].to_uppercase(), &cause[1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_found_and_tells_what_it_is() {
        assert_eq!(title("<html><head><TITLE data-x=1>\n Prefect  Server </TITLE>").as_deref(), Some("Prefect Server"));
        for none in ["", "<title>", "<title></title>", "title", "<title>x"] {
            assert_eq!(title(none), None, "{none}");
        }
        for (title, preset) in [("Prefect Server", Some("prefect")), ("Flower", Some("flower")), ("Dagu", Some("dagu")), ("Wiki", None)] {
            assert_eq!(by_title(title), preset, "{title}");
        }
    }

    #[test]
    fn an_upstream_with_a_sign_in_of_its_own_is_told() {
        let answer = |status, location: Option<&str>| {
            let headers = location.map(|to| (header::LOCATION, to.parse().unwrap())).into_iter().collect();
            Answer { status, headers, body: Vec::new() }
        };
        assert!(asks_to_sign_in(&answer(401, None), ""));
        assert!(asks_to_sign_in(&answer(302, Some("/login?next=/")), ""));
        assert!(asks_to_sign_in(&answer(200, None), "<input type=\"password\">"));
        assert!(!asks_to_sign_in(&answer(302, Some("/graph")), ""));
        assert!(!asks_to_sign_in(&answer(200, None), "<h1>Tasks</h1>"));
    }
}
