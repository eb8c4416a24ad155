//! How far something has come that is handed on in order, to a sink or another engine, and which node does it
//! until when.

use super::Db;
use sqlx::{AnyConnection, AnyPool, Row};
use wire::Timestamp;

/// Makes a cursor known, which begins after this place; one that is known stays where it is.
pub(crate) async fn insert_if_absent(db: &Db, name: &str, seq: i64) -> Result<(), sqlx::Error> {
    let mut write = db.write().await?;
    sqlx::query("INSERT INTO held_cursors (name, seq, holder, held_until) VALUES ($1, $2, '', 0) ON CONFLICT (name) DO NOTHING")
        .bind(name.to_owned())
        .bind(seq)
        .execute(write.db())
        .await?;
    write.commit().await
}

/// How far the cursor has come.
pub(crate) async fn seq(db: &AnyPool, name: &str) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query("SELECT seq FROM held_cursors WHERE name = $1")
        .bind(name.to_owned())
        .fetch_optional(db)
        .await?
        .map(|row| row.try_get("seq"))
        .transpose()
}

/// Takes the cursor for a while, or keeps it, unless another node has it; gives how far it has come.
pub(crate) async fn hold(db: &Db, name: &str, holder: &str, now: Timestamp, until: Timestamp) -> Result<Option<i64>, sqlx::Error> {
    let mut write = db.write().await?;
    let row = sqlx::query(
        // Nobody holds it for so long: a clock was set back since.
        "UPDATE held_cursors SET holder = $2, held_until = $4
         WHERE name = $1 AND (holder = $2 OR held_until < $3 OR held_until > $4 + $4 - $3) RETURNING seq",
    )
    .bind(name.to_owned())
    .bind(holder.to_owned())
    .bind(now.0)
    .bind(until.0)
    .fetch_optional(write.db())
    .await?;
    let seq = row.map(|row| row.try_get("seq")).transpose()?;
    write.commit().await?;
    Ok(seq)
}

/// Leaves the cursor to others.
pub(crate) async fn release(db: &Db, name: &str, holder: &str) -> Result<(), sqlx::Error> {
    let mut write = db.write().await?;
    sqlx::query("UPDATE held_cursors SET held_until = 0 WHERE name = $1 AND holder = $2")
        .bind(name.to_owned())
        .bind(holder.to_owned())
        .execute(write.db())
        .await?;
    write.commit().await
}

/// Writes down how far the cursor has come, if it is still held.
pub(crate) async fn set_seq(db: &Db, name: &str, holder: &str, seq: i64) -> Result<(), sqlx::Error> {
    let mut write = db.write().await?;
    sqlx::query("UPDATE held_cursors SET seq = $3 WHERE name = $1 AND holder = $2 AND seq < $3")
        .bind(name.to_owned())
        .bind(holder.to_owned())
        .bind(seq)
        .execute(write.db())
        .await?;
    write.commit().await
}

/// Forgets a cursor: whoever follows begins anew.
pub(crate) async fn remove(db: &mut AnyConnection, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM held_cursors WHERE name = $1").bind(name.to_owned()).execute(db).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_stood_in_two_tables_goes_on_where_it_was() {
        let db = Db::scratch(14).await.unwrap();
        for table in ["audit_sinks", "live_relays"] {
            let sql = format!("INSERT INTO {table} (name, seq, holder, held_until) VALUES ('one', 7, 'node', 9)");
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(db.pool()).await.unwrap();
        }
        db.bring_up_to_date().await.unwrap();
        for name in ["audit:one", "live:one"] {
            assert_eq!(seq(db.pool(), name).await.unwrap(), Some(7), "{name}");
            assert_eq!(hold(&db, name, "other", Timestamp(5), Timestamp(8)).await.unwrap(), None, "it is held");
            assert_eq!(hold(&db, name, "node", Timestamp(5), Timestamp(8)).await.unwrap(), Some(7));
        }
        let mut write = db.write().await.unwrap();
        remove(write.db(), "live:one").await.unwrap();
        write.commit().await.unwrap();
        assert_eq!((seq(db.pool(), "live:one").await.unwrap(), seq(db.pool(), "audit:one").await.unwrap()), (None, Some(7)));
    }
}
