//! The book in `docs/`: that it is whole and true as far as a program can tell, and its building.
mod commands;
mod configuration;
mod links;
mod page;
mod pictures;

pub use configuration::check as configurations;
pub use pictures::take as pictures;

use std::{fs, path::Path};

use crate::{
    Result,
    command::{cargo, on_path, run},
};

/// The version of mdBook that the book is built with.
const MDBOOK: &str = "0.4.52";

/// Every page is in the table of contents, every link leads somewhere, every command and setting is ours.
pub fn check() -> Result {
    let pages = page::all()?;
    let mut problems = links::contents(&pages);
    problems.extend(links::dead(&pages));
    problems.extend(links::unseen(&pages)?);
    problems.extend(commands::unknown(&pages));
    problems.extend(configuration::unknown(&pages));
    end(&problems)
}

fn end(problems: &[String]) -> Result {
    if problems.is_empty() { Ok(()) } else { Err(format!("the documents are not right:\n  {}", problems.join("\n  ")).into()) }
}

/// Builds the book into `target/book`; installs mdBook when it is missing.
pub fn build() -> Result {
    check()?;
    let tool = Path::new("target/tools/mdbook/bin/mdbook");
    let found = on_path(&["mdbook"]).or_else(|| tool.is_file().then(|| tool.to_owned()));
    let mdbook = match found {
        Some(mdbook) => mdbook,
        None => {
            run(&mut cargo(&format!(
                "install mdbook --version {MDBOOK} --locked --no-default-features --features search --root target/tools/mdbook"
            )))?;
            tool.to_owned()
        }
    };
    run(std::process::Command::new(mdbook).args(["build", "docs"]))?;
    copy(Path::new("deploy"), Path::new("target/book/deploy"))?;
    eprintln!("The book is at target/book/docs/index.html");
    Ok(())
}

/// Copies a folder and what is in it.
fn copy(from: &Path, to: &Path) -> Result {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let place = to.join(entry.file_name());
        if entry.file_type()?.is_dir() { copy(&entry.path(), &place)? } else { fs::copy(entry.path(), place).map(drop)? }
    }
    Ok(())
}
