//! Rules of guarded apps: which request needs what. The first that matches counts. The server judges
//! by them, and the browser tries them out, with the same code.

use crate::{
    check::Problems,
    failure::FieldError,
    path::CanonicalPath,
    rights::{Permission, Permissions},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{fmt, str::FromStr};

/// The most rules of an app.
pub const MOST_RULES: usize = 200;
/// The most methods of a rule.
const MOST_METHODS: usize = 20;
/// The most characters of a pattern.
const LONGEST: usize = 500;

/// What a request needs that a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Allow {
    /// Nothing: everybody is let through.
    Public,
    /// To be signed in, or a good API key.
    Authenticated,
    /// This permission, where the app is.
    Permission(Permission),
    /// Nobody is let through.
    Deny,
}

impl Allow {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Authenticated => "authenticated",
            Self::Permission(permission) => permission.as_str(),
            Self::Deny => "deny",
        }
    }

    /// All there are, from the widest to the narrowest.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Public, Self::Authenticated].into_iter().chain(Permission::ALL.iter().copied().map(Self::Permission)).chain([Self::Deny])
    }
}

impl fmt::Display for Allow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Allow {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::all().find(|allow| allow.as_str() == text).ok_or_else(|| {
            let known: Vec<_> = Self::all().map(Self::as_str).collect();
            format!("expected one of {}", known.join(", "))
        })
    }
}

impl Serialize for Allow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Allow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'_, str>::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Allow {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("What is needed: nothing, to be signed in, a permission; or nobody is let through"))
            .enum_values(Some(Self::all().map(Self::as_str)))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Allow {}

/// A rule: which requests it is about, and what they need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// The methods, in capitals; any when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
    /// The path, with `*` for what stands within a segment and `**` for any number of segments; any
    /// when absent. A slash at the end does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What is needed.
    pub allow: Allow,
}

impl Rule {
    /// Whether the rule is about this request.
    #[must_use]
    pub fn matches(&self, method: &str, path: &CanonicalPath) -> bool {
        let is_method = self.methods.is_empty() || self.methods.iter().any(|own| own == method);
        is_method && self.path.as_deref().is_none_or(|pattern| matches(pattern, path))
    }

    fn add_problems(&self, problems: Problems, at: &str) -> Problems {
        problems
            .field(&format!("{at}.methods"), methods_problem(&self.methods))
            .field(&format!("{at}.path"), self.path.as_deref().and_then(pattern_problem))
    }
}

/// What is wrong with the rules of an app; `field` is what they are called.
#[must_use]
pub fn problems(rules: &[Rule], field: &str) -> Vec<FieldError> {
    let most = (rules.len() > MOST_RULES).then(|| format!("An app has at most {MOST_RULES} rules."));
    let problems = Problems::default().field(field, most);
    rules.iter().enumerate().take(MOST_RULES).fold(problems, |all, (at, rule)| rule.add_problems(all, &format!("{field}[{at}]"))).all()
}

fn methods_problem(methods: &[String]) -> Option<String> {
    if methods.len() > MOST_METHODS {
        return Some(format!("A rule has at most {MOST_METHODS} methods."));
    }
    let is_method = |text: &&String| (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
    methods.iter().find(|method| !is_method(method)).map(|_| "A method is a word in capitals, like GET.".into())
}

/// What is wrong with a pattern, if anything.
#[must_use]
pub fn pattern_problem(pattern: &str) -> Option<String> {
    if pattern.chars().count() > LONGEST {
        return Some(format!("A path has at most {LONGEST} characters."));
    }
    if pattern.contains('%') {
        return Some("Write the characters as they are, not encoded: rules are compared with the decoded path.".into());
    }
    if pattern.contains(['{', '}', '[', ']']) {
        return Some("For a part that varies write *, for any number of segments **.".into());
    }
    if pattern.split('/').any(|segment| segment.contains("**") && segment != "**") {
        return Some("** stands alone between two slashes; within a segment write *.".into());
    }
    // What no path can be, no path would ever match.
    let example: String = pattern.chars().map(|c| if c == ' ' { '_' } else { c }).collect();
    CanonicalPath::parse(&example).err().map(|problem| format!("No path looks like this: {problem}."))
}

/// Whether a path matches a pattern. A slash at the end of either does not count.
#[must_use]
pub fn matches(pattern: &str, path: &CanonicalPath) -> bool {
    let wanted = pattern.strip_suffix('/').unwrap_or(pattern);
    let wanted: Vec<&str> = wanted.split('/').skip(1).collect();
    let segments: Vec<&str> = path.segments().collect();
    wild(&wanted, &segments, |wanted| *wanted == "**", |wanted, segment| is_segment(wanted, segment))
}

/// Whether a segment matches a segment of a pattern.
fn is_segment(pattern: &str, segment: &str) -> bool {
    if !pattern.contains('*') {
        return pattern == segment;
    }
    wild(pattern.as_bytes(), segment.as_bytes(), |wanted| *wanted == b'*', |wanted, byte| wanted == byte)
}

/// Compares with wildcards. Only the last wildcard is ever stretched, so the time is at most the
/// product of both lengths, whatever they are.
fn wild<P, T>(pattern: &[P], text: &[T], is_wild: impl Fn(&P) -> bool, is_same: impl Fn(&P, &T) -> bool) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && is_wild(&pattern[p]) {
            back = Some((p, t));
            p += 1;
        } else if p < pattern.len() && is_same(&pattern[p], &text[t]) {
            (p, t) = (p + 1, t + 1);
        } else if let Some((wildcard, from)) = back {
            (p, t) = (wildcard + 1, from + 1);
            back = Some((wildcard, from + 1));
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(is_wild)
}

/// Who sends a request, as far as rules look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// Nobody who is known.
    Nobody,
    /// Somebody who is known, and has nothing where the app is: no member, or a key for elsewhere.
    Outsider,
    /// Somebody who has these permissions there.
    Known(Permissions),
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum Answer {
    /// It is let through.
    Allowed,
    /// One has to sign in first: a page leads there, everything else is 401.
    SignIn,
    /// It is refused, with 403.
    Denied,
}

/// What was decided, and by which rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// The rule's place in the list, from 0; absent where none matched and the default counts.
    pub rule: Option<usize>,
    /// What the request needs.
    pub allow: Allow,
    /// What becomes of it.
    pub answer: Answer,
}

/// What a request needs that no rule is about: `read` to look, `write` for everything else.
#[must_use]
pub fn by_default(method: &str) -> Allow {
    Allow::Permission(if matches!(method, "GET" | "HEAD" | "OPTIONS") { Permission::Read } else { Permission::Write })
}

/// Judges a request: the first rule that matches counts, else the default.
#[must_use]
pub fn judge(rules: &[Rule], method: &str, path: &CanonicalPath, caller: Caller) -> Verdict {
    let rule = rules.iter().position(|rule| rule.matches(method, path));
    let allow = rule.map_or_else(|| by_default(method), |at| rules[at].allow);
    Verdict { rule, allow, answer: answer(allow, caller) }
}

/// What becomes of a request that needs this.
#[must_use]
pub fn answer(allow: Allow, caller: Caller) -> Answer {
    match (allow, caller) {
        (Allow::Public, _) | (Allow::Authenticated, Caller::Known(_)) => Answer::Allowed,
        (Allow::Permission(wanted), Caller::Known(has)) if has.has(wanted) => Answer::Allowed,
        // Signing in helps nobody where nobody is let through.
        (Allow::Authenticated | Allow::Permission(_), Caller::Nobody) => Answer::SignIn,
        _ => Answer::Denied,
    }
}

/// Whether some request could be let through by these rules: a rule that lets the caller through, or
/// the default behind the last one.
#[must_use]
pub fn may_open(rules: &[Rule], caller: Caller) -> bool {
    let last = rules.iter().position(|rule| rule.methods.is_empty() && rule.path.as_deref().is_none_or(|path| path == "/**"));
    let reached = &rules[..last.map_or(rules.len(), |at| at + 1)];
    let by_rule = reached.iter().any(|rule| answer(rule.allow, caller) == Answer::Allowed);
    by_rule || (last.is_none() && ["GET", "POST"].iter().any(|method| answer(by_default(method), caller) == Answer::Allowed))
}

#[cfg(test)]
mod tests;
