//! What follows the things that happen: whoever watches a channel, and lists that are loaded again.

use super::{
    browser, live, session,
    watched::{Action, News},
};
use crate::calls::client::in_background;
use leptos::{prelude::*, task::spawn_local};
use std::rc::Rc;
use wire::live::Topic;

/// The channel that tells by name alone what has changed.
const CHANGES: &str = "door:changes";
/// How long changes are gathered before a list is loaded again, in milliseconds.
const REST: u32 = 300;
/// How often it is looked whether a list may move.
const LOOK: u32 = 300;

/// Watches a topic as long as the page is there, or none while there is none: from after a message, or
/// else from about now.
pub fn watch(topic: impl Fn() -> Option<Topic> + 'static, since: Option<i64>, action: impl Fn(&News) + 'static) {
    let action: Action = Rc::new(action);
    Effect::new(move || {
        if let Some(topic) = topic() {
            let id = live::watch(topic, since, Rc::clone(&action));
            on_cleanup(move || live::unwatch(id));
        }
    });
}

/// The topic of this name, which is a good one.
#[must_use]
pub fn topic(name: &str) -> Option<Topic> {
    name.parse().ok()
}

/// What follows: it is loaded again, quietly, once something has changed that it shows.
#[derive(Debug, Clone, Copy)]
pub struct Follow {
    turn: RwSignal<u32>,
    taken: StoredValue<u32>,
    is_due: StoredValue<bool>,
    rest: u32,
    /// Where nothing moves while somebody points or is at it: a selector.
    held: &'static str,
}

impl Follow {
    /// Follows nothing yet; while somebody is at what `held` selects, it waits.
    #[must_use]
    pub fn new(held: &'static str) -> Self {
        Self { turn: RwSignal::new(0), taken: StoredValue::new(0), is_due: StoredValue::new(false), rest: REST, held }
    }

    /// Follows these lists, by their names on `door:changes`.
    #[must_use]
    pub fn of(what: &'static [&'static str], held: &'static str) -> Self {
        Self::new(held).after(what, REST)
    }

    /// Follows these lists, and gathers changes for so many milliseconds.
    #[must_use]
    pub fn after(mut self, what: &'static [&'static str], rest: u32) -> Self {
        self.rest = rest;
        watch(
            || topic(CHANGES),
            None,
            move |news| match news {
                News::Message(message) => {
                    let name = message.data.get("what").and_then(|what| what.as_str());
                    if name.is_some_and(|name| what.contains(&name)) {
                        self.due();
                    }
                }
                News::Begun { is_whole: false } => self.due(),
                _ => {}
            },
        );
        self
    }

    /// Whether what follows is still there: its page may be gone.
    #[must_use]
    pub fn is_there(self) -> bool {
        self.turn.try_get_untracked().is_some()
    }

    /// Has it loaded again, once that disturbs nobody.
    pub fn due(self) {
        if self.is_due.try_get_value() != Some(false) {
            return;
        }
        self.is_due.set_value(true);
        spawn_local(async move {
            browser::pause(self.rest).await;
            while self.is_held() {
                browser::pause(LOOK).await;
            }
            let _ = self.is_due.try_set_value(false);
            let _ = self.turn.try_update(|turn| *turn = turn.wrapping_add(1));
        });
    }

    /// Counts up when it has to be loaded again.
    #[must_use]
    pub fn turn(self) -> u32 {
        self.turn.get()
    }

    /// Loads it; of nobody's doing where something that happened is the reason.
    pub async fn quietly<T>(self, asking: impl Future<Output = T>) -> T {
        let turn = self.turn.try_get_untracked();
        let is_news = turn.is_some() && self.taken.try_get_value() != turn;
        if !is_news {
            return asking.await;
        }
        let _ = self.taken.try_set_value(turn.unwrap_or_default());
        in_background(asking).await
    }

    /// Whether it has to stay as it is for now: nobody sees it, or somebody is just there.
    fn is_held(self) -> bool {
        // What is gone with its page waits for nothing.
        if !self.is_there() {
            return false;
        }
        let is_idle = session::current()
            .is_none_or(|session| session.reach.is_away.get_untracked() || session.has_expired.get_untracked() || !browser::is_visible());
        let at = |what: &str| [self.held, what].concat();
        is_idle || (!self.held.is_empty() && browser::finds(&[at(":hover"), at(" :focus-visible"), ".menu:popover-open".into()].join(",")))
    }
}
