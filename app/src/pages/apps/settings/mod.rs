//! An app's settings: where it is, where people reach it, what it is told, how it is looked after.

mod credentials;
mod draft;
mod mount;
mod remove;

use super::{
    desk::Desk,
    found::{Look, Looked},
};
use crate::{
    calls::apps::update_app,
    pages::{
        summary::{FieldName, Summary},
        title::PageTitle,
    },
    state::attempt::Attempt,
    ui::{Button, ButtonKind, ButtonVariant, Card, Check as Tick, Choice, Fact, Facts, Field, InputKind, Note, Select, TagInput, TextArea},
};
use credentials::CredentialFields;
use draft::Draft;
use leptos::{ev::SubmitEvent, prelude::*};
use wire::{
    Failure,
    apps::{App, IdentityHeaders, Source},
};

const FIELDS: &[FieldName] = &[
    ("name", "app-name", "Name"),
    ("upstream", "app-upstream", "Upstream"),
    ("hosts", "app-hosts", "Host names"),
    ("listen", "app-listen", "Port of its own"),
    ("path", "app-path", "Path on the dashboard’s address"),
    ("trusted", "app-trusted", "Trust in its scripts"),
    ("upstreamCa", "app-ca", "Its certificate authority"),
    ("workspace", "app-workspace", "Workspace"),
    ("health.path", "app-health-path", "Checked path"),
    ("health.every", "app-health-every", "Checked every"),
    ("upstreamAuth", "app-auth", "How Doorward signs in to it"),
    ("upstreamAuth.basic.username", "app-auth-username", "Username"),
    ("upstreamAuth.basic.password", "app-auth-password", "Password"),
    ("upstreamAuth.bearer.token", "app-auth-token", "Token"),
    ("upstreamAuth.header.name", "app-auth-header", "Header"),
    ("upstreamAuth.header.value", "app-auth-value", "Value"),
];

/// The page.
#[component]
pub fn Settings() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let body = move || {
        Suspend::new(async move {
            match desk.app.await.map(|app| app.definition) {
                Ok(Some(app)) => view! { <Shown app=app /> }.into_any(),
                _ => ().into_any(),
            }
        })
    };
    view! { <Transition fallback=|| ()>{body}</Transition> }.into_any()
}

#[component]
fn Shown(app: App) -> impl IntoView {
    let title = ["Settings of ", &app.name].concat();
    let body = if app.source == Source::Config {
        configured(&app)
    } else {
        // Made anew after each change: what stands in the controls is of the app as it was.
        let app = StoredValue::new(app);
        let version = move || [app.with_value(|app| (app.slug.clone(), app.updated_at))];
        let form = move |_| {
            view! {
                <Form app=app.get_value() />
                <remove::Remove app=app.get_value() />
            }
        };
        view! { <For each=version key=Clone::clone children=form /> }.into_any()
    };
    view! {
        <PageTitle text=title />
        <div class="stack" data-gap="6">{body}</div>
    }
    .into_any()
}

/// What is in the configuration is changed there alone.
fn configured(app: &App) -> AnyView {
    let hosts = if app.hosts.is_empty() { "None besides those that its short name makes".to_owned() } else { app.hosts.join(", ") };
    let auth = app.upstream_auth.as_ref().map_or("Not at all".to_owned(), credentials::words);
    let checked = [&app.health.path, " every ", &app.health.every].concat();
    let ca = if app.upstream_ca.is_some() { "Its own, and those that are believed anyhow" } else { "Those that are believed anyhow" };
    let mounted = mount::words(app);
    let App { slug, upstream, workspace, identity, enabled, .. } = app.clone();
    view! {
        <Note title="This app is in the configuration file".to_owned()>
            "It is changed there, and counts within seconds, without a restart."
        </Note>
        <Card id="configured" title="As it is set up".to_owned()>
            <Facts>
                <Fact name="Short name" mono=true>{slug.to_string()}</Fact>
                <Fact name="Upstream" mono=true>{upstream}</Fact>
                <Fact name="Certificate authorities">{ca}</Fact>
                <Fact name="Host names">{hosts}</Fact>
                <Fact name="On the dashboard’s address">{mounted}</Fact>
                <Fact name="Workspace" mono=true>{workspace.to_string()}</Fact>
                <Fact name="Identity headers" mono=true>{identity.headers.as_str()}</Fact>
                <Fact name="Doorward signs in">{auth}</Fact>
                <Fact name="Checked at" mono=true>{checked}</Fact>
                <Fact name="Enabled">{if enabled { "Yes" } else { "No" }}</Fact>
            </Facts>
        </Card>
    }
    .into_any()
}

#[component]
fn Form(app: App) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let draft = Draft::of(&app);
    let attempt = Attempt::new();
    let app = StoredValue::new(app);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let patch = untrack(|| app.with_value(|app| draft.patch(app)));
        let (slug, name) = app.with_value(|app| (app.slug.clone(), app.name.clone()));
        let done = [&name, " is saved"].concat();
        attempt.run(
            move || {
                let (slug, patch) = (slug.clone(), patch.clone());
                async move {
                    let patch = patch.map_err(folded)?;
                    update_app(slug, patch).await.map_err(folded)
                }
            },
            move |_| desk.changed(done),
        );
    };
    let save = move || {
        view! {
            <span class="push"></span>
            <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary busy=attempt.is_busy attr:form="app-form">
                "Save settings"
            </Button>
        }
    };
    view! {
        <Card id="settings" title="Settings".to_owned() foot=save>
            <form class="stack" data-gap="5" id="app-form" novalidate on:submit=submit>
                <Summary id="app-error" attempt=attempt fields=FIELDS />
                <Tick
                    id="app-enabled"
                    label="Let requests through to it"
                    hint="Without it every request to its addresses is turned away.".to_owned()
                    checked=draft.enabled
                />
                <Addresses draft=draft attempt=attempt />
                <mount::Mount draft=draft attempt=attempt />
                <Inside draft=draft attempt=attempt />
                <CredentialFields credentials=draft.credentials attempt=attempt />
            </form>
        </Card>
    }
    .into_any()
}

/// Where it is, and where people reach it.
#[component]
fn Addresses(draft: Draft, attempt: Attempt) -> impl IntoView {
    let look = Look::with_authorities(draft.upstream, draft.ca);
    look.follow();
    view! {
        <div class="fields">
            <Field id="app-name" label="Name" value=draft.name error=attempt.problem("name") autocomplete="off" />
            <Field
                id="app-workspace"
                label="Workspace"
                help="The role there counts."
                value=draft.workspace
                error=attempt.problem("workspace")
                mono=true
                exact=true
                autocomplete="off"
            />
        </div>
        <Field
            id="app-upstream"
            label="Upstream"
            kind=InputKind::Url
            help="Where it runs, as this server reaches it."
            value=draft.upstream
            error=attempt.problem("upstream")
            mono=true
            exact=true
            autocomplete="off"
        />
        <Looked look=look />
        <TextArea
            id="app-ca"
            label="Its certificate authority"
            help="For an upstream of https whose certificate no public authority signed: the authority’s certificates, in PEM."
            value=draft.ca
            error=attempt.problem("upstreamCa")
            placeholder="-----BEGIN CERTIFICATE-----"
            optional=true
        />
        <TagInput
            id="app-hosts"
            label="Host names"
            tags=draft.hosts
            placeholder="tasks.example.com"
            help="Names that lead here, besides those that its short name makes. Enter adds one; point each at Doorward in your DNS."
            error=attempt.problem("hosts")
        />
        <Field
            id="app-listen"
            label="Port of its own"
            help="Where there are no names: an address and a port to listen on, like 127.0.0.1:9001."
            value=draft.listen
            error=attempt.problem("listen")
            optional=true
            mono=true
            exact=true
            autocomplete="off"
        />
    }
    .into_any()
}

/// A failure about one of the host names as one about all of them, which are typed in one place.
fn folded(mut failure: Failure) -> Failure {
    for error in &mut failure.errors {
        if error.field.starts_with("hosts[") {
            error.field.truncate("hosts".len());
        }
    }
    failure
}

/// What it is told, and how it is looked after.
#[component]
fn Inside(draft: Draft, attempt: Attempt) -> impl IntoView {
    let styles: Vec<_> = IdentityHeaders::ALL.into_iter().map(|style| Choice::new(style.as_str(), style_words(style))).collect();
    view! {
        <Select
            id="app-identity"
            label="Identity headers"
            choices=styles
            value=draft.identity
            help="By which headers it hears who asks. All of them are taken out of what comes in."
        />
        <div class="fields">
            <Field
                id="app-health-path"
                label="Checked path"
                help="Any answer below 500 is a good one."
                value=draft.health_path
                error=attempt.problem("health.path")
                mono=true
                exact=true
                autocomplete="off"
            />
            <Field
                id="app-health-every"
                label="Checked every"
                help="From 5s to 1h."
                value=draft.health_every
                error=attempt.problem("health.every")
                mono=true
                exact=true
                autocomplete="off"
            />
        </div>
    }
    .into_any()
}

const fn style_words(style: IdentityHeaders) -> &'static str {
    match style {
        IdentityHeaders::Doorward => "X-Doorward-User, -Email, -Role and more",
        IdentityHeaders::RemoteUser => "Remote-User, Remote-Email, Remote-Groups",
        IdentityHeaders::Forwarded => "X-Forwarded-User, -Email, -Groups",
        IdentityHeaders::None => "None",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::failure::FieldError;

    #[test]
    fn a_bad_host_name_is_told_where_all_are_typed() {
        let error = |field: &str| FieldError { field: field.into(), message: "Write a host name.".into() };
        let failure = folded(Failure::invalid(vec![error("name"), error("hosts[1]")]));
        assert_eq!(failure.of("hosts"), Some("Write a host name."));
        assert_eq!(failure.errors.len(), 2);
    }
}
