//! The chain's statements walk along its two indexes, on both engines.

use crate::{db::Engine, testing::Door};
use sqlx::{AssertSqlSafe, Row, any::AnyRow};

#[tokio::test]
async fn the_chain_is_walked_along_its_indexes() {
    let door = Door::new().await;
    let db = door.gate.db();
    let fill =
        "INSERT INTO events (id, at, action, outcome, actor_kind, actor_id, actor_name, ip, user_agent, request_id, detail, seq, hash)
         WITH RECURSIVE numbers (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM numbers WHERE i < 5000)
         SELECT 'e' || CAST(i AS TEXT), i, 'user.create', 'success', 'user', 'u', 'mara', '::1', 'test', 'r', '{}', i, 'h' FROM numbers";
    sqlx::query(fill).execute(db.pool()).await.unwrap();
    let (word, column) = match db.engine() {
        Engine::Sqlite => ("EXPLAIN QUERY PLAN", 3),
        Engine::Postgres => {
            sqlx::query("ANALYZE").execute(db.pool()).await.unwrap();
            ("EXPLAIN", 0)
        }
    };
    for (statement, index) in [
        ("SELECT id FROM events WHERE seq IS NULL ORDER BY at, id LIMIT 1", "events_unchained"),
        ("SELECT id, detail FROM events WHERE seq IS NULL ORDER BY at, id LIMIT 500", "events_unchained"),
        ("SELECT count(*) AS total FROM events WHERE seq IS NULL", "events_unchained"),
        ("SELECT seq, hash, detail FROM events WHERE seq > 2500 ORDER BY seq LIMIT 500", "events_seq"),
        ("SELECT seq, hash, at FROM events WHERE seq IS NOT NULL ORDER BY seq LIMIT 500", "events_seq"),
        ("SELECT count(*) AS total FROM events WHERE seq <= 20", "events_seq"),
        ("DELETE FROM events WHERE seq <= 20", "events_seq"),
    ] {
        let plan = sqlx::query(AssertSqlSafe(format!("{word} {statement}")));
        let steps: Vec<String> = plan.try_map(|row: AnyRow| row.try_get(column)).fetch_all(db.pool()).await.unwrap();
        let shown = format!("{statement}\n{}", steps.join("\n"));
        assert!(steps.iter().any(|step| step.contains(index)), "{shown}");
        assert!(!steps.iter().any(|step| step.contains("Seq Scan") || step.contains("TEMP B-TREE") || step.contains("Sort ")), "{shown}");
    }
}
