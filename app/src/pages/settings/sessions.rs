//! Where people are signed in right now: oneself, and for those who manage users everybody.

use crate::pages::title::PageTitle;
use crate::{
    calls::sessions::{end_session, list_sessions, sign_out_everywhere, sign_out_others},
    given::resource,
    pages::{
        decision::{DecisionOf, report},
        failed,
    },
    state::{attempt::Attempt, follow::Follow, session::Session},
    ui::{
        Badge, Button, ButtonKind, ButtonVariant, Card, Cell, Column, Dialog, Empty, Icon, MainCell, Node, Page, Pager, Person, Place,
        RelativeTime, Reports, Row, RowActions, Size, Tab, Table, TableLoading, TableState, Tabs, Time, TimeStyle, Tone, counted,
        use_toaster,
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use wire::{
    Failure, Page as Part, SessionId, device,
    policy::LIST_USERS,
    sessions::{Session as Signed, SessionQuery},
};

const COLUMNS: usize = 5;

/// The page.
#[component]
pub fn Sessions() -> impl IntoView {
    let session = expect_context::<Session>();
    let query = use_query_map();
    let wanted = Memo::new(move |_| query.with(|query| SessionQuery { user: query.get("user"), limit: None, cursor: query.get("cursor") }));
    let may_see_all = Memo::new(move |_| session.me.with(|me| me.as_ref().is_some_and(|me| me.may(&LIST_USERS))));
    let news = Follow::of(&["sessions", "users"], "#sessions tbody");
    let sessions =
        resource(move || (wanted.get(), session.revision.get(), news.turn()), move |(wanted, ..)| news.quietly(list_sessions(wanted)));
    let is_leaving = RwSignal::new(false);
    let reports = use_toaster();
    let others = Attempt::new();
    let end_others = move |_| {
        others.run(
            move || async move { sign_out_others().await.inspect_err(|failure| reports.say(report("Your other sessions go on", failure))) },
            move |sessions_ended| {
                reports.say([&counted(sessions_ended.ended, "other session", "other sessions"), " ended"].concat());
                sessions.refetch();
            },
        );
    };
    let actions = move || {
        view! {
            <Button variant=ButtonVariant::DangerQuiet busy=others.is_busy on_press=end_others>
                "End my other sessions"
            </Button>
            <Button variant=ButtonVariant::DangerQuiet on_press=move |()| is_leaving.set(true)>
                "Sign out everywhere"
            </Button>
        }
    };
    let is_all = Memo::new(move |_| wanted.with(|wanted| wanted.user.is_some()));
    let rows = move || {
        Suspend::new(async move {
            match sessions.await {
                Ok(part) => rows(part, move || sessions.refetch(), reports),
                Err(failure) => failed(&failure),
            }
        })
    };
    let foot = move || Suspend::new(async move { sessions.await.ok().map(|part| pager(&part, wanted)) });
    view! {
        <PageTitle text="Sessions" />
        <Page
            title="Sessions"
            lead="Where people are signed in right now. Ending one takes effect at once.".to_owned()
            actions=actions
        >
            {move || {
                may_see_all
                    .get()
                    .then(|| {
                        view! {
                            <Tabs label="Whose sessions">
                                <Tab
                                    href="/settings/sessions"
                                    label="Mine"
                                    current=Signal::derive(move || !is_all.get())
                                />
                                <Tab href="/settings/sessions?user=all" label="Everyone" current=is_all />
                            </Tabs>
                        }
                    })
            }}
            <Card id="sessions" label="Sessions" flush=true>
                <Table
                    caption="Sessions"
                    columns=vec![
                        Column::new("Device"),
                        Column::new("Person"),
                        Column::new("Last seen"),
                        Column::new("Ends"),
                        Column::hidden("Actions"),
                    ]
                >
                    <Transition fallback=|| view! { <TableLoading columns=COLUMNS rows=4 /> }>{rows}</Transition>
                </Table>
                <Transition fallback=|| ()>{foot}</Transition>
            </Card>
        </Page>
        <SignOutEverywhere open=is_leaving />
    }
    .into_any()
}

fn rows(part: Part<Signed>, refetch: impl Fn() + Copy + Send + Sync + 'static, reports: Reports) -> AnyView {
    if part.items.is_empty() {
        return view! {
            <TableState columns=COLUMNS>
                <Empty title="No open sessions" text="Signing in opens one.".to_owned() />
            </TableState>
        }
        .into_any();
    }
    part.items.into_iter().map(|signed| row(signed, refetch, reports)).collect::<Vec<_>>().into_any()
}

fn row(signed: Signed, refetch: impl Fn() + Copy + Send + Sync + 'static, reports: Reports) -> AnyView {
    let attempt = Attempt::new();
    let (id, name) = (signed.id, signed.user_name.clone());
    let device = device::name(&signed.device);
    let shown = device.clone();
    let end = {
        let device = device.clone();
        move |_| end_one(attempt, id, device.clone(), refetch, reports)
    };
    let action = if signed.is_current {
        view! { <Badge tone=Tone::Accent>"This device"</Badge> }.into_any()
    } else {
        view! {
            <Button
                variant=ButtonVariant::DangerQuiet
                size=Size::Small
                busy=attempt.is_busy
                attr:aria-label=["End ", &device, ", ", &name].concat()
                on_press=end
            >
                "End"
            </Button>
        }
        .into_any()
    };
    view! {
        <Row>
            <MainCell>
                <div class="person">
                    <Node icon=Icon::Monitor />
                    <div>
                        <b title=signed.device>{shown}</b>
                        <small class="mono" data-size="sm">
                            {signed.address}
                        </small>
                    </div>
                </div>
            </MainCell>
            <Cell label="Person" place=Place::Left>
                <Person name=name key=signed.user_id.to_string() />
            </Cell>
            <Cell label="Last seen" place=Place::Right>
                <RelativeTime at=signed.last_seen_at.millis() />
            </Cell>
            <Cell label="Ends">
                <Time at=signed.expires_at.millis() style=TimeStyle::Exact />
            </Cell>
            <RowActions>{action}</RowActions>
        </Row>
    }
    .into_any()
}

fn end_one(attempt: Attempt, id: SessionId, device: String, refetch: impl Fn() + 'static, reports: Reports) {
    attempt.run(
        // A session that is gone already is what was wanted.
        move || async move {
            match end_session(id).await {
                Err(failure) if failure.status != 404 => {
                    reports.say(report("The session goes on", &failure));
                    Err(failure)
                }
                _ => Ok(()),
            }
        },
        move |()| {
            reports.say(["The session on ", &device, " has ended"].concat());
            refetch();
        },
    );
}

fn pager(part: &Part<Signed>, wanted: Memo<SessionQuery>) -> AnyView {
    let query = wanted.get_untracked();
    let shown = counted(part.items.len() as u64, "session", "sessions");
    let shown = match part.total {
        Some(total) if total > part.items.len() as u64 => [&shown, " of ", &total.to_string()].concat(),
        _ => shown,
    };
    let address = |cursor: Option<&str>| {
        let user = query.user.as_ref().map(|user| ["user=", user].concat());
        let cursor = cursor.map(|cursor| ["cursor=", cursor].concat());
        let all: Vec<String> = user.into_iter().chain(cursor).collect();
        ["/settings/sessions?", &all.join("&")].concat().trim_end_matches('?').to_owned()
    };
    let next = part.next_cursor.as_deref().map(|cursor| address(Some(cursor)));
    let previous = query.cursor.as_ref().map(|_| address(None));
    view! { <Pager shown=shown previous=previous next=next /> }.into_any()
}

fn failed(failure: &Failure) -> AnyView {
    let state = failed::failed("Couldn’t load the sessions", failure);
    view! { <TableState columns=COLUMNS>{state}</TableState> }.into_any()
}

/// The question before all of one's sessions end, this one too.
#[component]
fn SignOutEverywhere(open: RwSignal<bool>) -> impl IntoView {
    let session = expect_context::<Session>();
    let attempt = Attempt::new();
    let submit = move |()| attempt.run(sign_out_everywhere, move |()| session.signed_out("/login"));
    let problem = attempt.detail();
    view! {
        <Dialog
            id="everywhere"
            title="Sign out everywhere?"
            open=open
            size=Size::Small
            on_submit=submit
            foot=move || {
                view! {
                    <Button on_press=move |()| open.set(false)>"Stay signed in"</Button>
                    <Button kind=ButtonKind::Submit variant=ButtonVariant::Danger busy=attempt.is_busy>
                        "Sign out everywhere"
                    </Button>
                }
            }
        >
            <p>"All your sessions end, on this device too. You sign in again with your password."</p>
            {move || problem.get().map(|problem| view! { <p class="error">{problem}</p> })}
            <DecisionOf attempt=attempt />
        </Dialog>
    }
    .into_any()
}
