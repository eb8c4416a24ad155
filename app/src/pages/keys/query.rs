//! The list's search, filters, order and cursor, as they stand in the query string.

use crate::state::next::escaped;
use leptos_router::params::ParamsMap;
use wire::{
    Order, RoleName,
    keys::{ApiKeyQuery, KeyKind, KeySort, KeyStatus},
};

/// The address of the list.
pub const LIST: &str = "/settings/api-keys";

/// Reads the query string; what makes no sense is left out.
#[must_use]
pub fn read(params: &ParamsMap) -> ApiKeyQuery {
    ApiKeyQuery {
        query: params.get("query").filter(|query| !query.trim().is_empty()),
        kind: params.get("kind").and_then(|kind| self::kind(&kind)),
        role: params.get("role").map(RoleName).filter(|role| role.problem().is_none()),
        status: params.get("status").and_then(|status| self::status(&status)),
        mine: (params.get("mine").as_deref() == Some("true")).then_some(true),
        sort: match params.get("sort").as_deref() {
            Some("createdAt") => KeySort::CreatedAt,
            Some("lastUsedAt") => KeySort::LastUsedAt,
            Some("expiresAt") => KeySort::ExpiresAt,
            _ => KeySort::Name,
        },
        order: if params.get("order").as_deref() == Some("desc") { Order::Desc } else { Order::Asc },
        limit: None,
        cursor: params.get("cursor"),
    }
}

/// The kind of this name.
#[must_use]
pub fn kind(name: &str) -> Option<KeyKind> {
    [KeyKind::Service, KeyKind::Personal].into_iter().find(|kind| kind.as_str() == name)
}

/// The status of this name.
#[must_use]
pub fn status(name: &str) -> Option<KeyStatus> {
    [KeyStatus::Active, KeyStatus::Expired, KeyStatus::Revoked].into_iter().find(|status| status_name(*status) == name)
}

/// The name of a status.
#[must_use]
pub const fn status_name(status: KeyStatus) -> &'static str {
    match status {
        KeyStatus::Active => "active",
        KeyStatus::Expired => "expired",
        KeyStatus::Revoked => "revoked",
    }
}

/// The name of a column to sort by.
#[must_use]
pub const fn sort_name(sort: KeySort) -> &'static str {
    match sort {
        KeySort::Name => "name",
        KeySort::CreatedAt => "createdAt",
        KeySort::LastUsedAt => "lastUsedAt",
        KeySort::ExpiresAt => "expiresAt",
    }
}

/// Writes the query string, with its question mark; nothing for the plain list.
#[must_use]
pub fn write(query: &ApiKeyQuery) -> String {
    let mut out = String::new();
    let mut add = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            out.push(if out.is_empty() { '?' } else { '&' });
            out.push_str(name);
            out.push('=');
            out.push_str(&escaped(value));
        }
    };
    add("mine", query.mine.filter(|mine| *mine).map(|_| "true"));
    add("query", query.query.as_deref());
    add("kind", query.kind.map(KeyKind::as_str));
    add("role", query.role.as_ref().map(|role| role.0.as_str()));
    add("status", query.status.map(status_name));
    add("sort", (query.sort != KeySort::Name).then(|| sort_name(query.sort)));
    add("order", (query.order == Order::Desc).then_some("desc"));
    add("cursor", query.cursor.as_deref());
    out
}

/// The list from its beginning, for another search or filter.
#[must_use]
pub fn from_start(query: &ApiKeyQuery) -> ApiKeyQuery {
    ApiKeyQuery { cursor: None, ..query.clone() }
}

/// The same half of the list, one's own keys or everybody's, without search and filters.
#[must_use]
pub fn cleared(query: &ApiKeyQuery) -> ApiKeyQuery {
    ApiKeyQuery { query: None, kind: None, role: None, status: None, ..from_start(query) }
}

/// Whether the list is narrowed.
#[must_use]
pub const fn is_narrowed(query: &ApiKeyQuery) -> bool {
    query.query.is_some() || query.kind.is_some() || query.role.is_some() || query.status.is_some()
}

/// The search in words, after "No key matches".
#[must_use]
pub fn words(query: &ApiKeyQuery) -> String {
    query.query.as_ref().map(|text| [" “", text, "”"].concat()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_survives_its_address() {
        let narrowed = ApiKeyQuery {
            query: Some("ci ä&b".into()),
            kind: Some(KeyKind::Personal),
            role: Some(RoleName("manager".into())),
            status: Some(KeyStatus::Expired),
            mine: Some(true),
            sort: KeySort::ExpiresAt,
            order: Order::Desc,
            limit: None,
            cursor: Some("c=1".into()),
        };
        let written = write(&narrowed);
        assert_eq!(
            written,
            "?mine=true&query=ci%20%C3%A4%26b&kind=personal&role=manager&status=expired&sort=expiresAt&order=desc&cursor=c%3D1"
        );
        let mut params = ParamsMap::new();
        for (name, value) in [
            ("mine", "true"),
            ("query", "ci ä&b"),
            ("kind", "personal"),
            ("role", "manager"),
            ("status", "expired"),
            ("sort", "expiresAt"),
            ("order", "desc"),
            ("cursor", "c=1"),
        ] {
            params.insert(name, value.to_owned());
        }
        assert_eq!(read(&params), narrowed);
        assert_eq!(write(&cleared(&narrowed)), "?mine=true&sort=expiresAt&order=desc");
        assert_eq!(write(&ApiKeyQuery::default()), "");
    }

    #[test]
    fn nonsense_in_the_address_is_left_out() {
        let mut params = ParamsMap::new();
        for (name, value) in [("role", "No role"), ("status", "x"), ("kind", "y"), ("mine", "1"), ("sort", "secret"), ("query", "  ")] {
            params.insert(name, value.to_owned());
        }
        assert_eq!(read(&params), ApiKeyQuery::default());
    }
}
