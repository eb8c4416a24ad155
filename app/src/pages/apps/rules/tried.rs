//! A request tried on rules: which one it meets, and what becomes of it. The browser judges by the
//! server's own code, so rules that are not saved can be tried too.

use crate::ui::Tone;
use wire::{
    Permissions,
    path::CanonicalPath,
    rules::{Allow, Answer, Caller, Rule, Verdict, judge},
};

/// As whom a request is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct As {
    /// The role's name; nobody who is known when there is none.
    pub role: Option<String>,
    /// What the role may do.
    pub permissions: Permissions,
}

/// What becomes of a request, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// Good or bad.
    pub tone: Tone,
    /// The answer, and by which rule.
    pub title: String,
    /// Why.
    pub text: String,
    /// The rule's place, where one was met.
    pub rule: Option<usize>,
}

/// Tries a request.
#[must_use]
pub fn tried(rules: &[Rule], method: &str, path: &str, who: &As) -> Tried {
    let path = path.trim().split('?').next().unwrap_or_default();
    let canonical = match CanonicalPath::parse(path) {
        Ok(canonical) => canonical,
        Err(problem) => {
            let text = ["Two programs could read this path differently: ", &problem.to_string(), "."].concat();
            return Tried { tone: Tone::Danger, title: "Refused with 400, before any rule".into(), text, rule: None };
        }
    };
    let caller = who.role.as_ref().map_or(Caller::Nobody, |_| Caller::Known(who.permissions));
    let Verdict { rule, allow, answer } = judge(rules, method, &canonical, caller);
    let by = rule.map_or_else(|| "by default: no rule matches".to_owned(), |at| ["by rule ", &(at + 1).to_string()].concat());
    let (tone, title) = match answer {
        Answer::Allowed => (Tone::Success, ["Let through ", &by].concat()),
        Answer::SignIn => (Tone::Warning, ["Asked to sign in ", &by].concat()),
        Answer::Denied => (Tone::Danger, ["Turned away with 403 ", &by].concat()),
    };
    Tried { tone, title, text: why(allow, answer, who) + &before(rule, rules.len()), rule }
}

/// What is with the rules that were looked at before.
fn before(rule: Option<usize>, of: usize) -> String {
    match rule.unwrap_or(of) {
        0 => String::new(),
        1 => " Rule 1 is about other requests.".into(),
        several => [" Rules 1 to ", &several.to_string(), " are about other requests."].concat(),
    }
}

fn why(allow: Allow, answer: Answer, who: &As) -> String {
    let role = who.role.as_deref().unwrap_or("nobody");
    match (allow, answer) {
        (Allow::Public, _) => "It is open to everybody.".into(),
        (Allow::Deny, _) => "It lets nobody through, whoever asks.".into(),
        (Allow::Authenticated, Answer::Allowed) => "It needs a sign-in, and there is one.".into(),
        (_, Answer::SignIn) => "Pages lead to the sign-in page, everything else gets 401.".into(),
        (allow, Answer::Allowed) => ["It needs “", allow.as_str(), "”, which the role ", role, " has."].concat(),
        (allow, Answer::Denied) => ["It needs “", allow.as_str(), "”, which the role ", role, " does not have."].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::{Permission, rights::BUILT_IN};

    fn rules() -> Vec<Rule> {
        let rule = |methods: &[&str], path: Option<&str>, allow| Rule {
            methods: methods.iter().map(|method| (*method).to_owned()).collect(),
            path: path.map(str::to_owned),
            allow,
        };
        vec![
            rule(&[], Some("/healthz"), Allow::Public),
            rule(&["POST"], Some("/dags/*/start"), Allow::Permission(Permission::Run)),
            rule(&["DELETE"], None, Allow::Deny),
        ]
    }

    fn built_in(at: usize) -> As {
        As { role: Some(BUILT_IN[at].name.into()), permissions: BUILT_IN[at].permissions }
    }

    fn nobody() -> As {
        As { role: None, permissions: Permissions::NONE }
    }

    #[test]
    fn the_first_rule_that_matches_says_what_becomes_of_a_request() {
        let (viewer, operator, nobody) = (built_in(0), built_in(1), nobody());
        for (method, path, who, title, rule) in [
            ("GET", "/healthz", &nobody, "Let through by rule 1", Some(0)),
            ("POST", "/dags/nightly/start?now=1", &operator, "Let through by rule 2", Some(1)),
            ("POST", "/dags/nightly/start", &viewer, "Turned away with 403 by rule 2", Some(1)),
            ("POST", "/dags/nightly/start", &nobody, "Asked to sign in by rule 2", Some(1)),
            ("DELETE", "/dags/nightly", &operator, "Turned away with 403 by rule 3", Some(2)),
            ("GET", "/dags", &viewer, "Let through by default: no rule matches", None),
            ("GET", "/a/../b", &viewer, "Refused with 400, before any rule", None),
            ("GET", "dags", &viewer, "Refused with 400, before any rule", None),
        ] {
            let tried = tried(&rules(), method, path, who);
            assert_eq!((tried.title.as_str(), tried.rule), (title, rule), "{method} {path}");
        }
    }

    #[test]
    fn it_is_said_what_is_missing() {
        let told = tried(&rules(), "POST", "/dags/x/start", &built_in(0));
        assert_eq!(told.text, "It needs “run”, which the role viewer does not have. Rule 1 is about other requests.");
        assert_eq!(tried(&[], "GET", "/", &nobody()).text, "Pages lead to the sign-in page, everything else gets 401.");
        assert!(tried(&rules(), "GET", "/dags", &built_in(0)).text.ends_with("Rules 1 to 3 are about other requests."));
    }
}
