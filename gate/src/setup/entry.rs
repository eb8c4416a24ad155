//! Setup by the program that Doorward is a part of: it says itself who may sign in, or that nobody has
//! to, so there is no wizard.

use super::begin;
use crate::{Result, audit::NewEvent, bus::Signal, change::Turn, gate::Gate, settings::store};
use wire::{Code, Failure, audit::Action, setup::SetupState};

/// What the program says about signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Nothing: it is as setup and the settings left it.
    AsKept,
    /// Who may sign in: one has to.
    ByCode,
    /// That nobody has to sign in.
    Open,
}

/// Makes it so at the start.
///
/// # Errors
/// 409 where nobody has to sign in by the code and everybody by the store; when the database does not
/// answer.
pub(crate) async fn enter(gate: &Gate, entry: Entry) -> Result<()> {
    let state = gate.state();
    match entry {
        Entry::AsKept => Ok(()),
        Entry::ByCode if state.setup == SetupState::Claimed && state.authentication => Ok(()),
        Entry::ByCode => require_sign_in(gate).await,
        Entry::Open if state.setup == SetupState::Unclaimed => leave_open(gate).await,
        Entry::Open if state.authentication => Err(Failure::new(
            Code::SetupDone,
            "In this store one has to sign in, and the program says that nobody has to. Turn sign-in off there, or take another store.",
        )
        .into()),
        Entry::Open => {
            warn();
            Ok(())
        }
    }
}

fn warn() {
    tracing::warn!("authentication is off: whoever reaches this program may do everything");
}

/// One has to sign in from now on, whatever was before.
async fn require_sign_in(gate: &Gate) -> Result<()> {
    let ctx = gate.system("embedding program");
    let mut change = ctx.change().await?;
    change.turn(Turn::Setup).await?;
    store::set(change.db(), "setup", SetupState::Claimed.as_str(), ctx.now()).await?;
    store::set(change.db(), "authentication", "on", ctx.now()).await?;
    change.signal(Signal::Settings);
    change.commit(NewEvent::new(Action::AuthEnable)).await
}

async fn leave_open(gate: &Gate) -> Result<()> {
    let ctx = gate.system("embedding program");
    let mut change = match begin(&ctx).await {
        // Another process was faster, and said the same or something stricter.
        Err(error) if error.code() == Code::SetupDone => return Ok(()),
        other => other?,
    };
    store::set(change.db(), "setup", SetupState::Skipped.as_str(), ctx.now()).await?;
    store::set(change.db(), "authentication", "off", ctx.now()).await?;
    change.signal(Signal::Settings);
    warn();
    change.commit(NewEvent::new(Action::SetupSkip)).await
}
