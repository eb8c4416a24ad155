//! Backup and restore: everything that lasts, in one file of JSON lines that both databases read and
//! write. No session is in it: whoever was signed in signs in again, and what ended after the backup
//! does not come alive.

mod file;
mod load;
mod store;

pub use load::{Restore, Restored, restore};

use crate::{
    Result,
    audit::NewEvent,
    ctx::Ctx,
    db::{
        dump::{self, Rows, TABLES},
        newest_schema,
    },
    secret::kept::{self, Source},
    settings,
};
use file::{Head, Out};
use serde_json::json;
use std::io::Write;
use wire::{Code, Failure, Timestamp, audit::Action};

/// What a backup holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    /// The moment that it shows.
    pub at: Timestamp,
    /// How many rows.
    pub rows: u64,
    /// Whether the signing secret is in it; one that is configured is not.
    pub has_secret: bool,
}

/// Writes a backup of how everything is at this moment; changes go on meanwhile.
///
/// # Errors
/// 403 but for the server's own shell; when the database does not answer, or the file can not be written.
pub async fn write(ctx: &Ctx, out: &mut dyn Write) -> Result<Made> {
    ctx.at_the_shell()?;
    let gate = ctx.gate();
    ctx.gate().writer().flush().await;
    let change = ctx.change().await?;
    change.commit(NewEvent::new(Action::BackupCreate)).await?;
    let engine = gate.db().engine();
    let mut snapshot = gate.db().snapshot().await?;
    let head = Head {
        doorward: file::NAME.into(),
        format: file::FORMAT,
        version: env!("CARGO_PKG_VERSION").into(),
        schema: newest_schema(),
        at: ctx.now(),
        kid: gate.keys().kid().to_string(),
        secret: secret(ctx).await?,
    };
    let has_secret = head.secret.is_some();
    let mut out = Out::begin(out, &head)?;
    for table in TABLES {
        let columns = dump::columns(&mut snapshot, engine, table.name).await?;
        out.table(table.name, &columns)?;
        let mut rows = Rows::of(*table, &columns);
        loop {
            let piece = rows.next(&mut snapshot).await?;
            if piece.is_empty() {
                break;
            }
            for row in piece {
                // It stands in the head, where it is told apart.
                if table.name == "settings" && row.first().is_some_and(|name| name == kept::SETTING) {
                    continue;
                }
                out.row(&row)?;
            }
        }
    }
    // Nothing was changed; this only ends the snapshot.
    snapshot.rollback().await?;
    Ok(Made { at: ctx.now(), rows: out.end()?, has_secret })
}

/// The signing secret as it is kept: sealed, where the database has it sealed.
async fn secret(ctx: &Ctx) -> Result<Option<String>> {
    match ctx.gate().secret_source() {
        Source::File(file) => {
            let ring = kept::read(file).map_err(|error| crate::Error::Fault(error.to_string()))?;
            Ok(Some(ring.text()))
        }
        Source::Database => Ok(settings::store::value(ctx.gate().db().pool(), kept::SETTING).await?),
        Source::Configured | Source::Nowhere => Ok(None),
    }
}

fn refuse(detail: impl Into<String>) -> crate::Error {
    Failure::new(Code::BadRequest, detail).into()
}

/// What an event keeps of a backup.
fn seen(head: &Head, restored: &Restored) -> serde_json::Value {
    json!({
        "madeAt": head.at,
        "rows": restored.rows,
        "revokedKeys": restored.revoked_keys,
        "disabledUsers": restored.disabled_users,
        "replaced": restored.has_replaced,
    })
}
