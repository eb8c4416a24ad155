//! What was heard on a channel: as much as a page can show, and what waits while it is not to move.

use crate::state::{
    browser,
    live::{Line, Live},
    watched::News,
};
use leptos::{prelude::*, task::spawn_local};
use wire::{Failure, live::Message};

/// So many messages are kept, and so many wait at the most.
const MOST: usize = 500;
/// How long messages are gathered before they are shown, in milliseconds.
const REST: u32 = 100;

/// A line of what was heard.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Counts up.
    pub number: u64,
    /// The message; nothing where some are missing.
    pub message: Option<Message>,
}

/// What was heard.
#[derive(Clone, Copy)]
pub struct Heard {
    /// What is shown, the newest first.
    pub shown: RwSignal<Vec<Entry>>,
    /// How many wait.
    pub waiting: RwSignal<u64>,
    /// Whether it was paused by its button.
    pub is_paused: RwSignal<bool>,
    /// Whether somebody points at a row, which then stays where it is.
    pub is_held: RwSignal<bool>,
    /// Why it can not be watched.
    pub refusal: RwSignal<Option<Failure>>,
    queue: StoredValue<Vec<Entry>>,
    last: StoredValue<u64>,
    is_due: StoredValue<bool>,
}

impl Heard {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            shown: RwSignal::new(Vec::new()),
            waiting: RwSignal::new(0),
            is_paused: RwSignal::new(false),
            is_held: RwSignal::new(false),
            refusal: RwSignal::new(None),
            queue: StoredValue::new(Vec::new()),
            last: StoredValue::new(0),
            is_due: StoredValue::new(false),
        }
    }

    /// Forgets everything, for another channel.
    pub fn clear(self) {
        self.queue.set_value(Vec::new());
        self.shown.set(Vec::new());
        self.waiting.set(0);
        self.refusal.set(None);
    }

    /// Takes what comes.
    pub fn hear(self, news: &News) {
        match news {
            News::Message(message) => self.take(Some((**message).clone())),
            News::Begun { is_whole } => {
                let _ = self.refusal.try_set(None);
                if !is_whole {
                    self.take(None);
                }
            }
            News::Refused(failure) => drop(self.refusal.try_set(Some(failure.clone()))),
        }
    }

    fn take(self, message: Option<Message>) {
        let number = self.last.try_update_value(|last| {
            *last += 1;
            *last
        });
        let Some(number) = number else { return };
        self.queue.update_value(|queue| put(queue, vec![Entry { number, message }]));
        let _ = self.waiting.try_update(|waiting| *waiting += 1);
        if self.is_due.get_value() {
            return;
        }
        self.is_due.set_value(true);
        spawn_local(async move {
            browser::pause(REST).await;
            let _ = self.is_due.try_set_value(false);
            if self.is_paused.try_get_untracked() == Some(false) && self.is_held.try_get_untracked() == Some(false) {
                self.show();
            }
        });
    }

    /// Shows what waits.
    pub fn show(self) {
        let Some(queue) = self.queue.try_update_value(std::mem::take) else { return };
        let _ = self.waiting.try_set(0);
        if !queue.is_empty() {
            let _ = self.shown.try_update(|shown| put(shown, queue));
        }
    }

    /// How it stands, to be read out.
    #[must_use]
    pub fn words(self, live: Live) -> String {
        let waiting = self.waiting.get();
        let wait = || if waiting == 1 { "1 message waits".to_owned() } else { [&waiting.to_string(), " messages wait"].concat() };
        if self.is_paused.get() {
            return ["Paused, ", &wait()].concat();
        }
        if self.is_held.get() {
            return ["Paused while you are at a row, ", &wait()].concat();
        }
        match live.line.get() {
            Line::On => "Live".into(),
            Line::Broken => "Connecting again".into(),
            Line::Off => String::new(),
        }
    }
}

/// Puts entries, the newest first, before others, so many at the most.
fn put(into: &mut Vec<Entry>, new: Vec<Entry>) {
    into.splice(0..0, new);
    into.truncate(MOST);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_stands_first_and_the_oldest_goes() {
        let entry = |number| Entry { number, message: None };
        let mut shown = Vec::new();
        for number in 0..u64::try_from(MOST).unwrap() + 2 {
            put(&mut shown, vec![entry(number)]);
        }
        assert_eq!(shown.len(), MOST);
        assert_eq!((shown[0].number, shown[MOST - 1].number), (501, 2));
    }
}
