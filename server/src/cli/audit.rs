//! `doorward audit`: the audit log, at the server's own shell.

use super::{Shop, Trouble, print};
use clap::{Subcommand, ValueEnum};
use doorward::{
    gate::{
        audit::{self, Verdict, Walk},
        users,
    },
    wire::{
        Order, Timestamp,
        audit::{Event, EventExport, EventQuery, ExportFormat, Outcome},
    },
};

/// What can be done with the audit log.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// List events, the newest first
    List {
        /// Only these actions: user.create,user.delete, or user. for all of that noun
        #[arg(long)]
        action: Option<String>,
        /// Only those done by this user
        #[arg(long, value_name = "USER")]
        actor: Option<String>,
        /// Only those that ended so
        #[arg(long)]
        outcome: Option<Ended>,
        /// Only from this time on: 2026-01-31T00:00:00Z
        #[arg(long, value_name = "TIME")]
        from: Option<String>,
        /// Only before this time
        #[arg(long, value_name = "TIME")]
        to: Option<String>,
        /// So many at the most
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Check that no event was altered, removed or put in; exit code 1 when one was
    Verify,
    /// Write all events to standard output, the oldest first
    Export {
        /// jsonl, or csv for spreadsheets
        #[arg(long, default_value = "jsonl")]
        format: Format,
        /// Only these actions: user.create,user.delete, or user. for all of that noun
        #[arg(long)]
        action: Option<String>,
        /// Only from this time on: 2026-01-31T00:00:00Z
        #[arg(long, value_name = "TIME")]
        from: Option<String>,
        /// Only before this time
        #[arg(long, value_name = "TIME")]
        to: Option<String>,
    },
}

/// How events are written.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Format {
    Jsonl,
    Csv,
}

/// How events ended.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Ended {
    Success,
    Denied,
    Failure,
}

/// Runs a command.
pub async fn run(shop: &Shop, command: &Audit) -> Result<(), Trouble> {
    let ctx = shop.ctx();
    match command {
        Audit::List { action, actor, outcome, from, to, limit, json } => {
            let actor = match actor {
                Some(name) => Some(users::by_name(&ctx, name).await?.id.to_string()),
                None => None,
            };
            let outcome = outcome.map(|ended| match ended {
                Ended::Success => Outcome::Success,
                Ended::Denied => Outcome::Denied,
                Ended::Failure => Outcome::Failure,
            });
            let (from, to) = (time("--from", from.as_deref())?, time("--to", to.as_deref())?);
            let events =
                list(shop, EventQuery { action: action.clone(), actor, outcome, from, to, ..EventQuery::default() }, *limit).await?;
            if *json {
                return print::json(&events);
            }
            print::table(&["AT", "ACTION", "OUTCOME", "ACTOR", "TARGET", "IP"], &events.iter().map(row).collect::<Vec<_>>());
            Ok(())
        }
        Audit::Verify => match audit::verify(&ctx).await? {
            Verdict::Unbroken(walk) => {
                words(&walk).iter().for_each(|line| print::line(line));
                Ok(())
            }
            Verdict::Broken(place) => {
                let event = place.id.as_ref().map_or_else(String::new, |id| format!(", event {id}"));
                Err(Trouble::failed(format!(
                    "The audit log was changed. First place that does not fit: {}{event}.\n{}",
                    place.seq, place.meaning
                )))
            }
        },
        Audit::Export { format, action, from, to } => {
            let format = match format {
                Format::Jsonl => ExportFormat::Jsonl,
                Format::Csv => ExportFormat::Csv,
            };
            let (from, to) = (time("--from", from.as_deref())?, time("--to", to.as_deref())?);
            let query = EventExport { format, action: action.clone(), from, to, order: Order::Asc, ..EventExport::default() };
            let mut export = audit::export(&ctx, query).await?;
            while let Some(piece) = export.next().await? {
                print::bytes(&piece);
            }
            Ok(())
        }
    }
}

/// The first events of a list, page by page.
async fn list(shop: &Shop, query: EventQuery, limit: u32) -> Result<Vec<Event>, Trouble> {
    let ctx = shop.ctx();
    let mut events: Vec<Event> = Vec::new();
    let mut cursor = None;
    loop {
        let page = audit::list(&ctx, EventQuery { limit: Some(limit.min(200)), cursor, ..query.clone() }).await?;
        events.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() || events.len() >= limit as usize {
            events.truncate(limit as usize);
            return Ok(events);
        }
    }
}

fn row(event: &Event) -> Vec<String> {
    let target = event.target.as_ref().map(|target| target.name.clone()).unwrap_or_default();
    let (action, outcome) = (event.action.as_str().to_owned(), event.outcome.as_str().to_owned());
    vec![event.at.to_string(), action, outcome, event.actor.name.clone(), target, event.ip.clone()]
}

fn time(flag: &str, given: Option<&str>) -> Result<Option<Timestamp>, Trouble> {
    let read = |text: &str| {
        Timestamp::parse(text).ok_or_else(|| Trouble::usage(format!("{flag}: expected a time like 2026-01-31T00:00:00Z, not {text}")))
    };
    given.map(read).transpose()
}

/// What an unbroken log is told as.
fn words(walk: &Walk) -> Vec<String> {
    let mut lines = Vec::new();
    lines.push(match (walk.from, walk.to) {
        (Some(from), Some(to)) => format!("{} events, unbroken from {from} to {to}.", walk.events),
        _ => "There are no events in the chain yet.".into(),
    });
    if walk.waiting > 0 {
        lines.push(format!("{} more were just written, and are not in the chain yet.", walk.waiting));
    }
    if walk.earlier > 0 {
        lines.push(format!("{} earlier ones were chained with another signing secret, and can't be checked with this one.", walk.earlier));
    }
    lines
}
