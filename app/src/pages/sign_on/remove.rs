//! Deleting a provider, once its short name is typed.

use super::LIST;
use crate::{
    calls::sso::delete_provider,
    state::attempt::Attempt,
    ui::{Button, ButtonVariant, Card, CheckItem, Checks, ConfirmDelete, Icon, Tone, use_toaster},
};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use wire::workspaces::Slug;

/// The card, and its question.
#[component]
pub fn Remove(id: Slug) -> impl IntoView {
    let attempt = Attempt::new();
    let open = RwSignal::new(false);
    let reports = use_toaster();
    let navigate = use_navigate();
    let name = id.0.clone();
    let (title, action) = (["Delete ", &name, "?"].concat(), ["Delete ", &name].concat());
    let confirm = move |()| {
        let (id, done, navigate) = (id.clone(), ["The provider ", &id.0, " is deleted"].concat(), navigate.clone());
        attempt.run(
            move || delete_provider(id.clone()),
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
            title="Delete this provider".to_owned()
            lead="Nobody signs in by it from then on.".to_owned()
            tone=Tone::Danger
        >
            <div>
                <Button variant=ButtonVariant::DangerQuiet icon=Icon::Trash on_press=ask>
                    "Delete the provider"
                </Button>
            </div>
        </Card>
        <ConfirmDelete
            id="delete-provider"
            title=title
            lead="This can’t be undone. People come back to their accounts once a provider of the same issuer is added.".to_owned()
            open=open
            name=name
            action=action
            on_confirm=confirm
            busy=attempt.is_busy
            error=problem
        >
            <Checks>
                <CheckItem icon=Icon::X>"Sessions that began by it end now"</CheckItem>
                <CheckItem icon=Icon::X>"Its client secret is forgotten"</CheckItem>
                <CheckItem met=true>"The accounts stay, with their roles"</CheckItem>
            </Checks>
        </ConfirmDelete>
    }
    .into_any()
}
