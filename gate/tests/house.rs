//! The rules of the house that the compiler can not hold. Each failure says the rule and the file.

use doorward_gate::wire::policy::OPERATIONS;
use std::path::{Path, PathBuf};

/// Rust files below a folder, with their text.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let mut found = Vec::new();
    walk(&root, &mut found);
    assert!(!found.is_empty(), "nothing below {folder}");
    found
}

fn refuse(rule: &str, offenders: Vec<String>) {
    assert!(offenders.is_empty(), "{rule}\n  {}", offenders.join("\n  "));
}

fn lines_with(files: &[(PathBuf, String)], what: impl Fn(&Path, &str) -> bool) -> Vec<String> {
    let lines = files.iter().flat_map(|(path, text)| text.lines().enumerate().map(move |(n, line)| (path, n + 1, line)));
    lines.filter(|(path, _, line)| what(path, line)).map(|(path, n, line)| format!("{}:{n}: {}", path.display(), line.trim())).collect()
}

fn is_in(path: &Path, places: &[&str]) -> bool {
    let path = path.to_string_lossy();
    places.iter().any(|place| path.contains(place))
}

#[test]
fn a_file_holds_one_idea() {
    let all = ["wire/src", "gate/src", "app/src", "server/src", "xtask/src", "gate/tests"].iter().flat_map(|folder| sources(folder));
    let long = all
        .filter(|(_, text)| text.lines().count() > 400)
        .map(|(path, text)| format!("{}: {} lines", path.display(), text.lines().count()));
    refuse("A file has at most 400 lines: move an idea out of it.", long.collect());
}

#[test]
fn sql_stands_in_stores() {
    let offenders = lines_with(&sources("gate/src"), |path, line| line.contains("sqlx::query") && !is_in(path, &["store", "/db/"]));
    refuse("SQL stands in a feature's store and in db, nowhere else.", offenders);
}

#[test]
fn axum_stays_at_the_door() {
    let offenders = lines_with(&sources("gate/src"), |path, line| {
        let code = line.split("//").next().unwrap_or_default();
        code.contains("axum::") && !is_in(path, &["http", "proxy", "forward", "testing.rs"])
    });
    refuse("Only http modules know axum: a feature's functions are called from other doors too.", offenders);
}

#[test]
fn a_store_knows_no_request() {
    let offenders = lines_with(&sources("gate/src"), |path, line| line.contains("Ctx") && is_in(path, &["store"]));
    refuse("A store knows SQL and the wire's types: hand it values, not the Ctx.", offenders);
}

#[test]
fn the_engine_reads_no_environment_and_knows_no_dashboard() {
    let offenders = lines_with(&sources("gate/src"), |path, line| {
        let code = line.split("//").next().unwrap_or_default();
        (code.contains("std::env") && !is_in(path, &["testing.rs"])) || code.contains("leptos")
    });
    refuse("Settings are handed to the gate; the dashboard is above it.", offenders);
}

#[test]
fn nothing_is_left_for_later() {
    let marks = [["TO", "DO"].concat(), ["FIX", "ME"].concat()];
    for folder in ["wire/src", "gate/src", "app/src", "server/src", "xtask/src"] {
        let offenders = lines_with(&sources(folder), |_, line| marks.iter().any(|mark| line.contains(mark.as_str())));
        refuse("What is not done is an issue, not a comment.", offenders);
    }
}

#[test]
fn every_operation_asks_for_its_right() {
    let all: String = sources("gate/src").into_iter().filter(|(path, _)| !is_in(path, &["/http"])).map(|(_, text)| text).collect();
    let missing = OPERATIONS.iter().map(|row| row.id.to_uppercase()).filter(|name| {
        let asks = all.contains(&format!("may(&policy::{name})"));
        let is_alias = ["GET_OPENAPI", "PUT_USER"].contains(&name.as_str());
        !asks && !is_alias
    });
    refuse("The first line of a feature's function is ctx.may(&policy::…).", missing.collect());
}

#[test]
fn every_address_that_the_dashboard_shows_knows_where_the_door_stands() {
    // Of our own elements: what leads elsewhere is called `url`, what the bundle names has its own rule.
    let is_fine = |value: &str| value.contains("at(") || ["\"#", "url", "sheet"].iter().any(|start| value.starts_with(start));
    let mut offenders = Vec::new();
    for (path, text) in sources("app/src") {
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for name in ["href=", "src=", "action="] {
            for (place, _) in text.match_indices(name) {
                let (before, value) = (&text[..place], text[place + name.len()..].lines().next().unwrap_or_default());
                let tag = before.rsplit('<').next().unwrap_or_default();
                let is_element = before.ends_with(char::is_whitespace) && tag.starts_with(|first: char| first.is_ascii_lowercase());
                if is_element && !is_fine(value) && !is_in(&path, &["hydration.rs", "ui/form.rs"]) {
                    offenders.push(format!("{}: {name}{value}", path.display()));
                }
            }
        }
    }
    let moves = lines_with(&sources("app/src"), |path, line| line.contains("browser::assign(\"") && !is_in(path, &["state/browser.rs"]));
    offenders.extend(moves);
    refuse(
        "A path of ours in an attribute passes prefix::at, and in the address bar browser::enter: the door may stand below a prefix.",
        offenders,
    );
}
