//! Moving in from other programs: everybody goes on with the password they have.

use doorward_gate::{
    config::Config,
    import::{self, Fate, Incoming, Moved},
    testing::Door,
    wire::RoleName,
};
use serde_json::json;

/// Of the password `hunter2-is-not-mine`, with little work.
const HASH: &str = "$2b$04$kh1LvrBxYFDYI3MZOfHtK.e9Q8qU8QWZoCzIS3yBk.5e0RrzyPz0S";

fn dumb(enabled: bool) -> Incoming {
    let users = json!([
        { "username": "mara", "password": bcrypt::hash("three-quiet-otters-sing", 4).unwrap(), "disabled": false },
        { "username": "left", "password": HASH, "disabled": true },
        { "username": "two words", "password": HASH },
    ]);
    import::dumb(&json!({ "enabled": enabled, "users": users, "jwt_secret": "x" }).to_string()).unwrap()
}

async fn run(door: &Door, incoming: &Incoming, role: &str, is_dry: bool) -> Vec<Moved> {
    import::run(&door.gate.system("command line"), "DUMB", incoming, &RoleName(role.into()), is_dry).await.unwrap()
}

fn fates(moved: &[Moved]) -> Vec<(&str, bool)> {
    moved.iter().map(|moved| (moved.username.as_str(), matches!(moved.fate, Fate::Comes | Fate::ComesWithoutPassword))).collect()
}

#[tokio::test]
async fn a_dry_run_tells_the_same_and_changes_nothing() {
    let door = Door::claimed().await;
    let before = door.events().await.len();
    let told = run(&door, &dumb(true), "admin", true).await;
    assert_eq!(fates(&told), [("mara", true), ("left", true), ("two words", false)]);
    assert_eq!(door.events().await.len(), before);
    assert_eq!(door.admin().await.get("/api/v1/users").await.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(run(&door, &dumb(true), "admin", false).await, told);
}

#[tokio::test]
async fn people_sign_in_with_the_password_they_have() {
    let door = Door::claimed().await;
    run(&door, &dumb(true), "operator", false).await;
    let login = |name: &str| json!({ "username": name, "password": "three-quiet-otters-sing" });
    let mara = door.nobody().post("/api/v1/auth/login", login("mara")).await;
    assert_eq!((mara.status, &mara.body["user"]["role"]), (200, &"operator".into()), "{}", mara.text);
    assert_eq!(door.nobody().post("/api/v1/auth/login", login("left")).await.status, 401, "who was kept out stays out");
    let hashes = door.all_text().await;
    assert!(hashes.lines().any(|line| line.starts_with("mara") && line.contains("$argon2id$")), "her hash is ours now");
    let events = door.events().await;
    assert!(events.contains(&"import.run success by command line".to_owned()), "{events:?}");
    assert_eq!(events.iter().filter(|event| event.starts_with("user.create success by command line")).count(), 2);
}

#[tokio::test]
async fn the_first_admin_who_moves_in_makes_the_wizard_needless() {
    let door = Door::new().await;
    run(&door, &dumb(true), "admin", false).await;
    let capabilities = door.nobody().get("/api/v1/capabilities").await.body;
    assert_eq!((&capabilities["setupRequired"], &capabilities["authRequired"]), (&false.into(), &true.into()), "{capabilities}");
}

#[tokio::test]
async fn who_is_there_stays_as_they_are() {
    let door = Door::claimed().await;
    door.named("MARA", "viewer").await;
    let moved = run(&door, &dumb(true), "admin", false).await;
    assert_eq!(moved[0].fate, Fate::IsThere);
    let again = run(&door, &dumb(true), "admin", false).await;
    assert!(again.iter().all(|moved| !matches!(moved.fate, Fate::Comes)), "{again:?}");
}

#[tokio::test]
async fn boltbase_brings_its_roles_and_htpasswd_what_bcrypt_made() {
    let door = Door::with(Config::for_testing()).await;
    let user = |name: &str, role: &str| json!({ "id": "1", "username": name, "password_hash": HASH, "role": role }).to_string();
    let files = [
        ("a.json".to_owned(), user("ada", "admin")),
        ("b.json".to_owned(), user("bob", "developer")),
        ("c.json".to_owned(), user("cy", "captain")),
    ];
    let incoming = import::boltbase(files.iter().map(|(name, text)| (name.clone(), text.as_str()))).unwrap();
    let moved = run(&door, &incoming, "viewer", false).await;
    assert_eq!((moved[0].role.0.as_str(), moved[1].role.0.as_str()), ("admin", "developer"));
    assert!(matches!(&moved[2].fate, Fate::Stays(why) if why.contains("no role captain")), "{moved:?}");
    let incoming = import::htpasswd(&format!("dora:{HASH}\nella:$apr1$salt$hash\nella:{HASH}\n")).unwrap();
    let moved = run(&door, &incoming, "viewer", false).await;
    assert_eq!((&moved[0].fate, &moved[1].fate), (&Fate::Comes, &Fate::ComesWithoutPassword));
    assert!(matches!(&moved[2].fate, Fate::Stays(why) if why.contains("twice")), "{moved:?}");
}

#[tokio::test]
async fn a_role_that_there_is_not_is_refused() {
    let door = Door::claimed().await;
    let refused = import::run(&door.gate.system("command line"), "DUMB", &dumb(true), &RoleName("captain".into()), false).await;
    assert!(refused.unwrap_err().to_string().contains("no such role"));
}
