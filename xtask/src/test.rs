//! Everything `make test` runs, in order; the first failure ends it.
use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use crate::{
    Result, api, book, browser_tree,
    build::{self, Profile},
    command::{cargo, npm_tool, on_path, run as finish},
    postgres::Postgres,
    setup::{self, WASM},
    sizes,
};

/// The crates of the server's side, always named together: with another choice Cargo picks other
/// features for what they share, and compiles it once more.
const HOST: &str = "--package doorward-wire --package doorward-gate --package app --package doorward \
                    --features app/ssr";
const BROWSER: &str = "--package frontend --package app --features app/hydrate";

type Step = (&'static str, fn() -> Result);

/// How many tests run at once: most of them wait for something that has its time, more than they compute.
const THREADS: (&str, &str) = ("RUST_TEST_THREADS", "6");

/// The parts, and the steps of each.
const PARTS: [(&str, &[Step]); 6] = [
    ("setup", &[("tools", setup::everything)]),
    (
        "lint",
        &[
            ("format", format),
            ("clippy, server", clippy_host),
            ("clippy, browser", clippy_browser),
            ("clippy, builder", clippy_builder),
            ("without Leptos and SQLite", bare),
            ("documentation", documentation),
            ("dependencies", dependencies),
            ("what the browser gets", browser_tree::check),
            ("the book", book::check),
        ],
    ),
    ("unit", &[("builder", builder), ("SQLite", sqlite), ("parsers, for a minute", parsers), ("PostgreSQL", postgres)]),
    ("site", &[("release", release), ("size", sizes::check)]),
    ("api", &[("known lines", api::lines), ("contract", api::contract), ("configurations of the book", book::configurations)]),
    ("e2e", &[("browser", browser)]),
];

/// Runs the parts with these names, or all.
pub fn run(chosen: &[String]) -> Result {
    if let Some(wrong) = chosen.iter().find(|name| PARTS.iter().all(|(part, _)| part != name)) {
        let known = PARTS.map(|(part, _)| part).join(", ");
        return Err(format!("`{wrong}` is no part of the tests; there are {known}").into());
    }
    let start = Instant::now();
    for (part, steps) in PARTS {
        if !chosen.is_empty() && !chosen.iter().any(|name| name == part) {
            continue;
        }
        for (name, step) in steps {
            let start = Instant::now();
            eprintln!("\n== {part}: {name}");
            step().map_err(|e| format!("{part}, {name}: {e}"))?;
            eprintln!("== {part}: {name} took {}", seconds(start.elapsed()));
        }
    }
    eprintln!("\nAll passed in {}", seconds(start.elapsed()));
    Ok(())
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

fn format() -> Result {
    finish(&mut cargo("fmt --all --check"))
}

fn clippy_host() -> Result {
    finish(&mut cargo(&format!("clippy {HOST} --all-targets -- -D warnings")))
}

fn clippy_browser() -> Result {
    finish(&mut cargo(&format!("clippy {BROWSER} --target {WASM} -- -D warnings")))
}

fn clippy_builder() -> Result {
    finish(&mut cargo("clippy --package xtask --all-targets -- -D warnings"))
}

/// The engine and the crate to embed, with nothing that was not asked for.
fn bare() -> Result {
    finish(&mut cargo("check --package doorward-gate --no-default-features --features postgres"))?;
    finish(&mut cargo("check --package doorward --lib --no-default-features --features postgres"))?;
    browser_tree::bare()
}

fn documentation() -> Result {
    finish(cargo(&format!("doc --no-deps --lib {HOST}")).env("RUSTDOCFLAGS", "-D warnings"))
}

/// Licences, bans and sources; the list of known holes is not on this machine.
fn dependencies() -> Result {
    if on_path(&["cargo-deny"]).is_none() {
        eprintln!("skipped: cargo-deny is not installed (cargo install cargo-deny)");
        return Ok(());
    }
    finish(&mut cargo("deny check bans licenses sources"))
}

fn builder() -> Result {
    finish(&mut cargo("test --package xtask"))
}

/// The examples are run by a test; by themselves they need no program each.
fn sqlite() -> Result {
    finish(cargo(&format!("test {HOST} --lib --bins --tests")).env(THREADS.0, THREADS.1))?;
    finish(&mut cargo(&format!("test {HOST} --doc")))
}

/// What reads paths, headers and frames that strangers send, with other random input each time round.
fn parsers() -> Result {
    let end = Instant::now() + Duration::from_secs(60);
    while Instant::now() < end {
        let tests = "path:: rules:: headers:: frames:: framing:: jq::";
        finish(cargo(&format!("test {HOST} --lib -- {tests}")).env("PROPTEST_CASES", "5000"))?;
    }
    Ok(())
}

/// The suites that touch the database, once more.
fn postgres() -> Result {
    let server = Postgres::start()?;
    finish(cargo(&format!("test {HOST} --lib --test main")).env(THREADS.0, THREADS.1).env("TEST_DATABASE_URL", server.url()))
}

fn release() -> Result {
    build::all(Profile::Release)
}

/// Playwright against the real binary.
fn browser() -> Result {
    let folder = Path::new("end2end");
    if !folder.join("playwright.config.ts").is_file() {
        eprintln!("skipped: {} has no configuration", folder.display());
        return Ok(());
    }
    build::all(Profile::Release)?;
    // A door below a prefix is an example; the tests have built all that it needs but the newest files of the browser.
    finish(&mut cargo(&format!("build {HOST} --example nested_prefix")))?;
    finish(playwright()?.arg("test"))
}

/// Playwright in its folder, which knows the browser and the release.
pub fn playwright() -> Result<Command> {
    let mut playwright = npm_tool("playwright")?;
    playwright
        .current_dir("end2end")
        .env("CHROMIUM", setup::browser()?)
        .env("PYTHON", setup::python()?.join("python"))
        .env("DOORWARD_BIN", Profile::Release.server().canonicalize()?);
    Ok(playwright)
}
