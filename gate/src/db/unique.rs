//! Which unique rule an insert or update broke. PostgreSQL names the index, SQLite the column.

/// Whether `error` says that a value of `table.column` is taken; the unique index has to be called
/// `<table>_<column>`.
#[must_use]
pub fn is_taken(error: &sqlx::Error, table: &str, column: &str) -> bool {
    let sqlx::Error::Database(error) = error else { return false };
    if !error.is_unique_violation() {
        return false;
    }
    match error.constraint() {
        Some(name) => name == format!("{table}_{column}"),
        None => error.message().contains(&format!("{table}.{column}")),
    }
}
