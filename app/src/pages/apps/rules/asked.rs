//! The same request as somebody in particular: the server knows what they may do where the app is, and
//! tells what it looked at, in its order. It judges by the rules as they are saved.

use crate::{
    calls::apps::check_app,
    pages::{
        audit::told::looked_at,
        summary::{FieldName, Summary},
    },
    state::attempt::Attempt,
    ui::{Button, ButtonKind, Fact, Facts, Field, Icon, Note, Tone},
};
use leptos::{ev::SubmitEvent, prelude::*};
use wire::{
    Check,
    apps::{AppCheck, AppDecision},
    rules::Answer,
    workspaces::Slug,
};

const FIELDS: &[FieldName] = &[("user", "try-user", "Username"), ("path", "try-path", "Path")];

/// The question, folded, and its answer.
#[component]
pub fn Asked(slug: Slug, method: RwSignal<String>, path: RwSignal<String>) -> impl IntoView {
    let user = RwSignal::new(String::new());
    let attempt = Attempt::new();
    let told = RwSignal::new(None::<AppDecision>);
    // An answer is about what was asked, and goes with it.
    Effect::new(move || {
        method.track();
        path.track();
        user.track();
        if told.with_untracked(Option::is_some) {
            told.set(None);
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let slug = slug.clone();
        let name = user.with_untracked(|user| user.trim().to_owned());
        let asked = AppCheck {
            method: method.get_untracked(),
            path: path.with_untracked(|path| path.trim().to_owned()),
            user: Some(name),
            ..AppCheck::default()
        };
        attempt.run(
            move || {
                let (slug, asked) = (slug.clone(), asked.clone());
                async move {
                    asked.check()?;
                    check_app(slug, asked).await
                }
            },
            move |decision| drop(told.try_set(Some(decision))),
        );
    };
    let answer = move || told.get().map(shown);
    view! {
        <details>
            <summary>"As somebody in particular"</summary>
            <form class="stack" data-gap="4" novalidate on:submit=submit>
                <Summary id="try-error" attempt=attempt fields=FIELDS />
                <Field
                    id="try-user"
                    label="Username"
                    help="Judged by the rules as they are saved, and by what they may do where the app is."
                    value=user
                    error=attempt.problem("user")
                    exact=true
                    autocomplete="off"
                />
                <div>
                    <Button kind=ButtonKind::Submit icon=Icon::Search busy=attempt.is_busy>
                        "Find out"
                    </Button>
                </div>
            </form>
            <div role="status">{answer}</div>
        </details>
    }
    .into_any()
}

fn shown(decision: AppDecision) -> AnyView {
    let (tone, icon) = match decision.answer {
        Answer::Allowed => (Tone::Success, Icon::GateOpen),
        Answer::SignIn => (Tone::Warning, Icon::GateClosed),
        Answer::Denied => (Tone::Danger, Icon::GateClosed),
    };
    let title = match decision.answer {
        Answer::Allowed => "Let through".to_owned(),
        _ => ["Turned away with ", &decision.status.to_string()].concat(),
    };
    let steps: Vec<_> = decision
        .trail
        .iter()
        .map(|step| looked_at(&step.looked, &step.found))
        .map(|step| view! { <Fact name=step.looked>{step.found}</Fact> })
        .collect();
    view! {
        <div class="stack" data-gap="4">
            <Note tone=tone icon=icon title=title>
                {decision.reason}
            </Note>
            <Facts>{steps}</Facts>
        </div>
    }
    .into_any()
}
