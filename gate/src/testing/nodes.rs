//! Several processes on one database, and what each of them does by itself after a while.

use super::{Door, open};
use crate::{
    bus::Trimmer,
    clock::{Clock, Manual},
    config::Config,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

impl Door {
    /// Another process on the same database: another node, or the command line.
    pub async fn another(&self) -> Self {
        self.another_with(self.config.clone()).await
    }

    /// Another process on the same database, with other settings.
    pub async fn another_with(&self, config: Config) -> Self {
        self.another_at(config, self.clock.clone()).await
    }

    /// Another process on the same database, whose clock is ahead by so many milliseconds.
    pub async fn another_ahead(&self, millis: i64) -> Self {
        self.another_at(self.config.clone(), Arc::new(Manual::at(self.clock.now().plus(millis)))).await
    }

    async fn another_at(&self, config: Config, clock: Arc<Manual>) -> Self {
        // Of one seed they would make the same ids.
        let seed = self.others.fetch_add(1, Ordering::SeqCst);
        let secret = self.has_own_secret.then(|| self.folder.path().join("secret"));
        let gate = open(&self.store, &config, &clock, seed, secret.as_deref()).await;
        let router = gate.routes();
        Self {
            gate,
            clock,
            router,
            store: self.store.clone(),
            config,
            made: AtomicU64::new(1000),
            others: AtomicU64::new(1008),
            has_own_secret: self.has_own_secret,
            folder: self.folder.clone(),
        }
    }

    /// Removes lines of the bus as happens every ten minutes: twice, when so much time has passed between.
    ///
    /// # Panics
    /// When that does not work.
    pub async fn trim_bus(&self, passed: Duration) {
        let mut trimmer = Trimmer::default();
        for _ in 0..2 {
            trimmer.trim_after(&self.gate, Duration::from_secs(10 * 60).saturating_sub(passed)).await.expect("old lines go");
        }
    }
}
