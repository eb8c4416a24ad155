//! The plans of both engines, and pieces of many events against a sorted copy of all of them.

use super::*;
use crate::{
    db::{Db, Engine},
    testing::Door,
};

const EVENTS: i64 = 12_000;
/// In a smaller table PostgreSQL rightly reads all of it rather than two hundred rows out of order.
const MANY: i64 = 60_000;

/// Many events, several of one time. Few are of user u7, a few hundred of 10.0.0.9, all of these early.
async fn history(events: i64) -> Door {
    let door = Door::new().await;
    let sql = "INSERT INTO events (id, at, action, outcome, actor_kind, actor_id, actor_name, target_kind, target_id, target_name,
                                   ip, user_agent, request_id, detail)
         WITH RECURSIVE numbers (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM numbers WHERE i < $1)
         SELECT '00000000-0000-7000-8000-' || substr(CAST(1000000000000 + i AS TEXT), 2), 1000 + i / 3,
                CASE WHEN i % 50 = 0 THEN 'user.create' WHEN i % 71 = 0 THEN 'user.delete' WHEN i % 2 = 0 THEN 'session.end' ELSE 'session.start' END,
                CASE WHEN i % 10 = 0 THEN 'denied' ELSE 'success' END, 'user',
                CASE WHEN i < 30 THEN 'u7' ELSE 'u' || CAST(i % 5 AS TEXT) END, CASE WHEN i % 400 = 0 THEN 'Zoe' ELSE 'mara' END,
                CASE WHEN i % 3 = 0 THEN 'user' END, CASE WHEN i % 3 = 0 THEN 't' || CAST(i % 4 AS TEXT) END, CASE WHEN i % 3 = 0 THEN 'Bo' END,
                CASE WHEN i < 600 THEN '10.0.0.9' ELSE '10.0.0.1' END, 'test', 'r' || CAST(i AS TEXT), '{}'
         FROM numbers";
    let pool = door.gate.db().pool();
    sqlx::query("DELETE FROM events").execute(pool).await.unwrap();
    sqlx::query(sql).bind(events).execute(pool).await.unwrap();
    // PostgreSQL gathers statistics of itself. SQLite does not, nor do we ask it to: with them it can take
    // the two ends of a time for a reason to walk along another index, and sort.
    if door.gate.db().engine() == Engine::Postgres {
        sqlx::query("ANALYZE").execute(pool).await.unwrap();
    }
    door
}

fn all(order: Order) -> Wanted {
    Wanted {
        actions: Vec::new(),
        actor: None,
        target: None,
        outcome: None,
        ip: None,
        session: None,
        from: Timestamp(i64::MIN),
        to: Timestamp(i64::MAX),
        prefix: None,
        order,
        after: None,
    }
}

/// Each filter alone, several together, and all in both orders.
fn every_list() -> Vec<Wanted> {
    let mut lists = Vec::new();
    for order in [Order::Asc, Order::Desc] {
        let list = || all(order);
        let text = |text: &str| Some(text.to_owned());
        lists.extend([
            list(),
            Wanted { actor: text("u7"), ..list() },
            Wanted { actor: text("u1"), ..list() },
            Wanted { target: text("t2"), ..list() },
            Wanted { outcome: Some(Outcome::Denied), ..list() },
            Wanted { outcome: Some(Outcome::Failure), ..list() },
            Wanted { ip: text("10.0.0.9"), ..list() },
            Wanted { actions: vec![Action::UserDelete], ..list() },
            Wanted { actions: Action::matching("user."), ..list() },
            Wanted { actions: Action::matching("session."), outcome: Some(Outcome::Denied), ..list() },
            Wanted { actor: text("u1"), ip: text("10.0.0.9"), outcome: Some(Outcome::Success), ..list() },
            Wanted { target: text("t2"), actions: Action::matching("user."), ..list() },
            Wanted { from: Timestamp(2000), to: Timestamp(2500), ..list() },
            Wanted { from: Timestamp(2000), to: Timestamp(4000), actor: text("u1"), actions: vec![Action::SessionEnd], ..list() },
            Wanted { prefix: Some(Prefix::of("ZO")), ..list() },
            Wanted { prefix: Some(Prefix::of("bO")), actor: text("u2"), ..list() },
            Wanted { prefix: Some(Prefix::of("r1199")), ..list() },
            Wanted { prefix: Some(Prefix::of("user.d")), actions: Action::matching("user."), ..list() },
            Wanted { prefix: Some(Prefix::of("%")), ..list() },
        ]);
    }
    lists
}

/// All events that a list has, in its order, by sorting a copy of everything.
fn sorted(everything: &[Event], list: &Wanted) -> Vec<Place> {
    let starts = |name: &str, text: &str| name.to_lowercase().starts_with(&text.to_lowercase());
    let matches = |event: &Event| {
        let target = event.target.as_ref();
        (list.actions.is_empty() || list.actions.contains(&event.action))
            && list.actor.as_ref().is_none_or(|id| *id == event.actor.id)
            && list.target.as_ref().is_none_or(|id| target.is_some_and(|target| *id == target.id))
            && list.outcome.is_none_or(|outcome| outcome == event.outcome)
            && list.ip.as_ref().is_none_or(|ip| *ip == event.ip)
            && (list.from..list.to).contains(&event.at)
            && list.prefix.as_ref().is_none_or(|prefix| {
                let text = prefix.exact.as_str();
                starts(&event.actor.name, text)
                    || target.is_some_and(|target| starts(&target.name, text))
                    || event.request_id.starts_with(text)
                    || event.action.as_str().starts_with(text)
            })
    };
    let mut places: Vec<Place> = everything.iter().filter(|event| matches(event)).map(|event| (event.at.0, event.id.to_string())).collect();
    places.sort();
    if list.order == Order::Desc {
        places.reverse();
    }
    places
}

#[tokio::test]
async fn the_pieces_put_together_are_the_sorted_whole() {
    let door = history(EVENTS).await;
    let db = door.gate.db().pool();
    let everything = page(db, &all(Order::Asc), EVENTS).await.unwrap().rows;
    assert_eq!(everything.len(), 12_000);
    for list in every_list() {
        let expected = sorted(&everything, &list);
        for limit in [200, 1999] {
            let (mut found, mut list, mut rounds) = (Vec::new(), list.clone(), 0);
            loop {
                let piece = page(db, &list, limit).await.unwrap();
                found.extend(piece.rows.iter().map(|event| (event.at.0, event.id.to_string())));
                rounds += 1;
                match piece.next {
                    Some(next) => list.after = Some(next),
                    None => break,
                }
            }
            assert_eq!(found, expected, "{list:?}");
            assert!(rounds <= 12_000 / 200 + 1, "{rounds} rounds: {list:?}");
        }
        let choice = choose(db, &list).await.unwrap();
        let lines = lines(db, &list, &choice, EVENTS).await.unwrap();
        let first = lines.rows.iter().map(|text| Line::read(text).unwrap()).map(|line| (line.at().0, line.id().to_owned()));
        assert!(first.eq(expected.iter().take(lines.rows.len()).cloned()), "{list:?}");
    }
}

#[tokio::test]
async fn the_filter_that_leaves_the_fewest_is_walked() {
    let door = history(EVENTS).await;
    let db = door.gate.db().pool();
    let text = |text: &str| Some(text.to_owned());
    for (list, index) in [
        (all(Order::Desc), Index::At),
        (Wanted { actor: text("u7"), ip: text("10.0.0.9"), outcome: Some(Outcome::Denied), ..all(Order::Desc) }, Index::Actor),
        (Wanted { actor: text("u1"), ip: text("10.0.0.9"), outcome: Some(Outcome::Denied), ..all(Order::Desc) }, Index::Ip),
        (Wanted { actor: text("u1"), actions: vec![Action::UserDelete], ..all(Order::Desc) }, Index::Action),
        (Wanted { target: text("nobody"), actor: text("u7"), ..all(Order::Desc) }, Index::Target),
        (Wanted { outcome: Some(Outcome::Failure), actor: text("u1"), ..all(Order::Desc) }, Index::Outcome),
    ] {
        assert_eq!(choose(db, &list).await.unwrap().index, index, "{list:?}");
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

/// Whether a step looks at every row of the table; along an index it ends with the limit.
fn is_scan(step: &str) -> bool {
    step.contains("Seq Scan on events") || (step.contains("SCAN events") && !step.contains("USING INDEX"))
}

fn is_sort(step: &str) -> bool {
    step.contains("TEMP B-TREE FOR") || step.contains("Sort  (cost")
}

#[tokio::test]
async fn a_piece_is_a_range_of_the_index_that_was_chosen() {
    let door = history(MANY).await;
    let db = door.gate.db();
    for list in every_list() {
        let mut choices = list.choices();
        choices.push(Choice { index: Index::At, values: Vec::new() });
        for after in [None, Some((9000, "00000000-0000-7000-8000-000000024000".to_owned()))] {
            let list = Wanted { after, ..list.clone() };
            for choice in &choices {
                let index = format!("events_{}", choice.index.column().trim_end_matches("_id"));
                for sql in [
                    list.ranges(choice, "*", 51, 0, None),
                    list.ranges(choice, super::super::line!(), 201, 0, None),
                    list.ranges(choice, END, 1, 199, None),
                ] {
                    let steps = plan(db, sql).await;
                    let shown = format!("{list:?}\n{}", steps.join("\n"));
                    assert!(steps.iter().any(|step| step.contains(&index)), "{index} {shown}");
                    // PostgreSQL may gather the few rows of a rare value first, and sort those.
                    let gathers = steps.iter().any(|step| step.contains(&format!("Bitmap Index Scan on {index}")));
                    assert!(!steps.iter().any(|step| is_scan(step) || (is_sort(step) && !gathers)), "{shown}");
                }
                // What the filters leave of a window is sorted, and no more.
                let steps = plan(db, list.merged(choice, "*", 201, None, 51)).await;
                assert!(!steps.iter().any(|step| is_scan(step)), "{list:?}\n{}", steps.join("\n"));
            }
        }
    }
}
