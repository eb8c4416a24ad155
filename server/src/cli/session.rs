//! `doorward session`: who is signed in, at the server's own shell.

use super::{Shop, Trouble, print};
use clap::Subcommand;
use doorward::{
    gate::{sessions, users},
    wire::{
        Code, SessionId,
        sessions::{Session as Open, SessionQuery},
    },
};

/// What can be done with sessions.
#[derive(Debug, Subcommand)]
pub enum Session {
    /// List who is signed in, the last seen first
    List {
        /// Only this user's
        #[arg(long)]
        user: Option<String>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// End a session, or all of a user's, or all
    Revoke {
        /// The session's id
        #[arg(required_unless_present_any = ["user", "all"], conflicts_with_all = ["user", "all"])]
        id: Option<String>,
        /// All sessions of this user
        #[arg(long, conflicts_with = "all")]
        user: Option<String>,
        /// All sessions of everybody
        #[arg(long)]
        all: bool,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Runs a command.
pub async fn run(shop: &Shop, command: Session) -> Result<(), Trouble> {
    match command {
        Session::List { user, json } => {
            let all = open(shop, user.as_deref()).await?;
            if json {
                return print::json(&all);
            }
            print::table(&["ID", "USER", "DEVICE", "ADDRESS", "LAST SEEN", "EXPIRES"], &all.iter().map(row).collect::<Vec<_>>());
            Ok(())
        }
        Session::Revoke { id: Some(id), yes, .. } => {
            let id: SessionId = id.parse().map_err(|_| Trouble::usage("This is no id of a session. See doorward session list."))?;
            print::confirm("End this session?", yes)?;
            sessions::end(&shop.ctx(), id).await?;
            print::line("The session has ended.");
            Ok(())
        }
        Session::Revoke { id: None, user, yes, .. } => {
            let all = open(shop, user.as_deref()).await?;
            let whose = user.map_or_else(|| "everybody".into(), |user| format!("the user {user}"));
            print::confirm(&format!("End {} sessions of {whose}?", all.len()), yes)?;
            for session in &all {
                // One that ended meanwhile has ended.
                match sessions::end(&shop.ctx(), session.id).await {
                    Err(error) if error.code() != Code::NotFound => return Err(error.into()),
                    _ => {}
                }
            }
            print::line(&format!("{} sessions have ended.", all.len()));
            Ok(())
        }
    }
}

/// The sessions of a user, or of everybody.
async fn open(shop: &Shop, user: Option<&str>) -> Result<Vec<Open>, Trouble> {
    let ctx = shop.ctx();
    let user = match user {
        Some(name) => users::by_name(&ctx, name).await?.id.to_string(),
        None => "all".into(),
    };
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let page = sessions::list(&ctx, SessionQuery { user: Some(user.clone()), limit: Some(200), cursor }).await?;
        all.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(all);
        }
    }
}

fn row(session: &Open) -> Vec<String> {
    let Open { id, user_name, device, address, last_seen_at, expires_at, .. } = session;
    vec![id.to_string(), user_name.clone(), device.clone(), address.clone(), last_seen_at.to_string(), expires_at.to_string()]
}
