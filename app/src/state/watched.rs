//! Who watches what, and up to where it has come.

use std::rc::Rc;
use wire::{
    Failure,
    live::{Message, Topic},
};

/// What comes to those who watch.
#[derive(Debug, Clone)]
pub enum News {
    /// A message.
    Message(Rc<Message>),
    /// It is watched from now on, or again. What came in between comes next; but where it is not
    /// whole, something of it is gone.
    Begun {
        /// Whether nothing is missing.
        is_whole: bool,
    },
    /// It is not one's to watch.
    Refused(Failure),
}

/// What somebody does with news.
pub(super) type Action = Rc<dyn Fn(&News)>;

/// A topic, and the message after which it is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) topic: Topic,
    pub(super) since: Option<i64>,
}

/// All that is watched.
#[derive(Default)]
pub(super) struct Watched {
    next: u64,
    entries: Vec<Entry>,
}

struct Entry {
    topic: Topic,
    /// Up to here everything has come; zero where all that is kept is wanted, and was not seen to be there yet.
    since: Option<i64>,
    /// Whether the server has said that it is watched.
    is_begun: bool,
    watchers: Vec<Watcher>,
}

struct Watcher {
    id: u64,
    /// What it has had.
    seen: i64,
    action: Action,
}

impl Entry {
    fn is_about(&self, message: &Message) -> bool {
        let (topic, channel) = (&self.topic, &message.channel);
        if topic.is_whole_namespace() { topic.namespace() == channel.namespace() } else { topic.as_str() == channel.as_str() }
    }

    fn actions(&self) -> Vec<Action> {
        self.watchers.iter().map(|watcher| Rc::clone(&watcher.action)).collect()
    }

    fn kept(&self) -> Kept {
        Kept { topic: self.topic.clone(), since: self.since }
    }
}

impl Watched {
    /// Takes in a watcher; gives its number, and what has to be subscribed to for it.
    pub(super) fn add(&mut self, topic: Topic, since: Option<i64>, action: Action) -> (u64, Option<Kept>) {
        self.next += 1;
        let watcher = Watcher { id: self.next, seen: since.unwrap_or(0), action };
        let is_from_start = since == Some(0);
        let kept = match self.entries.iter_mut().find(|entry| entry.topic == topic) {
            Some(entry) => {
                entry.watchers.push(watcher);
                if is_from_start {
                    entry.since = since;
                    entry.is_begun = false;
                }
                is_from_start.then(|| entry.kept())
            }
            None => {
                let entry = Entry { topic, since, is_begun: false, watchers: vec![watcher] };
                let kept = entry.kept();
                self.entries.push(entry);
                Some(kept)
            }
        };
        (self.next, kept)
    }

    /// Lets a watcher go; gives the topic that nobody watches any more.
    pub(super) fn remove(&mut self, id: u64) -> Option<Topic> {
        self.entries.iter_mut().for_each(|entry| entry.watchers.retain(|watcher| watcher.id != id));
        let at = self.entries.iter().position(|entry| entry.watchers.is_empty())?;
        Some(self.entries.swap_remove(at).topic)
    }

    /// All topics, to be subscribed to over another line.
    pub(super) fn again(&mut self) -> Vec<Kept> {
        self.entries.iter_mut().for_each(|entry| entry.is_begun = false);
        self.entries.iter().map(Entry::kept).collect()
    }

    /// Learns that all that was watched has come, up to a message.
    pub(super) fn reached(&mut self, id: i64) {
        for entry in self.entries.iter_mut().filter(|entry| entry.is_begun) {
            entry.since = entry.since.max(Some(id));
        }
    }

    /// Learns that a topic is watched, from after a message; gives who is to know, and whether nothing
    /// is missing.
    pub(super) fn begun(&mut self, topic: &Topic, after: Option<i64>, is_whole: bool) -> (Vec<Action>, bool) {
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.topic == *topic) else { return (Vec::new(), true) };
        // Where all that is kept is wanted, what was kept before is no loss.
        let is_whole = is_whole || entry.since == Some(0);
        entry.is_begun = true;
        entry.since = entry.since.max(after);
        (entry.actions(), is_whole)
    }

    /// Takes a message; gives who has not had it yet.
    pub(super) fn came(&mut self, message: &Message) -> Vec<Action> {
        let mut actions = Vec::new();
        for entry in self.entries.iter_mut().filter(|entry| entry.is_about(message)) {
            entry.since = entry.since.max(Some(message.id));
            for watcher in entry.watchers.iter_mut().filter(|watcher| watcher.seen < message.id) {
                watcher.seen = message.id;
                actions.push(Rc::clone(&watcher.action));
            }
        }
        actions
    }

    /// Who watches a topic.
    pub(super) fn actions(&self, topic: &Topic) -> Vec<Action> {
        self.entries.iter().find(|entry| entry.topic == *topic).map(Entry::actions).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use wire::Timestamp;

    fn message(channel: &str, id: i64) -> Message {
        Message { channel: channel.parse().unwrap(), id, at: Timestamp(0), kind: "x".into(), data: serde_json::Value::Null }
    }

    fn counting() -> (Rc<Cell<u32>>, Action) {
        let count = Rc::new(Cell::new(0));
        let own = Rc::clone(&count);
        (count, Rc::new(move |_| own.set(own.get() + 1)))
    }

    fn come(watched: &mut Watched, message: &Message) {
        watched.came(message).iter().for_each(|action| action(&News::Begun { is_whole: true }));
    }

    #[test]
    fn all_of_a_namespace_and_one_channel_get_what_is_theirs_once() {
        let mut watched = Watched::default();
        let ((all, act_all), (one, act_one)) = (counting(), counting());
        let (_, kept) = watched.add("build:*".parse().unwrap(), Some(5), act_all);
        assert_eq!(kept, Some(Kept { topic: "build:*".parse().unwrap(), since: Some(5) }));
        let _ = watched.add("build:1".parse().unwrap(), Some(5), act_one);
        for id in [4, 6, 6, 7] {
            come(&mut watched, &message("build:1", id));
        }
        come(&mut watched, &message("build:2", 8));
        come(&mut watched, &message("deploy:1", 9));
        assert_eq!((all.get(), one.get()), (3, 2));
    }

    #[test]
    fn another_line_goes_on_where_the_last_one_was() {
        let mut watched = Watched::default();
        let topic: Topic = "build:1".parse().unwrap();
        let _ = watched.add(topic.clone(), Some(5), counting().1);
        watched.reached(9);
        assert_eq!(watched.again()[0].since, Some(5), "the server has not said yet that it is watched");
        assert!(!watched.begun(&topic, Some(5), false).1);
        come(&mut watched, &message("build:1", 7));
        assert_eq!(watched.again()[0].since, Some(7));
        assert!(watched.begun(&topic, Some(7), true).1);
        watched.reached(9);
        assert_eq!(watched.again()[0].since, Some(9));
    }

    #[test]
    fn who_wants_all_that_is_kept_gets_it_and_the_others_not_again() {
        let mut watched = Watched::default();
        let topic: Topic = "build:1".parse().unwrap();
        let ((old, act_old), (new, act_new)) = (counting(), counting());
        let _ = watched.add(topic.clone(), Some(5), act_old);
        let _ = watched.begun(&topic, Some(5), true);
        come(&mut watched, &message("build:1", 6));
        let (id, kept) = watched.add(topic.clone(), Some(0), act_new);
        assert_eq!(kept.and_then(|kept| kept.since), Some(0));
        assert!(watched.begun(&topic, Some(0), false).1, "what was before is no loss");
        for id in [3, 6, 7] {
            come(&mut watched, &message("build:1", id));
        }
        assert_eq!((old.get(), new.get()), (2, 3));
        assert_eq!(watched.remove(id), None);
        assert_eq!(watched.remove(1), Some(topic));
    }
}
