//! Starts the binary on a port of the system's choice, and speaks plain HTTP with it.

use serde_json::Value;
use std::{
    ffi::OsStr,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex},
    thread::{JoinHandle, sleep},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// A password that is good enough.
pub const PASSWORD: &str = "three-quiet-otters-sing";

/// The binary, with an environment that holds nothing of this machine's.
pub fn doorward(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
    command.env_clear().env("HOME", folder).env("PATH", "/usr/bin:/bin").current_dir(folder);
    // Hashing costs next to nothing, so that a debug build on a busy machine keeps up.
    command.env("DOORWARD_AUTH_ARGON2_MEMORY_KIB", "64").env("DOORWARD_AUTH_ARGON2_ITERATIONS", "1");
    command.env("DOORWARD_LOG_LEVEL", "warn");
    command
}

/// Runs a start that should be refused to its end; one that goes on is ended.
pub fn finish(command: &mut Command) -> Output {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > Duration::from_secs(40) {
            child.kill().unwrap();
        }
        sleep(Duration::from_millis(10));
    }
    child.wait_with_output().unwrap()
}

/// Runs a command to its end.
pub fn run(folder: &Path, arguments: &[&str]) -> Output {
    doorward(folder).args(arguments).stdin(Stdio::null()).output().unwrap()
}

/// Runs a command with something on its standard input.
pub fn run_with_input(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = doorward(folder).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// What a command wrote to standard error.
pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// What a command wrote to standard output.
pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Waits until it is so; fails with what was waited for.
pub fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(20) {
        if is_so() {
            return;
        }
        sleep(Duration::from_millis(25));
    }
    panic!("{what}: not within 20 seconds");
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The access token of a sign-in.
    pub fn token(&self) -> String {
        self.json()["token"].as_str().unwrap_or_else(|| panic!("no token in {self:?}")).to_owned()
    }
}

/// Sends a request to whatever listens at a port, on a connection of its own.
pub fn request(port: u16, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    stream.write_all(format!("{}Connection: close\r\n{length}\r\n{body}", head(port, method, path, headers)).as_bytes())?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let (head, body) = text.split_once("\r\n\r\n").ok_or_else(|| std::io::Error::other("half an answer"))?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(|| std::io::Error::other("no status"))?;
    Ok(Answer { status, head: head.to_owned(), body: body.to_owned() })
}

/// The head of a request, without the empty line at its end.
pub fn head(port: u16, method: &str, path: &str, headers: &[(&str, &str)]) -> String {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    head
}

/// A running server; it ends with this value.
pub struct Server {
    child: Child,
    pub port: u16,
    lines: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts in a folder, where its data lies too.
    pub fn start(folder: &Path) -> Self {
        Self::start_with(folder, &[] as &[(&str, &str)])
    }

    /// Starts with more environment.
    pub fn start_with<V: AsRef<OsStr>>(folder: &Path, environment: &[(&str, V)]) -> Self {
        let mut command = doorward(folder);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data", "data"]);
        for (name, value) in environment {
            command.env(name, value);
        }
        Self::spawn(command)
    }

    /// Starts a command that was put together elsewhere, and waits until the door is open.
    pub fn spawn(command: Command) -> Self {
        Self::spawn_with(command, Stdio::inherit())
    }

    /// The same, with its log lines written elsewhere.
    pub fn spawn_with(mut command: Command, log: Stdio) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let output = BufReader::new(child.stdout.take().unwrap());
        let reader = std::thread::spawn({
            let lines = lines.clone();
            move || output.lines().map_while(Result::ok).for_each(|line| lines.lock().unwrap().push(line))
        });
        let mut server = Self { child, port: 0, lines, reader: Some(reader) };
        eventually("the server is ready", || {
            if let Some(status) = server.child.try_wait().unwrap() {
                panic!("the server ended at its start: {status}");
            }
            let ready = server.said().into_iter().find_map(|line| line.split_once("://127.0.0.1:").map(|(_, port)| port.to_owned()));
            server.port = ready.map_or(0, |port| port.parse().unwrap());
            server.port != 0
        });
        server
    }

    /// What it wrote to standard output until now.
    pub fn said(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// Sends a request, on a connection of its own.
    pub fn try_send(&self, method: &str, path: &str, token: Option<&str>, body: Option<Value>) -> std::io::Result<Answer> {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let mut headers: Vec<(&str, &str)> = bearer.iter().map(|bearer| ("Authorization", bearer.as_str())).collect();
        headers.extend(body.is_some().then_some(("Content-Type", "application/json")));
        self.try_raw(method, path, &headers, &body.map(|body| body.to_string()).unwrap_or_default())
    }

    /// Sends a request with these headers and this body, on a connection of its own.
    pub fn try_raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> std::io::Result<Answer> {
        request(self.port, method, path, headers, body)
    }

    pub fn send(&self, method: &str, path: &str, token: Option<&str>, body: Option<Value>) -> Answer {
        self.try_send(method, path, token, body).unwrap()
    }

    pub fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.try_raw(method, path, headers, body).unwrap()
    }

    pub fn get(&self, path: &str, token: Option<&str>) -> Answer {
        self.send("GET", path, token, None)
    }

    pub fn post(&self, path: &str, token: Option<&str>, body: Value) -> Answer {
        self.send("POST", path, token, Some(body))
    }

    /// Makes the first account; gives its access token.
    pub fn set_up(&self) -> String {
        let answer = self.post("/api/v1/setup", None, serde_json::json!({ "username": "root", "password": PASSWORD }));
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.token()
    }

    pub fn sign_in(&self, username: &str, password: &str) -> Answer {
        self.post("/api/v1/auth/login", None, serde_json::json!({ "username": username, "password": password }))
    }

    /// Adds a user with [`PASSWORD`]; gives the id.
    pub fn add(&self, token: &str, username: &str, role: &str) -> String {
        let answer =
            self.post("/api/v1/users", Some(token), serde_json::json!({ "username": username, "role": role, "password": PASSWORD }));
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Tells it to stop; gives its exit code and everything it said.
    pub fn stop(mut self) -> (Option<i32>, Vec<String>) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let mut code = None;
        eventually("the server has stopped", || {
            code = self.child.try_wait().unwrap();
            code.is_some()
        });
        self.reader.take().unwrap().join().unwrap();
        (code.unwrap().code(), self.said())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// A folder for one test.
pub fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}
