//! AUD-205: whoever reads the log at its most talkative, the audit log, the database, an error or a
//! page finds no secret that went through the door.

use crate::harness::{Answer, PASSWORD, Server, doorward, folder};
use serde_json::{Value, json};
use std::{fs, path::Path, process::Stdio};

const NEW: &str = "nine-quiet-lamps-hum-4711";
const RESET: &str = "seven-grey-geese-drift-4712";
const LINKED: &str = "five-tin-kettles-sing-4713";
const WRONG: &str = "never-was-a-password-4714";
const HOOK: &str = "hook-secret-of-thirty-two-bytes-4715";
const IN_ADDRESS: &str = "collector-path-secret-4716";

/// Everything secret that the tour had in hand, with a name for the report; and what it was told.
#[derive(Default)]
struct Tour {
    secrets: Vec<(&'static str, String)>,
    told: Vec<String>,
}

impl Tour {
    fn keep(&mut self, what: &'static str, secret: impl Into<String>) -> String {
        let secret = secret.into();
        assert!(secret.len() > 7, "{what}: {secret}");
        self.secrets.push((what, secret.clone()));
        secret
    }

    /// Takes note of an answer that has no business holding a secret.
    fn hear(&mut self, answer: &Answer) {
        self.told.push(format!("{}\n{}", answer.head, answer.body));
    }

    /// Sends what is to be refused.
    fn refused(&mut self, answer: &Answer) {
        assert!(answer.status >= 400, "{answer:?}");
        self.hear(answer);
    }

    /// Signs in with a token session.
    fn sign_in(&mut self, server: &Server, name: &str, password: &str) -> (String, String) {
        let tokens = server.sign_in(name, password).json();
        let text = |field: &str| tokens[field].as_str().unwrap().to_owned();
        (self.keep("access token", text("token")), self.keep("refresh token", text("refreshToken")))
    }
}

fn text(answer: &Answer, field: &str) -> String {
    assert!(answer.status < 300, "{answer:?}");
    answer.json()[field].as_str().unwrap().to_owned()
}

/// Setup, and everything around signing in.
fn sessions(tour: &mut Tour, server: &Server) -> String {
    tour.refused(&server.post("/api/v1/setup", None, json!({ "username": "root", "password": "hunter2", "setupCode": WRONG })));
    let root = tour.keep("access token of setup", server.set_up());
    tour.refused(&server.post("/api/v1/setup", None, json!({ "username": "eve", "password": WRONG })));
    tour.refused(&server.sign_in("root", WRONG));
    tour.refused(&server.sign_in("nobody-of-that-name", WRONG));
    let (access, refresh) = tour.sign_in(server, "root", PASSWORD);
    tour.hear(&server.get("/api/v1/auth/me", Some(&access)));
    tour.hear(&server.get("/api/v1/auth/validate", Some(&access)));
    let next = server.post("/api/v1/auth/refresh", None, json!({ "refreshToken": refresh }));
    tour.keep("access token after a refresh", text(&next, "token"));
    tour.keep("refresh token after a refresh", text(&next, "refreshToken"));
    tour.refused(&server.post("/api/v1/auth/refresh", None, json!({ "refreshToken": format!("{refresh}x") })));
    tour.refused(&server.get("/api/v1/auth/me", Some(&format!("{access}x"))));
    tour.hear(&server.get(&format!("/api/v1/auth/me?token={access}"), None));
    // Whoever sends a secret in an address is sent on with that address; nobody else sees it.
    assert_eq!(server.get(&format!("/?access_token={access}"), None).status, 303);
    tour.keep("ticket", text(&server.post("/api/v1/auth/ticket", Some(&root), json!({})), "ticket"));
    tour.refused(&server.post("/api/v1/auth/confirm", Some(&root), json!({ "password": WRONG })));
    assert_eq!(server.post("/api/v1/auth/confirm", Some(&root), json!({ "password": PASSWORD })).status, 204);
    // A browser: the cookie is bound to its token, and is no secret of the page's.
    let form = format!("username=root&password={PASSWORD}");
    let browser =
        server.raw("POST", "/login", &[("Content-Type", "application/x-www-form-urlencoded"), ("Sec-Fetch-Site", "same-origin")], &form);
    assert_eq!(browser.status, 303, "{browser:?}");
    let cookie = browser.head.lines().find_map(|line| line.split_once("doorward=")?.1.split(';').next()).unwrap().to_owned();
    for part in cookie.split('.').filter(|part| part.len() > 40) {
        tour.keep("a part of the session's cookie", part);
    }
    for page in ["/", "/profile", "/settings/sessions", "/settings/api-keys", "/settings/audit", "/api/docs"] {
        tour.hear(&server.raw("GET", page, &[("Cookie", &format!("doorward={cookie}"))], ""));
    }
    root
}

/// People, and all ways to a password.
fn people(tour: &mut Tour, server: &Server, root: &str) {
    let id = server.add(root, "vera", "viewer");
    let (vera, _) = tour.sign_in(server, "vera", PASSWORD);
    tour.refused(&server.get("/api/v1/users", Some(&vera)));
    tour.refused(&server.post("/api/v1/users", Some(root), json!({ "username": "vera", "password": NEW })));
    tour.refused(&server.post("/api/v1/users", Some(root), json!({ "username": "x", "password": "password1", "secret": WRONG })));
    let change = |from: &str, to: &str| json!({ "currentPassword": from, "newPassword": to });
    tour.refused(&server.post("/api/v1/auth/change-password", Some(&vera), change(WRONG, NEW)));
    let changed = server.post("/api/v1/auth/change-password", Some(&vera), change(PASSWORD, NEW));
    tour.keep("access token after a change", text(&changed, "token"));
    let reset = server.send("PUT", &format!("/api/v1/users/{id}/password"), Some(root), Some(json!({ "newPassword": RESET })));
    assert_eq!(reset.status, 200, "{reset:?}");
    tour.hear(&reset);
    let link = text(&server.post(&format!("/api/v1/users/{id}/reset-link"), Some(root), json!({})), "url");
    let token = tour.keep("one-time link", link.rsplit('/').next().unwrap());
    tour.hear(&server.get(&format!("/reset/{token}x"), None));
    tour.hear(&server.post("/api/v1/auth/links/check", None, json!({ "token": token })));
    tour.hear(&server.post("/api/v1/auth/links/use", None, json!({ "token": token, "newPassword": LINKED })));
    tour.refused(&server.post("/api/v1/auth/links/use", None, json!({ "token": token, "newPassword": LINKED })));
    let invitation = text(&server.post("/api/v1/users/invitations", Some(root), json!({ "username": "guest", "role": "viewer" })), "url");
    tour.keep("invitation", invitation.rsplit('/').next().unwrap());
    let grants = json!({ "grants": [{ "workspace": "default", "role": "operator" }] });
    tour.hear(&server.send("PUT", &format!("/api/v1/users/{id}/grants"), Some(root), Some(grants)));
}

/// Keys: made, used in both headers, mistyped, given another secret, revoked.
fn keys(tour: &mut Tour, server: &Server, root: &str) {
    // The beginning of a key is public; what stands behind it is not.
    let secret = |key: &str| key[12..].to_owned();
    let made = server.post("/api/v1/api-keys", Some(root), json!({ "name": "build", "role": "operator" }));
    let key = text(&made, "key");
    tour.keep("API key", secret(&key));
    let id = made.json()["apiKey"]["id"].as_str().unwrap().to_owned();
    tour.hear(&server.get("/api/v1/auth/me", Some(&key)));
    tour.hear(&server.raw("GET", "/api/v1/auth/me", &[("X-API-Key", &key)], ""));
    tour.refused(&server.get("/api/v1/users", Some(&key)));
    tour.refused(&server.raw("GET", "/api/v1/auth/me", &[("X-API-Key", &format!("{key}x"))], ""));
    tour.hear(&server.get(&format!("/api/v1/auth/me?api_key={key}"), None));
    let other = text(&server.post(&format!("/api/v1/api-keys/{id}/rotate"), Some(root), json!({})), "key");
    tour.keep("API key after a rotation", secret(&other));
    tour.hear(&server.send("PATCH", &format!("/api/v1/api-keys/{id}"), Some(root), Some(json!({ "name": "other" }))));
    assert_eq!(server.send("DELETE", &format!("/api/v1/api-keys/{id}"), Some(root), None).status, 204);
    tour.refused(&server.get("/api/v1/auth/me", Some(&other)));
}

/// Every byte of the files below a folder that a stranger could be shown, by name.
fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            files(&entry, found);
        } else {
            found.push((entry.display().to_string(), fs::read(&entry).unwrap()));
        }
    }
}

/// AUD-205
#[test]
fn no_secret_is_written_down_anywhere() {
    let (folder, logs) = (folder(), folder());
    let log = logs.path().join("log");
    let mut command = doorward(folder.path());
    command.args(["serve", "--listen", "127.0.0.1:0", "--data", "data"]).env("DOORWARD_LOG_LEVEL", "trace");
    command.env("DOORWARD_AUDIT__SINKS", format!("stdout,file:{}", logs.path().join("events").display()));
    // Nobody listens there: that it can not be reached is told, and its address is a secret.
    command.env("DOORWARD_AUDIT__WEBHOOK__URL", format!("http://127.0.0.1:9/{IN_ADDRESS}"));
    command.env("DOORWARD_AUDIT__WEBHOOK__SECRET", HOOK);
    let server = Server::spawn_with(command, Stdio::from(fs::File::create(&log).unwrap()));
    let mut tour = Tour::default();
    for (what, secret) in [
        ("password", PASSWORD),
        ("changed password", NEW),
        ("reset password", RESET),
        ("password by link", LINKED),
        ("wrong password", WRONG),
        ("webhook's secret", HOOK),
        ("webhook's address", IN_ADDRESS),
    ] {
        tour.keep(what, secret);
    }
    let code = server.said().into_iter().find(|line| line.starts_with("Setup code")).unwrap().rsplit(' ').next().unwrap().to_owned();
    let signing = fs::read_to_string(folder.path().join("data/.doorward_jwt_secret")).unwrap().trim().to_owned();

    let root = sessions(&mut tour, &server);
    people(&mut tour, &server, &root);
    keys(&mut tour, &server, &root);
    for place in ["/api/v1/audit?limit=200", "/api/v1/audit/export", "/api/v1/audit/export?format=csv", "/api/v1/users", "/api/v1/sessions"]
    {
        tour.hear(&server.get(place, Some(&root)));
    }
    for place in ["/api/v1/api-keys", "/api/v1/stats/overview", "/metrics", "/readyz", "/api/v1/settings", "/api/v1/settings/auth"] {
        tour.hear(&server.get(place, Some(&root)));
    }
    tour.refused(&server.raw("POST", "/api/v1/auth/login", &[("Content-Type", "application/json")], &format!("{{\"password\":\"{NEW}\"")));
    assert_eq!(server.post("/api/v1/auth/logout-all", Some(&root), Value::Null).status, 204);
    let (_, said) = server.stop();

    let mut places = Vec::new();
    files(folder.path(), &mut places);
    files(logs.path(), &mut places);
    assert!(places.iter().any(|(name, bytes)| name.ends_with("doorward.db") && bytes.len() > 50_000), "the database is among them");
    assert!(places.iter().any(|(name, bytes)| name.ends_with("log") && bytes.len() > 5_000), "the log is among them");
    // The code is told at the start, to whoever reads the terminal; nowhere else.
    let said: Vec<_> = said.into_iter().filter(|line| !line.starts_with("Setup code")).collect();
    places.push(("standard output".into(), said.join("\n").into_bytes()));
    places.extend(tour.told.into_iter().map(|text| (format!("an answer: {text:.80}"), text.into_bytes())));
    tour.secrets.push(("setup code", code));
    tour.secrets.push(("signing secret", signing));
    let is_seen = |text: &str| places.iter().filter(|(_, bytes)| bytes.windows(text.len()).any(|window| window == text.as_bytes())).count();
    assert!(is_seen("vera") > 3, "what is no secret is found in the database, in events and in answers");
    let mut found = Vec::new();
    for (what, secret) in &tour.secrets {
        for (place, bytes) in &places {
            let is_home = *what == "signing secret" && place.ends_with(".doorward_jwt_secret");
            if !is_home && bytes.windows(secret.len()).any(|window| window == secret.as_bytes()) {
                found.push(format!("{what} in {place}"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(tour.secrets.len() > 20, "the tour had {} secrets in hand", tour.secrets.len());
}
