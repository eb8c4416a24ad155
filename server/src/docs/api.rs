//! The page of the book that has every operation and every type of the REST interface, made from its
//! OpenAPI document.

use serde_json::Value;
use std::fmt::Write;

/// What almost every operation can answer; the page says so once.
const USUAL: [&str; 6] = ["400", "401", "403", "421", "500", "503"];

/// The page behind its marker.
pub fn page(document: &Value) -> String {
    let mut operations: Vec<(&str, &str, &str, &Value)> = Vec::new();
    for (path, methods) in object(&document["paths"]) {
        for (method, operation) in object(methods) {
            operations.push((text(&operation["tags"][0]), path.trim_start_matches("/api/v1"), method, operation));
        }
    }
    operations.sort_by_key(|(tag, path, method, _)| (*tag, *path, rank(method)));
    let mut page = String::new();
    let mut tag = "";
    for (of, path, method, operation) in operations {
        if of != tag {
            tag = of;
            // A heading that no type's is.
            writeln!(page, "\n## `/{tag}` and below").unwrap();
        }
        writeln!(page, "\n**{} `{path}`**: {}.\n", method.to_uppercase(), text(&operation["summary"])).unwrap();
        page.push_str(&described(operation));
    }
    page.push_str("\n## Types\n");
    for (name, schema) in object(&document["components"]["schemas"]) {
        writeln!(page, "\n### {name}\n\n{}", one_line(text(&schema["description"]))).unwrap();
        page.push_str(&shaped(schema));
    }
    page.trim_start().to_owned()
}

fn rank(method: &str) -> usize {
    ["get", "post", "put", "patch", "delete"].iter().position(|known| *known == method).unwrap_or(9)
}

/// What an operation needs, takes and answers.
fn described(operation: &Value) -> String {
    let needs = match (operation["x-permission"].as_str(), operation["security"].as_array().is_some_and(|ways| !ways.is_empty())) {
        (Some(permission), _) => format!("`{permission}`"),
        (None, true) => "somebody who is signed in".into(),
        (None, false) => "nothing".into(),
    };
    let mut out = format!("- Needs {needs}.\n");
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let names = |place: &str| -> Vec<String> {
        let of_place = parameters.clone().filter(|parameter| parameter["in"] == place && parameter["name"] != "X-Doorward-Environment");
        of_place.map(|parameter| format!("`{}`", text(&parameter["name"]))).collect()
    };
    for (place, words) in [("query", "In the query"), ("header", "Headers")] {
        let names = names(place);
        if !names.is_empty() {
            writeln!(out, "- {words}: {}.", names.join(", ")).unwrap();
        }
    }
    if let Some(body) = object(&operation["requestBody"]["content"]).next().map(|(_, content)| kind(&content["schema"])) {
        writeln!(out, "- Takes {body}.").unwrap();
    }
    let (good, bad): (Vec<_>, Vec<_>) = object(&operation["responses"]).partition(|(status, _)| status.as_str() < "400");
    let answers: Vec<String> = good.iter().map(|(status, answer)| format!("{status}{}", content(answer))).collect();
    let fails: Vec<&str> = bad.iter().map(|(status, _)| status.as_str()).filter(|status| !USUAL.contains(status)).collect();
    write!(out, "- Answers {}", answers.join(", or ")).unwrap();
    if !fails.is_empty() {
        write!(out, "; fails with {} as well", fails.join(", ")).unwrap();
    }
    out + ".\n"
}

/// What is in an answer: a type, or another kind of content.
fn content(answer: &Value) -> String {
    let described = |(name, content): (&String, &Value)| {
        let schema = Some(&content["schema"]).filter(|schema| name.ends_with("json") && !schema.is_null());
        schema.map_or_else(|| format!("`{name}`"), kind)
    };
    let kinds: Vec<String> = object(&answer["content"]).map(described).collect();
    if kinds.is_empty() { String::new() } else { format!(" with {}", kinds.join(" or ")) }
}

/// The fields of a type, or its words.
fn shaped(schema: &Value) -> String {
    let mut out = String::new();
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> = words.iter().map(|word| format!("`{}`", text(word))).collect();
        return format!("\nOne of {}.\n", words.join(", "));
    }
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().map(text).collect();
    let mut rows = String::new();
    for (name, field) in object(&schema["properties"]) {
        let is_needed = if required.contains(&name.as_str()) { "" } else { ", optional" };
        writeln!(rows, "| `{name}` | {}{is_needed} | {} |", kind(field), one_line(text(meaning(field)))).unwrap();
    }
    if !rows.is_empty() {
        write!(out, "\n| field | type | meaning |\n| --- | --- | --- |\n{rows}").unwrap();
    } else if schema["properties"].is_null() {
        writeln!(out, "\nWritten as {}.", kind(schema)).unwrap();
    }
    out
}

/// Where a field's meaning stands: a type that may be absent holds it within.
fn meaning(field: &Value) -> &Value {
    let within = field["oneOf"].as_array().into_iter().flatten().map(|one| &one["description"]).find(|text| text.is_string());
    if field["description"].is_string() { &field["description"] } else { within.unwrap_or(&field["description"]) }
}

/// The type of a value in words, with a link to it where it has a name.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(ones) = schema["oneOf"].as_array() {
        return ones.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    let rows = &schema["properties"]["items"];
    if rows.is_object() {
        let is_paged = schema["properties"]["nextCursor"].is_object();
        return format!("`items`, {}{}", kind(rows), if is_paged { ", and `nextCursor` unless it is the last page" } else { "" });
    }
    if schema["items"].is_object() {
        return format!("a list of {}", kind(&schema["items"]));
    }
    let fields: Vec<&str> = object(&schema["properties"]).map(|(name, _)| name.as_str()).collect();
    if !fields.is_empty() {
        return format!("`{{ {} }}`", fields.join(", "));
    }
    let names: Vec<&str> = match &schema["type"] {
        Value::Array(names) => names.iter().map(text).collect(),
        one => vec![text(one)],
    };
    let names: Vec<&str> = names.into_iter().map(|name| if name.is_empty() { "any" } else { name }).collect();
    names.join(" or ")
}

/// A text for a table's cell.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}
