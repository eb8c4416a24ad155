//! What concerns every page: no answer, sign-in off, no encryption.

use crate::{
    state::{
        live::{Line, Live},
        reach::Reach,
        session::Session,
    },
    ui::{Banner, Button, ButtonVariant, LinkButton, Size, Time, TimeStyle, Tone},
};
use leptos::prelude::*;

/// The banners that apply, the gravest first.
#[component]
pub fn Banners() -> impl IntoView {
    let session = expect_context::<Session>();
    let live = expect_context::<Live>();
    let is_interrupted = Memo::new(move |_| live.line.get() == Line::Broken && !session.reach.is_away.get());
    let is_open = Memo::new(move |_| session.me.with(|me| me.as_ref().is_some_and(|me| me.is_open)));
    view! {
        {move || session.reach.is_away.get().then(|| away(session.reach))}
        {move || is_interrupted.get().then(|| interrupted(live))}
        {move || is_open.get().then(|| open(session))}
        {move || (!session.capabilities.with(|capabilities| capabilities.secure_transport)).then(insecure)}
    }
    .into_any()
}

fn away(reach: Reach) -> AnyView {
    let retry = move || {
        view! {
            <Button size=Size::Small on_press=move |()| reach.try_now()>
                "Try now"
            </Button>
        }
    };
    let wait = move || match reach.wait.get() {
        0 => "now".to_owned(),
        seconds => ["in ", &seconds.to_string(), " s"].concat(),
    };
    view! {
        <Banner tone=Tone::Danger action=retry>
            <b>"No answer from Doorward since " <Time at=reach.since style=TimeStyle::Clock />"."</b>
            " What you see was loaded before, and what you typed is still here. Trying again "
            <span class="num">{wait}</span>
            "."
        </Banner>
    }
    .into_any()
}

/// The server answers, but what happens does not come by itself.
fn interrupted(live: Live) -> AnyView {
    view! {
        <Banner tone=Tone::Neutral>
            <b>"Live updates are interrupted since " <Time at=live.since style=TimeStyle::Clock />"."</b>
            " What you see may be older than that. Connecting again."
        </Banner>
    }
    .into_any()
}

fn open(session: Session) -> AnyView {
    if session.capabilities.with_untracked(|capabilities| capabilities.dev_mode) {
        return view! {
            <Banner tone=Tone::Warning>
                <b>"Dev mode."</b>
                " Nobody has to sign in, and everybody on this machine may do everything. Start without --dev to change that."
            </Banner>
        }
        .into_any();
    }
    let turn_on = || {
        view! {
            <LinkButton href="/settings/authentication" variant=ButtonVariant::Primary size=Size::Small>
                "Turn sign-in on"
            </LinkButton>
        }
    };
    view! {
        <Banner tone=Tone::Warning urgent=true action=turn_on>
            <b>"Sign-in is off."</b>
            " Anyone who can reach this address has full admin access."
        </Banner>
    }
    .into_any()
}

fn insecure() -> AnyView {
    view! {
        <Banner tone=Tone::Neutral>
            <b>"This page came over plain HTTP."</b>
            " Anyone on the way can read and change it. Put TLS in front of Doorward."
        </Banner>
    }
    .into_any()
}
