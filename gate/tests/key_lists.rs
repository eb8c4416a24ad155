//! The list of API keys: its orders, filters, searches and pages.

use crate::keys::{KEYS, make, path, with};
use doorward_gate::testing::{Caller, Door};
use serde_json::{Value, json};

const SORTS: [&str; 4] = ["name", "createdAt", "lastUsedAt", "expiresAt"];

/// Some keys of every kind, made, used and ending at different times.
async fn some_keys() -> (Vec<Door>, Caller) {
    let door = Door::claimed().await;
    let (ada, leo) = (door.admin().await, door.named("leo", "developer").await);
    let names =
        ["Zoë", "adam", "Adèle", "bernd_2", "bernd-1", "Bernd.3", "Ωmega", "山田", "ｗｉｄｅ", "straße", "0day", "ad", "a", "a", "~"];
    for (at, name) in names.iter().enumerate() {
        if at % 3 != 0 {
            door.wait(1000);
        }
        let role = ["viewer", "operator", "developer"][at % 3];
        let mut new = json!({ "name": name, "role": role });
        if at % 2 == 0 {
            new["expiresIn"] = json!(format!("{}h", 1 + at / 4));
        }
        let owner = if at % 4 == 3 { &leo } else { &ada };
        if at % 4 == 3 {
            new["kind"] = json!("personal");
        }
        let made = make(owner, new).await;
        if at % 5 != 0 {
            assert_eq!(with(&door, &made).get("/api/v1/auth/me").await.status, 200);
        }
        if at % 6 == 4 {
            assert_eq!(owner.delete(&path(&made)).await.status, 204);
        }
    }
    door.wait(2 * 60 * 60 * 1000);
    // What was used is written down at the end: another process shows it.
    let other = door.another().await;
    door.gate.close().await;
    let ada = other.admin().await;
    // The first one holds the database's file.
    (vec![other, door], ada)
}

async fn walk(caller: &Caller, query: &str, limit: usize) -> Vec<Value> {
    let (mut rows, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = caller.get(&format!("{KEYS}?limit={limit}&{query}{cursor}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
        let page = answer.body["items"].as_array().unwrap().clone();
        assert!(page.len() <= limit);
        rows.extend(page);
        match answer.body["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return rows,
        }
    }
}

/// What a key is sorted by, worked out another way than the product does.
fn place(key: &Value, sort: &str) -> (String, String) {
    let text = key[sort].as_str().unwrap_or(if sort == "expiresAt" { "9999" } else { "" });
    let folded = text.replace("ｗｉｄｅ", "wide").replace('ß', "ss").to_lowercase();
    (if sort == "name" { folded } else { text.to_owned() }, key["id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn every_order_and_filter_shows_each_key_once_in_its_place() {
    let (_doors, ada) = some_keys().await;
    let all = walk(&ada, "", 200).await;
    assert_eq!(all.len(), 15);
    for (name, value) in [
        ("", ""),
        ("kind", "service"),
        ("kind", "personal"),
        ("role", "viewer"),
        ("role", "developer"),
        ("role", "admin"),
        ("status", "active"),
        ("status", "expired"),
        ("status", "revoked"),
    ] {
        let filter = if name.is_empty() { String::new() } else { format!("{name}={value}&") };
        for sort in SORTS {
            for order in ["asc", "desc"] {
                let mut expected: Vec<&Value> = all.iter().filter(|key| name.is_empty() || key[name] == value).collect();
                expected.sort_by_key(|key| place(key, sort));
                if order == "desc" {
                    expected.reverse();
                }
                let query = format!("{filter}sort={sort}&order={order}");
                for limit in [1, 4, 200] {
                    assert_eq!(walk(&ada, &query, limit).await.iter().collect::<Vec<_>>(), expected, "{query} by {limit}");
                }
                assert_eq!(ada.get(&format!("{KEYS}?limit=1&{query}")).await.body["total"], expected.len(), "{query}");
            }
        }
    }
    let states = |status: &str| all.iter().filter(|key| key["status"] == status).count();
    assert!(states("active") > 0 && states("expired") > 0 && states("revoked") > 0, "the test has all of them");
    assert!(all.iter().any(|key| key["lastUsedAt"].is_null()) && all.iter().any(|key| key["useCount"] == 1));
}

#[tokio::test]
async fn a_search_finds_the_beginnings_of_names() {
    let (doors, ada) = some_keys().await;
    for (query, found) in [
        ("a", vec!["a", "a", "ad", "adam", "Adèle"]),
        ("AD", vec!["ad", "adam", "Adèle"]),
        ("adE%CC%80", vec!["Adèle"]),
        ("bernd", vec!["bernd-1", "Bernd.3", "bernd_2"]),
        ("bernd_", vec!["bernd_2"]),
        ("wi", vec!["ｗｉｄｅ"]),
        ("%25", vec![]),
        ("strasse", vec!["straße"]),
        ("zz", vec![]),
    ] {
        let names: Vec<Value> = walk(&ada, &format!("query={query}"), 2).await.iter().map(|key| key["name"].clone()).collect();
        assert_eq!(names, found, "{query}");
    }
    let leo = doors[0].nobody().signed_in("leo").await;
    let own = walk(&leo, "", 2).await;
    assert!(own.len() == 3 && own.iter().all(|key| key["ownerId"] == leo.id.as_str()), "{own:?}");
    assert_eq!(walk(&leo, "kind=service", 2).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_cursor_is_good_for_its_list_alone() {
    let (doors, ada) = some_keys().await;
    let cursor = ada.get(&format!("{KEYS}?limit=2")).await.body["nextCursor"].as_str().unwrap().to_owned();
    let leo = doors[0].nobody().signed_in("leo").await;
    for (caller, query) in [(&ada, "sort=createdAt&"), (&ada, "kind=service&"), (&ada, "mine=true&order=desc&"), (&leo, "")] {
        let answer = caller.get(&format!("{KEYS}?{query}cursor={cursor}")).await;
        assert_eq!((answer.status, answer.code()), (400, "bad_cursor"), "{query}: {}", answer.text);
    }
    assert_eq!(ada.get(&format!("{KEYS}?limit=7&cursor={cursor}")).await.status, 200);
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("role=root", "role"),
        ("query=a%00", "query"),
        ("sort=prefix", "sort"),
        ("secret=1", "secret"),
    ] {
        let answer = ada.get(&format!("{KEYS}?{query}")).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (422, &json!(field)), "{query}: {}", answer.text);
    }
}
