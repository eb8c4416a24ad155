//! `doorward auth`: sign-in on or off, at the server's own shell.

use super::{Shop, Trouble, print};
use clap::Subcommand;
use doorward::{
    gate::settings,
    wire::{
        Code,
        settings::{AuthSettings, AuthSettingsPatch},
    },
};

/// What can be done with sign-in.
#[derive(Debug, Subcommand)]
pub enum Auth {
    /// Tell whether people have to sign in
    Status {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Let nobody in without signing in
    Enable {
        /// Let people sign in with a password again
        #[arg(long)]
        password: bool,
    },
    /// Let everybody in, with every right
    Disable,
}

/// Runs a command.
pub async fn run(shop: &Shop, command: &Auth) -> Result<(), Trouble> {
    let ctx = shop.ctx();
    let switch = |enabled: bool| AuthSettingsPatch { enabled: Some(enabled), ..AuthSettingsPatch::default() };
    match command {
        Auth::Status { json } => {
            let auth = settings::auth(&ctx).await?;
            if *json { print::json(&auth)? } else { print::line(&words(&auth)) }
        }
        Auth::Enable { password } => {
            let patch = AuthSettingsPatch { password_sign_in: password.then_some(true), ..switch(true) };
            let done = settings::update_auth(&ctx, patch).await;
            if done.as_ref().is_err_and(|error| error.code() == Code::NoUsers) {
                return Err(Trouble::failed("Nobody could sign in. Add an admin first: doorward user add NAME --role admin"));
            }
            print::line(&words(&done?.0));
        }
        Auth::Disable => print::line(&words(&settings::update_auth(&ctx, switch(false)).await?.0)),
    }
    Ok(())
}

fn words(auth: &AuthSettings) -> String {
    use doorward::wire::setup::SetupState;
    match (auth.setup, auth.enabled) {
        (SetupState::Unclaimed, _) => "Nobody has set this server up yet; open it in a browser.".into(),
        (_, true) if auth.password_sign_in => "Sign-in is on.".into(),
        (_, true) => "Sign-in is on, by providers alone; `doorward auth enable --password` lets passwords in again.".into(),
        (_, false) => "Sign-in is off: everybody who reaches this server may do everything.".into(),
    }
}
