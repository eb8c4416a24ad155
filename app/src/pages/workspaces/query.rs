//! The list's search and cursor, as they stand in the query string.

use crate::state::next::escaped;
use leptos_router::params::ParamsMap;
use wire::workspaces::{Slug, WorkspaceQuery};

/// The address of the list.
pub const LIST: &str = "/settings/workspaces";
/// How many workspaces a page shows.
const ROWS: u32 = 20;

/// Reads the query string; what makes no sense is left out.
#[must_use]
pub fn read(params: &ParamsMap) -> WorkspaceQuery {
    WorkspaceQuery { query: params.get("query").filter(|query| !query.trim().is_empty()), limit: None, cursor: params.get("cursor") }
}

/// Writes the query string, with its question mark; nothing for the plain list.
#[must_use]
pub fn write(query: &WorkspaceQuery) -> String {
    let given = [("query", &query.query), ("cursor", &query.cursor)].into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    given.enumerate().map(|(at, (name, value))| [if at == 0 { "?" } else { "&" }, name, "=", &escaped(value)].concat()).collect()
}

/// What the server is asked. Slugs have no capitals, whatever is typed.
#[must_use]
pub fn asked(query: WorkspaceQuery) -> WorkspaceQuery {
    WorkspaceQuery { query: query.query.map(|text| text.to_lowercase()), limit: Some(ROWS), ..query }
}

/// The address of a workspace's drawer over the list.
#[must_use]
pub fn address_of(slug: &Slug, query: &WorkspaceQuery) -> String {
    [LIST, "/", &slug.0, &write(query)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_survives_its_address() {
        let narrowed = WorkspaceQuery { query: Some("Bil ä".into()), limit: None, cursor: Some("c=1".into()) };
        assert_eq!(write(&narrowed), "?query=Bil%20%C3%A4&cursor=c%3D1");
        let mut params = ParamsMap::new();
        params.insert("query", "Bil ä".to_owned());
        params.insert("cursor", "c=1".to_owned());
        assert_eq!(read(&params), narrowed);
        assert_eq!(asked(narrowed).query.as_deref(), Some("bil ä"));
        assert_eq!(write(&WorkspaceQuery { cursor: Some("c".into()), ..WorkspaceQuery::default() }), "?cursor=c");
        assert_eq!(write(&WorkspaceQuery::default()), "");
    }
}
