//! The audit log over REST.

use super::{Export, export, get, list};
use crate::{
    Result,
    ctx::Ctx,
    http::{
        Id, Query, Reply, reply,
        routes::{Doc, Routes},
        stream,
    },
};
use http_body_util::channel::{Channel, Sender};
use std::io;
use wire::{
    EventId, Page,
    audit::{Event, EventExport, EventQuery, ExportFormat},
    policy,
};

const JSON_LINES: &str = "application/x-ndjson";
const CSV: &str = "text/csv; charset=utf-8";

/// Pieces of an export that wait for a slow reader.
const AHEAD: usize = 2;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .on(&policy::LIST_EVENTS, list_events, Doc::new().query::<EventQuery>().returns::<Page<Event>>(200))
        .on(&policy::EXPORT_EVENTS, export_events, Doc::new().query::<EventExport>().streams(&[JSON_LINES, "text/csv"]))
        .on(&policy::GET_EVENT, get_event, Doc::new().returns::<Event>(200))
}

async fn list_events(ctx: Ctx, Query(query): Query<EventQuery>) -> Reply {
    reply(&ctx, 200, list(&ctx, query).await)
}

async fn get_event(ctx: Ctx, Id(id): Id<EventId>) -> Reply {
    reply(&ctx, 200, get(&ctx, id).await)
}

async fn export_events(ctx: Ctx, Query(query): Query<EventExport>) -> Reply {
    match download(&ctx, query).await {
        Ok(answer) => answer,
        Err(error) => reply::<()>(&ctx, 200, Err(error)),
    }
}

/// Answers with an export, as a file that a browser saves.
///
/// # Errors
/// As [`export`].
pub async fn download(ctx: &Ctx, query: EventExport) -> Result<Reply> {
    let (media, ending) = match query.format {
        ExportFormat::Jsonl => (JSON_LINES, "jsonl"),
        ExportFormat::Csv => (CSV, "csv"),
    };
    let export = export(ctx, query).await?;
    let (sender, body) = Channel::new(AHEAD);
    let day = ctx.now().to_string();
    let file = format!("doorward-audit-{}.{ending}", day.get(..10).unwrap_or_default());
    tokio::spawn(pour(ctx.clone(), export, sender));
    Ok(stream(media, &file, body))
}

/// Hands the pieces over as they are taken, until the last one or until nobody takes them.
async fn pour(ctx: Ctx, mut export: Export, mut sender: Sender<axum::body::Bytes, io::Error>) {
    loop {
        match export.next().await {
            Ok(Some(piece)) => {
                if sender.send_data(piece.into()).await.is_err() {
                    return;
                }
            }
            Ok(None) => return,
            Err(error) => {
                let failure = error.into_failure(ctx.request_id());
                return sender.abort(io::Error::other(failure));
            }
        }
    }
}
