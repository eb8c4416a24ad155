//! Settings, General: what the installation is called, whom to ask, and what runs.

use crate::pages::title::PageTitle;
use crate::{
    calls::{
        live::get_centrifugo,
        settings::{get_settings, update_settings},
    },
    given::resource,
    pages::{
        failed::failed,
        summary::{FieldName, Summary},
        words,
    },
    prefix::at,
    state::{
        attempt::Attempt,
        session::{Session, retry_failed},
    },
    ui::{
        Button, ButtonKind, ButtonVariant, Card, Fact, Facts, Field, Page, RelativeTime, Skeleton, SkeletonShape, Status, Time, TimeStyle,
        Tone, counted, use_toaster,
    },
};
use leptos::{ev::SubmitEvent, prelude::*};
use wire::{
    Check, Failure,
    live::CentrifugoState,
    settings::{ConfigurationFile, Settings, SettingsPatch},
};

const FIELDS: &[FieldName] = &[("name", "installation-name", "Name"), ("helpContact", "help-contact", "Help contact")];

/// The page.
#[component]
pub fn General() -> impl IntoView {
    let session = expect_context::<Session>();
    let settings = resource(|| (), |()| get_settings());
    retry_failed(session, settings);
    let body = move || {
        Suspend::new(async move {
            match settings.await {
                Ok(settings) => view! { <Shown settings=settings /> }.into_any(),
                Err(failure) => unloaded(&failure),
            }
        })
    };
    let centrifugo = resource(|| (), |()| get_centrifugo());
    retry_failed(session, centrifugo);
    let live = move || Suspend::new(async move { centrifugo.await.map_or_else(|_| ().into_any(), live) });
    view! {
        <PageTitle text="General" />
        <Page title="General" lead="This installation, and what it runs on.".to_owned() narrow=true>
            <Transition fallback=loading>{body}</Transition>
            <Transition fallback=|| ()>{live}</Transition>
        </Page>
    }
    .into_any()
}

#[component]
fn Shown(settings: Settings) -> impl IntoView {
    let session = expect_context::<Session>();
    let reports = use_toaster();
    let name = RwSignal::new(settings.name.clone());
    let contact = RwSignal::new(settings.help_contact.clone().unwrap_or_default());
    let attempt = Attempt::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let patch = SettingsPatch {
            name: Some(name.get_untracked().trim().to_owned()),
            help_contact: Some(words::given(&contact.get_untracked())),
        };
        attempt.run(
            move || {
                let patch = patch.clone();
                async move {
                    patch.check()?;
                    update_settings(patch).await
                }
            },
            move |settings| {
                name.set(settings.name.clone());
                session.capabilities.update(|capabilities| {
                    capabilities.name = settings.name;
                    capabilities.help_contact = settings.help_contact;
                });
                reports.say("The installation’s name and help contact are saved");
            },
        );
    };
    let save = move || {
        view! {
            <span class="push"></span>
            <Button
                kind=ButtonKind::Submit
                variant=ButtonVariant::Primary
                busy=attempt.is_busy
                attr:form="installation-form"
            >
                "Save installation"
            </Button>
        }
    };
    view! {
        <Card id="installation" title="Installation".to_owned() foot=save>
            <form class="stack" data-gap="4" id="installation-form" novalidate on:submit=submit>
                <Summary id="installation-error" attempt=attempt fields=FIELDS />
                <Field
                    id="installation-name"
                    label="Name"
                    help="Shown on the sign-in page."
                    value=name
                    error=attempt.problem("name")
                    autocomplete="off"
                />
                <Field
                    id="help-contact"
                    label="Help contact"
                    help="Shown to people who can’t sign in. Names of admins never are."
                    value=contact
                    error=attempt.problem("helpContact")
                    optional=true
                    autocomplete="off"
                />
            </form>
        </Card>
        <Card id="server" title="Server".to_owned()>
            <Facts>
                <Fact name="Public address" mono=settings.public_url.is_some()>
                    {settings
                        .public_url
                        .unwrap_or_else(|| "Not set. Links use the address you came by; public_url fixes it.".into())}
                </Fact>
                <Fact name="Version" mono=true>{settings.version}</Fact>
                <Fact name="Running since">
                    <Time at=settings.started_at.millis() style=TimeStyle::Exact />
                </Fact>
                <Fact name="Database">{database(&settings.database)}</Fact>
                <Fact name="Data" mono=true>{settings.data}</Fact>
                {settings.configuration.map(configuration)}
            </Facts>
        </Card>
    }
    .into_any()
}

/// Where the configuration is, and how far it is in force.
fn configuration(file: ConfigurationFile) -> AnyView {
    let (tone, word) = match (&file.problem, file.needs_restart.is_empty()) {
        (None, true) => (Tone::Success, "In force"),
        (None, false) => (Tone::Warning, "In force, but for what needs a restart"),
        (Some(_), _) => (Tone::Danger, "Changed since, and not in force"),
    };
    let waiting = (!file.needs_restart.is_empty()).then(|| {
        view! {
            <Fact name="Needs a restart" mono=true>
                {file.needs_restart.join(", ")}
            </Fact>
        }
    });
    let problem = file.problem.map(|problem| view! { <Fact name="Why">{problem}</Fact> });
    view! {
        <Fact name="Configuration file" mono=true>
            {file.path}
        </Fact>
        <Fact name="Configuration">
            <Status tone=tone>{word}</Status>
        </Fact>
        {problem}
        {waiting}
        <Fact name="Read">
            <Time at=file.read_at.millis() style=TimeStyle::Exact />
        </Fact>
    }
    .into_any()
}

/// How what is published on live channels gets to where else it goes.
fn live(state: CentrifugoState) -> AnyView {
    let (tone, word) = match (state.is_configured, &state.problem) {
        (false, _) => (Tone::Off, "Not configured"),
        (true, None) => (Tone::Success, "Takes what is published"),
        (true, Some(_)) => (Tone::Danger, "Does not take what is published"),
    };
    let detail = state.is_configured.then(|| {
        let last = state.last_at.map(|at| {
            view! {
                <Fact name="Last taken">
                    <RelativeTime at=at.millis() />
                </Fact>
            }
        });
        let problem = state.problem.map(|problem| view! { <Fact name="Why">{words::capital(&problem)}</Fact> });
        view! {
            <Fact name="Waiting">{counted(state.waiting, "message", "messages")}</Fact>
            {last}
            {problem}
        }
    });
    let channels = || view! { <a class="link" href=at("/activity/channels")>"Channels"</a> };
    view! {
        <Card id="live" title="Live channels".to_owned() actions=channels>
            <Facts>
                <Fact name="Centrifugo">
                    <Status tone=tone>{word}</Status>
                </Fact>
                {detail}
            </Facts>
        </Card>
    }
    .into_any()
}

fn database(name: &str) -> String {
    match name {
        "sqlite" => "SQLite".into(),
        "postgres" => "PostgreSQL".into(),
        other => words::capital(other),
    }
}

fn unloaded(failure: &Failure) -> AnyView {
    let state = failed("Couldn’t load the settings", failure);
    view! {
        <Card id="failed" label="Settings" flush=true>
            {state}
        </Card>
    }
    .into_any()
}

fn loading() -> AnyView {
    view! {
        <p class="sr-only" role="status">
            "Loading the settings"
        </p>
        <Card id="loading" label="Settings">
            <Skeleton shape=SkeletonShape::Large width=3 />
            <Skeleton width=5 />
            <Skeleton width=4 />
        </Card>
    }
    .into_any()
}
