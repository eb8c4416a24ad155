//! Before and after, side by side.
use leptos::prelude::*;

/// A field that changed, or stands beside one that did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it is called.
    pub name: String,
    /// What it was; none where it was not there.
    pub before: Option<String>,
    /// What it is; none where it is gone.
    pub after: Option<String>,
}

impl Change {
    /// Whether it is another than before.
    pub fn is_other(&self) -> bool {
        self.before != self.after
    }
}

/// A table of fields; what changed is marked, and not by colour alone.
#[component]
pub fn Changes(
    /// What changed, for those who can't see what stands above.
    #[prop(into)]
    caption: String,
    /// The fields.
    changes: Vec<Change>,
) -> impl IntoView {
    let rows: Vec<_> = changes.into_iter().map(row).collect();
    view! {
        <div class="table-wrap">
            <table class="table changes" role="table" data-dense=true>
                <caption class="sr-only">{caption}</caption>
                <thead role="rowgroup">
                    <tr role="row">
                        <th scope="col" role="columnheader">
                            "Field"
                        </th>
                        <th scope="col" role="columnheader">
                            "Before"
                        </th>
                        <th scope="col" role="columnheader">
                            "After"
                        </th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(change: Change) -> AnyView {
    let is_other = change.is_other();
    let before = change.before.map(|text| if is_other { view! { <del>{text}</del> }.into_any() } else { text.into_any() });
    let after = change.after.map(|text| if is_other { view! { <ins>{text}</ins> }.into_any() } else { text.into_any() });
    view! {
        <tr role="row" data-changed=is_other>
            <th scope="row" role="rowheader">
                {change.name}
            </th>
            <td role="cell">{before.unwrap_or_else(|| "–".into_any())}</td>
            <td role="cell">{after.unwrap_or_else(|| "–".into_any())}</td>
        </tr>
    }
    .into_any()
}
