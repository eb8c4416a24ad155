//! An app's overview: what happens to a request, the last hour, how the upstream is.

use super::{
    counting,
    desk::Desk,
    query::LIST,
    rules::Listed,
    traffic::{Sums, Traffic},
};
use crate::{
    calls::{
        apps::{get_app, get_app_traffic},
        client::in_background,
    },
    given::resource,
    pages::{
        app_words::{address, latency, status},
        failed::failed,
        role::RoleMark,
        words,
    },
    prefix::at,
    state::{follow::Follow, next::escaped, session::Session},
    ui::{Card, Fact, Facts, Icon, Passage, PassageStep, RelativeTime, Skeleton, SkeletonShape, counted, grouped},
};
use futures::future::join;
use leptos::{prelude::*, task::spawn_local};
use wire::{
    Failure,
    apps::{App, AppTraffic, AppView, Source, TrafficMinute},
    policy::LIST_EVENTS,
    workspaces::Slug,
};

/// So many rules are shown here.
const SHORT: usize = 6;

/// The page.
#[component]
pub fn Overview() -> impl IntoView {
    let session = expect_context::<Session>();
    let desk = expect_context::<Desk>();
    let seen = resource(move || (desk.slug.get(), session.revision.get()), |(slug, _)| both(slug));
    let body = move || {
        Suspend::new(async move {
            match seen.await {
                Ok((app, traffic)) => view! { <Shown app=app traffic=traffic desk=desk /> }.into_any(),
                // The frame says that there is no such app.
                Err(failure) if failure.status == 404 => ().into_any(),
                Err(failure) => unloaded(&failure),
            }
        })
    };
    view! { <Transition fallback=waiting>{body}</Transition> }.into_any()
}

/// The app as it is now, and its last hour.
async fn both(slug: Slug) -> Result<(AppView, AppTraffic), Failure> {
    let (app, traffic) = join(get_app(slug.clone()), get_app_traffic(slug)).await;
    Ok((app?, traffic?))
}

/// The page, which keeps up with what happens without being made anew: somebody may be reading in it.
#[component]
fn Shown(app: AppView, traffic: AppTraffic, desk: Desk) -> impl IntoView {
    let session = expect_context::<Session>();
    let (rules, facts) = (app.definition.as_ref().map(rules), facts(session, &app));
    let slug = app.slug.clone();
    let now = RwSignal::new(app);
    let minutes = RwSignal::new(traffic.minutes);
    // What is drawn here anew is no list that somebody is at.
    let news = Follow::of(&["apps"], "");
    counting(session, news);
    Effect::new(move || {
        if news.turn() == 0 {
            return;
        }
        let slug = slug.clone();
        spawn_local(async move {
            if let Ok((app, traffic)) = in_background(both(slug)).await {
                let _ = now.try_set(app);
                let _ = minutes.try_set(traffic.minutes);
            }
        });
    });
    Effect::new(move || desk.health.set(now.with(|app| Some((app.slug.clone(), app.health.clone())))));
    let passage = move || now.with(|app| minutes.with(|minutes| passage(app, minutes)));
    let health = move || now.with(health);
    view! {
        <Card
            id="passage"
            title="What happens to a request".to_owned()
            actions=|| view! { <span class="small muted">"In the last hour"</span> }
        >
            {passage}
        </Card>
        <div class="split">
            <div class="stack" data-gap="6">
                <Card id="traffic" title="Traffic".to_owned()>
                    <Traffic minutes=minutes />
                </Card>
                {rules}
            </div>
            <div class="stack" data-gap="6">{health} {facts}</div>
        </div>
    }
    .into_any()
}

/// The way of a request, with the numbers of the last hour.
fn passage(app: &AppView, minutes: &[TrafficMinute]) -> AnyView {
    let sums = Sums::of(minutes);
    let to = app.urls.first().map_or_else(|| app.slug.0.clone(), |url| address(url).to_owned());
    let turned = |number: u64, words: &str| (number > 0).then(|| [&grouped(number), words].concat());
    let asked = match app.definition.as_ref().map(|definition| definition.rules.len() as u64) {
        Some(0) => "No rules: looking needs read, the rest write".to_owned(),
        Some(rules) => [&counted(rules, "rule", "rules"), ", the first that matches counts"].concat(),
        None => "The first rule that matches counts".into(),
    };
    let upstream = app.definition.as_ref().map(|definition| [&definition.upstream, ", "].concat()).unwrap_or_default();
    let answers = match app.health.latency_ms {
        Some(_) => ["answers in ", &latency(app.health.latency_ms)].concat(),
        None => "does not answer".into(),
    };
    let end = [upstream, answers].concat();
    let (requests, passed) = (counted(sums.requests, "request", "requests"), [&grouped(sums.let_through()), " let through"].concat());
    let (unknown, denied) = (turned(sums.unauthenticated, " turned away (401)"), turned(sums.denied, " turned away (403)"));
    view! {
        <Passage>
            <PassageStep icon=Icon::Globe title=requests>
                {["to ", &to].concat()}
            </PassageStep>
            <Ask icon=Icon::User title="Who are you?" turned=unknown>
                "Session or API key"
            </Ask>
            <Ask icon=Icon::Key title="May you do this?" turned=denied>
                {asked}
            </Ask>
            <PassageStep icon=Icon::Apps title=passed>
                {end}
            </PassageStep>
        </Passage>
    }
    .into_any()
}

/// An arch of the passage.
#[component]
fn Ask(icon: Icon, title: &'static str, turned: Option<String>, children: Children) -> impl IntoView {
    match turned {
        Some(turned) => view! {
            <PassageStep icon=icon arch=true title=title turned=turned>
                {children()}
            </PassageStep>
        }
        .into_any(),
        None => view! {
            <PassageStep icon=icon arch=true title=title>
                {children()}
            </PassageStep>
        }
        .into_any(),
    }
}

fn rules(app: &App) -> AnyView {
    let href = [LIST, "/", &app.slug.0, "/rules"].concat();
    let all = move || view! { <a class="link" href=at(&href)>"See all" <span class="sr-only">" rules"</span></a> };
    let rules = app.rules.clone();
    view! {
        <Card id="rules" title="Rules".to_owned() actions=all flush=true>
            <Listed rules=rules most=SHORT />
        </Card>
    }
    .into_any()
}

/// How the upstream is.
fn health(app: &AppView) -> AnyView {
    let health = &app.health;
    let checked = health.checked_at.map(|at| {
        let answered = health.status.map(|status| [", answered ", &status.to_string()].concat());
        view! {
            <Fact name="Last check">
                <RelativeTime at=at.millis() />
                {answered}
            </Fact>
        }
    });
    let since = health.since.map(|at| {
        view! {
            <Fact name="Like this since">
                <RelativeTime at=at.millis() />
            </Fact>
        }
    });
    let cause = health.cause.clone().map(|cause| view! { <Fact name="Why">{words::capital(&cause)}</Fact> });
    let upstream = app.definition.as_ref().map(|app| {
        let (upstream, checked) = (app.upstream.clone(), [&app.health.path, " every ", &app.health.every].concat());
        view! {
            <Fact name="Upstream" mono=true>{upstream}</Fact>
            <Fact name="Checked at" mono=true>{checked}</Fact>
        }
    });
    let (mark, answers) = (status(health.state, app.enabled), latency(health.latency_ms));
    view! {
        <Card id="health" title="Upstream health".to_owned() actions=move || mark>
            <Facts>
                <Fact name="Answers in">{answers}</Fact>
                {checked} {since} {cause} {upstream}
            </Facts>
        </Card>
    }
    .into_any()
}

/// What else is known of it.
fn facts(session: Session, app: &AppView) -> AnyView {
    let role = match app.role.clone() {
        Some(role) => view! { <RoleMark role=role /> }.into_any(),
        None => "None".into_any(),
    };
    let may_audit = session.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.may(&LIST_EVENTS)));
    let log = may_audit.then(|| {
        let href = ["/settings/audit?target=", &escaped(&app.slug.0)].concat();
        move || view! { <a class="link" href=at(&href)>"Its events"</a> }.into_any()
    });
    let preset = app.definition.as_ref().and_then(|app| app.preset.clone()).map(|preset| view! { <Fact name="Made from">{preset}</Fact> });
    let trusted = app.definition.as_ref().is_some_and(|app| app.trusted);
    let trusted = trusted.then(|| view! { <Fact name="Trusted">"Its scripts may do what the dashboard’s may"</Fact> });
    let source = match app.source {
        Source::Config => "The configuration file",
        Source::Dashboard => "The dashboard",
    };
    let (workspace, log, changed) = (app.workspace.to_string(), log.map(|log| log()), app.updated_at.millis());
    view! {
        <Card id="facts" title="The app".to_owned() actions=move || log>
            <Facts>
                <Fact name="Your role">{role}</Fact>
                <Fact name="Workspace" mono=true>{workspace}</Fact>
                <Fact name="Set up in">{source}</Fact>
                {preset}
                {trusted}
                <Fact name="Changed">
                    <RelativeTime at=changed />
                </Fact>
            </Facts>
        </Card>
    }
    .into_any()
}

fn unloaded(failure: &Failure) -> AnyView {
    let state = failed("Couldn’t load the overview", failure);
    view! {
        <Card id="overview-failed" label="Overview" flush=true>
            {state}
        </Card>
    }
    .into_any()
}

fn waiting() -> AnyView {
    view! {
        <Card id="overview-loading" label="Overview">
            <Skeleton shape=SkeletonShape::Chart />
        </Card>
    }
    .into_any()
}
