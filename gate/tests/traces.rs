//! Traces, as a collector of OpenTelemetry gets them; and whose word for a trace is believed.

use crate::proxy_kit::{Front, Manner, upstream};
use doorward_gate::{config::Config, testing::Door};
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::sleep,
};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// A collector that reads what comes as OTLP over HTTP has it, in JSON.
#[derive(Clone)]
struct Collector {
    url: String,
    spans: Arc<Mutex<Vec<Value>>>,
    heads: Arc<Mutex<Vec<String>>>,
    status: Arc<Mutex<u16>>,
}

impl Collector {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let own = Self { url, spans: Arc::default(), heads: Arc::default(), status: Arc::new(Mutex::new(200)) };
        let collector = own.clone();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let (mut text, mut piece) = (Vec::new(), vec![0; 65_536]);
                let (head, body) = loop {
                    let count = stream.read(&mut piece).await.unwrap();
                    assert!(count > 0, "a whole request");
                    text.extend_from_slice(&piece[..count]);
                    let all = String::from_utf8_lossy(&text).into_owned();
                    let Some((head, body)) = all.split_once("\r\n\r\n") else { continue };
                    let length: usize = head.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap().parse().unwrap();
                    if body.len() >= length {
                        break (head.to_owned(), body.to_owned());
                    }
                };
                let status = *collector.status.lock().unwrap();
                if status == 200 {
                    collector.take(&serde_json::from_str(&body).unwrap());
                }
                collector.heads.lock().unwrap().push(head);
                stream.write_all(format!("HTTP/1.1 {status} Said\r\ncontent-length: 2\r\n\r\n{{}}").as_bytes()).await.unwrap();
            }
        });
        own
    }

    /// Every field is of the kind that the protocol has.
    fn take(&self, request: &Value) {
        let resource = &request["resourceSpans"][0];
        let service = resource["resource"]["attributes"].as_array().unwrap().iter().find(|one| one["key"] == "service.name").unwrap();
        assert_eq!(service["value"]["stringValue"], "door");
        for span in resource["scopeSpans"][0]["spans"].as_array().unwrap() {
            let hex = |name: &str, length: usize| {
                let text = span[name].as_str().unwrap();
                assert!(text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name} of {span}");
            };
            hex("traceId", 32);
            hex("spanId", 16);
            let time = |name: &str| span[name].as_str().unwrap().parse::<u64>().unwrap();
            assert!(time("startTimeUnixNano") <= time("endTimeUnixNano"), "{span}");
            self.spans.lock().unwrap().push(span.clone());
        }
    }

    /// Waits for so many spans whose name begins so; gives them.
    async fn named(&self, beginning: &str, count: usize) -> Vec<Value> {
        for _ in 0..200 {
            let all = self.spans.lock().unwrap().clone();
            let found: Vec<Value> = all.into_iter().filter(|span| span["name"].as_str().unwrap().starts_with(beginning)).collect();
            if found.len() >= count {
                return found;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("{count} of {beginning} do not come: {:?}", self.spans.lock().unwrap());
    }

    fn config(&self) -> Config {
        let mut config = Config::for_testing();
        config.traces.endpoint = Some(self.url.clone());
        config.traces.service = "door".into();
        config.traces.headers = vec![("x-collector-key".parse().unwrap(), "canary-of-the-collector".into())];
        config
    }
}

/// The text of an attribute, or its number.
fn attribute(span: &Value, key: &str) -> String {
    let all = span["attributes"].as_array().unwrap();
    let found = all.iter().find(|one| one["key"] == key).map(|one| one["value"].clone()).unwrap_or_default();
    found["stringValue"].as_str().or(found["intValue"].as_str()).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_request_is_told_by_its_route_and_status_and_never_by_a_secret() {
    let collector = Collector::new().await;
    let door = Door::claimed_with(collector.config()).await;
    let ada = door.admin().await;
    let answer = ada.get(&format!("/api/v1/users/{}?query=canary", ada.id)).await;
    ada.get("/reset/canary-of-a-link").await;
    let span = collector.named("GET /api/v1/users/{id}", 1).await.remove(0);
    assert_eq!((span["kind"].as_u64(), span["parentSpanId"].as_str()), (Some(2), Some("")), "{span}");
    assert_eq!((attribute(&span, "http.response.status_code").as_str(), &span["status"]), ("200", &json!({})));
    assert_eq!(attribute(&span, "doorward.request_id"), answer.headers["x-request-id"].to_str().unwrap());
    let all = format!("{:?}", collector.spans.lock().unwrap());
    assert!(!all.contains("canary") && !all.contains("\"ada\""), "{all}");
    let head = collector.heads.lock().unwrap()[0].clone();
    assert!(head.starts_with("POST /v1/traces HTTP/1.1") && head.contains("content-type: application/json"), "{head}");
    assert!(head.contains("x-collector-key: canary-of-the-collector"), "{head}");
    assert!(!format!("{:?}", collector.config()).contains("canary"));
}

#[tokio::test]
async fn a_trace_goes_through_to_the_upstream_and_is_begun_by_trusted_proxies_alone() {
    for is_trusted in [false, true] {
        let (collector, echo) = (Collector::new().await, upstream(Manner::Echo).await);
        let mut config = collector.config();
        if is_trusted {
            config.http.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        }
        let front = Front::with(config, echo.address, json!([{ "path": "/**", "allow": "public" }])).await;
        let reply = front.send("GET /a", &[("traceparent", PARENT), ("tracestate", "their=state")]).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let told = reply.text.lines().find_map(|line| line.strip_prefix("traceparent: ")).unwrap().trim().to_owned();
        let came: Vec<&str> = told.split('-').collect();
        assert_eq!((came[1] == TRACE, reply.text.contains("their=state")), (is_trusted, is_trusted), "{}", reply.text);
        assert!(!told.contains("b7ad6b7169203331"), "the upstream is below Doorward's own span: {told}");
        assert_eq!(reply.text.matches("traceparent").count(), 1);
        let both = collector.named("GET tasks", 2).await;
        let of = |kind: u64| both.iter().find(|span| span["kind"] == kind).unwrap();
        let (server, client) = (of(2), of(3));
        assert_eq!((server["traceId"] == TRACE, &client["traceId"]), (is_trusted, &server["traceId"]));
        assert_eq!(server["parentSpanId"], if is_trusted { "b7ad6b7169203331" } else { "" });
        assert_eq!((&client["parentSpanId"], &client["spanId"]), (&server["spanId"], &json!(came[2])));
        assert_eq!(attribute(client, "doorward.app"), "tasks");
    }
}

#[tokio::test]
async fn what_is_asked_of_others_within_a_request_is_of_its_trace() {
    let (collector, other) = (Collector::new().await, upstream(Manner::Echo).await);
    let mut config = collector.config();
    config.http.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let door = Door::claimed_with(config).await;
    let ada = door.admin().await.with("traceparent", PARENT);
    let looked = ada.post("/api/v1/apps/probe", json!({ "upstream": format!("http://{}", other.address) })).await;
    assert_eq!(looked.status, 200, "{}", looked.text);
    assert!(other.text().contains(&format!("traceparent: 00-{TRACE}-")), "{}", other.text());
}

#[tokio::test]
async fn who_said_that_a_trace_is_not_told_is_heard() {
    let (collector, echo) = (Collector::new().await, upstream(Manner::Echo).await);
    let mut config = collector.config();
    config.http.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let front = Front::with(config, echo.address, json!([{ "path": "/**", "allow": "public" }])).await;
    let quiet = PARENT.replace("-01", "-00");
    let reply = front.send("GET /quiet", &[("traceparent", &quiet)]).await;
    assert!(reply.text.contains(TRACE) && reply.text.lines().any(|line| line.starts_with("traceparent: ") && line.trim().ends_with("-00")));
    front.send("GET /loud", &[("traceparent", PARENT)]).await;
    let told = collector.named("GET tasks", 2).await;
    assert!(told.iter().all(|span| attribute(span, "url.path") == "/loud"), "{told:?}");
}

#[tokio::test]
async fn a_collector_that_is_away_delays_nothing_and_gets_what_waited() {
    let collector = Collector::new().await;
    *collector.status.lock().unwrap() = 503;
    let door = Door::claimed_with(collector.config()).await;
    door.nobody().get("/api/v1/capabilities").await;
    for _ in 0..100 {
        if !collector.heads.lock().unwrap().is_empty() {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    *collector.status.lock().unwrap() = 200;
    collector.named("GET /api/v1/capabilities", 1).await;
    // And at the end what is left.
    door.nobody().get("/api/v1/setup").await;
    door.gate.close().await;
    collector.named("GET /api/v1/setup", 1).await;
}

#[tokio::test]
async fn without_a_collector_a_trace_goes_through_as_it_came() {
    let echo = upstream(Manner::Echo).await;
    let front = Front::to(echo.address, json!([{ "path": "/**", "allow": "public" }])).await;
    let reply = front.send("GET /a", &[("traceparent", PARENT), ("tracestate", "their=state")]).await;
    assert!(reply.text.contains(PARENT) && reply.text.contains("their=state"), "{}", reply.text);
    let mut config = Config::for_testing();
    config.traces.endpoint = Some("collector:4318".into());
    let refused = doorward_gate::Gate::builder().config(config).build().await.unwrap_err().to_string();
    assert!(refused.contains("traces.endpoint"), "{refused}");
}
