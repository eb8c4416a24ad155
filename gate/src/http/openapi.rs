//! The OpenAPI 3.1 document, put together from the table of rights and the types on the wire.

use super::routes::{Doc, Routes};
use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};
use wire::{
    Failure,
    policy::{Needs, Operation},
};

/// The document of these routes.
pub(super) fn document(routes: &Routes) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    let mut schemas: Map<String, Value> = Map::new();
    let mut failure_schemas = Vec::new();
    Failure::schemas(&mut failure_schemas);
    failure_schemas.push((Failure::name().into_owned(), Failure::schema()));
    for (name, schema) in failure_schemas {
        schemas.insert(name, serde_json::to_value(schema).unwrap_or_default());
    }
    for (operation, doc) in &routes.docs {
        let item = paths.entry(format!("/api/v1{}", operation.path)).or_insert_with(|| json!({}));
        item[operation.method.as_str().to_lowercase()] = describe(operation, doc);
        for (name, schema) in &doc.schemas {
            schemas.insert(name.clone(), schema.clone());
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Doorward",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The front door for self-hosted dashboards and APIs.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer", "description": "An access token, from POST /api/v1/auth/login." },
                "apiKey": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-API-Key",
                    "description": "An API key, from POST /api/v1/api-keys; taken as a bearer token too.",
                },
            },
        },
    })
}

fn describe(operation: &Operation, doc: &Doc) -> Value {
    let problem = |text: &str| {
        json!({
            "description": text,
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Failure" } } },
        })
    };
    let mut responses = Map::new();
    let mut good = json!({ "description": operation.summary });
    if let Some(answer) = &doc.answer {
        good["content"] = json!({ "application/json": { "schema": answer } });
    }
    for media in doc.media {
        good["content"][*media] = json!({ "schema": { "type": "string" } });
    }
    responses.insert(doc.status.to_string(), good);
    for (status, text) in failures(operation, doc) {
        responses.insert(status.to_string(), problem(text));
    }
    let tag = operation.path.trim_start_matches('/').split('/').next().unwrap_or_default();
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [tag],
        "parameters": parameters(operation, doc),
        "responses": responses,
        "security": security(operation),
    });
    if let Needs::Permission(permission) = operation.needs {
        described["x-permission"] = json!(permission);
    }
    if let Some(body) = &doc.body {
        described["requestBody"] = json!({ "required": true, "content": { "application/json": { "schema": body } } });
    }
    described
}

/// Which credentials an operation takes.
fn security(operation: &Operation) -> Value {
    match operation.needs {
        Needs::Nothing | Needs::SetupOpen => json!([]),
        Needs::Session => json!([{ "token": [] }]),
        Needs::SignedIn | Needs::Permission(_) if operation.by_people_only => json!([{ "token": [] }]),
        Needs::SignedIn | Needs::Permission(_) => json!([{ "token": [] }, { "apiKey": [] }]),
    }
}

/// What can go wrong with an operation, as far as its shape tells.
fn failures(operation: &Operation, doc: &Doc) -> Vec<(u16, &'static str)> {
    let mut list = vec![
        (400, "The request can't be understood"),
        (421, "This host name is not served here"),
        (500, "Something went wrong on our side"),
        (503, "Not available at the moment"),
    ];
    if operation.needs != Needs::Nothing || operation.path.starts_with("/auth/") {
        list.push((401, "Nobody is signed in, or the token is no longer good"));
        list.push((403, "Not allowed"));
    }
    if operation.path.contains('{') || operation.needs != Needs::Nothing {
        list.push((404, "There is no such thing, or no such environment"));
    }
    if operation.needs != Needs::Nothing || operation.changes() {
        list.push((409, "The state of things does not allow it"));
    }
    if operation.path.starts_with("/auth/links") {
        list.push((410, "The link is no longer good"));
    }
    if matches!(operation.path, "/users/{id}" | "/api-keys/{id}" | "/workspaces/{slug}" | "/apps/{slug}") {
        list.push((412, "It has changed in the meantime"));
    }
    if operation.changes() {
        list.push((413, "The body is too large"));
        list.push((415, "The body is not application/json"));
        list.push((429, "Too many attempts"));
    }
    if doc.body.is_some() || doc.query.is_some() {
        list.push((422, "Fields are wrong"));
    }
    list
}

fn parameters(operation: &Operation, doc: &Doc) -> Vec<Value> {
    let names = operation.path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    let mut all: Vec<Value> = names
        .map(|name| {
            let schema = if name == "id" { json!({ "type": "string", "format": "uuid" }) } else { json!({ "type": "string" }) };
            json!({ "name": name, "in": "path", "required": true, "schema": schema })
        })
        .collect();
    if let Some(query) = &doc.query {
        let fields = query["properties"].as_object().into_iter().flatten();
        all.extend(fields.map(|(name, schema)| {
            let text = schema["description"].as_str().unwrap_or_default();
            json!({ "name": name, "in": "query", "required": false, "description": text, "schema": schema })
        }));
    }
    if !matches!(operation.needs, Needs::Nothing | Needs::SetupOpen) {
        all.push(json!({ "name": "X-Doorward-Environment", "in": "header", "required": false, "description": "The environment that the request acts in, like `billing/staging`; `default/default` when not given. The header's name can be configured.", "schema": { "type": "string" } }));
    }
    if super::idempotency::applies(operation) {
        all.push(json!({ "name": "Idempotency-Key", "in": "header", "required": false, "description": "The same key with the same body gets the same answer for a day.", "schema": { "type": "string", "minLength": 1, "maxLength": 255 } }));
    }
    all
}
