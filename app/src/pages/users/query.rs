//! The list's search, filters, order and cursor, as they stand in the query string.

use crate::state::next::escaped;
use leptos_router::params::ParamsMap;
use wire::{
    Order, RoleName,
    users::{Status, UserQuery, UserSort},
};

/// The address of the list.
pub const LIST: &str = "/settings/users";

/// Reads the query string; what makes no sense is left out.
#[must_use]
pub fn read(params: &ParamsMap) -> UserQuery {
    UserQuery {
        query: params.get("query").filter(|query| !query.trim().is_empty()),
        role: params.get("role").map(RoleName).filter(|role| role.problem().is_none()),
        status: params.get("status").and_then(|status| self::status(&status)),
        source: None,
        sort: match params.get("sort").as_deref() {
            Some("createdAt") => UserSort::CreatedAt,
            Some("lastLoginAt") => UserSort::LastLoginAt,
            _ => UserSort::Username,
        },
        order: if params.get("order").as_deref() == Some("desc") { Order::Desc } else { Order::Asc },
        limit: None,
        cursor: params.get("cursor"),
    }
}

/// The status of this name.
#[must_use]
pub fn status(name: &str) -> Option<Status> {
    match name {
        "active" => Some(Status::Active),
        "disabled" => Some(Status::Disabled),
        _ => None,
    }
}

/// The name of a status.
#[must_use]
pub const fn status_name(status: Status) -> &'static str {
    match status {
        Status::Active => "active",
        Status::Disabled => "disabled",
    }
}

/// The name of a column to sort by.
#[must_use]
pub const fn sort_name(sort: UserSort) -> &'static str {
    match sort {
        UserSort::Username => "username",
        UserSort::CreatedAt => "createdAt",
        UserSort::LastLoginAt => "lastLoginAt",
    }
}

/// Writes the query string, with its question mark; nothing for the plain list.
#[must_use]
pub fn write(query: &UserQuery) -> String {
    let mut out = String::new();
    let mut add = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            out.push(if out.is_empty() { '?' } else { '&' });
            out.push_str(name);
            out.push('=');
            out.push_str(&escaped(value));
        }
    };
    add("query", query.query.as_deref());
    add("role", query.role.as_ref().map(|role| role.0.as_str()));
    add("status", query.status.map(status_name));
    add("sort", (query.sort != UserSort::Username).then(|| sort_name(query.sort)));
    add("order", (query.order == Order::Desc).then_some("desc"));
    add("cursor", query.cursor.as_deref());
    out
}

/// The list from its beginning, for another search or filter.
#[must_use]
pub fn from_start(query: &UserQuery) -> UserQuery {
    UserQuery { cursor: None, ..query.clone() }
}

/// Whether the list is narrowed.
#[must_use]
pub const fn is_narrowed(query: &UserQuery) -> bool {
    query.query.is_some() || query.role.is_some() || query.status.is_some()
}

/// The search and the filters in words, after "Nobody matches".
#[must_use]
pub fn words(query: &UserQuery) -> String {
    let search = query.query.as_ref().map(|text| [" “", text, "”"].concat()).unwrap_or_default();
    let among = match (query.status, &query.role) {
        (None, None) => String::new(),
        (status, role) => {
            let status = status.map(|status| [" ", status_name(status)].concat()).unwrap_or_default();
            let role = role.as_ref().map_or(" people".to_owned(), |role| [" ", &role.0, "s"].concat());
            [" among", &status, &role].concat()
        }
    };
    [search, among].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn narrowed() -> UserQuery {
        UserQuery {
            query: Some("an ä&b".into()),
            role: Some(RoleName("manager".into())),
            status: Some(Status::Disabled),
            sort: UserSort::LastLoginAt,
            order: Order::Desc,
            cursor: Some("c=1".into()),
            ..UserQuery::default()
        }
    }

    #[test]
    fn the_list_survives_its_address() {
        assert_eq!(write(&narrowed()), "?query=an%20%C3%A4%26b&role=manager&status=disabled&sort=lastLoginAt&order=desc&cursor=c%3D1");
        let mut params = ParamsMap::new();
        for (name, value) in [
            ("query", "an ä&b"),
            ("role", "manager"),
            ("status", "disabled"),
            ("sort", "lastLoginAt"),
            ("order", "desc"),
            ("cursor", "c=1"),
        ] {
            params.insert(name, value.to_owned());
        }
        assert_eq!(read(&params), narrowed());
        assert_eq!(write(&UserQuery::default()), "");
    }

    #[test]
    fn nonsense_in_the_address_is_left_out() {
        let mut params = ParamsMap::new();
        for (name, value) in [("role", "No role"), ("status", "x"), ("sort", "password"), ("order", "up"), ("query", "  ")] {
            params.insert(name, value.to_owned());
        }
        assert_eq!(read(&params), UserQuery::default());
    }

    #[test]
    fn the_filters_are_said_in_words() {
        assert_eq!(words(&narrowed()), " “an ä&b” among disabled managers");
        assert_eq!(words(&UserQuery { status: Some(Status::Active), ..UserQuery::default() }), " among active people");
    }
}
