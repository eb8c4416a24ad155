//! What a start says and makes.

use crate::harness::{PASSWORD, Server, doorward, eventually, folder};
use std::{os::unix::fs::PermissionsExt, process::Command};

#[test]
fn a_start_says_where_the_door_is_and_how_to_set_it_up() {
    let folder = folder();
    let server = Server::start(folder.path());
    let mut code = None;
    eventually("the code is said", || {
        code = server.said().into_iter().find(|line| line.starts_with("Setup code"));
        code.is_some()
    });
    assert!(code.is_some_and(|line| line.rsplit(' ').next().unwrap().replace('-', "").len() == 20), "{:?}", server.said());
    assert_eq!(server.get("/livez", None).status, 200);
    assert_eq!(server.get("/readyz", None).status, 200);
    server.set_up();
    let (code, _) = server.stop();
    assert_eq!(code, Some(0));
    let server = Server::start(folder.path());
    assert!(!server.said().iter().any(|line| line.starts_with("Setup code")), "setup has happened");
    assert_eq!(server.sign_in("root", PASSWORD).status, 200);
}

#[test]
fn the_first_password_is_printed_once_and_has_to_be_changed() {
    let folder = folder();
    let environment = [("DOORWARD_ADMIN_EMAIL", "mara@example.com")];
    let (_, said) = Server::start_with(folder.path(), &environment).stop();
    let find =
        |name: &str| said.iter().find_map(|line| line.trim_matches(['│', ' ']).strip_prefix(name).map(|value| value.trim().to_owned()));
    assert_eq!(find("Username").as_deref(), Some("mara"), "{said:?}");
    let password = find("Password").unwrap();
    assert!(password.len() >= 24, "{password}");
    let server = Server::start_with(folder.path(), &environment);
    let answer = server.sign_in("mara@example.com", &password);
    assert_eq!(answer.json()["user"]["mustChangePassword"], true, "{answer:?}");
    assert_eq!(server.get("/api/v1/users", Some(&answer.token())).status, 403, "first the password");
    let (_, said) = server.stop();
    assert!(!said.iter().any(|line| line.contains("Password") || line.contains(&password)), "{said:?}");
}

#[test]
fn a_first_password_from_the_environment_is_never_applied_again() {
    let folder = folder();
    let environment = [("DOORWARD_ADMIN_USERNAME", "mara"), ("DOORWARD_ADMIN_PASSWORD", PASSWORD)];
    let server = Server::start_with(folder.path(), &environment);
    let token = server.sign_in("mara", PASSWORD).token();
    let change = serde_json::json!({ "currentPassword": PASSWORD, "newPassword": "another-lamp-hums-softly" });
    assert!(server.post("/api/v1/auth/change-password", Some(&token), change).status < 300);
    let (_, said) = server.stop();
    assert!(!said.iter().any(|line| line.contains(PASSWORD)), "{said:?}");
    let server = Server::start_with(folder.path(), &environment);
    assert_eq!(server.sign_in("mara", PASSWORD).status, 401);
    assert_eq!(server.sign_in("mara", "another-lamp-hums-softly").status, 200);
}

#[test]
fn everything_is_its_owners_alone_whatever_the_umask() {
    let folder = folder();
    let binary = doorward(folder.path());
    let mut command = Command::new("sh");
    command
        .env_clear()
        .current_dir(folder.path())
        .args(["-c", "umask 000; exec \"$0\" serve --listen 127.0.0.1:0 --data data"])
        .arg(binary.get_program());
    for (name, value) in binary.get_envs().filter_map(|(name, value)| Some((name, value?))) {
        command.env(name, value);
    }
    let server = Server::spawn(command);
    server.set_up();
    let data = folder.path().join("data");
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    let files: Vec<_> = std::fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 2, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

/// SET-015
#[test]
fn dev_lets_everybody_on_this_machine_in() {
    let folder = folder();
    let mut command = doorward(folder.path());
    command.args(["serve", "--dev", "--listen", "127.0.0.1:0"]);
    let server = Server::spawn(command);
    assert_eq!(server.get("/api/v1/users", None).status, 200);
    assert_eq!(server.get("/api/v1/capabilities", None).json()["devMode"], true);
}

/// SET-015
#[test]
fn dev_is_switched_by_nobody_from_outside() {
    let folder = folder();
    let server = Server::start(folder.path());
    let token = server.set_up();
    for path in ["/api/v1/settings", "/api/v1/settings/auth"] {
        for field in ["dev", "devMode", "dev_mode"] {
            let answer = server.send("PATCH", path, Some(&token), Some(serde_json::json!({ field: true })));
            assert_eq!(answer.status, 422, "{path} {field}: {answer:?}");
        }
    }
    assert_eq!(server.get("/api/v1/capabilities", None).json()["devMode"], false);
    assert_eq!(server.get("/api/v1/users", None).status, 401);
}

#[test]
fn the_server_does_not_name_itself() {
    let folder = folder();
    let server = Server::start(folder.path());
    for path in ["/livez", "/api/v1/capabilities", "/api/v1/nowhere", "/.git/HEAD", "/users.json"] {
        let answer = server.get(path, None);
        let head = answer.head.to_lowercase();
        assert!(!head.contains("\r\nserver:") && head.contains("x-content-type-options: nosniff"), "{path}: {head}");
    }
    assert_eq!(server.get("/.git/HEAD", None).status, 404);
    assert_eq!(server.get("/users.json", None).status, 404);
}
