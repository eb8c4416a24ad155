//! Rules as a list that is only read.

use super::told::{defaults, lowest, needs};
use crate::ui::{Cell, Column, MainCell, MainWidth, Place, Request, Row, Table, counted};
use leptos::prelude::*;
use wire::rules::Rule;

/// The columns of the list.
fn columns() -> Vec<Column> {
    vec![Column::new("#"), Column::new("Request"), Column::new("Needs"), Column::new("Lowest role")]
}

/// The rules, and what counts behind the last one.
#[component]
pub fn Listed(
    rules: Vec<Rule>,
    /// How many of them are shown; all unless said.
    #[prop(optional)]
    most: Option<usize>,
) -> impl IntoView {
    let most = most.unwrap_or(rules.len());
    let more = rules.len().saturating_sub(most);
    let behind = if more == 0 { defaults(&rules) } else { Vec::new() };
    let rows: Vec<_> = rules.iter().take(most).enumerate().map(|(at, rule)| row(Some(at), rule)).collect();
    let behind: Vec<_> = behind.iter().map(|rule| row(None, rule)).collect();
    view! {
        <Table caption="Rules, the first that matches counts" columns=columns() main=MainWidth::Large dense=true>
            {rows}
            {behind}
        </Table>
        {(more > 0).then(|| view! { <p class="small muted">{["And ", &counted(more as u64, "rule", "rules"), " more."].concat()}</p> })}
    }
    .into_any()
}

fn row(at: Option<usize>, rule: &Rule) -> AnyView {
    let (about, needed, role) = (about(at, rule), needed(rule), lowest(rule.allow));
    view! {
        <Row>
            {number(at)}
            <MainCell>{about}</MainCell>
            <Cell label="Needs" place=Place::Left>
                {needed}
            </Cell>
            <Cell label="Lowest role" place=Place::Right>
                {role}
            </Cell>
        </Row>
    }
    .into_any()
}

/// The cell with a rule's number; what counts by default has none.
pub fn number(at: Option<usize>) -> AnyView {
    let number = at.map(|at| (at + 1).to_string());
    view! {
        <Cell label="#" place=Place::Drop fit=true>
            <span class="faint num">{number}</span>
        </Cell>
    }
    .into_any()
}

/// What a rule is about.
pub fn about(at: Option<usize>, rule: &Rule) -> AnyView {
    let words = if at.is_some() { "everything" } else { "everything else" };
    view! { <Request methods=rule.methods.clone() path=rule.path.clone() words=words /> }.into_any()
}

/// What a rule needs.
pub fn needed(rule: &Rule) -> AnyView {
    view! {
        <span class="mono" data-size="sm">
            {needs(rule.allow)}
        </span>
    }
    .into_any()
}
