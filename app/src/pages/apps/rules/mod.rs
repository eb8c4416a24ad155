//! An app's rules: tried, changed, and as a table of who may do what.

mod asked;
mod listed;
mod matrix;
mod rows;
mod sheet;
mod tester;
mod told;
mod tried;
mod write;

pub use listed::Listed;

use super::desk::Desk;
use crate::{
    calls::apps::update_app,
    pages::{summary::Summary, title::PageTitle},
    state::attempt::Attempt,
    ui::{Button, ButtonVariant, Card, Icon, Note, Size},
};
use leptos::prelude::*;
use sheet::{Sheet, Writing};
use wire::apps::{App, AppPatch, Source};

/// The page of an app's rules.
#[component]
pub fn Rules() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let body = move || {
        Suspend::new(async move {
            match desk.app.await.map(|app| app.definition) {
                Ok(Some(app)) => view! { <Shown app=app /> }.into_any(),
                _ => ().into_any(),
            }
        })
    };
    view! { <Transition fallback=|| ()>{body}</Transition> }.into_any()
}

#[component]
fn Shown(app: App) -> impl IntoView {
    let sheet = Sheet::new(app.rules.clone());
    let (slug, is_enabled) = (app.slug.clone(), app.enabled);
    let title = ["Rules of ", &app.name].concat();
    let body = if app.source == Source::Config {
        view! {
            <Note title="These rules are in the configuration file".to_owned()>
                "They are changed there, and count from the next start on."
            </Note>
            <Card id="rules" title="Rules".to_owned() lead=ORDER.to_owned() flush=true>
                <Listed rules=app.rules.clone() />
            </Card>
        }
        .into_any()
    } else {
        view! {
            <Editor app=app sheet=sheet />
            <write::Write sheet=sheet />
        }
        .into_any()
    };
    view! {
        <PageTitle text=title />
        <div class="stack" data-gap="6">
            <tester::Tester sheet=sheet slug=slug is_enabled=is_enabled />
            {body}
            {move || view! { <matrix::WhoMay rules=sheet.rules.get() /> }}
        </div>
    }
    .into_any()
}

const ORDER: &str = "Read from the top: the first rule that matches counts. Where none does, looking needs read and everything else write.";

#[component]
fn Editor(app: App, sheet: Sheet) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let attempt = Attempt::new();
    let (slug, name) = (app.slug, app.name);
    let save = move |()| {
        let slug = slug.clone();
        let patch = AppPatch { rules: Some(sheet.rules.get_untracked()), ..AppPatch::default() };
        let done = ["The rules of ", &name, " are saved"].concat();
        attempt.run(move || update_app(slug.clone(), patch.clone()), move |_| desk.changed(done));
    };
    let is_same = Signal::derive(move || !sheet.is_changed());
    let add = move |()| {
        let at = sheet.rules.with_untracked(|rules| told::place_for_new(rules));
        sheet.writing.set(Some(Writing { at, rule: None }));
    };
    let actions = move || {
        view! {
            <Button size=Size::Small icon=Icon::Plus on_press=add attr:id="add-rule">
                "Add a rule"
            </Button>
        }
    };
    let foot = move || {
        view! {
            <span role="status">{move || if is_same.get() { "Everything is saved." } else { "Not saved yet." }}</span>
            <span class="push"></span>
            <Button disabled=is_same on_press=move |()| sheet.discard()>
                "Discard changes"
            </Button>
            <Button variant=ButtonVariant::Primary disabled=is_same busy=attempt.is_busy on_press=save>
                "Save rules"
            </Button>
        }
    };
    view! {
        <Card id="rules" title="Rules".to_owned() lead=ORDER.to_owned() flush=true actions=actions foot=foot>
            <Summary id="rules-error" attempt=attempt />
            <rows::Rows sheet=sheet />
        </Card>
    }
    .into_any()
}
