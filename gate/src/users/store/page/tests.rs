//! The plans of both engines, and pages of many users against a sorted copy of all of them.

use super::*;
use crate::{
    db::{Db, Engine},
    testing::Door,
    users::store::facet::{facet, facets},
};
use sqlx::AssertSqlSafe;
use wire::users::Source;

const USERS: i64 = 20_000;
const SORTS: [UserSort; 3] = [UserSort::Username, UserSort::CreatedAt, UserSort::LastLoginAt];

/// Many users. Names for display that begin with `zed` lie together at the end of every order.
async fn crowd() -> Door {
    let door = Door::new().await;
    let sql = "INSERT INTO users (id, username, username_key, email, email_key, display_name, display_key, role, source, is_disabled, facet,
                                  created_at, updated_at, last_login_at)
         WITH RECURSIVE numbers (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM numbers WHERE i < $1),
              people (i, name, role, source, is_disabled) AS (
                  SELECT i, 'user' || substr(CAST(10000000 + i AS TEXT), 2),
                         CASE WHEN i % 1000 = 0 THEN 'manager' WHEN i % 7 = 0 THEN 'operator' ELSE 'viewer' END,
                         CASE WHEN i % 10 = 0 THEN 'oidc' ELSE 'local' END, CASE WHEN i % 500 = 3 THEN 1 ELSE 0 END
                  FROM numbers)
         SELECT '00000000-0000-7000-8000-' || substr(CAST(1000000000000 + i AS TEXT), 2), name, name, name || '@example.com', name || '@example.com',
                name, CASE WHEN i > 15000 THEN 'zed ' ELSE 'amy ' END || name,
                role, source, is_disabled, role || ' ' || source || CASE is_disabled WHEN 1 THEN ' disabled' ELSE ' active' END,
                1000 + i / 2, 1000 + i, CASE WHEN i % 3 = 0 THEN 0 ELSE 5000 + i / 5 END
         FROM people";
    sqlx::query(sql).bind(USERS).execute(door.gate.db().pool()).await.unwrap();
    sqlx::query("ANALYZE").execute(door.gate.db().pool()).await.unwrap();
    door
}

fn wanted(sort: UserSort, order: Order) -> Wanted {
    Wanted { facets: Vec::new(), prefix: None, sort, order, after: None, limit: 201 }
}

fn prefix(text: &str) -> Option<Prefix> {
    Some(Prefix { name: text.into(), address: text.into() })
}

const ROLES: [&str; 5] = ["viewer", "operator", "developer", "manager", "admin"];

/// Every order below every kind of filter, alone and together.
fn every_list() -> Vec<Wanted> {
    let filters = [
        facets(&ROLES, None, None, None),
        facets(&ROLES, Some("viewer"), None, None),
        facets(&ROLES, Some("manager"), None, None),
        facets(&ROLES, None, None, Some(true)),
        facets(&ROLES, None, None, Some(false)),
        facets(&ROLES, None, Some(Source::Oidc), None),
        facets(&ROLES, None, Some(Source::Ldap), None),
        facets(&ROLES, Some("manager"), None, Some(true)),
        facets(&ROLES, Some("operator"), Some(Source::Oidc), Some(false)),
    ];
    let orders = SORTS.into_iter().flat_map(|sort| [wanted(sort, Order::Asc), wanted(sort, Order::Desc)]);
    orders.flat_map(|list| filters.clone().map(|facets| Wanted { facets, ..list.clone() })).collect()
}

/// All users that a list has, in its order, by sorting a copy of everybody.
fn sorted<'a>(everybody: &'a [Listed], list: &Wanted) -> Vec<&'a User> {
    let matches = |user: &User| {
        (list.facets.is_empty() || list.facets.contains(&facet(&user.role.0, user.source, user.is_disabled)))
            && list.prefix.as_ref().is_none_or(|prefix| {
                // The names for display are not read as keys, so the test makes them again.
                let display = if user.username.as_str() > "user0015000" {
                    format!("zed {}", user.username)
                } else {
                    format!("amy {}", user.username)
                };
                user.username.starts_with(&prefix.name)
                    || display.starts_with(&prefix.name)
                    || user.email.as_ref().is_some_and(|e| e.starts_with(&prefix.address))
            })
    };
    let mut users: Vec<&User> = everybody.iter().map(|row| &row.user).filter(|user| matches(user)).collect();
    let time = |user: &User| if list.sort == UserSort::CreatedAt { user.created_at.0 } else { user.last_login_at.map_or(0, |at| at.0) };
    users.sort_by_key(|user| {
        if list.sort == UserSort::Username { (0, user.username.clone(), user.id) } else { (time(user), String::new(), user.id) }
    });
    if list.order == Order::Desc {
        users.reverse();
    }
    users
}

async fn everybody(db: &Db) -> Vec<Listed> {
    fetch(db.pool(), &wanted(UserSort::Username, Order::Asc), merged(&wanted(UserSort::Username, Order::Asc), USERS)).await.unwrap()
}

/// Compares the first pages, and one from the middle to the end, with the sorted copy.
async fn compare(db: &Db, everybody: &[Listed], list: &Wanted) {
    let all = sorted(everybody, list);
    let place = |user: &User| match list.sort {
        UserSort::Username => Place::Text(user.username.clone()),
        UserSort::CreatedAt => Place::Number(user.created_at.0),
        UserSort::LastLoginAt => Place::Number(user.last_login_at.map_or(0, |at| at.0)),
    };
    for start in [0, 1, 200, all.len() / 2, all.len().saturating_sub(150)] {
        let after = start.checked_sub(1).and_then(|before| all.get(before)).map(|user| (place(user), user.id.to_string()));
        let list = Wanted { after, ..list.clone() };
        let found: Vec<_> = page(db.pool(), &list).await.unwrap().into_iter().map(|row| row.user.username).collect();
        let expected: Vec<_> =
            all.iter().skip(if list.after.is_some() { start } else { 0 }).take(201).map(|user| user.username.clone()).collect();
        assert_eq!(found, expected, "{list:?}");
    }
}

#[tokio::test]
async fn a_page_is_a_piece_of_the_sorted_whole() {
    let door = crowd().await;
    let db = door.gate.db();
    let everybody = everybody(db).await;
    assert_eq!(everybody.len(), 20_000);
    for list in every_list() {
        compare(db, &everybody, &list).await;
        let count = i64::try_from(sorted(&everybody, &list).len()).unwrap();
        assert_eq!(count_up_to(db.pool(), &list, 1001).await.unwrap(), count.min(1001), "{list:?}");
    }
}

/// Few matches, many that lie dense, many that lie together far from the beginning, and none.
#[tokio::test]
async fn a_search_is_a_piece_of_the_sorted_whole() {
    let door = crowd().await;
    let db = door.gate.db();
    let everybody = everybody(db).await;
    for text in ["user000004", "user0012345@", "user", "zed", "amy user00149", "user001", "nobody"] {
        for list in every_list() {
            if list.facets.is_empty() || (list.sort == UserSort::Username && list.facets.len() > 8) {
                compare(db, &everybody, &Wanted { prefix: prefix(text), ..list }).await;
            }
        }
    }
}

/// How the engine goes about it, a line a step.
async fn plan(db: &Db, sql: Sql) -> Vec<String> {
    let (word, column) = match db.engine() {
        Engine::Sqlite => ("EXPLAIN QUERY PLAN ", 3),
        Engine::Postgres => ("EXPLAIN ", 0),
    };
    let sql = sql.within(word, "");
    sql.query().try_map(|row: AnyRow| row.try_get::<String, _>(column)).fetch_all(db.pool()).await.unwrap()
}

/// Whether a step looks at every row of the table.
fn is_scan(step: &str) -> bool {
    step.contains("Seq Scan on users") || (step.contains("SCAN users") && !step.contains("INDEX"))
}

/// Whether a step sorts; what is sorted by a unique key already costs nothing to sort by the id too.
fn is_sort(step: &str) -> bool {
    step.contains("TEMP B-TREE FOR ORDER BY") || (step.contains("Sort  (cost") && !step.contains("Incremental"))
}

#[tokio::test]
async fn a_page_is_a_range_of_an_index() {
    let door = crowd().await;
    let db = door.gate.db();
    for list in every_list() {
        let middle = match list.sort {
            UserSort::Username => Place::Text("user0010000".into()),
            _ => Place::Number(7000),
        };
        for after in [None, Some((middle, "00000000-0000-7000-8000-000000010000".to_owned()))] {
            let list = Wanted { after, limit: 51, ..list.clone() };
            let steps = plan(db, merged(&list, 51)).await;
            assert!(!steps.iter().any(|step| is_scan(step)), "{list:?}\n{}", steps.join("\n"));
            let sorts = steps.iter().filter(|step| is_sort(step)).count();
            // Below a filter no more is sorted than the beginnings of the ranges, to merge them.
            let ranges = list.facets.len();
            assert!(sorts <= if ranges == 0 { 0 } else { ranges + 1 }, "{list:?}\n{}", steps.join("\n"));
            let steps = plan(db, walked(&list, &prefix("user").unwrap(), 200)).await;
            assert!(!steps.iter().any(|step| is_scan(step)), "{list:?}\n{}", steps.join("\n"));
            let steps = plan(db, collected(&list, &prefix("user000004").unwrap())).await;
            assert!(!steps.iter().any(|step| is_scan(step)), "{list:?}\n{}", steps.join("\n"));
        }
    }
}

#[tokio::test]
async fn a_prefix_is_a_range_of_each_key_s_index() {
    let door = crowd().await;
    let db = door.gate.db();
    for key in &KEYS {
        let mut sql = Sql::default();
        sql.text("SELECT id FROM users WHERE ");
        key.range(&mut sql, &prefix("user000004").unwrap());
        let steps = plan(db, sql).await;
        assert!(steps.iter().any(|step| step.contains(&format!("users_{}", key.column))), "{}", steps.join("\n"));
        assert!(!steps.iter().any(|step| is_scan(step)), "{}", steps.join("\n"));
    }
}

/// Languages sort `_` and capitals elsewhere, or skip them; the keys' order is that of their bytes.
#[tokio::test]
async fn keys_compare_byte_by_byte_whatever_the_database_s_language() {
    let door = Door::new().await;
    let db = door.gate.db().pool();
    let values = "VALUES ('-b'), ('a_b'), ('a-c'), ('ab'), ('z'), ('ß'), ('ä'), ('e\u{301}')";
    let sql = format!(
        "INSERT INTO users (id, username, username_key, role, source, facet, created_at, updated_at)
         SELECT v, v, v, '', '', '', 1, 1 FROM (SELECT column1 AS v FROM ({values}) AS given) AS named"
    );
    sqlx::query(AssertSqlSafe(sql)).execute(db).await.unwrap();
    let sorted = sqlx::query("SELECT username_key FROM users ORDER BY username_key")
        .try_map(|row: AnyRow| row.try_get::<String, _>(0))
        .fetch_all(db)
        .await
        .unwrap();
    assert_eq!(sorted, ["-b", "a-c", "a_b", "ab", "e\u{301}", "z", "ß", "ä"]);
    let sorted =
        sqlx::query("SELECT username_key FROM users WHERE username_key >= 'a' AND username_key < 'a\u{10ffff}' ORDER BY username_key DESC");
    let sorted = sorted.try_map(|row: AnyRow| row.try_get::<String, _>(0)).fetch_all(db).await.unwrap();
    assert_eq!(sorted, ["ab", "a_b", "a-c"]);
    if door.gate.db().engine() == Engine::Postgres {
        let columns = "SELECT CAST(column_name AS TEXT) FROM information_schema.columns
                       WHERE table_name = 'users' AND collation_name = 'C' ORDER BY column_name";
        let columns = sqlx::query(columns).try_map(|row: AnyRow| row.try_get::<String, _>(0)).fetch_all(db).await.unwrap();
        assert_eq!(columns, ["display_key", "email_key", "facet", "username_key"]);
    }
}
