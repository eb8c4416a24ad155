//! `doorward secret`: the signing secret, at the server's own shell.

use super::{Shop, Trouble, print};
use clap::Subcommand;
use doorward::gate::rotate_secret;

/// What can be done with the signing secret.
#[derive(Debug, Subcommand)]
pub enum Secret {
    /// Put another one in its place; what the old one signed stays good for a while
    Rotate {
        /// The old one counts for nothing any more: all sessions end
        #[arg(long)]
        now: bool,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Runs a command.
pub async fn run(shop: &Shop, command: &Secret) -> Result<(), Trouble> {
    let Secret::Rotate { now, yes } = command;
    let question = match now {
        true => "Rotate the signing secret and sign everybody out?",
        false => "Rotate the signing secret? Everybody stays signed in.",
    };
    print::confirm(question, *yes)?;
    let done = rotate_secret(&shop.ctx(), *now).await?;
    print::line(&match done.until {
        Some(until) => format!("The signing secret is another one. What the old one signed is good until {until}."),
        None => format!("The signing secret is another one. {} sessions have ended.", done.ended),
    });
    Ok(())
}
