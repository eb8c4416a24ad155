//! Restoring a backup: read through once before anything is touched, then put in the place of what there
//! is in one transaction, so that it is whole or not at all, and a running server may go on.

use super::{
    file::{Head, In, Line},
    refuse, seen,
    store::{self, Alive},
};
use crate::{
    Result,
    audit::NewEvent,
    bus::Signal,
    change::{Change, Turn},
    ctx::Ctx,
    db::{
        Db,
        dump::{self, Column, Rows, TABLES, Table},
        held, newest_schema,
    },
    live::relay,
    secret::{
        kept::{self, Source},
        rotate,
    },
    settings, users,
};
use sqlx::AnyConnection;
use std::io::{BufRead, Seek, SeekFrom};
use wire::{Timestamp, audit::Action, setup::SetupState};

/// How a backup is restored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Restore {
    /// Whether what there is may be replaced.
    pub is_forced: bool,
    /// Whether API keys stay good that could have been revoked after the backup.
    pub keeps_keys: bool,
}

/// What came of a restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restored {
    /// The moment that the backup shows.
    pub at: Timestamp,
    /// How many rows it has.
    pub rows: u64,
    /// Keys of the backup that are revoked now.
    pub revoked_keys: usize,
    /// Users of the backup who are disabled now.
    pub disabled_users: usize,
    /// Whether something was there before.
    pub has_replaced: bool,
}

/// Where rows go.
struct Place {
    table: Table,
    columns: Vec<Column>,
    /// Where each of the columns stands in a row.
    at: Vec<usize>,
}

/// Puts a backup in the place of what there is. All sessions end. Who was disabled or deleted, and which
/// keys were revoked, after the backup, is looked up in what is replaced; where nothing is replaced the
/// keys are revoked, unless they are to be kept.
///
/// # Errors
/// 403 but for the server's own shell; 400 for what is no whole backup, or of a newer Doorward, or where
/// something would be replaced without force. Then nothing was changed.
pub async fn restore(ctx: &Ctx, file: &mut (impl BufRead + Seek), how: Restore) -> Result<Restored> {
    ctx.at_the_shell()?;
    let gate = ctx.gate();
    let newest = newest_schema();
    let (head, rows) = check(file, newest)?;
    file.seek(SeekFrom::Start(0)).map_err(|error| refuse(format!("The backup can not be read again: {error}.")))?;
    let mut change = ctx.change().await?;
    change.turn(Turn::Setup).await?;
    change.turn(Turn::People).await?;
    change.turn(Turn::Audit).await?;
    let has_replaced = is_in_use(&mut change).await?;
    if has_replaced && !how.is_forced {
        return Err(refuse("There are accounts in this database already. Restore into a new one, or replace everything with --force."));
    }
    let before = store::alive(change.db()).await?;
    let kept = settings::store::value_in(change.db(), kept::SETTING).await?;
    dump::empty(change.db(), gate.db().engine()).await?;
    if head.schema == newest {
        load(file, change.db(), gate.db()).await?;
    } else {
        load_older(file, &head, change.db(), gate.db()).await?;
    }
    store::raise(change.db()).await?;
    // It is about messages, which no backup holds.
    held::remove(change.db(), relay::NAME).await?;
    let mut restored = Restored { at: head.at, rows, revoked_keys: 0, disabled_users: 0, has_replaced };
    restored.revoked_keys = revoke(ctx, &mut change, &before, how, has_replaced).await?;
    if has_replaced {
        restored.disabled_users = disable(ctx, &mut change, &before).await?;
    }
    // What was in use keeps its secret: the backup's may have been given up for a reason.
    let adopted = if has_replaced { None } else { head.secret.as_deref() };
    keep_secret(ctx, &mut change, kept.as_deref(), adopted).await?;
    change.signal(Signal::Everything);
    change.commit(NewEvent::new(Action::BackupRestore).with(seen(&head, &restored))).await?;
    open_anew(ctx, &head).await?;
    Ok(restored)
}

/// Reads a backup from end to end; gives its head and the number of its rows.
fn check(file: &mut impl BufRead, newest: i64) -> Result<(Head, u64)> {
    let (mut lines, head) = In::begin(file)?;
    if head.schema > newest {
        return Err(refuse(format!(
            "This backup was made by a newer Doorward (version {}, schema {}). Restore it with that version.",
            head.version, head.schema
        )));
    }
    let (mut width, mut total) = (None, 0);
    while let Some(line) = lines.next()? {
        match line {
            Line::Table(name, columns) => {
                if dump::table_of(&name).is_none() {
                    return Err(lines.damaged("there is no such table"));
                }
                width = Some(columns.len());
            }
            Line::Row(row) if width == Some(row.len()) => {}
            Line::Row(_) => return Err(lines.damaged("this row has another length than its table")),
            Line::End(rows) => total = rows,
        }
    }
    Ok((head, total))
}

/// Whether a restore would replace what somebody made.
async fn is_in_use(change: &mut Change) -> Result<bool> {
    let setup = settings::store::value_in(change.db(), "setup").await?;
    let is_begun = setup.is_some_and(|text| text != SetupState::Unclaimed.as_str());
    Ok(is_begun || store::has_users(change.db()).await?)
}

/// Puts the rows of a file into empty tables of the same schema.
async fn load(file: &mut impl BufRead, into: &mut AnyConnection, db: &Db) -> Result<()> {
    let (mut lines, _) = In::begin(file)?;
    let mut place: Option<Place> = None;
    while let Some(line) = lines.next()? {
        match (line, &place) {
            (Line::Table(name, names), _) => {
                let table = dump::table_of(&name).ok_or_else(|| lines.damaged("there is no such table"))?;
                let all = dump::columns(into, db.engine(), table.name).await?;
                let find = |column: &Column| names.iter().position(|name| *name == column.name);
                let (columns, at): (Vec<_>, Vec<_>) = all.into_iter().filter_map(|column| find(&column).map(|at| (column, at))).unzip();
                if columns.len() != names.len() {
                    return Err(lines.damaged("the table has no such column"));
                }
                place = Some(Place { table, columns, at });
            }
            (Line::Row(row), Some(place)) => {
                let row: Vec<_> = place.at.iter().map(|at| row[*at].clone()).collect();
                dump::insert(into, place.table, &place.columns, &row).await?;
            }
            (Line::Row(_), None) => return Err(lines.damaged("this row has no table")),
            (Line::End(_), _) => {}
        }
    }
    Ok(())
}

/// The same for a backup of an older schema: it goes into a database of that schema first, which is then
/// brought up to date as any other.
async fn load_older(file: &mut impl BufRead, head: &Head, into: &mut AnyConnection, db: &Db) -> Result<()> {
    let fault = |error: crate::db::OpenError| crate::Error::Fault(error.to_string());
    let scratch = Db::scratch(head.schema).await.map_err(fault)?;
    {
        let mut write = scratch.write().await?;
        dump::empty(write.db(), scratch.engine()).await?;
        load(file, write.db(), &scratch).await?;
        write.commit().await?;
    }
    scratch.bring_up_to_date().await.map_err(fault)?;
    let mut from = scratch.snapshot().await?;
    for table in TABLES {
        let columns = dump::columns(&mut from, scratch.engine(), table.name).await?;
        let own = dump::columns(into, db.engine(), table.name).await?;
        let mut rows = Rows::of(*table, &columns);
        loop {
            let piece = rows.next(&mut from).await?;
            if piece.is_empty() {
                break;
            }
            let typed: Vec<Column> = columns.iter().filter_map(|column| own.iter().find(|own| own.name == column.name).cloned()).collect();
            for row in piece {
                dump::insert(into, *table, &typed, &row).await?;
            }
        }
    }
    from.rollback().await?;
    scratch.close().await;
    Ok(())
}

/// Revokes the keys that may have been revoked after the backup; gives how many.
async fn revoke(ctx: &Ctx, change: &mut Change, before: &Alive, how: Restore, has_replaced: bool) -> Result<usize> {
    if how.keeps_keys && !has_replaced {
        return Ok(0);
    }
    let now = store::alive(change.db()).await?;
    let gone: Vec<_> = now.keys.difference(&before.keys).cloned().collect();
    for id in &gone {
        store::revoke(change.db(), id.clone(), ctx.now()).await?;
    }
    Ok(gone.len())
}

/// Disables those who were disabled or deleted after the backup, unless no admin would be left; gives how
/// many.
async fn disable(ctx: &Ctx, change: &mut Change, before: &Alive) -> Result<usize> {
    let now = store::alive(change.db()).await?;
    let mut count = 0;
    for id in store::ids(now.users.difference(&before.users).cloned()) {
        let Some(mut user) = users::store::by_id(change.db(), id).await? else { continue };
        if user.role.is_admin() && user.has_password && users::store::count_active_admins(change.db()).await? <= 1 {
            continue;
        }
        user.is_disabled = true;
        user.updated_at = ctx.now();
        users::store::save(change.db(), &user, true).await?;
        count += 1;
    }
    Ok(count)
}

/// Keeps the signing secret that was there, or takes the backup's.
async fn keep_secret(ctx: &Ctx, change: &mut Change, kept: Option<&str>, adopted: Option<&str>) -> Result<()> {
    let gate = ctx.gate();
    let master = kept::master(&gate.config().auth).map_err(crate::Error::Fault)?;
    let ring = adopted.map(|text| kept::open_from_database(text, master.as_deref())).transpose();
    let ring = ring.map_err(|problem| refuse(format!("The signing secret of the backup can not be read: {problem}.")))?;
    match (gate.secret_source(), ring) {
        (Source::Database, ring) => {
            let text = ring.map(|ring| kept::seal_for_database(&ring.text(), master.as_deref(), gate.random()));
            if let Some(text) = text.as_deref().or(kept) {
                settings::store::set(change.db(), kept::SETTING, text, ctx.now()).await?;
            }
        }
        (Source::File(file), Some(ring)) => kept::write(file, &ring.text(), true)
            .map_err(|error| refuse(format!("The file {} can not be written: {error}.", file.display())))?,
        (Source::File(_) | Source::Configured | Source::Nowhere, _) => {}
    }
    Ok(())
}

/// Seals with the present key what the backup has sealed with its own.
async fn open_anew(ctx: &Ctx, head: &Head) -> Result<()> {
    let gate = ctx.gate();
    let Some(text) = &head.secret else { return rotate::seal_anew(ctx).await };
    let master = kept::master(&gate.config().auth).map_err(crate::Error::Fault)?;
    match kept::open_from_database(text, master.as_deref()) {
        Ok(ring) => rotate::seal_anew_after(ctx, &ring).await,
        Err(problem) => {
            tracing::warn!("what is sealed in the backup may have to be given again: {problem}");
            Ok(())
        }
    }
}
