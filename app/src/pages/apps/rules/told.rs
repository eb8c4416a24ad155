//! Rules in words: what they are about, what they need, who has that.

use crate::{
    pages::role::RoleMark,
    state::roles::Roles,
    ui::{Badge, Icon, Tone},
};
use leptos::prelude::*;
use wire::{
    Permission, RoleName,
    rules::{Allow, Rule, by_default},
};

/// What is needed, in a word or two.
#[must_use]
pub fn needs(allow: Allow) -> &'static str {
    match allow {
        Allow::Public => "nothing",
        Allow::Authenticated => "a sign-in",
        Allow::Permission(permission) => permission.as_str(),
        Allow::Deny => "refused",
    }
}

/// What one can choose to need.
#[must_use]
pub fn choice(allow: Allow) -> String {
    match allow {
        Allow::Public => "Nothing: everybody is let through".into(),
        Allow::Authenticated => "A sign-in, or a good API key".into(),
        Allow::Permission(permission) => ["The permission ", permission.as_str()].concat(),
        Allow::Deny => "Refused, whoever asks".into(),
    }
}

/// The mildest role that is let through, as a badge.
pub fn lowest(allow: Allow) -> AnyView {
    match allow {
        Allow::Public => view! {
            <Badge tone=Tone::Warning icon=Icon::GateOpen>
                "Open"
            </Badge>
        }
        .into_any(),
        Allow::Authenticated => view! { <Badge>"Anyone signed in"</Badge> }.into_any(),
        Allow::Permission(permission) => match mildest(permission) {
            Some(role) => view! { <RoleMark role=role /> }.into_any(),
            None => view! { <Badge icon=Icon::GateClosed>"Nobody has it"</Badge> }.into_any(),
        },
        Allow::Deny => view! { <Badge icon=Icon::GateClosed>"Closed"</Badge> }.into_any(),
    }
}

/// The mildest role with a permission.
fn mildest(permission: Permission) -> Option<RoleName> {
    untrack(|| expect_context::<Roles>().with_permission(permission)).into_iter().next()
}

/// Whether a rule is about every request, so that none behind it is ever reached.
#[must_use]
pub fn takes_all(rule: &Rule) -> bool {
    rule.methods.is_empty() && rule.path.as_deref().is_none_or(|path| path == "/**")
}

/// How many rules, from the first, can be reached.
#[must_use]
pub fn reached(rules: &[Rule]) -> usize {
    rules.iter().position(takes_all).map_or(rules.len(), |at| at + 1)
}

/// Where a new rule goes: before the one that takes all, else to the end.
#[must_use]
pub fn place_for_new(rules: &[Rule]) -> usize {
    rules.iter().position(takes_all).unwrap_or(rules.len())
}

/// What counts where no rule matches; nothing where one takes all.
#[must_use]
pub fn defaults(rules: &[Rule]) -> Vec<Rule> {
    if rules.iter().any(takes_all) {
        return Vec::new();
    }
    let looking = ["GET", "HEAD", "OPTIONS"].map(str::to_owned).to_vec();
    vec![
        Rule { methods: looking, path: None, allow: by_default("GET") },
        Rule { methods: Vec::new(), path: None, allow: by_default("POST") },
    ]
}

/// What a rule is about, in one line.
#[must_use]
pub fn line(rule: &Rule) -> String {
    let methods = if rule.methods.is_empty() { "Any".to_owned() } else { rule.methods.join(", ") };
    [&methods, " ", rule.path.as_deref().unwrap_or("everything")].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(methods: &[&str], path: Option<&str>) -> Rule {
        Rule {
            methods: methods.iter().map(|method| (*method).to_owned()).collect(),
            path: path.map(str::to_owned),
            allow: Allow::Permission(Permission::Read),
        }
    }

    #[test]
    fn a_new_rule_goes_where_it_can_be_reached() {
        let open = [rule(&["GET"], None), rule(&[], Some("/x"))];
        assert_eq!((place_for_new(&open), reached(&open), defaults(&open).len()), (2, 2, 2));
        let closed = [rule(&["GET"], None), rule(&[], Some("/**")), rule(&[], Some("/x"))];
        assert_eq!((place_for_new(&closed), reached(&closed), defaults(&closed).len()), (1, 2, 0));
    }

    #[test]
    fn a_rule_is_one_line() {
        assert_eq!(line(&rule(&["GET", "HEAD"], Some("/x/*"))), "GET, HEAD /x/*");
        assert_eq!(line(&rule(&[], None)), "Any everything");
    }
}
