//! How claims become a role: the editor.

use super::groups::Groups;
use crate::{
    pages::words,
    state::{attempt::Attempt, roles::Roles},
    ui::{Card, Check as Tick, Choice, Field, Select, TextArea},
};
use leptos::prelude::*;
use wire::{
    RoleName,
    sso::{GroupMapping, RoleMapping},
};

/// What stands in the choice of the default role where nobody is let in without a role.
const NOBODY: &str = "";

/// A group and its role, as they are typed.
///
/// Its signals belong to nobody, so that a line outlives the row that shows it.
#[derive(Clone)]
pub struct Line {
    /// Tells it from the others, whatever its place.
    pub key: u32,
    /// The group.
    pub group: ArcRwSignal<String>,
    /// The name of the role.
    pub role: ArcRwSignal<String>,
}

/// A mapping as it is typed.
#[derive(Clone, Copy)]
pub struct Mapping {
    pub lines: RwSignal<Vec<Line>>,
    claim: RwSignal<String>,
    expression: RwSignal<String>,
    otherwise: RwSignal<String>,
    is_synced: RwSignal<bool>,
    /// The default role that was there, for where it does not count.
    default_role: StoredValue<RoleName>,
}

impl Mapping {
    /// The mapping as it is.
    #[must_use]
    pub fn of(mapping: &RoleMapping) -> Self {
        let otherwise = if mapping.role_attribute_strict { NOBODY } else { mapping.default_role.0.as_str() };
        let made = Self {
            lines: RwSignal::default(),
            claim: RwSignal::new(mapping.groups_claim.clone()),
            expression: RwSignal::new(mapping.role_attribute_path.clone().unwrap_or_default()),
            otherwise: RwSignal::new(otherwise.to_owned()),
            is_synced: RwSignal::new(!mapping.skip_org_role_sync),
            default_role: StoredValue::new(mapping.default_role.clone()),
        };
        for line in &mapping.group_mappings {
            made.add(Some(line));
        }
        made
    }

    /// Takes the claim that a preset has for groups.
    pub fn set_claim(self, claim: &str) {
        self.claim.set(claim.to_owned());
    }

    /// Adds a line, empty or with a group; gives its key.
    pub fn add(self, line: Option<&GroupMapping>) -> u32 {
        let key = self.lines.with_untracked(|lines| lines.iter().map(|line| line.key + 1).max().unwrap_or_default());
        let line = line.cloned().unwrap_or_default();
        let (group, role) = (ArcRwSignal::new(line.group), ArcRwSignal::new(line.role.0));
        self.lines.update(|lines| lines.push(Line { key, group, role }));
        key
    }

    /// Takes a line out.
    pub fn remove(self, key: u32) {
        self.lines.update(|lines| lines.retain(|line| line.key != key));
    }

    /// The mapping as it is typed; lines that are wholly empty do not count.
    #[must_use]
    pub fn typed(self) -> RoleMapping {
        let otherwise = self.otherwise.get();
        let is_strict = otherwise == NOBODY;
        let lines = self.lines.with(|lines| {
            let each = lines.iter().map(|line| GroupMapping { group: line.group.get(), role: RoleName(line.role.get()) });
            each.filter(|line| !line.group.is_empty()).collect()
        });
        RoleMapping {
            default_role: if is_strict { self.default_role.get_value() } else { RoleName(otherwise) },
            groups_claim: self.claim.with(|claim| claim.trim().to_owned()),
            group_mappings: lines,
            role_attribute_path: words::given(&self.expression.get()),
            role_attribute_strict: is_strict,
            skip_org_role_sync: !self.is_synced.get(),
        }
    }
}

/// All roles to choose from.
pub fn roles() -> Vec<Choice> {
    let known = expect_context::<Roles>();
    untrack(|| known.all()).iter().map(|role| Choice::new(role.name.0.clone(), words::role(&role.name))).collect()
}

/// The card; its foot is that of the form.
#[component]
pub fn MappingCard(mapping: Mapping, attempt: Attempt, #[prop(into)] foot: ViewFnOnce) -> impl IntoView {
    let becomes = roles().into_iter().map(|role| Choice::new(role.value, ["Becomes ", &role.label.to_lowercase()].concat()));
    let otherwise: Vec<_> = becomes.chain([Choice::new(NOBODY, "Is turned away")]).collect();
    view! {
        <Card
            id="role-mapping"
            title="Roles".to_owned()
            lead="Of several groups that match, the highest role counts. An expression goes before the groups.".to_owned()
            flush=true
            foot=foot
        >
            <div class="card__body">
                <Field
                    id="groups-claim"
                    label="Claim with the groups"
                    help="A dot leads inside: realm_access.roles."
                    value=mapping.claim
                    error=attempt.problem("roleMapping.groupsClaim")
                    mono=true
                    exact=true
                    autocomplete="off"
                />
            </div>
            <Groups mapping=mapping attempt=attempt />
            <div class="card__body">
                <TextArea
                    id="role-expression"
                    label="Expression"
                    help="jq over the claims; its result is the name of a role: if .department == \"it\" then \"operator\" else empty end"
                    value=mapping.expression
                    error=attempt.problem("roleMapping.roleAttributePath")
                    optional=true
                    rows=3
                />
                <Select
                    id="role-otherwise"
                    label="Who gets no role by that"
                    choices=otherwise
                    value=mapping.otherwise
                    error=attempt.problem("roleMapping.defaultRole")
                />
                <Tick
                    id="role-sync"
                    label="Update the role at every sign-in"
                    hint="Without it the role of the first sign-in stays until an admin changes it.".to_owned()
                    checked=mapping.is_synced
                />
            </div>
        </Card>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_comes_back_as_it_was() {
        Owner::new().with(|| {
            let mapping = RoleMapping {
                default_role: RoleName("operator".into()),
                groups_claim: "realm_access.roles".into(),
                group_mappings: vec![GroupMapping { group: "Admins ".into(), role: RoleName::admin() }],
                role_attribute_path: Some(".role".into()),
                role_attribute_strict: true,
                skip_org_role_sync: true,
            };
            assert_eq!(untrack(|| Mapping::of(&mapping).typed()), mapping);
            assert_eq!(untrack(|| Mapping::of(&RoleMapping::default()).typed()), RoleMapping::default());
        });
    }

    #[test]
    fn lines_come_and_go_and_empty_ones_do_not_count() {
        Owner::new().with(|| {
            let mapping = Mapping::of(&RoleMapping::default());
            let (first, second) = (mapping.add(None), mapping.add(None));
            mapping.lines.with_untracked(|lines| lines[1].group.set("ops".into()));
            assert_eq!(untrack(|| mapping.typed()).group_mappings.len(), 1);
            mapping.remove(second);
            assert_eq!(untrack(|| mapping.typed()).group_mappings, []);
            assert_ne!(mapping.add(None), first);
        });
    }
}
