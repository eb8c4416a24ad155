//! A file of `htpasswd`: a name and a hash on each line. Of its kinds of hashes bcrypt is taken.

use super::{Incoming, Person};

pub(super) fn read(text: &str) -> Result<Incoming, String> {
    let mut users = Vec::new();
    for (number, line) in text.lines().enumerate().map(|(at, line)| (at + 1, line.trim())) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((username, rest)) = line.split_once(':').filter(|(name, _)| !name.is_empty()) else {
            return Err(format!("line {number}: expected a name, a colon and a hash"));
        };
        // Some programs put more behind another colon.
        let hash = rest.split(':').next().unwrap_or_default();
        users.push(Person {
            username: username.to_owned(),
            role: None,
            hash: Some(hash.to_owned()).filter(|hash| !hash.is_empty()),
            is_disabled: false,
        });
    }
    Ok(Incoming { users, ..Incoming::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_and_a_wrong_one_is_told() {
        let read = read("# made by hand\nada:$2y$05$hash\n\nbob:$apr1$salt$hash\n").unwrap();
        let names: Vec<_> = read.users.iter().map(|user| user.username.as_str()).collect();
        assert_eq!(names, ["ada", "bob"]);
        assert_eq!(super::read("ada:x\nnonsense\n").unwrap_err(), "line 2: expected a name, a colon and a hash");
        assert!(super::read(":x").is_err());
    }
}
