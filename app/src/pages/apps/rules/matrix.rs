//! Who may do what: the rules down the side, the roles across the top.

use super::told::{defaults, line, needs, reached};
use crate::{
    pages::role::RoleMark,
    state::roles::Roles,
    ui::{Badge, Card, Matrix, MatrixHead, MatrixRow},
};
use leptos::prelude::*;
use wire::{
    roles::Role,
    rules::{Answer, Caller, Rule, answer},
};

/// The card.
#[component]
pub fn WhoMay(rules: Vec<Rule>) -> impl IntoView {
    let roles = StoredValue::new(untrack(|| expect_context::<Roles>().all()));
    let reached = reached(&rules);
    let own = rules.iter().take(reached).enumerate().map(|(at, rule)| ([&(at + 1).to_string(), ". "].concat(), rule.clone()));
    let behind = defaults(&rules).into_iter().map(|rule| ("Else: ".to_owned(), rule));
    let rows: Vec<_> = own
        .chain(behind)
        .map(|(number, rule)| {
            let answers = roles.with_value(|roles| answers(&rule, roles));
            view! { <MatrixRow title=number + &line(&rule) name=needs(rule.allow) answers=answers /> }
        })
        .collect();
    let heads = move || {
        let heads: Vec<_> =
            roles.get_value().into_iter().map(|role| view! { <MatrixHead><RoleMark role=role.name /></MatrixHead> }).collect();
        view! {
            <MatrixHead>
                <Badge outline=true>"Nobody"</Badge>
            </MatrixHead>
            {heads}
        }
    };
    view! {
        <Card
            id="who-may"
            title="Who may do what".to_owned()
            lead="Whether a request that meets the rule is let through. Not signed in is Nobody.".to_owned()
            flush=true
        >
            <Matrix caption="Rules by role" corner="Rule" heads=heads>
                {rows}
            </Matrix>
        </Card>
    }
    .into_any()
}

/// For nobody and then each role whether a rule lets it through; no column is one's own.
fn answers(rule: &Rule, roles: &[Role]) -> Vec<(bool, bool)> {
    let callers = [Caller::Nobody].into_iter().chain(roles.iter().map(|role| Caller::Known(role.permissions)));
    callers.map(|caller| (answer(rule.allow, caller) == Answer::Allowed, false)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::{Permission, rules::Allow};

    #[test]
    fn each_role_has_its_answer() {
        let rule = |allow| Rule { methods: Vec::new(), path: None, allow };
        let told = |allow| answers(&rule(allow), &Role::built_in()).into_iter().map(|(is_yes, _)| is_yes).collect::<Vec<_>>();
        assert_eq!(told(Allow::Permission(Permission::Run)), [false, false, true, true, true, true]);
        assert_eq!(told(Allow::Public), [true; 6]);
        assert_eq!(told(Allow::Deny), [false; 6]);
        assert_eq!(told(Allow::Authenticated), [false, true, true, true, true, true]);
    }
}
