//! New events as they happen: while somebody looks, the list is asked again and again for what is
//! newer than its first row.

use super::query::Narrowed;
use crate::{
    calls::{audit::list_events, client::in_background},
    given::Resource,
    state::{browser, session::Session},
    ui::grouped,
};
use leptos::{prelude::*, task::spawn_local};
use std::{cmp::Reverse, time::Duration};
use wire::{
    EventId, Failure, Page, Timestamp,
    audit::{Event, EventQuery},
    list::MAX_LIMIT,
};

/// How often it asks.
const EVERY: Duration = Duration::from_secs(3);
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
    is_asking: StoredValue<bool>,
    session: Session,
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
            is_asking: StoredValue::new(false),
            session,
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
                tail.look();
                if let Ok(handle) = set_interval_with_handle(move || tail.look(), EVERY) {
                    on_cleanup(move || handle.clear());
                }
            }
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
            (true, false, 0) => "Following".into(),
            (true, false, new) => [&grouped(new), " new"].concat(),
        }
    }

    fn look(self) {
        let is_idle = !browser::is_visible()
            || self.is_held.get_untracked()
            || self.session.reach.is_away.get_untracked()
            || self.session.has_expired.get_untracked();
        if is_idle || self.is_asking.try_get_value() != Some(false) {
            return;
        }
        let wanted = self.wanted.get_untracked();
        let asked = EventQuery { from: self.newest().map(|at| at.plus(-OVERLAP)).max(wanted.list.from), ..wanted.list.clone() };
        let asked = EventQuery { limit: Some(MAX_LIMIT), cursor: None, ..asked };
        self.is_asking.set_value(true);
        spawn_local(async move {
            let outcome = in_background(list_events(asked)).await;
            // The page may be gone by now, or show something else.
            let _ = self.is_asking.try_set_value(false);
            let is_same = self.wanted.try_with_untracked(|now| *now == wanted) == Some(true);
            match outcome {
                Ok(part) if is_same => self.take(part.items),
                Err(failure) if matches!(failure.status, 401 | 403 | 422) => drop(self.is_on.try_set(false)),
                _ => {}
            }
        });
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
