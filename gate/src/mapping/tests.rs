//! Which role claims give, and what is said about it.

use super::*;
use crate::{testing::Door, wire::sso::GroupMapping};
use serde_json::{Value, json};

fn mapping(lines: &[(&str, &str)]) -> RoleMapping {
    let line = |(group, role): &(&str, &str)| GroupMapping { group: (*group).into(), role: RoleName((*role).into()) };
    RoleMapping { group_mappings: lines.iter().map(line).collect(), ..RoleMapping::default() }
}

async fn outcome(door: &Door, settings: RoleMapping, claims: Value) -> MappingOutcome {
    Mapping::new(settings).unwrap().apply(&door.gate, claims.as_object().unwrap()).await
}

fn role(outcome: &MappingOutcome) -> Option<&str> {
    outcome.role.as_ref().map(|role| role.0.as_str())
}

/// OID-129
#[tokio::test]
async fn groups_match_exactly_and_the_highest_role_wins() {
    let door = Door::claimed().await;
    let lines = [("staff", "viewer"), ("admins", "admin"), ("ops", "operator"), ("root", "admin")];
    for (groups, wanted) in [
        (json!(["staff", "ops"]), "operator"),
        (json!(["ops", "admins", "root"]), "admin"),
        (json!("admins"), "admin"),
        (json!("admins,ops"), "viewer"),
        (json!(["Admins", "admins ", "ADMINS", " admins"]), "viewer"),
        (json!([["admins"]]), "viewer"),
        (json!({ "admins": true }), "viewer"),
        (json!([{ "name": "admins" }, 1, null, true, "ops"]), "operator"),
        (json!(null), "viewer"),
        (json!(["admins", "x".repeat(10_000)]), "admin"),
    ] {
        let outcome = outcome(&door, mapping(&lines), json!({ "groups": groups })).await;
        assert_eq!(role(&outcome), Some(wanted), "{groups}");
    }
    let outcome = outcome(&door, mapping(&lines), json!({ "groups": ["root", "admins"] })).await;
    assert_eq!(outcome.decided_by, DecidedBy::Group { group: "admins".into(), line: 1 }, "the first of two lines that are as high");
}

/// OID-129
#[tokio::test]
async fn of_very_many_groups_the_first_are_looked_at_and_that_is_said() {
    let door = Door::claimed().await;
    let many: Vec<String> = (0..10_000).map(|n| format!("group {n}")).collect();
    for (group, wanted) in [("group 499", "admin"), ("group 500", "viewer")] {
        let outcome = outcome(&door, mapping(&[(group, "admin")]), json!({ "groups": many })).await;
        assert_eq!((role(&outcome), outcome.groups.len()), (Some(wanted), 500));
        assert!(outcome.remarks[0].contains("9500 groups more"), "{:?}", outcome.remarks);
    }
}

/// OID-125, OID-129
#[tokio::test]
async fn strict_refuses_where_nothing_gave_a_role_and_else_the_default_counts() {
    let door = Door::claimed().await;
    let claims = json!({ "role": "admin", "isAdmin": true, "groups": ["other"] });
    let mild = outcome(&door, mapping(&[("admins", "admin")]), claims.clone()).await;
    assert_eq!((role(&mild), mild.decided_by.clone()), (Some("viewer"), DecidedBy::Default));
    let strict = RoleMapping { role_attribute_strict: true, ..mapping(&[("admins", "admin")]) };
    let refused = outcome(&door, strict, claims.clone()).await;
    assert_eq!((role(&refused), refused.decided_by.clone()), (None, DecidedBy::Nothing));
    let gone = RoleMapping { default_role: RoleName("gone".into()), ..RoleMapping::default() };
    let refused = outcome(&door, gone, claims).await;
    assert_eq!((role(&refused), refused.remarks.len()), (None, 1));
}

#[tokio::test]
async fn a_claim_may_lie_deeper_or_have_dots_in_its_name() {
    let door = Door::claimed().await;
    for (claim, claims) in [
        ("realm_access.roles", json!({ "realm_access": { "roles": ["admins"] } })),
        ("https://example.com/groups", json!({ "https://example.com/groups": ["admins"] })),
        ("a.b", json!({ "a.b": ["admins"], "a": { "b": ["other"] } })),
    ] {
        let settings = RoleMapping { groups_claim: claim.into(), ..mapping(&[("admins", "admin")]) };
        assert_eq!(role(&outcome(&door, settings, claims).await), Some("admin"), "{claim}");
    }
    let settings = RoleMapping { groups_claim: "a.b.c".into(), ..mapping(&[("admins", "admin")]) };
    assert_eq!(role(&outcome(&door, settings, json!({ "a": { "b": "admins" } })).await), Some("viewer"));
}

#[tokio::test]
async fn the_expression_goes_before_the_groups_and_gives_one_role_that_there_is() {
    let door = Door::claimed().await;
    let claims = json!({ "groups": ["admins"], "level": "operator", "odd": 3 });
    for (expression, wanted, by, remark) in [
        (".level", "operator", DecidedBy::Expression, ""),
        (r#".groups[], .level | "operator""#, "operator", DecidedBy::Expression, ""),
        (".nothing", "admin", DecidedBy::Group { group: "admins".into(), line: 0 }, ""),
        (r#""Owner""#, "admin", DecidedBy::Group { group: "admins".into(), line: 0 }, "no such role"),
        (r#""viewer", "admin""#, "admin", DecidedBy::Group { group: "admins".into(), line: 0 }, "several"),
        (".odd", "admin", DecidedBy::Group { group: "admins".into(), line: 0 }, "no text"),
        (".odd[]", "admin", DecidedBy::Group { group: "admins".into(), line: 0 }, "gave no role"),
    ] {
        let settings = RoleMapping { role_attribute_path: Some(expression.into()), ..mapping(&[("admins", "admin")]) };
        let outcome = outcome(&door, settings, claims.clone()).await;
        assert_eq!((role(&outcome), &outcome.decided_by), (Some(wanted), &by), "{expression}: {:?}", outcome.remarks);
        assert_eq!(outcome.remarks.iter().any(|it| it.contains(remark)), !remark.is_empty(), "{expression}: {:?}", outcome.remarks);
    }
    let settings = RoleMapping { role_attribute_path: Some(".odd".into()), role_attribute_strict: true, ..RoleMapping::default() };
    assert_eq!(role(&outcome(&door, settings, claims).await), None, "what fails gives no role");
}

#[tokio::test]
async fn roles_that_were_made_here_count_as_high_as_what_they_may_do() {
    let door = Door::claimed().await;
    let admin = door.admin().await;
    for (name, permissions) in [("low", json!(["read"])), ("keeper", json!(["users"]))] {
        let made = admin.post("/api/v1/roles", json!({ "name": name, "permissions": permissions })).await;
        assert_eq!(made.status, 201, "{}", made.text);
    }
    let lines = [("a", "low"), ("b", "keeper"), ("c", "operator"), ("d", "gone")];
    for (groups, wanted, remarks) in
        [(json!(["a", "c"]), "operator", 0), (json!(["a", "b", "c", "d"]), "keeper", 1), (json!(["a"]), "low", 0)]
    {
        let outcome = outcome(&door, mapping(&lines), json!({ "groups": groups })).await;
        assert_eq!((role(&outcome), outcome.remarks.len()), (Some(wanted), remarks));
    }
}

#[test]
fn what_can_not_be_used_is_named() {
    let bad = RoleMapping { role_attribute_path: Some("halt".into()), ..RoleMapping::default() };
    let (field, problem) = Mapping::new(bad).unwrap_err();
    assert_eq!(field, "roleAttributePath");
    assert!(problem.contains("halt") && problem.contains("startswith"), "{problem}");
    let bad = RoleMapping { groups_claim: String::new(), ..RoleMapping::default() };
    assert_eq!(Mapping::new(bad).unwrap_err().0, "groupsClaim");
}
