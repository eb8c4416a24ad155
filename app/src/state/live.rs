//! The line to the server: what happens there comes by itself, over one WebSocket for the whole page.
//!
//! Whoever wants to know of a channel watches it; the line subscribes to what is watched. When it
//! breaks it is laid anew, ever more slowly, and goes on after the last message: what is gone for good
//! is said, so that whoever watches can look again. A page that nobody sees for a while has none.

use super::{
    browser,
    session::Session,
    socket::{Heard, Socket},
    storage,
    watched::{Action, Kept, News, Watched},
};
use crate::calls::client::in_background;
use futures::{
    StreamExt,
    channel::mpsc,
    future::{Either, select},
};
use leptos::{prelude::*, task::spawn_local};
use serde::Deserialize;
use std::{cell::RefCell, pin::pin, rc::Rc};
use wire::{
    Failure,
    live::{Ask, EndedBy, Message, Topic},
};

/// Where it leads.
const ADDRESS: &str = "/api/v1/live/ws";
/// Asked whether the server is there at all.
const PROBE: &str = "/livez";
/// After so many milliseconds without a word the server is asked whether it is there.
const QUIET: u32 = 20_000;
/// How long an answer may take.
const PATIENCE: u32 = 8_000;
/// How long a page may be out of sight before it lets go of the line.
const UNSEEN: i64 = 60_000;
/// How often it is looked whether there is reason to lay the line.
const LOOK: u32 = 500;
/// How long it waits before it lays the line anew; the last one stays.
const WAITS: [u32; 5] = [1_000, 2_000, 4_000, 8_000, 15_000];
/// One that breaks again sooner than this does not hold, in milliseconds.
const STEADY: i64 = 10_000;
/// How long other tabs have to say that it was they who signed out.
const GRACE: u32 = 300;

/// How the line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Line {
    /// It is not there yet, or rests.
    #[default]
    Off,
    /// What happens comes.
    On,
    /// It broke, and could not be laid anew so far.
    Broken,
}

/// What pages know of the line.
#[derive(Clone, Copy)]
pub struct Live {
    /// How it stands.
    pub line: RwSignal<Line>,
    /// Since when it is broken, in milliseconds since 1970.
    pub since: RwSignal<i64>,
    /// Who ended the session, where somebody did.
    pub ended: RwSignal<Option<EndedBy>>,
    session: Session,
}

thread_local! {
    static BOOK: RefCell<Book> = RefCell::new(Book::default());
}

/// What is watched, and over what.
#[derive(Default)]
struct Book {
    /// What the pages look at; nothing before the first one has woken.
    live: Option<Live>,
    line: Line,
    /// When the line was last in another state, in milliseconds since 1970.
    since: i64,
    /// While the line stands.
    socket: Option<Socket>,
    /// The last message that is known of, over all channels.
    after: Option<i64>,
    watched: Watched,
}

fn book<T>(action: impl FnOnce(&mut Book) -> T) -> T {
    BOOK.with_borrow_mut(action)
}

impl Book {
    fn subscribe(&self, kept: Kept) {
        // What was watched before it was known after which message the page was drawn begins there.
        let since = kept.since.or(self.after);
        self.say(&Ask::Subscribe { reference: None, channel: kept.topic, since });
    }

    /// Says something, if the line stands.
    fn say(&self, ask: &Ask) {
        if let (Some(socket), Ok(text)) = (&self.socket, serde_json::to_string(ask)) {
            socket.send(&text);
        }
    }

    /// Learns that everything up to a message has come.
    fn reached(&mut self, id: i64) {
        self.after = self.after.max(Some(id));
        self.watched.reached(id);
    }
}

/// Watches a topic from after a message, or from after the last one that is known of; gives the
/// watcher's number.
pub(super) fn watch(topic: Topic, since: Option<i64>, action: Action) -> u64 {
    book(|book| {
        let (id, kept) = book.watched.add(topic, since.or(book.after), action);
        if let Some(kept) = kept {
            if since == Some(0) {
                // One that is subscribed to already begins anew, from further back.
                book.say(&Ask::Unsubscribe { reference: None, channel: kept.topic.clone() });
            }
            book.subscribe(kept);
        }
        id
    })
}

/// Watches no more.
pub(super) fn unwatch(id: u64) {
    book(|book| {
        if let Some(channel) = book.watched.remove(id) {
            book.say(&Ask::Unsubscribe { reference: None, channel });
        }
    });
}

/// A frame with an `op`: all that is looked at of it.
#[derive(Debug, Deserialize)]
struct Told {
    op: String,
    #[serde(default)]
    channel: Option<String>,
    #[serde(default)]
    id: Option<i64>,
    #[serde(default)]
    recovered: Option<bool>,
    #[serde(default)]
    by: Option<EndedBy>,
    #[serde(default)]
    code: Option<u16>,
    #[serde(default)]
    failure: Option<Failure>,
}

/// How a line came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// There is no reason to have one.
    Resting,
    /// It broke; whether it had stood.
    Broken(bool),
    /// The server says that what proved who one is proves it no more.
    Ended(Option<EndedBy>),
}

impl Live {
    /// A line that is not there yet.
    #[must_use]
    pub fn new(session: Session) -> Self {
        Self { line: RwSignal::new(Line::Off), since: RwSignal::new(0), ended: RwSignal::new(None), session }
    }

    /// Lays the line, once the page has woken; `after` is the message after which the page was drawn.
    pub fn start(self, after: Option<i64>) {
        let is_first = book(|book| {
            book.after = book.after.or(after);
            // A frame that is drawn anew takes over how things stand.
            let _ = self.since.try_set(book.since);
            let _ = self.line.try_set(book.line);
            book.live.replace(self).is_none()
        });
        if is_first {
            spawn_local(keep());
        }
    }

    /// Whether there is no reason to have a line now.
    fn rests(self) -> bool {
        let is_nobody = self.session.me.try_with_untracked(Option::is_none) != Some(false);
        let is_away = self.session.reach.is_away.try_get_untracked() != Some(false);
        is_nobody || is_away || self.session.has_expired.try_get_untracked() != Some(false)
    }
}

/// What the pages look at now.
fn current() -> Option<Live> {
    book(|book| book.live)
}

fn stands(line: Line) {
    let changed = book(|book| {
        if book.line == line {
            return None;
        }
        book.line = line;
        book.since = browser::now();
        book.live.map(|live| (live, book.since))
    });
    if let Some((live, since)) = changed {
        let _ = live.since.try_set(since);
        let _ = live.line.try_set(line);
    }
}

fn was_ended(by: Option<EndedBy>) {
    if let Some(live) = current() {
        let _ = live.ended.try_set(by);
    }
}

/// Keeps the line, as long as the page is open.
async fn keep() {
    let mut tries = 0;
    let mut unseen_since = None;
    loop {
        let seen = is_seen(&mut unseen_since);
        let Some(live) = current().filter(|live| seen && !live.rests()) else {
            stands(Line::Off);
            tries = 0;
            browser::pause(LOOK).await;
            continue;
        };
        if tries > 0 {
            let wait = WAITS[usize::min(tries, WAITS.len()) - 1];
            // Not all pages come back at the same moment.
            browser::pause(wait + u32::try_from(browser::now() % 1_000).unwrap_or(0)).await;
            if !browser::answers(PROBE).await {
                live.session.reach.lost();
                continue;
            }
        }
        let laid_at = browser::now();
        let end = serve(&mut unseen_since).await;
        book(|book| book.socket = None);
        let is_steady = tries == 0 || browser::now() - laid_at > STEADY;
        match end {
            End::Resting => tries = 0,
            End::Broken(true) if is_steady => tries = 1,
            End::Broken(_) => {
                tries += 1;
                stands(Line::Broken);
                // The server is there: perhaps it is the session that is not.
                in_background(live.session.learn()).await;
            }
            End::Ended(by) => {
                tries += 1;
                was_ended(by);
                browser::pause(GRACE).await;
                // Who signed out is on the way to another page; who is signed in after all goes on; else
                // the page asks for the password.
                if live.session.user_id().is_none() || storage::load().is_some() {
                    in_background(live.session.learn()).await;
                }
            }
        }
    }
}

/// Whether somebody sees the page, or did a moment ago.
fn is_seen(unseen_since: &mut Option<i64>) -> bool {
    if browser::is_visible() {
        *unseen_since = None;
        return true;
    }
    let now = browser::now();
    now - *unseen_since.get_or_insert(now) < UNSEEN
}

/// Lays a line, and hears what comes over it until it ends.
async fn serve(unseen_since: &mut Option<i64>) -> End {
    let (tell, mut told) = mpsc::unbounded();
    let heard = move |what| drop(tell.unbounded_send(what));
    let Some(socket) = Socket::open(ADDRESS, heard) else { return End::Broken(false) };
    // Kept apart until it is open: nothing is sent before.
    let mut opening = Some(socket);
    let mut is_asked = true;
    loop {
        let wait = if is_asked { PATIENCE } else { QUIET };
        match within(wait, &mut told).await {
            Some(Heard::Open) => {
                is_asked = false;
                begin(opening.take());
            }
            Some(Heard::Text(text)) => {
                is_asked = false;
                if let Some(end) = hear(&text) {
                    return end;
                }
            }
            Some(Heard::Closed) => return End::Broken(opening.is_none()),
            None if is_asked => return End::Broken(opening.is_none()),
            None => {
                is_asked = true;
                book(|book| book.say(&Ask::Ping { reference: None }));
            }
        }
        if !is_seen(unseen_since) || current().is_none_or(Live::rests) {
            return End::Resting;
        }
    }
}

/// What comes next; nothing when nothing does for so many milliseconds.
async fn within(millis: u32, told: &mut mpsc::UnboundedReceiver<Heard>) -> Option<Heard> {
    match select(told.next(), pin!(browser::pause(millis))).await {
        Either::Left((heard, _)) => Some(heard.unwrap_or(Heard::Closed)),
        Either::Right(_) => None,
    }
}

/// The line stands: subscribes to all that is watched.
fn begin(socket: Option<Socket>) {
    book(|book| {
        book.socket = socket;
        book.watched.again().into_iter().for_each(|kept| book.subscribe(kept));
    });
    was_ended(None);
    stands(Line::On);
}

/// Takes a frame; gives the end when it says one.
fn hear(text: &str) -> Option<End> {
    if let Ok(message) = wire::objects::from_str::<Message>(text) {
        let actions = book(|book| {
            book.after = book.after.max(Some(message.id));
            book.watched.came(&message)
        });
        let news = News::Message(Rc::new(message));
        actions.iter().for_each(|action| action(&news));
        return None;
    }
    let told: Told = wire::objects::from_str(text).ok()?;
    let topic = || told.channel.as_deref()?.parse::<Topic>().ok();
    match told.op.as_str() {
        "subscribed" => {
            let topic = topic()?;
            let is_whole = told.recovered != Some(false);
            let (actions, is_whole) = book(|book| book.watched.begun(&topic, told.id, is_whole));
            actions.iter().for_each(|action| action(&News::Begun { is_whole }));
        }
        "error" => {
            let (topic, failure) = (topic()?, told.failure?);
            let actions = book(|book| book.watched.actions(&topic));
            actions.iter().for_each(|action| action(&News::Refused(failure.clone())));
        }
        "pong" => book(|book| told.id.into_iter().for_each(|id| book.reached(id))),
        "end" => return Some(if told.code == Some(4401) { End::Ended(told.by) } else { End::Broken(true) }),
        _ => {}
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::{Code, live::Answer};

    fn read(answer: &Answer) -> Told {
        wire::objects::from_str(&serde_json::to_string(answer).unwrap()).unwrap()
    }

    #[test]
    fn what_the_server_answers_is_understood() {
        let channel: Topic = "door:changes".parse().unwrap();
        let begun = read(&Answer::Subscribed { reference: None, channel: channel.clone(), id: 7, recovered: Some(false) });
        assert_eq!((begun.op.as_str(), begun.channel.as_deref(), begun.id), ("subscribed", Some("door:changes"), Some(7)));
        assert_eq!(begun.recovered, Some(false));
        let refused = read(&Answer::Error { reference: None, channel: Some(channel.to_string()), failure: Code::Forbidden.into() });
        assert_eq!((refused.op.as_str(), refused.failure.map(|failure| failure.code)), ("error", Some(Code::Forbidden)));
        let pong = read(&Answer::Pong { reference: None, id: 9 });
        assert_eq!((pong.op.as_str(), pong.id), ("pong", Some(9)));
    }

    #[test]
    fn an_end_says_whether_to_come_back() {
        let end = |code, by| hear(&serde_json::to_string(&Answer::End { code, reason: "so".into(), by }).unwrap());
        assert_eq!(end(4401, Some(EndedBy::Admin)), Some(End::Ended(Some(EndedBy::Admin))));
        assert_eq!(end(4401, None), Some(End::Ended(None)));
        assert_eq!(end(1012, None), Some(End::Broken(true)));
        assert_eq!(end(1013, None), Some(End::Broken(true)));
    }
}
