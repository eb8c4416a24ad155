//! Cards, setting rows and facts.
use leptos::prelude::*;

use super::Tone;

/// A card: head, body, foot. Tables, lists and setting rows go in `flush`, without a frame of space.
#[component]
pub fn Card(
    /// Its id; the title's is `<id>-title`.
    #[prop(into)]
    id: String,
    /// Its title. Without one, give a `label`.
    #[prop(optional, into)]
    title: Signal<Option<String>>,
    /// Its name for those who can't see it, when it has no title.
    #[prop(optional, into)]
    label: Option<String>,
    /// A sentence under the title.
    #[prop(optional, into)]
    lead: Signal<Option<String>>,
    /// Whether the children bring their own space.
    #[prop(optional)]
    flush: bool,
    /// Whether it is about something dangerous.
    #[prop(optional)]
    tone: Tone,
    /// A drawing before the title.
    #[prop(optional, into)]
    before: Option<ViewFnOnce>,
    /// Badges beside the title.
    #[prop(optional, into)]
    beside: Option<ViewFnOnce>,
    /// Buttons and links at the end of the head.
    #[prop(optional, into)]
    actions: Option<ViewFnOnce>,
    /// What it ends with: a remark, the button that saves.
    #[prop(optional, into)]
    foot: Option<ViewFnOnce>,
    /// The body.
    children: Children,
) -> impl IntoView {
    let title_id = [&id, "-title"].concat();
    let labelled_by = label.is_none().then(|| title_id.clone());
    let head = labelled_by.is_some().then(|| {
        view! {
            <div class="card__head" data-line=true>
                {before.map(ViewFnOnce::run)}
                <h2 id=title_id>{title}</h2>
                {beside.map(ViewFnOnce::run)}
                <span class="push"></span>
                {actions.map(ViewFnOnce::run)}
                {move || lead.get().map(|lead| view! { <p>{lead}</p> })}
            </div>
        }
    });
    let body = children();
    view! {
        <section
            class="card"
            id=id
            data-tone=tone.as_str()
            aria-label=label
            aria-labelledby=labelled_by
        >
            {head}
            {if flush { body } else { view! { <div class="card__body">{body}</div> }.into_any() }}
            {foot.map(|foot| view! { <div class="card__foot">{foot.run()}</div> })}
        </section>
    }
    .into_any()
}

/// Setting rows: what it is on the left, the control on the right.
#[component]
pub fn Settings(
    /// Their name for those who can't see the card's title.
    #[prop(optional, into)]
    label: Option<String>,
    /// Whether they stand alone and need a frame.
    #[prop(optional)]
    framed: bool,
    /// `SettingRow`s.
    children: Children,
) -> impl IntoView {
    view! {
        <ul class=if framed { "settings card" } else { "settings" } aria-label=label>
            {children()}
        </ul>
    }
}

/// What the title of a setting row is among the headings of its page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RowTitle {
    /// Below the title of its card.
    #[default]
    Below,
    /// In a card without a title.
    Alone,
    /// In a card without a title, and the news of the page.
    News,
}

/// One setting.
#[component]
pub fn SettingRow(
    /// What it is.
    #[prop(into)]
    title: Signal<String>,
    /// What it does.
    #[prop(optional, into)]
    text: Signal<Option<String>>,
    /// What the title is among the headings.
    #[prop(optional)]
    heading: RowTitle,
    /// Whether the control goes below on a phone.
    #[prop(optional)]
    wide: bool,
    /// A drawing before the words.
    #[prop(optional, into)]
    before: Option<ViewFnOnce>,
    /// The control, a status, or nothing.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let title = match heading {
        RowTitle::Below => view! { <h2>{title}</h2> }.into_any(),
        RowTitle::Alone => view! { <h2 class="label">{title}</h2> }.into_any(),
        RowTitle::News => view! { <h2>{title}</h2> }.into_any(),
    };
    let words = view! {
        <div>
            {title}
            {move || text.get().map(|text| view! { <p>{text}</p> })}
        </div>
    };
    let words = match before {
        Some(before) => view! {
            <div class="row" data-gap="4" data-nowrap=true>
                {before.run()}
                {words}
            </div>
        }
        .into_any(),
        None => words.into_any(),
    };
    view! { <li data-wide=wide>{words} {children.map(|control| control())}</li> }.into_any()
}

/// Names and values.
#[component]
pub fn Facts(
    /// `Fact`s.
    children: Children,
) -> impl IntoView {
    view! { <dl class="facts">{children()}</dl> }
}

/// One name and its value.
#[component]
pub fn Fact(
    /// The name.
    #[prop(into)]
    name: String,
    /// Whether a machine made the value: shown in mono.
    #[prop(optional)]
    mono: bool,
    /// The value.
    children: Children,
) -> impl IntoView {
    view! {
        <dt>{name}</dt>
        <dd class=mono.then_some("mono") data-size=mono.then_some("sm")>
            {children()}
        </dd>
    }
}
