//! One page of the list of keys. An order is the order of an index, and a page begins after the last
//! row of the page before; what is somebody's own is few, and is sorted.

use super::{SELECT, name_key, read};
use crate::db::sql::Sql;
use sqlx::{AnyPool, Row, any::AnyRow};
use wire::{
    Order, RoleName, Timestamp, UserId,
    keys::{ApiKey, KeyKind, KeySort, KeyStatus},
};

/// Which keys a page has.
#[derive(Debug, Clone)]
pub(in crate::keys) struct Wanted {
    /// Only those that are this user's own.
    pub(in crate::keys) owner: Option<UserId>,
    /// The beginning of a name.
    pub(in crate::keys) prefix: Option<String>,
    pub(in crate::keys) kind: Option<KeyKind>,
    pub(in crate::keys) role: Option<RoleName>,
    pub(in crate::keys) status: Option<KeyStatus>,
    pub(in crate::keys) sort: KeySort,
    pub(in crate::keys) order: Order,
    /// The row before the page: its place in the order, and its id.
    pub(in crate::keys) after: Option<(Place, String)>,
    pub(in crate::keys) limit: i64,
    pub(in crate::keys) now: Timestamp,
}

/// A value of the column that a list is sorted by.
#[derive(Debug, Clone)]
pub(in crate::keys) enum Place {
    Text(String),
    Number(i64),
}

/// A row of a page, with its place in the order.
pub(in crate::keys) struct Listed {
    pub(in crate::keys) key: ApiKey,
    pub(in crate::keys) place: Place,
}

/// The rows of the page, at most as many as are wanted.
pub(in crate::keys) async fn page(db: &AnyPool, wanted: &Wanted) -> Result<Vec<Listed>, sqlx::Error> {
    let (column, now) = (wanted.column(), wanted.now);
    let listed = move |row: AnyRow| {
        let place = match column {
            "name_key" => Place::Text(row.try_get(column)?),
            _ => Place::Number(row.try_get(column)?),
        };
        Ok(Listed { key: read(&row, now)?, place })
    };
    rows(wanted).query().try_map(listed).fetch_all(db).await
}

/// The statement of a page.
fn rows(wanted: &Wanted) -> Sql {
    let column = wanted.column();
    let is_up = wanted.order == Order::Asc;
    let mut sql = Sql::default();
    sql.text(SELECT);
    wanted.write_filter(&mut sql);
    if let Some((place, id)) = &wanted.after {
        sql.text(" AND (k.").text(column).text(if is_up { ", k.id) > (" } else { ", k.id) < (" });
        match place {
            Place::Text(text) => sql.value(text.clone()),
            Place::Number(number) => sql.number(*number),
        };
        sql.text(", ").value(id.clone()).text(")");
    }
    sql.text(" ORDER BY k.").text(column).text(if is_up { " ASC, k.id ASC LIMIT " } else { " DESC, k.id DESC LIMIT " });
    sql.number(wanted.limit);
    sql
}

/// How many rows there are in all, whatever page, but at most `most`.
pub(in crate::keys) async fn count_up_to(db: &AnyPool, wanted: &Wanted, most: i64) -> Result<i64, sqlx::Error> {
    let mut sql = Sql::default();
    sql.text("SELECT count(*) AS total FROM (SELECT 1 FROM api_keys k WHERE ");
    wanted.write_filter(&mut sql);
    sql.text(" LIMIT ").number(most).text(") AS counted");
    sql.query().try_map(|row: AnyRow| row.try_get("total")).fetch_one(db).await
}

impl Wanted {
    /// The column of the order, by which an index is sorted.
    const fn column(&self) -> &'static str {
        match self.sort {
            KeySort::Name => "name_key",
            KeySort::CreatedAt => "created_at",
            KeySort::LastUsedAt => "last_used_at",
            KeySort::ExpiresAt => "expires_at",
        }
    }

    fn write_filter(&self, sql: &mut Sql) {
        sql.text("1 = 1");
        if let Some(owner) = self.owner {
            sql.text(" AND k.owner_id = ").value(owner.to_string());
        }
        if let Some(prefix) = &self.prefix {
            let start = name_key(prefix);
            // No hex digit comes after f.
            sql.text(" AND k.name_key >= ").value(start.clone()).text(" AND k.name_key < ").value(start + "g");
        }
        if let Some(kind) = self.kind {
            sql.text(" AND k.kind = ").value(kind.as_str().to_owned());
        }
        if let Some(role) = &self.role {
            sql.text(" AND k.role = ").value(role.0.clone());
        }
        match self.status {
            Some(KeyStatus::Active) => sql.text(" AND k.revoked_at IS NULL AND k.expires_at > ").number(self.now.0),
            Some(KeyStatus::Expired) => sql.text(" AND k.revoked_at IS NULL AND k.expires_at <= ").number(self.now.0),
            Some(KeyStatus::Revoked) => sql.text(" AND k.revoked_at IS NOT NULL"),
            None => sql,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        db::{Db, Engine},
        testing::Door,
    };

    const OWNER: &str = "00000000-0000-7000-9000-000000000001";

    /// Many keys, of which one person has a few.
    async fn crowd() -> Door {
        let door = Door::new().await;
        let sql = "INSERT INTO api_keys (id, name, name_key, prefix, secret_hash, kind, role, owner_id, created_by_kind, created_by_id,
                                         created_by_name, created_at, updated_at, expires_at, last_used_at)
             WITH RECURSIVE numbers (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM numbers WHERE i < 10000),
                  keys (i, number) AS (SELECT i, substr(CAST(10000000 + i AS TEXT), 2) FROM numbers)
             SELECT '00000000-0000-7000-8000-00000' || number, 'key ' || number, '6b657920' || number, number, '', 'service', 'viewer',
                    CASE WHEN i % 1000 = 0 THEN $1 WHEN i % 2 = 0 THEN '00000000-0000-7000-9000-00000' || number END,
                    'user', '', '', 1000 + i, 1000 + i, 5000 + i, CASE WHEN i % 3 = 0 THEN 0 ELSE 2000 + i END
             FROM keys";
        sqlx::query(sql).bind(OWNER).execute(door.gate.db().pool()).await.unwrap();
        sqlx::query("ANALYZE").execute(door.gate.db().pool()).await.unwrap();
        door
    }

    /// How the engine goes about it, a line a step.
    async fn plan(db: &Db, sql: Sql) -> String {
        let (word, column) = match db.engine() {
            Engine::Sqlite => ("EXPLAIN QUERY PLAN ", 3),
            Engine::Postgres => ("EXPLAIN ", 0),
        };
        let steps = sql.within(word, "").query().try_map(|row: AnyRow| row.try_get::<String, _>(column)).fetch_all(db.pool()).await;
        steps.unwrap().join("\n")
    }

    fn is_scan(plan: &str) -> bool {
        plan.contains("Seq Scan on api_keys") || plan.lines().any(|step| step.contains("SCAN k") && !step.contains("INDEX"))
    }

    fn is_sort(plan: &str) -> bool {
        plan.contains("TEMP B-TREE FOR ORDER BY") || plan.lines().any(|step| step.contains("Sort  (cost") && !step.contains("Incremental"))
    }

    fn every_order() -> Vec<Wanted> {
        let wanted = |sort, order| Wanted {
            owner: None,
            prefix: None,
            kind: None,
            role: None,
            status: None,
            sort,
            order,
            after: None,
            limit: 51,
            now: Timestamp(0),
        };
        let sorts = [KeySort::Name, KeySort::CreatedAt, KeySort::LastUsedAt, KeySort::ExpiresAt];
        sorts.into_iter().flat_map(|sort| [wanted(sort, Order::Asc), wanted(sort, Order::Desc)]).collect()
    }

    #[tokio::test]
    async fn a_page_is_a_range_of_an_index() {
        let door = crowd().await;
        let db = door.gate.db();
        for list in every_order() {
            let middle = match list.sort {
                KeySort::Name => Place::Text("6b6579200005000".into()),
                _ => Place::Number(6000),
            };
            for after in [None, Some((middle, "00000000-0000-7000-8000-000000005000".to_owned()))] {
                let list = Wanted { after, ..list.clone() };
                let whole = plan(db, rows(&list)).await;
                assert!(!is_scan(&whole) && !is_sort(&whole), "{list:?}\n{whole}");
                let own = plan(db, rows(&Wanted { owner: Some(OWNER.parse().unwrap()), ..list.clone() })).await;
                assert!(!is_scan(&own) && own.contains("api_keys_owner"), "{list:?}\n{own}");
            }
        }
        let found = Wanted { prefix: Some("key 00050".into()), ..every_order().remove(0) };
        let found = plan(db, rows(&found)).await;
        assert!(!is_scan(&found) && found.contains("api_keys_by_name"), "{found}");
    }
}
