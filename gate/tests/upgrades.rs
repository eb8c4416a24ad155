//! What earlier Doorwards left is all there after an upgrade. Each fixture was written by the Doorward of
//! its time; the checksums in it tell if a migration was edited since.

use doorward_gate::{
    audit::{self, Verdict},
    testing::{Caller, Door, PASSWORD},
};
use serde_json::{Value, json};
use std::{collections::HashMap, fs, path::Path};

/// The migrations after which there are fixtures.
const SCHEMAS: [i64; 8] = [2, 5, 7, 9, 11, 13, 15, 16];

/// What Doorward itself goes on writing, so that rows of then are not there as they were.
const MOVES: [&str; 7] = ["turns", "bus", "audit_chain", "audit_sinks", "live_relays", "held_cursors", "app_traffic"];

struct Old {
    door: Door,
    text: String,
}

impl Old {
    async fn left_by(schema: i64) -> Self {
        let mut text = String::new();
        let door = Door::left_by(schema, |has_server| {
            let engine = if has_server { "postgres" } else { "sqlite" };
            let file = format!("tests/fixtures/schema-{schema:04}.{engine}.sql");
            text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            text.clone()
        });
        let door = door.await;
        Self { door, text }
    }

    /// What was noted when it was written.
    fn note(&self, name: &str) -> &str {
        let beginning = format!("-- {name}: ");
        self.text.lines().find_map(|line| line.strip_prefix(beginning.as_str())).unwrap_or_else(|| panic!("no {name}"))
    }

    fn with_key(&self, name: &str) -> Caller {
        self.door.nobody().with("x-api-key", self.note(name))
    }

    async fn ada(&self) -> Caller {
        self.door.admin().await
    }
}

/// The rows of each table, without what closes them: columns that came later stand behind.
fn tables(text: &str) -> HashMap<&str, Vec<&str>> {
    let mut all: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut table = "";
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("INSERT INTO ") {
            table = rest.split(' ').next().unwrap();
        } else if line.starts_with('(') {
            all.entry(table).or_default().push(line.trim_end_matches([',', ';']).trim_end_matches(')'));
        }
    }
    all
}

#[tokio::test]
async fn every_row_is_there_after_an_upgrade() {
    for schema in SCHEMAS {
        let old = Old::left_by(schema).await;
        let now = old.door.rows().await;
        let (then, now) = (tables(&old.text), tables(&now));
        assert!(then.len() > 8, "{schema} has rows in {} tables", then.len());
        for (table, rows) in then.iter().filter(|(table, _)| !MOVES.contains(table)) {
            let there = now.get(table).unwrap_or_else(|| panic!("{schema}: {table} is gone or empty"));
            for row in rows {
                // What was not chained yet is by now.
                let row = row.trim_end_matches(", NULL, NULL");
                assert!(there.iter().any(|other| other.starts_with(row)), "{schema}: of {table}: {row}");
            }
        }
    }
}

#[tokio::test]
async fn people_and_what_they_hold_in_hands_stay() {
    for schema in SCHEMAS {
        let old = Old::left_by(schema).await;
        let nobody = old.door.nobody();
        let joe = nobody.clone().with("authorization", &format!("Bearer {}", old.note("access token of joe")));
        assert_eq!(joe.get("/api/v1/auth/me").await.body["user"]["role"], "operator", "{schema}: a session goes on");
        let refreshed = nobody.post("/api/v1/auth/refresh", json!({ "refreshToken": old.note("refresh token of joe") })).await;
        assert_eq!(refreshed.status, 200, "{schema}: {}", refreshed.text);
        for name in ["ada", "joe", "ian@example.com"] {
            nobody.clone().signed_in(name).await;
        }
        let eve = nobody.post("/api/v1/auth/login", json!({ "username": "eve", "password": PASSWORD })).await;
        assert_eq!(eve.status, 401, "{schema}: who was disabled stays so");
        let link = nobody.post("/api/v1/auth/links/check", json!({ "token": old.note("link of leo") })).await;
        assert_eq!((link.status, link.body["username"].as_str()), (200, Some("leo")), "{schema}: {}", link.text);
        let ada = old.ada().await;
        let ian = json!({ "username": "ian", "email": "ian@example.com", "displayName": "Ian O'Hara", "password": PASSWORD });
        let again = ada.clone().with("idempotency-key", "order-66").post("/api/v1/users", ian).await;
        assert_eq!((again.status, again.body["id"].as_str()), (201, Some(old.note("id of ian"))), "{schema}: what is sealed opens");
        assert_eq!(ada.get("/api/v1/settings").await.body["name"], "The old house", "{schema}");
    }
}

#[tokio::test]
async fn the_log_of_then_is_read_and_its_chain_holds() {
    for schema in SCHEMAS {
        let old = Old::left_by(schema).await;
        old.door.chain().await;
        let verdict = audit::verify(&old.door.gate.system("test")).await.unwrap();
        let Verdict::Unbroken(walk) = verdict else { panic!("{schema}: {verdict:?}") };
        let events = tables(&old.text)["events"].len() as u64;
        assert!(walk.events >= events, "{schema}: {} of {events}", walk.events);
        let found = old.ada().await.get("/api/v1/audit?action=user.create&limit=50").await.body;
        let names: Vec<&str> = found["items"].as_array().unwrap().iter().filter_map(|event| event["target"]["name"].as_str()).collect();
        assert!(["joe", "eve", "ian"].iter().all(|name| names.contains(name)), "{schema}: {names:?}");
    }
}

#[tokio::test]
async fn keys_and_roles_are_as_they_were() {
    for schema in SCHEMAS.into_iter().filter(|schema| *schema >= 5) {
        let old = Old::left_by(schema).await;
        let me = old.with_key("service key").get("/api/v1/auth/me").await;
        assert_eq!(me.status, 200, "{schema}: {}", me.text);
        assert_eq!(old.with_key("service key").get("/api/v1/audit").await.status, 403, "{schema}: an operator's key");
        assert_eq!(
            old.with_key("service key").from_afar([203, 0, 113, 9]).get("/api/v1/auth/me").await.status,
            401,
            "{schema}: its networks"
        );
        assert_eq!(old.with_key("key of nina").get("/api/v1/audit").await.status, 200, "{schema}: a role of one's own");
        assert_eq!(old.with_key("revoked key").get("/api/v1/auth/me").await.status, 401, "{schema}");
        let night = old.ada().await.get("/api/v1/roles/night").await.body;
        assert_eq!(night["permissions"], json!(["read", "audit"]), "{schema}: {night}");
        let nina = old.door.nobody().signed_in("nina").await;
        assert_eq!(nina.get("/api/v1/audit").await.status, 200, "{schema}");
        assert_eq!(nina.get("/api/v1/users").await.status, 403, "{schema}");
    }
}

#[tokio::test]
async fn grants_apps_providers_and_messages_are_as_they_were() {
    for schema in SCHEMAS.into_iter().filter(|schema| *schema >= 7) {
        let old = Old::left_by(schema).await;
        let ada = old.ada().await;
        let gus = old.door.nobody().signed_in("gus").await;
        let there = gus.clone().with("x-doorward-environment", "billing/prod");
        assert_eq!(there.get("/api/v1/auth/me").await.body["scope"]["role"], "operator", "{schema}: a grant");
        let shown = ada.get("/api/v1/workspaces/billing").await.body;
        assert_eq!((shown["name"].as_str(), shown["isPrivate"].as_bool()), (Some("Billing ünïcode"), Some(true)), "{schema}");
        if schema >= 9 {
            assert_eq!(old.door.credentials_of("tasks").as_deref(), Some("Bearer canary-of-the-upstream"), "{schema}");
            let app = ada.get("/api/v1/apps/tasks").await.body;
            assert_eq!(app["definition"]["hosts"], json!(["tasks.example.com"]), "{schema}: {app}");
            let traffic = ada.get("/api/v1/apps/tasks/traffic").await.body;
            let count = |what: &str| traffic["minutes"].as_array().unwrap().iter().filter_map(|minute| minute[what].as_u64()).sum::<u64>();
            assert!(count("requests") >= 2 && count("denied") == 1, "{schema}: {traffic}");
        }
        if schema >= 11 {
            let provider = ada.get("/api/v1/settings/oidc/idp").await.body;
            // The provider itself is gone, which is seen; that it was tried out is known.
            assert_ne!(provider["state"], "untested", "{schema}: {provider}");
            assert_eq!((provider["people"].as_i64(), provider["lastSignInBy"].as_str()), (Some(1), Some("mara")), "{schema}: {provider}");
            let found = ada.get("/api/v1/users?query=mara").await.body;
            let id = found["items"][0]["id"].as_str().unwrap().to_owned();
            let linked = ada.get(&format!("/api/v1/users/{id}/identities")).await.body;
            assert_eq!(linked["items"][0]["provider"], "idp", "{schema}: {linked}");
            let sessions = ada.get("/api/v1/sessions?user=all&limit=100").await.body;
            let is_hers = |session: &&Value| session["userName"] == "mara";
            assert!(sessions["items"].as_array().unwrap().iter().any(|session| is_hers(&session)), "{schema}: {sessions}");
        }
        if schema >= 16 {
            let vault = ada.get("/api/v1/apps/vault").await.body;
            let pem = vault["definition"]["upstreamCa"].as_str().unwrap_or_default();
            assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"), "{schema}: {vault}");
        }
        if schema >= 13 {
            assert!(old.door.all_text().await.contains("workflow:7 step"), "{schema}");
        }
    }
}

#[test]
fn the_newest_schema_has_its_fixtures() {
    let newest = *SCHEMAS.last().unwrap();
    assert_eq!(newest, Door::schema(), "CONTRIBUTING.md says how to add a fixture");
}
