//! `doorward openapi`: the description of the REST API.

use super::{Trouble, print};
use doorward::gate::Gate;

/// Runs the command.
pub fn run() -> Result<(), Trouble> {
    print::json(&Gate::openapi())
}
