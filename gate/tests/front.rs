//! What anybody may ask to learn what stands in front: nothing is told that the asker did not send.

use doorward_gate::{
    config::Config,
    testing::{Answer, Door},
};

const FRONT: &str = "/livez/front";

/// The answer, but for its fields' names.
fn told(answer: &Answer) -> [bool; 4] {
    ["isForwarded", "isTrusted", "isEncrypted", "isMadeUp"].map(|field| answer.body[field].as_bool().unwrap())
}

#[tokio::test]
async fn what_a_stranger_says_of_itself_is_seen_and_not_believed() {
    let door = Door::claimed().await;
    assert_eq!(told(&door.nobody().get(FRONT).await), [false; 4]);
    let forged = door.nobody().with("x-forwarded-for", "192.0.2.77").with("x-forwarded-proto", "https");
    assert_eq!(told(&forged.get(FRONT).await), [true, false, false, false]);
}

#[tokio::test]
async fn what_a_trusted_proxy_says_is_believed() {
    let mut config = Config::for_testing();
    config.http.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let door = Door::claimed_with(config).await;
    let proxied = door.nobody().with("x-forwarded-proto", "https");
    assert_eq!(told(&proxied.clone().with("x-forwarded-for", "203.0.113.7").get(FRONT).await), [true, true, true, false]);
    assert_eq!(told(&proxied.with("x-forwarded-for", "192.0.2.77").get(FRONT).await), [true, true, true, true]);
}

#[tokio::test]
async fn the_sample_of_a_cookie_is_kept_as_a_session_is_and_ends_none() {
    let door = Door::claimed().await;
    let answer = door.nobody().get(FRONT).await;
    let sample = answer.headers["set-cookie"].to_str().unwrap();
    assert!(sample.starts_with("doorward-sample=;") && sample.contains("HttpOnly") && !sample.contains("Domain"), "{sample}");
}

#[tokio::test]
async fn a_handshake_that_did_not_arrive_whole_is_told_so() {
    let door = Door::claimed().await;
    let answer = door.nobody().with("upgrade", "websocket").get("/livez/upgrade").await;
    assert_eq!((answer.status, answer.code()), (400, "bad_request"));
}
