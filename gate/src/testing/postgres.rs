//! A PostgreSQL of a test's own: a folder, a port, and an end that the test chooses.

use std::{
    fs::{self, Permissions},
    net::TcpListener,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

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
    /// Starts one that keeps safe on disk what it acknowledges; nothing, and a line that says so, where its
    /// programs are missing, or where there is nobody who may run them.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start() -> Option<Self> {
        Self::start_at(tempfile::tempdir().expect("a folder for PostgreSQL"))
    }

    /// The same, with its data in a new folder below this one.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start_in(place: &Path) -> Option<Self> {
        if unprivileged().is_some() {
            // It has to come through to its own folder.
            for above in place.ancestors() {
                let mode = fs::metadata(above).map_or(0o111, |found| found.mode());
                if mode & 0o011 != 0o011 {
                    _ = fs::set_permissions(above, Permissions::from_mode(mode | 0o011));
                }
            }
        }
        Self::start_at(TempDir::new_in(place).expect("a folder for PostgreSQL"))
    }

    fn start_at(folder: TempDir) -> Option<Self> {
        let Some(programs) = programs() else {
            eprintln!("skipped: there are no programs of PostgreSQL (initdb, postgres, pg_isready, psql), or only root is");
            return None;
        };
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
        postgres.resume();
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
        assert!(send(self.server.id(), signal), "PostgreSQL is told to go");
        self.server.wait().expect("PostgreSQL goes");
    }

    /// Ends all of its processes at once, as a power cut would.
    ///
    /// # Panics
    /// When they can not be found.
    pub fn cut(&mut self) {
        let father = self.server.id();
        // The father first, so that nobody cleans up behind the others.
        for process in std::iter::once(father).chain(children(father)) {
            send(process, "-KILL");
        }
        self.server.wait().expect("PostgreSQL goes");
    }

    /// Starts it again where it went, with the data that it had, and waits until it takes connections.
    ///
    /// # Panics
    /// When it does not start.
    pub fn resume(&mut self) {
        let (begun, port) = (Instant::now(), self.port.to_string());
        loop {
            let mut ask = program(&self.programs, "pg_isready", self.folder.path());
            let answer = ask.args(["-h", "127.0.0.1", "-p", &port]).stdout(Stdio::null()).status().expect("pg_isready runs");
            if answer.success() {
                return;
            }
            if begun.elapsed() > PATIENCE {
                panic!("PostgreSQL does not start:\n{}", fs::read_to_string(self.folder.path().join("log")).unwrap_or_default());
            }
            // After a power cut what is left of the one before may be in its way for a moment.
            if self.server.try_wait().expect("a child").is_some() {
                self.server = spawn(&self.programs, self.folder.path(), self.port);
            }
            sleep(Duration::from_millis(20));
        }
    }

    /// Has it run statements, whatever it is set to.
    ///
    /// # Panics
    /// When it refuses one.
    pub fn tell(&self, statements: &[&str]) {
        let mut psql = program(&self.programs, "psql", self.folder.path());
        psql.args(["-h", "127.0.0.1", "-U", "postgres", "-q", "-v", "ON_ERROR_STOP=1", "-p", &self.port.to_string()]);
        for statement in statements {
            psql.args(["-c", statement]);
        }
        let told = psql.stdout(Stdio::null()).output().expect("psql runs");
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if !matches!(self.server.try_wait(), Ok(None)) {
            return;
        }
        // A plain kill would leave its children behind.
        if !send(self.server.id(), "-QUIT") {
            _ = self.server.kill();
        }
        _ = self.server.wait();
    }
}

/// Sends a signal to a process; whether there was one to get it.
fn send(process: u32, signal: &str) -> bool {
    let told = Command::new("kill").args([signal, &process.to_string()]).stderr(Stdio::null()).status();
    told.is_ok_and(|status| status.success())
}

/// The processes that this one began.
fn children(of: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc").expect("Linux").flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let parent = |process: u32| {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse::<u32>().ok()
    };
    all.filter(|process| parent(*process) == Some(of)).collect()
}

fn spawn(programs: &Path, folder: &Path, port: u16) -> Child {
    let log = fs::OpenOptions::new().create(true).append(true).open(folder.join("log")).expect("a log");
    let mut server = program(programs, "postgres", folder);
    server.arg("-D").arg(folder.join("data")).arg("-k").arg(folder).args(["-p", &port.to_string()]);
    server.args(["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"]);
    // Little of what takes room: some tests give it little.
    server.args(["-c", "shared_buffers=16MB", "-c", "min_wal_size=32MB", "-c", "max_wal_size=48MB"]);
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
    let is_whole = |folder: &PathBuf| ["initdb", "postgres", "pg_isready", "psql"].iter().all(|name| folder.join(name).is_file());
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
