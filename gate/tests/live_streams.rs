//! Streams of live channels: what comes, what is resumed, and how they end.

use crate::live_kit::{Events, Live, Socket, config, publish};
use doorward_gate::{
    testing::{Caller, Door, PASSWORD},
    wire::sessions::SessionKind,
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

fn header(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// The cookie of a browser in which somebody signed in, as it is at `localhost`.
async fn cookie(door: &Door, name: &str) -> (String, String) {
    let who = serde_json::from_value(json!({ "username": name, "password": PASSWORD })).unwrap();
    let opened = doorward_gate::sessions::sign_in(&door.gate.system("test"), who, SessionKind::Browser).await.unwrap();
    header("cookie", &opened.cookies[0].split(';').next().unwrap().replace("__Host-doorward", "doorward"))
}

async fn ticket(caller: &Caller) -> String {
    caller.post("/api/v1/auth/ticket", json!({})).await.body["ticket"].as_str().unwrap().to_owned()
}

async fn code(result: Result<Events, (u16, Value)>) -> u16 {
    result.map_or_else(|(status, _)| status, |_| 200)
}

#[tokio::test]
async fn messages_come_in_their_order_and_are_resumed_after_the_last_one() {
    let live = Live::new().await;
    let ada = live.door.admin().await;
    let before = publish(&ada, "workflow:42", json!(0)).await;
    let mut events = live.watch(&ada, "channel=workflow:42&channel=status:*").await;
    assert_eq!(events.headers["content-type"], "text/event-stream");
    assert_eq!(events.headers["cache-control"], "no-store");
    let mut ids = Vec::new();
    for (channel, number) in [("workflow:42", 1), ("workflow:43", 2), ("status:db", 3), ("workflow:42", 4)] {
        ids.push(publish(&ada, channel, json!(number)).await);
    }
    assert!(ids.is_sorted() && ids[0] > before);
    for wanted in [1, 3, 4] {
        assert_eq!(events.data().await, json!(wanted), "what was published before is not given out, nor what nobody asked for");
    }
    drop(events);
    let headers = [Live::proof(&ada), vec![header("last-event-id", &ids[0].to_string())]].concat();
    let mut again = live.ask("/api/v1/live?channel=workflow:42&channel=status:*&since=0", &headers).await.unwrap();
    let first = again.next().await;
    assert_eq!((first.name.as_str(), first.id, &first.data["recovered"]), ("subscribed", Some(ids[0]), &json!(true)));
    assert_eq!((again.data().await, again.data().await), (json!(3), json!(4)));
    publish(&ada, "workflow:42", json!(5)).await;
    assert_eq!(again.data().await, json!(5));
}

#[tokio::test]
async fn what_is_gone_is_said() {
    let live = Live::new().await;
    let ada = live.door.admin().await;
    let first = publish(&ada, "workflow:42", json!(1)).await;
    live.door.wait(6 * 60 * 1000);
    let second = publish(&ada, "workflow:42", json!(2)).await;
    live.door.trim_messages().await;
    let recovered = async |since: i64| {
        let path = format!("/api/v1/live?channel=workflow:42&since={since}");
        let mut events = live.ask(&path, &Live::proof(&ada)).await.unwrap();
        (events.next().await.data["recovered"].clone(), events)
    };
    assert_eq!(recovered(first).await.0, true, "the second one is still there");
    assert_eq!(recovered(second).await.0, true);
    assert_eq!(recovered(second + 100).await.0, false, "nobody has had that one");
    let (is_whole, mut events) = recovered(first - 1).await;
    assert_eq!((is_whole, events.data().await), (json!(false), json!(2)), "what is left comes all the same");
}

#[tokio::test]
async fn each_frame_is_answered_and_a_refusal_leaves_the_socket_open() {
    let live = Live::new().await;
    let developer = live.door.person("developer").await;
    let mut socket = live.socket(&developer).await;
    let answer = socket.say(r#"{"op":"subscribe","ref":1,"channel":"workflow:42"}"#).await;
    assert_eq!(without(&answer, "id"), r#"{"channel":"workflow:42","op":"subscribed","ref":1}"#);
    let refused = socket.say(r#"{"op":"subscribe","ref":2,"channel":"audit:default"}"#).await;
    assert_eq!(without(&refused, "failure"), r#"{"channel":"audit:default","op":"error","ref":2}"#);
    assert_eq!((&refused["failure"]["code"], refused["failure"]["status"].as_u64()), (&Value::from("forbidden"), Some(403)));
    let refused = socket.say(r#"{"op":"publish","ref":4,"channel":"door:changes","type":"a"}"#).await;
    assert_eq!(refused["failure"]["code"], "forbidden");
    for frame in ["", "nope", "[]", "{}", r#"{"op":"subscribe"}"#, r#"{"op":"subscribe","channel":"x"}"#] {
        assert_eq!(socket.say(frame).await["failure"]["code"], "bad_request", "{frame}");
    }
    let answer = socket.say(r#"{"op":"unsubscribe","channel":"workflow:42"}"#).await;
    assert_eq!(answer.to_string(), r#"{"channel":"workflow:42","op":"unsubscribed"}"#);
    socket.send_raw(9, b"are you there").await;
    assert_eq!(socket.frame().await, (10, b"are you there".to_vec()));
    socket.send_raw(2, b"\x00").await;
    assert_eq!(socket.close().await.0, 1008);
}

/// A frame without a field of it.
fn without(frame: &Value, field: &str) -> String {
    let mut frame = frame.clone();
    assert!(frame.as_object_mut().unwrap().remove(field).is_some(), "{field}");
    frame.to_string()
}

#[tokio::test]
async fn over_a_socket_one_publishes_and_resumes() {
    let live = Live::new().await;
    let developer = live.door.person("developer").await;
    let mut socket = live.socket(&developer).await;
    socket.say(r#"{"op":"subscribe","channel":"workflow:42"}"#).await;
    socket.send_raw(1, br#"{"op":"publish","ref":3,"channel":"workflow:42","type":"step","data":{"n":1}}"#).await;
    let both = [socket.next().await, socket.next().await];
    let published = both.iter().find(|frame| frame["op"] == "published").unwrap();
    let message = both.iter().find(|frame| frame.get("op").is_none()).unwrap();
    assert_eq!((published["ref"].as_u64(), &published["id"]), (Some(3), &message["id"]));
    let id = message["id"].as_i64().unwrap();
    let wanted = format!(r#"{{"at":"{}","channel":"workflow:42","data":{{"n":1}},"id":{id},"type":"step"}}"#, live.door.now());
    assert_eq!(message.to_string(), wanted);
    let pong = socket.say(r#"{"op":"ping","ref":5}"#).await;
    assert!(pong["op"] == "pong" && pong["id"].as_i64() >= Some(id), "{pong}");
    socket.say(r#"{"op":"unsubscribe","channel":"workflow:42"}"#).await;
    publish(&developer, "workflow:42", json!(2)).await;
    let resumed = socket.say(&format!(r#"{{"op":"subscribe","channel":"workflow:42","since":{id}}}"#)).await;
    assert_eq!(resumed["recovered"], true);
    assert_eq!(socket.next().await["data"], 2, "once, though it was published while nobody watched");
}

#[tokio::test]
async fn who_is_refused_again_and_again_or_sends_too_much_is_closed() {
    let live = Live::new().await;
    let viewer = live.door.person("viewer").await;
    let mut socket = live.socket(&viewer).await;
    for _ in 0..=50 {
        socket.send(json!({ "op": "subscribe", "channel": "audit:default" })).await;
    }
    assert_eq!(socket.close().await, (1008, "too many frames were refused".to_owned()));
    let mut socket = live.socket(&viewer).await;
    socket.send_raw(1, &vec![b' '; 70_000]).await;
    let mut all = Vec::new();
    let ended = timeout(Duration::from_secs(10), tokio::io::AsyncReadExt::read_to_end(&mut socket.stream, &mut all)).await;
    assert!(ended.is_ok(), "a frame beyond the limit ends the connection");
}

/// WSS-177
#[tokio::test]
async fn a_stream_of_another_site_is_refused_before_it_opens() {
    let live = Live::new().await;
    let cookie = cookie(&live.door, "ada").await;
    let (own, port) = (format!("http://localhost:{}", live.address.port()), live.address.port());
    for path in ["/api/v1/live/ws", "/ws/status"] {
        for origin in [
            "http://evil.example".to_owned(),
            "null".to_owned(),
            format!("http://localhost:{port}.evil.example"),
            format!("http://evillocalhost:{port}"),
            format!("http://localhost:{}", port - 1),
            format!("https://localhost:{port}"),
        ] {
            let headers = [cookie.clone(), header("origin", &origin)];
            assert_eq!(live.dial(path, &headers).await.err(), Some(403), "{path} {origin}");
        }
        assert_eq!(live.dial(path, std::slice::from_ref(&cookie)).await.err(), Some(403), "a browser always says where it comes from");
        assert_eq!(live.dial(path, &[header("origin", &own)]).await.err(), Some(401));
        assert!(live.dial(path, &[cookie.clone(), header("origin", &own)]).await.is_ok());
    }
    let events = "/api/v1/live?channel=status:*";
    let site = |word: &str| [cookie.clone(), header("sec-fetch-site", word)];
    assert_eq!(code(live.ask(events, &site("cross-site")).await).await, 401);
    assert_eq!(code(live.ask(events, &site("same-site")).await).await, 401);
    assert_eq!(code(live.ask(events, std::slice::from_ref(&cookie)).await).await, 401);
    assert_eq!(code(live.ask(events, &site("same-origin")).await).await, 200);
}

/// WSS-178
#[tokio::test]
async fn a_ticket_opens_one_stream_once_and_soon() {
    let live = Live::new().await;
    let ada = live.door.admin().await;
    for path in ["/api/v1/live/ws?", "/ws/status?"] {
        let first = ticket(&ada).await;
        assert!(live.dial(&format!("{path}token={first}"), &[]).await.is_ok());
        assert_eq!(live.dial(&format!("{path}token={first}"), &[]).await.err(), Some(401), "it was used");
        let late = ticket(&ada).await;
        live.door.wait(31_000);
        assert_eq!(live.dial(&format!("{path}token={late}"), &[]).await.err(), Some(401), "it is too old");
        for nothing in ["", "token=", "token=dwt_nonsense", "token=eyJ", "ticket=x"] {
            assert_eq!(live.dial(&format!("{path}{nothing}"), &[]).await.err(), Some(401), "{nothing}");
        }
    }
    let events = "/api/v1/live?channel=status:*&token=";
    let first = ticket(&ada).await;
    assert_eq!(code(live.ask(&format!("{events}{first}"), &[]).await).await, 200);
    assert_eq!(code(live.ask(&format!("{events}{first}"), &[]).await).await, 401);
    assert_eq!(code(live.ask("/api/v1/live?channel=status:*", &[]).await).await, 401);
    // TOK-061: an address of anything else names nobody.
    let spare = ticket(&ada).await;
    assert_eq!(live.door.nobody().get(&format!("/api/v1/auth/me?token={spare}")).await.status, 401);
    let token = ada.headers["authorization"].to_str().unwrap().trim_start_matches("Bearer ");
    assert_eq!(code(live.ask(&format!("{events}{token}"), &[]).await).await, 401, "a token is good in the address of a socket alone");
}

#[tokio::test]
async fn the_address_that_older_programs_know_watches_all_of_status() {
    let live = Live::new().await;
    let ada = live.door.admin().await;
    let token = ada.headers["authorization"].to_str().unwrap().trim_start_matches("Bearer ");
    let mut socket = live.dial(&format!("/ws/status?token={token}"), &[]).await.unwrap();
    assert_eq!(socket.next().await["channel"], "status:*");
    publish(&ada, "status:db", json!("up")).await;
    assert_eq!(socket.next().await["data"], "up");
    assert_eq!(ada.get("/ws/status").await.status, 400, "it is for WebSockets");
    assert_eq!(ada.get("/api/v1/live/ws").await.status, 400);
}

/// Takes a right away in some way.
async fn take_away(live: &Live, way: &str, person: &Caller) {
    let ada = live.door.admin().await;
    let user = format!("/api/v1/users/{}", person.id);
    let done = match way {
        "disabled" => ada.patch(&user, json!({ "isDisabled": true })).await,
        "deleted" => ada.delete(&user).await,
        "demoted" => ada.patch(&user, json!({ "role": "nothing" })).await,
        "password" => ada.put(&format!("{user}/password"), json!({ "newPassword": "quiet lamp harbour 9" })).await,
        _ => person.post("/api/v1/auth/logout-all", json!({})).await,
    };
    assert!((200..300).contains(&done.status), "{way}: {}", done.text);
}

/// WSS-179
#[tokio::test]
async fn a_stream_ends_with_a_reason_when_the_right_to_it_ends() {
    let live = Live::new().await;
    let ada = live.door.admin().await;
    ada.post("/api/v1/roles", json!({ "name": "nothing", "permissions": ["read"] })).await;
    let stays = live.door.named("stays", "viewer").await;
    let mut other = live.watch(&stays, "channel=workflow:42").await;
    for (way, words) in [
        ("disabled", "session ended"),
        ("deleted", "session ended"),
        ("demoted", "no longer allowed"),
        ("password", "session ended"),
        ("everywhere", "session ended"),
    ] {
        let person = live.door.named(way, "viewer").await;
        let mut events = live.watch(&person, "channel=workflow:42").await;
        let mut socket = live.socket(&person).await;
        socket.call(json!({ "op": "subscribe", "channel": "workflow:42" })).await;
        publish(&ada, "workflow:42", json!(way)).await;
        assert_eq!((events.data().await, socket.next().await["data"].clone()), (json!(way), json!(way)));
        take_away(&live, way, &person).await;
        assert_eq!(events.end().await, words, "{way}");
        assert_eq!(socket.close().await, (4401, words.to_owned()), "{way}");
    }
    publish(&ada, "workflow:42", json!("last")).await;
    while other.data().await != json!("last") {}
}

/// WSS-179
#[tokio::test]
async fn a_key_s_stream_ends_with_the_key_and_a_grant_s_with_the_grant() {
    let live = Live::new().await;
    let ada = live.door.admin().await;
    let key = live.door.key("viewer").await;
    let mut events = live.watch(&key, "channel=workflow:42").await;
    assert_eq!(ada.delete(&format!("/api/v1/api-keys/{}", key.id)).await.status, 204);
    assert_eq!(events.end().await, "API key no longer good");

    ada.post("/api/v1/workspaces", json!({ "slug": "billing", "isPrivate": true })).await;
    let member = live.door.named("mem", "viewer").await;
    let grants = format!("/api/v1/users/{}/grants", member.id);
    ada.put(&grants, json!({ "grants": [{ "workspace": "billing", "role": "operator" }] })).await;
    let member = live.door.nobody().signed_in("mem").await;
    let mut socket = live.socket(&member).await;
    assert_eq!(socket.call(json!({ "op": "subscribe", "channel": "build:1" })).await["op"], "subscribed");
    assert_eq!(ada.delete(&grants).await.status, 204);
    // A change of grants asks for another token as well; either is a reason.
    assert_eq!(socket.close().await.0, 4401);
}

/// WSS-179
#[tokio::test]
async fn over_an_open_socket_counts_what_one_may_do_now() {
    let live = Live::new().await;
    let developer = live.door.named("dev", "developer").await;
    let mut socket = live.socket(&developer).await;
    let publish = json!({ "op": "publish", "channel": "workflow:42", "type": "a" });
    assert_eq!(socket.call(publish.clone()).await["op"], "published");
    let ada = live.door.admin().await;
    assert_eq!(ada.patch(&format!("/api/v1/users/{}", developer.id), json!({ "role": "viewer" })).await.status, 200);
    assert_eq!(socket.call(publish).await["failure"]["code"], "forbidden", "it watches nothing, so it stays; but it may publish no more");
}

/// WSS-180
#[tokio::test]
async fn nothing_outlasts_the_token_that_opened_it() {
    let live = Live::new().await;
    let ada = live.door.admin().await;
    let mut events = live.watch(&ada, "channel=workflow:42").await;
    let mut by_ticket = live.ask(&format!("/api/v1/live?channel=workflow:42&token={}", ticket(&ada).await), &[]).await.unwrap();
    live.door.wait(61 * 60 * 1000);
    assert_eq!(events.end().await, "session ended");
    publish(&live.door.admin().await, "workflow:42", json!(1)).await;
    by_ticket.next().await;
    assert_eq!(by_ticket.data().await, json!(1), "the session goes on");
}

#[tokio::test]
async fn who_does_not_read_is_told_and_can_resume() {
    let live = Live::new().await;
    let ada = live.door.admin().await;
    let mut slow = live.socket(&ada).await;
    let begun = slow.call(json!({ "op": "subscribe", "channel": "workflow:42" })).await;
    let mut quick = live.watch(&ada, "channel=workflow:42").await;
    let data = "x".repeat(60_000);
    for at in 0..300 {
        publish(&ada, "workflow:42", json!([at, data])).await;
        assert_eq!(quick.data().await[0], at, "the others lose nothing");
        if at % 50 == 0 && slow_is_over(&mut slow).await {
            break;
        }
    }
    let mut again = live.socket(&ada).await;
    let resumed = again.call(json!({ "op": "subscribe", "channel": "workflow:42", "since": begun["id"] })).await;
    assert_eq!(resumed["recovered"], true);
    assert_eq!(again.next().await["data"][0], 0);
}

/// Whether the other side has closed, by what arrived so far.
async fn slow_is_over(socket: &mut Socket) -> bool {
    timeout(Duration::from_millis(1), socket.stream.writable()).await.is_err()
}

#[tokio::test]
async fn when_the_server_stops_streams_are_told() {
    let live = Live::new().await;
    let ada = live.door.admin().await;
    let mut events = live.watch(&ada, "channel=workflow:42").await;
    let mut socket = live.socket(&ada).await;
    live.door.gate.let_go();
    assert_eq!(events.end().await, "server is stopping");
    assert_eq!(socket.close().await.0, 1012);
    assert_eq!(code(live.ask("/api/v1/live?channel=workflow:42", &Live::proof(&ada)).await).await, 429);
}

#[tokio::test]
async fn while_sign_in_is_off_everybody_watches() {
    let mut config = config();
    config.dev = true;
    let live = Live::of(Door::with(config).await).await;
    let anyone = live.door.nobody();
    let mut events = live.watch(&anyone, "channel=workflow:42&channel=audit:*").await;
    publish(&anyone, "workflow:42", json!(1)).await;
    assert_eq!(events.data().await, json!(1));
}

#[tokio::test]
async fn a_page_s_own_line_keeps_no_session_alive() {
    let mut config = config();
    config.auth.idle_ttl = Some(Duration::from_secs(600));
    let live = Live::of(Door::claimed_with(config).await).await;
    let cookie = cookie(&live.door, "ada").await;
    let origin = header("origin", &format!("http://localhost:{}", live.address.port()));
    let dial = async || live.dial("/api/v1/live/ws", &[cookie.clone(), origin.clone()]).await.err();
    live.door.wait(400_000);
    assert_eq!(dial().await, None);
    live.door.wait(400_000);
    assert_eq!(dial().await, Some(401), "nobody has done anything for longer than a session may be idle");
}
