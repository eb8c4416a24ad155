//! The chain of hashes: whatever is done to the log behind the product's back shows.

use doorward_gate::{
    audit::{Break, Verdict, Walk, verify},
    config::Config,
    testing::Door,
};
use serde_json::json;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// A door with ten chained events or so, a second apart.
async fn chained() -> Door {
    let door = Door::claimed().await;
    let admin = door.admin().await;
    for name in ["a1", "a2", "a3", "a4", "a5"] {
        door.wait(1000);
        admin.post("/api/v1/users/invitations", json!({ "username": name })).await;
    }
    door.chain().await;
    door
}

async fn verdict(door: &Door) -> Verdict {
    verify(&door.gate.system("test")).await.unwrap()
}

async fn walk(door: &Door) -> Walk {
    match verdict(door).await {
        Verdict::Unbroken(walk) => walk,
        Verdict::Broken(place) => panic!("{place:?}"),
    }
}

/// What a statement behind the product's back is found as.
async fn found_after(door: &Door, sql: &str) -> Break {
    let before = walk(door).await;
    assert!(before.events >= 8, "{before:?}");
    assert!(door.meddle(sql).await >= 1, "{sql}");
    match verdict(door).await {
        Verdict::Broken(place) => place,
        Verdict::Unbroken(walk) => panic!("{sql} was not found: {walk:?}"),
    }
}

#[tokio::test]
async fn an_untouched_log_is_unbroken() {
    let door = Door::claimed().await;
    door.chain().await;
    let first = walk(&door).await;
    let door = chained().await;
    let all = walk(&door).await;
    assert!(all.events > first.events);
    assert_eq!((all.waiting, all.earlier), (0, 0));
    assert_eq!(all.to, Some(door.now()));
    door.admin().await;
    door.events().await;
    let later = walk(&door).await;
    assert!(later.events == all.events && later.waiting > 0 || later.events > all.events, "{later:?}");
    door.chain().await;
    assert!(walk(&door).await.events > all.events);
}

#[tokio::test]
async fn an_altered_field_is_found() {
    for change in [
        "at = at + 1",
        "action = 'user.delete'",
        "outcome = 'denied'",
        "actor_kind = 'system'",
        "actor_id = 'x'",
        "actor_name = 'eve'",
        "target_kind = NULL",
        "target_id = 'x'",
        "target_name = 'eve'",
        "ip = '10.0.0.1'",
        "user_agent = ''",
        "request_id = ''",
        "session_id = NULL",
        "workspace = ''",
        "environment = 'x'",
        "detail = '{}'",
        "hash = ''",
        "hash = NULL",
    ] {
        let door = chained().await;
        let place = found_after(&door, &format!("UPDATE events SET {change} WHERE seq = 6")).await;
        assert_eq!(place.seq, 6, "{change}");
        assert!(place.id.is_some() && place.meaning.contains("altered"), "{change}: {place:?}");
    }
}

/// Text that is moved from one field into the next is another event, though its letters are the same.
#[tokio::test]
async fn a_moved_border_between_fields_is_found() {
    let door = chained().await;
    let place = found_after(&door, "UPDATE events SET actor_id = actor_id || actor_name, actor_name = '' WHERE seq = 6").await;
    assert_eq!(place.seq, 6);
}

#[tokio::test]
async fn a_removed_line_is_found() {
    let door = chained().await;
    let place = found_after(&door, "DELETE FROM events WHERE seq = 4").await;
    assert_eq!((place.seq, place.meaning.contains("missing")), (4, true), "{place:?}");
    let door = chained().await;
    assert_eq!(found_after(&door, "DELETE FROM events WHERE seq = 1").await.seq, 1);
    let door = chained().await;
    door.meddle("DELETE FROM events WHERE seq = 4").await;
    let place = match verdict(&door).await {
        Verdict::Broken(place) => place,
        Verdict::Unbroken(_) => panic!(),
    };
    door.meddle("UPDATE events SET seq = -seq WHERE seq > 4").await;
    door.meddle("UPDATE events SET seq = -seq - 1 WHERE seq < 0").await;
    let closed = match verdict(&door).await {
        Verdict::Broken(place) => place,
        Verdict::Unbroken(_) => panic!(),
    };
    assert_eq!((place.seq, closed.seq), (4, 4), "closing the gap does not help");
}

#[tokio::test]
async fn a_removed_tail_is_found() {
    let door = chained().await;
    let last = i64::try_from(walk(&door).await.events).unwrap();
    let place = found_after(&door, "DELETE FROM events WHERE seq > 5").await;
    assert_eq!((place.seq, place.meaning.contains("the last ones")), (6, true), "{place:?}");
    // Who moves the mark as well has not its mac.
    door.meddle("UPDATE audit_chain SET seq = 5, hash = (SELECT hash FROM events WHERE seq = 5) WHERE name = 'head'").await;
    let moved = |verdict: &Verdict| matches!(verdict, Verdict::Broken(place) if place.meaning.contains("where the log ends"));
    assert!(moved(&verdict(&door).await));
    // And the product does not make it good by going on.
    door.admin().await;
    door.chain().await;
    assert!(moved(&verdict(&door).await), "{:?}", verdict(&door).await);
    assert!(last > 5);
    let door = chained().await;
    let place = found_after(&door, "DELETE FROM audit_chain WHERE name = 'head'").await;
    assert!(place.meaning.contains("audit_chain"));
}

#[tokio::test]
async fn swapped_lines_are_found() {
    let door = chained().await;
    door.meddle("UPDATE events SET seq = -4 WHERE seq = 4").await;
    door.meddle("UPDATE events SET seq = 4 WHERE seq = 5").await;
    door.meddle("UPDATE events SET seq = 5 WHERE seq = -4").await;
    assert!(matches!(verdict(&door).await, Verdict::Broken(place) if place.seq == 4));
}

#[tokio::test]
async fn an_inserted_line_is_found() {
    let insert = |seq: &str, source: &str| {
        format!(
            "INSERT INTO events (id, at, action, outcome, actor_kind, actor_id, actor_name, ip, user_agent, request_id, detail, seq, hash)
             SELECT '00000000-0000-7000-8000-000000000001', at, action, outcome, actor_kind, actor_id, actor_name, ip, user_agent,
                    request_id, detail, {seq}, hash FROM events WHERE seq = {source}"
        )
    };
    let door = chained().await;
    let end = walk(&door).await.events;
    let place = found_after(&door, &insert(&(end + 1).to_string(), "5")).await;
    assert_eq!(place.seq, i64::try_from(end).unwrap() + 1);
    let door = chained().await;
    let place = found_after(&door, &insert("0", "5")).await;
    assert!(place.meaning.contains("before the beginning"), "{place:?}");
    assert_eq!(place.id.as_deref(), Some("00000000-0000-7000-8000-000000000001"));
    let door = chained().await;
    door.meddle("UPDATE events SET seq = -seq WHERE seq > 4").await;
    door.meddle("UPDATE events SET seq = -seq + 1 WHERE seq < 0").await;
    door.meddle(&insert("5", "4")).await;
    assert!(matches!(verdict(&door).await, Verdict::Broken(place) if place.seq == 5));
}

#[tokio::test]
async fn several_processes_make_one_chain() {
    let door = chained().await;
    let other = door.another().await;
    let mut waiting = Vec::new();
    for round in 0..4 {
        for (node, name) in [(&door, "n"), (&other, "m")] {
            node.admin().await.post("/api/v1/users/invitations", json!({ "username": format!("{name}{round}") })).await;
        }
        waiting.push(tokio::join!(door.chain(), other.chain()));
    }
    door.chain().await;
    let walk = walk(&other).await;
    assert_eq!((walk.waiting, waiting.len()), (0, 4));
    assert!(walk.events >= 24);
}

#[tokio::test]
async fn what_is_older_than_is_kept_goes_and_the_rest_is_unbroken() {
    let mut config = Config::for_testing();
    config.audit.retention = std::time::Duration::from_secs(2 * 24 * 60 * 60);
    let door = Door::claimed_with(config).await;
    door.admin().await;
    door.chain().await;
    let before = walk(&door).await;
    door.trim().await;
    assert_eq!(walk(&door).await.events, before.events, "nothing is old yet");
    door.wait(DAY + DAY / 2);
    door.admin().await;
    door.chain().await;
    door.wait(DAY);
    door.trim().await;
    let after = walk(&door).await;
    assert!(after.events >= 1 && after.events < before.events, "{after:?}");
    assert!(after.from > before.to && after.earlier == 0, "{after:?}");
    // The beginning is guarded as the end is.
    let place = match door.meddle("DELETE FROM events WHERE seq = (SELECT min(seq) FROM events)").await {
        1 => verdict(&door).await,
        _ => panic!(),
    };
    assert!(matches!(place, Verdict::Broken(_)));
    door.meddle("UPDATE audit_chain SET seq = seq + 1 WHERE name = 'tail'").await;
    assert!(matches!(verdict(&door).await, Verdict::Broken(place) if place.meaning.contains("where the log begins")));
}

#[tokio::test]
async fn a_log_that_is_kept_for_less_than_a_day_is_refused() {
    let mut config = Config::for_testing();
    config.audit.retention = std::time::Duration::from_secs(60);
    let refused = doorward_gate::Gate::builder().config(config).build().await.unwrap_err();
    assert!(refused.to_string().contains("audit.retention"), "{refused}");
}

#[tokio::test]
async fn another_signing_secret_begins_another_chain() {
    let door = chained().await;
    let old = walk(&door).await.events;
    door.gate.close().await;
    let mut config = Config::for_testing();
    config.auth.jwt_secret = Some("0123456789abcdef0f1e2d3c4b5a69788796a5b4c3d2e1f0ffeeddccbbaa9988".into());
    let other = door.another_with(config).await;
    assert!(matches!(verdict(&other).await, Verdict::Broken(place) if place.meaning.contains("another signing secret")));
    other.named("zoe", "viewer").await;
    other.chain().await;
    let walk = walk(&other).await;
    assert_eq!(walk.earlier, old);
    assert!(walk.events >= 2, "{walk:?}");
    assert!(other.events().await.iter().any(|event| event.starts_with("audit.restart")));
}
