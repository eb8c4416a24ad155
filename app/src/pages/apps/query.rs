//! What the list of apps is narrowed to, as it stands in the query string. The list is short enough to
//! be sent whole, so it is narrowed where it is drawn.

use crate::state::next::escaped;
use leptos_router::params::ParamsMap;
use wire::apps::{AppView, HealthState};

/// The address of the list.
pub const LIST: &str = "/apps";

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Part of a name or an address.
    pub query: Option<String>,
    /// How the app is.
    pub health: Option<HealthState>,
}

/// The states that one can look for, by name.
const STATES: [(&str, HealthState); 3] = [("up", HealthState::Up), ("slow", HealthState::Slow), ("down", HealthState::Down)];

/// Reads the query string; what makes no sense is left out.
#[must_use]
pub fn read(params: &ParamsMap) -> Wanted {
    Wanted {
        query: params.get("query").filter(|query| !query.trim().is_empty()),
        health: params.get("health").and_then(|name| health(&name)),
    }
}

/// The state of this name.
#[must_use]
pub fn health(name: &str) -> Option<HealthState> {
    STATES.iter().find(|(own, _)| *own == name).map(|(_, state)| *state)
}

/// The name of a state that one can look for.
#[must_use]
pub fn health_name(wanted: &Wanted) -> String {
    let name = STATES.iter().find(|(_, state)| Some(*state) == wanted.health).map(|(name, _)| *name);
    name.unwrap_or_default().to_owned()
}

/// The address of the list that is narrowed so.
#[must_use]
pub fn address(wanted: &Wanted) -> String {
    let mut out = String::new();
    let name = health_name(wanted);
    for (field, value) in [("query", wanted.query.as_deref().unwrap_or_default()), ("health", name.as_str())] {
        if !value.is_empty() {
            out.push_str(if out.is_empty() { "?" } else { "&" });
            out.push_str(&[field, "=", &escaped(value)].concat());
        }
    }
    [LIST, &out].concat()
}

impl Wanted {
    /// Whether anything is left out.
    #[must_use]
    pub fn is_narrowed(&self) -> bool {
        *self != Self::default()
    }

    /// Whether an app is among what is looked for.
    #[must_use]
    pub fn takes(&self, app: &AppView) -> bool {
        let is_named = |query: &str| {
            let query = query.trim().to_lowercase();
            let has = |text: &str| text.to_lowercase().contains(&query);
            has(&app.name) || has(&app.slug.0) || app.urls.iter().any(|url| has(url))
        };
        self.query.as_deref().is_none_or(is_named) && self.health.is_none_or(|health| app.enabled && app.health.state == health)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::apps::tests::app;

    fn params(text: &str) -> ParamsMap {
        text.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn the_address_keeps_what_is_looked_for() {
        let wanted = read(&params("query=task queue&health=down"));
        assert_eq!(address(&wanted), "/apps?query=task%20queue&health=down");
        assert_eq!(address(&read(&params("health=sideways&query= "))), "/apps");
    }

    #[test]
    fn an_app_is_found_by_name_slug_and_address() {
        let app = app("tasks", "Task queue");
        for query in ["queue", "TASKS", "localhost"] {
            assert!(Wanted { query: Some(query.into()), health: None }.takes(&app), "{query}");
        }
        assert!(!Wanted { query: Some("wiki".into()), health: None }.takes(&app));
        assert!(!Wanted { query: None, health: Some(HealthState::Down) }.takes(&app));
        assert!(Wanted { query: None, health: Some(HealthState::Up) }.takes(&app));
    }
}
