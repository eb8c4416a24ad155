//! A provider of the configuration: it is shown here, and changed there alone.

use crate::ui::{Card, Cell, Column, Fact, Facts, MainCell, Note, Row, Table};
use leptos::prelude::*;
use wire::sso::{GroupMapping, Provider, RoleMapping};

/// How it is set up.
#[component]
pub fn Configured(provider: Provider) -> impl IntoView {
    let mapping = provider.role_mapping.clone();
    let (access, signup, linking) = (access(&provider), provider.auto_signup, provider.link_by_email);
    let Provider { issuer, client_id, client_url, callback_url, backchannel_logout_url, scopes, algorithms, .. } = provider;
    let yes_or_no = |is_so: bool| if is_so { "Yes" } else { "No" };
    view! {
        <Note title="This provider is in the configuration file".to_owned()>
            "It is changed there, and counts from the next start on."
        </Note>
        <Card id="configured" title="As it is set up".to_owned()>
            <Facts>
                <Fact name="Issuer" mono=true>{issuer}</Fact>
                <Fact name="Client ID" mono=true>{client_id}</Fact>
                <Fact name="This dashboard" mono=true>{client_url}</Fact>
                <Fact name="Callback" mono=true>{callback_url}</Fact>
                <Fact name="Back-channel logout" mono=true>{backchannel_logout_url}</Fact>
                <Fact name="Scopes" mono=true>{scopes.join(" ")}</Fact>
                <Fact name="Algorithms" mono=true>{algorithms.join(" ")}</Fact>
                <Fact name="Lets in">{access}</Fact>
                <Fact name="Creates accounts">{yes_or_no(signup)}</Fact>
                <Fact name="Links by address">{yes_or_no(linking)}</Fact>
            </Facts>
        </Card>
        <Roles mapping=mapping />
    }
    .into_any()
}

/// Whom its lists let in.
fn access(provider: &Provider) -> String {
    let lists = [provider.allowed_domains.as_slice(), provider.whitelist.as_slice()].concat();
    if lists.is_empty() { "Everybody whom the provider knows".into() } else { lists.join(", ") }
}

#[component]
fn Roles(mapping: RoleMapping) -> impl IntoView {
    let otherwise = if mapping.role_attribute_strict {
        "Whoever gets no role by that is turned away".to_owned()
    } else {
        ["Whoever gets no role by that becomes ", &mapping.default_role.0].concat()
    };
    let sync =
        if mapping.skip_org_role_sync { "The role is given at the first sign-in alone" } else { "The role follows at every sign-in" };
    let rows: Vec<_> = mapping.group_mappings.into_iter().map(row).collect();
    let table = (!rows.is_empty()).then(|| {
        view! {
            <Table caption="Groups and their roles" columns=vec![Column::new("Group"), Column::new("Role")] dense=true>
                {rows}
            </Table>
        }
    });
    let expression = mapping.role_attribute_path.map(|text| view! { <Fact name="Expression" mono=true>{text}</Fact> });
    view! {
        <Card id="configured-roles" title="Roles".to_owned() flush=true>
            <div class="card__body">
                <Facts>
                    {expression} <Fact name="Groups are in" mono=true>{mapping.groups_claim}</Fact>
                    <Fact name="Otherwise">{otherwise}</Fact>
                    <Fact name="Later">{sync}</Fact>
                </Facts>
            </div>
            {table}
        </Card>
    }
    .into_any()
}

fn row(line: GroupMapping) -> AnyView {
    view! {
        <Row>
            <MainCell>
                <code class="break">{line.group}</code>
            </MainCell>
            <Cell label="Role">{line.role.0}</Cell>
        </Row>
    }
    .into_any()
}
