//! The numbers of Home.

use doorward_gate::{
    testing::{Door, PASSWORD},
    wire::Timestamp,
};
use serde_json::{Value, json};

const OVERVIEW: &str = "/api/v1/stats/overview";
const HOUR: i64 = 60 * 60 * 1000;

#[tokio::test]
async fn home_counts_people_and_sessions() {
    let door = Door::claimed().await;
    let admin = door.admin().await;
    let leo = door.named("leo", "viewer").await;
    admin.post("/api/v1/users/invitations", json!({ "username": "kim" })).await;
    admin.patch(&format!("/api/v1/users/{}", leo.id), json!({ "isDisabled": true })).await;
    let home = admin.get(OVERVIEW).await;
    assert_eq!(home.status, 200, "{}", home.text);
    assert_eq!((&home.body["activeUsers"], &home.body["disabledUsers"]), (&json!(2), &json!(1)));
    // One from setup, one of `admin`; leo's has ended.
    assert_eq!(home.body["activeSessions"], 2);
    let signed_in = home.body["signedIn"].as_array().unwrap();
    assert_eq!(signed_in.len(), 2);
    assert_eq!(signed_in.iter().filter(|session| session["isCurrent"] == true).count(), 1);
    assert!(signed_in.iter().all(|session| session["userName"] == "ada"));
    assert_eq!(home.body["latest"].as_array().unwrap().len().min(5), 5);
    assert_eq!(
        home.body["firstSteps"],
        json!({ "hasSignIn": true, "hasApp": false, "hasColleague": true, "hasSecondAdmin": false, "hasHelpContact": false })
    );
}

#[tokio::test]
async fn the_chart_has_every_hour_of_the_day_and_each_sign_in_in_its_own() {
    let door = Door::claimed().await;
    let start = door.now().millis().rem_euclid(HOUR);
    door.wait(HOUR - start + 1);
    door.admin().await;
    for _ in 0..2 {
        door.nobody().post("/api/v1/auth/login", json!({ "username": "ada", "password": "wrong wrong wrong" })).await;
    }
    door.wait(2 * HOUR);
    let admin = door.admin().await;
    door.events().await;
    let home = admin.get(OVERVIEW).await;
    let chart = home.body["signIns"].as_array().unwrap();
    assert_eq!(chart.len(), 24);
    let now = door.now().millis();
    for (at, bucket) in chart.iter().enumerate() {
        let begins = Timestamp(now.div_euclid(HOUR) * HOUR - (23 - at as i64) * HOUR);
        assert_eq!(bucket["at"], begins.to_string());
    }
    let column = |at: usize| (chart[at]["succeeded"].as_u64().unwrap(), chart[at]["refused"].as_u64().unwrap());
    assert_eq!(
        (column(20), column(21), column(22), column(23)),
        ((1, 0), (1, 2), (0, 0), (1, 0)),
        "setup, an hour with errors, a quiet one, now"
    );
    door.wait(25 * HOUR);
    let later = door.admin().await.get(OVERVIEW).await;
    let sum: u64 = later.body["signIns"].as_array().unwrap().iter().map(|b| b["succeeded"].as_u64().unwrap()).sum();
    assert_eq!(sum, 1, "what is older than a day is no longer in it");
}

#[tokio::test]
async fn home_shows_each_what_each_may_see() {
    let door = Door::claimed().await;
    for (role, seen) in [("viewer", [false, false, false]), ("manager", [false, true, false]), ("admin", [true, true, true])] {
        let home = door.person(role).await.get(OVERVIEW).await;
        let present = ["signedIn", "latest", "firstSteps"].map(|part| home.body[part] != Value::Null);
        assert_eq!(present, seen, "{role}");
        assert!(home.body["activeUsers"].as_u64().unwrap() >= 1, "{role}");
    }
    assert_eq!(door.nobody().get(OVERVIEW).await.status, 401);
}

#[tokio::test]
async fn the_numbers_are_counted_every_two_seconds() {
    let door = Door::claimed().await;
    let admin = door.admin().await;
    assert_eq!(admin.get(OVERVIEW).await.body["activeUsers"], 1);
    admin.post("/api/v1/users", json!({ "username": "leo", "password": PASSWORD })).await;
    assert_eq!(admin.get(OVERVIEW).await.body["activeUsers"], 1);
    door.wait(1_999);
    assert_eq!(admin.get(OVERVIEW).await.body["activeUsers"], 1);
    door.wait(1);
    assert_eq!(admin.get(OVERVIEW).await.body["activeUsers"], 2);
}
