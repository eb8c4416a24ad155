//! The keys of the dashboard, and the list of them.

use super::ways::WAYS;
use crate::{
    state::{session::Session, storage},
    ui::{Dialog, Fact, Facts, Shortcut, Switch, use_shortcuts},
};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

/// Hears the keys for as long as the frame stands.
pub fn listen(session: Session, is_finding: RwSignal<bool>, is_helping: RwSignal<bool>, is_on: RwSignal<bool>) {
    let mut keys: Vec<_> = WAYS
        .iter()
        .filter_map(|way| {
            let navigate = use_navigate();
            let go = move || {
                let is_open = session
                    .me
                    .with_untracked(|me| session.capabilities.with_untracked(|capabilities| way.is_open_to(me.as_ref(), capabilities)));
                if is_open {
                    navigate(way.path, Default::default());
                }
            };
            Some(Shortcut::new(way.keys?, way.label, go))
        })
        .collect();
    keys.push(Shortcut::new(&["?"], "This list", move || is_helping.set(true)));
    Effect::new(move || is_on.set(storage::preference(storage::KEYS_OFF).is_none()));
    use_shortcuts(is_finding, is_on.into(), keys);
}

/// The list of keys, and the switch for the single ones.
#[component]
pub fn Help(open: RwSignal<bool>, is_on: RwSignal<bool>) -> impl IntoView {
    let switched = move |is_on: bool| storage::set_preference(storage::KEYS_OFF, (!is_on).then_some("true"));
    let ways = || {
        WAYS.iter()
            .filter_map(|way| Some((way.label, way.keys?)))
            .map(|(label, keys)| {
                let keys: Vec<_> = keys.iter().map(|key| view! { <kbd>{key.to_uppercase()}</kbd> " " }).collect();
                view! { <Fact name=["Go to ", label].concat()>{keys}</Fact> }
            })
            .collect::<Vec<_>>()
    };
    view! {
        <Dialog id="shortcuts" title="Keyboard shortcuts" open=open>
            <Facts>
                <Fact name="Search or jump to"><kbd>"Ctrl"</kbd> " " <kbd>"K"</kbd></Fact>
                <Fact name="Search this page"><kbd>"/"</kbd></Fact>
                {ways()}
                <Fact name="Close the topmost thing"><kbd>"Esc"</kbd></Fact>
                <Fact name="This list"><kbd>"?"</kbd></Fact>
            </Facts>
            <div class="row" data-between=true>
                <span>"Single keys are shortcuts"</span>
                <Switch id="single-keys" label="Single keys are shortcuts" checked=is_on on_change=switched />
            </div>
        </Dialog>
    }
}
