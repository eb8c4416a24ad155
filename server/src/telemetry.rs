//! Log lines, on standard error: for people on a terminal, as JSON elsewhere.

use crate::load::{LogFormat, Settings};
use std::io::IsTerminal;
use tracing_subscriber::{EnvFilter, fmt};

/// Starts writing log lines.
pub fn start(settings: &Settings) {
    // sqlx writes its statements at debug, with values that are nobody's business.
    // What its pool complains of, the product tells in words of its own.
    let filter = EnvFilter::new(format!("{},sqlx=warn,sqlx_core=off,hyper=warn,h2=warn", settings.log_level));
    let is_human = match settings.log_format {
        LogFormat::Auto => std::io::stderr().is_terminal(),
        LogFormat::Human => true,
        LogFormat::Json => false,
    };
    let lines = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Only a second start could fail, and then lines are written already.
    _ = if is_human {
        lines.with_target(false).with_ansi(std::io::stderr().is_terminal()).try_init()
    } else {
        lines.json().flatten_event(true).try_init()
    };
}
