//! `make bench`: the release build under load, measured by the crate `doorward-bench`.
use crate::{
    Result,
    build::{self, Profile},
    command::{cargo, run as finish},
};

/// Builds the server and measures it; arguments go to the bench.
pub fn run(arguments: &[String]) -> Result {
    build::all(Profile::Release)?;
    let mut bench = cargo("run --release --package doorward-bench --");
    finish(bench.args(arguments).env("DOORWARD_BIN", Profile::Release.server().canonicalize()?))
}
