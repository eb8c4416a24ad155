//! The schema of a database: what is newer, or half done, is refused and not touched; what is up to date is
//! left as it is.

use doorward_gate::testing::{Door, PASSWORD};
use serde_json::json;

/// Another row like the first one, as a later Doorward would write it, or a migration that broke off.
fn row(version: i64, success: &str) -> String {
    format!(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         SELECT {version}, 'later', {success}, checksum, 0 FROM _sqlx_migrations WHERE version = 1"
    )
}

/// DUR-225, DUR-230
#[tokio::test]
async fn a_newer_schema_is_refused_and_not_touched() {
    let door = Door::claimed().await;
    door.meddle(&row(99_990_101, "success")).await;
    for _ in 0..2 {
        let refused = door.open_again().await.unwrap_err().to_string();
        assert!(refused.contains("newer Doorward") && refused.contains("not touched"), "{refused}");
    }
    assert_eq!(door.meddle("DELETE FROM _sqlx_migrations WHERE version = 99990101").await, 1, "it is there as it was");
    door.open_again().await.unwrap().close().await;
    let login = json!({ "username": "ada", "password": PASSWORD });
    assert_eq!(door.nobody().post("/api/v1/auth/login", login).await.status, 200);
}

/// DUR-225
#[tokio::test]
async fn a_migration_that_broke_off_is_refused() {
    let door = Door::claimed().await;
    door.meddle("UPDATE _sqlx_migrations SET success = (1 = 0) WHERE version = 9").await;
    let refused = door.open_again().await.unwrap_err().to_string();
    assert!(refused.contains("damaged") && refused.contains("restore a backup"), "{refused}");
}

/// DUR-230
#[tokio::test]
async fn to_open_it_again_changes_nothing() {
    let door = Door::claimed().await;
    let before = door.all_text().await;
    door.open_again().await.unwrap().close().await;
    let mut after = door.all_text().await;
    // The chain of the log is made with another secret here, which is an event.
    after.retain(|c| c != '\r');
    for line in before.lines().filter(|line| line.starts_with("ada ") || line.contains("setup")) {
        assert!(after.contains(line), "{line}");
    }
}
