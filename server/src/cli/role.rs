//! `doorward role`: roles, at the server's own shell.

use super::{Shop, Trouble, print};
use clap::Subcommand;
use doorward::{
    gate::roles,
    wire::{
        Permission, Permissions, RoleName,
        roles::{NewRole, Role as Known, RoleDeletion},
    },
};

/// What can be done with roles.
#[derive(Debug, Subcommand)]
pub enum Role {
    /// List all roles, the built-in ones first
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a role
    Create {
        /// Its name: a lower-case letter, then letters, digits or hyphens
        name: String,
        /// What it may do: read,run
        #[arg(long = "permission", value_name = "NAMES", value_delimiter = ',', required = true)]
        permissions: Vec<String>,
        /// What it is for, in one sentence
        #[arg(long, default_value = "")]
        description: String,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Delete a role
    Delete {
        /// Its name
        name: String,
        /// The role that everybody who has this one gets instead
        #[arg(long, value_name = "ROLE")]
        replacement: Option<String>,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Runs a command.
pub async fn run(shop: &Shop, command: Role) -> Result<(), Trouble> {
    let ctx = shop.ctx();
    match command {
        Role::List { json } => {
            let all = roles::list(&ctx).await?.items;
            if json {
                return print::json(&all);
            }
            print::table(&["ROLE", "PERMISSIONS", "USERS", "KEYS", "KIND"], &all.iter().map(row).collect::<Vec<_>>());
        }
        Role::Create { name, permissions, description, json } => {
            let new = NewRole { name: RoleName(name), description, permissions: read(&permissions)? };
            let role = roles::create(&ctx, new).await?;
            if json {
                return print::json(&role);
            }
            print::line(&format!("Made the role {} with: {}.", role.name, words(role.permissions)));
        }
        Role::Delete { name, replacement, yes } => {
            let name = RoleName(name);
            let role = roles::get(&ctx, &name).await?;
            print::confirm(&format!("Delete the role {} for good?", role.name), yes)?;
            roles::delete(&ctx, &name, RoleDeletion { replacement: replacement.map(RoleName) }).await?;
            print::line(&format!("The role {name} is deleted."));
        }
    }
    Ok(())
}

/// The permissions of these names.
fn read(names: &[String]) -> Result<Permissions, Trouble> {
    let find = |name: &str| Permission::ALL.iter().copied().find(|permission| permission.as_str() == name);
    let known = || Permission::ALL.iter().map(|permission| permission.as_str()).collect::<Vec<_>>().join(", ");
    let all = names.iter().map(|name| {
        find(name.trim()).ok_or_else(|| Trouble::usage(format!("--permission: there is no permission {name}; there are {}.", known())))
    });
    Ok(Permissions::of(&all.collect::<Result<Vec<_>, _>>()?))
}

fn words(permissions: Permissions) -> String {
    permissions.iter().map(Permission::as_str).collect::<Vec<_>>().join(", ")
}

fn row(role: &Known) -> Vec<String> {
    let count = |count: Option<u64>| count.unwrap_or(0).to_string();
    let kind = if role.is_built_in { "built in" } else { "made here" };
    vec![role.name.to_string(), words(role.permissions), count(role.users), count(role.keys), kind.into()]
}
