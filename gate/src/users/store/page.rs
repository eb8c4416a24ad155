//! One page of the list of users, at a cost that does not grow with their number.
//!
//! An order is the order of an index, and a page is a range of it that begins after the last row of
//! the page before. Below a filter there is such an index for each combination of role, source and
//! status; the page is merged from the beginnings of those that match. A search by prefix is three
//! ranges of the keys' indexes: few matches are sorted; of many the page is found by walking along
//! the order, where they lie dense.

use super::{columns, read};
use sqlx::{AnyPool, AssertSqlSafe, Row as _, any::AnyRow};
use wire::{
    Order,
    rights::BUILT_IN,
    users::{Source, User, UserSort},
};

/// Up to so many matches of a prefix are sorted.
const FEW: i64 = 2_000;
/// So many rows of an order are looked at for matches of a prefix that has many.
const WALK: i64 = 4_000;

const SOURCES: [Source; 4] = [Source::Local, Source::Oidc, Source::Issuer, Source::Ldap];

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

/// Which users a page has.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) role: Option<String>,
    pub(crate) source: Option<Source>,
    pub(crate) is_disabled: Option<bool>,
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
    let Some(prefix) = &wanted.prefix else { return fetch(db, wanted, merged(wanted, wanted.limit)).await };
    if matches_up_to(db, prefix, FEW + 1).await? <= FEW {
        return fetch(db, wanted, collected(wanted, prefix)).await;
    }
    let most = (WALK / i64::try_from(wanted.filters().len().max(1)).unwrap_or(1)).max(wanted.limit);
    let found = fetch(db, wanted, walked(wanted, prefix, most)).await?;
    if i64::try_from(found.len()) == Ok(wanted.limit) || length(db, merged(wanted, most)).await? < most {
        return Ok(found);
    }
    fetch(db, wanted, collected(wanted, prefix)).await
}

/// How many rows there are in all, whatever page, but at most `most`.
pub(crate) async fn count_up_to(db: &AnyPool, wanted: &Wanted, most: i64) -> Result<i64, sqlx::Error> {
    let mut sql = Sql::default();
    let filters = wanted.filters();
    sql.text("SELECT 1 FROM users");
    for (at, filter) in filters.iter().enumerate() {
        sql.text(if at == 0 { "" } else { " UNION ALL SELECT 1 FROM users" });
        filter.write(&mut sql);
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
    let mut sql = Sql { text: "SELECT count(*) AS total FROM (".into(), values: of.values };
    sql.text.push_str(&of.text);
    sql.text(") AS counted");
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
    let filters = wanted.filters();
    if filters.is_empty() {
        sql.text(SELECT).text(" WHERE 1 = 1");
        wanted.write_after(&mut sql, wanted.column());
        wanted.write_order(&mut sql, wanted.column(), limit);
        return sql;
    }
    for (at, filter) in filters.iter().enumerate() {
        sql.text(if at == 0 { "SELECT * FROM (SELECT * FROM (" } else { " UNION ALL SELECT * FROM (" }).text(SELECT);
        filter.write(&mut sql);
        wanted.write_after(&mut sql, wanted.column());
        wanted.write_order(&mut sql, wanted.column(), limit);
        sql.text(") AS part");
    }
    sql.text(") AS parts");
    wanted.write_order(&mut sql, wanted.column(), limit);
    sql
}

/// Of the first rows of the order, as many as `most`, those that match the prefix.
fn walked(wanted: &Wanted, prefix: &Prefix, most: i64) -> Sql {
    let inner = merged(wanted, most);
    let mut sql = Sql { text: "SELECT * FROM (".into(), values: inner.values };
    sql.text.push_str(&inner.text);
    sql.text(") AS walked WHERE ");
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
    let mut sql = Sql::default();
    for (at, key) in KEYS.iter().enumerate() {
        sql.text(if at == 0 { "SELECT * FROM (SELECT * FROM (" } else { " UNION SELECT * FROM (" }).text(SELECT).text(" WHERE ");
        key.range(&mut sql, prefix);
        // Written so that no index fits but the key's: which one leads here is no guess of a planner's.
        let column = if key.column == wanted.column() { key.column } else { wanted.column_without_index() };
        wanted.write_filters(&mut sql);
        wanted.write_after(&mut sql, column);
        wanted.write_order(&mut sql, column, wanted.limit);
        sql.text(") AS part");
    }
    sql.text(") AS parts");
    wanted.write_order(&mut sql, wanted.column(), wanted.limit);
    sql
}

const SELECT: &str = concat!("SELECT ", columns!(), ", username_key, email_key, display_key FROM users");

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

/// One combination of what can be filtered by.
struct Filter<'a> {
    role: &'a str,
    source: Source,
    is_disabled: bool,
}

impl Filter<'_> {
    fn write(&self, sql: &mut Sql) {
        sql.text(" WHERE role = ").value(self.role.to_owned()).text(" AND source = ").value(self.source.as_str().to_owned());
        sql.text(" AND is_disabled = ").number(i64::from(self.is_disabled));
    }
}

impl Wanted {
    /// The combinations that match; none at all when nothing is filtered.
    fn filters(&self) -> Vec<Filter<'_>> {
        if self.role.is_none() && self.source.is_none() && self.is_disabled.is_none() {
            return Vec::new();
        }
        let roles: Vec<&str> = self.role.as_deref().map_or_else(|| BUILT_IN.map(|role| role.name).to_vec(), |role| vec![role]);
        let sources = self.source.map_or_else(|| SOURCES.to_vec(), |source| vec![source]);
        let states = self.is_disabled.map_or_else(|| vec![false, true], |state| vec![state]);
        let mut all = Vec::new();
        for role in roles {
            for source in &sources {
                all.extend(states.iter().map(|state| Filter { role, source: *source, is_disabled: *state }));
            }
        }
        all
    }

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

    /// The filters one by one, as expressions that no index knows.
    fn write_filters(&self, sql: &mut Sql) {
        if let Some(role) = &self.role {
            sql.text(" AND (role || '') = ").value(role.clone());
        }
        if let Some(source) = self.source {
            sql.text(" AND (source || '') = ").value(source.as_str().to_owned());
        }
        if let Some(is_disabled) = self.is_disabled {
            sql.text(" AND (is_disabled + 0) = ").number(i64::from(is_disabled));
        }
    }

    fn write_after(&self, sql: &mut Sql, column: &'static str) {
        let Some((place, id)) = &self.after else { return };
        sql.text(" AND (").text(column).text(if self.order == Order::Asc { ", id) > (" } else { ", id) < (" });
        match place {
            Place::Text(text) => sql.value(text.clone()),
            Place::Number(number) => sql.number(*number),
        };
        sql.text(", ").value(id.clone()).text(")");
    }

    fn write_order(&self, sql: &mut Sql, column: &'static str, limit: i64) {
        let direction = if self.order == Order::Asc { " ASC, id ASC LIMIT " } else { " DESC, id DESC LIMIT " };
        sql.text(" ORDER BY ").text(column).text(direction).number(limit);
    }
}

enum Value {
    Text(String),
    Number(i64),
}

/// A statement that is put together. Its text is ours; what comes from outside is bound.
#[derive(Default)]
struct Sql {
    text: String,
    values: Vec<Value>,
}

impl Sql {
    fn text(&mut self, piece: &'static str) -> &mut Self {
        self.text.push_str(piece);
        self
    }

    fn value(&mut self, text: String) -> &mut Self {
        self.bind(Value::Text(text))
    }

    fn number(&mut self, number: i64) -> &mut Self {
        self.bind(Value::Number(number))
    }

    fn bind(&mut self, value: Value) -> &mut Self {
        self.values.push(value);
        self.text.push_str(&format!("${}", self.values.len()));
        self
    }

    fn query(self) -> sqlx::query::Query<'static, sqlx::Any, sqlx::any::AnyArguments> {
        let query = sqlx::query(AssertSqlSafe(self.text));
        self.values.into_iter().fold(query, |query, value| match value {
            Value::Text(text) => query.bind(text),
            Value::Number(number) => query.bind(number),
        })
    }
}
