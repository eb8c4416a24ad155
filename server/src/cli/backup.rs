//! `doorward backup` and `doorward restore`: everything that lasts, in one file.

use super::{Shop, Trouble, print};
use clap::Args;
use doorward::gate::backup;
use std::{
    fs::{File, OpenOptions, Permissions},
    io::{BufReader, BufWriter, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// Writes a backup.
#[derive(Debug, Args)]
pub struct Backup {
    /// The file; - is standard output
    file: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    force: bool,
}

/// Restores a backup.
#[derive(Debug, Args)]
pub struct Restore {
    /// The file
    file: PathBuf,
    /// Replace everything that is there
    #[arg(long)]
    force: bool,
    /// Keep API keys good that may have been revoked after the backup
    #[arg(long)]
    keep_keys: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Runs `backup`.
pub async fn backup(shop: &Shop, command: &Backup) -> Result<(), Trouble> {
    if command.file.as_os_str() == "-" {
        let mut out = BufWriter::new(std::io::stdout().lock());
        backup::write(&shop.ctx(), &mut out).await?;
        return out.flush().map_err(|error| Trouble::failed(format!("The backup can not be written: {error}.")));
    }
    if command.file.exists() && !command.force {
        return Err(Trouble::failed(format!(
            "{} is there already. Name another file, or replace it with --force.",
            command.file.display()
        )));
    }
    let made = whole(&command.file, async |out| Ok(backup::write(&shop.ctx(), out).await?)).await?;
    print::line(&format!("Wrote {} rows to {}, as of {}.", made.rows, command.file.display(), made.at));
    print::line(match made.has_secret {
        true => "The signing secret is in it: keep it as safe as the data folder.",
        false => "The signing secret is configured, so it is not in it: keep it somewhere else.",
    });
    Ok(())
}

/// Writes a file whole or not at all, for its owner alone.
async fn whole<T>(file: &Path, work: impl AsyncFnOnce(&mut dyn Write) -> Result<T, Trouble>) -> Result<T, Trouble> {
    let failed = |error: std::io::Error| Trouble::failed(format!("{} can not be written: {error}.", file.display()));
    let draft = file.with_extension(format!("{}.draft", std::process::id()));
    let out = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft).map_err(failed)?;
    out.set_permissions(Permissions::from_mode(0o600)).map_err(failed)?;
    let mut out = BufWriter::new(out);
    let done = async {
        let made = work(&mut out).await?;
        out.flush().map_err(failed)?;
        out.get_ref().sync_all().map_err(failed)?;
        std::fs::rename(&draft, file).map_err(failed)?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        Ok(made)
    };
    let outcome = done.await;
    if outcome.is_err() {
        _ = std::fs::remove_file(&draft);
    }
    outcome
}

/// Runs `restore`.
pub async fn restore(shop: &Shop, command: &Restore) -> Result<(), Trouble> {
    let file = File::open(&command.file)
        .map_err(|error| Trouble::failed(format!("The backup {} can not be read: {error}.", command.file.display())))?;
    if command.force {
        print::confirm("Replace everything in this database by the backup?", command.yes)?;
    }
    let how = backup::Restore { is_forced: command.force, keeps_keys: command.keep_keys };
    let done = backup::restore(&shop.ctx(), &mut BufReader::new(file), how).await?;
    print::line(&format!("Restored {} rows, as of {}. Everybody signs in again.", done.rows, done.at));
    let (keys, users) = (done.revoked_keys, done.disabled_users);
    match (keys, done.has_replaced) {
        (0, _) => {}
        (_, true) => print::line(&format!("Revoked {keys} API keys that were revoked, or not there, in what was replaced.")),
        (_, false) => print::line(&format!(
            "Revoked {keys} API keys: nothing was here that tells whether they were revoked since. If none was, restore with --force --keep-keys into another new database.",
        )),
    }
    if users > 0 {
        print::line(&format!("Disabled {users} users who were disabled, or not there, in what was replaced."));
    }
    if !done.has_replaced {
        print::line("Accounts are as they were then: disable again whoever was disabled since.");
    }
    Ok(())
}
