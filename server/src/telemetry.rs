//! Log lines, on standard error: for people on a terminal, as JSON elsewhere.

use crate::load::{LogFormat, Settings};
use std::io::IsTerminal;
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    registry,
    util::SubscriberInitExt,
};

/// Starts writing log lines.
pub fn start(settings: &Settings) {
    // sqlx writes its statements at debug, with values that are nobody's business.
    // What its pool complains of, the product tells in words of its own.
    let filter = Targets::new()
        .with_default(settings.log_level.parse().unwrap_or(LevelFilter::INFO))
        .with_targets(["sqlx", "hyper", "h2"].map(|target| (target, LevelFilter::WARN)))
        .with_target("sqlx_core", LevelFilter::OFF);
    let is_human = match settings.log_format {
        LogFormat::Auto => std::io::stderr().is_terminal(),
        LogFormat::Human => true,
        LogFormat::Json => false,
    };
    let filtered = registry().with(filter);
    let lines = fmt::layer().with_writer(std::io::stderr);
    // Only a second start could fail, and then lines are written already.
    _ = if is_human {
        filtered.with(lines.with_target(false).with_ansi(std::io::stderr().is_terminal())).try_init()
    } else {
        filtered.with(lines.json().flatten_event(true)).try_init()
    };
}
