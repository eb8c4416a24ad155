//! Settings in the documents: each has to be one of `docs/configuration.md`, which a test of the binary
//! makes; and what stands there as a whole configuration has to be one.
use std::{collections::BTreeSet, env, fs, path::Path, process::Command};

use super::{
    end,
    page::{self, Page},
};
use crate::{Result, build::Profile};

/// What a secret of these files could be: good for all of them.
const SECRET: &str = "8f14e45fceea167a5a36dedd4bea25438f14e45fceea167a5a36dedd4bea2543";
const DATABASE: &str = "postgres://doorward:x@db.example.com/doorward";
const AUTHORITY: &str = include_str!("authority.pem");

/// The file that stands for one of the documents, by the end of its key; the first that fits.
const FILES: [(&str, &str, &str); 4] = [
    ("database_url_file: ", "database", DATABASE),
    ("ca_file: ", "authority.pem", AUTHORITY),
    (" ca: ", "authority.pem", AUTHORITY),
    ("_file: ", "secret", SECRET),
];

/// Variables that are no settings: the program's, and those of its tests.
const OTHERS: [&str; 3] = ["DOORWARD_CONFIG", "DOORWARD_BIN", "DOORWARD_CHAOS_RENEWALS"];

/// Settings that there are not.
pub fn unknown(pages: &[Page]) -> Vec<String> {
    let (keys, variables) = (keys(pages), variables(pages));
    let events: BTreeSet<String> = named(pages, "docs/events.md").into_iter().collect();
    let first = |key: &str| key.split('.').next().unwrap_or_default().to_owned();
    let sections: BTreeSet<String> = keys.iter().filter(|key| key.contains('.')).map(|key| first(key)).collect();
    let is_known = |key: &str| keys.iter().any(|known| fits(known, key)) || events.contains(key);
    let mut problems = Vec::new();
    for page in pages.iter().filter(|page| page.is_in_book()) {
        let mut say =
            |line: usize, what: &str| problems.push(format!("{}:{line}: docs/configuration.md has no {what}", page.path.display()));
        for (line, span) in page.spans() {
            let key = span.split(':').next().unwrap_or_default().trim();
            let is_key = key.contains('.')
                && key.split('.').all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
            if is_key && sections.contains(&first(key)) && !is_known(key) && !is_file(key) {
                say(line, key);
            }
        }
        for (at, line) in page.text.lines().enumerate() {
            let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            for word in words.filter(|word| word.starts_with("DOORWARD_") && !word.ends_with('_')) {
                let of_file = word.strip_suffix("_FILE").unwrap_or(word);
                if !variables.contains(&of_file.replace("__", "_")) {
                    say(at + 1, word);
                }
            }
        }
    }
    problems
}

/// The first piece of code of each row of a table.
fn named(pages: &[Page], path: &str) -> Vec<String> {
    let text = pages.iter().find(|page| page.path == Path::new(path)).map_or("", |page| &page.text);
    text.lines().filter_map(|line| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned())).collect()
}

fn keys(pages: &[Page]) -> Vec<String> {
    named(pages, "docs/configuration.md").into_iter().map(|key| key.replace("[]", "")).collect()
}

/// Whether a name is a setting, a section of settings, or the name of its file.
fn fits(known: &str, name: &str) -> bool {
    let known: Vec<&str> = known.split('.').filter(|part| !part.starts_with('<')).collect();
    let name: Vec<&str> = name.split('.').collect();
    let is_same = |(known, part): (&&str, &&str)| known == part || part.strip_suffix("_file") == Some(*known);
    name.len() <= known.len() && known.iter().zip(&name).all(is_same)
}

/// Names like `apps.md`, which look like a setting.
fn is_file(name: &str) -> bool {
    matches!(name.rsplit('.').next(), Some("md" | "rs" | "yaml" | "json" | "jsonl" | "sql" | "db" | "py" | "sh" | "toml"))
}

fn variables(pages: &[Page]) -> BTreeSet<String> {
    let of_keys = keys(pages).into_iter().map(|key| {
        let parts: Vec<&str> = key.split('.').filter(|part| !part.starts_with('<')).collect();
        format!("DOORWARD_{}", parts.join("_").to_uppercase())
    });
    let also = pages.iter().filter(|page| page.path == Path::new("docs/configuration.md")).flat_map(Page::spans);
    let also = also.map(|(_, span)| span).filter(|span| span.starts_with("DOORWARD_"));
    of_keys.chain(also).chain(OTHERS.map(str::to_owned)).collect()
}

/// Asks the release whether each whole configuration in the documents is one.
pub fn check() -> Result {
    let pages = page::all()?;
    let sections: BTreeSet<String> = keys(&pages).iter().filter_map(|key| key.split('.').next().map(str::to_owned)).collect();
    let program = env::var_os("DOORWARD_BIN").map_or_else(|| Profile::Release.server(), Into::into).canonicalize()?;
    let folder = env::temp_dir().join(format!("doorward-book-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    for (_, name, text) in FILES {
        fs::write(folder.join(name), text)?;
    }
    let file = folder.join("doorward.yaml");
    let (mut problems, mut seen) = (Vec::new(), 0);
    for page in &pages {
        for block in page.blocks().into_iter().filter(|block| block.language == "yaml" && is_whole(&block.text, &sections)) {
            seen += 1;
            fs::write(&file, with_files(&block.text, &folder))?;
            let output = Command::new(&program).args(["config", "check", "--config"]).arg(&file).current_dir(&folder).output()?;
            if !output.status.success() {
                let said = String::from_utf8_lossy(&output.stderr).trim().replace('\n', "\n    ");
                problems.push(format!("{}:{}: {said}", page.path.display(), block.line));
            }
        }
    }
    fs::remove_dir_all(&folder)?;
    eprintln!("{seen} configurations");
    end(&problems)
}

/// Whether all that stands at the margin is a section or a setting of ours.
fn is_whole(text: &str, sections: &BTreeSet<String>) -> bool {
    let at_margin = text.lines().filter(|line| !line.starts_with([' ', '#']) && !line.trim().is_empty());
    let mut names = at_margin.map(|line| line.split(':').next().unwrap_or_default()).peekable();
    names.peek().is_some()
        && names.all(|name| sections.contains(name) || name.strip_suffix("_file").is_some_and(|name| sections.contains(name)))
}

/// The text with files that are there.
fn with_files(text: &str, folder: &Path) -> String {
    let mut out = String::new();
    let mut rest = text;
    let next = |rest: &str| FILES.iter().filter_map(|(key, name, _)| Some((rest.find(key)? + key.len(), *name))).min_by_key(|(at, _)| *at);
    while let Some((at, name)) = next(rest) {
        let (before, behind) = rest.split_at(at);
        let end = behind.find([' ', ',', '}', '\n']).unwrap_or(behind.len());
        out.push_str(before);
        out.push_str(&folder.join(name).display().to_string());
        rest = &behind[end..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_found_below_whatever_id() {
        assert!(fits("auth.oidc.<id>.client_secret", "auth.oidc.client_secret_file"));
        assert!(fits("auth.oidc.<id>.client_secret", "auth.oidc"));
        assert!(!fits("auth.access_ttl", "auth.acces_ttl"));
        assert!(!fits("auth.access_ttl", "auth.access_ttl.more"));
    }

    #[test]
    fn only_what_is_ours_alone_is_a_configuration() {
        let sections = BTreeSet::from(["apps".to_owned(), "database_url".to_owned()]);
        assert!(is_whole("# ours\napps:\n  x: 1\ndatabase_url_file: y\n", &sections));
        assert!(!is_whole("apps: 1\nscrape_configs: 2\n", &sections));
        assert!(!is_whole("  apps: 1\n", &sections));
    }

    #[test]
    fn named_files_are_exchanged_for_some_that_are_there() {
        let text = "a: { b_file: /x, c: 1, ca: /z }\ndatabase_url_file: /y\nd:\n  ca_file: /z # all\n";
        let there =
            "a: { b_file: /t/secret, c: 1, ca: /t/authority.pem }\ndatabase_url_file: /t/database\nd:\n  ca_file: /t/authority.pem # all\n";
        assert_eq!(with_files(text, Path::new("/t")), there);
    }
}
