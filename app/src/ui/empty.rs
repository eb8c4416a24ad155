//! Nothing yet, nothing found, failed.
use leptos::prelude::*;

use super::{Button, ButtonVariant, CopyButton, Icon, Size, Tone, badge::Node};

/// Says what would be here and how to get it, or that nothing matches and how to see all.
#[component]
pub fn Empty(
    /// What is missing: "No apps yet".
    #[prop(into)]
    title: Signal<String>,
    /// Why one would want it, or what to try.
    #[prop(optional, into)]
    text: Signal<Option<String>>,
    /// How large it is; small in tables.
    #[prop(default = Size::Small)]
    size: Size,
    /// The one thing to do.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty" data-size=size.as_str()>
            <svg
                viewBox="0 0 72 64"
                fill="none"
                stroke="currentColor"
                stroke-width="1.5"
                aria-hidden="true"
            >
                <path d="M6 60V34a30 30 0 0 1 60 0v26" />
                <path d="M16 60V35a20 20 0 0 1 40 0v25" />
                <path d="M26 60V36a10 10 0 0 1 20 0v24" stroke-dasharray="3 3" />
                <path d="M1 60h70" />
            </svg>
            <h2>{title}</h2>
            {move || text.get().map(|text| view! { <p>{text}</p> })}
            {children.map(|actions| view! { <div class="row">{actions()}</div> })}
        </div>
    }
    .into_any()
}

/// Says what failed, whether anything changed, and the number to ask about.
#[component]
pub fn Failed(
    /// What failed: "Couldn't load the users".
    #[prop(into)]
    title: Signal<String>,
    /// Why, and whether anything changed.
    #[prop(into)]
    text: Signal<String>,
    /// The number of the request.
    #[prop(optional, into)]
    request: Signal<Option<String>>,
    /// Tries again.
    #[prop(optional, into)]
    on_retry: Option<Callback<()>>,
    /// More to look up.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let number = move || request.get().map(|request| view! { " Request " <code>{request}</code> "." });
    let copy = move || {
        request.get().map(|request| {
            view! {
                <CopyButton text=request what="request number">
                    "Copy request number"
                </CopyButton>
            }
        })
    };
    let retry = on_retry.map(|on_retry| {
        view! {
            <Button
                variant=ButtonVariant::Primary
                icon=Icon::Refresh
                on_press=move |()| on_retry.run(())
            >
                "Try again"
            </Button>
        }
    });
    view! {
        <div class="empty" data-size="sm" role="alert">
            <Node icon=Icon::Error tone=Tone::Danger />
            <h2>{title}</h2>
            <p>{text} {number}</p>
            {children.map(|more| more())}
            <div class="row">{retry} {copy}</div>
        </div>
    }
    .into_any()
}
