//! The list of users: its orders, filters, searches and pages.

use doorward_gate::testing::{Caller, Door};
use serde_json::Value;

const SORTS: [&str; 3] = ["username", "createdAt", "lastLoginAt"];

/// Some people, most of whom were invited, at different times; a few of one time and name.
async fn people() -> (Door, Caller) {
    let door = Door::claimed().await;
    let roles = ["viewer", "operator", "developer", "manager"];
    let names = [
        "Zoë",
        "adam",
        "Adèle",
        "bernd_2",
        "bernd-1",
        "Bernd.3",
        "çelik",
        "Ωmega",
        "山田",
        "ｗｉｄｅ",
        "straße",
        "0day",
        "mara",
        "mara.2",
        "Marah",
    ];
    for (at, name) in names.iter().enumerate() {
        if at % 3 != 0 {
            door.wait(1000);
        }
        let person = door.named(name, roles[at % 4]).await;
        if at % 5 == 0 {
            let admin = door.admin().await;
            let path = format!("/api/v1/users/{}", person.id);
            assert_eq!(admin.patch(&path, serde_json::json!({ "isDisabled": true })).await.status, 200);
        }
    }
    let admin = door.admin().await;
    for (name, email, display) in [
        ("p1", "mara@one.example", "First"),
        ("p2", "MARK@two.example", "Mara Second"),
        ("p3", "p3@three.example", "ＭＡＲＡ third"),
        ("p4", "_x%@four.example", "100% sure_"),
    ] {
        let new = serde_json::json!({ "username": name, "email": email, "displayName": display });
        assert_eq!(admin.post("/api/v1/users/invitations", new).await.status, 201, "{name}");
    }
    (door, admin)
}

fn encoded(text: &str) -> String {
    text.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// All rows of a list, page by page.
async fn walk(admin: &Caller, query: &str, limit: usize) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut cursor = String::new();
    loop {
        let answer = admin.get(&format!("/api/v1/users?limit={limit}&{query}{cursor}")).await;
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

/// What a user is sorted by, worked out another way than the product does.
fn key(user: &Value, sort: &str) -> (String, String) {
    let text = user[sort].as_str().unwrap_or_default();
    let folded = text.replace("ｗｉｄｅ", "wide").replace('ß', "ss").to_lowercase();
    (if sort == "username" { folded } else { text.to_owned() }, user["id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn the_pages_put_together_are_the_sorted_whole() {
    let (_door, admin) = people().await;
    let all = walk(&admin, "", 200).await;
    assert_eq!(all.len(), 20);
    for sort in SORTS {
        for order in ["asc", "desc"] {
            for (filter, keep) in [
                ("", (|_| true) as fn(&Value) -> bool),
                ("role=viewer", |u| u["role"] == "viewer"),
                ("role=admin", |u| u["role"] == "admin"),
                ("status=active", |u| u["isDisabled"] == false),
                ("status=disabled", |u| u["isDisabled"] == true),
                ("source=local", |_| true),
                ("source=oidc", |_| false),
                ("role=manager&status=disabled", |u| u["role"] == "manager" && u["isDisabled"] == true),
            ] {
                let mut expected: Vec<Value> = all.iter().filter(|user| keep(user)).cloned().collect();
                expected.sort_by_key(|user| key(user, sort));
                if order == "desc" {
                    expected.reverse();
                }
                for limit in [1, 3, 7, 200] {
                    let found = walk(&admin, &format!("sort={sort}&order={order}&{filter}"), limit).await;
                    assert_eq!(found, expected, "{sort} {order} {filter} {limit}");
                }
                let page = admin.get(&format!("/api/v1/users?sort={sort}&{filter}&limit=1")).await;
                assert_eq!(page.body["total"], expected.len(), "{filter}");
            }
        }
    }
}

#[tokio::test]
async fn a_search_finds_the_beginning_of_any_name() {
    let (_door, admin) = people().await;
    for (text, expected) in [
        ("mara", vec!["mara", "mara.2", "Marah", "p1", "p2", "p3"]),
        ("  MARA ", vec!["mara", "mara.2", "Marah", "p1", "p2", "p3"]),
        ("mara ", vec!["mara", "mara.2", "Marah", "p1", "p2", "p3"]),
        ("mara s", vec!["p2"]),
        ("mark@TWO", vec!["p2"]),
        ("bernd", vec!["bernd-1", "Bernd.3", "bernd_2"]),
        ("bernd_", vec!["bernd_2"]),
        ("STRASSE", vec!["straße"]),
        ("Wide", vec!["ｗｉｄｅ"]),
        ("ωM", vec!["Ωmega"]),
        ("山", vec!["山田"]),
        ("%", vec![]),
        ("_", vec!["p4"]),
        ("100%", vec!["p4"]),
        ("' OR 1=1--", vec![]),
        ("ara", vec![]),
        ("\u{10ffff}", vec![]),
    ] {
        for limit in [1, 2, 50] {
            let found = walk(&admin, &format!("query={}", encoded(text)), limit).await;
            let names: Vec<&str> = found.iter().map(|user| user["username"].as_str().unwrap()).collect();
            assert_eq!(names, expected, "{text} {limit}");
        }
    }
    let viewers = walk(&admin, "query=mara&role=viewer&sort=createdAt&order=desc", 1).await;
    assert!(!viewers.is_empty() && viewers.iter().all(|user| user["role"] == "viewer"));
}

/// DOS-219
#[tokio::test]
async fn a_page_that_can_not_be_is_refused_by_its_field() {
    let (_door, admin) = people().await;
    let long = "x".repeat(321);
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=-1", "limit"),
        ("limit=NaN", "limit"),
        ("limit=1e2", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("sort=password", "sort"),
        ("sort=username;drop", "sort"),
        ("order=up", "order"),
        ("status=gone", "status"),
        ("source=x", "source"),
        ("role=root", "role"),
        ("query=a%00b", "query"),
        ("filter=x", "filter"),
        (&format!("query={long}"), "query"),
    ] {
        let answer = admin.get(&format!("/api/v1/users?{query}")).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (422, &serde_json::json!(field)), "{query}: {}", answer.text);
    }
    assert_eq!(admin.get("/api/v1/users?limit=200").await.status, 200);
}

/// LOG-034
#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_alone() {
    let (door, admin) = people().await;
    let first = admin.get("/api/v1/users?limit=3&sort=createdAt").await;
    let cursor = first.body["nextCursor"].as_str().unwrap();
    assert_eq!(admin.get(&format!("/api/v1/users?limit=3&sort=createdAt&cursor={cursor}")).await.status, 200);
    assert_eq!(admin.get(&format!("/api/v1/users?limit=9&sort=createdAt&cursor={cursor}")).await.status, 200, "the size may change");
    for other in [
        "",
        "sort=username",
        "sort=createdAt&order=desc",
        "sort=createdAt&role=viewer",
        "sort=createdAt&query=m",
        "sort=createdAt&status=active",
        "sort=lastLoginAt",
    ] {
        let answer = admin.get(&format!("/api/v1/users?{other}&cursor={cursor}")).await;
        assert_eq!((answer.status, answer.code()), (400, "bad_cursor"), "{other}");
    }
    for at in 0..cursor.len() {
        let mut edited = cursor.to_owned();
        let other = if &edited[at..=at] == "A" { "B" } else { "A" };
        edited.replace_range(at..=at, other);
        // The last character may hold bits that count for nothing.
        let answer = admin.get(&format!("/api/v1/users?sort=createdAt&cursor={edited}")).await;
        assert!(answer.status == 400 || at + 1 == cursor.len(), "{at}: {}", answer.text);
    }
    for edited in ["", "x", "%00", "AAAA", "null", &cursor[..cursor.len() - 4], &format!("{cursor}AAAA")] {
        assert_eq!(admin.get(&format!("/api/v1/users?sort=createdAt&cursor={edited}")).await.status, 400, "{edited}");
    }
    let sessions = admin.get(&format!("/api/v1/sessions?cursor={cursor}")).await;
    assert_eq!(sessions.code(), "bad_cursor", "another resource is another list");
    drop(door);
}

/// Who comes or goes between two pages moves nobody else into or out of them.
#[tokio::test]
async fn a_page_begins_where_the_last_one_ended_whoever_came_or_went() {
    let (door, admin) = people().await;
    let before = walk(&admin, "", 200).await;
    let first = admin.get("/api/v1/users?limit=5").await;
    let last = &first.body["items"][4];
    door.named("a-newcomer", "viewer").await;
    assert_eq!(admin.delete(&format!("/api/v1/users/{}", last["id"].as_str().unwrap())).await.status, 204);
    let second = admin.get(&format!("/api/v1/users?limit=5&cursor={}", first.body["nextCursor"].as_str().unwrap())).await;
    assert_eq!(second.body["items"].as_array().unwrap()[..], before[5..10]);
}
