//! Home: what is left to do, the apps, who comes and goes, what happened last.

mod apps;
mod latest;
mod sign_ins;
mod steps;

use crate::pages::title::PageTitle;
use crate::{
    calls::stats::get_overview,
    given::resource,
    pages::failed::failed,
    prefix::at,
    state::{follow::Follow, session::Session},
    ui::{Card, Empty, Icon, List, ListRow, Node, Page, RelativeTime, Skeleton, SkeletonShape, Stat, Stats, counted, grouped},
};
use latest::Latest;
use leptos::prelude::*;
use wire::{Failure, device, sessions::Session as Signed, stats::Overview};

/// What Home shows something of.
const LISTS: &[&str] = &["users", "roles", "workspaces", "apps", "sessions", "settings"];
/// How long changes are gathered, in milliseconds: the server keeps the numbers for a little less.
const REST: u32 = 2_200;

/// Home.
#[component]
pub fn Home() -> impl IntoView {
    let session = expect_context::<Session>();
    let news = Follow::new("#guarded tbody").after(LISTS, REST);
    let overview = resource(move || (session.revision.get(), news.turn()), move |_| news.quietly(get_overview()));
    let latest = Latest::new(session);
    let body = move || {
        Suspend::new(async move {
            match overview.await {
                Ok(overview) => shown(session, overview, latest),
                Err(failure) => unloaded(&failure),
            }
        })
    };
    view! {
        <PageTitle text="Home" />
        <Transition fallback=loading>{body}</Transition>
    }
    .into_any()
}

fn shown(session: Session, overview: Overview, latest: Latest) -> AnyView {
    latest.learn(overview.latest);
    let name = session.capabilities.with_untracked(|capabilities| capabilities.name.clone());
    let is_open = session.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.is_open));
    let refused: u64 = overview.sign_ins.iter().map(|hour| hour.refused).sum();
    let succeeded: u64 = overview.sign_ins.iter().map(|hour| hour.succeeded).sum();
    let lead = if is_open {
        "Sign-in is off: nobody is asked who they are.".to_owned()
    } else {
        let people = counted(overview.active_users, "person can", "people can");
        [&people, " sign in. ", &counted(overview.active_sessions, "session is", "sessions are"), " open."].concat()
    };
    let lead = apps::news(&overview.apps).map_or(lead.clone(), |news| [&news, " ", &lead].concat());
    let (chart, is_quiet) = (overview.sign_ins.clone(), succeeded + refused == 0);
    view! {
        <Page title=name lead=lead>
            {overview.first_steps.map(steps::left)}
            <Stats label="Now, and in the last 24 hours">
                <Stat label="Sign-ins" value=grouped(succeeded)>
                    "in the last 24 hours"
                </Stat>
                <Stat label="Refused sign-ins" value=grouped(refused)>
                    "in the last 24 hours"
                </Stat>
                <Stat label="Open sessions" value=grouped(overview.active_sessions)>
                    "right now"
                </Stat>
                <Stat label="People" value=grouped(overview.active_users)>
                    {match overview.disabled_users {
                        0 => "nobody is disabled".to_owned(),
                        disabled => [&grouped(disabled), " disabled"].concat(),
                    }}
                </Stat>
            </Stats>
            <div class="split">
                <div class="stack" data-gap="6">
                    {apps::guarded(session, overview.apps)}
                    <Card id="sign-ins" title="Sign-ins of the last 24 hours".to_owned()>
                        {if is_quiet {
                            view! {
                                <Empty
                                    title="Nobody has signed in yet"
                                    text="Sign-ins and refusals show here, hour by hour.".to_owned()
                                />
                            }
                                .into_any()
                        } else {
                            view! { <sign_ins::SignIns hours=chart /> }.into_any()
                        }}
                    </Card>
                    {overview.signed_in.map(signed_in)}
                </div>
                {latest::card(latest)}
            </div>
        </Page>
    }
    .into_any()
}

/// Who is signed in, the last seen first.
fn signed_in(sessions: Vec<Signed>) -> AnyView {
    let all = || view! { <a class="link" href=at("/settings/sessions?user=all")>"See all"</a> };
    if sessions.is_empty() {
        return view! {
            <Card id="signed-in" title="Who is signed in".to_owned() flush=true>
                <Empty title="Nobody is signed in" text="Open sessions show here, with device and address.".to_owned() />
            </Card>
        }
        .into_any();
    }
    let rows: Vec<_> = sessions
        .into_iter()
        .map(|signed| {
            let detail = [&device::name(&signed.device), " · ", &signed.address].concat();
            let name = if signed.is_current { [&signed.user_name, ", this device"].concat() } else { signed.user_name };
            view! {
                <ListRow title=name detail=detail before=|| view! { <Node icon=Icon::Monitor /> }>
                    <span class="caption muted">
                        <RelativeTime at=signed.last_seen_at.millis() />
                    </span>
                </ListRow>
            }
        })
        .collect();
    view! {
        <Card id="signed-in" title="Who is signed in".to_owned() actions=all flush=true>
            <List>{rows}</List>
        </Card>
    }
    .into_any()
}

fn unloaded(failure: &Failure) -> AnyView {
    let state = failed("Couldn’t load Home", failure);
    view! {
        <Page title="Home">
            <Card id="failed" label="Home" flush=true>
                {state}
            </Card>
        </Page>
    }
    .into_any()
}

fn loading() -> AnyView {
    let stat = || {
        view! {
            <div class="stat">
                <dt>
                    <Skeleton width=3 />
                </dt>
                <dd>
                    <Skeleton shape=SkeletonShape::Large width=2 />
                </dd>
            </div>
        }
    };
    view! {
        <main class="page" id="main" tabindex="-1">
            <p class="sr-only" role="status">
                "Loading Home"
            </p>
            <div class="page__head">
                <Skeleton shape=SkeletonShape::Large width=5 />
            </div>
            <dl class="stats" aria-hidden="true">
                {(0..4).map(|_| stat()).collect::<Vec<_>>()}
            </dl>
            <section class="card" aria-hidden="true">
                <div class="card__body">
                    <Skeleton shape=SkeletonShape::Chart />
                </div>
            </section>
        </main>
    }
    .into_any()
}
