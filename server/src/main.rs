//! The binary: reads the command line and the environment, and runs a command.

mod cli;
#[cfg(test)]
mod docs;
mod load;
mod shutdown;
mod telemetry;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let environment = load::Environment::of_process();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return cli::Trouble::failed(format!("The process can not start its threads: {error}.")).tell(),
    };
    match runtime.block_on(cli::run(cli, &environment)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => trouble.tell(),
    }
}
