//! Everything that a list has, piece by piece, in the memory of one piece.

use super::{
    NewEvent,
    line::Line,
    list::wanted,
    store::page::{Choice, Wanted, choose, lines},
};
use crate::{Result, ctx::Ctx, gate::Gate};
use serde_json::json;
use wire::{
    audit::{Action, EventExport, ExportFormat},
    policy,
};

/// Events that are read at once.
const PIECE: i64 = 2_000;

/// An export that has begun.
pub struct Export {
    gate: Gate,
    wanted: Wanted,
    choice: Choice,
    format: ExportFormat,
    has_begun: bool,
    has_ended: bool,
    /// How long the last piece was: so long will the next one be.
    size: usize,
}

/// Begins to export all events of a list; the export is an event itself.
///
/// # Errors
/// 403 without `audit`, 422 with the field that is wrong.
pub async fn export(ctx: &Ctx, query: EventExport) -> Result<Export> {
    ctx.may(&policy::EXPORT_EVENTS)?;
    let format = query.format;
    let list = query.list();
    let mut wanted = wanted(&list)?;
    // What is written while the export runs is not in it, or it would never end.
    wanted.to = wanted.to.min(ctx.now().plus(1));
    ctx.gate().writer().flush().await;
    let change = ctx.change().await?;
    change.commit(NewEvent::new(Action::AuditExport).with(json!({ "format": format, "filter": list }))).await?;
    let choice = choose(ctx.gate().db().pool(), &wanted).await?;
    Ok(Export { gate: ctx.gate().clone(), wanted, choice, format, has_begun: false, has_ended: false, size: 0 })
}

impl Export {
    /// The next piece, of whole lines; nothing after the last one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let mut piece = Vec::with_capacity(self.size + self.size / 8);
        if !self.has_begun && self.format == ExportFormat::Csv {
            Line::write_head(&mut piece);
        }
        self.has_begun = true;
        while !self.has_ended {
            let found = lines(self.gate.db().pool(), &self.wanted, &self.choice, PIECE).await?;
            for line in found.rows.iter().filter_map(|text| Line::read(text)) {
                match self.format {
                    ExportFormat::Jsonl => line.write_json(&mut piece),
                    ExportFormat::Csv => line.write_csv(&mut piece),
                }
            }
            self.has_ended = found.next.is_none();
            self.wanted.after = found.next;
            if !piece.is_empty() {
                break;
            }
        }
        self.size = piece.len();
        Ok((!piece.is_empty()).then_some(piece))
    }
}
