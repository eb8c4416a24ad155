//! The table of rights, walked: every operation as every actor.

use doorward_gate::{
    Gate,
    testing::{Caller, Door},
    wire::{
        Permission,
        policy::{Needs, OPERATIONS, Operation},
        rights::RoleName,
    },
};
use serde_json::json;

/// Sends the operation with nothing in it; what counts is whether it gets past the question of rights.
async fn knock(caller: &Caller, operation: &Operation) -> (u16, String) {
    let path = format!("/api/v1{}", operation.path.replace("{id}", "00000000-0000-7000-8000-000000000000").replace("{name}", "nowhere"))
        .replace("{slug}", "nowhere")
        .replace("{environment}", "nowhere");
    let body = operation.changes().then(|| "{}".to_owned());
    let answer = caller.send(operation.method.as_str(), &path, body).await;
    (answer.status, answer.code().to_owned())
}

#[tokio::test]
async fn every_operation_is_served_and_described() {
    let document = Gate::openapi();
    for operation in OPERATIONS {
        let described = &document["paths"][format!("/api/v1{}", operation.path)][operation.method.as_str().to_lowercase()];
        assert_eq!(described["operationId"], operation.id);
        assert!(described["responses"].as_object().is_some_and(|r| !r.is_empty()), "{}", operation.id);
    }
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(paths.values().map(|item| item.as_object().unwrap().len()).sum::<usize>(), OPERATIONS.len());
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(document["components"]["schemas"][reference].is_object(), "{reference} is referred to, but not there");
    }
}

/// ROL-090
#[tokio::test]
async fn nobody_gets_past_the_question_of_rights_without_the_right() {
    let door = Door::claimed().await;
    for operation in OPERATIONS {
        let nobody = knock(&door.nobody(), operation).await;
        match operation.needs {
            Needs::Nothing => assert!(nobody.1 != "unauthenticated" && nobody.1 != "forbidden", "{}: {nobody:?}", operation.id),
            Needs::SetupOpen => assert_eq!(nobody, (409, "setup_done".into()), "{}", operation.id),
            _ => assert_eq!(nobody, (401, "unauthenticated".into()), "{}", operation.id),
        }
    }
    for role in ["viewer", "operator", "developer", "manager", "admin"] {
        let permissions = RoleName(role.into()).built_in().unwrap().permissions;
        for operation in OPERATIONS {
            // A new session each time: some operations end it.
            let got = knock(&door.person(role).await, operation).await;
            match operation.needs {
                Needs::Permission(permission) if !permissions.has(permission) => {
                    assert_eq!(got, (403, "forbidden".into()), "{role} {}", operation.id);
                }
                _ => assert!(
                    got.1 != "forbidden" && got.0 != 401 || operation.id == "refresh_session" || operation.id == "sign_in",
                    "{role} {}: {got:?}",
                    operation.id
                ),
            }
        }
    }
}

/// ROL-090
#[tokio::test]
async fn neither_a_grant_nor_a_role_of_one_s_own_gives_more_than_it_says() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let role = json!({ "name": "on-call", "permissions": ["read", "audit", "roles"] });
    assert_eq!(ada.post("/api/v1/roles", role).await.status, 201);
    let grants = json!({ "grants": [{ "workspace": "default", "role": "admin" }] });
    for (name, role, permissions) in [
        ("granted", "viewer", vec![Permission::Read, Permission::Subscribe]),
        ("own", "on-call", vec![Permission::Read, Permission::Audit, Permission::Roles]),
    ] {
        let person = door.named(name, role).await;
        if name == "granted" {
            assert_eq!(ada.put(&format!("/api/v1/users/{}/grants", person.id), grants.clone()).await.status, 200);
        }
        for operation in OPERATIONS {
            // A new session each time: some operations end it.
            let got = knock(&door.nobody().signed_in(name).await, operation).await;
            match operation.needs {
                Needs::Permission(permission) if !permissions.contains(&permission) => {
                    assert_eq!(got, (403, "forbidden".into()), "{name} {}", operation.id);
                }
                _ => assert!(
                    got.1 != "forbidden" && got.0 != 401 || operation.id == "refresh_session" || operation.id == "sign_in",
                    "{name} {}: {got:?}",
                    operation.id
                ),
            }
        }
    }
}

/// ROL-090
#[tokio::test]
async fn no_key_gets_past_the_question_of_rights_without_the_right() {
    let door = Door::claimed().await;
    for role in ["viewer", "operator", "developer", "manager", "admin"] {
        let permissions = RoleName(role.into()).built_in().unwrap().permissions;
        let key = door.key(role).await;
        for operation in OPERATIONS {
            let got = knock(&key, operation).await;
            let needed = match operation.needs {
                Needs::Permission(permission) => Some(permission),
                // People have keys of their own there; a key reaches keys by its role alone.
                Needs::SignedIn if operation.path.starts_with("/api-keys") => Some(Permission::Keys),
                _ => None,
            };
            if operation.by_people_only || operation.needs == Needs::Session {
                assert_eq!(got, (403, "session_required".into()), "{role} {}", operation.id);
            } else if needed.is_some_and(|permission| !permissions.has(permission)) {
                assert_eq!(got, (403, "forbidden".into()), "{role} {}", operation.id);
            } else {
                assert!(got.1 != "forbidden" && got.0 != 401, "{role} {}: {got:?}", operation.id);
            }
        }
    }
}
