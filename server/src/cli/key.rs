//! `doorward key`: API keys, at the server's own shell.

use super::{Shop, Trouble, print};
use clap::Subcommand;
use doorward::{
    gate::keys,
    wire::{
        RoleName, Timestamp,
        keys::{ApiKey, ApiKeyQuery, KeyKind, KeyScope, KeyStatus, NewApiKey},
    },
};

/// What can be done with API keys.
#[derive(Debug, Subcommand)]
pub enum Key {
    /// Make a service key; its text is printed once
    Create {
        /// What people call it
        name: String,
        /// viewer, operator, developer, manager, admin, or a role made here
        #[arg(long)]
        role: String,
        /// What it is for
        #[arg(long)]
        description: Option<String>,
        /// For how long it is good: 720h; for ever when not given
        #[arg(long, value_name = "DURATION")]
        expires_in: Option<String>,
        /// Good in this workspace alone
        #[arg(long, value_name = "SLUG")]
        workspace: Option<String>,
        /// Good in this environment of the workspace alone
        #[arg(long, value_name = "SLUG", requires = "workspace")]
        environment: Option<String>,
        /// Good for these apps alone
        #[arg(long = "app", value_name = "SLUGS", value_delimiter = ',')]
        apps: Vec<String>,
        /// Good from these addresses and networks alone
        #[arg(long = "ip", value_name = "NETWORKS", value_delimiter = ',')]
        ips: Vec<String>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// List everybody's keys; their texts are nowhere
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Revoke a key for good
    Revoke {
        /// Its id, its name where only one has it, or the eight characters after dw_
        key: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Runs a command.
pub async fn run(shop: &Shop, command: Key) -> Result<(), Trouble> {
    let ctx = shop.ctx();
    match command {
        Key::Create { name, role, description, expires_in, workspace, environment, apps, ips, json } => {
            let some = |list: Vec<String>| (!list.is_empty()).then_some(list);
            let scope = KeyScope { workspace, environment, apps: some(apps) };
            let new = NewApiKey {
                name,
                role: RoleName(role),
                kind: KeyKind::Service,
                description,
                expires_in,
                scope: Some(scope),
                allowed_ips: some(ips),
                ..NewApiKey::default()
            };
            let made = keys::create(&ctx, new).await?;
            if json {
                return print::json(&made);
            }
            // The text alone goes to standard output, so that a script can take it.
            eprintln!("Made the key “{}” with the role {}. This is its text, shown once:", made.api_key.name, made.api_key.role);
            print::line(&made.key);
        }
        Key::List { json } => {
            let all = all(shop).await?;
            if json {
                return print::json(&all);
            }
            print::table(&["KEY", "NAME", "ROLE", "OWNER", "EXPIRES", "LAST USED", "STATUS"], &all.iter().map(row).collect::<Vec<_>>());
        }
        Key::Revoke { key, yes } => {
            let key = find(all(shop).await?, &key)?;
            if key.status == KeyStatus::Revoked {
                print::line(&format!("The key “{}” was revoked before.", key.name));
                return Ok(());
            }
            print::confirm(&format!("Revoke the key “{}” (dw_{}…) for good?", key.name, key.prefix), yes)?;
            keys::revoke(&ctx, key.id).await?;
            print::line(&format!("The key “{}” is revoked.", key.name));
        }
    }
    Ok(())
}

async fn all(shop: &Shop) -> Result<Vec<ApiKey>, Trouble> {
    let ctx = shop.ctx();
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let page = keys::list(&ctx, ApiKeyQuery { limit: Some(200), cursor, ..ApiKeyQuery::default() }).await?;
        all.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(all);
        }
    }
}

/// The one key that is meant.
fn find(all: Vec<ApiKey>, text: &str) -> Result<ApiKey, Trouble> {
    // The text's public part; whoever pastes a whole key means it too, and it is not repeated.
    let prefix = text.strip_prefix("dw_").map_or(text, |rest| rest.split('_').next().unwrap_or(rest));
    let is_meant = |key: &ApiKey| key.prefix == prefix || key.id.to_string() == text;
    let mut named: Vec<ApiKey> = Vec::new();
    for key in all {
        if is_meant(&key) {
            return Ok(key);
        }
        if key.name == text {
            named.push(key);
        }
    }
    let many = named.len();
    match named.pop() {
        Some(key) if many == 1 => Ok(key),
        Some(_) => Err(Trouble::usage(format!("{many} keys have this name. Name one by its id or prefix; see doorward key list."))),
        None => Err(Trouble::failed("There is no such key. See doorward key list.")),
    }
}

fn row(key: &ApiKey) -> Vec<String> {
    let status = match key.status {
        KeyStatus::Active => "active",
        KeyStatus::Expired => "expired",
        KeyStatus::Revoked => "revoked",
    };
    let owner = match key.kind {
        KeyKind::Service => "service".into(),
        KeyKind::Personal => key.owner_name.clone().unwrap_or_else(|| "deleted".into()),
    };
    let or_never = |at: Option<Timestamp>| at.map_or_else(|| "never".into(), |at| at.to_string());
    vec![
        format!("dw_{}", key.prefix),
        key.name.clone(),
        key.role.to_string(),
        owner,
        or_never(key.expires_at),
        or_never(key.last_used_at),
        status.into(),
    ]
}
