//! What the filters offer.

use super::query::When;
use crate::ui::Choice;
use wire::audit::{Action, Outcome};

/// The groups of actions: the name, what stands for all of them, and in words.
const GROUPS: [(&str, &str, &str); 12] = [
    ("Sign-ins", "session.", "All about sign-ins"),
    ("Users", "user.,profile.", "All about users"),
    ("Passwords", "password.", "All about passwords"),
    ("Roles", "role.,user.role", "All about roles"),
    ("Single sign-on", "provider.,identity.", "All about single sign-on"),
    ("Apps", "app.", "All about apps"),
    ("API keys", "api_key.", "All about API keys"),
    ("Workspaces", "workspace.,environment.,grant.", "All about workspaces"),
    ("Settings", "settings.,auth.,setup.", "All about settings"),
    ("Operation", "secret.,backup.,import.", "All about operation"),
    (REFUSALS, "access.,api_key.refused,session.reuse,session.binding_mismatch,setup.code_refused", "All refusals"),
    ("Audit log", "audit.", "All about the audit log"),
];
const REFUSALS: &str = "Refusals";

/// The actions in their groups; one that the address names besides stands at the end.
#[must_use]
pub fn actions(chosen: Option<&str>) -> Vec<Choice> {
    let mut choices = vec![Choice::new("", "Any action")];
    for (group, names, words) in GROUPS {
        choices.push(Choice::new(names, words).group(group));
        // A refusal of a kind of its own stands where its noun does; what is refused for lack of a
        // permission stands nowhere else.
        let of_group =
            names.split(',').flat_map(Action::matching).filter(|action| group != REFUSALS || action.as_str().starts_with("access."));
        choices.extend(
            of_group
                .filter(|action| group == "Roles" || *action != Action::UserRole)
                .map(|action| Choice::new(action.as_str(), action.as_str()).group(group)),
        );
    }
    if let Some(other) = chosen.filter(|chosen| !choices.iter().any(|choice| choice.value == *chosen)) {
        choices.push(Choice::new(other, other));
    }
    choices
}

/// How it ended.
#[must_use]
pub fn outcomes() -> Vec<Choice> {
    vec![
        Choice::new("", "Any result"),
        Choice::new(Outcome::Success.as_str(), "Done"),
        Choice::new(Outcome::Denied.as_str(), "Denied"),
        Choice::new(Outcome::Failure.as_str(), "Failed"),
    ]
}

/// The choice of a time with two ends.
pub const CUSTOM: &str = "custom";

/// When it was.
#[must_use]
pub fn times() -> Vec<Choice> {
    vec![
        Choice::new("", "Any time"),
        Choice::new(When::Today.as_str(), "Today"),
        Choice::new(When::Week.as_str(), "Last 7 days"),
        Choice::new(When::Month.as_str(), "Last 30 days"),
        Choice::new(CUSTOM, "Between two days"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_can_be_chosen_once() {
        let choices = actions(None);
        for action in Action::ALL {
            assert_eq!(choices.iter().filter(|choice| choice.value == action.as_str()).count(), 1, "{}", action.as_str());
        }
    }

    #[test]
    fn every_group_is_made_of_actions() {
        for (group, names, _) in GROUPS {
            assert!(names.split(',').all(|name| !Action::matching(name).is_empty()), "{group}");
        }
    }

    #[test]
    fn what_the_address_names_can_be_shown() {
        let last = actions(Some("user.role,user.create")).pop();
        assert_eq!(last.map(|choice| choice.value), Some("user.role,user.create".into()));
        assert_eq!(actions(Some("user.role")).len(), actions(None).len());
    }
}
