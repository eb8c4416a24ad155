//! How to reach an app: in a browser, from a script, behind a proxy that stands already; and what the
//! upstream is told.

use super::{desk::Desk, proxies};
use crate::{
    calls,
    given::resource,
    pages::{app_words::address, title::PageTitle},
    ui::{Card, Code, Empty, Fact, Facts, Icon, LinkButton, Note},
};
use leptos::prelude::*;
use wire::apps::{App, AppView, IdentityHeaders};

/// The page.
#[component]
pub fn Connect() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let origin = resource(|| (), |()| async { calls::origin() });
    let body = move || {
        Suspend::new(async move {
            let origin = origin.await;
            desk.app.await.map_or_else(|_| ().into_any(), |app| shown(&app, &origin))
        })
    };
    view! { <Transition fallback=|| ()>{body}</Transition> }.into_any()
}

fn shown(app: &AppView, origin: &str) -> AnyView {
    let title = ["Connect to ", &app.name].concat();
    let proxies = app.definition.as_ref().map(|definition| proxies(app, definition, origin));
    let told = app.definition.as_ref().map(told);
    let (browser, script) = (browser(app), script(app));
    view! {
        <PageTitle text=title />
        <div class="split">
            <div class="stack" data-gap="6">{browser} {script} {proxies}</div>
            <div class="stack" data-gap="6">{told} {answers()}</div>
        </div>
    }
    .into_any()
}

/// The addresses for people.
fn browser(app: &AppView) -> AnyView {
    let links: Vec<_> = app
        .urls
        .iter()
        .map(|url| {
            let shown = address(url).to_owned();
            view! {
                <li>
                    <a class="link mono break" href=url.clone() rel="external">
                        {shown}
                    </a>
                </li>
            }
        })
        .collect();
    let list = if links.is_empty() {
        view! { <Empty title="It has no address yet" text="Give it a host name in its settings.".to_owned() /> }.into_any()
    } else {
        view! { <ul class="stack" data-gap="1">{links}</ul> }.into_any()
    };
    view! {
        <Card
            id="browser"
            title="In a browser".to_owned()
            lead="People open the address. Without a session they are asked to sign in, and come back.".to_owned()
        >
            {list}
        </Card>
    }
    .into_any()
}

/// A line to try with a key.
fn script(app: &AppView) -> AnyView {
    let url = app.urls.first().cloned().unwrap_or_default();
    let command = ["curl -H \"Authorization: Bearer $DOORWARD_KEY\" ", url.trim_end_matches('/'), "/"].concat();
    view! {
        <Card
            id="script"
            title="From a script, with an API key".to_owned()
            lead="A key has a role and is checked like a person. It never reaches the app.".to_owned()
        >
            <Code title="curl" text=command wrap=true />
            <div>
                <LinkButton href="/settings/api-keys/new" icon=Icon::Key>
                    "Create an API key"
                </LinkButton>
            </div>
        </Card>
    }
    .into_any()
}

/// The files for other proxies, folded.
fn proxies(app: &AppView, definition: &App, origin: &str) -> AnyView {
    let host = app.urls.first().map_or("tasks.example.com", |url| address(url).split(['/', ':']).next().unwrap_or_default());
    let files: Vec<_> = proxies::files(definition, origin, host)
        .into_iter()
        .map(|(server, text)| {
            view! {
                <details>
                    <summary>{server}</summary>
                    <Code title=server text=text />
                </details>
            }
        })
        .collect();
    view! {
        <Card
            id="proxies"
            title="Behind your own proxy".to_owned()
            lead="Keep your proxy, and let it ask Doorward about each request at /api/v1/auth/forward.".to_owned()
        >
            <Note title="Two things make it safe".to_owned()>
                "The proxy’s address has to be among trusted_proxies, and the app must be reachable through the proxy alone."
            </Note>
            {files}
        </Card>
    }
    .into_any()
}

/// By which headers the upstream hears who asks.
fn headers(style: IdentityHeaders) -> &'static [(&'static str, &'static str)] {
    match style {
        IdentityHeaders::Doorward => &[
            ("X-Doorward-User", "username"),
            ("X-Doorward-Kind", "user, key, open or nobody"),
            ("X-Doorward-Name", "name"),
            ("X-Doorward-Email", "email address"),
            ("X-Doorward-Role", "role where the app is"),
            ("X-Doorward-Workspace", "workspace"),
            ("X-Doorward-Environment", "environment"),
        ],
        IdentityHeaders::RemoteUser => {
            &[("Remote-User", "username"), ("Remote-Name", "name"), ("Remote-Email", "email address"), ("Remote-Groups", "role")]
        }
        IdentityHeaders::Forwarded => &[
            ("X-Forwarded-User", "username"),
            ("X-Forwarded-Preferred-Username", "username"),
            ("X-Forwarded-Email", "email address"),
            ("X-Forwarded-Groups", "role"),
        ],
        IdentityHeaders::None => &[],
    }
}

fn told(app: &App) -> AnyView {
    let own = headers(app.identity.headers);
    let assertion = (!own.is_empty()).then_some(("X-Doorward-Assertion", "all of it, signed; see /.well-known/jwks.json"));
    let facts: Vec<_> = own.iter().copied().chain(assertion).map(|(name, means)| view! { <Fact name=name>{means}</Fact> }).collect();
    let body = if facts.is_empty() {
        view! { <p class="small muted">"Nothing: its identity headers are set to none."</p> }.into_any()
    } else {
        view! {
            <p class="small muted">"Doorward takes these headers out of what comes in, and sets its own."</p>
            <Facts>{facts}</Facts>
        }
        .into_any()
    };
    view! {
        <Card id="told" title="What the app receives".to_owned()>
            {body}
        </Card>
    }
    .into_any()
}

/// What callers get where the app does not answer itself.
fn answers() -> AnyView {
    view! {
        <Card id="answers" title="What callers get back".to_owned()>
            <Facts>
                <Fact name="No session">"Pages lead to the sign-in page, everything else gets 401"</Fact>
                <Fact name="Not allowed">"403, with the permission that is missing"</Fact>
                <Fact name="App down">"502, with a request number"</Fact>
                <Fact name="App too slow">"504, with a request number"</Fact>
            </Facts>
        </Card>
    }
    .into_any()
}
