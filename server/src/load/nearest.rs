//! Which known name somebody may have meant.

/// The known name that is nearest, if one is near at all. A name whose last part is right counts as
/// near: `access_ttl` for `auth.access_ttl`.
pub(super) fn nearest<T: AsRef<str>>(typed: &str, known: impl Iterator<Item = T>) -> Option<String> {
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_lowercase();
    let typed_lower = typed.to_lowercase().replace('-', "_");
    let distance = |name: &str| {
        let whole = edits(&typed_lower, &name.to_lowercase());
        let part = edits(&last(&typed_lower), &last(name));
        whole.min(part + usize::from(part < whole))
    };
    let allowed = 1 + typed.len() / 4;
    known
        .map(|name| (distance(name.as_ref()), name))
        .filter(|(far, _)| *far <= allowed)
        .min_by_key(|(far, _)| *far)
        .map(|(_, name)| name.as_ref().to_owned())
}

/// How many letters must be added, removed, replaced, or swapped with their neighbour.
fn edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(80).collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised() {
        let known = || ["listen", "data", "auth.access_ttl", "auth.jwt_secret", "log.level"].into_iter();
        for (typed, meant) in [
            ("lisen", Some("listen")),
            ("Listen", Some("listen")),
            ("auth.acess_ttl", Some("auth.access_ttl")),
            ("access_ttl", Some("auth.access_ttl")),
            ("auth.access-ttl", Some("auth.access_ttl")),
            ("auth.jwtsecret", Some("auth.jwt_secret")),
            ("loglevel", Some("log.level")),
            ("colour", None),
            ("x", None),
        ] {
            assert_eq!(nearest(typed, known()).as_deref(), meant, "{typed}");
        }
    }

    #[test]
    fn swapped_letters_are_one_slip() {
        assert_eq!(edits("lsiten", "listen"), 1);
        assert_eq!(edits("", "abc"), 3);
    }
}
