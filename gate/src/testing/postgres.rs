//! A PostgreSQL of a test's own: a folder, a port, and an end that the test chooses.

use std::{
    fs,
    net::TcpListener,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a server is told to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goodbye {
    /// It ends what is open, and goes in order.
    Fast,
    /// It goes at once, and has to recover when it comes again.
    Immediate,
}

/// A running server; it ends with this value.
pub struct Postgres {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
    server: Child,
}

impl Postgres {
    /// Starts one that keeps safe on disk what it acknowledges; nothing where its programs are missing, or
    /// where there is nobody who may run them.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start() -> Option<Self> {
        let programs = programs()?;
        let folder = tempfile::tempdir().expect("a folder for PostgreSQL");
        if let Some((user, group)) = unprivileged() {
            chown(folder.path(), Some(user), Some(group)).expect("root gives a folder away");
        }
        let mut initdb = program(&programs, "initdb", folder.path());
        initdb.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--pgdata"]);
        let made = initdb.arg(folder.path().join("data")).stdout(Stdio::null()).status().expect("initdb runs");
        assert!(made.success(), "initdb: {made}");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port();
        let server = spawn(&programs, folder.path(), port);
        let mut postgres = Self { programs, folder, port, server };
        postgres.wait();
        Some(postgres)
    }

    /// Where a client finds it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Ends it.
    ///
    /// # Panics
    /// When it can not be told to.
    pub fn stop(&mut self, goodbye: Goodbye) {
        let signal = if goodbye == Goodbye::Fast { "-INT" } else { "-QUIT" };
        assert!(tell(&self.server, signal), "PostgreSQL is told to go");
        self.server.wait().expect("PostgreSQL goes");
    }

    /// Starts it again, with the data that it had.
    ///
    /// # Panics
    /// When it does not start.
    pub fn resume(&mut self) {
        self.server = spawn(&self.programs, self.folder.path(), self.port);
        self.wait();
    }

    fn wait(&mut self) {
        let (begun, port) = (Instant::now(), self.port.to_string());
        loop {
            let mut ask = Command::new(self.programs.join("pg_isready"));
            let answer = ask.args(["-h", "127.0.0.1", "-p", &port]).stdout(Stdio::null()).status().expect("pg_isready runs");
            if answer.success() {
                return;
            }
            let has_ended = self.server.try_wait().expect("a child").is_some();
            if has_ended || begun.elapsed() > PATIENCE {
                panic!("PostgreSQL does not start:\n{}", fs::read_to_string(self.folder.path().join("log")).unwrap_or_default());
            }
            sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // A plain kill would leave its children behind.
        if !tell(&self.server, "-QUIT") {
            _ = self.server.kill();
        }
        _ = self.server.wait();
    }
}

fn tell(server: &Child, signal: &str) -> bool {
    let told = Command::new("kill").args([signal, &server.id().to_string()]).stderr(Stdio::null()).status();
    told.is_ok_and(|status| status.success())
}

fn spawn(programs: &Path, folder: &Path, port: u16) -> Child {
    let log = fs::OpenOptions::new().create(true).append(true).open(folder.join("log")).expect("a log");
    let mut server = program(programs, "postgres", folder);
    server.arg("-D").arg(folder.join("data")).arg("-k").arg(folder).args(["-p", &port.to_string()]);
    server.args(["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"]);
    server.stdin(Stdio::null()).stdout(log.try_clone().expect("a file")).stderr(log).spawn().expect("postgres runs")
}

/// One of its programs, as somebody who may run it: it refuses to be root.
fn program(programs: &Path, name: &str, folder: &Path) -> Command {
    let mut command = Command::new(programs.join(name));
    command.current_dir(folder).env_clear().env("PATH", "/usr/bin:/bin").env("HOME", folder);
    if let Some((user, group)) = unprivileged() {
        command.uid(user).gid(group);
    }
    command
}

/// Where its programs are: in Debian's place, where the newest version wins, or where others put them.
fn programs() -> Option<PathBuf> {
    if is_root() && unprivileged().is_none() {
        return None;
    }
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<u32> = versions.filter_map(|found| found.file_name().to_str()?.parse().ok()).collect();
    versions.sort_unstable();
    let debian = versions.iter().rev().map(|version| format!("/usr/lib/postgresql/{version}/bin"));
    let others = ["/usr/bin", "/usr/local/bin", "/usr/local/pgsql/bin", "/opt/homebrew/bin"].map(str::to_owned);
    let is_whole = |folder: &PathBuf| ["initdb", "postgres", "pg_isready"].iter().all(|name| folder.join(name).is_file());
    debian.chain(others).map(PathBuf::from).find(is_whole)
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|found| found.uid() == 0)
}

/// The ids of the user `postgres`, where we are root.
fn unprivileged() -> Option<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").ok().filter(|_| is_root())?;
    users.lines().find_map(|line| {
        let mut fields = line.strip_prefix("postgres:")?.split(':').skip(1);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    })
}
