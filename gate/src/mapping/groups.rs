//! The groups that somebody is in, as a claim has them.

use crate::jwks::Claims;
use serde_json::Value;

/// The most groups that are looked at.
pub(super) const MOST: usize = 500;

/// The groups of a claim, and how many more there are than are looked at. One text is one group, a list
/// of texts are several; what is no text is none.
pub(super) fn read(claims: &Claims, name: &str) -> (Vec<String>, usize) {
    match find(claims, name) {
        Some(Value::String(one)) => (vec![one.clone()], 0),
        Some(Value::Array(items)) => {
            let mut texts = items.iter().filter_map(Value::as_str);
            let groups: Vec<String> = texts.by_ref().take(MOST).map(str::to_owned).collect();
            (groups, texts.count())
        }
        _ => (Vec::new(), 0),
    }
}

/// The claim of this name. Names may have dots in them (`https://example.com/groups`); where there is
/// none of the whole name, the dots lead into objects.
fn find<'c>(claims: &'c Claims, name: &str) -> Option<&'c Value> {
    claims.get(name).or_else(|| {
        let mut parts = name.split('.');
        let first = claims.get(parts.next()?)?;
        parts.try_fold(first, |value, part| value.as_object()?.get(part))
    })
}
