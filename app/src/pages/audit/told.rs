//! What an event tells beside who and what: before and after, the steps of a decision, the rest.

use crate::ui::Change;
use serde_json::{Map, Value};
use wire::audit::Event;

/// A step of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What was looked at.
    pub looked: String,
    /// What was found.
    pub found: String,
}

/// An event's detail, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Before and after.
    pub changes: Vec<Change>,
    /// What was looked at before somebody was turned away, in order.
    pub steps: Vec<Step>,
    /// All else.
    pub facts: Vec<(String, String)>,
}

impl Told {
    /// Takes the detail of an event apart.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        let mut told = Self::default();
        let Value::Object(detail) = &event.detail else { return told };
        let mut all = detail.clone();
        // The last event of a batch that was too long says so, around what it says itself.
        if let Some(Value::Object(inner)) = all.remove("detail") {
            all.extend(inner);
        }
        told.changes = changes(all.remove("before"), all.remove("after"));
        if let Some(Value::Array(steps)) = all.remove("decision") {
            told.steps = steps.iter().map(step).collect();
        }
        told.facts = all.iter().map(|(name, value)| (spoken(name), text(value))).collect();
        told
    }
}

/// The one thing of the detail that a row has room for.
#[must_use]
pub fn brief(event: &Event) -> Option<String> {
    let Told { changes, steps, facts } = Told::of(event);
    let reason = facts.iter().find(|(name, _)| name == "Reason").map(|(_, value)| value.clone());
    let needs = || {
        let decision = event.detail.get("decision")?.as_array().filter(|_| !steps.is_empty())?;
        let needed = decision.iter().find_map(|step| step.get("found")?.get("needs")?.as_str())?;
        Some(["needs ", needed].concat())
    };
    let changed = || {
        let others: Vec<&Change> = changes.iter().filter(|change| change.before.is_some() && change.is_other()).collect();
        match others.as_slice() {
            [] => None,
            [Change { before: Some(before), after: Some(after), .. }] if before.len() + after.len() < 60 => {
                Some([before, " to ", after].concat())
            }
            several if event.detail.get("after").is_some() => {
                Some(several.iter().map(|change| change.name.to_lowercase()).collect::<Vec<_>>().join(", "))
            }
            _ => None,
        }
    };
    reason.or_else(needs).or_else(changed)
}

fn changes(before: Option<Value>, after: Option<Value>) -> Vec<Change> {
    let object = |value: Option<Value>| match value {
        Some(Value::Object(fields)) => Some(fields),
        _ => None,
    };
    let (before, after) = (object(before), object(after));
    let empty = Map::new();
    // What only one side of a change names has stayed; what was made has no before, what is gone no after.
    let is_change = before.is_some() && after.is_some();
    let (before, after) = (before.as_ref().unwrap_or(&empty), after.as_ref().unwrap_or(&empty));
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    names
        .map(|name| {
            let (old, new) = (before.get(name).map(text), after.get(name).map(text));
            let (old, new) = if is_change { (old.clone().or_else(|| new.clone()), new.or(old)) } else { (old, new) };
            Change { name: spoken(name), before: old, after: new }
        })
        .collect()
}

fn step(step: &Value) -> Step {
    let looked = step.get("looked").and_then(Value::as_str).unwrap_or_default();
    looked_at(looked, step.get("found").unwrap_or(&Value::Null))
}

/// A step of a decision as it is read.
#[must_use]
pub fn looked_at(looked: &str, found: &Value) -> Step {
    let field = |name: &str| found.get(name).and_then(Value::as_str).unwrap_or_default();
    let found = match looked {
        "principal" => {
            let kind = field("kind");
            if kind == field("name") { kind.to_owned() } else { [kind, " ", field("name")].concat() }
        }
        // An app is judged where it is, whatever the request names.
        "scope" => if field("judged").is_empty() { field("request") } else { field("judged") }.to_owned(),
        "app" => [field("slug"), " in ", field("workspace")].concat(),
        "rule" => rule(found),
        "operation" | "page" => [field("id"), " needs ", field("needs")].concat(),
        _ => text(found),
    };
    let looked = match looked {
        "principal" => "Who asked",
        "role" => "Their role",
        "scope" => "Where",
        "permissions" => "What it allows",
        "operation" => "What was asked for",
        "page" => "Which page",
        "app" => "Which app",
        "obstacle" => "What stands against it",
        "path" => "Which path",
        "rule" => "Which rule",
        "needs" => "What it needs",
        "result" => "So",
        other => other,
    };
    Step { looked: looked.to_owned(), found }
}

/// The rule of an app that a request met.
fn rule(found: &Value) -> String {
    let Some(number) = found.get("number").and_then(Value::as_u64) else {
        return match found.get("of").and_then(Value::as_u64) {
            Some(0) | None => "none, so what counts by default".into(),
            Some(of) => ["none of ", &of.to_string(), ", so what counts by default"].concat(),
        };
    };
    let part = |name: &str| found.get("rule").and_then(|rule| rule.get(name));
    let methods = part("methods").map_or_else(|| "any method".to_owned(), text);
    let path = part("path").map_or_else(|| "any path".to_owned(), text);
    let needs = part("allow").map(text).unwrap_or_default();
    [&number.to_string(), ": ", &methods, ", ", &path, ", needs ", &needs].concat()
}

/// A field's name as it is read: `displayName` is "Display name".
fn spoken(name: &str) -> String {
    let mut out = String::new();
    for (at, letter) in name.chars().enumerate() {
        match letter {
            _ if at == 0 => out.extend(letter.to_uppercase()),
            'A'..='Z' => {
                out.push(' ');
                out.push(letter.to_ascii_lowercase());
            }
            _ => out.push(letter),
        }
    }
    out
}

/// A value as it is read.
fn text(value: &Value) -> String {
    match value {
        Value::Null => "none".into(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::String(text) if text.is_empty() => "empty".into(),
        Value::String(text) => text.clone(),
        Value::Array(list) if list.is_empty() => "none".into(),
        Value::Array(list) => list.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::events::tests::event;
    use serde_json::json;
    use wire::audit::{Action, Outcome};

    fn with(detail: Value) -> Event {
        Event { detail, ..event(Action::UserRole, Outcome::Success, None) }
    }

    fn change(name: &str, before: Option<&str>, after: Option<&str>) -> Change {
        Change { name: name.into(), before: before.map(str::to_owned), after: after.map(str::to_owned) }
    }

    #[test]
    fn before_and_after_stand_side_by_side() {
        let role = with(json!({ "before": { "role": "viewer" }, "after": { "role": "operator" } }));
        assert_eq!(Told::of(&role).changes, [change("Role", Some("viewer"), Some("operator"))]);
        assert_eq!(brief(&role).as_deref(), Some("viewer to operator"));
        let settings = with(json!({ "before": { "name": "Doorward", "helpContact": null }, "after": { "helpContact": "Ada" } }));
        let expected = [change("Help contact", Some("none"), Some("Ada")), change("Name", Some("Doorward"), Some("Doorward"))];
        let mut changes = Told::of(&settings).changes;
        changes.sort_by(|a, b| a.name.cmp(&b.name));
        assert_eq!(changes, expected);
        assert_eq!(brief(&settings).as_deref(), Some("none to Ada"));
    }

    #[test]
    fn what_was_made_has_no_before_and_what_is_gone_no_after() {
        let made = with(json!({ "after": { "displayName": "Leo" } }));
        assert_eq!(Told::of(&made).changes, [change("Display name", None, Some("Leo"))]);
        let gone = with(json!({ "before": { "permissions": ["read", "run"] }, "users": 2 }));
        assert_eq!(Told::of(&gone).changes, [change("Permissions", Some("read, run"), None)]);
        assert_eq!(Told::of(&gone).facts, [("Users".to_owned(), "2".to_owned())]);
        assert_eq!((brief(&made), brief(&gone)), (None, None));
    }

    #[test]
    fn a_refusal_tells_its_steps_in_order() {
        let refusal = with(json!({ "decision": [
            { "looked": "principal", "found": { "kind": "user", "id": "1", "name": "vera", "session": "2" } },
            { "looked": "role", "found": "viewer" },
            { "looked": "permissions", "found": ["read", "subscribe"] },
            { "looked": "page", "found": { "id": "/settings/users", "needs": "users" } },
            { "looked": "result", "found": "denied" },
        ] }));
        let steps: Vec<String> = Told::of(&refusal).steps.iter().map(|step| [step.looked.as_str(), ": ", &step.found].concat()).collect();
        let expected = [
            "Who asked: user vera",
            "Their role: viewer",
            "What it allows: read, subscribe",
            "Which page: /settings/users needs users",
            "So: denied",
        ];
        assert_eq!(steps, expected);
        assert_eq!(brief(&refusal).as_deref(), Some("needs users"));
    }

    #[test]
    fn the_last_of_a_long_batch_tells_its_own_and_how_many_others() {
        let last = with(json!({ "detail": { "reason": "wrong password" }, "andOthers": 7 }));
        let mut facts = Told::of(&last).facts;
        facts.sort();
        assert_eq!(facts, [("And others".to_owned(), "7".to_owned()), ("Reason".to_owned(), "wrong password".to_owned())]);
        assert_eq!(brief(&last).as_deref(), Some("wrong password"));
    }

    #[test]
    fn a_decision_about_an_app_is_read_rule_by_rule() {
        let found = |looked: &str, found: Value| looked_at(looked, &found).found;
        let rule = json!({ "methods": ["POST", "PUT"], "path": "/dags/*/start", "allow": "run" });
        assert_eq!(found("rule", json!({ "number": 2, "rule": rule })), "2: POST, PUT, /dags/*/start, needs run");
        assert_eq!(found("rule", json!({ "number": 3, "rule": { "allow": "write" } })), "3: any method, any path, needs write");
        assert_eq!(found("rule", json!({ "number": null, "default": true, "of": 4 })), "none of 4, so what counts by default");
        assert_eq!(found("app", json!({ "slug": "tasks", "workspace": "default" })), "tasks in default");
        assert_eq!(found("scope", json!({ "request": null, "judged": "billing/default" })), "billing/default");
    }
}
