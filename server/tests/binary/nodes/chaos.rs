//! Many tabs that renew and write at once while nodes are killed: nobody is signed out, nothing is lost.

use super::cluster::{Cluster, insist};
use crate::harness::{Answer, PASSWORD};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread::{sleep, spawn},
    time::{Duration, Instant},
};

/// Tabs that share a browser's cookies.
const TABS: usize = 2;
const BROWSERS: usize = 10;
/// Renewals of all tabs, unless the environment has another number.
const RENEWALS: u64 = 1_000;
/// An update after so many renewals of a tab.
const EVERY: u64 = 5;

/// What a browser keeps of a site.
#[derive(Clone)]
struct Kept {
    cookie: String,
    token: String,
}

/// A browser: one person, some tabs.
struct Browser {
    port: u16,
    name: String,
    kept: Mutex<Kept>,
    /// Tabs wait for each other before they renew, where the browser knows how.
    turns: Option<Mutex<()>>,
}

/// The session's cookie in an answer, where there is one.
fn cookie_of(answer: &Answer) -> Option<String> {
    answer.head.lines().find_map(|line| Some(line.split_once(": doorward=")?.1.split(';').next()?.to_owned()))
}

impl Browser {
    /// Signs in on the page, as a person does.
    fn sign_in(port: u16, name: &str, is_agreeing: bool) -> Self {
        let form = format!("username={name}&password={PASSWORD}");
        let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Sec-Fetch-Site", "same-origin")];
        let answer = insist(port, "POST", "/login", &headers, &form);
        let cookie = cookie_of(&answer).unwrap_or_else(|| panic!("no cookie: {answer:?}"));
        let kept = Mutex::new(Kept { cookie, token: String::new() });
        let browser = Self { port, name: name.to_owned(), kept, turns: is_agreeing.then(Mutex::default) };
        browser.renew("");
        browser
    }

    fn kept(&self) -> Kept {
        self.kept.lock().unwrap().clone()
    }

    fn send(&self, method: &str, path: &str, kept: &Kept, body: Option<&Value>) -> Answer {
        let (cookie, bearer) = (format!("doorward={}", kept.cookie), format!("Bearer {}", kept.token));
        let mut headers = vec![("Cookie", cookie.as_str()), ("Sec-Fetch-Site", "same-origin")];
        headers.extend((!kept.token.is_empty()).then_some(("Authorization", bearer.as_str())));
        headers.extend(body.map(|_| ("Content-Type", "application/json")));
        insist(self.port, method, path, &headers, &body.map(Value::to_string).unwrap_or_default())
    }

    /// Gets the next token in place of the one that was `used`.
    fn renew(&self, used: &str) {
        let turn = self.turns.as_ref().map(|turns| turns.lock().unwrap());
        // A cookie goes along as it is at that moment, and the answer's is kept, whoever else was faster.
        let kept = self.kept();
        if turn.is_some() && !used.is_empty() && kept.token != used {
            return;
        }
        let sent = Kept { token: String::new(), ..kept };
        let answer = self.send("POST", "/api/v1/auth/refresh", &sent, Some(&json!({})));
        assert_eq!(answer.status, 200, "{} was signed out: {answer:?}", self.name);
        let cookie = cookie_of(&answer).unwrap_or(sent.cookie);
        *self.kept.lock().unwrap() = Kept { cookie, token: answer.token() };
    }

    /// Asks with the token; one that is no longer good is renewed, once.
    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let kept = self.kept();
        let answer = self.send(method, path, &kept, body);
        if answer.status != 401 {
            return answer;
        }
        self.renew(&kept.token);
        let answer = self.send(method, path, &self.kept(), body);
        assert_ne!(answer.status, 401, "{} was signed out: {answer:?}", self.name);
        answer
    }

    /// What a tab writes: each has a field of its own of the one profile.
    fn update(&self, tab: usize, number: u64) -> String {
        let text = if tab == 0 { format!("{} {number}", self.name) } else { format!("{}.{number}@example.com", self.name) };
        let answer = self.ask("PATCH", "/api/v1/auth/me", Some(&json!({ FIELDS[tab]: text })));
        assert_eq!(answer.status, 200, "{answer:?}");
        text
    }
}

const FIELDS: [&str; TABS] = ["displayName", "email"];

/// A tab at work; gives the last update that was acknowledged.
fn work(browser: &Browser, tab: usize, renewals: u64, done: &AtomicU64) -> String {
    let mut last = browser.update(tab, 0);
    for number in 1..=renewals {
        browser.renew(&browser.kept().token);
        done.fetch_add(1, Ordering::SeqCst);
        if number % EVERY == 0 {
            last = browser.update(tab, number);
        }
    }
    last
}

#[test]
fn while_nodes_are_killed_nobody_is_signed_out_and_no_update_is_lost() {
    let Some(mut cluster) = Cluster::start(3) else { return };
    let asked = std::env::var_os("DOORWARD_CHAOS_RENEWALS").and_then(|text| text.to_str()?.parse().ok());
    let renewals = asked.unwrap_or(RENEWALS) / (TABS * BROWSERS) as u64;
    let root = cluster.nodes[0].set_up();
    let browsers: Vec<_> = (0..BROWSERS)
        .map(|number| {
            let name = format!("tab{number}");
            cluster.nodes[0].add(&root, &name, "viewer");
            Arc::new(Browser::sign_in(cluster.proxy.port, &name, number % 2 == 0))
        })
        .collect();
    let begun = Instant::now();
    let done = Arc::new(AtomicU64::new(0));
    let mut tabs = Vec::new();
    for browser in &browsers {
        for tab in 0..TABS {
            let (browser, done) = (browser.clone(), done.clone());
            tabs.push(spawn(move || work(&browser, tab, renewals, &done)));
        }
    }
    let mut killed = 0;
    while tabs.iter().any(|tab| !tab.is_finished()) {
        cluster.kill(killed % 3);
        sleep(Duration::from_millis(300));
        cluster.revive(killed % 3);
        killed += 1;
        sleep(Duration::from_millis(500));
    }
    let last: Vec<String> = tabs.into_iter().map(|tab| tab.join().unwrap()).collect();
    for (browser, wanted) in browsers.iter().zip(last.chunks(TABS)) {
        let me = browser.ask("GET", "/api/v1/auth/me", None).json();
        for (field, wanted) in FIELDS.iter().zip(wanted) {
            assert_eq!(me["user"][field], **wanted, "the last update that was acknowledged");
        }
    }
    let all = done.load(Ordering::SeqCst);
    assert_eq!(all, renewals * (TABS * BROWSERS) as u64);
    eprintln!("{all} renewals, {killed} nodes killed, {:.1} s: 0 sign-outs, 0 lost updates", begun.elapsed().as_secs_f64());
}
