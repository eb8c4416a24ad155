//! A PostgreSQL of the test's own, which keeps what it acknowledges and can be ended as a power cut would.

use std::{
    fs,
    io::Read,
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

/// A server, in a folder that ends with the test.
pub struct Postgres {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    server: Option<Child>,
}

impl Postgres {
    /// Makes one below a folder and starts it; nothing, and a line that says so, where its programs are not.
    pub fn start(folder: &Path) -> Option<Self> {
        let Some(programs) = programs() else {
            eprintln!("skipped: there are no programs of PostgreSQL (initdb, postgres, pg_isready, psql)");
            return None;
        };
        let folder = folder.join("postgres");
        fs::create_dir(&folder).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut postgres = Self { programs, folder, port, server: None };
        if let Some((id, group)) = unprivileged() {
            // It has to come through to its own folder.
            for parent in postgres.folder.ancestors().skip(1).take_while(|parent| *parent != std::env::temp_dir()) {
                let mut mode = fs::metadata(parent).unwrap().permissions();
                std::os::unix::fs::PermissionsExt::set_mode(&mut mode, fs::metadata(parent).unwrap().mode() | 0o011);
                _ = fs::set_permissions(parent, mode);
            }
            chown(&postgres.folder, Some(id), Some(group)).unwrap();
        }
        let made = postgres
            .program("initdb")
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--pgdata"])
            .arg(postgres.data())
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        postgres.start_again();
        Some(postgres)
    }

    /// Where a client finds it.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.current_dir(&self.folder).stdin(Stdio::null());
        if let Some((id, group)) = unprivileged() {
            command.uid(id).gid(group);
        }
        command
    }

    /// Starts it on what there is, and waits until it takes connections.
    pub fn start_again(&mut self) {
        let end = Instant::now() + Duration::from_secs(60);
        let port = self.port.to_string();
        loop {
            let is_running = self.server.as_mut().is_some_and(|server| server.try_wait().unwrap().is_none());
            if !is_running {
                let log = fs::OpenOptions::new().create(true).append(true).open(self.folder.join("log")).unwrap();
                let mut server = self.program("postgres");
                server.arg("-D").arg(self.data()).arg("-k").arg(&self.folder).args(["-p", &port, "-c", "listen_addresses=127.0.0.1"]);
                // Little of everything: some tests give it little room.
                server.args(["-c", "shared_buffers=16MB", "-c", "min_wal_size=32MB", "-c", "max_wal_size=48MB"]);
                self.server = Some(server.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap());
            }
            let asked = self.program("pg_isready").args(["-h", "127.0.0.1", "-p", &port]).stdout(Stdio::null()).status().unwrap();
            if asked.success() {
                return;
            }
            assert!(Instant::now() < end, "PostgreSQL does not start:\n{}", self.log());
            sleep(Duration::from_millis(50));
        }
    }

    /// Has it run statements, whatever it is set to.
    pub fn tell(&self, statements: &[&str]) {
        let mut command = self.program("psql");
        command.args(["-h", "127.0.0.1", "-U", "postgres", "-q", "-v", "ON_ERROR_STOP=1", "-p", &self.port.to_string()]);
        for statement in statements {
            command.args(["-c", statement]);
        }
        let told = command.stdout(Stdio::null()).output().unwrap();
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    }

    /// What it wrote to its log.
    fn log(&self) -> String {
        let mut text = String::new();
        _ = fs::File::open(self.folder.join("log")).and_then(|mut file| file.read_to_string(&mut text));
        text
    }

    /// Ends all of its processes at once, as a power cut would.
    pub fn cut(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        let id = server.id();
        // The father first, so that nobody cleans up behind the others.
        for process in std::iter::once(id).chain(children(id)) {
            _ = Command::new("kill").args(["-KILL", &process.to_string()]).stderr(Stdio::null()).status();
        }
        server.wait().unwrap();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.cut();
    }
}

/// The processes that this one began.
fn children(of: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let parent = |process: &u32| {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse::<u32>().ok()
    };
    all.filter(|process| parent(process) == Some(of)).collect()
}

/// Where its programs are: Debian's place first, where the newest version wins, then the path.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<u32> = versions.filter_map(|version| version.file_name().to_str()?.parse().ok()).collect();
    versions.sort_unstable();
    let debian = versions.iter().rev().map(|version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin")));
    let usual = ["/usr/bin", "/usr/local/bin"].map(PathBuf::from);
    let is_whole = |folder: &PathBuf| ["initdb", "postgres", "pg_isready", "psql"].iter().all(|program| folder.join(program).is_file());
    debian.chain(usual).find(is_whole)
}

/// The ids of the user `postgres` when we are root, for it refuses to run as root.
fn unprivileged() -> Option<(u32, u32)> {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    users.lines().find_map(|line| {
        let mut fields = line.strip_prefix("postgres:")?.split(':').skip(1);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    })
}
