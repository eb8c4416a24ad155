//! The interface of the release, asked from outside: the lines that people know, and a walk through
//! its OpenAPI document.
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::{Result, build::Profile, command::run, setup};

const PASSWORD: &str = "brass lantern tide keeper";

/// A running server with the admin `root`; it ends, and its data with it, when it is dropped.
struct Server {
    child: Child,
    folder: PathBuf,
    url: String,
}

impl Server {
    fn start() -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("doorward-api-{}", std::process::id()));
        let mut child = Command::new(Profile::Release.server())
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(&folder)
            .env("DOORWARD_ADMIN_USERNAME", "root")
            .env("DOORWARD_ADMIN_EMAIL", "root@example.com")
            .env("DOORWARD_ADMIN_PASSWORD", PASSWORD)
            .env("DOORWARD_LOG_LEVEL", "warn")
            .stdout(Stdio::piped())
            .spawn()?;
        let output = BufReader::new(child.stdout.take().ok_or("the server has no output")?);
        let mut server = Self { child, folder, url: String::new() };
        for line in output.lines() {
            if let Some(url) = line?.strip_prefix("Doorward is ready at ") {
                url.clone_into(&mut server.url);
                return Ok(server);
            }
        }
        Err("the server ended at its start".into())
    }

    fn run(&self, script: &str) -> Command {
        let mut command = Command::new("bash");
        command.arg(script).env("DOORWARD_URL", &self.url).env("DOORWARD_PASSWORD", PASSWORD);
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Runs the lines that the documents of other systems have.
pub fn lines() -> Result {
    setup::python()?;
    run(&mut Server::start()?.run("end2end/api.sh"))
}

/// Walks the OpenAPI document.
pub fn contract() -> Result {
    let tool = setup::python()?.join("schemathesis");
    run(Server::start()?.run("end2end/contract.sh").env("SCHEMATHESIS", Path::new(&tool)))
}
