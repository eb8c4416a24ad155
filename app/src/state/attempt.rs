//! One try of a form or a button: busy while it runs, and what became of it.

use super::confirm::Confirm;
use leptos::{prelude::*, task::spawn_local};
use wire::{Code, Failure};

/// The state of something that a person does.
#[derive(Clone, Copy)]
pub struct Attempt {
    /// Whether it is under way.
    pub is_busy: RwSignal<bool>,
    /// Why the last one failed.
    pub failure: RwSignal<Option<Failure>>,
    confirm: Option<Confirm>,
}

impl Attempt {
    /// Nothing done yet.
    #[must_use]
    pub fn new() -> Self {
        Self::after(None)
    }

    /// As it stands after a form that was posted without script.
    #[must_use]
    pub fn after(failure: Option<Failure>) -> Self {
        Self { is_busy: RwSignal::new(false), failure: RwSignal::new(failure), confirm: use_context() }
    }

    /// Does it, asks for the password where that is needed, and goes on with `then` when it worked.
    /// A second try while one is under way does nothing.
    pub fn run<T: 'static, Doing: Future<Output = Result<T, Failure>> + 'static>(
        self,
        action: impl Fn() -> Doing + 'static,
        then: impl FnOnce(T) + 'static,
    ) {
        if self.is_busy.get_untracked() {
            return;
        }
        self.is_busy.set(true);
        spawn_local(async move {
            let outcome = match self.confirm {
                Some(confirm) => confirm.around(action).await,
                None => action().await,
            };
            // The page may be gone by now, and its signals with it.
            let _ = self.is_busy.try_set(false);
            match outcome {
                Ok(value) => {
                    let _ = self.failure.try_set(None);
                    then(value);
                }
                Err(failure) => {
                    let _ = self.failure.try_set(shown(failure));
                }
            }
        });
    }

    /// Why the last one failed, in words.
    #[must_use]
    pub fn detail(self) -> Signal<Option<String>> {
        Signal::derive(move || self.failure.with(|failure| Some(failure.as_ref()?.detail.clone())))
    }

    /// What is wrong with a field, for the line below it.
    #[must_use]
    pub fn problem(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || self.failure.with(|failure| failure.as_ref()?.of(field).map(str::to_owned)))
    }
}

impl Default for Attempt {
    fn default() -> Self {
        Self::new()
    }
}

/// The failure, unless a dialog already speaks of it.
fn shown(failure: Failure) -> Option<Failure> {
    (!matches!(failure.code, Code::ConfirmationRequired | Code::Unauthenticated | Code::SessionEnded | Code::PasswordChangeRequired))
        .then_some(failure)
}
