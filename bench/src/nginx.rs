//! nginx in front of the same upstream, with `auth_request` to a service that allows everything.

use crate::Result;
use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::{net::TcpStream, time::sleep};

/// A running nginx; it ends when it is dropped.
pub struct Nginx {
    program: PathBuf,
    child: Child,
    folder: tempfile::TempDir,
    pub address: SocketAddr,
}

impl Nginx {
    /// Starts it with as many workers as there are cores; nothing where it is not on this machine.
    pub async fn start(upstream: SocketAddr) -> Result<Option<Self>> {
        let Some(program) = program() else { return Ok(None) };
        let (folder, address) = (tempfile::tempdir()?, TcpListener::bind("127.0.0.1:0")?.local_addr()?);
        fs::write(folder.path().join("nginx.conf"), configuration(folder.path(), address, upstream))?;
        let child = command(&program, folder.path()).spawn()?;
        let nginx = Self { program, child, folder, address };
        for _ in 0..200 {
            if TcpStream::connect(address).await.is_ok() {
                return Ok(Some(nginx));
            }
            sleep(Duration::from_millis(25)).await;
        }
        Err("nginx did not listen within 5 seconds".into())
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Killed, the master would leave its workers behind.
        let has_stopped = command(&self.program, self.folder.path()).args(["-s", "stop"]).status().is_ok_and(|status| status.success());
        if !has_stopped {
            _ = self.child.kill();
        }
        _ = self.child.wait();
    }
}

fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Debian keeps it where only the PATH of root looks.
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    folders.map(|folder| folder.join("nginx")).find(|program| program.is_file())
}

fn command(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg("-p").arg(folder).arg("-c").arg(folder.join("nginx.conf"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// As good as it can be: connections are kept on all sides, nothing is logged, no body touches the disk.
fn configuration(folder: &Path, address: SocketAddr, upstream: SocketAddr) -> String {
    let place = folder.display();
    let temporary: String =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|what| format!("    {what}_temp_path {place}/{what};\n")).concat();
    format!(
        r#"daemon off;
worker_processes auto;
pid {place}/pid;
error_log stderr crit;
events {{ worker_connections 1024; }}
http {{
    access_log off;
{temporary}
    keepalive_requests 1000000000;
    tcp_nodelay on;
    upstream app {{
        server {upstream};
        keepalive 64;
        keepalive_requests 1000000000;
    }}
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_max_temp_file_size 0;
    server {{
        listen {address};
        location / {{
            auth_request /allowed;
            proxy_pass http://app;
        }}
        location = /allowed {{
            internal;
            proxy_pass http://app/nothing;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_set_header Connection "";
        }}
    }}
}}
"#
    )
}
