//! A channel: what comes on it, as it comes.

use super::{
    about,
    heard::Heard,
    rows::{self, Wanted},
    send::{Script, Send},
};
use crate::{
    calls::{self, live::get_channel},
    given::resource,
    pages::{failed::failed, title::PageTitle},
    state::{
        follow::watch,
        live::{Line, Live},
        session::{Session, retry_failed},
    },
    ui::{Button, Card, Choice, Column, Empty, Icon, MainWidth, Note, Page, SearchField, Select, Table, TableState, Tone, Toolbar},
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use wire::{
    Code, Failure,
    live::{ChannelInfo, Topic},
};

/// The page.
#[component]
pub fn Channel() -> impl IntoView {
    let session = expect_context::<Session>();
    let live = expect_context::<Live>();
    let params = use_params_map();
    let name = Memo::new(move |_| params.with(|params| params.get("name")).unwrap_or_default());
    let topic = Memo::new(move |_| name.with(|name| name.parse::<Topic>().ok()));
    let heard = Heard::new();
    Effect::new(move |before: Option<Option<Topic>>| {
        let now = topic.get();
        if before.is_some_and(|before| before != now) {
            heard.clear();
        }
        now
    });
    // All that is kept, and then what comes.
    watch(move || topic.get(), Some(0), move |news| heard.hear(news));
    let info = resource(
        move || topic.get(),
        |topic| async move {
            match topic {
                Some(topic) => Ok((get_channel(topic).await?, calls::origin())),
                None => Err(Failure::new(Code::NotFound, "The address names no channel.")),
            }
        },
    );
    retry_failed(session, info);
    let note = move || {
        Suspend::new(async move {
            let missing = info.await.err().filter(|failure| failure.status == 404).map(|failure| failure.detail);
            move || missing.clone().or_else(|| heard.refusal.get().map(|failure| failure.detail)).map(refused)
        })
    };
    let beside = move || Suspend::new(async move { more(info.await) });
    let title = move || name.get();
    view! {
        <PageTitle text=title />
        <Page title=Signal::derive(title) lead=Signal::derive(move || Some(name.with(|name| about(name).to_owned()))) actions=move || pause(heard)>
            <Transition fallback=|| ()>{note}</Transition>
            <Log heard=heard live=live />
            <Transition fallback=|| ()>{beside}</Transition>
        </Page>
    }
    .into_any()
}

fn refused(detail: String) -> AnyView {
    view! {
        <Note tone=Tone::Danger title="This channel is not yours to watch".to_owned()>
            {detail}
        </Note>
    }
    .into_any()
}

/// The button that keeps what comes from moving what is there.
fn pause(heard: Heard) -> AnyView {
    let press = move |()| {
        heard.is_paused.update(|is_paused| *is_paused = !*is_paused);
        if !heard.is_paused.get_untracked() {
            heard.show();
        }
    };
    let words = move || if heard.is_paused.get() { "Go on" } else { "Pause" };
    view! {
        <Button icon=Icon::Pause on_press=press>
            {words}
        </Button>
    }
    .into_any()
}

/// What was heard, the newest first.
#[component]
fn Log(heard: Heard, live: Live) -> impl IntoView {
    let (kind, text) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let kinds = Memo::new(move |_| {
        let mut kinds: Vec<String> = heard.shown.with(|shown| {
            let messages = shown.iter().filter_map(|entry| entry.message.as_ref());
            messages.map(|message| message.kind.clone()).collect()
        });
        // What is looked for stays to be chosen, also once it is gone.
        kinds.extend(Some(kind.get()).filter(|kind| !kind.is_empty()));
        kinds.sort();
        kinds.dedup();
        kinds
    });
    let choices = Signal::derive(move || {
        let any = Choice::new("", "Any type");
        std::iter::once(any).chain(kinds.get().into_iter().map(|kind| Choice::new(kind.clone(), kind))).collect::<Vec<_>>()
    });
    let wanted = Memo::new(move |_| Wanted { kind: kind.get(), text: text.get() });
    let entries = Memo::new(move |_| {
        wanted.with(|wanted| heard.shown.with(|shown| shown.iter().filter(|entry| wanted.fits(entry)).cloned().collect::<Vec<_>>()))
    });
    let is_empty = Memo::new(move |_| entries.with(Vec::is_empty));
    let hold = move |is_held: bool| {
        heard.is_held.set(is_held);
        if !is_held && !heard.is_paused.get_untracked() {
            heard.show();
        }
    };
    view! {
        <Card id="messages" label="Messages" flush=true>
            <Toolbar count=Signal::derive(move || heard.words(live))>
                <SearchField id="message-search" label="Search messages" placeholder="Type, channel or data" value=text />
                <Select id="message-kind" label="Type of message" hide_label=true choices=choices value=kind />
            </Toolbar>
            <div
                on:mouseenter=move |_| hold(true)
                on:mouseleave=move |_| hold(false)
                on:focusin=move |_| hold(true)
                on:focusout=move |_| hold(false)
            >
                <Table
                    caption="Messages, newest first"
                    columns=vec![Column::new("Time"), Column::new("Type"), Column::new("Channel"), Column::new("Data")]
                    main=MainWidth::Small
                    dense=true
                >
                    <For each=move || entries.get() key=|entry| entry.number children=rows::row />
                    {move || is_empty.get().then(|| nothing(heard, wanted, live))}
                </Table>
            </div>
        </Card>
    }
    .into_any()
}

/// Why there is no message.
fn nothing(heard: Heard, wanted: Memo<Wanted>, live: Live) -> AnyView {
    let is_narrowed = move || heard.shown.with(|shown| !shown.is_empty()) && wanted.with(|wanted| *wanted != Wanted::default());
    let title = move || if is_narrowed() { "No message matches" } else { "Nothing was said yet" }.to_owned();
    let text = move || {
        Some(
            match (is_narrowed(), live.line.get()) {
                (true, _) => "Try another word, or any type.",
                (false, Line::On) => "Messages of the last five minutes stand here, and new ones as they come.",
                (false, _) => "Messages show here as they come, once the page is connected.",
            }
            .to_owned(),
        )
    };
    view! {
        <TableState columns=rows::COLUMNS>
            <Empty title=Signal::derive(title) text=Signal::derive(text) />
        </TableState>
    }
    .into_any()
}

/// What else one can do with the channel.
fn more(info: Result<(ChannelInfo, String), Failure>) -> AnyView {
    let (info, origin) = match info {
        Ok(found) => found,
        // The note above says it.
        Err(failure) if failure.status == 404 => return ().into_any(),
        Err(failure) => return failed("Couldn’t load the channel", &failure),
    };
    let one = info.channel.parse::<wire::live::Channel>().ok().filter(|_| info.can_publish);
    let can_publish = one.is_some();
    let send = one.map(|channel| view! { <Send channel=channel /> });
    view! {
        {send}
        <Script channel=info.channel origin=origin can_publish=can_publish />
    }
    .into_any()
}
