//! Another secret for a key: first the grace of the old one is chosen, then the new text is shown once.

use super::{desk::Desk, hand_over::KeyShown};
use crate::{
    calls::keys::rotate_api_key,
    pages::summary::{FieldName, Summary},
    state::attempt::Attempt,
    ui::{Button, ButtonKind, ButtonVariant, Check as Tick, Choice, Dialog, Select, Size},
};
use leptos::prelude::*;
use wire::keys::{ApiKey, CreatedKey, Rotate as Asked};

const FIELDS: &[FieldName] = &[("grace", "key-grace", "The old one stays good")];

/// The graces to choose from, and what is said of the old text then.
const GRACES: [(&str, &str, &str); 5] = [
    ("0s", "Not at all", "is no longer good"),
    ("1h", "For an hour", "stays good for an hour"),
    ("24h", "For a day", "stays good for a day"),
    ("72h", "For 3 days", "stays good for 3 days"),
    ("168h", "For a week", "stays good for a week"),
];

/// The dialog; open while there is a key to rotate.
#[component]
pub fn Rotate(desk: Desk) -> impl IntoView {
    let open = RwSignal::new(false);
    let grace = RwSignal::new("24h".to_owned());
    let made = RwSignal::new(None::<CreatedKey>);
    let is_kept = RwSignal::new(false);
    let attempt = Attempt::new();
    Effect::new(move || {
        if desk.to_rotate.with(Option::is_some) {
            grace.set("24h".to_owned());
            made.set(None);
            is_kept.set(false);
            attempt.failure.set(None);
            open.set(true);
        }
    });
    // The words stay while the dialog closes.
    let key = Memo::new(move |before: Option<&Option<ApiKey>>| desk.to_rotate.get().or_else(|| before.cloned().flatten()));
    let name = move || key.with(|key| key.as_ref().map(|key| key.name.clone()).unwrap_or_default());
    let is_made = Memo::new(move |_| made.with(Option::is_some));
    // A key that is on its way, or not taken yet, would be lost with the dialog.
    let is_held = Signal::derive(move || attempt.is_busy.get() || (is_made.get() && !is_kept.get()));
    let submit = move |()| {
        if is_made.get_untracked() {
            if is_kept.get_untracked() {
                open.set(false);
            }
            return;
        }
        let Some(key) = desk.to_rotate.get_untracked() else { return };
        let asked = Asked { grace: grace.get_untracked() };
        attempt.run(
            move || rotate_api_key(key.id, asked.clone()),
            move |created| {
                desk.changed(["The key ", &created.api_key.name, " has another secret"].concat());
                made.set(Some(created));
            },
        );
    };
    let title = move || if is_made.get() { "Copy your new key".to_owned() } else { ["Rotate ", &name(), "?"].concat() };
    let closed = move |()| {
        desk.to_rotate.set(None);
        // Nothing of the text stays behind in the page.
        made.set(None);
    };
    view! {
        <Dialog
            id="rotate-key"
            title=Signal::derive(title)
            open=open
            size=Size::Large
            sticky=is_held
            on_submit=submit
            on_close=closed
            foot=move || {
                view! {
                    {move || {
                (!is_made.get())
                    .then(|| {
                        view! {
                            <Button disabled=is_held on_press=move |()| open.set(false)>
                                "Cancel"
                            </Button>
                        }
                    })
            }}
                    <Button
                        kind=ButtonKind::Submit
                        variant=ButtonVariant::Primary
                        busy=attempt.is_busy
                        disabled=Signal::derive(move || is_made.get() && !is_kept.get())
                    >
                        {move || if is_made.get() { "Done" } else { "Rotate key" }}
                    </Button>
                }
            }
        >
            {move || match made.get() {
                Some(made) => {
                    let before = GRACES.iter().find(|(value, ..)| grace.with_untracked(|grace| grace == value)).map(|(.., words)| *words);
                    view! {
                        <KeyShown made=made before=before.unwrap_or_default() />
                        <Tick id="rotated-kept" label="I’ve copied it" checked=is_kept />
                    }
                        .into_any()
                }
                None => view! { <Question attempt=attempt grace=grace /> }.into_any(),
            }}
        </Dialog>
    }
    .into_any()
}

#[component]
fn Question(attempt: Attempt, grace: RwSignal<String>) -> impl IntoView {
    let choices: Vec<Choice> = GRACES.iter().map(|(value, label, _)| Choice::new(*value, *label)).collect();
    view! {
        <Summary id="rotate-key-error" attempt=attempt fields=FIELDS />
        <p>"It gets another secret. Its beginning, role and end stay as they are."</p>
        <Select
            id="key-grace"
            label="The old one stays good"
            choices=choices
            value=grace
            help="Time to bring the new one to where the old one is used. One that was replaced before ends now."
            error=attempt.problem("grace")
        />
    }
    .into_any()
}
