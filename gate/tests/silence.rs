//! A server that loses its database: who is known comes in for a while, then nobody; and it heals.

use doorward_gate::{config::Config, testing::Door};
use std::time::Duration;
use tokio::time::sleep;

/// Takes away the table that is looked at four times a second, as if the database were gone.
async fn take_away(door: &Door) {
    door.meddle("ALTER TABLE bus RENAME TO bus_away").await;
}

async fn give_back(door: &Door) {
    door.meddle("ALTER TABLE bus_away RENAME TO bus").await;
}

#[tokio::test]
async fn who_is_known_comes_in_for_as_long_as_is_bearable() {
    let mut config = Config::for_testing();
    config.auth.stale_revocation = Duration::from_secs(5);
    let door = Door::claimed_with(config).await;
    let (ada, key) = (door.admin().await, door.key("viewer").await);
    for caller in [&ada, &key] {
        assert_eq!(caller.get("/api/v1/auth/me").await.status, 200);
    }
    take_away(&door).await;
    sleep(Duration::from_millis(2_500)).await;
    for caller in [&ada, &key] {
        assert_eq!(caller.get("/api/v1/auth/me").await.status, 200, "what can be proved is served");
    }
    sleep(Duration::from_millis(4_000)).await;
    for caller in [&ada, &key] {
        let answer = caller.get("/api/v1/auth/me").await;
        assert_eq!((answer.status, answer.code()), (503, "unavailable"), "{}", answer.text);
        assert!(answer.headers.contains_key("retry-after"));
    }
    assert_eq!(door.nobody().get("/livez").await.status, 200);
    give_back(&door).await;
    for caller in [&ada, &key] {
        let mut answer = caller.get("/api/v1/auth/me").await;
        for _ in 0..40 {
            if answer.status == 200 {
                break;
            }
            sleep(Duration::from_millis(250)).await;
            answer = caller.get("/api/v1/auth/me").await;
        }
        assert_eq!(answer.status, 200, "it heals by itself: {}", answer.text);
    }
}

#[tokio::test]
async fn no_staleness_at_all_can_be_asked_for() {
    let mut config = Config::for_testing();
    config.auth.stale_revocation = Duration::ZERO;
    let door = Door::claimed_with(config).await;
    let ada = door.admin().await;
    take_away(&door).await;
    sleep(Duration::from_millis(3_000)).await;
    assert_eq!(ada.get("/api/v1/auth/me").await.status, 503);
    give_back(&door).await;
}
