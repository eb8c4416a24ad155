//! A change: a write transaction that can not be committed without saying what was done, and whose
//! end tells everybody who keeps something of it in memory.

use crate::{
    Result,
    audit::{self, NewEvent},
    bus::{self, Signal, Unheard},
    ctx::Ctx,
    db::{self, Write},
    live,
};
use sqlx::AnyConnection;
use wire::audit::Event;

/// A write transaction that only an event can commit. Dropped, it leaves no trace.
pub struct Change {
    ctx: Ctx,
    write: Write,
    signals: Vec<Signal>,
    /// What was written of it.
    events: Vec<Event>,
}

/// Rules that count rows wait their turn here, so that two at once can not both pass.
#[derive(Debug, Clone, Copy)]
pub enum Turn {
    /// Who can sign in, and who administers; and whatever is read, judged and written whole, so that of two
    /// who change it at once neither writes over what the other did.
    People,
    /// Setup, and whether sign-in is on.
    Setup,
    /// The chain of the audit log.
    Audit,
}

impl Turn {
    /// Waits for the turn, in a transaction that is not a change of a feature's.
    pub(crate) async fn take(self, db: &mut AnyConnection) -> Result<()> {
        let name = match self {
            Self::People => "people",
            Self::Setup => "setup",
            Self::Audit => "audit",
        };
        db::bus::take_turn(db, name).await?;
        Ok(())
    }
}

impl Change {
    pub(crate) async fn begin(ctx: Ctx) -> Result<Self> {
        let write = ctx.gate().db().write().await?;
        Ok(Self { ctx, write, signals: Vec::new(), events: Vec::new() })
    }

    /// The connection, for a store's functions.
    pub(crate) fn db(&mut self) -> &mut AnyConnection {
        self.write.db()
    }

    /// Waits for this turn, and keeps it to the end of the transaction. Ask for it first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn turn(&mut self, turn: Turn) -> Result<()> {
        turn.take(self.db()).await
    }

    /// What has to be heard by everybody once this is committed.
    pub fn signal(&mut self, signal: Signal) {
        self.signals.push(signal);
    }

    /// Writes one more event of this change.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn also(&mut self, event: NewEvent) -> Result<()> {
        let event = event.complete(&self.ctx);
        audit::store::insert(self.write.db(), &event).await?;
        self.ctx.gate().metrics().happened(&event);
        self.events.push(event);
        Ok(())
    }

    /// Writes the event, makes it all so, and lets go of what was kept in memory of it, before this
    /// returns: the next request already sees it.
    ///
    /// # Errors
    /// When the database does not answer; then nothing was changed.
    pub async fn commit(mut self, event: NewEvent) -> Result<()> {
        self.also(event).await?;
        self.settle().await
    }

    /// Makes it so without an event: a session that carries on is the same session.
    ///
    /// # Errors
    /// When the database does not answer; then nothing was changed.
    pub(crate) async fn keep(self) -> Result<()> {
        self.settle().await
    }

    async fn settle(mut self) -> Result<()> {
        let gate = self.ctx.gate();
        bus::publish(self.write.db(), &gate.db().node(), &self.signals, self.ctx.now()).await?;
        let unheard = Unheard::before(gate.clone(), self.signals);
        self.write.commit().await?;
        unheard.hear().await;
        live::own::tell(self.ctx.gate().publisher(), &self.events);
        Ok(())
    }
}
