//! Activity, Channels: the live channels that one may watch, and each on a page of its own.

mod heard;
mod rows;
mod send;
mod watch;

pub use watch::Channel;

use crate::{
    calls::live::list_channels,
    given::resource,
    pages::{failed::failed, title::PageTitle},
    prefix::at,
    state::{browser, follow::Follow, next::escaped, session::Session},
    ui::{
        Button, ButtonKind, Card, Cell, Column, Empty, Field, Icon, MainCell, Node, Page, Place, Row, Table, TableLoading, TableState,
        grouped,
    },
};
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};
use leptos_router::hooks::use_navigate;
use wire::{
    Failure, Page as Part,
    live::{ChannelInfo, Topic},
};

/// The address of the list.
const LIST: &str = "/activity/channels";
const COLUMNS: usize = 3;
/// How often the list is loaded again, in milliseconds.
const AGAIN: u32 = 5_000;

/// The address of a channel's page.
fn address(channel: &str) -> String {
    [LIST, "/", &escaped(channel)].concat()
}

/// What comes on a channel, where Doorward itself says it.
fn about(channel: &str) -> &'static str {
    match channel.split(':').next().unwrap_or_default() {
        "door" if channel == "door:keys" => "How API keys are used, once a minute",
        "door" => "The names of lists that have changed",
        "audit" => "The audit log, as it is written",
        "user" => "What is about you alone",
        "app" => "How an app is, and what it publishes itself",
        _ => "What programs publish",
    }
}

/// The list.
#[component]
pub fn Channels() -> impl IntoView {
    let session = expect_context::<Session>();
    let news = Follow::new("#channels tbody");
    again_and_again(news);
    let channels = resource(move || (session.revision.get(), news.turn()), move |_| news.quietly(list_channels()));
    let body = move || Suspend::new(async move { shown(channels.await) });
    let reload = move || {
        view! {
            <Button icon=Icon::Refresh on_press=move |()| channels.refetch()>
                "Reload"
            </Button>
        }
    };
    view! {
        <PageTitle text="Channels" />
        <Page
            title="Channels"
            lead="What programs and Doorward itself say as it happens. Rules in the configuration decide who may watch.".to_owned()
            actions=reload
        >
            <Card id="channels" label="Channels" flush=true>
                <Table
                    caption="Channels that you may watch"
                    columns=vec![Column::new("Channel"), Column::new("Messages kept").number(), Column::new("You may")]
                >
                    <Transition fallback=|| view! { <TableLoading columns=COLUMNS rows=4 /> }>{body}</Transition>
                </Table>
            </Card>
            <Other />
        </Page>
    }
    .into_any()
}

/// Has the list loaded again now and then, as long as it is there and somebody sees it. Nothing tells that a message
/// was published but the message, and whoever looks at the list does not want them all.
fn again_and_again(news: Follow) {
    Effect::new(move || {
        spawn_local(async move {
            while news.is_there() {
                browser::pause(AGAIN).await;
                news.due();
            }
        });
    });
}

fn shown(part: Result<Part<ChannelInfo>, Failure>) -> AnyView {
    match part {
        Ok(part) if part.items.is_empty() => view! {
            <TableState columns=COLUMNS>
                <Empty title="No channel is open to you" text="An admin opens channels in the configuration, below live.channels.".to_owned() />
            </TableState>
        }
        .into_any(),
        Ok(part) => part.items.into_iter().map(row).collect::<Vec<_>>().into_any(),
        Err(failure) => {
            let state = failed("Couldn’t load the channels", &failure);
            view! { <TableState columns=COLUMNS>{state}</TableState> }.into_any()
        }
    }
}

fn row(info: ChannelInfo) -> AnyView {
    let (href, about) = (address(&info.channel), about(&info.channel));
    let kept = match info.messages {
        // A namespace has none of its own: they are counted where they were said.
        None if info.channel.ends_with('*') => String::new(),
        messages => messages.map_or_else(|| "none".to_owned(), grouped),
    };
    let may = if info.can_publish { "watch and publish" } else { "watch" };
    view! {
        <Row>
            <MainCell>
                <div class="person">
                    <Node icon=Icon::Activity />
                    <div>
                        <b>
                            <a class="mono break" href=at(&href)>
                                {info.channel}
                            </a>
                        </b>
                        <small>{about}</small>
                    </div>
                </div>
            </MainCell>
            <Cell label="Messages kept" number=true>
                {kept}
            </Cell>
            <Cell label="You may" place=Place::Line>
                {may}
            </Cell>
        </Row>
    }
    .into_any()
}

/// The way to a channel that has no messages now.
#[component]
fn Other() -> impl IntoView {
    let name = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<String>);
    let navigate = use_navigate();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        match name.get_untracked().trim().parse::<Topic>() {
            Ok(topic) => navigate(&address(topic.as_str()), Default::default()),
            Err(expected) => problem.set(Some(["This is no channel: ", &expected, "."].concat())),
        }
    };
    let foot = || {
        view! {
            <span class="push"></span>
            <Button kind=ButtonKind::Submit attr:form="other-form">
                "Watch"
            </Button>
        }
    };
    view! {
        <Card
            id="other"
            title="Another channel".to_owned()
            lead="A channel is there as soon as something is published on it, or somebody watches.".to_owned()
            foot=foot
        >
            <form id="other-form" novalidate on:submit=submit>
                <Field
                    id="other-channel"
                    label="Channel"
                    help="Like workflow:42, or workflow:* for all of a namespace."
                    value=name
                    error=problem
                    mono=true
                    exact=true
                    autocomplete="off"
                />
            </form>
        </Card>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_s_page_is_named_by_it() {
        assert_eq!(address("workflow:42"), "/activity/channels/workflow%3A42");
        assert_eq!(about("door:keys"), "How API keys are used, once a minute");
        assert_eq!(about("workflow:42"), "What programs publish");
    }
}
