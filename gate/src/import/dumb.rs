//! DUMB's `users.json`: names, bcrypt hashes, who is kept out, and whether one has to sign in.

use super::{Incoming, Person};
use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    enabled: bool,
    users: Vec<User>,
}

#[derive(Deserialize)]
struct User {
    username: String,
    /// A hash, whatever its name says.
    password: String,
    #[serde(default)]
    disabled: bool,
}

pub(super) fn read(text: &str) -> Result<Incoming, String> {
    let file: File = serde_json::from_str(text)
        .map_err(|error| format!("this is no users.json of DUMB's: line {}, column {}", error.line(), error.column()))?;
    let users = file.users.into_iter().map(|user| Person {
        username: user.username,
        role: None,
        hash: Some(user.password),
        is_disabled: user.disabled,
    });
    Ok(Incoming { users: users.collect(), is_sign_in_on: Some(file.enabled), ..Incoming::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hashes_and_switches_are_read() {
        let text = r#"{ "enabled": true, "jwt_secret": "x", "setup_skipped": false,
            "users": [{ "username": "ada", "password": "$2b$12$hash", "disabled": false }, { "username": "bob", "password": "$2b$12$h", "disabled": true }] }"#;
        let read = read(text).unwrap();
        assert_eq!(read.is_sign_in_on, Some(true));
        let seen: Vec<_> = read.users.iter().map(|user| (user.username.as_str(), user.is_disabled)).collect();
        assert_eq!(seen, [("ada", false), ("bob", true)]);
        assert!(super::read(r#"{ "users": {} }"#).unwrap_err().contains("line 1"));
    }
}
