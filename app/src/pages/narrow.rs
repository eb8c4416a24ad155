//! What the toolbars above the lists share: the address says what a list is narrowed to, and typing
//! narrows it once it rests.

use super::words;
use crate::state::browser;
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};

/// How long typing has to rest before something is asked, in milliseconds.
const REST: u32 = 250;

/// Leads to a list, in the place of the one that is shown.
pub fn leads_to<Q: 'static>(address: fn(&Q) -> String) -> Callback<Q> {
    let navigate = use_navigate();
    Callback::new(move |wanted: Q| {
        navigate(&address(&wanted), NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
    })
}

/// What a filter is set to. The address may change from elsewhere: Back, a link in a row, or the
/// button that clears.
pub fn filtered<Q: Send + Sync + 'static>(wanted: Memo<Q>, read: fn(&Q) -> String) -> RwSignal<String> {
    let value = RwSignal::new(wanted.with_untracked(read));
    Effect::new(move || value.set(wanted.with(read)));
    value
}

/// The text of the search: it follows the address, and the list follows it once typing rests.
pub fn searched<Q: Clone + Send + Sync + 'static>(
    wanted: Memo<Q>,
    read: fn(&Q) -> Option<String>,
    with: fn(Q, Option<String>) -> Q,
    go: Callback<Q>,
) -> RwSignal<String> {
    let sent = StoredValue::new(wanted.with_untracked(read));
    let text = RwSignal::new(sent.get_value().unwrap_or_default());
    Effect::new(move || {
        let asked = wanted.with(read);
        // What was typed here comes back through the address, perhaps while somebody types on.
        if sent.with_value(|sent| *sent != asked) {
            text.set(asked.clone().unwrap_or_default());
            sent.set_value(asked);
        }
    });
    rested(text, move |typed| {
        let Some(now) = wanted.try_get_untracked() else { return };
        let typed = words::given(&typed);
        if read(&now) != typed {
            sent.set_value(typed.clone());
            go.run(with(now, typed));
        }
    });
    text
}

/// Does something with a text each time that typing rests; not with what it is at first.
pub fn rested(text: RwSignal<String>, action: impl Fn(String) + Clone + 'static) {
    Effect::new(move |is_typed: Option<()>| {
        let typed = text.get();
        if is_typed.is_none() {
            return;
        }
        let action = action.clone();
        spawn_local(async move {
            browser::pause(REST).await;
            // Only the last of several letters typed in a row asks.
            if text.try_with_untracked(|now| *now == typed) == Some(true) {
                action(typed);
            }
        });
    });
}
