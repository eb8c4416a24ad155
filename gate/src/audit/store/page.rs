//! A piece of the log, at a cost that does not grow with the log.
//!
//! A list is walked along one index, that of the filter with the fewest events; several actions are as
//! many ranges of one index, merged. What the other filters leave of a window of it is the piece, which
//! may therefore be short, or empty, and still not be the last: the next one begins where the window
//! ended.

use super::read;
use crate::{audit::line::Line, db::sql::Sql};
use sqlx::{AnyPool, Row, any::AnyRow};
use wire::{
    Order, Timestamp,
    audit::{Action, Event, Outcome, WINDOW},
};

/// What a place is read from; no index has all of it, so that each is as good as the others but for its
/// order.
const END: &str = "at, id, detail";

/// A place in the order: the time and the id of an event.
pub(crate) type Place = (i64, String);

/// The beginning of a name.
#[derive(Debug, Clone)]
pub(crate) struct Prefix {
    /// As it was typed, where names are ids.
    exact: String,
    /// Without regard to case; as SQLite folds it, and as PostgreSQL does.
    folded: [String; 2],
    length: i64,
}

impl Prefix {
    /// The beginning that was typed.
    pub(crate) fn of(text: &str) -> Self {
        let folded = [text.to_ascii_lowercase(), text.to_lowercase()];
        Self { exact: text.to_owned(), folded, length: i64::try_from(text.chars().count()).unwrap_or(i64::MAX) }
    }
}

/// Which events are wanted.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// Those of these actions; of all when there is none.
    pub(crate) actions: Vec<Action>,
    /// Done by this id.
    pub(crate) actor: Option<String>,
    /// Done to this id.
    pub(crate) target: Option<String>,
    pub(crate) outcome: Option<Outcome>,
    /// From this address.
    pub(crate) ip: Option<String>,
    /// In this session.
    pub(crate) session: Option<String>,
    /// At this time or later.
    pub(crate) from: Timestamp,
    /// Before this time.
    pub(crate) to: Timestamp,
    pub(crate) prefix: Option<Prefix>,
    pub(crate) order: Order,
    /// The event before the piece, or the end of the window before.
    pub(crate) after: Option<Place>,
}

/// The indexes, each named by its first column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Index {
    Target,
    Actor,
    Ip,
    Action,
    Outcome,
    At,
}

impl Index {
    const fn column(self) -> &'static str {
        match self {
            Self::Target => "target_id",
            Self::Actor => "actor_id",
            Self::Ip => "ip",
            Self::Action => "action",
            Self::Outcome => "outcome",
            Self::At => "at",
        }
    }
}

/// The index that is walked, and the values of its first column.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    index: Index,
    /// One range a value; the whole index has none.
    values: Vec<String>,
}

/// A piece.
pub(crate) struct Piece<T> {
    pub(crate) rows: Vec<T>,
    /// Where the next piece begins, if there may be one.
    pub(crate) next: Option<Place>,
}

/// The events of a page.
pub(crate) async fn page(db: &AnyPool, wanted: &Wanted, limit: i64) -> Result<Piece<Event>, sqlx::Error> {
    let choice = choose(db, wanted).await?;
    piece(db, wanted, &choice, limit, "*", read, |event| Some((event.at.0, event.id.to_string()))).await
}

/// The events of a piece, each as one text that [`Line`] reads.
pub(crate) async fn lines(db: &AnyPool, wanted: &Wanted, choice: &Choice, limit: i64) -> Result<Piece<String>, sqlx::Error> {
    let read = |row: &AnyRow| row.try_get(0);
    let place = |text: &String| Line::read(text).map(|line| (line.at().0, line.id().to_owned()));
    piece(db, wanted, choice, limit, super::line!(), read, place).await
}

/// Chooses the index. Where there is only one filter it is that one's; of several filters it is looked
/// up, as far as a window reaches, which one leaves the fewest.
pub(crate) async fn choose(db: &AnyPool, wanted: &Wanted) -> Result<Choice, sqlx::Error> {
    let mut choices = wanted.choices();
    if choices.len() < 2 {
        return Ok(choices.pop().unwrap_or(Choice { index: Index::At, values: Vec::new() }));
    }
    let mut best: Option<(i64, Choice)> = None;
    for choice in choices {
        let sql = wanted.ranges(&choice, "1", WINDOW, 0, None).within("SELECT count(*) AS total FROM (", ") AS counted");
        let total: i64 = sql.query().fetch_one(db).await?.try_get("total")?;
        if best.as_ref().is_none_or(|(least, _)| total < *least) {
            best = Some((total, choice));
        }
    }
    Ok(best.map_or(Choice { index: Index::At, values: Vec::new() }, |(_, choice)| choice))
}

async fn piece<T: Send + Unpin>(
    db: &AnyPool,
    wanted: &Wanted,
    choice: &Choice,
    limit: i64,
    what: &'static str,
    read: impl Fn(&AnyRow) -> Result<T, sqlx::Error> + Send + Sync,
    place: impl Fn(&T) -> Option<Place> + Send,
) -> Result<Piece<T>, sqlx::Error> {
    let window = (WINDOW / i64::try_from(choice.values.len().max(1)).unwrap_or(1)).max(limit + 1);
    let is_filtered = wanted.is_filtered_besides(choice);
    let end = if is_filtered { wanted.window_end(db, choice, window).await? } else { None };
    let sql = if is_filtered {
        wanted.merged(choice, what, window, end.as_ref(), limit + 1)
    } else if choice.values.len() > 1 {
        wanted.merged(choice, what, limit + 1, None, limit + 1)
    } else {
        wanted.ranges(choice, what, limit + 1, 0, None)
    };
    let mut rows: Vec<T> = sql.query().try_map(|row: AnyRow| read(&row)).fetch_all(db).await?;
    let shown = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = rows.len() > shown;
    rows.truncate(shown);
    let next = if has_more { rows.last().and_then(place) } else { end };
    Ok(Piece { rows, next })
}

impl Wanted {
    /// The filters that an index serves, the one that leaves the fewest by its nature first.
    fn choices(&self) -> Vec<Choice> {
        let one = |index, value: &Option<String>| value.clone().map(|value| Choice { index, values: vec![value] });
        let actions: Vec<String> = self.actions.iter().map(|action| action.as_str().to_owned()).collect();
        let outcome = self.outcome.map(|outcome| outcome.as_str().to_owned());
        let action = (!actions.is_empty()).then_some(Choice { index: Index::Action, values: actions });
        [one(Index::Target, &self.target), one(Index::Actor, &self.actor), one(Index::Ip, &self.ip), action, one(Index::Outcome, &outcome)]
            .into_iter()
            .flatten()
            .collect()
    }

    /// Whether filters are left that the index does not serve.
    fn is_filtered_besides(&self, choice: &Choice) -> bool {
        self.prefix.is_some() || self.session.is_some() || self.choices().iter().any(|other| other.index != choice.index)
    }

    const fn is_up(&self) -> bool {
        matches!(self.order, Order::Asc)
    }

    /// The first `limit` events of each range after the first `skip`, up to an end where there is one.
    fn ranges(&self, choice: &Choice, what: &'static str, limit: i64, skip: i64, end: Option<&Place>) -> Sql {
        let mut sql = Sql::default();
        if choice.values.is_empty() {
            self.write_range(&mut sql, Index::At, None, what, limit, skip, end);
        } else if let [only] = choice.values.as_slice() {
            self.write_range(&mut sql, choice.index, Some(only), what, limit, skip, end);
        } else {
            for (at, value) in choice.values.iter().enumerate() {
                sql.text(if at == 0 { "SELECT * FROM (" } else { " UNION ALL SELECT * FROM (" });
                self.write_range(&mut sql, choice.index, Some(value), what, limit, skip, end);
                sql.text(") AS part");
            }
        }
        sql
    }

    /// A range of an index, between two places of the order. The first column is compared as a part of
    /// the place: were it compared as equal, PostgreSQL could take the index of the times for the
    /// shorter way, and look at everything to find a few.
    #[expect(clippy::too_many_arguments, reason = "the parts of one statement")]
    fn write_range(
        &self,
        sql: &mut Sql,
        index: Index,
        value: Option<&String>,
        what: &'static str,
        limit: i64,
        skip: i64,
        end: Option<&Place>,
    ) {
        let open = |time: Timestamp| (!matches!(time.0, i64::MIN | i64::MAX)).then(|| (time.0, String::new()));
        let (from, to) = (open(self.from), open(self.to));
        let (after, end) = (self.after.clone(), end.cloned());
        let (low, high) = if self.is_up() { (after.or(from), end.or(to)) } else { (end.or(from), after.or(to)) };
        // No id is empty, so both ends fall between events, or on the one that belongs to the piece.
        let (above, below) = if self.is_up() { (") > (", ") <= (") } else { (") >= (", ") < (") };
        sql.text("SELECT ").text(what).text(" FROM events WHERE 1 = 1");
        for (compared, bound, extreme) in [(above, low, i64::MIN), (below, high, i64::MAX)] {
            // A range of one value has both ends, whatever the times; the whole index need not.
            let Some((time, id)) = bound.or_else(|| value.map(|_| (extreme, String::new()))) else { continue };
            sql.text(" AND (");
            if let Some(value) = value {
                sql.text(index.column()).text(", at, id").text(compared).value(value.clone()).text(", ");
            } else {
                sql.text("at, id").text(compared);
            }
            sql.number(time).text(", ").value(id).text(")");
        }
        sql.text(" ORDER BY ");
        if value.is_some() {
            sql.text(index.column()).text(if self.is_up() { " ASC, " } else { " DESC, " });
        }
        self.write_order(sql);
        sql.text(" LIMIT ").number(limit);
        if skip > 0 {
            sql.text(" OFFSET ").number(skip);
        }
    }

    fn write_order(&self, sql: &mut Sql) {
        sql.text(if self.is_up() { "at ASC, id ASC" } else { "at DESC, id DESC" });
    }

    /// The first events of all ranges together that pass the filters.
    fn merged(&self, choice: &Choice, what: &'static str, window: i64, end: Option<&Place>, limit: i64) -> Sql {
        let ranges = self.ranges(choice, "*", window, 0, end);
        let mut sql = ranges.within(" FROM (", ") AS walked WHERE 1 = 1").within(what, "").within("SELECT ", "");
        for other in self.choices().iter().filter(|other| other.index != choice.index) {
            sql.text(" AND ").text(other.index.column()).text(" IN (");
            for (at, value) in other.values.iter().enumerate() {
                sql.text(if at == 0 { "" } else { ", " }).value(value.clone());
            }
            sql.text(")");
        }
        if let Some(session) = &self.session {
            sql.text(" AND session_id = ").value(session.clone());
        }
        if let Some(prefix) = &self.prefix {
            prefix.write(&mut sql);
        }
        sql.text(" ORDER BY ");
        self.write_order(&mut sql);
        sql.text(" LIMIT ").number(limit);
        sql
    }

    /// The place up to which every range has been looked at: the first end of a window that is full.
    async fn window_end(&self, db: &AnyPool, choice: &Choice, window: i64) -> Result<Option<Place>, sqlx::Error> {
        let sql = self.ranges(choice, END, 1, window - 1, None);
        let read = |row: AnyRow| Ok((row.try_get("at")?, row.try_get("id")?));
        let ends: Vec<Place> = sql.query().try_map(read).fetch_all(db).await?;
        Ok(if self.is_up() { ends.into_iter().min() } else { ends.into_iter().max() })
    }
}

impl Prefix {
    fn write(&self, sql: &mut Sql) {
        for (at, column) in ["actor_name", "target_name"].into_iter().enumerate() {
            sql.text(if at == 0 { " AND (lower(substr(" } else { " OR lower(substr(" }).text(column).text(", 1, CAST(");
            sql.number(self.length).text(" AS INTEGER))) IN (").value(self.folded[0].clone()).text(", ");
            sql.value(self.folded[1].clone()).text(")");
        }
        for column in ["request_id", "action"] {
            sql.text(" OR substr(").text(column).text(", 1, CAST(").number(self.length).text(" AS INTEGER)) = ");
            sql.value(self.exact.clone());
        }
        sql.text(")");
    }
}

#[cfg(test)]
mod tests;
