//! Whose certificates are believed: upstreams with an authority of their own, and one for everything.

use crate::{apps::APPS, proxy_kit::Front};
use base64::{Engine, engine::general_purpose::STANDARD};
use doorward_gate::{
    config::Config,
    testing::{Answer, Caller},
};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer},
};

/// A server for `localhost` that answers everything with 200; its address, and its certificate in PEM.
async fn encrypted() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----", STANDARD.encode(made.cert.der()));
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        loop {
            let stream = listener.accept().await.unwrap().0;
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // Who does not believe the certificate goes away.
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                while stream.read(&mut [0; 4096]).await.is_ok_and(|count| count > 0) {
                    if stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (address, pem)
}

/// The door with `tasks` in front of this upstream, and somebody who manages apps.
async fn front(config: Config) -> (Front, Caller) {
    let front = Front::with(config, ([127, 0, 0, 1], 9).into(), json!([{ "allow": "public" }])).await;
    let admin = front.door.admin().await;
    (front, admin)
}

async fn set(admin: &Caller, patch: Value) -> Answer {
    admin.patch(&format!("{APPS}/tasks"), patch).await
}

#[tokio::test]
async fn an_upstream_is_believed_by_an_authority_of_its_own_and_for_its_app_alone() {
    let (address, pem) = encrypted().await;
    let (_, other) = encrypted().await;
    let (front, ada) = front(Config::for_testing()).await;
    assert_eq!(set(&ada, json!({ "upstream": address })).await.status, 200);
    assert_eq!(front.send("GET /", &[]).await.status, 502, "nobody vouches for it");
    front.door.look_after_apps().await;
    let health = ada.get(&format!("{APPS}/tasks")).await.body["health"].clone();
    assert_eq!(health["cause"], "its certificate is not believed: its issuer is nobody whom this server believes", "{health}");
    assert_eq!(set(&ada, json!({ "upstreamCa": other })).await.status, 200);
    assert_eq!(front.send("GET /", &[]).await.status, 502, "it is somebody else's");
    let set_right = set(&ada, json!({ "upstreamCa": format!("{other}\n{pem}\n") })).await;
    assert_eq!((set_right.status, &set_right.body["definition"]["upstreamCa"]), (200, &json!(format!("{other}\n{pem}"))));
    let reply = front.send("GET /", &[]).await;
    assert_eq!((reply.status, reply.text.as_str()), (200, "ok"));
    front.door.look_after_apps().await;
    assert_eq!(ada.get(&format!("{APPS}/tasks")).await.body["health"]["state"], "up", "it is looked after by the same");
    // Another app at the same upstream does not come by that connection.
    let made = ada.post(APPS, json!({ "slug": "wiki", "upstream": address, "rules": [{ "allow": "public" }] })).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let asks = format!("GET / HTTP/1.1\r\nHost: wiki.localhost:{}\r\nConnection: close\r\n\r\n", front.address.port());
    assert!(front.raw(asks.as_bytes()).await.starts_with(b"HTTP/1.1 502"));
    assert_eq!(front.send("GET /", &[]).await.status, 200);
    assert_eq!(set(&ada, json!({ "upstreamCa": null })).await.status, 200);
    assert_eq!(front.send("GET /", &[]).await.status, 502, "it is believed no more at once");
    let events = ada.get("/api/v1/audit?action=app.update").await;
    assert!(events.text.contains("sha256:") && !events.text.contains("BEGIN CERTIFICATE"), "{}", events.text);
}

#[tokio::test]
async fn an_upstream_is_looked_at_with_its_authority_before_it_is_saved() {
    let (address, pem) = encrypted().await;
    let (_front, ada) = front(Config::for_testing()).await;
    let probe = async |asked: Value| ada.post(&format!("{APPS}/probe"), asked).await;
    let refused = probe(json!({ "upstream": address })).await;
    let problem = refused.body["problem"].as_str().unwrap();
    assert!(problem.starts_with("Its certificate is not believed") && problem.contains("outbound.ca"), "{problem}");
    let found = probe(json!({ "upstream": address, "upstreamCa": pem })).await;
    assert_eq!((&found.body["reachable"], &found.body["status"]), (&json!(true), &json!(200)), "{}", found.text);
    let bad = probe(json!({ "upstream": address, "upstreamCa": "x" })).await;
    assert_eq!((bad.status, &bad.body["errors"][0]["field"]), (422, &json!("upstreamCa")), "{}", bad.text);
}

#[tokio::test]
async fn what_is_no_certificate_is_told() {
    let (_, pem) = encrypted().await;
    let (_front, ada) = front(Config::for_testing()).await;
    let secret = "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----";
    for (patch, word) in [
        (json!({ "upstream": "https://a.example", "upstreamCa": "canary" }), "in PEM"),
        (json!({ "upstream": "https://a.example", "upstreamCa": format!("{pem}\n{secret}") }), "private key"),
        (
            json!({ "upstream": "https://a.example", "upstreamCa": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" }),
            "whole?",
        ),
        (json!({ "upstreamCa": pem }), "https://"),
    ] {
        let answer = set(&ada, patch).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (422, &json!("upstreamCa")), "{}", answer.text);
        assert!(answer.text.contains(word) && !answer.text.contains("canary"), "{}", answer.text);
    }
    let apps = json!([{ "slug": "tasks", "upstream": "https://a.example", "upstreamCa": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" }]);
    let config = Config { apps: serde_json::from_value(apps).unwrap(), ..Config::for_testing() };
    assert_eq!(config.check_apps().unwrap_err(), ["apps.tasks.upstream_ca: One of the certificates can not be read; is it whole?"]);
}

#[tokio::test]
async fn an_authority_of_the_configuration_is_believed_for_every_app() {
    let (address, pem) = encrypted().await;
    let mut config = Config::for_testing();
    config.outbound.ca = Some(pem);
    let (front, ada) = front(config).await;
    assert_eq!(set(&ada, json!({ "upstream": address })).await.status, 200);
    assert_eq!(front.send("GET /", &[]).await.status, 200);
    let (elsewhere, _) = encrypted().await;
    assert_eq!(set(&ada, json!({ "upstream": elsewhere })).await.status, 200);
    assert_eq!(front.send("GET /", &[]).await.status, 502, "no other is");
}
