//! The plans of both engines.

use super::*;
use crate::{
    db::{Db, Engine},
    testing::Door,
};

const MEMBER: &str = "00000000-0000-7000-8000-000000000001";

/// Many private workspaces of other people, a few open ones, and one person with a few grants.
async fn crowd() -> Door {
    let door = Door::new().await;
    for sql in [
        "INSERT INTO workspaces (slug, name, is_private, created_at, updated_at)
         WITH RECURSIVE numbers (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM numbers WHERE i < 10000)
         SELECT 'w' || substr(CAST(10000000 + i AS TEXT), 2), 'W', CASE WHEN i % 500 = 0 THEN 0 ELSE 1 END, 0, 0 FROM numbers",
        "INSERT INTO users (id, username, username_key, role, source, facet, created_at, updated_at)
         WITH RECURSIVE numbers (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM numbers WHERE i < 10000)
         SELECT '00000000-0000-7000-8000-' || substr(CAST(1000000000000 + i AS TEXT), 2), 'u' || CAST(i AS TEXT), 'u' || CAST(i AS TEXT),
                'viewer', 'local', 'viewer local active', 0, 0 FROM numbers",
        "INSERT INTO grants (user_id, workspace, environment, role, created_at)
         WITH RECURSIVE numbers (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM numbers WHERE i < 10000),
              parts (i, person, slug) AS (
                  SELECT i, '00000000-0000-7000-8000-' || substr(CAST(1000000000000 + i AS TEXT), 2), 'w' || substr(CAST(10000000 + i AS TEXT), 2)
                  FROM numbers)
         SELECT person, slug, '', 'viewer', 0 FROM parts
         UNION SELECT person, 'w0000777', '', 'viewer', 0 FROM parts
         UNION SELECT '00000000-0000-7000-8000-000000000001', slug, '', 'viewer', 0 FROM parts WHERE i % 1000 = 777",
        "ANALYZE",
    ] {
        sqlx::query(sql).execute(door.gate.db().pool()).await.unwrap();
    }
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

/// Whether a step looks at every row of a table that can be long.
fn is_scan(plan: &str) -> bool {
    // The page itself goes by the name of the table then.
    let is_page = plan.contains("CO-ROUTINE w");
    plan.lines().any(|step| {
        let is_long = ["SCAN g", "SCAN u", "SCAN p", "Seq Scan on grants", "Seq Scan on users", "Seq Scan on workspaces"];
        let is_whole = is_long.iter().any(|name| step.contains(name)) || (step.contains("SCAN w") && !is_page);
        is_whole && !step.contains("INDEX")
    })
}

#[tokio::test]
async fn a_page_is_a_range_of_an_index() {
    let door = crowd().await;
    let db = door.gate.db();
    let member: UserId = MEMBER.parse().unwrap();
    for reach in [Reach::All, Reach::OpenAndOf(Some(member)), Reach::OpenAndOf(None), Reach::One(Slug("w0000777".into()))] {
        for after in [None, Some("w0005000")] {
            for prefix in [None, Some("w00")] {
                let steps = plan(db, rows(&reach, prefix, after, 51)).await;
                assert!(!is_scan(&steps), "{reach:?} {after:?} {prefix:?}\n{steps}");
            }
        }
    }
    for after in [None, Some((MEMBER, ""))] {
        let steps = plan(db, grants::rows(&Slug("w0000777".into()), after, 51)).await;
        assert!(!is_scan(&steps) && steps.contains("grants_members"), "{steps}");
    }
}

#[tokio::test]
async fn a_list_has_what_is_open_and_what_is_one_s_own() {
    let door = crowd().await;
    let db = door.gate.db().pool();
    let reach = Reach::OpenAndOf(Some(MEMBER.parse().unwrap()));
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let part = page(db, &reach, None, after.as_deref(), 7).await.unwrap();
        let Some(last) = part.last() else { break };
        after = Some(last.slug.0.clone());
        all.extend(part.into_iter().map(|workspace| workspace.slug.0));
    }
    let open = (1..=20).map(|i| format!("w{:07}", i * 500));
    let own = (0..10).map(|i| format!("w{:07}", i * 1000 + 777)).chain(["w0000001".to_owned()]);
    let mut expected: Vec<_> = open.chain(own).chain(["default".to_owned()]).collect();
    expected.sort_unstable();
    assert_eq!(all, expected);
    let some = page(db, &reach, Some("w00007"), None, 100).await.unwrap();
    assert_eq!(some.iter().map(|workspace| workspace.slug.0.as_str()).collect::<Vec<_>>(), ["w0000777"]);
}
