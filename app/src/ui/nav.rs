//! The sidebar. On a phone it is a popover that the topbar's button opens.
use leptos::{ev::MouseEvent, prelude::*};

use super::{Avatar, Icon, IconButton, Menu, Tone, Wordmark, dom, menu::Align};
use crate::prefix::at;

/// The sidebar: the wordmark, a slot, the ways, the account.
#[component]
pub fn Sidebar(
    /// Its id; give the same to `Topbar`.
    #[prop(default = "nav")]
    id: &'static str,
    /// The name beside the mark.
    #[prop(into)]
    name: String,
    /// Where the wordmark leads.
    #[prop(into)]
    home: String,
    /// What stands between wordmark and ways.
    #[prop(optional, into)]
    top: Option<ViewFnOnce>,
    /// The account at the bottom.
    #[prop(optional, into)]
    account: Option<ViewFnOnce>,
    /// `NavGroup`s.
    children: Children,
) -> impl IntoView {
    let pressed = move |event: MouseEvent| {
        if dom::closest(&event, "a").is_some() {
            dom::hide_popover(id);
        }
    };
    view! {
        <aside class="sidebar" id=id popover="auto" aria-label="Main" on:click=pressed>
            <div class="sidebar__top">
                <Wordmark name=name href=home />
                <span class="only-narrow">
                    <IconButton
                        icon=Icon::X
                        label="Close menu"
                        attr:popovertarget=id
                        attr:popovertargetaction="hide"
                    />
                </span>
            </div>
            {top.map(ViewFnOnce::run)}
            <nav aria-label="Main">{children()}</nav>
            {account.map(ViewFnOnce::run)}
        </aside>
    }
    .into_any()
}

/// Ways that belong together.
#[component]
pub fn NavGroup(
    /// What they have in common, if that needs saying.
    #[prop(optional, into)]
    title: Option<String>,
    /// `NavItem`s.
    children: Children,
) -> impl IntoView {
    view! { <div class="nav-group">{title.map(|title| view! { <h2>{title}</h2> })} {children()}</div> }
}

/// One way.
#[component]
pub fn NavItem(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// Its drawing.
    icon: Icon,
    /// Its name.
    #[prop(into)]
    label: String,
    /// Whether one is there, or below it.
    #[prop(into)]
    current: Signal<bool>,
    /// How many need a look.
    #[prop(optional, into)]
    count: Signal<Option<String>>,
    /// What the count counts, for those who only hear it: " app down".
    #[prop(optional, into)]
    counts: String,
    /// What the count is about.
    #[prop(optional)]
    tone: Tone,
) -> impl IntoView {
    let count = move || {
        count.get().map(|count| {
            view! {
                <span class="n" data-tone=tone.as_str()>
                    {count}
                    <span class="sr-only">{counts.clone()}</span>
                </span>
            }
        })
    };
    view! {
        <a class="nav-item" href=at(&href) aria-current=move || current.get().then_some("page")>
            {icon.draw()}
            {label}
            {count}
        </a>
    }
    .into_any()
}

/// The account button and its menu.
#[component]
pub fn Account(
    /// The person's name.
    #[prop(into)]
    name: String,
    /// The line below: the role.
    #[prop(into)]
    detail: String,
    /// What the avatar's colour comes from.
    #[prop(into)]
    key: String,
    /// `MenuItem`s.
    children: Children,
) -> impl IntoView {
    view! {
        <div>
            <button class="account" type="button" popovertarget="account-menu">
                <Avatar name=name.clone() key=key />
                <span class="grow">
                    <span class="sr-only">"Account menu, "</span>
                    <b>{name}</b>
                    <small>{detail}</small>
                </span>
                {Icon::More.draw()}
            </button>
            <Menu id="account-menu" align=Align::Start>
                {children()}
            </Menu>
        </div>
    }
    .into_any()
}
