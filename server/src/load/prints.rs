//! By what a configuration that is read again is told from the one before: a print of each value, secrets
//! too, which can not be turned back; and the files that it lies in.

use super::{Loaded, Reading};
use std::{
    collections::BTreeMap,
    fmt,
    hash::{BuildHasher, Hash, RandomState},
    io,
    path::Path,
    sync::LazyLock,
};

/// Of this process: in another one the same value has another print.
static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// A print for each key, or for each section that is read whole; apps and the rules of channels have none,
/// for they are compared themselves.
#[derive(Clone, Default)]
pub(super) struct Prints(BTreeMap<String, u64>);

impl fmt::Debug for Prints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Prints").field(&self.0.len()).finish()
    }
}

impl Prints {
    /// Takes note of the value that counts for a key now.
    pub(super) fn note(&mut self, path: &str, value: &impl Hash) {
        self.0.insert(path.to_owned(), HASHER.hash_one(value));
    }

    /// Takes note of a part of a section.
    pub(super) fn add(&mut self, path: &str, value: &impl Hash) {
        let print = self.0.entry(path.to_owned()).or_default();
        *print = HASHER.hash_one((*print, value));
    }
}

impl Reading {
    /// Reads a file that a key names, and keeps in mind that it counts.
    pub(super) fn text_of(&mut self, file: &Path) -> io::Result<String> {
        self.files.push(file.to_owned());
        std::fs::read_to_string(file)
    }
}

impl Loaded {
    /// The keys and sections, but for apps and the rules of live channels, that are not as they were in
    /// another reading of this process.
    pub fn changed_since(&self, before: &Self) -> Vec<String> {
        let (old, new) = (&before.prints.0, &self.prints.0);
        let mut changed: Vec<String> =
            new.iter().filter(|(path, print)| old.get(*path) != Some(*print)).map(|(path, _)| path.clone()).collect();
        changed.extend(old.keys().filter(|path| !new.contains_key(*path)).cloned());
        changed.sort();
        changed
    }
}

#[cfg(test)]
mod tests {
    use crate::load::{Environment, Flags, load_with_files, tests::load_text};

    const SECRET: &str = "8f14e45fceea167a5a36dedd4bea25438f14e45fceea167a5a36dedd4bea2543";

    fn changed(before: &str, after: &str) -> Vec<String> {
        load_text(after, &[("TOKEN", "t")]).unwrap().changed_since(&load_text(before, &[("TOKEN", "t")]).unwrap())
    }

    #[test]
    fn what_is_different_is_told_by_its_key() {
        let ldap = "auth:\n  ldap:\n    url: ldaps://a.example\n    base_dn: dc=a\n";
        let other = ldap.replace("a.example", "b.example");
        for (before, after, keys) in [
            ("listen: 127.0.0.1:1", "# moved down\n\nlisten: 127.0.0.1:1", vec![]),
            ("listen: 127.0.0.1:1", "listen: 127.0.0.1:2", vec!["listen"]),
            ("listen: 127.0.0.1:1\ndata: x", "data: x", vec!["listen"]),
            ("", "log: { level: warn }\nhosts: [a.example]", vec!["hosts", "log.level"]),
            (
                &format!("auth: {{ jwt_secret: {SECRET} }}"),
                &format!("auth: {{ jwt_secret: {} }}", SECRET.replace('8', "9")),
                vec!["auth.jwt_secret"],
            ),
            (ldap, ldap, vec![]),
            (ldap, &other, vec!["auth.ldap"]),
            (ldap, "", vec!["auth.ldap"]),
            ("apps: { a: { upstream: http://a:1 } }", "apps: { b: { upstream: http://b:1 } }", vec![]),
            ("", "live: { channels: [ { channel: \"x:*\" } ] }", vec![]),
        ] {
            assert_eq!(changed(before, after), keys, "{before} -> {after}");
        }
    }

    #[test]
    fn what_stands_in_a_file_of_its_own_counts_too_and_that_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let (file, secret, password) = (folder.path().join("doorward.yaml"), folder.path().join("secret"), folder.path().join("password"));
        let yaml = format!(
            "auth:\n  jwt_secret_file: {}\napps:\n  a: {{ upstream: http://a:1, upstream_auth: {{ basic: {{ username: x, password_file: {} }} }} }}\n",
            secret.display(),
            password.display()
        );
        std::fs::write(&file, yaml).unwrap();
        std::fs::write(&secret, SECRET).unwrap();
        let flags = Flags { config: Some(file.clone()), ..Flags::default() };
        let (missing, files) = load_with_files(&flags, &Environment::default());
        assert!(missing.is_err(), "there is no password");
        assert_eq!(files, [file.clone(), secret.clone(), password.clone()]);
        std::fs::write(&password, "one").unwrap();
        let before = load_with_files(&flags, &Environment::default()).0.unwrap();
        std::fs::write(&secret, SECRET.replace('8', "9")).unwrap();
        let after = load_with_files(&flags, &Environment::default()).0.unwrap();
        assert_eq!(after.changed_since(&before), ["auth.jwt_secret"]);
        assert!(!format!("{after:?}").contains(&SECRET.replace('8', "9")));
    }
}
