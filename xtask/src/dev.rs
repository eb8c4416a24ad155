//! `make dev`: builds, starts the server, and does both again after each change.
use std::{
    path::Path,
    process::{Child, Command},
    thread,
    time::Duration,
};

use crate::{
    Result,
    build::{self, Profile},
    fresh,
};

const SOURCES: [&str; 8] = ["wire", "gate", "app", "frontend", "server", "style", "public", "Cargo.lock"];
const PAUSE: Duration = Duration::from_millis(500);

/// Runs until it is interrupted. A build that fails leaves the last server running.
pub fn watch() -> Result {
    let sources = SOURCES.map(Path::new);
    let mut server = None;
    loop {
        let seen = fresh::times(&sources).ok();
        match build::all(Profile::Debug) {
            Ok(()) => {
                stop(server.take());
                server = Some(start()?);
            }
            Err(error) => eprintln!("{error}\nwaiting for a change"),
        }
        // No times at all when a file vanishes between its listing and its reading.
        while fresh::times(&sources).ok() == seen {
            thread::sleep(PAUSE);
        }
    }
}

fn start() -> Result<Child> {
    Ok(Command::new(Profile::Debug.server()).arg("serve").spawn()?)
}

/// Asks the server to end, so that it closes its database in order.
fn stop(server: Option<Child>) {
    let Some(mut server) = server else { return };
    let asked = Command::new("kill").arg(server.id().to_string()).status();
    if !asked.is_ok_and(|s| s.success()) {
        let _ = server.kill();
    }
    let _ = server.wait();
}
