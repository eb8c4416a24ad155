//! Fields that name a place: a workspace, and one of its environments or all of them.

use super::{beside::taken_over, narrow::rested, words};
use crate::{
    calls::workspaces::list_workspaces,
    ui::{Choice, Select, SuggestField},
};
use leptos::{prelude::*, task::spawn_local};
use wire::workspaces::{Slug, Workspace, WorkspaceQuery};

/// How many workspaces are suggested.
const SUGGESTED: u32 = 10;

/// What is typed and chosen.
#[derive(Clone, Copy)]
pub struct Place {
    /// The workspace's slug, or nothing.
    pub workspace: RwSignal<String>,
    /// The environment's slug; nothing for all of them.
    pub environment: RwSignal<String>,
    known: RwSignal<Vec<Workspace>>,
}

impl Place {
    /// This place; nowhere without a workspace.
    #[must_use]
    pub fn new(workspace: Option<&str>, environment: Option<&str>) -> Self {
        Self {
            workspace: RwSignal::new(workspace.unwrap_or_default().to_owned()),
            environment: RwSignal::new(environment.unwrap_or_default().to_owned()),
            known: RwSignal::new(Vec::new()),
        }
    }

    /// Takes over another workspace and environment, by their slugs, where nothing else was typed.
    pub fn learn(self, before: &[String], now: &[String]) {
        for ((field, before), now) in [self.workspace, self.environment].into_iter().zip(before).zip(now) {
            taken_over(field, before, now);
        }
    }

    /// Means another place from now on.
    pub fn set(self, workspace: Option<&Slug>, environment: Option<&Slug>) {
        let text = |slug: Option<&Slug>| slug.map(|slug| slug.0.clone()).unwrap_or_default();
        self.workspace.set(text(workspace));
        self.environment.set(text(environment));
        self.look(self.workspace.get_untracked());
    }

    /// The workspace's slug as it was typed, where one was.
    #[must_use]
    pub fn workspace(self) -> Option<String> {
        words::given(&self.workspace.get())
    }

    /// The environment's slug, where one is chosen and its workspace named.
    #[must_use]
    pub fn environment(self) -> Option<String> {
        self.workspace().and_then(|_| words::given(&self.environment.get()))
    }

    /// Asks the server for workspaces that begin with what was typed.
    fn look(self, typed: String) {
        spawn_local(async move {
            let wanted = WorkspaceQuery { query: words::given(&typed.to_lowercase()), limit: Some(SUGGESTED), cursor: None };
            if let Ok(part) = list_workspaces(wanted).await
                && self.workspace.try_with_untracked(|now| *now == typed) == Some(true)
            {
                let _ = self.known.try_set(part.items);
            }
        });
    }
}

/// The environments to choose from, all of them first. One that is chosen stands there even while
/// nothing is known of its workspace.
fn choices(known: &[Workspace], workspace: &str, chosen: &str) -> Vec<Choice> {
    let named = known.iter().find(|known| known.slug.0 == workspace.trim());
    let there = named.map(|named| named.environments.as_slice()).unwrap_or_default();
    let unknown = (named.is_none() && !chosen.is_empty()).then(|| Choice::new(chosen, chosen));
    let all = [Choice::new("", "All environments")];
    all.into_iter().chain(there.iter().map(|slug| Choice::new(slug.0.clone(), slug.0.clone()))).chain(unknown).collect()
}

/// The two fields.
#[component]
pub fn PlaceFields(
    /// The beginning of their ids.
    id: &'static str,
    /// What is typed and chosen.
    place: Place,
    /// Whether it may stay empty.
    #[prop(optional)]
    optional: bool,
    /// Whether the workspace has the focus at first.
    #[prop(optional)]
    autofocus: bool,
    /// What the workspace is for.
    #[prop(into)]
    help: String,
    /// What is wrong with the workspace.
    #[prop(into)]
    workspace_error: Signal<Option<String>>,
    /// What is wrong with the environment.
    #[prop(into)]
    environment_error: Signal<Option<String>>,
) -> impl IntoView {
    Effect::new(move || place.look(place.workspace.get_untracked()));
    rested(place.workspace, move |typed| place.look(typed));
    // An environment of another workspace is none of this one.
    Effect::new(move || {
        let has_gone = place.known.with(|known| {
            place.workspace.with(|workspace| {
                let named = known.iter().find(|known| known.slug.0 == workspace.trim());
                named.is_some_and(|named| {
                    place.environment.with_untracked(|chosen| !named.environments.iter().any(|slug| slug.0 == *chosen))
                })
            })
        });
        if has_gone && place.environment.with_untracked(|chosen| !chosen.is_empty()) {
            place.environment.set(String::new());
        }
    });
    let suggestions = Signal::derive(move || {
        place
            .known
            .with(|known| known.iter().map(|workspace| Choice::new(workspace.slug.0.clone(), workspace.name.clone())).collect::<Vec<_>>())
    });
    let environments = Signal::derive(move || {
        place.known.with(|known| place.workspace.with(|workspace| choices(known, workspace, &place.environment.read_untracked())))
    });
    view! {
        <div class="fields">
            <SuggestField
                id=[id, "-workspace"].concat()
                label="Workspace"
                value=place.workspace
                suggestions=suggestions
                help=help
                error=workspace_error
                optional=optional
                autofocus=autofocus
            />
            <Select
                id=[id, "-environment"].concat()
                label="Environment"
                choices=environments
                value=place.environment
                error=environment_error
                disabled=Signal::derive(move || place.workspace.with(|workspace| workspace.trim().is_empty()))
            />
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::Timestamp;

    #[test]
    fn the_environments_are_those_of_the_workspace_that_is_typed() {
        let known = [Workspace {
            slug: Slug("billing".into()),
            name: "Billing".into(),
            is_private: false,
            environments: vec![Slug("default".into()), Slug("staging".into())],
            members: None,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
        }];
        let values =
            |workspace: &str, chosen: &str| choices(&known, workspace, chosen).into_iter().map(|choice| choice.value).collect::<Vec<_>>();
        assert_eq!(values("billing", "staging"), ["", "default", "staging"]);
        assert_eq!(values(" billing ", ""), ["", "default", "staging"]);
        assert_eq!(values("bil", ""), [""]);
        assert_eq!(values("wiki", "production"), ["", "production"], "it is not lost before the workspace is looked up");
    }
}
