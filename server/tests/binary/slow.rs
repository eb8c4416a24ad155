//! Clients that take their time: each is hung up on in the end, and a crowd of them keeps nobody out.

use crate::harness::{Server, folder, head};
use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::Duration,
};

/// DOS-214
#[test]
fn a_crowd_of_slow_clients_is_hung_up_on_and_keeps_nobody_out() {
    let folder = folder();
    let server = Server::start(folder.path());
    let token = server.set_up();
    let login = head(server.port, "POST", "/api/v1/auth/login", &[("Content-Type", "application/json"), ("Content-Length", "100")]);
    let slow = [
        String::new(),
        "GE".to_owned(),
        // What could become HTTP/2.
        "PRI * HTTP/2.0\r\n".to_owned(),
        format!("{}X-Slow: a", head(server.port, "GET", "/livez", &[])),
        format!("{login}\r\n{{\"user"),
    ];
    let mut crowd = Vec::new();
    for text in slow.iter().cycle().take(300) {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        crowd.push(stream);
    }
    for _ in 0..20 {
        assert_eq!(server.get("/api/v1/auth/me", Some(&token)).status, 200);
    }
    for mut stream in crowd {
        stream.set_read_timeout(Some(Duration::from_secs(90))).unwrap();
        let mut answer = Vec::new();
        if let Err(error) = stream.read_to_end(&mut answer) {
            assert_eq!(error.kind(), ErrorKind::ConnectionReset, "it is hung up on");
        }
        assert!(!answer.starts_with(b"HTTP/1.1 2"), "{}", String::from_utf8_lossy(&answer));
    }
    assert_eq!(server.get("/api/v1/auth/me", Some(&token)).status, 200);
}
