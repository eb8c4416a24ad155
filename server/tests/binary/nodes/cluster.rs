//! Several nodes on one PostgreSQL, behind a proxy, each a process of its own.

use super::proxy::Proxy;
use crate::harness::{Answer, PASSWORD, Server, folder, request};
use gate::testing::postgres::Postgres;
use serde_json::{Value, json};
use std::{
    thread::sleep,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// How long a client tries again what gets no answer, or 503.
const PATIENCE: Duration = Duration::from_secs(60);

/// Nodes, what stands before them, and what lies behind; all end with this value.
pub struct Cluster {
    pub nodes: Vec<Server>,
    pub proxy: Proxy,
    pub postgres: Postgres,
    folders: Vec<TempDir>,
}

impl Cluster {
    /// Starts so many nodes; nothing, with a line that says so, without PostgreSQL.
    pub fn start(count: usize) -> Option<Self> {
        let postgres = Postgres::start()?;
        let folders: Vec<TempDir> = (0..count).map(|_| folder()).collect();
        let nodes: Vec<Server> = folders.iter().map(|folder| start(folder, &postgres)).collect();
        let proxy = Proxy::before(nodes.iter().map(|node| node.port).collect());
        Some(Self { nodes, proxy, postgres, folders })
    }

    /// Ends a node as if the power went; the place stays empty until it is started again.
    pub fn kill(&mut self, at: usize) {
        let id = self.nodes[at].id().to_string();
        assert!(std::process::Command::new("kill").args(["-KILL", &id]).status().unwrap().success());
    }

    /// Starts a node again that was ended.
    pub fn revive(&mut self, at: usize) {
        self.nodes[at] = start(&self.folders[at], &self.postgres);
        self.proxy.set(at, self.nodes[at].port);
    }

    /// Sends a request through the proxy until some node answers it.
    pub fn send(&self, method: &str, path: &str, token: Option<&str>, body: Option<Value>) -> Answer {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let mut headers: Vec<(&str, &str)> = bearer.iter().map(|bearer| ("Authorization", bearer.as_str())).collect();
        headers.extend(body.is_some().then_some(("Content-Type", "application/json")));
        insist(self.proxy.port, method, path, &headers, &body.map(|body| body.to_string()).unwrap_or_default())
    }

    /// Signs in somewhere.
    pub fn sign_in(&self, name: &str) -> String {
        let answer = self.send("POST", "/api/v1/auth/login", None, Some(json!({ "username": name, "password": PASSWORD })));
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.token()
    }

    /// Publishes, and gives the id that was acknowledged.
    pub fn publish(&self, token: &str, channel: &str, data: Value) -> i64 {
        let path = format!("/api/v1/channels/{channel}/messages");
        let answer = self.send("POST", &path, Some(token), Some(json!({ "type": "step", "data": data })));
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["id"].as_i64().unwrap()
    }
}

fn start(folder: &TempDir, postgres: &Postgres) -> Server {
    Server::start_with(folder.path(), &[("DOORWARD_DATABASE_URL", postgres.url())])
}

/// Sends a request until it is answered, by whatever but 503: a node that is killed takes the connection with
/// it, and a database that is away is soon back.
pub fn insist(port: u16, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let begun = Instant::now();
    loop {
        let answer = request(port, method, path, headers, body);
        match answer {
            Ok(answer) if answer.status != 503 => return answer,
            other => assert!(begun.elapsed() < PATIENCE, "{method} {path}: {other:?}"),
        }
        sleep(Duration::from_millis(20));
    }
}
