//! Refreshing: rotation, the window, theft, and the cookie that binds.

use doorward_gate::{
    sessions,
    testing::{Answer, Caller, Door, PASSWORD},
    wire::sessions::SessionKind,
};
use serde_json::json;

const REFRESH: &str = "/api/v1/auth/refresh";
const ME: &str = "/api/v1/auth/me";

async fn refresh(door: &Door, token: &str) -> Answer {
    door.nobody().post(REFRESH, json!({ "refreshToken": token })).await
}

/// A browser that ada signed in with: the caller has the token and the cookie.
async fn browser(door: &Door) -> Caller {
    let request = serde_json::from_value(json!({ "username": "ada", "password": PASSWORD })).unwrap();
    let opened = sessions::sign_in(&door.gate.system("test"), request, SessionKind::Browser).await.unwrap();
    assert!(opened.tokens.refresh_token.is_none(), "script never sees it");
    let cookie = opened.cookies[0].split(';').next().unwrap().replace("__Host-doorward", "doorward");
    door.nobody().with("cookie", &cookie).with("authorization", &format!("Bearer {}", opened.tokens.token))
}

fn next_cookie(caller: Caller, answer: &Answer) -> Caller {
    let cookie = answer.cookies().split("; ").find(|c| c.starts_with("doorward=")).unwrap().to_owned();
    caller.with("cookie", &cookie).with_tokens(answer)
}

#[tokio::test]
async fn each_refresh_gives_another_pair() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let first = refresh(&door, &ada.refresh_token).await;
    assert_eq!(first.status, 200, "{}", first.text);
    let second = refresh(&door, first.body["refreshToken"].as_str().unwrap()).await;
    assert_eq!(second.status, 200);
    assert_ne!(first.body["refreshToken"], second.body["refreshToken"]);
    assert_eq!(door.nobody().with_tokens(&second).get(ME).await.status, 200);
    assert_eq!(ada.get(ME).await.status, 200, "the access token before is good until its end");
}

#[tokio::test]
async fn within_the_window_a_spent_secret_leads_to_the_newest_one() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let first = refresh(&door, &ada.refresh_token).await;
    door.wait(9_000);
    assert_eq!(refresh(&door, &ada.refresh_token).await.body["refreshToken"], first.body["refreshToken"]);
    let second = refresh(&door, first.body["refreshToken"].as_str().unwrap()).await;
    let late = refresh(&door, &ada.refresh_token).await;
    assert_eq!((late.status, &late.body["refreshToken"]), (200, &second.body["refreshToken"]));
}

/// REF-065
#[tokio::test]
async fn a_secret_used_again_after_the_window_ends_the_session() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let other = door.admin().await;
    let second = refresh(&door, &ada.refresh_token).await;
    let third = refresh(&door, second.body["refreshToken"].as_str().unwrap()).await;
    door.wait(10_001);
    assert_eq!(refresh(&door, &ada.refresh_token).await.status, 401);
    assert_eq!(refresh(&door, third.body["refreshToken"].as_str().unwrap()).await.status, 401);
    for caller in [ada, door.nobody().with_tokens(&second), door.nobody().with_tokens(&third)] {
        assert_eq!(caller.get(ME).await.status, 401);
    }
    assert_eq!(other.get(ME).await.status, 200, "the other session has nothing to do with it");
    assert!(door.events().await.iter().any(|e| e.starts_with("session.reuse denied")));
}

/// REF-067
#[tokio::test]
async fn many_refreshes_at_once_never_end_the_session() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let tries = (0..20).map(|_| {
        let (nobody, token) = (door.nobody(), ada.refresh_token.clone());
        tokio::spawn(async move { nobody.post(REFRESH, json!({ "refreshToken": token })).await })
    });
    let mut successors = std::collections::HashSet::new();
    for one in tries.collect::<Vec<_>>() {
        let answer = one.await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        successors.insert(answer.body["refreshToken"].as_str().unwrap().to_owned());
    }
    assert_eq!(successors.len(), 1, "there is one lineage");
    door.wait(60_000);
    assert_eq!(refresh(&door, successors.iter().next().unwrap()).await.status, 200);
}

/// REF-072
#[tokio::test]
async fn a_session_slides_but_not_for_ever() {
    let door = Door::claimed().await;
    let answer = door.nobody().post("/api/v1/auth/login", json!({ "username": "ada", "password": PASSWORD, "rememberMe": true })).await;
    let day: i64 = 24 * 60 * 60 * 1000;
    assert_eq!(answer.body["refreshExpiresIn"], 30 * day / 1000);
    let mut token = answer.body["refreshToken"].as_str().unwrap().to_owned();
    for _ in 0..3 {
        door.wait(29 * day);
        let answer = refresh(&door, &token).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        token = answer.body["refreshToken"].as_str().unwrap().to_owned();
    }
    door.wait(4 * day);
    assert_eq!(refresh(&door, &token).await.status, 401, "after 90 days one signs in again");
    let short = door.nobody().post("/api/v1/auth/login", json!({ "username": "ada", "password": PASSWORD })).await;
    assert_eq!(short.body["refreshExpiresIn"], 12 * 60 * 60, "not remembered");
}

/// TOK-062
#[tokio::test]
async fn a_token_copied_out_of_a_browser_is_worth_nothing() {
    let door = Door::claimed().await;
    let ada = browser(&door).await;
    let other = browser(&door).await;
    assert_eq!(ada.get(ME).await.status, 200);
    let token = ada.headers["authorization"].to_str().unwrap().to_owned();
    assert_eq!(door.nobody().with("authorization", &token).get(ME).await.status, 401);
    assert_eq!(other.clone().with("authorization", &token).get(ME).await.status, 401, "nor with another session's cookie");
    assert!(door.events().await.iter().any(|e| e.starts_with("session.binding_mismatch denied")));
    assert_eq!(ada.get(ME).await.status, 200, "the owner goes on");
    let secret = ada.headers["cookie"].to_str().unwrap().rsplit('.').next().unwrap().to_owned();
    assert_eq!(refresh(&door, &format!("dwr_{secret}")).await.status, 401);
    assert_eq!(ada.get(ME).await.status, 401, "a browser's refresh secret outside its cookie ends the session");
}

#[tokio::test]
async fn a_browser_refreshes_by_its_cookie_alone() {
    let door = Door::claimed().await;
    let ada = browser(&door).await;
    let mut bare = ada.clone();
    bare.headers.remove("authorization");
    assert_eq!(bare.get(ME).await.status, 401, "a cookie authorises nothing in the interface");
    let answer = bare.clone().with("sec-fetch-site", "same-origin").post(REFRESH, json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.body.get("refreshToken").is_none());
    let ada = next_cookie(ada, &answer);
    assert_eq!(ada.get(ME).await.status, 200);
    for site in ["cross-site", "same-site"] {
        assert_eq!(bare.clone().with("sec-fetch-site", site).post(REFRESH, json!({})).await.code(), "cross_site");
    }
}

/// REF-076
#[tokio::test]
async fn crossed_credentials_are_refused() {
    let door = Door::claimed().await;
    let (one, two) = (browser(&door).await, browser(&door).await);
    let part = |caller: &Caller, n: usize| {
        caller.headers["cookie"].to_str().unwrap().trim_start_matches("doorward=").split('.').nth(n).unwrap().to_owned()
    };
    let crossed = format!("doorward={}.{}.{}", part(&one, 0), part(&one, 1), part(&two, 2));
    assert_eq!(door.nobody().with("cookie", &crossed).post(REFRESH, json!({})).await.status, 401);
    assert_eq!(two.get(ME).await.status, 401, "the session whose secret was misused has ended");
    assert_eq!(one.get(ME).await.status, 200);
}

#[tokio::test]
async fn a_restart_forgets_nothing() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let spent = refresh(&door, &ada.refresh_token).await;
    let again = door.another().await;
    let token = ada.headers["authorization"].to_str().unwrap();
    assert_eq!(again.nobody().with("authorization", token).get(ME).await.status, 200);
    assert_eq!(refresh(&again, spent.body["refreshToken"].as_str().unwrap()).await.status, 200);
    again.wait(20_000);
    assert_eq!(refresh(&again, &ada.refresh_token).await.status, 401, "what was spent stays spent");
}
