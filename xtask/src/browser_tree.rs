//! What programs are made of: nothing of the server's world may slip into the browser's, and neither the
//! dashboard nor SQLite into that of whoever embeds the door without them.
use crate::{
    Result,
    command::{cargo, output},
    setup::WASM,
};

/// The server's world, and the large calendars.
const UNWANTED: [&str; 9] = ["sqlx", "tokio", "axum", "hyper", "tower", "utoipa", "reqwest", "chrono", "jiff"];
/// The dashboard's world.
const FACE: [&str; 6] = ["leptos", "tachys", "reactive", "server", "any", "app"];

/// Fails when the browser's tree has something of the server's.
pub fn check() -> Result {
    let found = names(&format!("--package frontend --target {WASM}"), |name| UNWANTED.contains(&family(name)))?;
    if found.is_empty() {
        return Ok(());
    }
    Err(format!("the browser's program must not hold {}", found.join(", ")).into())
}

/// Fails when the door has something that was not asked for.
pub fn bare() -> Result {
    for package in ["doorward-gate", "doorward"] {
        let chosen = format!("--package {package} --no-default-features --features postgres");
        let found = names(&chosen, |name| FACE.contains(&family(name)) || name.contains("sqlite"))?;
        if !found.is_empty() {
            return Err(format!("{package} without its features must not hold {}", found.join(", ")).into());
        }
    }
    Ok(())
}

/// The crates of a tree that are unwanted there.
fn names(tree: &str, is_unwanted: impl Fn(&str) -> bool) -> Result<Vec<String>> {
    let tree = output(&mut cargo(&format!("tree {tree} --edges normal --prefix none --format {{p}}")))?;
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    let mut found: Vec<String> = names.filter(|name| is_unwanted(name)).map(str::to_owned).collect();
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// The first word of a name: `tower-service` is of `tower`.
fn family(name: &str) -> &str {
    name.split(['-', '_']).next().unwrap_or(name)
}
