//! New events as they happen: whenever one is told of, the list is asked for what is newer than its
//! first row. What it is narrowed to is judged in one place, which is the server.

use super::query::Narrowed;
use crate::{
    calls::{audit::list_events, client::in_background},
    given::Resource,
    state::{
        browser,
        follow::{topic, watch},
        live::{Line, Live},
        session::Session,
        watched::News,
    },
    ui::grouped,
};
use leptos::{prelude::*, task::spawn_local};
use std::cmp::Reverse;
use wire::{
    EventId, Failure, Page, Timestamp,
    audit::{Event, EventQuery},
    list::MAX_LIMIT,
};

/// What happens, in all workspaces.
pub const EVENTS: &str = "audit:*";
/// How long events are gathered before the list is asked, in milliseconds; and how often it is looked
/// whether rows may come.
const REST: u32 = 250;
/// Events that change nothing are written in batches, so that one may come after others that are newer
/// by so many milliseconds.
const OVERLAP: i64 = 10_000;
/// With so many new rows the list is rather loaded again.
const MOST: usize = 500;

/// The end of the list that grows.
#[derive(Clone, Copy)]
pub struct Tail {
    /// Whether it follows.
    pub is_on: RwSignal<bool>,
    /// Whether somebody points at a row, which then stays where it is.
    pub is_held: RwSignal<bool>,
    /// What came since the list was loaded, the newest first.
    pub rows: RwSignal<Vec<Event>>,
    wanted: Memo<Narrowed>,
    events: Resource<Result<Page<Event>, Failure>>,
    loaded: StoredValue<Vec<(EventId, Timestamp)>>,
    is_due: StoredValue<bool>,
    session: Session,
    live: Live,
}

impl Tail {
    /// The end of this list, which does not follow yet.
    #[must_use]
    pub fn new(session: Session, wanted: Memo<Narrowed>, events: Resource<Result<Page<Event>, Failure>>) -> Self {
        let tail = Self {
            is_on: RwSignal::new(false),
            is_held: RwSignal::new(false),
            rows: RwSignal::new(Vec::new()),
            wanted,
            events,
            loaded: StoredValue::new(Vec::new()),
            is_due: StoredValue::new(false),
            session,
            live: expect_context(),
        };
        // A list that is loaded again has what came in the meantime.
        Effect::new(move || {
            let loaded = events.with(|part| match part {
                Some(Ok(part)) => part.items.iter().map(|event| (event.id, event.at)).collect(),
                _ => Vec::new(),
            });
            tail.loaded.set_value(loaded);
            tail.rows.set(Vec::new());
        });
        Effect::new(move || {
            if !tail.can_follow() {
                tail.is_on.set(false);
            }
        });
        Effect::new(move || {
            if tail.is_on.get() {
                tail.due();
            }
        });
        let told = move || if tail.is_on.get() { topic(EVENTS) } else { None };
        watch(told, None, move |news| match news {
            News::Message(_) | News::Begun { .. } => tail.due(),
            News::Refused(_) => drop(tail.is_on.try_set(false)),
        });
        tail
    }

    /// Whether the list ends with what happens now.
    #[must_use]
    pub fn can_follow(self) -> bool {
        self.wanted.with(|wanted| wanted.list.cursor.is_none() && wanted.list.to.is_none())
    }

    /// How it stands, to be read out.
    #[must_use]
    pub fn words(self) -> String {
        let new = self.rows.with(Vec::len) as u64;
        match (self.is_on.get(), self.is_held.get(), new) {
            (false, ..) => String::new(),
            (true, true, _) => "Paused while you are at a row".into(),
            (true, false, _) if self.live.line.get() == Line::Broken => "Connecting again".into(),
            (true, false, 0) => "Following".into(),
            (true, false, new) => [&grouped(new), " new"].concat(),
        }
    }

    /// Asks for what is new, once rows may come.
    fn due(self) {
        if self.is_due.try_get_value() != Some(false) {
            return;
        }
        self.is_due.set_value(true);
        spawn_local(async move {
            browser::pause(REST).await;
            while self.is_idle() {
                browser::pause(REST).await;
            }
            let _ = self.is_due.try_set_value(false);
            self.look().await;
        });
    }

    /// Whether nobody sees the list, or somebody is just at it.
    fn is_idle(self) -> bool {
        // What is gone with its page waits for nothing.
        let Some(is_held) = self.is_held.try_get_untracked() else { return false };
        is_held || !browser::is_visible() || self.session.reach.is_away.get_untracked() || self.session.has_expired.get_untracked()
    }

    async fn look(self) {
        if self.is_on.try_get_untracked() != Some(true) {
            return;
        }
        let wanted = self.wanted.get_untracked();
        let asked = EventQuery { from: self.newest().map(|at| at.plus(-OVERLAP)).max(wanted.list.from), ..wanted.list.clone() };
        let asked = EventQuery { limit: Some(MAX_LIMIT), cursor: None, ..asked };
        let outcome = in_background(list_events(asked)).await;
        // The page may be gone by now, or show something else.
        let is_same = self.wanted.try_with_untracked(|now| *now == wanted) == Some(true);
        match outcome {
            Ok(part) if is_same => self.take(part.items),
            Err(failure) if matches!(failure.status, 401 | 403 | 422) => drop(self.is_on.try_set(false)),
            _ => {}
        }
    }

    /// The time of the newest event that is shown.
    fn newest(self) -> Option<Timestamp> {
        let shown = self.rows.with_untracked(|rows| rows.iter().map(|event| event.at).max());
        shown.max(self.loaded.with_value(|loaded| loaded.iter().map(|(_, at)| *at).max()))
    }

    fn take(self, mut events: Vec<Event>) {
        events.retain(|event| {
            let is_loaded = self.loaded.with_value(|loaded| loaded.iter().any(|(id, _)| *id == event.id));
            let is_shown = self.rows.with_untracked(|rows| rows.iter().any(|row| row.id == event.id));
            !is_loaded && !is_shown
        });
        if events.is_empty() {
            return;
        }
        if self.rows.with_untracked(Vec::len) + events.len() > MOST {
            self.events.refetch();
            return;
        }
        self.rows.update(|rows| {
            rows.extend(events);
            rows.sort_by_key(|event| Reverse((event.at, event.id)));
        });
    }
}
