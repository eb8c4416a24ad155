//! Whether the server answers. While it does not, it is asked again and again, ever more slowly;
//! once it is back, what could not be loaded is loaded.

use super::{browser, session};
use leptos::{prelude::*, task::spawn_local};

/// Asked to learn whether the server is back; it answers anybody.
const PROBE: &str = "/livez";
/// The seconds between two tries; the last one stays.
const WAITS: [u32; 4] = [2, 4, 8, 15];

/// Whether the server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// Whether it has stopped to.
    pub is_away: RwSignal<bool>,
    /// When that was noticed, in milliseconds since 1970.
    pub since: RwSignal<i64>,
    /// The seconds until it is asked again.
    pub wait: RwSignal<u32>,
}

impl Reach {
    /// A server that answers, as far as is known.
    #[must_use]
    pub fn new() -> Self {
        Self { is_away: RwSignal::new(false), since: RwSignal::new(0), wait: RwSignal::new(0) }
    }

    /// Takes note that there was no answer, and waits for the server to come back.
    pub fn lost(self) {
        if self.is_away.get_untracked() {
            return;
        }
        self.since.set(browser::now());
        self.is_away.set(true);
        spawn_local(async move {
            for round in 0.. {
                self.wait.set(WAITS[usize::min(round, WAITS.len() - 1)]);
                // Somebody who does not want to wait sets the counter to nothing.
                while self.wait.get_untracked() > 0 {
                    browser::pause(1000).await;
                    self.wait.update(|left| *left = left.saturating_sub(1));
                }
                if browser::answers(PROBE).await {
                    break;
                }
            }
            self.is_away.set(false);
            session::loads_again();
        });
    }

    /// Asks at once.
    pub fn try_now(self) {
        self.wait.set(0);
    }
}

impl Default for Reach {
    fn default() -> Self {
        Self::new()
    }
}
