//! `make bench`: the release build under load, measured by the crate `doorward-bench`.
use std::process::Command;

use crate::{
    Result,
    build::{self, Profile},
    command::run as finish,
    release,
};

/// Builds the server and measures it; arguments go to the bench.
pub fn run(arguments: &[String]) -> Result {
    build::all(Profile::Release)?;
    let bench = release::build("doorward-bench")?;
    finish(Command::new(bench).args(arguments).env("DOORWARD_BIN", Profile::Release.server().canonicalize()?))
}
