//! Schemas in words: what a value is, which fields it has, and what one could send.

use super::{escaped, prose};
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// Where a reference leads.
fn name_of(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str().map(|place| place.trim_start_matches("#/components/schemas/"))
}

fn resolved<'a>(schema: &'a Value, document: &'a Value) -> &'a Value {
    name_of(schema).map_or(schema, |name| &document["components"]["schemas"][name])
}

/// The other shapes that a value may have.
fn choices(schema: &Value) -> Option<&Vec<Value>> {
    ["oneOf", "anyOf", "allOf"].iter().find_map(|word| schema[word].as_array())
}

/// What a value is, in a few words.
pub(super) fn kind(schema: &Value) -> String {
    if let Some(name) = name_of(schema) {
        return format!("<a href=\"#type-{0}\">{0}</a>", escaped(name));
    }
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<_> = words.iter().filter_map(Value::as_str).map(|word| format!("<code>{}</code>", escaped(word))).collect();
        return words.join(" or ");
    }
    if let Some(choices) = choices(schema) {
        return choices.iter().map(kind).filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" or ");
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let format = schema["format"].as_str().map(|format| format!(" ({})", escaped(format))).unwrap_or_default();
    let words = types.iter().map(|word| match *word {
        "array" => format!("list of {}", kind(&schema["items"])),
        "object" if schema["properties"]["items"].is_object() => format!("page with a {}", kind(&schema["properties"]["items"])),
        "null" => "null".to_owned(),
        word => format!("{word}{format}"),
    });
    words.collect::<Vec<_>>().join(" or ")
}

/// The fields of an object, or the words of a choice, as a list.
pub(super) fn fields(schema: &Value, document: &Value) -> String {
    let schema = resolved(schema, document);
    let Some(properties) = schema["properties"].as_object() else { return format!("<p class=\"hint\">{}</p>", kind(schema)) };
    let required = |name: &str| schema["required"].as_array().is_some_and(|list| list.iter().any(|own| own == name));
    let mut html = String::from("<ul class=\"op__fields\">");
    for (name, field) in properties {
        let needed = if required(name) { " <span class=\"badge\">required</span>" } else { "" };
        _ = write!(
            html,
            "<li><code>{}</code> <span class=\"faint\">{}</span>{needed} {}</li>",
            escaped(name),
            kind(field),
            prose(field["description"].as_str().unwrap_or_default())
        );
    }
    html.push_str("</ul>");
    html
}

/// A value that one could begin with: the fields that are required, each with the least of its kind.
pub(super) fn example(schema: &Value, document: &Value) -> Value {
    let schema = resolved(schema, document);
    if let Some(first) = schema["enum"].as_array().and_then(|words| words.first()) {
        return first.clone();
    }
    if let Some(first) = choices(schema).and_then(|choices| choices.iter().find(|choice| choice["type"] != "null")) {
        return example(first, document);
    }
    let word = match &schema["type"] {
        Value::Array(several) => several.first().and_then(Value::as_str),
        one => one.as_str(),
    };
    match word {
        Some("string") => json!(""),
        Some("integer" | "number") => json!(0),
        Some("boolean") => json!(false),
        Some("array") => json!([]),
        _ => {
            let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let filled: Map<_, _> = required.map(|name| (name.to_owned(), example(&schema["properties"][name], document))).collect();
            Value::Object(filled)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_said_in_words() {
        let user = json!({ "$ref": "#/components/schemas/User" });
        assert_eq!(kind(&user), "<a href=\"#type-User\">User</a>");
        assert_eq!(kind(&json!({ "type": "array", "items": user })), "list of <a href=\"#type-User\">User</a>");
        assert_eq!(kind(&json!({ "type": ["string", "null"], "format": "uuid" })), "string (uuid) or null");
        assert_eq!(kind(&json!({ "oneOf": [{ "type": "null" }, user] })), "null or <a href=\"#type-User\">User</a>");
        assert_eq!(kind(&json!({ "type": "string", "enum": ["a", "b"] })), "<code>a</code> or <code>b</code>");
    }

    #[test]
    fn an_example_has_what_is_required() {
        let document = json!({ "components": { "schemas": { "Role": { "type": "string" }, "New": {
            "type": "object", "required": ["name", "role"],
            "properties": { "name": { "type": "string" }, "role": { "$ref": "#/components/schemas/Role" }, "note": { "type": "string" } },
        } } } });
        assert_eq!(example(&json!({ "$ref": "#/components/schemas/New" }), &document), json!({ "name": "", "role": "" }));
    }
}
