//! A path on the dashboard's own address, for an app whose scripts may do what the dashboard's may.

use super::draft::Draft;
use crate::{
    state::attempt::Attempt,
    ui::{Check, Field, Note, Tone},
};
use leptos::prelude::*;
use wire::apps::App;

/// The path, the trust that it needs, and what that means.
#[component]
pub fn Mount(draft: Draft, attempt: Attempt) -> impl IntoView {
    let is_meant = move || draft.trusted.get() || draft.path.with(|path| !path.trim().is_empty());
    let problem = attempt.problem("trusted");
    let refused = move || problem.get().map(|text| view! { <p class="error">{text}</p> });
    let warning = move || {
        is_meant().then(|| {
            view! {
                <Note tone=Tone::Warning title="Its scripts can do all that you can".to_owned()>
                    "On the dashboard’s address a page of this app can read and change everything in the name of whoever opens it, an admin too. Trust only what you trust as far as Doorward itself; everything else gets a name or a port of its own."
                </Note>
            }
        })
    };
    view! {
        <div class="stack" data-gap="3">
            <Field
                id="app-path"
                label="Path on the dashboard’s address"
                help="Like /admin/centrifugo. Its addresses besides stay as they are."
                value=draft.path
                error=attempt.problem("path")
                optional=true
                mono=true
                exact=true
                autocomplete="off"
            />
            <Check
                id="app-trusted"
                label="Its scripts may do what the dashboard’s may"
                hint="The path above needs it. Only who may do everything can say so.".to_owned()
                checked=draft.trusted
            />
            {refused}
            {warning}
        </div>
    }
    .into_any()
}

/// The same of an app that is only read.
pub fn words(app: &App) -> String {
    match (&app.path, app.trusted) {
        (Some(path), _) => ["Below ", path, ": its scripts can do all that whoever opens it can"].concat(),
        (None, true) => "Nowhere, though its scripts are trusted".into(),
        (None, false) => "Nowhere".into(),
    }
}
