//! Keys for the whole page. Single keys are ignored while someone types.
use leptos::{
    ev,
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement, KeyboardEvent},
};

/// One or two keys, and what they do.
#[derive(Clone)]
pub struct Shortcut {
    /// The keys: `?`, or `g` and `h` one after the other.
    pub keys: &'static [&'static str],
    /// What they do, in words.
    pub label: &'static str,
    /// What they do.
    pub run: Callback<()>,
}

impl Shortcut {
    /// Binds keys.
    pub fn new(keys: &'static [&'static str], label: &'static str, run: impl Fn() + Send + Sync + 'static) -> Self {
        Self { keys, label, run: Callback::new(move |()| run()) }
    }
}

/// Listens for Ctrl K, which opens the palette, for `/`, which moves to the page's search, and for
/// the given shortcuts, while `enabled` says so.
pub fn use_shortcuts(palette: RwSignal<bool>, enabled: Signal<bool>, shortcuts: Vec<Shortcut>) {
    let shortcuts = StoredValue::new(shortcuts);
    let before = StoredValue::new(String::new());
    let pressed = move |event: KeyboardEvent| {
        let key = event.key();
        if (event.ctrl_key() || event.meta_key()) && key.eq_ignore_ascii_case("k") {
            event.prevent_default();
            palette.update(|is_open| *is_open = !*is_open);
            return;
        }
        let is_free = enabled.get_untracked() && !event.ctrl_key() && !event.meta_key();
        if !is_free || event.alt_key() || is_typing(&event) {
            return;
        }
        if key == "/" {
            if let Some(search) = search() {
                event.prevent_default();
                drop(search.focus());
            }
            return;
        }
        let last = before.try_update_value(|last| std::mem::replace(last, key.clone()));
        let last = last.unwrap_or_default();
        let run = shortcuts.with_value(|shortcuts| {
            let fits = |shortcut: &&Shortcut| match shortcut.keys {
                [only] => only.eq_ignore_ascii_case(&key),
                [first, then] => *first == last && *then == key,
                _ => false,
            };
            shortcuts.iter().find(fits).map(|shortcut| shortcut.run)
        });
        if let Some(run) = run {
            event.prevent_default();
            before.set_value(String::new());
            run.run(());
        }
    };
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, pressed);
        on_cleanup(move || handle.remove());
    });
}

/// Tells whether a key belongs to a control, or to an open dialog.
fn is_typing(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| {
        let typed_into = "input, textarea, select, [contenteditable], dialog[open]";
        target.closest(typed_into).is_ok_and(|found| found.is_some())
    })
}

fn search() -> Option<HtmlElement> {
    document().query_selector("main [type=search]").ok()??.dyn_into().ok()
}
