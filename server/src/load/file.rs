//! The configuration file: walks its tree by the table of keys, and says where what is wrong.

use super::{Environment, Given, Kind, Reading, apps, channels, keys, nearest, oidc, take_file, trust, yaml};
use std::path::Path;

/// Reads the file into the settings.
pub(super) fn read(reading: &mut Reading, file: &Path, environment: &Environment) {
    let name = file.strip_prefix(".").unwrap_or(file).display().to_string();
    let text = match reading.text_of(file) {
        Ok(text) => text,
        Err(error) => return reading.problems.push(format!("{name}: the configuration file can not be read: {error}")),
    };
    match yaml::parse(&text) {
        Ok(root) => read_node(reading, &name, "", &root, environment),
        Err((line, problem)) => reading.problems.push(format!("{name}:{line}: {problem}")),
    }
}

/// Reads a node of the file, and those below it.
fn read_node(reading: &mut Reading, file: &str, path: &str, node: &yaml::Node, environment: &Environment) {
    let place = format!("{file}:{}", node.line);
    let filled = |text: &str, plain: bool| fill(text, plain, environment).map(|text| text.trim_end_matches('\n').to_owned());
    let expected = |reading: &mut Reading, what: &str| reading.problems.push(format!("{place}: {path}: expected {what}"));
    if let Some(key) = keys::find(path) {
        let given = match &node.value {
            yaml::Value::Nothing => return,
            yaml::Value::Map(_) => return expected(reading, key.expects),
            yaml::Value::Text(text) => filled(text, key.kind != Kind::Secret).map(Given::One),
            yaml::Value::List(_) if key.kind != Kind::List => return expected(reading, &format!("{}, not a list", key.expects)),
            yaml::Value::List(items) => {
                let text = |item: &yaml::Node| match &item.value {
                    yaml::Value::Text(text) => filled(text, true),
                    _ => Err(format!("expected {}", key.expects)),
                };
                items.iter().map(text).collect::<Result<_, _>>().map(Given::Many)
            }
        };
        return match given {
            Ok(given) => reading.take(key, &place, &given),
            Err(problem) => reading.problems.push(format!("{place}: {path}: {problem}")),
        };
    }
    match path {
        "apps" => return apps::read(reading, file, node, environment),
        "auth.issuers" => return trust::read_issuers(reading, file, node, environment),
        "auth.oidc" => return oidc::read(reading, file, node, environment),
        "auth.ldap" => return trust::read_ldap(reading, file, node, environment),
        _ => {}
    }
    if path == channels::PATH {
        return channels::read(reading, file, node, environment);
    }
    if let Some(key) = path.strip_suffix("_file").and_then(keys::find).filter(|key| key.kind == Kind::Secret) {
        let yaml::Value::Text(text) = &node.value else { return expected(reading, "the name of a file") };
        return take_file(reading, key, &place, Path::new(text));
    }
    match &node.value {
        yaml::Value::Nothing if path.is_empty() || keys::is_section(path) => {}
        yaml::Value::Map(pairs) if path.is_empty() || keys::is_section(path) => {
            for (name, child) in pairs {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                read_node(reading, file, &path, child, environment);
            }
        }
        _ if path.is_empty() => reading.problems.push(format!("{place}: expected keys, like listen: 127.0.0.1:8080")),
        _ if keys::is_section(path) => expected(reading, "keys below it"),
        _ => reading.problems.push(format!("{place}: {path}: {}", unknown(path))),
    }
}

/// Says that there is no such key, and which one may have been meant.
fn unknown(path: &str) -> String {
    match nearest::nearest(path, keys::names().chain(["apps", channels::PATH, "auth.issuers", "auth.ldap", "auth.oidc"])) {
        Some(near) => format!("there is no such key; did you mean {near}?"),
        None => "there is no such key; docs/configuration.md lists all of them".into(),
    }
}

/// Puts variables where `${NAME}` stands; `$${` is a plain `${`.
pub(super) fn fill(text: &str, may_quote: bool, environment: &Environment) -> Result<String, String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if let Some(before) = rest[..at].strip_suffix('$') {
            filled.push_str(before);
            filled.push_str("${");
            rest = &rest[at + 2..];
            continue;
        }
        filled.push_str(&rest[..at]);
        let name = rest[at + 2..].split_once('}').map(|(name, _)| name);
        let is_name = |name: &&str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let Some(name) = name.filter(is_name) else {
            let shown = if may_quote { format!(" in {text}") } else { String::new() };
            return Err(format!("expected a variable like ${{NAME}}{shown}; write $${{ for a plain ${{"));
        };
        let value = environment.get(name).ok_or_else(|| format!("the variable {name} is not set"))?;
        filled.push_str(value);
        rest = &rest[at + 2 + name.len() + 1..];
    }
    filled.push_str(rest);
    Ok(filled)
}
