//! Requests by route and status: a row for each operation of the table of rights, and a few for the rest,
//! so that no path of a stranger's makes a label.

use super::{Histogram, text::Text};
use std::{
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use wire::policy::OPERATIONS;

/// The statuses that are told apart; all others are one.
const STATUSES: [(u16, &str); 24] = [
    (101, "101"),
    (200, "200"),
    (201, "201"),
    (204, "204"),
    (206, "206"),
    (302, "302"),
    (303, "303"),
    (304, "304"),
    (400, "400"),
    (401, "401"),
    (403, "403"),
    (404, "404"),
    (405, "405"),
    (408, "408"),
    (409, "409"),
    (412, "412"),
    (413, "413"),
    (415, "415"),
    (421, "421"),
    (422, "422"),
    (429, "429"),
    (500, "500"),
    (502, "502"),
    (503, "503"),
];

/// What is no operation of the interface.
const REST: [&str; 6] = ["pages", "calls", "files", "health", "apps", "other"];

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row(usize);

impl Row {
    /// Requests to apps.
    pub(crate) const APPS: Self = Self(OPERATIONS.len() + 4);
    /// Requests that nothing is known of.
    pub(crate) const OTHER: Self = Self(OPERATIONS.len() + 5);
}

struct Counts {
    statuses: [AtomicU64; STATUSES.len() + 1],
    took: Histogram,
}

/// Requests by route and status.
pub(crate) struct Requests {
    /// By address, the operations there with their methods.
    known: HashMap<String, Vec<(&'static str, Row)>>,
    rows: Vec<Counts>,
}

impl Requests {
    pub(super) fn new() -> Self {
        let mut known: HashMap<String, Vec<(&'static str, Row)>> = HashMap::new();
        for (at, operation) in OPERATIONS.iter().enumerate() {
            known.entry(format!("/api/v1{}", operation.path)).or_default().push((operation.method.as_str(), Row(at)));
        }
        let counts = || Counts { statuses: std::array::from_fn(|_| AtomicU64::new(0)), took: Histogram::default() };
        Self { known, rows: std::iter::repeat_with(counts).take(OPERATIONS.len() + REST.len()).collect() }
    }

    /// The row of a request: by the route that it met, or by the kind of its path.
    pub(crate) fn row(&self, method: &str, route: Option<&str>, path: &str) -> Row {
        let rest = |name: &str| Row(OPERATIONS.len() + REST.iter().position(|own| *own == name).unwrap_or(REST.len() - 1));
        if let Some(own) = route.and_then(|route| self.known.get(route)) {
            // HEAD is answered as GET is.
            let method = if method == "HEAD" { "GET" } else { method };
            return own.iter().find(|(known, _)| *known == method).map_or(Row::OTHER, |(_, row)| *row);
        }
        match path {
            "/livez" | "/readyz" | "/metrics" => rest("health"),
            _ if path.starts_with("/_call/") => rest("calls"),
            _ if path.starts_with("/pkg/") || path.starts_with("/fonts/") => rest("files"),
            _ if wire::policy::page_at(path).is_some() => rest("pages"),
            _ => Row::OTHER,
        }
    }

    /// Counts a request that was answered.
    pub(crate) fn count(&self, row: Row, status: u16, took: Duration) {
        let at = STATUSES.iter().position(|(known, _)| *known == status).unwrap_or(STATUSES.len());
        if let Some(counts) = self.rows.get(row.0) {
            counts.statuses[at].fetch_add(1, Ordering::Relaxed);
            counts.took.observe(took);
        }
    }

    pub(super) fn write(&self, text: &mut Text) {
        text.family("doorward_requests_total", "counter", "Requests that were answered, by route and status.");
        for (counts, (method, route)) in self.rows.iter().zip(names()) {
            let words = STATUSES.iter().map(|(_, word)| *word).chain(["other"]);
            for (count, status) in counts.statuses.iter().zip(words) {
                let count = count.load(Ordering::Relaxed);
                if count > 0 {
                    text.sample("doorward_requests_total", &[("method", method), ("route", route), ("status", status)], count);
                }
            }
        }
        text.family("doorward_request_seconds", "histogram", "How long requests take to be answered, by route.");
        for (counts, (method, route)) in self.rows.iter().zip(names()) {
            if !counts.took.is_empty() {
                counts.took.write(text, "doorward_request_seconds", &[("method", method), ("route", route)]);
            }
        }
    }
}

/// Method and route of each row.
fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
    OPERATIONS.iter().map(|operation| (operation.method.as_str(), operation.path)).chain(REST.iter().map(|name| ("", *name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_the_row_of_its_route() {
        let requests = Requests::new();
        let name = |method: &str, route: Option<&str>, path: &str| names().nth(requests.row(method, route, path).0).unwrap();
        assert_eq!(name("GET", Some("/api/v1/users/{id}"), "/api/v1/users/7"), ("GET", "/users/{id}"));
        assert_eq!(name("HEAD", Some("/api/v1/users/{id}"), "/api/v1/users/7"), ("GET", "/users/{id}"));
        assert_eq!(name("PATCH", Some("/api/v1/users/{id}"), "/api/v1/users/7"), ("PATCH", "/users/{id}"));
        assert_eq!(name("TRACE", Some("/api/v1/users/{id}"), "/api/v1/users/7"), ("", "other"));
        for (path, row) in [
            ("/settings/users/7", "pages"),
            ("/_call/list_users", "calls"),
            ("/pkg/a.js", "files"),
            ("/readyz", "health"),
            ("/of-a-stranger", "other"),
        ] {
            assert_eq!(name("GET", None, path), ("", row), "{path}");
        }
        assert_eq!(names().nth(Row::APPS.0), Some(("", "apps")));
        assert_eq!(names().nth(Row::OTHER.0), Some(("", "other")));
    }
}
