//! Starts that must not happen: each is one sentence and an exit code, never a panic.

use crate::harness::{Server, doorward, finish, folder, run, stderr};
use std::{net::TcpListener, os::unix::fs::PermissionsExt, path::Path, process::Output};

fn serve(folder: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = doorward(folder);
    command.arg("serve").args(arguments).envs(environment.iter().copied());
    if !arguments.contains(&"--listen") {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    finish(&mut command)
}

/// One sentence with these words, and the exit code.
fn refused(output: &Output, code: i32, words: &[&str]) {
    let text = stderr(output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert_eq!(text.lines().count(), 1, "one sentence: {text}");
    assert!(!text.contains("panicked"), "{text}");
    for word in words {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn a_port_in_use_is_a_sentence() {
    let folder = folder();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    refused(&serve(folder.path(), &[], &["--listen", &address]), 1, &[&address, "is in use by another program", "--listen 127.0.0.1:"]);
    assert!(!folder.path().join("data").exists(), "nothing was made");
}

/// SET-015
#[test]
fn dev_is_for_this_machine_alone() {
    let folder = folder();
    refused(&serve(folder.path(), &[], &["--dev", "--listen", "0.0.0.0:0"]), 2, &["--dev", "loopback", "0.0.0.0:0"]);
    refused(&serve(folder.path(), &[("DOORWARD_LISTEN", "0.0.0.0:0")], &["--dev", "--listen", "[::]:0"]), 2, &["loopback"]);
    // Who starts it says so, each time: there is no variable for it, nor a line in the file.
    refused(&serve(folder.path(), &[("DOORWARD_DEV", "true")], &[]), 2, &["DOORWARD_DEV", "no setting"]);
    std::fs::write(folder.path().join("doorward.yaml"), "dev: true\n").unwrap();
    refused(&serve(folder.path(), &[], &[]), 2, &["doorward.yaml:1: dev"]);
}

#[test]
fn a_secret_that_is_not_good_is_refused_and_not_repeated() {
    let folder = folder();
    for (secret, word) in [
        ("hunter2hunter2hunter2hunter2hunter2", "hex"),
        ("8f14e45fceea", "16 is the least"),
        ("00000000000000000000000000000000", "example"),
    ] {
        let output = serve(folder.path(), &[("DOORWARD_JWT_SECRET", secret)], &[]);
        assert!(matches!(output.status.code(), Some(1 | 2)), "{}", stderr(&output));
        assert!(stderr(&output).contains(word) && !stderr(&output).contains(secret), "{}", stderr(&output));
    }
}

#[test]
fn a_secret_file_that_others_can_read_is_refused() {
    let folder = folder();
    let (code, _) = Server::start(folder.path()).stop();
    assert_eq!(code, Some(0));
    let file = folder.path().join("data/.doorward_jwt_secret");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    refused(&serve(folder.path(), &[], &[]), 1, &["can be read by others", "chmod 600"]);
}

#[tokio::test]
async fn a_newer_schema_is_left_alone() {
    let folder = folder();
    Server::start(folder.path()).stop();
    let file = folder.path().join("data/doorward.db");
    let pool = sqlx::sqlite::SqlitePool::connect(&format!("sqlite:{}", file.display())).await.unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (99990101000000, 'later', 1, x'00', 0)";
    sqlx::query(newer).execute(&pool).await.unwrap();
    pool.close().await;
    refused(&serve(folder.path(), &[], &[]), 1, &["newer Doorward", "not touched"]);
    refused(&run(folder.path(), &["user", "list"]), 1, &["newer Doorward"]);
}

#[test]
fn what_is_no_database_is_left_alone() {
    let folder = folder();
    let file = folder.path().join("data/doorward.db");
    std::fs::create_dir(folder.path().join("data")).unwrap();
    std::fs::write(&file, "this is a diary, and longer than the head of a database ".repeat(40)).unwrap();
    let before = std::fs::read(&file).unwrap();
    refused(&serve(folder.path(), &[], &[]), 1, &["doorward.db", "not touched"]);
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn a_place_that_can_not_be_written_is_said() {
    let folder = folder();
    refused(&serve(folder.path(), &[], &["--data", "/proc/doorward"]), 1, &["/proc/doorward", "--data"]);
    Server::start(folder.path()).stop();
    let (data, file) = (folder.path().join("data"), folder.path().join("data/doorward.db"));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o400)).unwrap();
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o500)).unwrap();
    // To the superuser nothing is read-only.
    let is_read_only = std::fs::OpenOptions::new().write(true).open(&file).is_err();
    if is_read_only {
        refused(&serve(folder.path(), &[], &[]), 1, &["can not be written"]);
    }
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o700)).unwrap();
    if is_read_only {
        refused(&serve(folder.path(), &[], &[]), 1, &["can not be written"]);
    }
}

#[test]
fn a_wrong_configuration_ends_the_start_with_its_place() {
    let folder = folder();
    std::fs::write(folder.path().join("doorward.yaml"), "auth:\n  access_ttl: 1d\n").unwrap();
    refused(&serve(folder.path(), &[], &[]), 2, &["doorward.yaml:2: auth.access_ttl: 1d: write hours instead, 24h"]);
    refused(&run(folder.path(), &["config", "check"]), 2, &["doorward.yaml:2"]);
    refused(&serve(folder.path(), &[("DOORWARD_LISTENN", "x")], &["--config", "/dev/null"]), 2, &["DOORWARD_LISTENN", "DOORWARD_LISTEN?"]);
}

#[test]
fn a_weak_first_password_is_refused() {
    let folder = folder();
    let output = serve(folder.path(), &[("DOORWARD_ADMIN_USERNAME", "root"), ("DOORWARD_ADMIN_PASSWORD", "password1")], &[]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("auth.admin") && !stderr(&output).contains("password1"), "{}", stderr(&output));
}
