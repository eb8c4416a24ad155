//! The address bar, kept in step with the page.
//!
//! The router remembers where it has been, so as to know Back from Forward, but not where Forward
//! has led. After it, a link to the page before shows that page and leaves the address behind.

use super::browser;
use leptos::task::spawn_local;
use std::sync::atomic::{AtomicU32, Ordering};

/// How long an address may lag behind its page, in milliseconds; the router writes it at once, or
/// when the page's part of the program has been loaded.
const LAG: u32 = 50;

/// How many parts of the program are being loaded.
static LOADING: AtomicU32 = AtomicU32::new(0);
/// Counts the pages that were gone to.
static TURN: AtomicU32 = AtomicU32::new(0);

/// A part of the program is being loaded, as long as this lives.
pub struct Loading(());

impl Loading {
    /// Begins.
    #[must_use]
    pub fn begin() -> Self {
        LOADING.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for Loading {
    fn drop(&mut self) {
        LOADING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Sees to it that the address is this place, which the router has gone to: its path and query.
pub fn keep(place: String) {
    let turn = TURN.fetch_add(1, Ordering::Relaxed) + 1;
    spawn_local(async move {
        loop {
            browser::pause(LAG).await;
            if TURN.load(Ordering::Relaxed) != turn || browser::place() == place {
                return;
            }
            if LOADING.load(Ordering::Relaxed) == 0 {
                return browser::push(&place);
            }
        }
    });
}
