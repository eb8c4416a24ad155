//! Boltbase's files: one of JSON for each user, and one for each API key. Its roles are called as ours.

use super::{Incoming, Person};
use serde::Deserialize;
use serde_json::Value;
use wire::{RoleName, keys::NewApiKey};

#[derive(Deserialize)]
struct User {
    username: String,
    password_hash: String,
    role: String,
    #[serde(default)]
    is_disabled: bool,
}

#[derive(Deserialize)]
struct Key {
    name: String,
    #[serde(default)]
    description: Option<String>,
    role: String,
}

pub(super) fn read<'t>(files: impl IntoIterator<Item = (String, &'t str)>) -> Result<Incoming, String> {
    let mut incoming = Incoming::default();
    for (file, text) in files {
        let value: Value = serde_json::from_str(text).map_err(|_| format!("{file}: this is not JSON"))?;
        // A file of several is taken as well as one for each.
        let all = match value {
            Value::Array(all) => all,
            one => vec![one],
        };
        for value in all {
            let wrong = |_| format!("{file}: this is neither a user nor an API key of Boltbase's");
            if value.get("key_hash").is_some() {
                let Key { name, description, role } = serde_json::from_value(value).map_err(wrong)?;
                incoming.keys.push(NewApiKey { name, description, role: RoleName(role), ..NewApiKey::default() });
            } else {
                let User { username, password_hash, role, is_disabled } = serde_json::from_value(value).map_err(wrong)?;
                let hash = Some(password_hash).filter(|hash| !hash.is_empty());
                incoming.users.push(Person { username, role: Some(RoleName(role)), hash, is_disabled });
            }
        }
    }
    Ok(incoming)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_and_keys_are_told_apart() {
        let user = r#"{ "id": "1", "username": "ada", "password_hash": "$2a$10$x", "role": "developer", "is_disabled": true }"#;
        let key = r#"{ "id": "2", "name": "ci", "role": "operator", "key_hash": "$2a$10$y", "key_prefix": "bolt_abc" }"#;
        let read = read([("1.json".to_owned(), user), ("2.json".to_owned(), key)]).unwrap();
        assert_eq!((read.users[0].username.as_str(), read.users[0].role.as_ref().unwrap().0.as_str()), ("ada", "developer"));
        assert!(read.users[0].is_disabled);
        assert_eq!((read.keys[0].name.as_str(), read.keys[0].role.0.as_str()), ("ci", "operator"));
        assert!(super::read([("3.json".to_owned(), "{}")]).unwrap_err().starts_with("3.json"));
        assert!(super::read([("4.json".to_owned(), "x")]).unwrap_err().contains("not JSON"));
    }
}
