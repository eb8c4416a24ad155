//! What the list, its dialogs and its drawer share: what is being asked, and what is meant.

use super::query;
use crate::{
    state::scope::Acting,
    ui::{Reports, use_toaster},
};
use leptos::prelude::*;
use wire::workspaces::{Scope, Slug, Workspace, WorkspaceQuery};

/// What is to be deleted: a workspace, or one environment of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doomed {
    /// The workspace.
    pub workspace: Workspace,
    /// The environment, where the workspace stays.
    pub environment: Option<Slug>,
}

impl Doomed {
    /// Whether this place goes with it.
    #[must_use]
    pub fn has(&self, scope: &Scope) -> bool {
        self.workspace.slug == scope.workspace && self.environment.as_ref().is_none_or(|slug| *slug == scope.environment)
    }
}

/// The state of the list of workspaces.
#[derive(Clone, Copy)]
pub struct Desk {
    /// The search and the cursor.
    pub query: Memo<WorkspaceQuery>,
    /// Counts up when the list has to be loaded again.
    pub version: RwSignal<u32>,
    /// Which workspace gets another environment, once its slug is typed.
    pub to_extend: RwSignal<Option<Workspace>>,
    /// What goes, once its slug is typed.
    pub to_delete: RwSignal<Option<Doomed>>,
    /// Where the dashboard acts.
    pub acting: Acting,
    /// Where reports are said.
    pub reports: Reports,
}

impl Desk {
    /// Nothing asked.
    #[must_use]
    pub fn new(query: Memo<WorkspaceQuery>) -> Self {
        Self {
            query,
            version: RwSignal::new(0),
            to_extend: RwSignal::new(None),
            to_delete: RwSignal::new(None),
            acting: expect_context(),
            reports: use_toaster(),
        }
    }

    /// The address of the list as it is shown.
    #[must_use]
    pub fn address(self) -> String {
        [query::LIST, &self.query.with_untracked(query::write)].concat()
    }

    /// Has the list and the switcher loaded again, and says what was done.
    pub fn changed(self, done: String) {
        self.reports.say(done);
        self.version.update(|version| *version += 1);
        self.acting.places_changed();
    }
}
