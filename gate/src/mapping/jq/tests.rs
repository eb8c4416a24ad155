//! What may run gives the right answer, and what must not run does not.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn claims() -> Map<String, Value> {
    let claims = json!({
        "email": "mara@example.com",
        "groups": ["staff", "Ops", "app-editor"],
        "realm_access": { "roles": ["offline_access", "admin"] },
        "resource_access": { "door": { "roles": ["run"] }, "other": { "roles": [] } },
        "level": 3,
    });
    claims.as_object().unwrap().clone()
}

fn run(source: &str) -> Result<Vec<String>, String> {
    Expression::compile(source)?.run(&claims())
}

#[test]
fn ordinary_expressions_give_their_answer() {
    for (source, answer) in [
        (r#"if any(.groups[]; . == "Ops") then "admin" else "viewer" end"#, Some("admin")),
        (r#"if (.groups | index("nobody")) then "admin" else "viewer" end"#, Some("viewer")),
        (r#".realm_access.roles | map(select(. == "admin")) | first"#, Some("admin")),
        (r#"(.groups // []) | map(ascii_downcase) | if contains(["ops"]) then "operator" else null end"#, Some("operator")),
        (r#".groups[] | select(startswith("app-")) | ltrimstr("app-")"#, Some("editor")),
        (r#".groups[] | select(startswith("app-")) | split("-")[1]"#, Some("editor")),
        (r#".email | split("@") | if last == "example.com" then "viewer" else empty end"#, Some("viewer")),
        (r#"if .email | endswith("@example.org") then "viewer" elif .level >= 3 then "operator" else "none" end"#, Some("operator")),
        (r#".resource_access | to_entries | map(select(.value.roles | length > 0) | .key) | first | "\(.)""#, Some("door")),
        (r#".groups as $own | ["Ops"] | if inside($own) then "operator" else empty end"#, Some("operator")),
        (r#"if all(.groups[]; startswith("x")) or ("door" | in({"door": 1}) | not) then "admin" else empty end"#, None),
        (r#"[.groups, .realm_access.roles] | add | unique | sort | join(",")"#, Some("Ops,admin,app-editor,offline_access,staff")),
        (r#".nothing.at.all"#, None),
        (r#"false"#, None),
        (r#".nothing[]?"#, None),
        (r#"(try .level[]) // "viewer""#, Some("viewer")),
    ] {
        match run(source) {
            Ok(texts) => assert_eq!(texts.first().map(String::as_str), answer, "{source}"),
            Err(problem) => panic!("{source}: {problem}"),
        }
    }
    for (source, part) in [(".groups", "no text"), (".level", "no text"), (".level[]", "cannot"), ("{a: .email}", "no text")] {
        assert!(run(source).unwrap_err().contains(part), "{source}");
    }
}

#[test]
fn what_is_not_pure_or_has_no_end_is_refused_before_it_runs() {
    let deep = format!("{}1{}", "[".repeat(40), "]".repeat(40));
    let minus = format!("{}1", "-".repeat(2000));
    let pipes = vec!["."; 500].join("|");
    let doubled = format!("\"x\"{}", "|.+.".repeat(30));
    let paired = format!("[1{}]", "|(.,.)".repeat(30));
    let written = format!("\"x\"{}", r#"|"\(.)\(.)""#.repeat(30));
    for source in [
        "halt",
        "halt(0)",
        "halt_error",
        "env",
        "$ENV",
        "$ENV.PATH",
        "env.HOME",
        "now",
        "input",
        "inputs",
        "debug",
        "stderr",
        "input_filename",
        "def f: f; f",
        "def f: [f]; f",
        "reduce .groups[] as $g (0; .+1)",
        "foreach .groups[] as $g (0; .+1)",
        "label $x | break $x",
        "repeat(.)",
        "recurse(.)",
        "[recurse]",
        "until(false; .)",
        "range(100000000)",
        "[limit(100000000; repeat(1))]",
        "\"x\" * 1000000000",
        "\"[\" | tonumber",
        "\"[[[[\" | fromjson",
        ".groups |= map(.)",
        ".a = 1",
        "input_line_number",
        "getpath([\"a\"])",
        "path(..)",
        "test(\"(a+)+$\")",
        "@base64 \"x\"",
        "@json",
        "try error catch .",
        "import \"a\" as a; .",
        "include \"a\"; .",
        ". as [$a] | $a",
        "[..|..|..]",
        ".[] as $a | .[] as $b | .[] as $c | .[] as $d | 1",
        "",
        "(",
        "\"",
        "\"\\(\"",
        "if",
        "'x'",
        ".groups[",
        "|",
        &deep,
        &minus,
        &pipes,
        &doubled,
        &paired,
        &written,
        &"x".repeat(3000),
    ] {
        let problem = Expression::compile(source).err();
        assert!(problem.is_some(), "{source}");
    }
}

#[test]
fn what_would_cost_too_much_with_many_claims_is_refused_with_them() {
    let source = r#"[.groups[] as $a | .groups[] as $b | select($a == $b) | "viewer"] | first"#;
    let expression = Expression::compile(source).unwrap();
    assert_eq!(expression.run(&claims()).unwrap(), ["viewer"]);
    let many = json!({ "groups": (0..5000).map(|n| format!("g{n}")).collect::<Vec<_>>() });
    assert!(expression.run(many.as_object().unwrap()).unwrap_err().contains("too long"));
    let large = json!({ "groups": ["x".repeat(70_000)] });
    assert!(expression.run(large.as_object().unwrap()).unwrap_err().contains("64 KiB"));
}

#[tokio::test]
async fn one_result_comes_back_from_beside_the_threads_of_requests() {
    let runner = Runner::default();
    let expression = Arc::new(Expression::compile(".email").unwrap());
    assert_eq!(runner.run(expression, claims()).await.unwrap(), ["mara@example.com"]);
}

/// Pieces that expressions are made of, good and bad.
fn piece() -> impl Strategy<Value = String> {
    let words = [
        ".",
        "..",
        ".[]",
        ".groups",
        ".groups[]",
        ".groups[0]",
        ".email",
        ".realm_access.roles[]",
        "\"a\"",
        "\"\\(.)\"",
        "1",
        "-1",
        "[]",
        "{}",
        "true",
        "null",
        "empty",
        "first",
        "last",
        "add",
        "unique",
        "sort",
        "keys",
        "to_entries",
        "length",
        "tostring",
        "type",
        "any",
        "all",
        "not",
        "values",
        "min",
        "ascii_downcase",
        "$x",
        "halt",
        "env",
        "input",
        "now",
        "recurse",
        "repeat(.)",
        "range(9)",
    ];
    let leaf = proptest::sample::select(words.map(str::to_owned).to_vec());
    leaf.prop_recursive(8, 64, 3, |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            (two.clone(), proptest::sample::select(vec!["|", ",", "//", "+", "-", "/", "*", "==", "<", "and", "or", "|=", "%"]))
                .prop_map(|((a, b), op)| format!("({a} {op} {b})")),
            two.clone().prop_map(|(a, b)| format!("({a} as $x | {b})")),
            two.clone().prop_map(|(a, b)| format!("if {a} then {b} else . end")),
            two.clone().prop_map(|(a, b)| format!("any({a}; {b})")),
            two.clone().prop_map(|(a, b)| format!("{{a: {a}, b: {b}}}")),
            two.clone().prop_map(|(a, b)| format!("\"\\({a})\\({b})\"")),
            two.clone().prop_map(|(a, b)| format!("({a})[{b}]")),
            two.clone().prop_map(|(a, b)| format!("({a})[{b}:]")),
            two.prop_map(|(a, b)| format!("reduce {a} as $x (0; {b})")),
            (
                inner.clone(),
                proptest::sample::select(vec!["map", "select", "contains", "index", "split", "join", "first", "has", "inside"])
            )
                .prop_map(|(a, name)| format!("{name}({a})")),
            inner.clone().prop_map(|a| format!("[{a}]")),
            inner.clone().prop_map(|a| format!("({a})[]")),
            inner.prop_map(|a| format!("{a}?")),
        ]
    })
}

proptest! {
    #[test]
    fn jq_any_expression_ends_soon_or_is_refused(source in piece(), groups in 0_usize..60) {
        if let Ok(expression) = Expression::compile(&source) {
            let mut claims = claims();
            claims.insert("groups".into(), (0..groups).map(|n| format!("group {n}")).collect());
            let (done, wait) = std::sync::mpsc::channel();
            std::thread::spawn(move || done.send(expression.run(&claims).map_or(0, |texts| texts.len())));
            // A debug build on a busy machine takes many times what a release takes.
            let results = wait.recv_timeout(Duration::from_secs(5));
            prop_assert!(results.is_ok_and(|results| results <= RESULTS), "{}", source);
        }
    }

    #[test]
    fn jq_any_text_is_an_expression_or_is_refused(source in "[.\\[\\](){}|,:;a-z$\"\\\\@?/ 0-9=<>+-]{0,200}") {
        if let Ok(expression) = Expression::compile(&source) {
            _ = expression.run(&claims());
        }
    }
}
