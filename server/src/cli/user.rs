//! `doorward user`: people, at the server's own shell.

use super::{Absent, Shop, Trouble, print, whereabouts};
use clap::Subcommand;
use doorward::{
    gate::{links, users},
    wire::{
        RoleName,
        links::Link,
        users::{NewInvitation, NewUser, PasswordReset, User as Person, UserPatch, UserQuery},
    },
};

/// What can be done with people.
#[derive(Debug, Subcommand)]
pub enum User {
    /// Add somebody; without --password-stdin a one-time link to set the password is printed
    Add {
        /// The name to sign in with
        name: String,
        /// viewer, operator, developer, manager or admin
        #[arg(long)]
        role: String,
        /// The address; it signs in just as the name does
        #[arg(long)]
        email: Option<String>,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// List everybody
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Show somebody
    Show {
        /// Username or email address
        name: String,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Give somebody another role
    SetRole {
        /// Username or email address
        name: String,
        /// viewer, operator, developer, manager or admin
        role: String,
    },
    /// Print a one-time link to set a new password, or set it from standard input
    ResetPassword {
        /// Username or email address
        name: String,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Let somebody sign in again
    Enable {
        /// Username or email address
        name: String,
    },
    /// Keep somebody out, and end their sessions
    Disable {
        /// Username or email address
        name: String,
    },
    /// Remove somebody for good
    Delete {
        /// Username or email address
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

impl User {
    /// What is done before the server was ever started.
    pub fn on_absent(&self) -> Absent {
        if matches!(self, Self::Add { .. }) { Absent::Make } else { Absent::Refuse }
    }
}

/// Runs a command.
pub async fn run(shop: &Shop, command: User) -> Result<(), Trouble> {
    let ctx = shop.ctx();
    match command {
        User::Add { name, role, email, password_stdin: true } => {
            let new = NewUser { username: name, email, role: RoleName(role), password: print::password()?, ..NewUser::default() };
            let user = users::create(&ctx, new).await?;
            print::line(&format!("Added {} with the role {}.", user.username, user.role));
        }
        User::Add { name, role, email, password_stdin: false } => {
            let link =
                links::invite(&ctx, NewInvitation { username: name, email, role: RoleName(role), ..NewInvitation::default() }).await?;
            print::line(&format!("Added {} with the role {}.", link.user.username, link.user.role));
            show_link(shop, &link).await?;
        }
        User::List { json } => list(shop, json).await?,
        User::Show { name, json } => {
            let user = users::by_name(&ctx, &name).await?;
            if json { print::json(&user)? } else { show(&user) }
        }
        User::SetRole { name, role } => {
            let user = users::by_name(&ctx, &name).await?;
            let user = users::update(&ctx, user.id, UserPatch { role: Some(RoleName(role)), ..UserPatch::default() }).await?;
            print::line(&format!("{} has the role {} now.", user.username, user.role));
        }
        User::ResetPassword { name, password_stdin: true } => {
            let user = users::by_name(&ctx, &name).await?;
            users::reset_password(&ctx, user.id, PasswordReset { new_password: print::password()?, must_change: false }).await?;
            print::line(&format!("{} has a new password, and is signed out everywhere; personal API keys are revoked.", user.username));
        }
        User::ResetPassword { name, password_stdin: false } => {
            let user = users::by_name(&ctx, &name).await?;
            show_link(shop, &links::reset(&ctx, user.id).await?).await?;
        }
        User::Enable { name } => switch(shop, &name, false).await?,
        User::Disable { name } => switch(shop, &name, true).await?,
        User::Delete { name, yes } => {
            let user = users::by_name(&ctx, &name).await?;
            print::confirm(&format!("Remove {} ({}) for good?", user.username, user.role), yes)?;
            users::delete(&ctx, user.id).await?;
            print::line(&format!("{} is removed.", user.username));
        }
    }
    Ok(())
}

async fn switch(shop: &Shop, name: &str, is_disabled: bool) -> Result<(), Trouble> {
    let ctx = shop.ctx();
    let user = users::by_name(&ctx, name).await?;
    users::update(&ctx, user.id, UserPatch { is_disabled: Some(is_disabled), ..UserPatch::default() }).await?;
    let what = if is_disabled { "can not sign in any more, and is signed out everywhere" } else { "can sign in again" };
    print::line(&format!("{} {what}.", user.username));
    Ok(())
}

async fn list(shop: &Shop, json: bool) -> Result<(), Trouble> {
    let ctx = shop.ctx();
    let mut people: Vec<Person> = Vec::new();
    let mut cursor = None;
    loop {
        let page = users::list(&ctx, UserQuery { limit: Some(200), cursor, ..UserQuery::default() }).await?;
        people.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    if json {
        return print::json(&people);
    }
    let row = |user: &Person| {
        let seen = user.last_login_at.map_or_else(|| "never".into(), |at| at.to_string());
        vec![user.username.clone(), user.email.clone().unwrap_or_default(), user.role.to_string(), status(user).into(), seen]
    };
    print::table(&["NAME", "EMAIL", "ROLE", "STATUS", "LAST SIGN-IN"], &people.iter().map(row).collect::<Vec<_>>());
    Ok(())
}

fn status(user: &Person) -> &'static str {
    match (user.is_disabled, user.is_invited()) {
        (true, _) => "disabled",
        (false, true) => "invited",
        (false, false) => "active",
    }
}

fn show(user: &Person) {
    let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".into());
    let seen = user.last_login_at.map_or_else(|| "never".into(), |at| at.to_string());
    for (name, value) in [
        ("Username", user.username.clone()),
        ("Display name", or_none(&user.display_name)),
        ("Email", or_none(&user.email)),
        ("Role", user.role.to_string()),
        ("Status", status(user).into()),
        ("Added", user.created_at.to_string()),
        ("Last sign-in", seen),
        ("Id", user.id.to_string()),
    ] {
        print::line(&format!("{name:13} {value}"));
    }
}

/// Prints a one-time link.
async fn show_link(shop: &Shop, link: &Link) -> Result<(), Trouble> {
    let after = link.url.split_once("://").map_or(link.url.as_str(), |(_, rest)| rest);
    let path = after.find('/').map_or("", |at| &after[at..]);
    print::line(&format!("{} sets the password here, once, until {}:", link.user.username, link.expires_at));
    print::line(&whereabouts::url(shop, path).await?);
    Ok(())
}
