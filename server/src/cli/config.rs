//! `doorward config`: what is configured, and where from.

use super::{Trouble, describe, print};
use crate::load::{self, LoadError, Loaded};
use clap::Subcommand;

/// What can be done with the configuration.
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Tell whether it is right
    Check,
    /// Print the JSON Schema of the file, for editors
    Schema,
    /// Show each value and where it came from; secrets are masked
    Show {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs a command.
pub fn run(command: &Config, loaded: Result<Loaded, LoadError>) -> Result<(), Trouble> {
    match command {
        // It needs no configuration, so none can be wrong.
        Config::Schema => print::json(&load::schema()),
        Config::Check => {
            print::line(&format!("The configuration is right ({}).", describe(&loaded?)));
            Ok(())
        }
        Config::Show { json: true } => print::json(&loaded?.show()),
        Config::Show { json: false } => {
            let rows: Vec<Vec<String>> = loaded?.show().into_iter().map(|line| vec![line.key, line.value, line.source]).collect();
            print::table(&["KEY", "VALUE", "FROM"], &rows);
            Ok(())
        }
    }
}
