//! A request, or a pattern of requests: methods and a path.
use leptos::prelude::*;

/// The methods and the path, which may break at its slashes.
#[component]
pub fn Request(
    /// The methods in capitals; any when there are none.
    methods: Vec<String>,
    /// The path, or a pattern; words when there is none.
    #[prop(into)]
    path: Option<String>,
    /// The words where there is no path.
    #[prop(default = "everything")]
    words: &'static str,
) -> impl IntoView {
    let method = match methods.as_slice() {
        [] => "ANY".to_owned(),
        all => all.join(", "),
    };
    let path = match path {
        Some(path) => view! { <span class="mono break">{parts(&path)}</span> }.into_any(),
        None => view! { <span>{words}</span> }.into_any(),
    };
    view! {
        <span class="request">
            <span class="method" data-method=kind(&methods)>
                {method}
            </span>
            {path}
        </span>
    }
    .into_any()
}

/// Which colour the methods have: of all that change the first.
fn kind(methods: &[String]) -> Option<&'static str> {
    let changing = ["DELETE", "POST", "PUT", "PATCH"];
    changing.into_iter().find(|kind| methods.iter().any(|method| method == kind))
}

fn parts(path: &str) -> Vec<AnyView> {
    path.split_inclusive('/').map(|part| view! { {part.to_owned()} <wbr /> }.into_any()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_method_that_changes_most_gives_the_colour() {
        let methods = |list: &[&str]| list.iter().map(|method| (*method).to_owned()).collect::<Vec<_>>();
        assert_eq!(kind(&methods(&["GET", "HEAD"])), None);
        assert_eq!(kind(&methods(&["GET", "POST", "DELETE"])), Some("DELETE"));
    }
}
