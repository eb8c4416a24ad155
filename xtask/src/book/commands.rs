//! Commands of ours in the documents: each has to be one of `docs/cli.md`, which a test of the binary
//! holds to the binary.
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use super::page::Page;

/// Flags that go with every command.
const GLOBAL: [&str; 4] = ["--config", "--data", "--help", "--version"];

/// The flags of each command.
type Known = BTreeMap<Vec<String>, BTreeSet<String>>;

/// Commands, or flags of commands, that there are not.
pub fn unknown(pages: &[Page]) -> Vec<String> {
    let Some(list) = pages.iter().find(|page| page.path == Path::new("docs/cli.md")) else { return vec!["there is no docs/cli.md".into()] };
    let known = known(list);
    let mut problems = Vec::new();
    for page in pages {
        let of_blocks = page.blocks().into_iter().filter(|block| matches!(block.language.as_str(), "" | "sh"));
        let lines = of_blocks.flat_map(|block| {
            let joined = block.text.replace("\\\n", " ");
            joined.lines().map(|line| (block.line, line.to_owned())).collect::<Vec<_>>()
        });
        for (line, text) in lines.chain(page.spans()) {
            for words in calls(&text) {
                if let Some(problem) = wrong(&known, &words) {
                    problems.push(format!("{}:{line}: `doorward {}`: {problem}", page.path.display(), words.join(" ")));
                }
            }
        }
    }
    problems
}

/// What the list of commands says: words in small letters are a command's name, the others are what it takes.
fn known(list: &Page) -> Known {
    let mut known = Known::new();
    for (_, span) in list.spans() {
        let span = span.replace("\\|", "|");
        let words: Vec<&str> = span.split_whitespace().skip_while(|word| *word == "doorward").collect();
        let is_name = |word: &&&str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-');
        let name: Vec<String> = words.iter().take_while(is_name).map(|word| (*word).to_owned()).collect();
        let flags = words.iter().map(|word| word.trim_matches(['[', ']'])).filter(|word| word.starts_with("--"));
        known.entry(name).or_default().extend(flags.map(str::to_owned));
    }
    known.remove(&Vec::new());
    known
}

/// The words behind `doorward` in each call of a line.
fn calls(line: &str) -> Vec<Vec<String>> {
    let line = line.split(" # ").next().unwrap_or_default();
    let mut commands = vec![Vec::new()];
    let (mut word, mut quote, mut is_word) = (String::new(), None, false);
    for c in line.chars().chain([' ']) {
        match quote {
            Some(end) if c == end => quote = None,
            // What is called within double quotes is a call of its own.
            Some('"') if c == '(' && word.ends_with('$') => {
                quote = None;
                word.clear();
                commands.push(Vec::new());
            }
            Some(_) => word.push(c),
            None if matches!(c, '\'' | '"') => (quote, is_word) = (Some(c), true),
            None if c.is_whitespace() || "|&;()<>".contains(c) => {
                if is_word || !word.is_empty() {
                    commands.last_mut().expect("there is always one").push(std::mem::take(&mut word));
                    is_word = false;
                }
                if "|&;()<>".contains(c) {
                    commands.push(Vec::new());
                }
            }
            None => word.push(c),
        }
    }
    let is_setting = |word: &String| word.split_once('=').is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'));
    let ours = |words: Vec<String>| {
        let mut words = words.into_iter().skip_while(is_setting).peekable();
        let is_ours = words.next().is_some_and(|word| word == "doorward" || word.ends_with("/doorward"));
        (is_ours && words.peek().is_some()).then(|| words.collect())
    };
    commands.into_iter().filter_map(ours).collect()
}

fn wrong(known: &Known, words: &[String]) -> Option<String> {
    let mut rest = words.iter();
    let mut path: Vec<String> = Vec::new();
    let mut found: Option<(&Vec<String>, &BTreeSet<String>)> = None;
    while let Some(word) = rest.next() {
        if word == "--config" || word == "--data" {
            rest.next();
        } else if !word.starts_with('-') {
            path.push(word.clone());
            match known.get_key_value(&path) {
                Some(entry) => found = Some(entry),
                None if known.keys().any(|name| name.starts_with(&path)) => {}
                None => break,
            }
        }
    }
    let is_about_all = words.iter().all(|word| GLOBAL.contains(&word.as_str()) || word == "COMMAND");
    let Some((_, flags)) = found else { return (!is_about_all).then(|| "docs/cli.md has no such command".into()) };
    let of_call = words.iter().filter(|word| word.starts_with("--")).map(|word| word.split('=').next().unwrap_or(word));
    let mut strange = of_call.filter(|flag| !flags.contains(*flag) && !GLOBAL.contains(flag));
    strange.next().map(|flag| format!("docs/cli.md knows no {flag} of it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> Known {
        known(&Page {
            path: "docs/cli.md".into(),
            text: "`doorward serve [--listen ADDR]`\n| `user add NAME --role ROLE [--password-stdin]` | `auth enable [--password]`, `backup FILE` |\n".into(),
        })
    }

    #[test]
    fn calls_are_found_in_a_shell_s_line() {
        let found = calls("printf '%s' \"$P\" | A=b doorward user add mara --role admin && KEY=$(doorward key list) # doorward x");
        assert_eq!(found, [vec!["user", "add", "mara", "--role", "admin"], vec!["key", "list"]]);
        assert_eq!(calls("echo 'doorward gone' doorward"), Vec::<Vec<String>>::new());
        assert_eq!(calls("doorward doctor https://x.example/?a=(b)").len(), 1);
    }

    #[test]
    fn a_command_and_its_flags_have_to_be_in_the_list() {
        let judged = |line: &str| wrong(&list(), &calls(line).remove(0));
        for good in
            ["doorward serve --listen :80", "doorward --data x user add a --role b", "doorward auth enable --password", "doorward --help"]
        {
            assert_eq!(judged(good), None, "{good}");
        }
        for bad in ["doorward user ad x", "doorward backup x --yes", "doorward auth", "doorward bakup x"] {
            assert!(judged(bad).is_some(), "{bad}");
        }
    }
}
