//! A one-time link that was just made: shown once, to be handed over.

use crate::ui::{Button, ButtonKind, ButtonVariant, Check, CheckItem, Checks, Dialog, Icon, Secret, Time, TimeStyle};
use leptos::prelude::*;
use wire::links::{Link, LinkKind};

/// The link, and what to do with it.
#[component]
pub fn LinkShown(link: Link) -> impl IntoView {
    let name = link.user.name().to_owned();
    let what = match link.kind {
        LinkKind::Invitation => "invitation link",
        LinkKind::Reset => "reset link",
    };
    let is_reset = link.kind == LinkKind::Reset;
    let (advice, chooses) =
        ([" Copy it now and give it to ", &name, " over a channel you trust."].concat(), [&name, " chooses a password with it"].concat());
    let expires = link.expires_at.millis();
    view! {
        <Secret value=link.url what=what>
            <b>"Shown once."</b>
            {advice}
        </Secret>
        <Checks>
            <CheckItem met=true>{chooses}</CheckItem>
            <CheckItem icon=Icon::Clock>
                "It works once, until " <Time at=expires style=TimeStyle::Exact />
            </CheckItem>
            {is_reset
                .then(|| {
                    view! {
                        <CheckItem icon=Icon::Clock>"Until it is used, the old password goes on working"</CheckItem>
                        <CheckItem icon=Icon::X>"Once it is used, their sessions end and their own API keys are revoked"</CheckItem>
                    }
                })}
        </Checks>
    }
    .into_any()
}

/// The link in a dialog that stays until it was taken.
#[component]
pub fn LinkDialog(
    /// The link; the dialog is open while there is one.
    link: RwSignal<Option<Link>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let is_kept = RwSignal::new(false);
    Effect::new(move || {
        if link.with(Option::is_some) {
            is_kept.set(false);
            open.set(true);
        }
    });
    let title = move || {
        link.with(|link| match link {
            Some(link) if link.kind == LinkKind::Invitation => ["Invitation for ", link.user.name()].concat(),
            Some(link) => ["Reset link for ", link.user.name()].concat(),
            None => String::new(),
        })
    };
    view! {
        <Dialog
            id="link"
            title=Signal::derive(title)
            open=open
            sticky=Signal::derive(move || !is_kept.get())
            on_submit=move |()| {
                if is_kept.get_untracked() {
                    open.set(false);
                }
            }
            on_close=move |()| link.set(None)
            foot=move || {
                view! {
                    <Button
                        kind=ButtonKind::Submit
                        variant=ButtonVariant::Primary
                        disabled=Signal::derive(move || !is_kept.get())
                    >
                        "Done"
                    </Button>
                }
            }
        >
            {move || link.get().map(|link| view! { <LinkShown link=link /> })}
            <Check id="link-kept" label="I’ve copied it" checked=is_kept />
        </Dialog>
    }
    .into_any()
}
