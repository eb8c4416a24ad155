//! What the browser's program is made of: nothing of the server's world may slip in.
use crate::{
    Result,
    command::{cargo, output},
    setup::WASM,
};

/// The server's world, and the large calendars.
const UNWANTED: [&str; 9] = ["sqlx", "tokio", "axum", "hyper", "tower", "utoipa", "reqwest", "chrono", "jiff"];

/// Fails when one of these crates, or of their families, is in the browser's tree.
pub fn check() -> Result {
    let tree = output(&mut cargo(&format!("tree --package frontend --target {WASM} --edges normal --prefix none --format {{p}}")))?;
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    let mut found: Vec<&str> = names.filter(|name| is_unwanted(name)).collect();
    found.sort_unstable();
    found.dedup();
    if found.is_empty() {
        return Ok(());
    }
    Err(format!("the browser's program must not hold {}", found.join(", ")).into())
}

/// Judges by the first word of the name, so that `tower-service` is `tower`.
fn is_unwanted(name: &str) -> bool {
    let family = name.split(['-', '_']).next().unwrap_or(name);
    UNWANTED.contains(&family)
}
