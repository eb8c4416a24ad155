//! One-time links: an invitation, a new password.

use doorward_gate::{
    config::Config,
    testing::{Answer, Caller, Door, PASSWORD},
};
use serde_json::{Value, json};

const OTHER: &str = "nine copper kettles sing";

fn token(link: &Answer) -> String {
    assert_eq!(link.status, 201, "{}", link.text);
    link.body["url"].as_str().unwrap().rsplit_once("/reset/").unwrap().1.to_owned()
}

async fn invite(admin: &Caller, name: &str) -> Answer {
    admin.post("/api/v1/users/invitations", json!({ "username": name, "role": "operator" })).await
}

async fn reset(admin: &Caller, id: &str) -> Answer {
    admin.send("POST", &format!("/api/v1/users/{id}/reset-link"), None).await
}

async fn check(door: &Door, token: &str) -> Answer {
    door.nobody().post("/api/v1/auth/links/check", json!({ "token": token })).await
}

async fn redeem(door: &Door, token: &str, password: &str) -> Answer {
    door.nobody().post("/api/v1/auth/links/use", json!({ "token": token, "newPassword": password })).await
}

fn is_over(answer: &Answer) {
    assert_eq!((answer.status, answer.code()), (410, "link_expired"), "{}", answer.text);
}

#[tokio::test]
async fn who_is_invited_sets_a_password_and_signs_in() {
    let door = Door::claimed().await;
    let admin = door.admin().await;
    let link = invite(&admin, "Leo").await;
    let secret = token(&link);
    assert_eq!(link.body["url"], format!("http://localhost:8080/reset/{secret}"));
    assert_eq!(
        (&link.body["kind"], &link.body["user"]["hasPassword"], &link.body["user"]["role"]),
        (&json!("invitation"), &json!(false), &json!("operator"))
    );
    assert_eq!(link.body["expiresAt"], door.now().plus(24 * 60 * 60 * 1000).to_string());
    let sign_in = door.nobody().post("/api/v1/auth/login", json!({ "username": "leo", "password": PASSWORD })).await;
    assert_eq!((sign_in.status, sign_in.code()), (401, "invalid_credentials"), "nobody signs in without a password");

    let info = check(&door, &secret).await;
    assert_eq!(info.body, json!({ "kind": "invitation", "username": "Leo", "expiresAt": link.body["expiresAt"] }));
    let used = redeem(&door, &secret, PASSWORD).await;
    assert_eq!((used.status, &used.body), (200, &info.body));
    let leo = door.nobody().signed_in("leo").await;
    assert_eq!(leo.get("/api/v1/auth/me").await.body["user"]["mustChangePassword"], false);
    let events = door.events().await;
    for event in ["user.invite success by ada", "password.link_use success by Leo"] {
        assert!(events.contains(&event.to_owned()), "{events:?}");
    }
    assert!(!door.all_text().await.contains(&secret), "a secret lies in the database as a hash alone");
}

#[tokio::test]
async fn a_link_begins_with_the_address_that_people_type() {
    let mut config = Config::for_testing();
    config.http.public_url = Some("https://door.example.com".into());
    let door = Door::claimed_with(config).await;
    let link = invite(&door.admin().await, "leo").await;
    assert!(link.body["url"].as_str().unwrap().starts_with("https://door.example.com/reset/"), "{}", link.text);
}

#[tokio::test]
async fn a_reset_link_signs_everybody_out_who_had_the_old_password() {
    let door = Door::claimed().await;
    let (admin, leo) = (door.admin().await, door.named("leo", "viewer").await);
    let link = reset(&admin, &leo.id).await;
    assert_eq!(link.body["kind"], "reset");
    assert_eq!(leo.get("/api/v1/auth/me").await.status, 200, "the link alone changes nothing");
    assert_eq!(redeem(&door, &token(&link), OTHER).await.status, 200);
    assert_eq!(leo.get("/api/v1/auth/me").await.status, 401);
    assert_eq!(leo.post("/api/v1/auth/refresh", json!({ "refreshToken": leo.refresh_token })).await.status, 401);
    let old = door.nobody().post("/api/v1/auth/login", json!({ "username": "leo", "password": PASSWORD })).await;
    assert_eq!(old.status, 401);
    assert_eq!(door.nobody().post("/api/v1/auth/login", json!({ "username": "leo", "password": OTHER })).await.status, 200);
    assert!(door.events().await.contains(&"password.link success by ada".to_owned()));
}

#[tokio::test]
async fn a_link_is_good_once_for_a_day_and_until_the_next() {
    let door = Door::claimed().await;
    let (admin, leo) = (door.admin().await, door.named("leo", "viewer").await);
    let used = token(&reset(&admin, &leo.id).await);
    assert_eq!(redeem(&door, &used, OTHER).await.status, 200);
    let replaced = token(&reset(&admin, &leo.id).await);
    let good = token(&reset(&admin, &leo.id).await);
    let unknown = "A".repeat(43);
    for over in [used.as_str(), &replaced, &unknown, "", "\u{0}", "' OR 1=1--", &good[1..], &good.to_lowercase()] {
        is_over(&check(&door, over).await);
        is_over(&redeem(&door, over, PASSWORD).await);
    }
    assert_eq!(check(&door, &good).await.status, 200);
    door.wait(24 * 60 * 60 * 1000 - 1);
    assert_eq!(check(&door, &good).await.status, 200);
    door.wait(1);
    is_over(&check(&door, &good).await);
    is_over(&redeem(&door, &good, PASSWORD).await);
}

#[tokio::test]
async fn a_weak_password_is_refused_and_leaves_the_link_good() {
    let door = Door::claimed().await;
    let link = token(&invite(&door.admin().await, "mara.lindqvist").await);
    for weak in ["", "short", "password1", "mara.lindqvist", "lindqvist-1", &"x".repeat(1025)] {
        let answer = redeem(&door, &link, weak).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (422, &json!("newPassword")), "{weak}");
    }
    assert_eq!(redeem(&door, &link, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn what_shuts_a_user_out_ends_the_links_too() {
    let door = Door::claimed().await;
    let (admin, leo) = (door.admin().await, door.named("leo", "viewer").await);
    let leos = format!("/api/v1/users/{}", leo.id);
    let disabled = token(&reset(&admin, &leo.id).await);
    assert_eq!(admin.patch(&leos, json!({ "isDisabled": true })).await.status, 200);
    is_over(&check(&door, &disabled).await);
    is_over(&redeem(&door, &disabled, OTHER).await);
    let refused = reset(&admin, &leo.id).await;
    assert_eq!(refused.status, 422, "a link that would not work is not made");
    assert_eq!(admin.patch(&leos, json!({ "isDisabled": false })).await.status, 200);
    is_over(&redeem(&door, &disabled, OTHER).await);

    let overtaken = token(&reset(&admin, &leo.id).await);
    assert_eq!(admin.put(&format!("{leos}/password"), json!({ "newPassword": OTHER })).await.status, 200);
    is_over(&redeem(&door, &overtaken, PASSWORD).await);

    let orphaned = token(&reset(&admin, &leo.id).await);
    assert_eq!(admin.delete(&leos).await.status, 204);
    is_over(&check(&door, &orphaned).await);
    is_over(&redeem(&door, &orphaned, OTHER).await);
}

#[tokio::test]
async fn a_link_gives_what_was_left_to_do_by_the_way() {
    let door = Door::claimed().await;
    let (admin, leo) = (door.admin().await, door.named("leo", "viewer").await);
    admin.patch(&format!("/api/v1/users/{}", leo.id), json!({ "mustChangePassword": true })).await;
    assert_eq!(redeem(&door, &token(&reset(&admin, &leo.id).await), PASSWORD).await.status, 200);
    let leo = door.nobody().signed_in("leo").await;
    assert_eq!(leo.get("/api/v1/auth/me").await.status, 200, "a password of one's own choice need not be changed");
    let second = invite(&admin, "kim").await;
    let again = reset(&admin, second.body["user"]["id"].as_str().unwrap()).await;
    assert_eq!(again.body["kind"], "invitation", "who never had a password is still invited");
    is_over(&check(&door, &token(&second)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_use_a_link_at_once_one_sets_the_password() {
    for _ in 0..5 {
        let door = Door::claimed().await;
        let link = token(&invite(&door.admin().await, "leo").await);
        let passwords: Vec<String> = (0..6).map(|n| format!("{OTHER} {n}")).collect();
        let tries: Vec<_> = passwords
            .iter()
            .map(|password| {
                let (nobody, body) = (door.nobody(), json!({ "token": link, "newPassword": password }));
                tokio::spawn(async move { nobody.post("/api/v1/auth/links/use", body).await })
            })
            .collect();
        let mut winners = Vec::new();
        for (one, password) in tries.into_iter().zip(&passwords) {
            let answer = one.await.unwrap();
            if answer.status == 200 {
                winners.push(password);
            } else {
                is_over(&answer);
            }
        }
        assert_eq!(winners.len(), 1);
        let sign_in = door.nobody().post("/api/v1/auth/login", json!({ "username": "leo", "password": winners[0] })).await;
        assert_eq!(sign_in.status, 200, "the one who was told so");
    }
}

#[tokio::test]
async fn an_unknown_field_is_refused_in_links_too() {
    let door = Door::claimed().await;
    let admin = door.admin().await;
    let answer = admin.post("/api/v1/users/invitations", json!({ "username": "leo", "password": PASSWORD })).await;
    assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (422, &json!("password")));
    let answer = door.nobody().post("/api/v1/auth/links/use", json!({ "token": "x", "newPassword": PASSWORD, "role": "admin" })).await;
    assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (422, &json!("role")));
    let answer = door.nobody().post("/api/v1/auth/links/check", Value::Null).await;
    assert_eq!(answer.status, 422);
}
