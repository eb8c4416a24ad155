//! Tables. The roles are written out, because narrow rows become cards and lose them otherwise.
use leptos::prelude::*;

use super::{Icon, Skeleton, SkeletonShape};

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    label: &'static str,
    key: Option<&'static str>,
    is_hidden: bool,
    is_number: bool,
}

impl Column {
    /// Makes a column that can't be sorted by.
    pub const fn new(label: &'static str) -> Self {
        Self { label, key: None, is_hidden: false, is_number: false }
    }

    /// Makes a column whose label is only for those who can't see the cells: actions.
    pub const fn hidden(label: &'static str) -> Self {
        Self { label, key: None, is_hidden: true, is_number: false }
    }

    /// Lets people sort by it, under this key.
    #[must_use]
    pub const fn sort(mut self, key: &'static str) -> Self {
        self.key = Some(key);
        self
    }

    /// Aligns it as numbers.
    #[must_use]
    pub const fn number(mut self) -> Self {
        self.is_number = true;
        self
    }
}

/// By which column a table is sorted, and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// The key of the column.
    pub key: &'static str,
    /// Whether the last comes first.
    pub is_descending: bool,
}

/// How much of the width the main cell of a row takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MainWidth {
    /// About a quarter.
    Small,
    /// About a third.
    #[default]
    Medium,
    /// About a half.
    Large,
}

impl MainWidth {
    /// Returns the word the style sheet knows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Small => "sm",
            Self::Medium => "md",
            Self::Large => "lg",
        }
    }
}

/// A table: the head with its sort buttons, and `Row`s or `TableState` as children.
#[component]
pub fn Table(
    /// What it lists, for those who can't see what stands above.
    #[prop(into)]
    caption: String,
    /// Its columns.
    columns: Vec<Column>,
    /// By what it is sorted.
    #[prop(optional, into)]
    sort: Signal<Option<Sort>>,
    /// Called with what to sort by when a head is pressed.
    #[prop(optional, into)]
    on_sort: Option<Callback<Sort>>,
    /// How wide the main cell is.
    #[prop(optional)]
    main: MainWidth,
    /// Whether the rows are low, for long lists of short words.
    #[prop(optional)]
    dense: bool,
    /// Whether the rows are on their way again.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// The rows.
    children: Children,
) -> impl IntoView {
    let heads: Vec<_> = columns.into_iter().map(|column| head(column, sort, on_sort.unwrap_or_else(|| Callback::new(drop)))).collect();
    view! {
        <div class="table-wrap">
            <table
                class="table"
                role="table"
                data-stack=true
                data-main=main.as_str()
                data-dense=dense
                aria-busy=move || busy.get().then_some("true")
            >
                <caption class="sr-only">{caption}</caption>
                <thead role="rowgroup">
                    <tr role="row">{heads}</tr>
                </thead>
                <tbody role="rowgroup">{children()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn head(column: Column, sort: Signal<Option<Sort>>, on_sort: Callback<Sort>) -> AnyView {
    let own = move || sort.get().filter(|sort| Some(sort.key) == column.key);
    let label = match (column.key, column.is_hidden) {
        (Some(key), _) => view! {
            <button
                class="th-sort"
                type="button"
                on:click=move |_| {
                    let is_descending = untrack(own).is_some_and(|sort| !sort.is_descending);
                    on_sort.run(Sort { key, is_descending });
                }
            >
                {column.label}
                {move || {
                    match own() {
                        None => Icon::Updown,
                        Some(sort) if sort.is_descending => Icon::Down,
                        Some(_) => Icon::Up,
                    }
                        .draw()
                }}
            </button>
        }
        .into_any(),
        (None, true) => view! { <span class="sr-only">{column.label}</span> }.into_any(),
        (None, false) => column.label.into_any(),
    };
    view! {
        <th
            scope="col"
            role="columnheader"
            data-num=column.is_number
            aria-sort=move || {
                own().map(|sort| if sort.is_descending { "descending" } else { "ascending" })
            }
        >
            {label}
        </th>
    }
    .into_any()
}

/// A row.
#[component]
pub fn Row(
    /// Whether what it shows is disabled.
    #[prop(optional, into)]
    off: Signal<bool>,
    /// Whether it is the one looked at.
    #[prop(optional, into)]
    selected: Signal<bool>,
    /// One `MainCell`, `Cell`s, perhaps `RowActions`.
    children: Children,
) -> impl IntoView {
    view! {
        <tr
            role="row"
            data-off=move || off.get().then_some("")
            aria-selected=move || selected.get().then_some("true")
        >
            {children()}
        </tr>
    }
}

/// The cell that names the row.
#[component]
pub fn MainCell(
    /// What names it: a `Person`.
    children: Children,
) -> impl IntoView {
    view! {
        <th scope="row" role="rowheader" data-cell="main">
            {children()}
        </th>
    }
}

/// Where a cell goes when the row has become a card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// A line of its own, with its label.
    #[default]
    Labelled,
    /// A line of its own, without a label.
    Line,
    /// On the left of a shared line.
    Left,
    /// On the right of a shared line.
    Right,
    /// At the end of the first line.
    End,
    /// Nowhere.
    Drop,
}

impl Place {
    /// Returns the word the style sheet knows, if it needs one.
    pub const fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Labelled => None,
            Self::Line => Some("line"),
            Self::Left => Some("left"),
            Self::Right => Some("right"),
            Self::End => Some("end"),
            Self::Drop => Some("drop"),
        }
    }
}

/// A cell.
#[component]
pub fn Cell(
    /// The column's label, shown when the row has become a card.
    label: &'static str,
    /// Where it goes when the row has become a card.
    #[prop(optional)]
    place: Place,
    /// Whether it holds a number.
    #[prop(optional)]
    number: bool,
    /// Whether it is no wider than it must be.
    #[prop(optional)]
    fit: bool,
    /// The value.
    children: Children,
) -> impl IntoView {
    view! {
        <td
            role="cell"
            data-label=label
            data-cell=place.as_str()
            data-num=number
            data-fit=fit
        >
            {children()}
        </td>
    }
}

/// The last cell: the row's menu or button.
#[component]
pub fn RowActions(
    /// A `MenuButton` or a `Button`.
    children: Children,
) -> impl IntoView {
    view! {
        <td role="cell" data-fit=true data-cell="end">
            <div class="row-actions">{children()}</div>
        </td>
    }
}

/// A row over the whole width, for `Empty` and `Failed`.
#[component]
pub fn TableState(
    /// How many columns the table has.
    columns: usize,
    /// What to say.
    children: Children,
) -> impl IntoView {
    view! {
        <tr role="row">
            <td role="cell" colspan=columns.to_string()>
                {children()}
            </td>
        </tr>
    }
}

/// Rows in the shape of those on their way.
#[component]
pub fn TableLoading(
    /// How many columns the table has.
    columns: usize,
    /// How many rows to show.
    #[prop(default = 8)]
    rows: usize,
) -> impl IntoView {
    let row = || {
        let cells: Vec<_> = (1..columns)
            .map(|at| {
                let place = match at {
                    1 => Place::Left,
                    2 => Place::Right,
                    3 => Place::Drop,
                    _ if at + 1 == columns => Place::Drop,
                    _ => Place::Line,
                };
                view! {
                    <td role="cell" data-cell=place.as_str()>
                        <Skeleton width=2 />
                    </td>
                }
            })
            .collect();
        view! {
            <tr role="row" aria-hidden="true">
                <td role="cell" data-cell="main">
                    <div class="person">
                        <Skeleton shape=SkeletonShape::Arch />
                        <div class="stack" data-gap="1">
                            <Skeleton width=3 />
                            <Skeleton width=4 />
                        </div>
                    </div>
                </td>
                {cells}
            </tr>
        }
    };
    (0..rows).map(|_| row()).collect::<Vec<_>>().into_any()
}
