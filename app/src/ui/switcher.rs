//! Where one acts: the button that says it, its menu, and the marks of workspaces and environments.
use leptos::prelude::*;

use super::{
    Icon, Menu,
    menu::Align,
    person::{hue, initials},
};

/// The button, and the menu that it opens.
#[component]
pub fn Switcher(
    /// The workspace's name.
    #[prop(into)]
    workspace: Signal<String>,
    /// The environment.
    #[prop(into)]
    environment: Signal<String>,
    /// Runs when the button is pressed, so that the menu can be filled.
    #[prop(into)]
    on_press: Callback<()>,
    /// `MenuItem`s.
    children: Children,
) -> impl IntoView {
    view! {
        <div>
            <button class="switcher" type="button" popovertarget="switcher-menu" on:click=move |_| on_press.run(())>
                <WorkspaceIcon name=workspace />
                <span class="grow">
                    <span class="sr-only">"Switch workspace or environment, now "</span>
                    <b>{workspace}</b>
                    <EnvironmentMark slug=environment>{environment}</EnvironmentMark>
                </span>
                {Icon::Updown.draw()}
            </button>
            <Menu id="switcher-menu" align=Align::Start>
                {children()}
            </Menu>
        </div>
    }
    .into_any()
}

/// The initials of a workspace.
#[component]
pub fn WorkspaceIcon(
    /// Its name.
    #[prop(into)]
    name: Signal<String>,
) -> impl IntoView {
    view! {
        <span class="ws-icon" aria-hidden="true" data-hue=move || hue(&name.read())>
            {move || initials(&name.read())}
        </span>
    }
}

/// The sign of an environment: a full line, or a broken one where nothing earnest runs.
#[component]
pub fn EnvironmentMark(
    /// What it is called.
    #[prop(into)]
    slug: Signal<String>,
    /// Words after the sign.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <span class="env" data-env=move || earnest(&slug.read())>
            {children.map(|words| words())}
        </span>
    }
}

/// The same sign over the page.
#[component]
pub fn EnvironmentLine(
    /// What the environment is called.
    #[prop(into)]
    slug: Signal<String>,
) -> impl IntoView {
    view! { <div class="env-line" data-env=move || earnest(&slug.read())></div> }
}

/// How earnest an environment is, as far as its name tells.
fn earnest(slug: &str) -> &'static str {
    let begins = |words: &[&str]| words.iter().any(|word| slug.starts_with(word));
    if begins(&["stag", "test", "preview"]) {
        "staging"
    } else if begins(&["dev", "local", "sandbox"]) {
        "development"
    } else {
        "production"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_of_no_known_name_is_in_earnest() {
        assert_eq!(["staging", "dev-2", "default", "eu-west"].map(earnest), ["staging", "development", "production", "production"]);
    }
}
