//! The wizard's app: an upstream's address, looked at while it is typed. Without script the same form
//! is posted: once to look, once to add.

use super::found::{Found, Look};
use crate::{
    calls::apps::create_app,
    frame::Posted,
    pages::{
        entry::Entry,
        summary::{FieldName, Summary},
        title::PageTitle,
    },
    prefix::at,
    state::{attempt::Attempt, browser, session::Session},
    ui::{Button, ButtonKind, ButtonVariant, Field, Icon, InputKind, LinkButton, Note, Size, Tone},
};
use leptos::{ev::SubmitEvent, prelude::*};
use wire::{
    Check,
    apps::{NewApp, ProbeReport},
    policy::CREATE_APP,
};

const FIELDS: &[FieldName] = &[("upstream", "upstream", "Upstream"), ("name", "name", "Name"), ("slug", "name", "Name")];

/// The page.
#[component]
pub fn FirstApp() -> impl IntoView {
    let session = expect_context::<Session>();
    let may_add = session.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.may(&CREATE_APP)));
    let form = if may_add {
        view! { <Form /> }.into_any()
    } else {
        view! { <Note tone=Tone::Warning>"Adding apps needs the permission apps."</Note> }.into_any()
    };
    view! {
        <PageTitle text="Guard your first app" />
        <Entry
            step=3
            title="Guard your first app"
            lead="Where does it run? Any dashboard or API that this server can reach will do. More can be added later, and all of this changed."
            news="Nothing gets past without a check."
            remark="Viewers look, developers change: that is how it begins, and its rules say otherwise when you do."
        >
            {form}
        </Entry>
    }
    .into_any()
}

#[component]
fn Form() -> impl IntoView {
    let posted = use_context::<Posted>().unwrap_or_default();
    let look = Look::new(RwSignal::new(posted.value("upstream")));
    let name = RwSignal::new(posted.value("name"));
    // What the server found for a form that was posted without script.
    if let Ok(report) = wire::objects::from_str::<ProbeReport>(&posted.value("report")) {
        look.found.set(Some((posted.value("upstream").trim().to_owned(), report)));
    }
    let attempt = Attempt::after(posted.failure);
    let (of_name, of_slug) = (attempt.problem("name"), attempt.problem("slug"));
    let is_looking = StoredValue::new(false);
    look.follow();
    let preset = move || look.report().and_then(|report| report.preset).unwrap_or_default();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if is_looking.try_update_value(std::mem::take) == Some(true) {
            look.now();
            return;
        }
        let preset = Some(untrack(preset)).filter(|preset| !preset.is_empty());
        let new = NewApp::first(&look.upstream.get_untracked(), &name.get_untracked(), preset.as_deref());
        attempt.run(
            move || {
                let new = new.clone();
                async move {
                    new.check()?;
                    create_app(new).await
                }
            },
            |_| browser::enter("/setup/done"),
        );
    };
    view! {
        <form class="stack" data-gap="5" method="post" action=at("/setup/app") novalidate on:submit=submit>
            <Summary id="first-app-error" attempt=attempt fields=FIELDS />
            <Field
                id="upstream"
                label="Upstream"
                kind=InputKind::Url
                help="As this server reaches it: http://127.0.0.1:8000. In a container that is the container itself."
                value=look.upstream
                error=attempt.problem("upstream")
                mono=true
                exact=true
                large=true
                autofocus=true
                autocomplete="off"
            />
            <div>
                <Button
                    kind=ButtonKind::Submit
                    icon=Icon::Refresh
                    busy=look.attempt.is_busy
                    on_press=move |()| is_looking.set_value(true)
                    attr:name="do"
                    attr:value="check"
                >
                    {move || look.verb()}
                </Button>
            </div>
            <Found look=look />
            <Field
                id="name"
                label="Name"
                help="What people call it. It makes its address as well."
                value=name
                error=move || of_name.get().or_else(|| of_slug.get())
                optional=true
                large=true
                autocomplete="off"
            />
            <input type="hidden" name="preset" value=preset />
            <div class="row" data-between=true>
                <LinkButton href="/setup/done" variant=ButtonVariant::Ghost size=Size::Large attr:rel="external">
                    "Skip this step"
                </LinkButton>
                <Button
                    kind=ButtonKind::Submit
                    variant=ButtonVariant::Primary
                    size=Size::Large
                    busy=attempt.is_busy
                    attr:name="do"
                    attr:value="add"
                >
                    "Add the app"
                </Button>
            </div>
        </form>
    }
    .into_any()
}
