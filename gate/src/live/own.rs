//! What Doorward itself publishes. It is made of the events of the audit log, where they are written:
//! no feature knows of it. Nothing waits for it, and nothing fails by it.

use super::writer::Publisher;
use crate::{apps::live::LiveApp, gate::Gate, keys::used::Use};
use serde_json::json;
use std::collections::BTreeMap;
use wire::{
    KeyId,
    apps::AppHealth,
    audit::{Action, Event, Outcome},
    live::{Channel, MOST_BYTES},
    workspaces::Slug,
};

/// How many used keys one message names.
const KEYS_AT_ONCE: usize = 500;

/// The channel that tells by name alone what has changed.
pub(super) fn changes() -> Channel {
    channel("door", "changes")
}

fn channel(namespace: &str, id: &str) -> Channel {
    Channel::of(namespace, id).expect("ids, slugs and our own words are good in a channel's name")
}

/// Tells of events that were written: to auditors what happened, to those whose session ended that it
/// did, to everybody the name of the list that is another now.
pub(crate) fn tell(publisher: &Publisher, events: &[Event]) {
    for event in events {
        let workspace = event.workspace.as_deref().filter(|slug| slug.parse::<Slug>().is_ok()).unwrap_or("default");
        let kind = format!("door.{}", event.action.as_str());
        let whole = serde_json::to_string(event).ok().filter(|text| text.len() + kind.len() <= MOST_BYTES);
        // Too long a detail can be looked up by the event's id.
        let text = whole.or_else(|| serde_json::to_string(&Event { detail: json!({}), ..event.clone() }).ok());
        publisher.tell(channel("audit", workspace), kind, text.unwrap_or_default(), event.at);
        if event.outcome == Outcome::Success {
            if let Some(list) = list_of(event.action) {
                publisher.tell(changes(), "door.changed".into(), json!({ "what": list }).to_string(), event.at);
            }
            session_ended(publisher, event);
        }
    }
}

/// The list that an action changes.
fn list_of(action: Action) -> Option<&'static str> {
    let (noun, verb) = action.as_str().split_once('.')?;
    match (noun, verb) {
        ("session", "confirm") => None,
        ("session", _) => Some("sessions"),
        ("user" | "password" | "profile" | "setup", _) => Some("users"),
        ("role", _) => Some("roles"),
        ("workspace" | "environment" | "grant", _) => Some("workspaces"),
        ("app", _) => Some("apps"),
        ("api_key", _) => Some("keys"),
        ("settings" | "auth", _) => Some("settings"),
        _ => None,
    }
}

/// Tells somebody that a session of theirs has ended, or all of them.
fn session_ended(publisher: &Publisher, event: &Event) {
    let is_all = matches!(event.action, Action::SessionEndAll | Action::UserDisable | Action::UserDelete | Action::PasswordReset);
    if !is_all && event.action != Action::SessionEnd {
        return;
    }
    let Some(target) = event.target.as_ref().filter(|target| target.kind == "user") else { return };
    let Ok(channel) = Channel::of("user", &target.id) else { return };
    let named = event.detail.get("session").cloned().or_else(|| serde_json::to_value(event.session_id).ok());
    let data = json!({
        "session": if is_all { None } else { named },
        "byOther": event.actor.id != target.id,
    });
    publisher.tell(channel, "door.session.ended".into(), data.to_string(), event.at);
}

/// Tells that an upstream is in another state than before.
pub(crate) fn health(gate: &Gate, live: &LiveApp, health: &AppHealth) {
    // Why it is down may name what lies inside.
    let data = json!({ "state": health.state, "since": health.since });
    gate.publisher().tell(channel("app", &live.app.slug.0), "door.health".into(), data.to_string(), gate.now());
    gate.publisher().tell(changes(), "door.changed".into(), json!({ "what": "apps" }).to_string(), gate.now());
}

/// Tells which keys were used, as it is written down: now and then, many at once.
pub(crate) fn keys_used(gate: &Gate, uses: &BTreeMap<KeyId, Use>) {
    let used: Vec<_> = uses.iter().collect();
    for some in used.chunks(KEYS_AT_ONCE) {
        let keys: Vec<_> = some.iter().map(|(id, used)| json!({ "id": id, "count": used.count, "lastAt": used.last_at })).collect();
        gate.publisher().tell(channel("door", "keys"), "door.key.used".into(), json!({ "keys": keys }).to_string(), gate.now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_good_in_a_message() {
        for action in Action::ALL {
            let kind = format!("door.{}", action.as_str());
            assert!(kind.len() <= 64 && list_of(*action).is_none_or(|list| list.ends_with('s')), "{kind}");
        }
        assert_eq!(list_of(Action::UserRole), Some("users"));
        assert_eq!(list_of(Action::AccessDenied), None);
        assert_eq!(changes().as_str(), "door:changes");
    }
}
