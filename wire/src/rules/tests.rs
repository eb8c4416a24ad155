use super::*;
use crate::rights::BUILT_IN;
use proptest::prelude::*;

fn path(text: &str) -> CanonicalPath {
    CanonicalPath::parse(text).unwrap()
}

fn rule(methods: &[&str], path: Option<&str>, allow: &str) -> Rule {
    Rule { methods: methods.iter().map(|m| (*m).to_owned()).collect(), path: path.map(Into::into), allow: allow.parse().unwrap() }
}

fn viewer() -> Caller {
    Caller::Known(BUILT_IN[0].permissions)
}

fn operator() -> Caller {
    Caller::Known(BUILT_IN[1].permissions)
}

fn admin() -> Caller {
    Caller::Known(BUILT_IN[4].permissions)
}

#[test]
fn a_star_stays_within_a_segment_and_two_go_across() {
    for (pattern, good, bad) in [
        ("/", vec!["/"], vec!["/a", "/a/"]),
        ("/healthz", vec!["/healthz", "/healthz/"], vec!["/", "/healthz/x", "/healthzz", "/Healthz"]),
        ("/healthz/", vec!["/healthz", "/healthz/"], vec!["/healthz/x"]),
        (
            "/dags/*/start",
            vec!["/dags/a/start", "/dags/a%20b/start", "/dags/a/start/"],
            vec!["/dags/start", "/dags/a/b/start", "/dags/a/stop"],
        ),
        ("/a/*", vec!["/a/b", "/a/b/"], vec!["/a", "/a/", "/a/b/c"]),
        ("/a/**", vec!["/a", "/a/", "/a/b", "/a/b/c/d"], vec!["/", "/ab", "/b/a"]),
        ("/**", vec!["/", "/a", "/a/b"], vec![]),
        ("/**/x", vec!["/x", "/a/x", "/a/b/x"], vec!["/", "/xx", "/x/a"]),
        ("/a/**/x/*", vec!["/a/x/1", "/a/b/x/1", "/a/x/x/1"], vec!["/a/x", "/a/b/1"]),
        ("/v*/f*.js", vec!["/v1/f.js", "/v/foo.js"], vec!["/v1/f.jsx", "/v1/a/f.js"]),
        ("/ä b", vec!["/%C3%A4%20b"], vec!["/a%20b"]),
    ] {
        good.iter().for_each(|text| assert!(matches(pattern, &path(text)), "{pattern} {text}"));
        bad.iter().for_each(|text| assert!(!matches(pattern, &path(text)), "{pattern} {text}"));
    }
}

#[test]
fn the_first_rule_that_matches_counts() {
    let rules = [
        rule(&[], Some("/healthz"), "public"),
        rule(&["POST"], Some("/api/v1/dags/*/start"), "run"),
        rule(&[], Some("/api/v1/internal/**"), "deny"),
        rule(&["GET", "HEAD"], None, "read"),
        rule(&[], None, "write"),
    ];
    let judged = |method: &str, text: &str, caller| {
        let verdict = judge(&rules, method, &path(text), caller);
        (verdict.rule, verdict.answer)
    };
    assert_eq!(judged("GET", "/healthz", Caller::Nobody), (Some(0), Answer::Allowed));
    assert_eq!(judged("POST", "/api/v1/dags/a/start", viewer()), (Some(1), Answer::Denied));
    assert_eq!(judged("POST", "/api/v1/dags/a/start", operator()), (Some(1), Answer::Allowed));
    assert_eq!(judged("POST", "/api/v1/dags/a/start", Caller::Nobody), (Some(1), Answer::SignIn));
    assert_eq!(judged("post", "/api/v1/dags/a/start", operator()), (Some(4), Answer::Denied), "methods differ by case");
    assert_eq!(judged("GET", "/api/v1/internal/x", admin()), (Some(2), Answer::Denied));
    assert_eq!(judged("GET", "/api/v1/internal", Caller::Nobody), (Some(2), Answer::Denied), "signing in would not help");
    assert_eq!(judged("GET", "/", viewer()), (Some(3), Answer::Allowed));
    assert_eq!(judged("DELETE", "/", operator()), (Some(4), Answer::Denied));
    assert_eq!(judged("DELETE", "/", Caller::Outsider), (Some(4), Answer::Denied));
}

#[test]
fn without_a_rule_looking_needs_read_and_the_rest_write() {
    for method in ["GET", "HEAD", "OPTIONS"] {
        assert_eq!(
            judge(&[], method, &path("/x"), viewer()),
            Verdict { rule: None, allow: Allow::Permission(Permission::Read), answer: Answer::Allowed }
        );
    }
    for method in ["POST", "PUT", "PATCH", "DELETE", "PROPFIND", "get", "TRACE"] {
        assert_eq!(judge(&[], method, &path("/x"), operator()).answer, Answer::Denied, "{method}");
        assert_eq!(judge(&[], method, &path("/x"), admin()).answer, Answer::Allowed, "{method}");
    }
    let health = [rule(&[], Some("/healthz"), "public")];
    assert_eq!(judge(&health, "GET", &path("/x"), Caller::Nobody).answer, Answer::SignIn, "behind the last rule too");
}

#[test]
fn an_app_can_be_opened_by_whom_some_rule_lets_through() {
    assert!(may_open(&[], viewer()));
    assert!(!may_open(&[], Caller::Nobody) && !may_open(&[], Caller::Outsider));
    assert!(may_open(&[rule(&[], Some("/healthz"), "public")], Caller::Nobody));
    let admins = [rule(&[], None, "apps"), rule(&[], Some("/x"), "public")];
    assert!(!may_open(&admins, viewer()) && may_open(&admins, admin()), "what is behind a rule for everything is never reached");
    assert!(!may_open(&[rule(&[], Some("/**"), "deny")], admin()));
}

#[test]
fn what_is_wrong_with_a_rule_is_named() {
    for pattern in ["/", "/a/*/b", "/a/**", "/**/x", "/a*b*", "/ä b"] {
        assert_eq!(pattern_problem(pattern), None, "{pattern}");
    }
    for pattern in
        ["", "a", "*", "/a//b", "/a/../b", "/a/**b", "/***", "/dags/{id}", "/[a-z]", "/a%20b", "/a?x", "/a#x", "/a;b", "/a\\b", "/\t"]
    {
        assert!(pattern_problem(pattern).is_some(), "{pattern}");
    }
    let rules = [rule(&["get"], Some("a"), "read"), rule(&["GET"], Some("/"), "read")];
    let fields: Vec<_> = problems(&rules, "rules").into_iter().map(|problem| problem.field).collect();
    assert_eq!(fields, ["rules[0].methods", "rules[0].path"]);
    assert_eq!(problems(&vec![rule(&[], None, "read"); MOST_RULES + 1], "rules").len(), 1);
}

#[test]
fn a_rule_reads_as_it_is_written() {
    let text = r#"{"methods":["POST"],"path":"/api/v1/dags/*/start","allow":"run"}"#;
    let read: Rule = serde_json::from_str(text).unwrap();
    assert_eq!(read, rule(&["POST"], Some("/api/v1/dags/*/start"), "run"));
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
    assert!(serde_json::from_str::<Rule>(r#"{"allow":"everybody"}"#).is_err());
    assert!(serde_json::from_str::<Rule>(r#"{"path":"/"}"#).is_err(), "a rule that says nothing is none");
    for allow in Allow::all() {
        assert_eq!(allow.as_str().parse(), Ok(allow));
    }
}

/// What the quick comparison has to agree with: every way to stretch every wildcard is tried.
fn slowly(pattern: &[char], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some(('*', rest)), _) if slowly(rest, text) => true,
        (Some(('*', _)), Some((_, after))) => slowly(pattern, after),
        (Some((a, rest)), Some((b, after))) => a == b && slowly(rest, after),
        _ => false,
    }
}

proptest! {
    #[test]
    fn wildcards_mean_what_they_should(pattern in "[ab*]{0,8}", text in "[ab]{0,8}") {
        let (slow_pattern, slow_text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
        prop_assert_eq!(is_segment(&pattern, &text), slowly(&slow_pattern, &slow_text));
    }

    #[test]
    fn a_path_matches_itself_and_what_is_above_it(segments in prop::collection::vec("[a-z0-9]{1,4}", 1..6)) {
        let whole = format!("/{}", segments.join("/"));
        prop_assert!(matches(&whole, &path(&whole)));
        for end in 0..=segments.len() {
            let above = format!("/{}/**", segments[..end].join("/")).replace("//", "/");
            prop_assert!(matches(&above, &path(&whole)), "{} {}", above, whole);
        }
    }

    #[test]
    fn more_permissions_are_never_less(method in "GET|POST|DELETE", raw in "/|(/[ab]{1,2}){1,2}", rules in prop::collection::vec(("/[ab*]{1,2}|/\\*\\*", 0_usize..14), 0..5)) {
        let all: Vec<_> = Allow::all().collect();
        let rules: Vec<_> = rules.into_iter().map(|(pattern, at)| Rule { methods: vec![], path: Some(pattern), allow: all[at % all.len()] }).collect();
        let strength = |caller| usize::from(judge(&rules, &method, &path(&raw), caller).answer == Answer::Allowed);
        let mut before = strength(Caller::Nobody);
        prop_assert_eq!(before, strength(Caller::Outsider), "to be known elsewhere is worth nothing here");
        for role in BUILT_IN {
            let now = strength(Caller::Known(role.permissions));
            prop_assert!(now >= before);
            prop_assert!(now == 0 || may_open(&rules, Caller::Known(role.permissions)), "what can be reached can be opened");
            before = now;
        }
    }

    #[test]
    fn no_pattern_panics(pattern in ".{0,40}", raw in "/[a-z/*.]{0,30}") {
        let _ = pattern_problem(&pattern);
        if let Ok(path) = CanonicalPath::parse(&raw) {
            let _ = matches(&pattern, &path);
        }
    }
}
