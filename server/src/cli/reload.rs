//! The configuration file while the server runs: read again when it, or a file that it names a secret in,
//! has changed, and at SIGHUP. What can be is put in force at once; of the rest the log says that it waits.

use crate::load::{Environment, Flags, LoadError, Loaded, load_with_files};
use doorward::{
    gate::{Gate, Taken},
    wire::settings::ConfigurationFile,
};
use std::{
    collections::BTreeMap,
    os::unix::fs::MetadataExt,
    path::PathBuf,
    time::{Duration, SystemTime},
};
use tokio::{signal::unix::Signal, time::sleep};

/// How often the files are looked at. What changed is read once two looks found it the same, so that half a
/// file is not taken for a whole one.
const EVERY: Duration = Duration::from_millis(500);

/// By what a file is known to be another: when it was changed, how long it is, which one it is on its disk.
type Stamp = Option<(SystemTime, u64, u64)>;
type Stamps = BTreeMap<PathBuf, Stamp>;

/// What reads the configuration again.
pub struct Follower {
    flags: Flags,
    environment: Environment,
    files: Vec<PathBuf>,
    /// How the files were when they were last read.
    read: Stamps,
}

impl Follower {
    /// Follows what was read by these flags and from these files a moment ago.
    pub fn new(flags: Flags, environment: Environment, files: Vec<PathBuf>) -> Self {
        let read = stamps(&files);
        Self { flags, environment, files, read }
    }

    /// Reads it again whenever it changed, for ever. `start` is what was read at the start.
    pub async fn run(mut self, gate: Gate, start: Loaded, mut hangups: Signal) {
        let mut state = State::new(gate, start);
        // The usual places are looked at once: another file does not take the place of one that is gone.
        self.flags.config = state.start.file.clone().or(self.flags.config);
        let mut last = self.read.clone();
        loop {
            let is_told = tokio::select! {
                Some(()) = hangups.recv() => true,
                () = sleep(EVERY) => false,
            };
            let now = stamps(&self.files);
            let is_settled = now == last;
            last.clone_from(&now);
            if !is_told && (!is_settled || now == self.read) {
                continue;
            }
            let (loaded, files) = load_with_files(&self.flags, &self.environment);
            self.files = files;
            let is_done = match loaded {
                Ok(loaded) => {
                    self.flags.config = loaded.file.clone().or(self.flags.config);
                    state.take(&loaded, is_told).await
                }
                Err(error) => state.refuse(&error, is_told),
            };
            if is_done {
                self.read = stamps(&self.files);
                // What changed while it was read is another change.
                self.read.extend(now);
                self.read.retain(|file, _| self.files.contains(file));
                last.clone_from(&self.read);
            }
        }
    }
}

/// How far the file is in force, as it is told in the log and in the settings.
struct State {
    gate: Gate,
    start: Loaded,
    file: Option<ConfigurationFile>,
    /// What was last said to be wrong.
    said: String,
}

impl State {
    fn new(gate: Gate, start: Loaded) -> Self {
        let read_at = gate.now();
        let file =
            start.file.as_ref().map(|file| ConfigurationFile { path: file.display().to_string(), read_at, ..ConfigurationFile::default() });
        let state = Self { gate, start, file, said: String::new() };
        state.tell();
        state
    }

    fn tell(&self) {
        if let Some(file) = &self.file {
            self.gate.configured_by(file.clone());
        }
    }

    /// Puts in force what can be; `false` where that is to be tried again.
    async fn take(&mut self, loaded: &Loaded, is_told: bool) -> bool {
        let taken = match self.gate.reconfigure(&loaded.settings.gate).await {
            Ok(taken) => taken,
            Err(error) => {
                let failure = error.into_failure("");
                self.complain(&format!("it can not be put in force: {}", failure.detail), false);
                return failure.status < 500;
            }
        };
        let waiting = loaded.changed_since(&self.start);
        self.report(&taken, &waiting, is_told);
        self.said.clear();
        if let Some(path) = &loaded.file {
            let path = path.display().to_string();
            self.file = Some(ConfigurationFile { path, read_at: self.gate.now(), problem: None, needs_restart: waiting });
        }
        self.tell();
        true
    }

    fn report(&self, taken: &Taken, waiting: &[String], is_told: bool) {
        let mut parts = Vec::new();
        if !taken.apps.is_empty() {
            let slugs: Vec<&str> = taken.apps.iter().map(|slug| slug.0.as_str()).collect();
            parts.push(format!("apps: {}", slugs.join(", ")));
        }
        if taken.has_other_channels {
            parts.push("the rules of live channels".to_owned());
        }
        if !parts.is_empty() {
            tracing::info!("the configuration was read again; in force now: {}", parts.join("; "));
        } else if is_told {
            tracing::info!("the configuration was read again; no app and no rule of a channel is another");
        }
        let before = self.file.as_ref().map_or(&[][..], |file| &file.needs_restart);
        if !waiting.is_empty() && (is_told || waiting != before) {
            tracing::warn!("these keys are not as they were at the start, and count from the next start on: {}", waiting.join(", "));
        }
    }

    /// Says why the file does not count; it is not looked at again before it changes.
    fn refuse(&mut self, error: &LoadError, is_told: bool) -> bool {
        self.complain(&error.to_string(), is_told);
        true
    }

    fn complain(&mut self, problem: &str, is_told: bool) {
        if self.said != problem || is_told {
            tracing::error!("the configuration that was read before stays in force: {}", problem.replace('\n', "; "));
            problem.clone_into(&mut self.said);
        }
        if let Some(file) = &mut self.file {
            file.problem = Some(problem.to_owned());
        }
        self.tell();
    }
}

fn stamps(files: &[PathBuf]) -> Stamps {
    let stamp = |file: &PathBuf| std::fs::metadata(file).ok().and_then(|about| Some((about.modified().ok()?, about.len(), about.ino())));
    files.iter().map(|file| (file.clone(), stamp(file))).collect()
}
