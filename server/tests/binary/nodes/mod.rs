//! Several nodes as real processes behind a proxy: what one is told counts on all, and a node or the database
//! may go at any moment.

mod chaos;
mod cluster;
mod proxy;
mod stream;

use crate::harness::{PASSWORD, Server, eventually};
use cluster::Cluster;
use gate::testing::postgres::Goodbye;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{sleep, spawn},
    time::Duration,
};
use stream::{Follower, Heard, Stream};

const ME: &str = "/api/v1/auth/me";
/// Three seconds are promised; a debug build on a busy machine gets some more.
const SOON: Duration = Duration::from_secs(10);

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// A stream at a node, which is open when this returns.
fn watch(node: &Server, header: (&str, &str)) -> Stream {
    let stream = Stream::open(node.port, "/api/v1/live?channel=status:*", &[header]);
    let first = stream.next(SOON);
    assert!(matches!(first, Some(Heard::Open(..))), "{first:?}");
    stream
}

/// A way to take away what somebody has: how it is asked for, of which person or session or key, by whom.
struct Way {
    name: &'static str,
    method: &'static str,
    path: String,
    body: Option<Value>,
    token: String,
}

#[test]
fn what_is_taken_away_at_one_node_ends_at_all() {
    let Some(cluster) = Cluster::start(3) else { return };
    let root = cluster.nodes[0].set_up();
    for at in 0..3 {
        let vera = format!("vera{at}");
        let id = cluster.nodes[at].add(&root, &vera, "viewer");
        let session = |made_at: usize| {
            let token = cluster.nodes[made_at].sign_in(&vera, PASSWORD).token();
            for node in &cluster.nodes {
                assert_eq!(node.get(ME, Some(&token)).status, 200, "a session is good at every node at once");
            }
            token
        };
        let ways = |token: &str| {
            let own = cluster.nodes[2 - at].get(ME, Some(token)).json()["sessionId"].as_str().unwrap().to_owned();
            [
                Way { name: "sign-out", method: "POST", path: "/api/v1/auth/logout".into(), body: Some(json!({})), token: token.into() },
                Way { name: "end", method: "DELETE", path: format!("/api/v1/sessions/{own}"), body: None, token: root.clone() },
                Way {
                    name: "disable",
                    method: "PATCH",
                    path: format!("/api/v1/users/{id}"),
                    body: Some(json!({ "isDisabled": true })),
                    token: root.clone(),
                },
            ]
        };
        for turn in 0..3 {
            let token = session((at + turn) % 3);
            let streams: Vec<_> = cluster.nodes.iter().map(|node| watch(node, ("Authorization", &bearer(&token)))).collect();
            let way = ways(&token).into_iter().nth(turn).unwrap();
            let done = cluster.nodes[at].send(way.method, &way.path, Some(&way.token), way.body);
            assert!(done.status < 300, "{}: {done:?}", way.name);
            assert_eq!(cluster.nodes[at].get(ME, Some(&token)).status, 401, "{} counts at once where it was done", way.name);
            for (number, stream) in streams.iter().enumerate() {
                assert_eq!(stream.end(SOON), Some(Heard::End(4401, "session ended".into())), "{} at {at}, seen at {number}", way.name);
                let node = &cluster.nodes[number];
                assert_eq!(node.get(ME, Some(&token)).status, 401, "{}: no request comes in where no stream stays", way.name);
            }
        }
        key_ends_everywhere(&cluster, &root, at);
    }
}

/// A key that is revoked at a node.
fn key_ends_everywhere(cluster: &Cluster, root: &str, at: usize) {
    let made = cluster.nodes[(at + 1) % 3].post("/api/v1/api-keys", Some(root), json!({ "name": format!("k{at}"), "role": "developer" }));
    assert_eq!(made.status, 201, "{made:?}");
    let made = made.json();
    let key = ("X-API-Key", made["key"].as_str().unwrap());
    let streams: Vec<_> = cluster.nodes.iter().map(|node| watch(node, key)).collect();
    let id = made["apiKey"]["id"].as_str().unwrap();
    let done = cluster.nodes[at].send("DELETE", &format!("/api/v1/api-keys/{id}"), Some(root), None);
    assert!(done.status < 300, "{done:?}");
    for (stream, node) in streams.iter().zip(&cluster.nodes) {
        assert_eq!(stream.end(SOON), Some(Heard::End(4401, "API key no longer good".into())));
        assert_eq!(node.raw("GET", ME, &[key], "").status, 401);
    }
}

/// Publishes one message after the other until it is told to stop; gives the ids that were acknowledged.
fn publish_on(cluster: &Cluster, token: &str, count: usize, mut between: impl FnMut(usize)) -> BTreeSet<i64> {
    (0..count)
        .map(|number| {
            between(number);
            cluster.publish(token, "status:42", json!(number))
        })
        .collect()
}

/// Followers that run beside the test until they are told to stop, one for each way in.
struct Followers {
    stop: Arc<AtomicBool>,
    running: Vec<std::thread::JoinHandle<Follower>>,
}

impl Followers {
    fn begin(ports: &[u16], token: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let running = ports.iter().map(|port| {
            let mut follower = Follower::begin(*port, "status:42", token);
            let stop = stop.clone();
            spawn(move || {
                while !(stop.load(Ordering::SeqCst) && follower.messages.last().is_some_and(|(_, data)| data == "last")) {
                    follower.step();
                }
                follower
            })
        });
        let running = running.collect();
        Self { stop, running }
    }

    /// Lets them go on to the message `last`; makes sure that each has all that was acknowledged, once and in
    /// order, and all the same. Gives how often they had to resume in all.
    fn end(self, acknowledged: &BTreeSet<i64>) -> usize {
        self.stop.store(true, Ordering::SeqCst);
        let all: Vec<_> = self.running.into_iter().map(|follower| follower.join().unwrap()).collect();
        for follower in &all {
            let ids: Vec<i64> = follower.messages.iter().map(|(id, _)| *id).collect();
            assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "none comes twice, and all in order: {ids:?}");
            let got: BTreeSet<i64> = ids.into_iter().collect();
            let lost: Vec<_> = acknowledged.difference(&got).collect();
            assert!(lost.is_empty(), "acknowledged, and never seen: {lost:?}");
            assert_eq!(follower.messages, all[0].messages, "all see the same");
        }
        all.iter().map(|follower| follower.resumed).sum()
    }
}

#[test]
fn a_node_that_is_killed_takes_nobody_s_session_and_no_message_with_it() {
    let Some(mut cluster) = Cluster::start(3) else { return };
    let root = cluster.nodes[0].set_up();
    cluster.nodes[0].add(&root, "vera", "developer");
    let vera = cluster.sign_in("vera");
    // One connection after the other: one at each node.
    let followers = Followers::begin(&[cluster.proxy.port; 3], &vera);
    let mut acknowledged = BTreeSet::new();
    for at in 0..3 {
        acknowledged.append(&mut publish_on(&cluster, &vera, 20, |_| {}));
        cluster.kill(at);
        acknowledged.append(&mut publish_on(&cluster, &vera, 20, |_| {}));
        for token in [&vera, &root] {
            assert_eq!(cluster.send("GET", ME, Some(token), None).status, 200, "nobody is signed out");
        }
        cluster.revive(at);
    }
    acknowledged.insert(cluster.publish(&vera, "status:42", json!("last")));
    let resumed = followers.end(&acknowledged);
    assert!(resumed >= 3, "each node that was killed had somebody: {resumed}");
    for node in &cluster.nodes {
        assert_eq!(node.get(ME, Some(&vera)).status, 200);
    }
}

#[test]
fn the_database_may_be_started_again_beneath_running_nodes() {
    let Some(mut cluster) = Cluster::start(2) else { return };
    let root = cluster.nodes[0].set_up();
    let id = cluster.nodes[0].add(&root, "wes", "viewer");
    // A role of its own is read from the database, and must not be lost with it.
    let role = json!({ "name": "teller", "permissions": ["read", "subscribe", "publish"] });
    assert_eq!(cluster.nodes[0].post("/api/v1/roles", Some(&root), role).status, 201);
    cluster.nodes[0].add(&root, "vera", "teller");
    let vera = cluster.sign_in("vera");
    let followers = Followers::begin(&[cluster.nodes[0].port, cluster.nodes[1].port], &vera);
    let mut acknowledged = publish_on(&cluster, &vera, 10, |_| {});
    for goodbye in [Goodbye::Fast, Goodbye::Immediate, Goodbye::Fast] {
        let wes = cluster.sign_in("wes");
        let streams: Vec<_> = cluster.nodes.iter().map(|node| watch(node, ("Authorization", &bearer(&wes)))).collect();
        cluster.postgres.stop(goodbye);
        sleep(Duration::from_millis(700));
        // Who is known from memory is still let in.
        for node in &cluster.nodes {
            assert_eq!(node.get(ME, Some(&vera)).status, 200);
        }
        cluster.postgres.resume();
        // The first thing that is done when it is back counts everywhere.
        let path = format!("/api/v1/users/{id}");
        assert_eq!(cluster.send("PATCH", &path, Some(&root), Some(json!({ "isDisabled": true }))).status, 200);
        for (stream, node) in streams.iter().zip(&cluster.nodes) {
            assert_eq!(stream.end(SOON), Some(Heard::End(4401, "session ended".into())));
            assert_eq!(node.get(ME, Some(&wes)).status, 401);
        }
        acknowledged.append(&mut publish_on(&cluster, &vera, 10, |_| {}));
        assert_eq!(cluster.send("PATCH", &path, Some(&root), Some(json!({ "isDisabled": false }))).status, 200);
    }
    acknowledged.insert(cluster.publish(&vera, "status:42", json!("last")));
    followers.end(&acknowledged);
    for node in &mut cluster.nodes {
        assert!(node.is_running(), "no node had to be started again");
        let ready = node.get("/readyz", None).status;
        assert_eq!(ready, 200);
    }
    eventually("both nodes answer as before", || cluster.nodes.iter().all(|node| node.get("/api/v1/users", Some(&root)).status == 200));
}
