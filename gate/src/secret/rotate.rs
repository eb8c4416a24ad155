//! Another signing secret in the place of this one, while everything runs: what the old one signed stays
//! good for an access token's lifetime, and what it sealed is sealed anew.

use super::kept::{self, Ring, Source};
use crate::{Result, apps, audit::NewEvent, bus::Signal, ctx::Ctx, gate::Gate, sessions, settings, sso};
use serde_json::json;
use wire::{Code, Failure, Timestamp, audit::Action};

/// Upstreams keep the public keys for so long, in milliseconds; the old one is shown to them as long.
const LEAST: i64 = 10 * 60 * 1000;

/// What came of a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotated {
    /// Until when what the old secret signed is good; absent when it is not any more.
    pub until: Option<Timestamp>,
    /// How many sessions have ended.
    pub ended: usize,
}

/// Makes another signing secret. With `is_now` the old one counts for nothing any more, and all sessions
/// end.
///
/// # Errors
/// 403 but for the server's own shell; 400 where the secret is configured, with the way to change it
/// there.
pub async fn rotate(ctx: &Ctx, is_now: bool) -> Result<Rotated> {
    ctx.at_the_shell()?;
    let gate = ctx.gate();
    let source = gate.secret_source();
    let old = match source {
        Source::File(file) => kept::read(file).map_err(|error| Failure::new(Code::BadRequest, error.to_string()))?,
        Source::Database => from_database(gate).await?,
        Source::Configured => {
            return Err(Failure::new(
                Code::BadRequest,
                "The signing secret is configured (auth.jwt_secret). Make another one with openssl rand -hex 32, set auth.jwt_secret to it and auth.previous_jwt_secret to the one that is there now, and restart every node.",
            )
            .into());
        }
        Source::Nowhere => {
            return Err(Failure::new(Code::BadRequest, "The signing secret is kept nowhere: it ends with the process.").into());
        }
    };
    let life = i64::try_from(gate.config().auth.access_ttl.as_millis()).unwrap_or(i64::MAX).max(LEAST);
    let until = if is_now { ctx.now() } else { ctx.now().plus(life) };
    let ring = Ring { current: kept::fresh(gate.random()), previous: Some((old.current, until)) };
    let mut change = ctx.change().await?;
    let mut ended = 0;
    if is_now {
        ended = sessions::store::end_everybodys(change.db(), "secret rotation", ctx.now()).await?;
    }
    match source {
        Source::Database => {
            let master = kept::master(&gate.config().auth).map_err(crate::Error::Fault)?;
            let text = kept::seal_for_database(&ring.text(), master.as_deref(), gate.random());
            settings::store::set(change.db(), kept::SETTING, &text, ctx.now()).await?;
        }
        // Before the commit: where that fails, both secrets are in the file, and nothing is lost.
        Source::File(file) => kept::write(file, &ring.text(), true)
            .map_err(|error| Failure::new(Code::BadRequest, format!("The file {} can not be written: {error}.", file.display())))?,
        Source::Configured | Source::Nowhere => {}
    }
    change.signal(Signal::Everything);
    change.commit(NewEvent::new(Action::SecretRotate).with(json!({ "sessions": ended, "until": until }))).await?;
    seal_anew(ctx).await?;
    Ok(Rotated { until: (!is_now).then_some(until), ended })
}

/// Seals with the present key what is sealed with another; what opens with none is left as it is. Who read it
/// before reads it again.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn seal_anew(ctx: &Ctx) -> Result<()> {
    let gate = ctx.gate();
    let count = apps::sealed::seal_anew(gate).await? + sso::renew::seal_anew(gate).await?;
    if count == 0 {
        return Ok(());
    }
    tracing::info!(count, "secrets at rest were sealed anew");
    let mut change = ctx.change().await?;
    change.signal(Signal::Everything);
    change.keep().await
}

/// The same, where this ring's secret may have sealed it.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn seal_anew_after(ctx: &Ctx, earlier: &Ring) -> Result<()> {
    ctx.gate().keys().also_opens(&kept::decode(&earlier.current).map_err(crate::Error::Fault)?);
    seal_anew(ctx).await
}

/// Reads the secret again, which another process may have changed.
pub(crate) async fn reload(gate: &Gate) {
    if let Err(error) = take_again(gate).await {
        tracing::error!(%error, "the signing secret can not be read again; the one that was read before counts");
        gate.heard().doubt();
    }
}

async fn take_again(gate: &Gate) -> Result<()> {
    let ring = match gate.secret_source() {
        Source::File(file) => kept::read(file).map_err(|error| crate::Error::Fault(error.to_string()))?,
        Source::Database => from_database(gate).await?,
        Source::Configured | Source::Nowhere => return Ok(()),
    };
    let master = kept::master(&gate.config().auth).map_err(crate::Error::Fault)?;
    let held = ring.held(gate.now(), master.as_deref()).map_err(crate::Error::Fault)?;
    if gate.keys().exchange(held) {
        gate.recognised().forget_all();
        gate.known_cookies().forget_all();
        gate.signer().follow(gate.keys());
        gate.sayings().forget_all();
    }
    Ok(())
}

async fn from_database(gate: &Gate) -> Result<Ring> {
    let master = kept::master(&gate.config().auth).map_err(crate::Error::Fault)?;
    kept::from_database(gate.db(), master.as_deref()).await.map_err(|problem| crate::Error::Fault(format!("the signing secret: {problem}")))
}
