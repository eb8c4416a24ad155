//! TLS of the server's own, and the numbers on a listener of their own.

use crate::harness::{Server, folder, run, stderr, stdout};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    sync::Arc,
};
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName},
};

/// Writes a certificate for this machine and its key; gives the certificate.
fn certificate(folder: &Path) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let pem = |label: &str, bytes: &[u8]| format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(bytes));
    std::fs::write(folder.join("cert.pem"), pem("CERTIFICATE", made.cert.der())).unwrap();
    std::fs::write(folder.join("key.pem"), pem("PRIVATE KEY", &made.signing_key.serialize_der())).unwrap();
    made.cert.der().clone()
}

/// Asks over TLS, believing this certificate alone; the answer, and the protocol that was agreed on.
fn ask(port: u16, trusted: &CertificateDer<'static>, alpn: &[u8]) -> std::io::Result<(String, Vec<u8>)> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![alpn.to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(connection, TcpStream::connect(("127.0.0.1", port))?);
    stream.write_all(format!("GET /livez HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut text = String::new();
    if alpn == b"http/1.1" {
        stream.read_to_string(&mut text)?;
    }
    let protocol = stream.conn.alpn_protocol().unwrap_or_default().to_vec();
    Ok((text, protocol))
}

#[test]
fn it_speaks_https_by_itself() {
    let folder = folder();
    let trusted = certificate(folder.path());
    let server = Server::start_with(folder.path(), &[("DOORWARD_TLS_CERT", "cert.pem"), ("DOORWARD_TLS_KEY", "key.pem")]);
    assert!(server.said()[0].starts_with("Doorward is ready at https://127.0.0.1:"));
    let (text, protocol) = ask(server.port, &trusted, b"http/1.1").unwrap();
    assert!(text.starts_with("HTTP/1.1 200") && text.to_lowercase().contains("strict-transport-security"), "{text}");
    assert_eq!(protocol, b"http/1.1");
    assert_eq!(ask(server.port, &trusted, b"h2").unwrap().1, b"h2");
    assert!(server.try_send("GET", "/livez", None, None).is_err(), "plain http gets nothing");
    let url = format!("https://127.0.0.1:{}", server.port);
    assert_eq!(run(folder.path(), &["healthcheck", &url]).status.code(), Some(0));
    // Who connects and says nothing is let go, and nobody waits for them.
    let silent = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    assert!(ask(server.port, &trusted, b"http/1.1").is_ok());
    drop(silent);
    assert_eq!(server.stop().0, Some(0));
}

#[test]
fn a_certificate_that_is_none_ends_the_start() {
    let folder = folder();
    certificate(folder.path());
    std::fs::write(folder.path().join("key.pem"), "no key").unwrap();
    std::fs::write(folder.path().join("doorward.yaml"), "tls: { cert: cert.pem, key: key.pem }\n").unwrap();
    let output = run(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).starts_with("tls.key: key.pem"), "{}", stderr(&output));
    std::fs::remove_file(folder.path().join("key.pem")).unwrap();
    let output = run(folder.path(), &["config", "check"]);
    assert!(stderr(&output).contains("doorward.yaml:1: tls.key"), "{} {}", stdout(&output), stderr(&output));
}

#[test]
fn the_numbers_have_a_listener_of_their_own_where_that_is_wanted() {
    let folder = folder();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = Server::start_with(folder.path(), &[("DOORWARD_METRICS_LISTEN", free.to_string())]);
    server.set_up();
    let mut stream = TcpStream::connect(free).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert!(text.contains("doorward_build_info") && text.contains("text/plain; version=0.0.4"), "{text}");
    assert_eq!(server.get("/metrics", None).status, 401, "at the server's own address a stranger gets nothing");
    assert_eq!(server.stop().0, Some(0));
}
