//! The shape of the configuration file as a JSON Schema (2020-12), for editors: made from the same tables
//! by which the file is read.

use super::{APP_KEYS, AppKey, CHANNEL_KEYS, ISSUER_KEYS, Key, Kind, LDAP_KEYS, OIDC_KEYS, SectionKey, Tables, keys, section::Takes};
use serde_json::{Value, json};

/// The schema of `doorward.yaml`.
#[must_use]
pub fn schema() -> Value {
    let mut root = section("The configuration of Doorward.");
    for key in keys::all() {
        put(&mut root, key.path, of_key(key));
        if key.kind == Kind::Secret {
            put(&mut root, &format!("{}_file", key.path), file_of(key.about));
        }
    }
    let mut app = section("An app that is guarded.");
    for key in APP_KEYS {
        put(&mut app, key.path, of_app(key));
        if key.is_secret {
            put(&mut app, &format!("{}_file", key.path), file_of(key.about));
        }
    }
    app["required"] = json!(["upstream"]);
    root["properties"]["apps"] = several("What is guarded, each below its slug.", app);
    root["properties"]["live"] = section("Live channels.");
    root["properties"]["live"]["properties"]["channels"] = channels();
    let auth = &mut root["properties"]["auth"]["properties"];
    auth["issuers"] = several("Issuers whose tokens let people in, each below a name.", of_tables("An issuer.", ISSUER_KEYS));
    auth["oidc"] = several("Providers by which people sign in, each below a name.", of_tables("A provider.", OIDC_KEYS));
    auth["ldap"] = of_tables("A directory that people sign in by.", LDAP_KEYS);
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["title"] = json!("doorward.yaml");
    root
}

fn section(about: &str) -> Value {
    json!({ "description": about, "type": ["object", "null"], "properties": {}, "additionalProperties": false })
}

/// The rules of channels, the first that is about a channel decides.
fn channels() -> Value {
    let mut rule = section("A rule.");
    for key in CHANNEL_KEYS {
        rule["properties"][key.name] = json!({ "description": format!("{} Expected: {}.", key.about, key.expects), "type": "string" });
    }
    rule["required"] = json!(["channel"]);
    json!({ "description": "Rules of live channels.", "type": ["array", "null"], "items": rule })
}

/// Sections of one shape, each below a name that the operator chooses.
fn several(about: &str, one: Value) -> Value {
    json!({
        "description": about,
        "type": ["object", "null"],
        "propertyNames": { "pattern": "^[a-z0-9][a-z0-9-]*$" },
        "additionalProperties": one,
    })
}

/// A section that is read by tables.
fn of_tables<D>(about: &str, tables: Tables<D>) -> Value {
    let mut schema = section(about);
    for key in tables.iter().flat_map(|table| table.iter()) {
        put(&mut schema, key.path, of_section(key));
        if key.is_secret {
            put(&mut schema, &format!("{}_file", key.path), file_of(key.about));
        }
    }
    schema
}

fn of_section<D>(key: &SectionKey<D>) -> Value {
    let schema = match key.takes() {
        Takes::One => scalar(key.expects),
        Takes::Many => many(),
        Takes::Pairs => json!({ "type": ["object", "null"], "additionalProperties": { "type": "string" } }),
    };
    defaulted(described(schema, key.about, key.expects), key.default)
}

fn defaulted(mut schema: Value, default: &str) -> Value {
    schema["description"] = json!(format!("{} Default: {default}.", schema["description"].as_str().unwrap_or_default()));
    schema
}

/// Puts a schema at its path, and sections where there are none yet.
fn put(root: &mut Value, path: &str, schema: Value) {
    match path.split_once('.') {
        None => root["properties"][path] = schema,
        Some((first, rest)) => {
            let below = &mut root["properties"][first];
            if below.is_null() {
                *below = section(&format!("The keys of `{first}`."));
            }
            put(below, rest, schema);
        }
    }
}

fn of_key(key: &Key) -> Value {
    let mut schema = scalar(key.expects);
    if key.kind == Kind::List {
        schema = many();
    }
    described(schema, key.about, key.expects)
}

fn of_app(key: &AppKey) -> Value {
    let schema = match key.path {
        "rules" => json!({ "type": ["array", "null"], "items": rule() }),
        _ if key.takes_many() => many(),
        _ => scalar(key.expects),
    };
    defaulted(described(schema, key.about, key.expects), key.default)
}

fn rule() -> Value {
    json!({
        "type": "object",
        "properties": {
            "methods": many(),
            "path": { "type": "string", "description": "A path, with * for one segment and ** for any number." },
            "allow": { "type": "string", "description": "public, authenticated, a permission, a role or a list of them, or nobody." },
        },
        "required": ["allow"],
        "additionalProperties": false,
    })
}

fn described(mut schema: Value, about: &str, expects: &str) -> Value {
    schema["description"] = json!(format!("{about} Takes {expects}."));
    schema
}

fn file_of(about: &str) -> Value {
    json!({ "type": "string", "description": format!("The file that holds it. {about}") })
}

fn many() -> Value {
    json!({ "type": ["array", "string", "null"], "items": { "type": "string" } })
}

/// A single value: what is written without quotes may be a number or a boolean for YAML.
fn scalar(expects: &str) -> Value {
    if expects == "true or false" {
        return json!({ "type": ["boolean", "null"] });
    }
    if let Some(words) = expects.strip_prefix("one of ") {
        return json!({ "enum": words.split(", ").collect::<Vec<_>>() });
    }
    if let Some((least, most)) = expects.strip_prefix("a number from ").and_then(|range| range.split_once(" to ")) {
        let bound = |text: &str| text.parse::<u64>().map(Value::from).unwrap_or_default();
        return json!({ "type": ["integer", "null"], "minimum": bound(least), "maximum": bound(most) });
    }
    json!({ "type": ["string", "number", "null"] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Map;

    /// Every key is where the file has it.
    #[test]
    fn the_schema_knows_every_key() {
        let schema = schema();
        let at = |path: &str| path.split('.').fold(&schema, |below, name| &below["properties"][name]).clone();
        for key in keys::all() {
            assert!(at(key.path)["description"].as_str().is_some_and(|text| text.starts_with(key.about)), "{}", key.path);
        }
        assert_eq!(at("insecure_http")["type"], json!(["boolean", "null"]));
        assert_eq!(at("auth.password_min")["maximum"], 64);
        assert_eq!(at("log.format")["enum"], json!(["auto", "human", "json"]));
        assert!(at("auth.jwt_secret_file").is_object() && at("auth")["additionalProperties"] == false);
        assert!(schema["properties"]["apps"]["additionalProperties"]["properties"]["rules"].is_object());
    }

    /// A map without a property has none: an empty one would be taken for a section.
    #[test]
    fn no_section_is_empty() {
        fn walk(schema: &Value) {
            if let Some(properties) = schema["properties"].as_object() {
                assert_ne!(*properties, Map::new());
                properties.values().for_each(walk);
            }
        }
        walk(&schema());
    }
}
