//! Holds the documents to the code: what is made from tables is equal to them, what is written by
//! hand names everything.

mod api;

use crate::{cli::Cli, load};
use clap::CommandFactory;
use doorward::{
    gate::Gate,
    wire::{
        Code,
        audit::Action,
        policy::{Needs, OPERATIONS},
    },
};
use std::{collections::BTreeSet, fs, path::PathBuf};

/// The root of the workspace.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Compares what follows the marker in a document with what the code says.
fn keep(name: &str, table: &str) {
    let place = root().join("docs").join(name);
    let text = fs::read_to_string(&place).unwrap();
    let at = text.find("<!-- From here on made from").unwrap_or_else(|| panic!("docs/{name} has no marker"));
    let head = &text[..at + text[at..].find('\n').unwrap() + 1];
    let wanted = format!("{head}\n{table}");
    if text != wanted {
        let target = root().join("target/docs");
        fs::create_dir_all(&target).unwrap();
        fs::write(target.join(name), wanted).unwrap();
        panic!("docs/{name} is not what the code says. Look at it and: cp target/docs/{name} docs/{name}");
    }
}

#[test]
fn the_errors_are_all_there() {
    let rows = Code::ALL.iter().map(|code| format!("| `{}` | {} | {} |\n", code.as_str(), code.status(), code.title()));
    keep("errors.md", &format!("| code | status | meaning |\n| --- | --- | --- |\n{}", rows.collect::<String>()));
}

#[test]
fn the_events_are_all_there() {
    let rows = Action::ALL.iter().map(|action| format!("| `{}` | somebody {} … |\n", action.as_str(), action.words()));
    keep("events.md", &format!("| action | reads |\n| --- | --- |\n{}", rows.collect::<String>()));
}

#[test]
fn the_operations_are_all_there() {
    let needs = |needs: Needs| match needs {
        Needs::Nothing => "–".to_owned(),
        Needs::SetupOpen => "setup open".into(),
        Needs::SignedIn => "signed in".into(),
        Needs::Session => "a session".into(),
        Needs::Permission(permission) => format!("`{permission}`"),
    };
    let rows =
        OPERATIONS.iter().map(|row| format!("| {} `{}` | {} | {} |\n", row.method.as_str(), row.path, needs(row.needs), row.summary));
    keep("api-design.md", &format!("| method and path | needs | does |\n| --- | --- | --- |\n{}", rows.collect::<String>()));
}

#[test]
fn the_reference_of_the_interface_is_all_there() {
    keep("api.md", &api::page(&Gate::openapi()));
}

#[test]
fn the_keys_are_all_there() {
    let defaults =
        load::load(&load::Flags { config: Some("/dev/null".into()), ..load::Flags::default() }, &load::Environment::default()).unwrap();
    let rows = load::all_keys().zip(defaults.show()).map(|(key, shown)| {
        let short = key.short.map(|short| format!(" Also `DOORWARD_{short}`.")).unwrap_or_default();
        let also = if key.path == "database_url" { " Also `DATABASE_URL`." } else { "" };
        let secret = if key.kind == load::Kind::Secret { " A secret." } else { "" };
        format!("| `{}` | {}{secret}{short}{also} | {} | {} |\n", key.path, key.about, key.expects, shown.value)
    });
    let of_apps = load::APP_KEYS.iter().map(|key| {
        let secret = if key.is_secret { " A secret." } else { "" };
        format!("| `apps.<slug>.{}` | {}{secret} | {} | {} |\n", key.path, key.about, key.expects, key.default)
    });
    fn of<D>(section: &'static str, tables: load::Tables<D>) -> impl Iterator<Item = String> {
        tables.iter().flat_map(|table| table.iter()).map(move |key| {
            let secret = if key.is_secret { " A secret." } else { "" };
            format!("| `{section}.{}` | {}{secret} | {} | {} |\n", key.path, key.about, key.expects, key.default)
        })
    }
    let of_trust =
        of("auth.oidc.<id>", load::OIDC_KEYS).chain(of("auth.issuers.<id>", load::ISSUER_KEYS)).chain(of("auth.ldap", load::LDAP_KEYS));
    let of_channels = load::CHANNEL_KEYS
        .iter()
        .map(|key| format!("| `live.channels[].{}` | {} | {} | {} |\n", key.name, key.about, key.expects, key.default));
    let rows = rows.chain(of_trust).chain(of_channels).chain(of_apps);
    keep("configuration.md", &format!("| key | what for | takes | default |\n| --- | --- | --- | --- |\n{}", rows.collect::<String>()));
}

/// Published for editors, which take it by its address or as a file.
#[test]
fn the_schema_of_the_configuration_is_published() {
    let place = root().join("docs/doorward.schema.json");
    let wanted = serde_json::to_string_pretty(&load::schema()).unwrap() + "\n";
    if fs::read_to_string(&place).unwrap_or_default() != wanted {
        let target = root().join("target/docs");
        fs::create_dir_all(&target).unwrap();
        fs::write(target.join("doorward.schema.json"), wanted).unwrap();
        panic!(
            "docs/doorward.schema.json is not what the code says. Look at it and: cp target/docs/doorward.schema.json docs/doorward.schema.json"
        );
    }
}

#[test]
fn the_commands_and_their_flags_are_all_there() {
    let text = fs::read_to_string(root().join("docs/cli.md")).unwrap();
    let mut waiting = vec![(String::new(), Cli::command())];
    while let Some((path, command)) = waiting.pop() {
        for flag in command.get_arguments().filter_map(clap::Arg::get_long).filter(|flag| !matches!(*flag, "help" | "version")) {
            assert!(text.contains(&format!("--{flag}")), "docs/cli.md does not name --{flag}");
        }
        for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
            let path = format!("{path} {}", below.get_name()).trim().to_owned();
            assert!(text.contains(&path), "docs/cli.md does not name `{path}`");
            waiting.push((path, below.clone()));
        }
    }
}

/// The crates that our manifests name, without our own.
fn dependencies() -> BTreeSet<String> {
    let ours = ["wire", "gate", "app", "frontend", "doorward", "doorward-gate", "doorward-wire"];
    let members = ["", "wire", "gate", "app", "frontend", "server", "xtask", "bench"];
    let mut names = BTreeSet::new();
    for member in members {
        let Ok(text) = fs::read_to_string(root().join(member).join("Cargo.toml")) else { continue };
        let mut is_list = false;
        for line in text.lines() {
            if let Some(section) = line.strip_prefix('[') {
                let section = section.trim_end_matches(']');
                is_list = section.ends_with("dependencies");
                names.extend(section.rsplit_once("dependencies.").map(|(_, name)| name.to_owned()));
            } else if let (true, Some((name, _))) = (is_list, line.split_once('=')) {
                let name = name.trim().trim_end_matches(".workspace");
                let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
                names.extend(is_name.then(|| name.to_owned()));
            }
        }
    }
    names.into_iter().filter(|name| !ours.contains(&name.as_str())).collect()
}

#[test]
fn every_dependency_has_a_reason() {
    let text = fs::read_to_string(root().join("docs/dependencies.md")).unwrap();
    let written: BTreeSet<String> =
        text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(name, _)| name.to_owned())).collect();
    let used = dependencies();
    assert_eq!(used.difference(&written).collect::<Vec<_>>(), Vec::<&String>::new(), "these have no line in docs/dependencies.md");
    assert_eq!(written.difference(&used).collect::<Vec<_>>(), Vec::<&String>::new(), "these are in docs/dependencies.md, but not used");
}
