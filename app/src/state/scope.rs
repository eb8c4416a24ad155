//! Where the dashboard acts: the workspace and the environment that were chosen in this browser, and
//! that go along with each call.
//!
//! A choice is no right; the server judges what each request names. It is kept where only the browser
//! can read it, so that it goes nowhere else, and the server renders every page as for the default:
//! what was chosen before is taken up once the page is awake.

use super::{
    browser,
    session::{self, Session},
    storage,
};
use crate::{
    calls::workspaces::{get_workspace, list_workspaces},
    frame::Places,
    given::shared,
};
use leptos::{prelude::*, task::spawn_local};
use std::cell::{Cell, RefCell};
use wire::workspaces::{Scope, Workspace, WorkspaceQuery};

thread_local! {
    /// What the frame of the woken page acts by.
    static CURRENT: Cell<Option<Acting>> = const { Cell::new(None) };
    /// What the server told with the page, for a frame that is drawn anew.
    static TOLD: RefCell<Option<Places>> = const { RefCell::new(None) };
}

/// Where the dashboard acts.
#[derive(Clone, Copy)]
pub struct Acting {
    /// The environment.
    pub scope: RwSignal<Scope>,
    /// Its workspace, once it is known.
    pub here: RwSignal<Option<Workspace>>,
    /// Whether there is another one to choose.
    pub has_choice: RwSignal<bool>,
    /// An environment that was chosen, and is not there any more, or not for this user.
    pub lost: RwSignal<Option<Scope>>,
    /// Counts up when workspaces or environments have come or gone.
    version: RwSignal<u32>,
    places: StoredValue<Option<Places>>,
    session: Session,
}

impl Acting {
    /// In the default environment, as the server renders every page.
    #[must_use]
    pub fn new(session: Session) -> Self {
        let told = || TOLD.with(|told| told.borrow().clone());
        let places = shared(|| use_context::<Places>().or_else(told));
        Self {
            scope: RwSignal::default(),
            here: RwSignal::new(places.as_ref().map(|places| places.first.clone())),
            has_choice: RwSignal::new(places.as_ref().is_some_and(|places| places.has_choice)),
            lost: RwSignal::new(None),
            version: RwSignal::new(0),
            places: StoredValue::new(places),
            session,
        }
    }

    /// The header in which a request names where it acts.
    #[must_use]
    pub fn header(self) -> Option<String> {
        self.places.try_with_value(|places| places.as_ref().map(|places| places.header.clone())).flatten()
    }

    /// Takes up what was chosen before, and follows the other tabs; once the page has woken.
    pub fn start(self) {
        if CURRENT.replace(Some(self)).is_none() {
            browser::on_stored(|| {
                if let Some(acting) = CURRENT.get() {
                    acting.follow();
                }
            });
            TOLD.with(|told| told.replace(self.places.get_value()));
        } else {
            // What was told with the page may be over by now.
            self.places_changed();
        }
        let kept = kept();
        if kept != Scope::default() && self.scope.try_set(kept).is_none() {
            self.session.look_again();
        }
    }

    /// Keeps knowing the workspace that the dashboard acts in.
    pub fn watch(self) {
        // Who may act nowhere yet has nothing to ask.
        if self.header().is_none() {
            return;
        }
        Effect::new(move |before: Option<(Scope, u32)>| {
            let now = (self.scope.get(), self.version.get());
            let slug = now.0.workspace.clone();
            let is_known = self.here.with_untracked(|here| here.as_ref().is_some_and(|here| here.slug == slug));
            if !is_known || before.is_some_and(|before| before.1 != now.1) {
                spawn_local(async move {
                    let found = get_workspace(slug.clone()).await.ok();
                    if self.scope.try_with_untracked(|scope| scope.workspace == slug) == Some(true) {
                        let _ = self.here.try_set(found);
                    }
                });
            }
            now
        });
    }

    /// Acts there from now on, in this tab and the others.
    pub fn choose(self, scope: Scope) {
        storage::set_preference(storage::SCOPE, (scope != Scope::default()).then(|| scope.to_string()).as_deref());
        self.turn(scope);
    }

    /// Learns that workspaces or environments have come or gone.
    pub fn places_changed(self) {
        let _ = self.version.try_update(|version| *version += 1);
        spawn_local(async move {
            let two = WorkspaceQuery { limit: Some(2), ..WorkspaceQuery::default() };
            let Ok(part) = list_workspaces(two).await else { return };
            // Who is elsewhere has the way back to choose.
            let is_elsewhere = self.scope.try_with_untracked(|scope| *scope != Scope::default()) == Some(true);
            let _ = self.has_choice.try_set(is_elsewhere || Places::is_choice(&part.items));
        });
    }

    /// Acts where another tab does.
    fn follow(self) {
        let kept = kept();
        if self.scope.try_with_untracked(|scope| *scope != kept) == Some(true) {
            self.turn(kept);
        }
    }

    fn turn(self, scope: Scope) {
        if self.scope.try_set(scope).is_none() {
            self.session.look_again();
            session::loads_again();
        }
    }
}

/// What was chosen in this browser; what can not be read is no choice.
fn kept() -> Scope {
    storage::preference(storage::SCOPE).and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// What goes along with a call: the header's name, and where the dashboard acts. Nothing in the
/// default environment, where a request acts that names none.
#[must_use]
pub fn sent() -> Option<(String, Scope)> {
    let acting = CURRENT.get()?;
    let scope = acting.scope.try_get_untracked().filter(|scope| *scope != Scope::default())?;
    Some((acting.header()?, scope))
}

/// Takes note that the server knows no such place, or not for this user: the dashboard acts in the
/// default environment again.
pub fn refused(scope: &Scope) {
    let Some(acting) = CURRENT.get() else { return };
    // All calls that were under way come back with this; the first one is enough.
    if acting.scope.try_with_untracked(|now| now == scope) == Some(true) {
        acting.choose(Scope::default());
        acting.places_changed();
        let _ = acting.lost.try_set(Some(scope.clone()));
    }
}
