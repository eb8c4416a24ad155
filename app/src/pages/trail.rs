//! The foot of a list: what is shown of it, and the way to the pages before and after.

use crate::ui::{Pager, counted, grouped};
use leptos::prelude::*;
use wire::Page;

/// By which cursors one has come: the server's lead onwards only.
#[derive(Clone, Copy)]
pub struct Trail(StoredValue<Vec<(String, Option<String>)>>);

impl Trail {
    /// No step yet.
    #[must_use]
    pub fn new() -> Self {
        Self(StoredValue::new(Vec::new()))
    }

    /// Takes note of a step.
    pub fn note(self, next: &str, from: Option<&str>) {
        self.0.update_value(|steps| {
            if !steps.iter().any(|(to, _)| to == next) {
                steps.push((next.to_owned(), from.map(str::to_owned)));
            }
        });
    }

    /// The cursor before this one; the beginning where it is not known any more.
    #[must_use]
    pub fn before(self, cursor: &str) -> Option<String> {
        self.0.with_value(|steps| steps.iter().find(|(to, _)| to == cursor).and_then(|(_, from)| from.clone()))
    }

    /// The foot below the page of this cursor; `one` and `many` are the words for its rows, and
    /// `address` is where a cursor leads.
    pub fn pager<T>(
        self,
        part: &Page<T>,
        cursor: Option<&str>,
        (one, many): (&str, &str),
        address: impl Fn(Option<String>) -> String,
    ) -> AnyView {
        if let Some(next) = &part.next_cursor {
            self.note(next, cursor);
        }
        let previous = cursor.map(|cursor| address(self.before(cursor)));
        let next = part.next_cursor.clone().map(|cursor| address(Some(cursor)));
        let here = part.items.len() as u64;
        let shown = match part.total {
            Some(total) if total > here => {
                let first = if cursor.is_none() { "First " } else { "" };
                [first, &grouped(here), " of ", &counted(total, one, many)].concat()
            }
            _ => counted(here, one, many),
        };
        view! { <Pager shown=shown previous=previous next=next /> }.into_any()
    }
}
