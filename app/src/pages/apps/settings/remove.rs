//! Deleting an app, once its name is typed.

use crate::{
    calls::apps::delete_app,
    pages::apps::query::LIST,
    state::attempt::Attempt,
    ui::{Button, ButtonVariant, Card, CheckItem, Checks, ConfirmDelete, Icon, Tone, use_toaster},
};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use wire::apps::App;

/// The card, and its question.
#[component]
pub fn Remove(app: App) -> impl IntoView {
    let attempt = Attempt::new();
    let open = RwSignal::new(false);
    let reports = use_toaster();
    let navigate = use_navigate();
    let App { slug, name, .. } = app;
    let (title, action) = (["Delete ", &name, "?"].concat(), ["Delete ", &name].concat());
    let asked = name.clone();
    let confirm = move |()| {
        let (slug, done, navigate) = (slug.clone(), [&asked, " is deleted"].concat(), navigate.clone());
        attempt.run(
            move || delete_app(slug.clone()),
            move |()| {
                open.set(false);
                reports.say(done);
                navigate(LIST, Default::default());
            },
        );
    };
    let problem = Signal::derive(move || attempt.failure.with(|failure| failure.as_ref().map(|failure| failure.detail.clone())));
    let ask = move |()| {
        attempt.failure.set(None);
        open.set(true);
    };
    view! {
        <Card
            id="remove"
            title="Delete this app".to_owned()
            lead="Its addresses lead nowhere from then on. The upstream itself is not touched.".to_owned()
            tone=Tone::Danger
        >
            <div>
                <Button variant=ButtonVariant::DangerQuiet icon=Icon::Trash on_press=ask>
                    "Delete the app"
                </Button>
            </div>
        </Card>
        <ConfirmDelete
            id="delete-app"
            title=title
            lead="This can’t be undone. Disabling keeps it and turns every request away.".to_owned()
            open=open
            name=name
            action=action
            on_confirm=confirm
            busy=attempt.is_busy
            error=problem
        >
            <Checks>
                <CheckItem icon=Icon::X>"Its rules and addresses go"</CheckItem>
                <CheckItem icon=Icon::X>"API keys that are good for it alone are revoked"</CheckItem>
                <CheckItem met=true>"Its entries in the audit log stay"</CheckItem>
            </Checks>
        </ConfirmDelete>
    }
    .into_any()
}
