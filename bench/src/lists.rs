//! The list of users with few and with many: the first page and the last.

use crate::{
    Effort, Result, Row,
    client::{Client, get},
    median,
    rates::{Running, text},
};
use std::time::Instant;

/// Requests for each number.
const TIMES: usize = 101;
const FEW: u64 = 1_000;

pub async fn measure(effort: Effort) -> Result<Vec<Row>> {
    let few = pages(FEW).await?;
    let many = pages(effort.many_users).await?;
    let row = |name: &str, few: f64, many: f64| {
        let what = format!("users, {name} page of 50: {} people ÷ {FEW}", effort.many_users);
        Row::new(what, format!("{:.2}× ({many:.2} ms, {few:.2} ms)", many / few), "about 1")
    };
    Ok(vec![row("first", few.0, many.0), row("last", few.1, many.1)])
}

/// The median times of the first and of the last page, in milliseconds.
async fn pages(people: u64) -> Result<(f64, f64)> {
    let running = Running::start().await?;
    fill(&running, people).await?;
    let mut client = Client::connect(running.address).await?;
    let first = "/api/v1/users?limit=50".to_owned();
    let last = last_page(&mut client, &running.token, people).await?;
    let mut medians = Vec::new();
    for path in [&first, &last] {
        let mut times = Vec::new();
        for _ in 0..TIMES {
            let begun = Instant::now();
            client.json(get(path, Some(&running.token))).await?;
            times.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
        medians.push(median(times));
    }
    running.door.close().await;
    Ok((medians[0], medians[1]))
}

/// Walks to the end by large pages, then gives the address of the last fifty.
async fn last_page(client: &mut Client, token: &str, people: u64) -> Result<String> {
    let mut path = "/api/v1/users?limit=200".to_owned();
    let mut seen = 0;
    loop {
        let page = client.json(get(&path, Some(token))).await?;
        seen += page["items"].as_array().map_or(0, Vec::len) as u64;
        let cursor = text(&page, "nextCursor");
        // The cursor of a page of 200 is good for pages of 50 too: it names a row, not a number.
        if seen + 200 >= people {
            return Ok(format!("/api/v1/users?limit=50&cursor={cursor}"));
        }
        if cursor.is_empty() {
            return Err(format!("the list ended after {seen} of {people}").into());
        }
        path = format!("/api/v1/users?limit=200&cursor={cursor}");
    }
}

/// Writes people straight into the database: through the product it would take a hash each.
async fn fill(running: &Running, people: u64) -> Result<()> {
    let pool = sqlx::sqlite::SqlitePool::connect(&format!("sqlite:{}", running.file().display())).await?;
    let statement = "
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
        INSERT INTO users (id, username, username_key, email, email_key, role, source, facet, created_at, updated_at)
        SELECT printf('00000000-0000-7000-8000-%012x', i), printf('person%08d', i), printf('person%08d', i),
               printf('person%08d@example.com', i), printf('person%08d@example.com', i), 'viewer', 'local', 'viewer local active', 1800000000000 + i, 1800000000000 + i
        FROM n";
    sqlx::query(statement).bind(i64::try_from(people)?).execute(&pool).await?;
    sqlx::query("ANALYZE").execute(&pool).await?;
    pool.close().await;
    Ok(())
}
