//! What an older Doorward left, for tests of upgrades: its rows written down as SQL, and made again
//! over the schema of then.

use super::{
    Db, Engine, OpenError, Store,
    dump::{columns, names, values},
    open,
};
use serde_json::Value;
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, Row, any::install_default_drivers};

/// Every row of every table as SQL, and the checksums of the migrations that had run.
pub(crate) async fn write(db: &Db) -> Result<String, sqlx::Error> {
    let mut connection = db.pool().acquire().await?;
    let tables = tables(&mut connection, db.engine()).await?;
    let mut text = String::new();
    // A migration may have put rows there.
    for table in tables.iter().rev() {
        text += &format!("DELETE FROM {table};\n");
    }
    for table in &tables {
        let columns = columns(&mut connection, db.engine(), table).await?;
        let list = names(&columns);
        let found = sqlx::query(AssertSqlSafe(format!("SELECT {list} FROM {table} ORDER BY 1"))).fetch_all(&mut *connection).await?;
        let mut rows = Vec::new();
        for row in &found {
            let literals: Vec<String> = values(row, &columns)?.iter().map(literal).collect();
            rows.push(format!("({})", literals.join(", ")));
        }
        if !rows.is_empty() {
            text += &format!("INSERT INTO {table} ({list}) VALUES\n{};\n", rows.join(",\n"));
        }
    }
    for (version, sum) in sums(&mut connection, db.engine()).await? {
        let sum = match db.engine() {
            Engine::Sqlite => format!("X'{sum}'"),
            Engine::Postgres => format!("'\\x{sum}'::bytea"),
        };
        text += &format!("UPDATE _sqlx_migrations SET checksum = {sum} WHERE version = {version};\n");
    }
    Ok(text)
}

fn literal(value: &Value) -> String {
    match value.as_str() {
        Some(text) => format!("'{}'", text.replace('\'', "''")),
        None => value.to_string(),
    }
}

/// The tables in the order in which they were made: what others refer to comes before them.
async fn tables(db: &mut AnyConnection, engine: Engine) -> Result<Vec<String>, sqlx::Error> {
    let sql = match engine {
        Engine::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY rowid",
        Engine::Postgres => {
            "SELECT relname::text AS name FROM pg_class
             WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace ORDER BY oid"
        }
    };
    let rows = sqlx::query(sql).fetch_all(db).await?;
    let all: Result<Vec<String>, _> = rows.iter().map(|row| row.try_get("name")).collect();
    Ok(all?.into_iter().filter(|name| name != "_sqlx_migrations").collect())
}

/// The migrations that have run, with their checksums in hex.
async fn sums(db: &mut AnyConnection, engine: Engine) -> Result<Vec<(i64, String)>, sqlx::Error> {
    let sql = match engine {
        Engine::Sqlite => "SELECT version, lower(hex(checksum)) AS sum FROM _sqlx_migrations ORDER BY version",
        Engine::Postgres => "SELECT version, encode(checksum, 'hex') AS sum FROM _sqlx_migrations ORDER BY version",
    };
    let rows = sqlx::query(sql).fetch_all(db).await?;
    rows.iter().map(|row| Ok((row.try_get("version")?, row.try_get("sum")?))).collect()
}

impl Store {
    /// Makes an empty store what an older Doorward left: the schema up to this migration, and these rows.
    ///
    /// # Errors
    /// When the rows do not fit the schema.
    pub(crate) async fn leave(&self, schema: i64, rows: &str) -> Result<(), OpenError> {
        let away = |error: sqlx::Error| OpenError::Away { place: self.place(), cause: error.to_string() };
        install_default_drivers();
        let (url, engine) = match self {
            Self::Memory => return Err(OpenError::Config("what is in memory can not be left".into())),
            Self::Sqlite(path) => (format!("sqlite:{}?mode=rwc", path.display()), Engine::Sqlite),
            Self::Postgres(url) => (secrecy::ExposeSecret::expose_secret(url).to_owned(), Engine::Postgres),
        };
        let pool = AnyPool::connect(&url).await.map_err(away)?;
        open::migrate_to(&pool, engine, &self.place(), schema).await?;
        sqlx::raw_sql(AssertSqlSafe(rows.to_owned())).execute(&pool).await.map_err(away)?;
        pool.close().await;
        Ok(())
    }
}
