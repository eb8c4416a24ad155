//! A look at an upstream while its address is typed: whether it answers, and what it is.

use crate::{
    calls::apps::probe_upstream,
    pages::words::given,
    state::{attempt::Attempt, browser},
    ui::{Button, ButtonVariant, Icon, Size},
};
use leptos::{prelude::*, task::spawn_local};
use wire::apps::{AppProbe, ProbeReport, upstream_problem};

/// How long typing has to rest before the upstream is looked at, in milliseconds.
const REST: u32 = 700;

/// The last look, and the address that was looked at.
#[derive(Clone, Copy)]
pub struct Look {
    /// What is typed.
    pub upstream: RwSignal<String>,
    /// The authorities that may vouch for it, where those are typed too.
    authorities: Option<RwSignal<String>>,
    /// What was found, and where.
    pub found: RwSignal<Option<(String, ProbeReport)>>,
    /// The look that is under way, or failed.
    pub attempt: Attempt,
}

impl Look {
    /// Nothing looked at yet.
    #[must_use]
    pub fn new(upstream: RwSignal<String>) -> Self {
        Self { upstream, authorities: None, found: RwSignal::new(None), attempt: Attempt::new() }
    }

    /// The same; these authorities, in PEM, may vouch for the upstream.
    #[must_use]
    pub fn with_authorities(upstream: RwSignal<String>, authorities: RwSignal<String>) -> Self {
        Self { authorities: Some(authorities), ..Self::new(upstream) }
    }

    /// Looks by itself each time that typing rests.
    pub fn follow(self) {
        Effect::new(move |is_typed: Option<()>| {
            let typed = self.upstream.get();
            if is_typed.is_none() {
                return;
            }
            spawn_local(async move {
                browser::pause(REST).await;
                let is_last = self.upstream.try_with_untracked(|now| *now == typed) == Some(true);
                if is_last && upstream_problem(typed.trim()).is_none() && !self.knows(&typed) {
                    self.now();
                }
            });
        });
    }

    /// What was found at the address that is typed now.
    #[must_use]
    pub fn report(self) -> Option<ProbeReport> {
        let typed = self.upstream.with(|typed| typed.trim().to_owned());
        self.found.with(|found| found.as_ref().filter(|(address, _)| *address == typed).map(|(_, report)| report.clone()))
    }

    /// Whether there is nothing to look at.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.upstream.with(|typed| typed.trim().is_empty())
    }

    /// What the button that looks is called.
    #[must_use]
    pub fn verb(self) -> &'static str {
        if self.report().is_some() { "Check again" } else { "Check the address" }
    }

    fn knows(self, typed: &str) -> bool {
        self.found.try_with_untracked(|found| found.as_ref().is_some_and(|(address, _)| address == typed.trim())).unwrap_or(true)
    }

    /// Looks at once.
    pub fn now(self) {
        let Some(address) = self.upstream.try_with_untracked(|typed| typed.trim().to_owned()) else { return };
        let upstream_ca = self.authorities.and_then(|typed| typed.try_with_untracked(|typed| given(typed)).flatten());
        let asked = AppProbe { upstream: address.clone(), upstream_ca };
        let found = self.found;
        self.attempt.run(move || probe_upstream(asked.clone()), move |report| drop(found.try_set(Some((address, report)))));
    }
}

/// The button that looks, and what was found.
#[component]
pub fn Looked(look: Look) -> impl IntoView {
    let is_empty = Signal::derive(move || look.is_empty());
    view! {
        <div>
            <Button
                variant=ButtonVariant::Plain
                size=Size::Small
                icon=Icon::Refresh
                busy=look.attempt.is_busy
                disabled=is_empty
                on_press=move |()| look.now()
            >
                {move || look.verb()}
            </Button>
        </div>
        <Found look=look />
    }
    .into_any()
}

/// What was found, read out when it comes.
#[component]
pub fn Found(look: Look) -> impl IntoView {
    let line = move || {
        if look.attempt.is_busy.get() {
            return Some(view! { <p class="hint">"Asking…"</p> }.into_any());
        }
        if let Some(failure) = look.attempt.failure.get() {
            let text = failure.of("upstream").or(failure.of("upstreamCa")).map_or(failure.detail.clone(), str::to_owned);
            return Some(view! { <p class="error">{Icon::Error.draw_as(Size::Small)} <span>{text}</span></p> }.into_any());
        }
        look.report().map(|report| said(&report))
    };
    view! { <div role="status">{line}</div> }.into_any()
}

/// What was found, as a line that is good or bad.
fn said(report: &ProbeReport) -> AnyView {
    let (class, icon) = if report.reachable { ("valid", Icon::Check) } else { ("error", Icon::Error) };
    let text = words(report);
    view! {
        <p class=class>
            {icon.draw_as(Size::Small)}
            <span>{text}</span>
        </p>
    }
    .into_any()
}

/// What was found, in words.
#[must_use]
pub fn words(report: &ProbeReport) -> String {
    if !report.reachable {
        let why = report.problem.as_deref().unwrap_or("It does not answer.");
        return [why, " It can be added all the same."].concat();
    }
    let status = report.status.map(|status| status.to_string()).unwrap_or_default();
    let took = report.latency_ms.map(|took| [" in ", &took.to_string(), " ms"].concat()).unwrap_or_default();
    let title = report.title.as_ref().map(|title| [" It calls itself “", title, "”."].concat()).unwrap_or_default();
    let preset = report.preset.as_ref().map(|preset| [" There are ready rules for it: ", preset, "."].concat()).unwrap_or_default();
    let sign_in = if report.asks_to_sign_in {
        " It asks to sign in by itself: Doorward can do that for everybody, see the app’s settings."
    } else {
        " It has no sign-in of its own, so make sure that only Doorward can reach it."
    };
    ["It answers ", &status, &took, ".", &title, &preset, sign_in].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_said_in_words() {
        let report = ProbeReport {
            reachable: true,
            status: Some(200),
            latency_ms: Some(38),
            title: Some("Flower".into()),
            preset: Some("flower".into()),
            ..ProbeReport::default()
        };
        let text = words(&report);
        assert!(text.starts_with("It answers 200 in 38 ms. It calls itself “Flower”. There are ready rules for it: flower."), "{text}");
        assert!(text.contains("no sign-in of its own"));
        assert!(words(&ProbeReport { asks_to_sign_in: true, ..report }).contains("by itself"));
        let silent = ProbeReport { problem: Some("It refuses connections.".into()), ..ProbeReport::default() };
        assert_eq!(words(&silent), "It refuses connections. It can be added all the same.");
    }
}
