//! Deleting the thing that a page is about, once its name is typed.

use super::decision::DecisionOf;
use crate::{
    state::attempt::Attempt,
    ui::{Button, ButtonVariant, Card, Checks, ConfirmDelete, Icon, Tone, use_toaster},
};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use wire::Failure;

/// The card, and its question. What ends and what stays are the children.
#[component]
pub fn Removal<Delete, Deleting>(
    /// What it is, in a word: `app`.
    kind: &'static str,
    /// What has to be typed.
    name: String,
    /// What it means, on the card.
    lead: &'static str,
    /// What else one could do, or what becomes of it, in the question.
    warning: &'static str,
    /// Deletes it.
    delete: Delete,
    /// What is said when it is gone.
    done: String,
    /// The list that it was in.
    list: &'static str,
    children: ChildrenFn,
) -> impl IntoView
where
    Delete: Fn() -> Deleting + Clone + Send + Sync + 'static,
    Deleting: Future<Output = Result<(), Failure>> + 'static,
{
    let attempt = Attempt::new();
    let children = StoredValue::new(children);
    let open = RwSignal::new(false);
    let reports = use_toaster();
    let navigate = use_navigate();
    let (title, action) = (["Delete ", &name, "?"].concat(), ["Delete ", &name].concat());
    let confirm = move |()| {
        let (done, navigate) = (done.clone(), navigate.clone());
        attempt.run(delete.clone(), move |()| {
            open.set(false);
            reports.say(done);
            navigate(list, Default::default());
        });
    };
    let ask = move |()| {
        attempt.failure.set(None);
        open.set(true);
    };
    view! {
        <Card id="remove" title=["Delete this ", kind].concat() lead=lead.to_owned() tone=Tone::Danger>
            <div>
                <Button variant=ButtonVariant::DangerQuiet icon=Icon::Trash on_press=ask>
                    {["Delete the ", kind].concat()}
                </Button>
            </div>
        </Card>
        <ConfirmDelete
            id=["delete-", kind].concat()
            title=title
            lead=["This can’t be undone. ", warning].concat()
            open=open
            name=name
            action=action
            on_confirm=confirm
            busy=attempt.is_busy
            error=attempt.detail()
        >
            <DecisionOf attempt=attempt />
            <Checks>{children.with_value(|children| children())}</Checks>
        </ConfirmDelete>
    }
    .into_any()
}
