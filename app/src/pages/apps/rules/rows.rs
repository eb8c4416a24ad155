//! The rules as rows that can be changed, moved and taken out.

use super::{
    listed::{about, needed, number},
    sheet::{Sheet, Writing},
    told::{defaults, lowest, reached},
};
use crate::ui::{Cell, Column, Icon, IconButton, MainCell, MainWidth, Place, Row, RowActions, Table, focus};
use leptos::prelude::*;
use wire::rules::Rule;

/// The table.
#[component]
pub fn Rows(sheet: Sheet) -> impl IntoView {
    let rows = move || {
        let met = sheet.met.get();
        sheet.rules.with(|rules| {
            let (count, reached) = (rules.len(), reached(rules));
            let own = rules.iter().enumerate().map(|(at, rule)| row(sheet, at, rule, count, reached, met == Some(at)));
            own.chain(defaults(rules).iter().map(by_default)).collect::<Vec<_>>()
        })
    };
    let columns = vec![
        Column::new("#"),
        Column::new("Request"),
        Column::new("Needs"),
        Column::new("Lowest role"),
        Column::hidden("Change, move, remove"),
    ];
    view! {
        <Table caption="Rules, the first that matches counts" columns=columns main=MainWidth::Large dense=true>
            {rows}
        </Table>
    }
    .into_any()
}

fn row(sheet: Sheet, at: usize, rule: &Rule, count: usize, reached: usize, is_met: bool) -> AnyView {
    let number_word = (at + 1).to_string();
    let (id, kept) = (["rule-", &number_word].concat(), rule.clone());
    let name = move |before: &str, after: &str| [before, " rule ", &number_word, after].concat();
    let never = (at >= reached).then(
        || view! { <small class="caption muted">{["Never reached: rule ", &reached.to_string(), " takes everything"].concat()}</small> },
    );
    let moved = move |to: usize, way: &'static str| {
        sheet.swap(at, to);
        // The button that was pressed stands elsewhere now, and may be at the end of its way.
        let other = if way == "up" { "down" } else { "up" };
        let is_last = if way == "up" { to == 0 } else { to + 1 == count };
        let id = ["rule-", &(to + 1).to_string(), "-", if is_last { other } else { way }].concat();
        request_animation_frame(move || focus(&id));
    };
    let remove = move |()| {
        sheet.remove(at);
        request_animation_frame(|| focus("add-rule"));
    };
    let change = move |()| sheet.writing.set(Some(Writing { at, rule: Some(kept.clone()) }));
    let (about, needed, role) = (about(Some(at), rule), needed(rule), lowest(rule.allow));
    view! {
        <Row selected=is_met>
            {number(Some(at))}
            <MainCell>{about} {never}</MainCell>
            <Cell label="Needs" place=Place::Left>
                {needed}
            </Cell>
            <Cell label="Lowest role" place=Place::Right>
                {role}
            </Cell>
            <RowActions>
                <IconButton
                    icon=Icon::ArrowUp
                    label=name("Move", " up")
                    disabled=at == 0
                    on_press=move |()| moved(at.saturating_sub(1), "up")
                    attr:id=[&id, "-up"].concat()
                />
                <IconButton
                    icon=Icon::ArrowDown
                    label=name("Move", " down")
                    disabled=at + 1 == count
                    on_press=move |()| moved(at + 1, "down")
                    attr:id=[&id, "-down"].concat()
                />
                <IconButton icon=Icon::Edit label=name("Change", "") on_press=change attr:id=[&id, "-change"].concat() />
                <IconButton icon=Icon::Trash label=name("Remove", "") on_press=remove />
            </RowActions>
        </Row>
    }
    .into_any()
}

/// What counts where no rule matches.
fn by_default(rule: &Rule) -> AnyView {
    let (about, needed, role) = (about(None, rule), needed(rule), lowest(rule.allow));
    view! {
        <Row>
            {number(None)}
            <MainCell>{about}</MainCell>
            <Cell label="Needs" place=Place::Left>
                {needed}
            </Cell>
            <Cell label="Lowest role" place=Place::Right>
                {role}
            </Cell>
            <RowActions>""</RowActions>
        </Row>
    }
    .into_any()
}
