//! One page of the list of users, at a cost that does not grow with their number.
//!
//! An order is the order of an index, and a page is a range of it that begins after the last row of
//! the page before. Below a filter there is such a range for each facet (a combination of role, source
//! and status); the page is merged from the beginnings of those that match. A search by prefix is
//! three ranges of the keys' indexes: few matches are sorted; of many the page is found by walking
//! along the order, where they lie dense. Only many matches that lie together far from the page's
//! beginning are all looked at.

use super::{columns, read};
use crate::{db::sql::Sql, workspaces::store::grants};
use sqlx::{AnyPool, Row, any::AnyRow};
use wire::{
    Order,
    users::{User, UserSort},
};

/// Up to so many matches of a prefix are sorted.
const FEW: i64 = 2_000;
/// So many rows of an order are looked at for matches of a prefix that has many.
const WALK: i64 = 4_000;

/// The beginning of a name, as each key has it.
#[derive(Debug, Clone)]
pub(crate) struct Prefix {
    /// Of a username or a name for display.
    pub(crate) name: String,
    /// Of an address.
    pub(crate) address: String,
}

/// A value of the column that a list is sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// Of the usernames' keys.
    Text(String),
    /// Of the times.
    Number(i64),
}

impl Place {
    fn write<'s>(&self, sql: &'s mut Sql) -> &'s mut Sql {
        match self {
            Self::Text(text) => sql.value(text.clone()),
            Self::Number(number) => sql.number(*number),
        }
    }
}

/// Which users a page has.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// Those of these facets; of all when there is none.
    pub(crate) facets: Vec<String>,
    pub(crate) prefix: Option<Prefix>,
    pub(crate) sort: UserSort,
    pub(crate) order: Order,
    /// The row before the page: its place in the order, and its id.
    pub(crate) after: Option<(Place, String)>,
    pub(crate) limit: i64,
}

/// A row of a page, with its place in the order.
pub(crate) struct Listed {
    pub(crate) user: User,
    pub(crate) place: Place,
}

/// The rows of the page, at most as many as are wanted.
pub(crate) async fn page(db: &AnyPool, wanted: &Wanted) -> Result<Vec<Listed>, sqlx::Error> {
    let mut rows = found(db, wanted).await?;
    let mut all = grants::of_all(db, rows.iter().map(|row| row.user.id)).await?;
    for row in &mut rows {
        row.user.grants = all.remove(&row.user.id).unwrap_or_default();
    }
    Ok(rows)
}

async fn found(db: &AnyPool, wanted: &Wanted) -> Result<Vec<Listed>, sqlx::Error> {
    let Some(prefix) = &wanted.prefix else { return fetch(db, wanted, merged(wanted, wanted.limit)).await };
    if matches_up_to(db, prefix, FEW + 1).await? <= FEW {
        return fetch(db, wanted, collected(wanted, prefix)).await;
    }
    let most = (WALK / i64::try_from(wanted.facets.len().max(1)).unwrap_or(1)).max(wanted.limit);
    let found = fetch(db, wanted, walked(wanted, prefix, most)).await?;
    if i64::try_from(found.len()) == Ok(wanted.limit) || length(db, merged(wanted, most)).await? < most {
        return Ok(found);
    }
    fetch(db, wanted, collected(wanted, prefix)).await
}

/// How many rows there are in all, whatever page, but at most `most`.
pub(crate) async fn count_up_to(db: &AnyPool, wanted: &Wanted, most: i64) -> Result<i64, sqlx::Error> {
    let first = Wanted { after: None, ..wanted.clone() };
    let mut sql = Sql::default();
    if first.facets.is_empty() {
        sql.text("SELECT 1 FROM users");
    }
    for (at, facet) in first.facets.iter().enumerate() {
        sql.text(if at == 0 { "" } else { " UNION ALL " }).text("SELECT * FROM (SELECT 1 FROM users");
        first.write_facet(&mut sql, facet, most);
        sql.text(") AS part");
    }
    sql.text(" LIMIT ").number(most);
    length(db, sql).await
}

/// How many keys begin with the prefix, but at most `most` of each kind.
async fn matches_up_to(db: &AnyPool, prefix: &Prefix, most: i64) -> Result<i64, sqlx::Error> {
    let mut sql = Sql::default();
    for (at, key) in KEYS.iter().enumerate() {
        // The order makes the index the way to the rows, wherever in the table they lie.
        sql.text(if at == 0 {
            "SELECT * FROM (SELECT 1 FROM users WHERE "
        } else {
            " UNION ALL SELECT * FROM (SELECT 1 FROM users WHERE "
        });
        key.range(&mut sql, prefix);
        sql.text(" ORDER BY ").text(key.column).text(" LIMIT ").number(most).text(") AS part");
    }
    length(db, sql).await
}

/// How many rows a query has.
async fn length(db: &AnyPool, of: Sql) -> Result<i64, sqlx::Error> {
    let sql = of.within("SELECT count(*) AS total FROM (", ") AS counted");
    sql.query().try_map(|row: AnyRow| row.try_get("total")).fetch_one(db).await
}

async fn fetch(db: &AnyPool, wanted: &Wanted, sql: Sql) -> Result<Vec<Listed>, sqlx::Error> {
    let sort = wanted.sort;
    let listed = |row: AnyRow| {
        let user = read(&row)?;
        let place = match sort {
            UserSort::Username => Place::Text(row.try_get("username_key")?),
            UserSort::CreatedAt => Place::Number(row.try_get("created_at")?),
            UserSort::LastLoginAt => Place::Number(row.try_get("last_login_at")?),
        };
        Ok(Listed { user, place })
    };
    sql.query().try_map(listed).fetch_all(db).await
}

/// The first rows of the order, with no regard to a prefix.
fn merged(wanted: &Wanted, limit: i64) -> Sql {
    let mut sql = Sql::default();
    if wanted.facets.is_empty() {
        sql.text(SELECT).text(" WHERE 1 = 1");
        wanted.write_after(&mut sql, wanted.column());
        wanted.write_order(&mut sql, wanted.column(), limit);
        return sql;
    }
    for (at, facet) in wanted.facets.iter().enumerate() {
        sql.text(if at == 0 { "SELECT * FROM (SELECT * FROM (" } else { " UNION ALL SELECT * FROM (" }).text(SELECT);
        wanted.write_facet(&mut sql, facet, limit);
        sql.text(") AS part");
    }
    sql.text(") AS parts");
    wanted.write_order(&mut sql, wanted.column(), limit);
    sql
}

/// Of the first rows of the order, as many as `most`, those that match the prefix.
fn walked(wanted: &Wanted, prefix: &Prefix, most: i64) -> Sql {
    let mut sql = merged(wanted, most).within("SELECT * FROM (", ") AS walked WHERE ");
    for (at, key) in KEYS.iter().enumerate() {
        sql.text(if at == 0 { "(" } else { " OR (" });
        key.range(&mut sql, prefix);
        sql.text(")");
    }
    wanted.write_order(&mut sql, wanted.column(), wanted.limit);
    sql
}

/// The first rows in the order of those that match the prefix: the first of each kind of key.
fn collected(wanted: &Wanted, prefix: &Prefix) -> Sql {
    // An expression that no index knows: the way to the rows is the key's, and no guess of a planner's.
    let loose = wanted.column_without_index();
    let mut sql = Sql::default();
    sql.text(SELECT).text(" WHERE id IN (SELECT id FROM (SELECT * FROM (");
    for (at, key) in KEYS.iter().enumerate() {
        let column = if key.column == wanted.column() { key.column } else { loose };
        sql.text(if at == 0 { "SELECT * FROM (SELECT id, " } else { " UNION SELECT * FROM (SELECT id, " });
        sql.text(column).text(" AS place FROM users WHERE ");
        key.range(&mut sql, prefix);
        for (at, facet) in wanted.facets.iter().enumerate() {
            sql.text(if at == 0 { " AND (facet || '') IN (" } else { ", " }).value(facet.clone());
        }
        sql.text(if wanted.facets.is_empty() { "" } else { ")" });
        wanted.write_after(&mut sql, column);
        wanted.write_order(&mut sql, column, wanted.limit);
        sql.text(") AS part");
    }
    sql.text(") AS parts");
    wanted.write_order(&mut sql, "place", wanted.limit);
    sql.text(") AS found)");
    wanted.write_order(&mut sql, loose, wanted.limit);
    sql
}

/// The grants come after, for the rows of the page alone.
const SELECT: &str = concat!("SELECT ", columns!(), ", '' AS grants, username_key, email_key, display_key FROM users");

/// A column that a prefix is looked for in.
struct Key {
    column: &'static str,
    is_address: bool,
}

const KEYS: [Key; 3] = [
    Key { column: "username_key", is_address: false },
    Key { column: "email_key", is_address: true },
    Key { column: "display_key", is_address: false },
];

impl Key {
    fn range(&self, sql: &mut Sql, prefix: &Prefix) {
        let start = if self.is_address { &prefix.address } else { &prefix.name };
        // No text that begins so comes after it with the last of all characters behind.
        sql.text(self.column)
            .text(" >= ")
            .value(start.clone())
            .text(" AND ")
            .text(self.column)
            .text(" < ")
            .value(format!("{start}\u{10ffff}"));
    }
}

impl Wanted {
    /// The column of the order, by which an index is sorted.
    const fn column(&self) -> &'static str {
        match self.sort {
            UserSort::Username => "username_key",
            UserSort::CreatedAt => "created_at",
            UserSort::LastLoginAt => "last_login_at",
        }
    }

    /// The same values, as an expression that no index knows.
    const fn column_without_index(&self) -> &'static str {
        match self.sort {
            UserSort::Username => "(username_key || '')",
            UserSort::CreatedAt => "(created_at + 0)",
            UserSort::LastLoginAt => "(last_login_at + 0)",
        }
    }

    /// The rows of one facet. Were it compared as equal, PostgreSQL could take the index of the whole
    /// order for the shorter way, and look at everybody to find a few; an order that begins with the
    /// facet has no other index.
    fn write_facet(&self, sql: &mut Sql, facet: &str, limit: i64) {
        let is_up = self.order == Order::Asc;
        sql.text(if is_up { " WHERE facet <= " } else { " WHERE facet >= " }).value(facet.to_owned());
        match &self.after {
            Some((place, id)) => {
                sql.text(" AND (facet, ").text(self.column()).text(if is_up { ", id) > (" } else { ", id) < (" });
                place.write(sql.value(facet.to_owned()).text(", ")).text(", ").value(id.clone()).text(")");
            }
            None => {
                sql.text(if is_up { " AND facet >= " } else { " AND facet <= " }).value(facet.to_owned());
            }
        }
        sql.text(if is_up { " ORDER BY facet ASC, " } else { " ORDER BY facet DESC, " });
        self.write_direction(sql, self.column(), limit);
    }

    fn write_after(&self, sql: &mut Sql, column: &'static str) {
        let Some((place, id)) = &self.after else { return };
        sql.text(" AND (").text(column).text(if self.order == Order::Asc { ", id) > (" } else { ", id) < (" });
        place.write(sql).text(", ").value(id.clone()).text(")");
    }

    fn write_order(&self, sql: &mut Sql, column: &'static str, limit: i64) {
        self.write_direction(sql.text(" ORDER BY "), column, limit);
    }

    fn write_direction(&self, sql: &mut Sql, column: &'static str, limit: i64) {
        let direction = if self.order == Order::Asc { " ASC, id ASC LIMIT " } else { " DESC, id DESC LIMIT " };
        sql.text(column).text(direction).number(limit);
    }
}

#[cfg(test)]
mod tests;
