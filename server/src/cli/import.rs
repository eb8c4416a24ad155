//! `doorward import`: accounts of another program, at the server's own shell.

use super::{Absent, Shop, Trouble, print};
use clap::{Args, Subcommand};
use doorward::{
    gate::{
        import::{self, Fate, Incoming, Moved},
        keys, settings,
    },
    wire::{RoleName, settings::AuthSettingsPatch},
};
use std::path::{Path, PathBuf};

/// Whose accounts are taken over.
#[derive(Debug, Subcommand)]
pub enum Import {
    /// The users.json of DUMB, where everybody may do everything
    Dumb {
        #[command(flatten)]
        how: How,
        /// The role that they get
        #[arg(long, default_value = "admin")]
        role: String,
    },
    /// The folder of Boltbase's users or API keys, or one of their files
    Boltbase {
        #[command(flatten)]
        how: How,
        /// Make a key of the same name and role for each API key, and print its text
        #[arg(long)]
        new_keys: bool,
    },
    /// A file of htpasswd, whose hashes are of bcrypt
    Htpasswd {
        #[command(flatten)]
        how: How,
        /// The role that they get
        #[arg(long, default_value = "viewer")]
        role: String,
    },
}

/// What goes with every import.
#[derive(Debug, Args)]
pub struct How {
    /// The file
    file: PathBuf,
    /// Only tell what would come
    #[arg(long)]
    dry_run: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Import {
    /// What is done before the server was ever started.
    pub fn on_absent(&self) -> Absent {
        let (Self::Dumb { how, .. } | Self::Boltbase { how, .. } | Self::Htpasswd { how, .. }) = self;
        if how.dry_run { Absent::Imagine } else { Absent::Make }
    }
}

/// Runs a command.
pub async fn run(shop: &Shop, command: Import) -> Result<(), Trouble> {
    match command {
        Import::Dumb { how, role } => {
            let incoming = import::dumb(&read(&how.file)?).map_err(|problem| unfit(&how.file, &problem))?;
            let moved = take(shop, "DUMB", &incoming, &role, &how).await?;
            switch(shop, &incoming, &moved, &how).await
        }
        Import::Htpasswd { how, role } => {
            let incoming = import::htpasswd(&read(&how.file)?).map_err(|problem| unfit(&how.file, &problem))?;
            take(shop, "htpasswd", &incoming, &role, &how).await.map(drop)
        }
        Import::Boltbase { how, new_keys } => {
            let files = all(&how.file)?;
            let texts = files.iter().map(|(name, text)| (name.clone(), text.as_str()));
            let incoming = import::boltbase(texts).map_err(|problem| unfit(&how.file, &problem))?;
            take(shop, "Boltbase", &incoming, "viewer", &how).await?;
            make_keys(shop, &incoming, new_keys && !how.dry_run).await
        }
    }
}

fn unfit(file: &Path, problem: &str) -> Trouble {
    Trouble::failed(format!("{}: {problem}.", file.display()))
}

fn read(file: &Path) -> Result<String, Trouble> {
    std::fs::read_to_string(file).map_err(|error| Trouble::failed(format!("{} can not be read: {error}.", file.display())))
}

/// The file, or the files of JSON of a folder, in the order of their names.
fn all(place: &Path) -> Result<Vec<(String, String)>, Trouble> {
    if !place.is_dir() {
        return Ok(vec![(place.display().to_string(), read(place)?)]);
    }
    let entries = std::fs::read_dir(place).map_err(|error| Trouble::failed(format!("{} can not be read: {error}.", place.display())))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "json"));
    files.sort();
    files.into_iter().map(|file| Ok((file.display().to_string(), read(&file)?))).collect()
}

async fn take(shop: &Shop, from: &str, incoming: &Incoming, role: &str, how: &How) -> Result<Vec<Moved>, Trouble> {
    let moved = import::run(&shop.ctx(), from, incoming, &RoleName(role.into()), how.dry_run).await?;
    if how.json {
        let rows = moved.iter().map(|moved| {
            serde_json::json!({ "username": moved.username, "role": moved.role, "disabled": moved.is_disabled, "comes": comes(moved), "note": note(moved, how.dry_run) })
        });
        print::json(&rows.collect::<Vec<_>>())?;
        return Ok(moved);
    }
    let row = |moved: &Moved| vec![moved.username.clone(), moved.role.to_string(), note(moved, how.dry_run)];
    print::table(&["NAME", "ROLE", "WHAT BECOMES OF IT"], &moved.iter().map(row).collect::<Vec<_>>());
    let count = moved.iter().filter(|moved| comes(moved)).count();
    print::line(&match how.dry_run {
        true => format!("{count} of {} would come. Nothing was changed.", moved.len()),
        false => format!("{count} of {} came.", moved.len()),
    });
    Ok(moved)
}

fn comes(moved: &Moved) -> bool {
    matches!(moved.fate, Fate::Comes | Fate::ComesWithoutPassword)
}

fn note(moved: &Moved, is_dry: bool) -> String {
    let verb = if is_dry { "would come" } else { "came" };
    let disabled = if moved.is_disabled { ", disabled" } else { "" };
    match &moved.fate {
        Fate::Comes => format!("{verb} with the password{disabled}"),
        Fate::ComesWithoutPassword => {
            format!("{verb} without a password{disabled}; print a link with: doorward user reset-password {}", moved.username)
        }
        Fate::IsThere => "is here already, and stays as it is".into(),
        Fate::Stays(why) => format!("does not come: {why}"),
    }
}

/// Turns sign-in on where it was on there; it is never turned off by an import.
async fn switch(shop: &Shop, incoming: &Incoming, moved: &[Moved], how: &How) -> Result<(), Trouble> {
    let is_on = settings::auth(&shop.ctx()).await?.enabled;
    match incoming.is_sign_in_on {
        Some(true) if !is_on && !how.dry_run && moved.iter().any(comes) => {
            settings::update_auth(&shop.ctx(), AuthSettingsPatch { enabled: Some(true), ..AuthSettingsPatch::default() }).await?;
            say(how, "Sign-in is on, as it was there.");
        }
        Some(true) if !is_on => say(how, "Sign-in would be turned on, as it is there."),
        Some(false) => say(how, "Sign-in was off there. It stays as it is here; doorward auth disable turns it off."),
        _ => {}
    }
    Ok(())
}

fn say(how: &How, text: &str) {
    if !how.json {
        print::line(text);
    }
}

/// Their texts are in no file, so each key is made anew, where that was asked for.
async fn make_keys(shop: &Shop, incoming: &Incoming, is_meant: bool) -> Result<(), Trouble> {
    for new in &incoming.keys {
        if !is_meant {
            eprintln!(
                "The API key “{}” can not come: only its hash is kept there. --new-keys makes another of its name and role.",
                new.name
            );
            continue;
        }
        let made = keys::create(&shop.ctx(), new.clone()).await?;
        eprintln!("The API key “{}” is another one now:", made.api_key.name);
        print::line(&made.key);
    }
    Ok(())
}
