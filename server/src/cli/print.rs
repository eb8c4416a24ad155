//! Writing to standard output; a reader that went away is nobody's fault.

use super::Trouble;
use std::io::{self, BufRead, IsTerminal, Write};

/// Writes bytes as they are.
pub fn bytes(bytes: &[u8]) {
    _ = io::stdout().lock().write_all(bytes);
}

/// Writes a line.
pub fn line(text: &str) {
    _ = writeln!(io::stdout().lock(), "{text}");
}

/// Writes a value as JSON.
pub fn json(value: &impl serde::Serialize) -> Result<(), Trouble> {
    let text =
        serde_json::to_string_pretty(value).map_err(|error| Trouble::failed(format!("This can not be written as JSON: {error}.")))?;
    line(&text);
    Ok(())
}

/// Writes rows below a head, in columns as wide as they need.
pub fn table(head: &[&str], rows: &[Vec<String>]) {
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).chain([head[column].len()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let show = |cells: &[String]| {
        let padded: Vec<String> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        line(padded.join("  ").trim_end());
    };
    show(&head.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    rows.iter().for_each(|row| show(row));
}

/// Writes lines in a box, so that nobody overlooks them.
pub fn boxed(lines: &[String]) {
    let width = lines.iter().map(|text| text.chars().count()).max().unwrap_or(0);
    let edge = "─".repeat(width + 2);
    line(&format!("┌{edge}┐"));
    lines.iter().for_each(|text| line(&format!("│ {text:width$} │")));
    line(&format!("└{edge}┘"));
}

/// Asks whether to go on; without a terminal the answer must come by `--yes`.
pub fn confirm(question: &str, yes: bool) -> Result<(), Trouble> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(Trouble::usage(format!("{question} There is no terminal to ask on; add --yes if you mean it.")));
    }
    eprint!("{question} [y/N] ");
    let mut answer = String::new();
    _ = io::stdin().lock().read_line(&mut answer);
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Trouble::failed("Nothing was changed.")),
    }
}

/// Reads a password from standard input: the first line, without its end.
pub fn password() -> Result<String, Trouble> {
    if io::stdin().is_terminal() {
        eprint!("Password: ");
    }
    let mut line = String::new();
    let limit = wire::password::MAX_BYTES as u64 + 2;
    let read = io::Read::take(io::stdin().lock(), limit).read_line(&mut line);
    read.map_err(|error| Trouble::usage(format!("The password could not be read from standard input: {error}.")))?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(Trouble::usage("Standard input holds no password."));
    }
    Ok(password.to_owned())
}
