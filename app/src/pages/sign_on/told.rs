//! Providers in words: how one is, and what became of claims that were tried.

use crate::{
    pages::words,
    ui::{Icon, Tone, counted},
};
use wire::sso::{DecidedBy, Provider, ProviderState, RoleMapping, TrialResult};

/// How a provider is, in two words.
#[must_use]
pub const fn state(state: ProviderState) -> (Tone, &'static str) {
    match state {
        ProviderState::On => (Tone::Success, "Working"),
        ProviderState::Untested => (Tone::Warning, "Not tested"),
        ProviderState::Failing => (Tone::Danger, "Not working"),
    }
}

/// A provider in a line: its host, its people, its roles.
#[must_use]
pub fn line(provider: &Provider) -> String {
    let host = provider.issuer.split_once("://").map_or(provider.issuer.as_str(), |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or_default();
    let people = if provider.people > 1000 { "over 1,000 people".to_owned() } else { counted(provider.people, "person", "people") };
    [host, " · ", &people, " · ", &gives(&provider.role_mapping)].concat()
}

/// What a mapping gives, in a few words.
fn gives(mapping: &RoleMapping) -> String {
    match (mapping.role_attribute_path.is_some(), mapping.group_mappings.len()) {
        (true, 0) => "roles by an expression".into(),
        (true, _) => "roles by an expression and groups".into(),
        (false, 0) if mapping.role_attribute_strict => "nobody gets a role".into(),
        (false, 0) => ["everybody becomes ", &mapping.default_role.0].concat(),
        (false, groups) => ["roles from ", &counted(groups as u64, "group", "groups")].concat(),
    }
}

/// A step of what becomes of somebody who brings these claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its drawing.
    pub icon: Icon,
    /// Good or bad.
    pub tone: Tone,
    /// What was looked at.
    pub title: String,
    /// What was found.
    pub detail: String,
}

impl Step {
    fn new(icon: Icon, tone: Tone, title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { icon, tone, title: title.into(), detail: detail.into() }
    }
}

/// What becomes of them, in the order in which it is looked at.
#[must_use]
pub fn steps(result: &TrialResult, mapping: &RoleMapping) -> Vec<Step> {
    let TrialResult { access, outcome, .. } = result;
    let mut steps = vec![if access.is_allowed {
        Step::new(Icon::Check, Tone::Success, "May sign in.", access.because.as_str())
    } else {
        Step::new(Icon::X, Tone::Danger, "Is turned away.", access.because.as_str())
    }];
    let found = counted(outcome.groups.len() as u64, "group", "groups");
    let groups = if outcome.groups.is_empty() { "None.".to_owned() } else { [&outcome.groups.join(", "), "."].concat() };
    steps.push(Step::new(Icon::Users, Tone::Neutral, [&found, " in ", &mapping.groups_claim, "."].concat(), groups));
    steps.extend(outcome.remarks.iter().map(|remark| Step::new(Icon::Warn, Tone::Warning, "This did not count.", remark.as_str())));
    let (title, detail) = match &outcome.decided_by {
        DecidedBy::Expression => ("The expression decides.".to_owned(), String::new()),
        DecidedBy::Group { group, line } => {
            (["Row ", &(line + 1).to_string(), " decides."].concat(), ["The group is ", group, "."].concat())
        }
        DecidedBy::Default => ("Nothing else gave a role.".into(), "So the default counts.".into()),
        DecidedBy::Nothing => ("Nothing gave a role.".into(), "Without one nobody is let in.".into()),
    };
    steps.push(Step::new(Icon::Roles, Tone::Neutral, title, detail));
    steps.push(match &outcome.role {
        Some(role) if access.is_allowed => Step::new(Icon::Gate, Tone::Accent, ["Signs in as ", &words::role(role), "."].concat(), ""),
        Some(role) => Step::new(Icon::GateClosed, Tone::Danger, "Does not sign in.", ["The role would be ", &role.0, "."].concat()),
        None => Step::new(Icon::GateClosed, Tone::Danger, "Does not sign in.", ""),
    });
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::sign_on::tests::provider;
    use serde_json::json;
    use wire::{
        RoleName,
        sso::{Access, GroupMapping, MappingOutcome},
    };

    fn mapping() -> RoleMapping {
        let line = |group: &str, role: &str| GroupMapping { group: group.into(), role: RoleName(role.into()) };
        RoleMapping { group_mappings: vec![line("leads", "admin"), line("ops", "operator")], ..RoleMapping::default() }
    }

    fn result(is_allowed: bool, role: Option<&str>, decided_by: DecidedBy) -> TrialResult {
        TrialResult {
            claims: json!({ "sub": "1" }),
            access: Access { is_allowed, because: "The domain is on the list.".into() },
            outcome: MappingOutcome {
                role: role.map(|role| RoleName(role.into())),
                decided_by,
                groups: vec!["everyone".into(), "ops".into()],
                remarks: Vec::new(),
            },
        }
    }

    fn titles(result: &TrialResult) -> Vec<String> {
        steps(result, &mapping()).into_iter().map(|step| step.title).collect()
    }

    #[test]
    fn the_row_that_decides_is_counted_from_one() {
        let by = DecidedBy::Group { group: "ops".into(), line: 1 };
        let told = titles(&result(true, Some("operator"), by.clone()));
        assert_eq!(told, ["May sign in.", "2 groups in groups.", "Row 2 decides.", "Signs in as Operator."]);
        let told = steps(&result(false, Some("operator"), by), &mapping());
        assert_eq!((told[0].title.as_str(), told[3].detail.as_str()), ("Is turned away.", "The role would be operator."));
    }

    #[test]
    fn what_did_not_count_is_told_before_what_decided() {
        let mut tried = result(true, None, DecidedBy::Nothing);
        tried.outcome.remarks.push("The expression ran too long.".into());
        let told = titles(&tried);
        assert_eq!(told[2..], ["This did not count.", "Nothing gave a role.", "Does not sign in."]);
    }

    #[test]
    fn a_provider_is_told_in_a_line() {
        let mut provider = provider();
        assert_eq!(line(&provider), "example.okta.com · 1 person · everybody becomes viewer");
        provider.role_mapping = mapping();
        provider.people = 1001;
        assert_eq!(line(&provider), "example.okta.com · over 1,000 people · roles from 2 groups");
        provider.role_mapping.role_attribute_path = Some(".role".into());
        assert!(line(&provider).ends_with("roles by an expression and groups"));
    }
}
