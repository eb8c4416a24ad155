//! The audit log with few events and with many: a page of it, and the export of all.

use crate::{
    Effort, Result, Row,
    client::{Client, get},
    median, process,
    rates::Running,
};
use std::time::Instant;

/// Events that are written in one transaction: one of all would need the disk twice.
const AT_ONCE: u64 = 500_000;
/// Requests for each number.
const TIMES: usize = 101;
const FEW: u64 = 10_000;

pub async fn measure(effort: Effort) -> Result<Vec<Row>> {
    let few = pages(FEW).await?;
    let many = pages(effort.many_events).await?;
    let events = effort.many_events;
    let row = |name: &str, few: f64, many: f64, bar: &'static str| {
        Row::new(format!("audit log, {name}: {events} events ÷ {FEW}"), format!("{:.2}× ({many:.2} ms, {few:.2} ms)", many / few), bar)
    };
    Ok(vec![
        row("a page", few.page, many.page, "about 1"),
        row("a page of one actor", few.of_actor, many.of_actor, "about 1"),
        // Of 10,000 events a window of the actor's is not full yet; it is never fuller than full.
        row("two filters that leave nothing", few.of_nothing, many.of_nothing, "bounded"),
        Row::new(format!("export of {events} events"), format!("{:.0} rows/s", many.rate), "≥ 100,000 rows/s"),
        Row::new("memory that the export takes", format!("{:.1} MB", many.memory), "flat"),
    ])
}

struct Numbers {
    page: f64,
    of_actor: f64,
    of_nothing: f64,
    rate: f64,
    memory: f64,
}

async fn pages(events: u64) -> Result<Numbers> {
    let running = Running::start().await?;
    fill(&running, events).await?;
    let mut client = Client::connect(running.address).await?;
    let mut medians = Vec::new();
    for path in ["/api/v1/audit?limit=50", "/api/v1/audit?limit=50&actor=u7", "/api/v1/audit?limit=50&actor=u7&action=user."] {
        let mut times = Vec::new();
        for _ in 0..TIMES {
            let begun = Instant::now();
            client.json(get(path, Some(&running.token))).await?;
            times.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
        medians.push(median(times));
    }
    let before = process::resident(std::process::id())?;
    let begun = Instant::now();
    let mut memory: f64 = 0.0;
    let lines = client.lines(get("/api/v1/audit/export", Some(&running.token)), || {
        memory = memory.max(process::resident(std::process::id()).unwrap_or_default() - before);
    });
    let lines = lines.await?;
    if lines < events {
        return Err(format!("the export had {lines} of {events} events").into());
    }
    let rate = lines as f64 / begun.elapsed().as_secs_f64();
    running.door.close().await;
    Ok(Numbers { page: medians[0], of_actor: medians[1], of_nothing: medians[2], rate, memory })
}

/// Writes events straight into the database, as if they had been chained; they are not checked here.
async fn fill(running: &Running, events: u64) -> Result<()> {
    let pool = sqlx::sqlite::SqlitePool::connect(&format!("sqlite:{}", running.file().display())).await?;
    let statement = r#"
        WITH RECURSIVE n (i) AS (SELECT $1 UNION ALL SELECT i + 1 FROM n WHERE i < $2)
        INSERT INTO events (id, at, action, outcome, actor_kind, actor_id, actor_name, target_kind, target_id, target_name,
                            ip, user_agent, request_id, session_id, detail, seq, hash)
        SELECT printf('00000000-0000-7000-8000-%012x', i), 1700000000000 + i, CASE i % 10 WHEN 0 THEN 'user.update' ELSE 'session.start' END,
               'success', 'user', 'u' || (i % 100), 'mara.lindqvist', 'user', 't' || (i % 1000), 'leo', '203.0.113.7',
               'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0', printf('00000000-0000-7000-9000-%012x', i),
               printf('00000000-0000-7000-a000-%012x', i), '{"before":{"role":"viewer"},"after":{"role":"operator"}}', 1000000 + i, ''
        FROM n"#;
    for first in (1..=events).step_by(usize::try_from(AT_ONCE)?) {
        let last = events.min(first + AT_ONCE - 1);
        sqlx::query(statement).bind(i64::try_from(first)?).bind(i64::try_from(last)?).execute(&pool).await?;
    }
    pool.close().await;
    Ok(())
}
