//! The list's search, filters and cursor, as they stand in the query string.

use crate::state::next::escaped;
use leptos_router::params::ParamsMap;
use std::net::IpAddr;
use wire::{
    Timestamp,
    audit::{Action, EventQuery, Outcome},
};

/// The address of the list.
pub const LIST: &str = "/settings/audit";
/// The address of the list as a file.
const EXPORT: &str = "/settings/audit/export";

/// A time that moves along with today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Since midnight.
    Today,
    /// The last seven days.
    Week,
    /// The last thirty days.
    Month,
}

impl When {
    /// Its name in the address.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Week => "7d",
            Self::Month => "30d",
        }
    }

    /// The time of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Today, Self::Week, Self::Month].into_iter().find(|when| when.as_str() == name)
    }
}

/// What the list shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Narrowed {
    /// What the server is asked.
    pub list: EventQuery,
    /// From where `list.from` comes, if it moves along.
    pub when: Option<When>,
}

/// Reads the query string; what makes no sense is left out.
#[must_use]
pub fn read(params: &ParamsMap) -> Narrowed {
    let text = |name: &str| params.get(name).filter(|text| !text.trim().is_empty() && !text.contains(char::is_control));
    let from = text("from").and_then(|text| Timestamp::parse(&text));
    let list = EventQuery {
        action: text("action").filter(|action| is_action(action)),
        actor: text("actor"),
        target: text("target"),
        outcome: text("outcome").and_then(|name| outcome(&name)),
        ip: text("ip").filter(|ip| ip.parse::<IpAddr>().is_ok()),
        session: text("session").and_then(|id| id.parse().ok()),
        from,
        to: text("to").and_then(|text| Timestamp::parse(&text)).filter(|to| from.is_none_or(|from| from < *to)),
        query: text("query"),
        cursor: params.get("cursor"),
        ..EventQuery::default()
    };
    Narrowed { when: text("when").and_then(|name| When::parse(&name)).filter(|_| from.is_some()), list }
}

fn is_action(names: &str) -> bool {
    names.split(',').all(|name| !Action::matching(name.trim()).is_empty())
}

/// The outcome of this name.
#[must_use]
pub fn outcome(name: &str) -> Option<Outcome> {
    Some(Outcome::parse(name)).filter(|outcome| outcome.as_str() == name)
}

/// Writes the query string, with its question mark; nothing for the plain list.
#[must_use]
pub fn write(narrowed: &Narrowed) -> String {
    let mut out = filters(&narrowed.list);
    let mut add = |name: &str, value: Option<&str>| out.extend(value.map(|value| ["&", name, "=", &escaped(value)].concat()));
    add("when", narrowed.when.map(When::as_str));
    add("cursor", narrowed.list.cursor.as_deref());
    if out.is_empty() { out } else { ["?", out.trim_start_matches('&')].concat() }
}

/// The address of the list as a file of this format.
#[must_use]
pub fn export(narrowed: &Narrowed, format: &str) -> String {
    [EXPORT, "?format=", format, &filters(&narrowed.list)].concat()
}

/// The search and the filters, each with an ampersand before it.
fn filters(list: &EventQuery) -> String {
    let mut out = String::new();
    let mut add = |name: &str, value: Option<&str>| out.extend(value.map(|value| ["&", name, "=", &escaped(value)].concat()));
    add("query", list.query.as_deref());
    add("action", list.action.as_deref());
    add("outcome", list.outcome.map(Outcome::as_str));
    add("actor", list.actor.as_deref());
    add("target", list.target.as_deref());
    add("ip", list.ip.as_deref());
    add("session", list.session.map(|id| id.to_string()).as_deref());
    add("from", list.from.map(|at| at.to_string()).as_deref());
    add("to", list.to.map(|at| at.to_string()).as_deref());
    out
}

/// The address of the list with another filter, from its beginning.
#[must_use]
pub fn with(narrowed: &Narrowed, set: impl FnOnce(&mut EventQuery)) -> String {
    let mut other = narrowed.clone();
    other.list.cursor = None;
    set(&mut other.list);
    [LIST, &write(&other)].concat()
}

/// Whether the list is narrowed.
#[must_use]
pub fn is_narrowed(narrowed: &Narrowed) -> bool {
    EventQuery { cursor: None, ..narrowed.list.clone() } != EventQuery::default()
}

/// What the search field shows: the search, or else the address that was searched for.
#[must_use]
pub fn searched(list: &EventQuery) -> Option<&str> {
    list.query.as_deref().or(list.ip.as_deref())
}

/// The list with what was typed into the search field: an address is compared whole, all else by its
/// beginning.
#[must_use]
pub fn search(narrowed: &Narrowed, typed: Option<String>) -> Narrowed {
    let is_address = typed.as_ref().is_some_and(|text| text.parse::<IpAddr>().is_ok());
    let (ip, query) = if is_address { (typed, None) } else { (None, typed) };
    Narrowed { list: EventQuery { ip, query, cursor: None, ..narrowed.list.clone() }, ..narrowed.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&str, &str)]) -> ParamsMap {
        let mut params = ParamsMap::new();
        for (name, value) in pairs {
            params.insert((*name).to_owned(), (*value).to_owned());
        }
        params
    }

    #[test]
    fn the_list_survives_its_address() {
        let pairs = [
            ("query", "an ä&b"),
            ("action", "user.,api_key.create"),
            ("outcome", "denied"),
            ("actor", "0192"),
            ("target", "0193"),
            ("ip", "2001:db8::1"),
            ("session", "01920000-0000-7000-8000-000000000000"),
            ("from", "2026-11-01T00:00:00.000Z"),
            ("to", "2026-11-02T00:00:00.000Z"),
            ("when", "7d"),
            ("cursor", "c=1"),
        ];
        let text = write(&read(&params(&pairs)));
        let expected: Vec<String> = pairs.iter().map(|(name, value)| [name, "=", &escaped(value)].concat()).collect();
        assert_eq!(text, ["?", &expected.join("&")].concat());
        assert_eq!(write(&Narrowed::default()), "");
        assert!(!is_narrowed(&read(&params(&[("cursor", "c")]))) && is_narrowed(&read(&params(&pairs))));
        let file = export(&read(&params(&pairs)), "csv");
        assert!(
            file.starts_with("/settings/audit/export?format=csv&query=") && !file.contains("cursor") && !file.contains("when"),
            "{file}"
        );
    }

    #[test]
    fn nonsense_in_the_address_is_left_out() {
        let nonsense = [
            ("action", "user.fly"),
            ("outcome", "maybe"),
            ("ip", "localhost"),
            ("session", "mine"),
            ("from", "yesterday"),
            ("when", "7d"),
            ("query", "  "),
            ("actor", "a\nb"),
        ];
        assert_eq!(read(&params(&nonsense)), Narrowed::default());
        let backwards = read(&params(&[("from", "2026-11-02T00:00:00Z"), ("to", "2026-11-01T00:00:00Z")]));
        assert!(backwards.list.from.is_some() && backwards.list.to.is_none());
    }

    #[test]
    fn an_address_is_searched_for_as_one() {
        let found = search(&Narrowed::default(), Some("10.0.0.9".into()));
        assert_eq!((found.list.ip.as_deref(), &found.list.query), (Some("10.0.0.9"), &None));
        assert_eq!(searched(&found.list), Some("10.0.0.9"));
        let found = search(&found, Some("mara".into()));
        assert_eq!((&found.list.ip, found.list.query.as_deref()), (&None, Some("mara")));
        assert_eq!(search(&found, None), Narrowed::default());
    }
}
