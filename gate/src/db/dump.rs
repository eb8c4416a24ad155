//! The tables as a backup has them: rows of texts and numbers, the same on both engines.

use super::{Db, Engine};
use serde_json::Value;
use sqlx::{Any, AnyConnection, AssertSqlSafe, Row, Transaction, any::AnyRow};

/// A table of a backup.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// Whether it is read in pieces, by its column `id`; the others are read whole.
    is_long: bool,
}

const fn table(name: &'static str) -> Table {
    Table { name, is_long: false }
}

const fn long(name: &'static str) -> Table {
    Table { name, is_long: true }
}

/// What a backup holds; what others refer to comes before them.
pub(crate) const TABLES: &[Table] = &[
    table("settings"),
    table("roles"),
    table("workspaces"),
    table("environments"),
    long("users"),
    long("identities"),
    table("providers"),
    table("provider_notes"),
    table("grants"),
    long("api_keys"),
    table("apps"),
    table("app_hosts"),
    table("app_traffic"),
    long("events"),
    table("audit_chain"),
    table("held_cursors"),
];

/// What backups of older schemas hold besides: it stands elsewhere now.
const FORMER: &[Table] = &[table("audit_sinks")];

/// What a backup leaves out, and a restore empties: sessions and all that leads to one, and what is over
/// within the day. What refers to others comes before them.
const LEFT_OUT: &[&str] =
    &["messages", "handovers", "session_identities", "links", "tickets", "refresh_secrets", "sessions", "idempotency", "spent"];

/// What belongs to a database itself and stays as it is: who waits, what its processes tell each other.
#[cfg(test)]
const ITS_OWN: &[&str] = &["turns", "bus", "_sqlx_migrations"];

/// The table of this name that a backup may hold.
pub(crate) fn table_of(name: &str) -> Option<Table> {
    TABLES.iter().chain(FORMER).copied().find(|table| table.name == name)
}

/// Rows that are read at once.
const PIECE: i64 = 500;

/// A column: its name, and whether it holds numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    is_number: bool,
}

impl Db {
    /// Begins to read everything as it is at one moment, whatever is written meanwhile.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn snapshot(&self) -> Result<Transaction<'static, Any>, sqlx::Error> {
        match self.engine() {
            // The first look takes the snapshot.
            Engine::Sqlite => self.pool().begin().await,
            Engine::Postgres => self.pool().begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await,
        }
    }
}

/// The columns of a table; none where there is no such table.
pub(crate) async fn columns(db: &mut AnyConnection, engine: Engine, table: &str) -> Result<Vec<Column>, sqlx::Error> {
    let sql = match engine {
        Engine::Sqlite => "SELECT name, lower(type) AS type FROM pragma_table_info($1) ORDER BY cid",
        Engine::Postgres => {
            "SELECT column_name::text AS name, data_type::text AS type FROM information_schema.columns
             WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position"
        }
    };
    sqlx::query(sql)
        .bind(table.to_owned())
        .try_map(|row: AnyRow| Ok(Column { name: row.try_get("name")?, is_number: row.try_get::<String, _>("type")? == "bigint" }))
        .fetch_all(db)
        .await
}

/// Reads a table piece by piece.
pub(crate) struct Rows<'c> {
    table: Table,
    columns: &'c [Column],
    /// The id of the last row; nothing before the first piece.
    after: Option<String>,
    is_over: bool,
}

impl<'c> Rows<'c> {
    pub(crate) const fn of(table: Table, columns: &'c [Column]) -> Self {
        Self { table, columns, after: None, is_over: false }
    }

    /// The next rows, each with its values in the order of the columns; none after the last.
    pub(crate) async fn next(&mut self, db: &mut AnyConnection) -> Result<Vec<Vec<Value>>, sqlx::Error> {
        if self.is_over {
            return Ok(Vec::new());
        }
        let names = names(self.columns);
        let Table { name, is_long } = self.table;
        let rows = if is_long {
            let sql = AssertSqlSafe(format!("SELECT {names} FROM {name} WHERE id > $1 ORDER BY id LIMIT $2"));
            sqlx::query(sql).bind(self.after.clone().unwrap_or_default()).bind(PIECE).fetch_all(db).await?
        } else {
            sqlx::query(AssertSqlSafe(format!("SELECT {names} FROM {name}"))).fetch_all(db).await?
        };
        self.is_over = !is_long || rows.len() < PIECE as usize;
        if let (true, Some(last)) = (is_long, rows.last()) {
            self.after = Some(last.try_get("id")?);
        }
        rows.iter().map(|row| values(row, self.columns)).collect()
    }
}

/// The columns' names, as a statement lists them.
pub(super) fn names(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// The values of a row, in the order of the columns.
pub(super) fn values(row: &AnyRow, columns: &[Column]) -> Result<Vec<Value>, sqlx::Error> {
    let value = |(at, column): (usize, &Column)| {
        Ok(match column.is_number {
            true => row.try_get::<Option<i64>, _>(at)?.map_or(Value::Null, Value::from),
            false => row.try_get::<Option<String>, _>(at)?.map_or(Value::Null, Value::from),
        })
    };
    columns.iter().enumerate().map(value).collect()
}

/// Writes a row; the values come in the order of the columns.
pub(crate) async fn insert(db: &mut AnyConnection, table: Table, columns: &[Column], row: &[Value]) -> Result<(), sqlx::Error> {
    let marks: Vec<String> = (1..=columns.len()).map(|at| format!("${at}")).collect();
    // The names are those of our own tables: they were compared with what the database says.
    let sql = format!("INSERT INTO {} ({}) VALUES ({})", table.name, names(columns), marks.join(", "));
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for (column, value) in columns.iter().zip(row) {
        query = match column.is_number {
            true => query.bind(value.as_i64()),
            false => query.bind(value.as_str().map(str::to_owned)),
        };
    }
    query.execute(db).await.map(drop)
}

/// Removes everything but what belongs to the database itself. An older schema may lack a table.
pub(crate) async fn empty(db: &mut AnyConnection, engine: Engine) -> Result<(), sqlx::Error> {
    for name in LEFT_OUT.iter().copied().chain(TABLES.iter().rev().map(|table| table.name)) {
        if columns(db, engine, name).await?.is_empty() {
            continue;
        }
        sqlx::query(AssertSqlSafe(format!("DELETE FROM {name}"))).execute(&mut *db).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Store;
    use std::collections::BTreeSet;

    /// Whoever adds a table says here whether it is in a backup.
    #[tokio::test]
    async fn every_table_is_backed_up_or_left_out_on_purpose() {
        let (db, _) = Store::Memory.open().await.unwrap();
        let rows = sqlx::query("SELECT name FROM sqlite_master WHERE type = 'table'").fetch_all(db.pool()).await.unwrap();
        let there: BTreeSet<String> = rows.iter().map(|row| row.get::<String, _>("name")).collect();
        let known = TABLES.iter().map(|table| table.name).chain(LEFT_OUT.iter().copied()).chain(ITS_OWN.iter().copied());
        let known: BTreeSet<String> = known.map(str::to_owned).collect();
        assert_eq!(there.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new(), "gate/src/db/dump.rs does not name these");
        assert_eq!(known.difference(&there).collect::<Vec<_>>(), Vec::<&String>::new(), "there are no such tables");
    }
}
