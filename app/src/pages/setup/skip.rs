//! Leaving sign-in off, after a plain warning. Without script the warning folds open in the page.

use crate::{
    calls::setup::skip_setup,
    frame::Posted,
    pages::{
        summary::{FieldName, Summary},
        words,
    },
    prefix::at,
    state::{attempt::Attempt, browser},
    ui::{Button, ButtonKind, ButtonVariant, Check, Dialog, Field, Note, Tone},
};
use leptos::prelude::*;
use wire::setup::SkipSetup;

const FIELDS: &[FieldName] = &[("setupCode", "skip-code", "Setup code")];

/// The way around setup.
#[component]
pub fn Skip(needs_code: bool) -> impl IntoView {
    let posted = use_context::<Posted>().unwrap_or_default();
    // A form that was posted without script comes back with its dialog open.
    let open = RwSignal::new(false);
    let is_awake = RwSignal::new(false);
    let was_posted = posted.failure.is_some();
    Effect::new(move || {
        is_awake.set(true);
        open.set(was_posted);
    });
    let refused = posted.failure.as_ref().map(|failure| {
        let detail = failure.detail.clone();
        view! { <Note tone=Tone::Danger>{detail}</Note> }
    });
    let attempt = Attempt::after(posted.failure);
    let is_accepted = RwSignal::new(false);
    let code = RwSignal::new(String::new());
    let skip = move || {
        let setup_code = words::given(&code.get_untracked());
        attempt.run(move || skip_setup(SkipSetup { setup_code: setup_code.clone() }), |()| browser::enter("/"));
    };
    view! {
        <div hidden=move || !is_awake.get()>
            <Button variant=ButtonVariant::Ghost block=true on_press=move |()| open.set(true)>
                "Skip setup"
            </Button>
        </div>
        <details hidden=is_awake open=was_posted>
            <summary>"Skip setup"</summary>
            <form class="stack" data-gap="4" method="post" action=at("/setup/skip")>
                {refused} {warning()} {needs_code.then(plain_code)}
                <Button kind=ButtonKind::Submit variant=ButtonVariant::Danger>
                    "Skip setup and leave sign-in off"
                </Button>
            </form>
        </details>
        <Dialog
            id="skip"
            title="Skip setup and leave sign-in off?"
            open=open
            tone=Tone::Danger
            on_submit=move |()| {
                if is_accepted.get_untracked() {
                    skip();
                }
            }
            foot=move || {
                view! {
                    <p class="hint">"You can turn sign-in on later in Settings, Authentication."</p>
                    <Button on_press=move |()| open.set(false)>"Go back"</Button>
                    <Button
                        kind=ButtonKind::Submit
                        variant=ButtonVariant::Danger
                        busy=attempt.is_busy
                        disabled=Signal::derive(move || !is_accepted.get())
                    >
                        "Skip setup"
                    </Button>
                }
            }
        >
            <Summary id="skip-error" attempt=attempt fields=FIELDS />
            {warning()}
            {needs_code
                .then(|| {
                    view! {
                        <Field
                            id="skip-code"
                            name="setupCode"
                            label="Setup code"
                            help="The server printed it when it started."
                            value=code
                            error=attempt.problem("setupCode")
                            exact=true
                            mono=true
                            autocomplete="off"
                        />
                    }
                })}
            <Check
                id="skip-accept"
                label="I accept that everyone who reaches this address gets full admin access"
                checked=is_accepted
            />
        </Dialog>
    }
    .into_any()
}

fn warning() -> AnyView {
    view! {
        <p>
            "Anyone who can reach this address gets full admin access. They can read, change and delete everything, without signing in, and nothing tells you who they were."
        </p>
        <Note tone=Tone::Warning title="Only do this on a machine or a network that is yours alone.".to_owned()>
            "Every page says that sign-in is off, until you turn it on."
        </Note>
    }
    .into_any()
}

fn plain_code() -> AnyView {
    view! {
        <div class="field">
            <label for="plain-skip-code">"Setup code"</label>
            <input class="input" id="plain-skip-code" name="setupCode" autocomplete="off" />
        </div>
    }
    .into_any()
}
