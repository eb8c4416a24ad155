//! A field that holds several short values.
use leptos::prelude::*;

use super::{
    Icon, Size,
    field::{described_by, remarks},
};

/// Values as tags: Enter or a comma adds one, Backspace in the empty control takes the last.
#[component]
pub fn TagInput(
    /// Its id, the same on server and browser.
    #[prop(into)]
    id: String,
    /// Its label.
    #[prop(into)]
    label: String,
    /// The values, both ways.
    tags: RwSignal<Vec<String>>,
    /// An example, shown while nothing is typed.
    #[prop(optional, into)]
    placeholder: String,
    /// How to fill it.
    #[prop(optional, into)]
    help: Signal<Option<String>>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let add = move || {
        let tag = typed.get_untracked().trim().trim_end_matches(',').to_owned();
        typed.set(String::new());
        if !tag.is_empty() && !tags.read_untracked().contains(&tag) {
            tags.update(|tags| tags.push(tag));
        }
    };
    let pressed = move |event: leptos::ev::KeyboardEvent| match event.key().as_str() {
        "Enter" | "," => {
            event.prevent_default();
            add();
        }
        "Backspace" if typed.read_untracked().is_empty() => {
            tags.update(|tags| drop(tags.pop()));
        }
        _ => {}
    };
    let shown = move || {
        let tags_now = tags.get().into_iter().map(|tag| {
            let gone = tag.clone();
            view! {
                <span class="tag">
                    {tag.clone()}
                    <button
                        type="button"
                        aria-label=["Remove ", &tag].concat()
                        on:click=move |_| tags.update(|tags| tags.retain(|tag| *tag != gone))
                    >
                        {Icon::X.draw_as(Size::Small)}
                    </button>
                </span>
            }
        });
        tags_now.collect::<Vec<_>>()
    };
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <div class="tag-input">
                {shown}
                <input
                    id=id.clone()
                    placeholder=placeholder
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    aria-describedby=described_by(id.clone(), help, error, None)
                    aria-invalid=move || error.read().is_some().then_some("true")
                    prop:value=typed
                    on:input=move |event| typed.set(event_target_value(&event))
                    on:keydown=pressed
                    on:blur=move |_| add()
                />
            </div>
            {remarks(id, help, error)}
        </div>
    }
    .into_any()
}
