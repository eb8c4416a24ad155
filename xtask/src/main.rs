//! `cargo xtask WORD`: what the Makefile's words do.
//! Everything here runs on the developer's machine and in CI; nothing of it is shipped.
mod api;
mod bench;
mod book;
mod browser_tree;
mod build;
mod command;
mod compress;
mod css;
mod dev;
mod fresh;
mod lazy;
mod merge;
mod postgres;
mod release;
mod setup;
mod site;
mod sizes;
mod test;
mod wasm;

use std::{env, path::Path, process::ExitCode};

/// What a step ends in: an error is a sentence for the person at the terminal.
type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

const HELP: &str = "\
usage: cargo xtask WORD

  setup          installs what building and testing need
  build          builds target/release/doorward, the dashboard inside
  run [ARG…]     builds and starts it; arguments go to the server
  dev            a debug build, made and started again after each change
  test [PART…]   runs every check and test, or the named parts of them
  bench [ARG…]   measures the whole server
  book           builds the book into target/book
  pictures       takes the pictures of the book anew";

fn main() -> ExitCode {
    // At run time, so that a target folder copied along with the tree is no trap.
    let here = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let root = Path::new(&here).parent().expect("xtask stands in the workspace");
    env::set_current_dir(root).expect("the workspace is there");

    let words: Vec<String> = env::args().skip(1).collect();
    let (word, rest) = match words.split_first() {
        Some((word, rest)) => (word.as_str(), rest),
        None => ("help", &[][..]),
    };
    let done = match word {
        "setup" => setup::everything(),
        "build" => build::all(build::Profile::Release),
        "run" => build::run(rest),
        "dev" => dev::watch(),
        "test" => test::run(rest),
        "bench" => bench::run(rest),
        "book" => book::build(),
        "pictures" => book::pictures(),
        "help" | "--help" | "-h" => {
            eprintln!("{HELP}");
            Ok(())
        }
        other => Err(format!("`{other}` is none of the words\n\n{HELP}").into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error}");
            ExitCode::FAILURE
        }
    }
}
