//! `make bench`: the server on loopback, its costs as ratios that were measured side by side in one
//! run. Prints a table in Markdown. Everything is bounded in time and count. Words choose parts, and
//! `--quick` measures less.

mod audit;
mod bare;
mod client;
mod embed;
mod issuer;
mod lists;
mod live;
mod nginx;
mod process;
mod proxy;
mod rates;
mod revocation;
mod sockets;
mod streams;

use std::{fmt::Write, io, process::ExitCode, time::Duration};

/// What goes wrong here goes wrong for whoever reads the terminal.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// One line of the table.
pub struct Row {
    what: String,
    measured: String,
    bar: &'static str,
}

impl Row {
    fn new(what: impl Into<String>, measured: impl Into<String>, bar: &'static str) -> Self {
        Self { what: what.into(), measured: measured.into(), bar }
    }
}

/// How long each half of a round lasts, and how many rounds there are.
#[derive(Clone, Copy)]
pub struct Effort {
    half: Duration,
    rounds: usize,
    many_users: u64,
    many_events: u64,
    sockets: u64,
    bytes: u64,
    /// How often something is revoked, and how often the database goes in the midst of it.
    revocations: usize,
    outages: usize,
}

/// What can be measured by itself, in this order.
const PARTS: [&str; 11] = ["rates", "embed", "issuer", "proxy", "lists", "audit", "process", "sockets", "streams", "live", "revocation"];

#[tokio::main]
async fn main() -> ExitCode {
    let (flags, parts): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|word| word.starts_with("--"));
    let is_quick = flags.iter().any(|word| word == "--quick");
    let effort = if is_quick {
        Effort {
            half: Duration::from_millis(300),
            rounds: 3,
            many_users: 20_000,
            many_events: 50_000,
            sockets: 1_000,
            bytes: 200_000_000,
            revocations: 100,
            outages: 10,
        }
    } else {
        Effort {
            half: Duration::from_secs(1),
            rounds: 9,
            many_users: 1_000_000,
            many_events: 10_000_000,
            sockets: 10_000,
            bytes: 5_000_000_000,
            revocations: 1_000,
            outages: 100,
        }
    };
    match run(effort, &parts).await {
        Ok(table) => {
            use io::Write as _;
            _ = writeln!(io::stdout(), "{table}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("doorward-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures the parts with these names, or all.
async fn run(effort: Effort, chosen: &[String]) -> Result<String> {
    if let Some(wrong) = chosen.iter().find(|name| !PARTS.contains(&name.as_str())) {
        return Err(format!("`{wrong}` can not be measured; there are {}", PARTS.join(", ")).into());
    }
    let mut rows = Vec::new();
    for part in PARTS.iter().filter(|part| chosen.is_empty() || chosen.iter().any(|name| name == *part)) {
        rows.extend(match *part {
            "rates" => rates::measure(effort).await?,
            "embed" => embed::measure(effort).await?,
            "issuer" => issuer::measure(effort).await?,
            "proxy" => proxy::measure(effort).await?,
            "lists" => lists::measure(effort).await?,
            "audit" => audit::measure(effort).await?,
            "process" => process::measure().await?,
            "sockets" => sockets::measure(effort).await?,
            "streams" => streams::measure(effort).await?,
            "live" => live::measure(effort).await?,
            _ => revocation::measure(effort).await?,
        });
    }
    let cores = std::thread::available_parallelism()?;
    let mut table = format!("{cores} cores; median of {} rounds; A and B in turns, {:?} each.\n\n", effort.rounds, effort.half);
    table.push_str("| what | measured | bar |\n| --- | --- | --- |\n");
    for Row { what, measured, bar } in rows {
        writeln!(table, "| {what} | {measured} | {bar} |")?;
    }
    Ok(table)
}

/// The middle one.
fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}
