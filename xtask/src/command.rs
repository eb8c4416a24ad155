//! Running programs: each is shown before it starts, and a failing one is an error.
use std::{
    env, io,
    path::{Path, PathBuf},
    process::Command,
};

use crate::Result;

/// A command from a line of words; none of the words may hold a space.
pub fn command(line: &str) -> Command {
    let mut words = line.split_whitespace();
    let mut command = Command::new(words.next().expect("a line names a program"));
    command.args(words);
    command
}

/// Cargo, with the words of `line`.
/// It does not see what the cargo around this program told us about ourselves: build scripts
/// that look at such variables would run again each time.
pub fn cargo(line: &str) -> Command {
    let mut cargo = command(&format!("cargo {line}"));
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(name);
        }
    }
    cargo.env_remove("LD_LIBRARY_PATH");
    cargo
}

/// A tool of `package.json`, once `npm ci` has run; it works from any folder.
pub fn npm_tool(name: &str) -> Result<Command> {
    let path = Path::new("node_modules/.bin").join(name);
    Ok(Command::new(path.canonicalize().map_err(|e| format!("{}: {e}", path.display()))?))
}

/// Shows a command, runs it to its end, and fails when it fails.
pub fn run(command: &mut Command) -> Result {
    let shown = show(command);
    eprintln!("+ {shown}");
    let status = command.status().map_err(|e| missing(command, &e))?;
    if status.success() { Ok(()) } else { Err(format!("{status}: {shown}").into()) }
}

/// The standard output of a command that succeeds.
pub fn output(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let out = command.output().map_err(|e| missing(command, &e))?;
    if out.status.success() {
        return Ok(String::from_utf8(out.stdout)?.trim().to_owned());
    }
    let why = String::from_utf8_lossy(&out.stderr).into_owned();
    Err(format!("{}: {shown}\n{why}", out.status).into())
}

/// The first program of these names that PATH knows.
pub fn on_path(names: &[&str]) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?).collect();
    let mut all = names.iter().flat_map(|name| folders.iter().map(move |f| f.join(name)));
    all.find(|path| path.is_file())
}

fn show(command: &Command) -> String {
    let here = env::current_dir().unwrap_or_default();
    let program = Path::new(command.get_program());
    let mut text = program.strip_prefix(&here).unwrap_or(program).display().to_string();
    for word in command.get_args() {
        text.push(' ');
        text.push_str(&word.to_string_lossy());
    }
    text
}

fn missing(command: &Command, error: &io::Error) -> String {
    format!("{}: {error}", command.get_program().display())
}
