//! Commands at the server's own shell while the server runs: it obeys without being told.

use crate::harness::{PASSWORD, Server, doorward, eventually, folder, run, run_with_input, stderr, stdout};
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::Stdio,
};

fn command(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
    stdout(&output)
}

#[test]
fn who_is_disabled_is_out() {
    let folder = folder();
    let server = Server::start(folder.path());
    let admin = server.set_up();
    server.add(&admin, "bob", "viewer");
    let token = server.sign_in("bob", PASSWORD).token();
    assert_eq!(server.get("/api/v1/auth/validate", Some(&token)).status, 200);
    command(folder.path(), &["user", "disable", "bob"]);
    eventually("bob is out", || server.get("/api/v1/auth/validate", Some(&token)).status == 401);
    assert_eq!(server.sign_in("bob", PASSWORD).status, 401);
    command(folder.path(), &["user", "enable", "BOB"]);
    eventually("bob may come back", || server.sign_in("bob", PASSWORD).status == 200);
}

#[test]
fn a_password_that_is_set_counts_at_once() {
    let folder = folder();
    let server = Server::start(folder.path());
    let token = server.set_up();
    let output = run_with_input(folder.path(), &["user", "reset-password", "root", "--password-stdin"], "another-lamp-hums-softly\n");
    assert!(output.status.success(), "{}", stderr(&output));
    eventually("the old session is over", || server.get("/api/v1/auth/validate", Some(&token)).status == 401);
    assert_eq!(server.sign_in("root", "another-lamp-hums-softly").status, 200);
    assert_eq!(server.sign_in("root", PASSWORD).status, 401);
}

#[test]
fn a_link_gets_somebody_back_in() {
    let folder = folder();
    let server = Server::start(folder.path());
    server.set_up();
    let output = run(folder.path(), &["user", "reset-password", "root"]);
    let said = stdout(&output);
    // The server was started with an address that the command was not told.
    assert!(said.contains(&format!("http://127.0.0.1:{}/reset/", server.port)), "{said}");
    assert!(stderr(&output).contains("set public_url"), "{}", stderr(&output));
    let token = said.trim().rsplit_once("/reset/").unwrap_or_else(|| panic!("{said}")).1.to_owned();
    let new = serde_json::json!({ "token": token, "newPassword": "another-lamp-hums-softly" });
    assert_eq!(server.post("/api/v1/auth/links/use", None, new.clone()).status, 200);
    assert_eq!(server.post("/api/v1/auth/links/use", None, new).status, 410, "once");
    assert_eq!(server.sign_in("root", "another-lamp-hums-softly").status, 200);
}

#[test]
fn a_link_names_the_public_address() {
    let folder = folder();
    let mut command = doorward(folder.path());
    command.args(["serve", "--listen", "127.0.0.1:0", "--data", "data"]).env("DOORWARD_PUBLIC_URL", "https://door.example.com");
    // What it says of itself is where people find it, which here is nowhere.
    let mut server = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut reader = BufReader::new(server.stdout.take().unwrap());
    let mut said = String::new();
    reader.read_line(&mut said).unwrap();
    assert_eq!(said, "Doorward is ready at https://door.example.com\n");
    // Of the server's environment the command knows nothing; by its own settings it knows better.
    let links = [(None, "https://door.example.com/reset/"), (Some("https://other.example.com"), "https://other.example.com/reset/")];
    for (count, (public, wanted)) in links.into_iter().enumerate() {
        let mut command = doorward(folder.path());
        command.args(["user", "add", &format!("joe{count}"), "--role", "viewer"]);
        command.envs(public.map(|url| ("DOORWARD_PUBLIC_URL", url)));
        let output = command.output().unwrap();
        assert!(stdout(&output).contains(wanted), "{} {}", stdout(&output), stderr(&output));
        assert_eq!(stderr(&output).contains("set public_url"), public.is_none(), "{}", stderr(&output));
    }
    server.kill().unwrap();
    server.wait().unwrap();
}

#[test]
fn sign_in_goes_off_and_on() {
    let folder = folder();
    let server = Server::start(folder.path());
    server.set_up();
    assert_eq!(server.get("/api/v1/users", None).status, 401);
    assert!(command(folder.path(), &["auth", "status"]).contains("Sign-in is on"));
    command(folder.path(), &["auth", "disable"]);
    eventually("everybody is let in", || server.get("/api/v1/users", None).status == 200);
    command(folder.path(), &["auth", "enable"]);
    eventually("nobody is let in", || server.get("/api/v1/users", None).status == 401);
}

#[test]
fn a_role_that_is_taken_away_is_gone() {
    let folder = folder();
    let server = Server::start(folder.path());
    let admin = server.set_up();
    server.add(&admin, "bob", "admin");
    let token = server.sign_in("bob", PASSWORD).token();
    assert_eq!(server.get("/api/v1/users", Some(&token)).status, 200);
    command(folder.path(), &["user", "set-role", "bob", "viewer"]);
    eventually("bob sees less", || matches!(server.get("/api/v1/users", Some(&token)).status, 401 | 403));
}
