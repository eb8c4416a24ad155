//! The question before a key ends for good.

use super::desk::Desk;
use crate::{
    calls::keys::delete_api_key,
    pages::summary::Summary,
    state::attempt::Attempt,
    ui::{Button, ButtonKind, ButtonVariant, CheckItem, Checks, Dialog, Icon, Size, Tone},
};
use leptos::prelude::*;
use wire::keys::ApiKey;

/// The dialog; open while there is a key to revoke.
#[component]
pub fn Revoke(desk: Desk) -> impl IntoView {
    let open = RwSignal::new(false);
    let attempt = Attempt::new();
    Effect::new(move || {
        if desk.to_revoke.with(Option::is_some) {
            attempt.failure.set(None);
            open.set(true);
        }
    });
    // The words stay while the dialog closes.
    let key = Memo::new(move |before: Option<&Option<ApiKey>>| desk.to_revoke.get().or_else(|| before.cloned().flatten()));
    let name = move || key.with(|key| key.as_ref().map(|key| key.name.clone()).unwrap_or_default());
    let submit = move |()| {
        let Some(key) = desk.to_revoke.get_untracked() else { return };
        let (id, done) = (key.id, ["The key ", &key.name, " is revoked"].concat());
        attempt.run(
            move || delete_api_key(id),
            move |()| {
                open.set(false);
                desk.changed(done);
            },
        );
    };
    view! {
        <Dialog
            id="revoke-key"
            title=Signal::derive(move || ["Revoke ", &name(), "?"].concat())
            open=open
            size=Size::Small
            tone=Tone::Danger
            on_submit=submit
            on_close=move |()| desk.to_revoke.set(None)
            foot=move || {
                view! {
                    <Button on_press=move |()| open.set(false)>"Cancel"</Button>
                    <Button kind=ButtonKind::Submit variant=ButtonVariant::Danger busy=attempt.is_busy>
                        "Revoke key"
                    </Button>
                }
            }
        >
            <Summary id="revoke-key-error" attempt=attempt />
            <Checks>
                <CheckItem icon=Icon::X>"Whatever uses it is refused from its next request on"</CheckItem>
                <CheckItem icon=Icon::X>"It can’t be brought back"</CheckItem>
                <CheckItem met=true>"It stays in the list, and what it did in the audit log"</CheckItem>
            </Checks>
        </Dialog>
    }
    .into_any()
}
