//! A private PostgreSQL for one run of the tests: own folder, own port, gone afterwards.
//! It keeps nothing safe on disk, which makes it quick.
use std::{
    env, fs,
    net::TcpListener,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    Result,
    command::{output, run},
    setup,
};

const SETTINGS: [&str; 6] = [
    "listen_addresses=127.0.0.1",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=400",
    "log_min_messages=warning",
];

/// A running server, which stops and leaves nothing behind when it is dropped.
pub struct Postgres {
    folder: PathBuf,
    port: u16,
    server: Child,
}

impl Postgres {
    /// Starts a server on a free port and waits until it answers.
    pub fn start() -> Result<Self> {
        let programs = setup::postgres()?;
        let folder = env::temp_dir().join(format!("doorward-postgres-{}", process::id()));
        let user = unprivileged()?;
        fs::create_dir_all(&folder)?;
        if let Some((id, group)) = user {
            chown(&folder, Some(id), Some(group))?;
        }
        let program = |name: &str| {
            let mut command = Command::new(programs.join(name));
            command.current_dir(&folder);
            if let Some((id, group)) = user {
                command.uid(id).gid(group);
            }
            command
        };
        let data = folder.join("data");
        run(program("initdb")
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"])
            .args(["--no-sync", "--pgdata"])
            .arg(&data)
            .stdout(Stdio::null()))?;

        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut server = program("postgres");
        server.arg("-D").arg(&data).arg("-k").arg(&folder).args(["-p", &port.to_string()]);
        for setting in SETTINGS {
            server.args(["-c", setting]);
        }
        let log = fs::File::create(folder.join("log"))?;
        let server = server.stdout(log.try_clone()?).stderr(log).spawn()?;
        let mut postgres = Self { folder, port, server };
        postgres.wait(&programs)?;
        eprintln!("PostgreSQL answers on port {port}");
        Ok(postgres)
    }

    /// Where a client finds it; everyone on this machine is its superuser.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn wait(&mut self, programs: &Path) -> Result {
        let port = self.port.to_string();
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let mut ask = Command::new(programs.join("pg_isready"));
            if output(ask.args(["-h", "127.0.0.1", "-p", &port])).is_ok() {
                return Ok(());
            }
            if self.server.try_wait()?.is_some() || Instant::now() > end {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                return Err(format!("PostgreSQL does not start:\n{log}").into());
            }
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGQUIT ends it and its children at once; a plain kill would orphan them.
        let id = self.server.id().to_string();
        let asked = Command::new("kill").args(["-QUIT", &id]).status();
        if !asked.is_ok_and(|s| s.success()) {
            let _ = self.server.kill();
        }
        let _ = self.server.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The ids of the user `postgres` when we are root, for the server refuses to run as root.
fn unprivileged() -> Result<Option<(u32, u32)>> {
    if fs::metadata("/proc/self")?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let ids = users.lines().find_map(|line| {
        let mut fields = line.strip_prefix("postgres:")?.split(':').skip(1);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    });
    ids.map(Some).ok_or_else(|| "PostgreSQL does not run as root, and there is no user `postgres`".into())
}
