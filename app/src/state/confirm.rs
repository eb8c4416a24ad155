//! Actions that need the password again: one dialog asks for it, then the action goes on by itself.

use futures::channel::oneshot;
use leptos::prelude::*;
use wire::{Code, Failure};

/// The question for the password; the frame shows it as a dialog.
#[derive(Clone, Copy)]
pub struct Confirm {
    /// Whether the password is being asked for.
    pub is_asked: RwSignal<bool>,
    waiting: StoredValue<Vec<oneshot::Sender<bool>>>,
}

impl Confirm {
    /// No question yet.
    #[must_use]
    pub fn new() -> Self {
        Self { is_asked: RwSignal::new(false), waiting: StoredValue::new(Vec::new()) }
    }

    /// Does the action; if it wants the password first, asks for it and does the action again.
    ///
    /// # Errors
    /// What the action answers; `confirmation_required` when the person would rather not.
    pub async fn around<T, Doing: Future<Output = Result<T, Failure>>>(self, action: impl Fn() -> Doing) -> Result<T, Failure> {
        match action().await {
            Err(failure) if failure.code == Code::ConfirmationRequired => {
                if self.ask().await {
                    action().await
                } else {
                    Err(failure)
                }
            }
            other => other,
        }
    }

    /// Asks for the password, and tells whether it was confirmed.
    pub async fn ask(self) -> bool {
        let (told, answer) = oneshot::channel();
        self.waiting.update_value(|waiting| waiting.push(told));
        self.is_asked.set(true);
        answer.await.unwrap_or(false)
    }

    /// Ends the question: confirmed, or not.
    pub fn answer(self, is_confirmed: bool) {
        self.is_asked.set(false);
        let waiting = self.waiting.try_update_value(std::mem::take).unwrap_or_default();
        for told in waiting {
            // Whoever asked may have gone with its page.
            let _ = told.send(is_confirmed);
        }
    }
}

impl Default for Confirm {
    fn default() -> Self {
        Self::new()
    }
}
