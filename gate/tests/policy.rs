//! The table of rights, walked: every operation as every actor.

use doorward_gate::{
    Gate,
    testing::{
        Caller, Door,
        matrix::{Standing, actors, is_verdict, verdict},
    },
    wire::policy::{OPERATIONS, Operation},
};

/// Sends the operation with nothing in it; what counts is whether it gets past the question of rights.
async fn knock(caller: &Caller, operation: &Operation) -> (u16, String) {
    let path = format!("/api/v1{}", operation.path.replace("{id}", "00000000-0000-7000-8000-000000000000").replace("{name}", "nowhere"))
        .replace("{slug}", "nowhere")
        .replace("{environment}", "nowhere")
        .replace("{channel}", "nowhere:nowhere");
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
async fn every_route_answers_every_actor_as_the_table_says() {
    let door = Door::claimed().await;
    let actors = actors(&door.gate).await;
    assert!(actors.len() > 20);
    for operation in OPERATIONS {
        for actor in &actors {
            let caller = match actor.header(&door.gate).await {
                Some((name, value)) => door.nobody().with(name, &value),
                None => door.nobody(),
            };
            let got = knock(&caller, operation).await;
            match verdict(operation, actor.standing) {
                Some((status, code)) => assert_eq!(got, (status, code.to_owned()), "{} as {}", operation.id, actor.name),
                None => assert!(!is_verdict(&got.1) && got.0 < 500, "{} as {}: {got:?}", operation.id, actor.name),
            }
        }
    }
}

/// ROL-090
#[tokio::test]
async fn an_address_that_is_not_in_the_table_is_nobodys() {
    let door = Door::claimed().await;
    for actor in actors(&door.gate).await {
        let header = actor.header(&door.gate).await;
        let caller = header.map_or_else(|| door.nobody(), |(name, value)| door.nobody().with(name, &value));
        let wanted = if actor.standing == Standing::DeadKey { 401 } else { 404 };
        for path in ["/api/v1/", "/api/v1/nowhere", "/api/v1/users/a/b/c", "/api/v2/users", "/api/v1/users%2f"] {
            assert_eq!(caller.get(path).await.status, wanted, "{path} as {}", actor.name);
        }
        for (method, path) in [("DELETE", "/api/v1/users"), ("PUT", "/api/v1/roles"), ("POST", "/api/v1/audit")] {
            let status = caller.send(method, path, Some("{}".into())).await.status;
            assert_eq!(status, if wanted == 404 { 405 } else { 401 }, "{method} {path} as {}", actor.name);
        }
    }
}
