//! Facets: all that lists are filtered by, in one word, so that each combination is a range of an index.

use wire::users::Source;

const SOURCES: [Source; 4] = [Source::Local, Source::Oidc, Source::Issuer, Source::Ldap];

/// The facet of a user.
pub(super) fn facet(role: &str, source: Source, is_disabled: bool) -> String {
    let status = if is_disabled { "disabled" } else { "active" };
    format!("{role} {} {status}", source.as_str())
}

/// The facets that a filter lets through, of all roles there are; none at all when nothing is filtered.
pub(crate) fn facets(all: &[&str], role: Option<&str>, source: Option<Source>, is_disabled: Option<bool>) -> Vec<String> {
    if role.is_none() && source.is_none() && is_disabled.is_none() {
        return Vec::new();
    }
    let roles = role.map_or_else(|| all.to_vec(), |role| vec![role]);
    let sources = source.map_or_else(|| SOURCES.to_vec(), |source| vec![source]);
    let states = is_disabled.map_or_else(|| vec![false, true], |state| vec![state]);
    let mut all = Vec::new();
    for role in roles {
        for source in &sources {
            all.extend(states.iter().map(|state| facet(role, *source, *state)));
        }
    }
    all
}
