//! The way back through the pages of a list.

use leptos::prelude::*;

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
}

impl Default for Trail {
    fn default() -> Self {
        Self::new()
    }
}
