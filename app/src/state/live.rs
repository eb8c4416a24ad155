//! The line to the server: what happens there comes by itself, over one WebSocket for the whole page, or
//! over one stream of events where something in between lets no WebSocket through.
//!
//! Whoever wants to know of a channel watches it; the line subscribes to what is watched. When it
//! breaks it is laid anew, ever more slowly, and goes on after the last message: what is gone for good
//! is said, so that whoever watches can look again. A page that nobody sees for a while has none.

mod line;

use super::{
    events::Events,
    session::Session,
    socket::Socket,
    watched::{Action, Kept, News, Watched},
};
use leptos::{prelude::*, task::spawn_local};
use line::End;
use serde::Deserialize;
use std::{cell::RefCell, rc::Rc};
use wire::{
    Failure,
    live::{Ask, EndedBy, Message, Topic},
};

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
    way: Option<Way>,
    /// The last message that is known of, over all channels.
    after: Option<i64>,
    watched: Watched,
}

/// What the line consists of.
enum Way {
    Socket(Socket),
    Events(Events),
}

fn book<T>(action: impl FnOnce(&mut Book) -> T) -> T {
    BOOK.with_borrow_mut(action)
}

impl Book {
    /// All topics, to be subscribed to over another line.
    fn topics(&mut self) -> Vec<Kept> {
        let mut topics = self.watched.again();
        // What was watched before it was known after which message the page was drawn begins there.
        topics.iter_mut().for_each(|kept| kept.since = kept.since.or(self.after));
        topics
    }

    fn subscribe(&self, kept: Kept) {
        self.say(&Ask::Subscribe { reference: None, channel: kept.topic, since: kept.since.or(self.after) });
    }

    /// Says something, if the line stands.
    fn say(&self, ask: &Ask) {
        match &self.way {
            Some(Way::Socket(socket)) => {
                if let Ok(text) = serde_json::to_string(ask) {
                    socket.send(&text);
                }
            }
            Some(Way::Events(events)) => events.take(ask),
            None => {}
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
            spawn_local(line::keep());
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
