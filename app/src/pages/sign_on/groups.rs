//! Groups and the roles that they give, as rows to type in.

use super::mapping::{Line, Mapping, roles};
use crate::{
    state::attempt::Attempt,
    ui::{Button, Cell, Column, Icon, IconButton, Input, Row, RowActions, Select, Size, Table, TableState, focus},
};
use leptos::prelude::*;

/// The table, and the button that adds a row.
#[component]
pub fn Groups(mapping: Mapping, attempt: Attempt) -> impl IntoView {
    let columns = vec![Column::new("Group"), Column::new("Role"), Column::hidden("Remove")];
    let lines = mapping.lines;
    let none = move || {
        lines.with(Vec::is_empty).then(|| {
            view! {
                <TableState columns=3>
                    <span class="muted">"No group gives a role yet."</span>
                </TableState>
            }
        })
    };
    let add = move |()| {
        let id = group_id(mapping.add(None));
        request_animation_frame(move || focus(&id));
    };
    let problem = attempt.problem("roleMapping.groupMappings");
    view! {
        <Table caption="Groups and their roles" columns=columns dense=true>
            <For each=move || lines.get() key=|line| line.key children=move |line| row(mapping, line) />
            {none}
        </Table>
        <div class="card__body">
            {move || {
                problem
                    .get()
                    .map(|problem| {
                        view! {
                            <p class="error">
                                {Icon::Error.draw_as(Size::Small)} <span>{problem}</span>
                            </p>
                        }
                    })
            }}
            <div>
                <Button size=Size::Small icon=Icon::Plus on_press=add attr:id="add-group">
                    "Add a group"
                </Button>
            </div>
        </div>
    }
    .into_any()
}

fn group_id(key: u32) -> String {
    ["group-", &key.to_string()].concat()
}

fn row(mapping: Mapping, line: Line) -> AnyView {
    let key = line.key;
    let (id, role_id) = (group_id(key), [&group_id(key), "-role"].concat());
    let (group, role) = (RwSignal::from(line.group), RwSignal::from(line.role));
    let label = Signal::derive(move || {
        group.with(|group| if group.is_empty() { "Remove the empty row".to_owned() } else { ["Remove ", group].concat() })
    });
    let remove = move |()| {
        mapping.remove(key);
        request_animation_frame(|| focus("add-group"));
    };
    view! {
        <Row>
            <Cell label="Group">
                <Input id=id label="Group" value=group mono=true exact=true autocomplete="off" />
            </Cell>
            <Cell label="Role">
                <Select
                    id=role_id
                    label="Role of the group"
                    hide_label=true
                    size=Size::Small
                    choices=roles()
                    value=role
                />
            </Cell>
            <RowActions>
                <IconButton icon=Icon::X label=label on_press=remove />
            </RowActions>
        </Row>
    }
    .into_any()
}
