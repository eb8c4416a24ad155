//! Deleting an app, once its name is typed.

use crate::{
    calls::apps::delete_app,
    pages::{apps::query::LIST, removal::Removal},
    ui::{CheckItem, Icon},
};
use leptos::prelude::*;
use wire::apps::App;

/// The card, and its question.
#[component]
pub fn Remove(app: App) -> impl IntoView {
    let App { slug, name, .. } = app;
    let done = [&name, " is deleted"].concat();
    view! {
        <Removal
            kind="app"
            name=name
            lead="Its addresses lead nowhere from then on. The upstream itself is not touched."
            warning="Disabling keeps it and turns every request away."
            delete=move || delete_app(slug.clone())
            done=done
            list=LIST
        >
            <CheckItem icon=Icon::X>"Its rules and addresses go"</CheckItem>
            <CheckItem icon=Icon::X>"API keys that are good for it alone are revoked"</CheckItem>
            <CheckItem met=true>"Its entries in the audit log stay"</CheckItem>
        </Removal>
    }
    .into_any()
}
