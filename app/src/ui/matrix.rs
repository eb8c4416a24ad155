//! A table of yes and no: what is asked down the side, who across the top.
use leptos::prelude::*;

use super::Icon;

/// The table; it scrolls sideways where it does not fit.
#[component]
pub fn Matrix(
    /// What it tells, for those who can't see it.
    #[prop(into)]
    caption: String,
    /// What the rows are.
    corner: &'static str,
    /// The heads of the columns: `MatrixHead`s.
    #[prop(into)]
    heads: ViewFn,
    /// `MatrixGroup`s and `MatrixRow`s.
    children: Children,
) -> impl IntoView {
    let label = [&caption, ", scrolls sideways"].concat();
    view! {
        <div class="table-wrap" tabindex="0" role="region" aria-label=label>
            <table class="table matrix" data-dense=true>
                <caption class="sr-only">{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">{corner}</th>
                        {heads.run()}
                    </tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// The head of a column.
#[component]
pub fn MatrixHead(
    /// Whether it is one's own column.
    #[prop(optional)]
    mine: bool,
    /// A badge, and a line below it.
    children: Children,
) -> impl IntoView {
    view! {
        <th scope="col" data-mine=mine>
            {children()}
        </th>
    }
    .into_any()
}

/// A line above some rows.
#[component]
pub fn MatrixGroup(
    /// What the rows below it have in common.
    title: &'static str,
    /// How many columns there are, that of the rows' names among them.
    columns: usize,
) -> impl IntoView {
    view! {
        <tr data-group=true>
            <th scope="colgroup" colspan=columns.to_string()>
                {title}
            </th>
        </tr>
    }
    .into_any()
}

/// A row of answers.
#[component]
pub fn MatrixRow(
    /// What is asked.
    #[prop(into)]
    title: String,
    /// Its name on the wire.
    #[prop(into)]
    name: String,
    /// For each column the answer, and whether the column is one's own.
    answers: Vec<(bool, bool)>,
) -> impl IntoView {
    let cells: Vec<_> = answers.into_iter().map(|(is_yes, is_mine)| cell(is_yes, is_mine)).collect();
    view! {
        <tr>
            <th scope="row">
                {title} <small class="mono" data-size="sm">
                    {name}
                </small>
            </th>
            {cells}
        </tr>
    }
    .into_any()
}

fn cell(is_yes: bool, is_mine: bool) -> AnyView {
    let (class, icon, word) = if is_yes { ("yes", Icon::Check, "Yes") } else { ("no", Icon::Minus, "No") };
    view! {
        <td data-mine=is_mine>
            <span class=class>
                {icon.draw()} <span class="sr-only">{word}</span>
            </span>
        </td>
    }
    .into_any()
}
