//! Certificates by ACME: ordered, proved on the server's own port, kept, renewed; by one of several servers.

use crate::{
    authority::{Authority, Manner},
    harness::{Server, doorward, eventually, folder, run, stderr},
};
use gate::testing::postgres::Postgres;
use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Command,
    sync::Arc,
    thread::sleep,
    time::Duration,
};
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName},
};

const NAME: &str = "door.example.com";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn command(folder: &Path, authority: &Authority) -> Command {
    let mut command = doorward(folder);
    command.env("DOORWARD_TLS_ACME_DOMAINS", NAME).env("DOORWARD_TLS_ACME_DIRECTORY", &authority.directory);
    command.env("DOORWARD_TLS_ACME_EMAIL", "ops@example.com");
    // A port that is known before, because the authority looks as soon as it may.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    authority.book().port = port;
    command.args(["serve", "--data", "data", "--listen", &format!("127.0.0.1:{port}")]);
    command
}

/// Asks for a page as whoever believes the authority alone; gives the certificate that was shown.
fn ask(port: u16, root: &CertificateDer<'static>) -> std::io::Result<CertificateDer<'static>> {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connection = ClientConnection::new(Arc::new(config), ServerName::try_from(NAME).unwrap()).unwrap();
    let mut stream = StreamOwned::new(connection, TcpStream::connect(("127.0.0.1", port))?);
    stream.write_all(b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    Ok(stream.conn.peer_certificates().unwrap()[0].clone().into_owned())
}

/// Carries bytes both ways until both sides have ended.
fn pipe(one: TcpStream, two: TcpStream) {
    let back = (two.try_clone().unwrap(), one.try_clone().unwrap());
    let carry = |(mut from, mut to): (TcpStream, TcpStream)| {
        // Who is gone has heard enough.
        _ = std::io::copy(&mut from, &mut to);
        _ = to.shutdown(std::net::Shutdown::Write);
    };
    let other = std::thread::spawn(move || carry(back));
    carry((one, two));
    other.join().unwrap();
}

fn eventually_serves(server: &Server, authority: &Authority) -> CertificateDer<'static> {
    let mut shown = None;
    eventually("it has a certificate of the authority", || {
        shown = ask(server.port, &authority.root()).ok();
        shown.is_some()
    });
    shown.unwrap()
}

#[test]
fn a_certificate_is_ordered_proved_kept_and_sealed() {
    let (folder, authority) = (folder(), Authority::new(DAY));
    let server = Server::spawn(command(folder.path(), &authority));
    assert!(server.said()[0].starts_with("Doorward is ready at https://"));
    let first = eventually_serves(&server, &authority);
    {
        let book = authority.book();
        assert_eq!((book.given, book.accounts.len(), &book.refused), (1, 1, &Vec::new()));
        assert_eq!(book.contacts[0][0], "mailto:ops@example.com");
    }
    assert_eq!(server.stop().0, Some(0));
    for file in fs::read_dir(folder.path().join("data")).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!has("PRIVATE KEY") && !has("key_pkcs8"), "what is kept is sealed");
    }
    // After a restart it is there, and nobody is asked.
    authority.book().is_away = true;
    let server = Server::spawn(command(folder.path(), &authority));
    assert_eq!(eventually_serves(&server, &authority), first);
    assert_eq!(authority.book().given, 1);
}

#[test]
fn a_certificate_is_renewed_before_its_end() {
    let (folder, authority) = (folder(), Authority::new(Duration::from_secs(14)));
    let server = Server::spawn(command(folder.path(), &authority));
    let first = eventually_serves(&server, &authority);
    let mut next = first.clone();
    // At no moment there is none.
    eventually("another one is served", || {
        next = ask(server.port, &authority.root()).expect("a certificate that is good");
        next != first
    });
    assert_eq!(authority.book().accounts.len(), 1, "the account is the same");
    assert_eq!(authority.book().refused, Vec::<String>::new());
}

#[test]
fn an_authority_that_does_not_find_the_server_is_not_asked_again_at_once() {
    let (folder, authority) = (folder(), Authority::new(DAY));
    let log = folder.path().join("log");
    let started = command(folder.path(), &authority);
    // Somebody else is at the name.
    authority.book().port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = Server::spawn_with(started, fs::File::create(&log).unwrap().into());
    eventually("the log says why", || fs::read_to_string(&log).unwrap().contains("port 443 of the name has to lead here"));
    let text = fs::read_to_string(&log).unwrap();
    assert!(text.contains(NAME) && text.contains("trying again in 120 s"), "{text}");
    sleep(Duration::from_secs(3));
    assert_eq!(authority.given(), (0, 1));
    assert!(ask(server.port, &authority.root()).is_err(), "there is no certificate yet");
    assert_eq!(fs::read_to_string(&log).unwrap().matches("trying again").count(), 1);
    assert_eq!(server.stop().0, Some(0), "it ends well");
}

const CUSTOMER: (&str, &[u8]) = ("customer-7", b"what the authority gave its customer");
/// The key of that customer, in base64url.
const CUSTOMERS_KEY: &str = "d2hhdCB0aGUgYXV0aG9yaXR5IGdhdmUgaXRzIGN1c3RvbWVy";

#[test]
fn an_account_is_bound_to_the_customer_whom_the_authority_knows() {
    let folder = folder();
    let authority = Authority::with(DAY, Manner { customer: Some(CUSTOMER), ..Manner::default() });
    let log = folder.path().join("log");
    let told = |words: &str| eventually(words, || fs::read_to_string(&log).unwrap().contains(words));
    let start = |more: &[(&str, &str)]| {
        let mut command = command(folder.path(), &authority);
        command.envs(more.iter().copied());
        Server::spawn_with(command, fs::File::create(&log).unwrap().into())
    };
    let server = start(&[]);
    told("set tls.acme.eab.kid and tls.acme.eab.hmac_key");
    assert_eq!(server.stop().0, Some(0));
    // Whoever mends the configuration starts again, and does not wait for the pause to end.
    fs::remove_dir_all(folder.path().join("data")).unwrap();
    let server = start(&[("DOORWARD_TLS_ACME_EAB_KID", CUSTOMER.0), ("DOORWARD_TLS_ACME_EAB_HMAC_KEY", "AAAA")]);
    told("signed with another key");
    assert_eq!(server.stop().0, Some(0));
    assert!(!fs::read_to_string(&log).unwrap().contains("AAAA"));
    fs::remove_dir_all(folder.path().join("data")).unwrap();
    let file = folder.path().join("hmac");
    fs::write(&file, format!("{CUSTOMERS_KEY}\n")).unwrap();
    let server = start(&[("DOORWARD_TLS_ACME_EAB_KID", CUSTOMER.0), ("DOORWARD_TLS_ACME_EAB_HMAC_KEY_FILE", file.to_str().unwrap())]);
    eventually_serves(&server, &authority);
    assert_eq!((authority.given(), authority.book().bound.as_slice()), ((1, 1), [CUSTOMER.0.to_owned()].as_slice()));
    assert_eq!(server.stop().0, Some(0));
    for file in fs::read_dir(folder.path().join("data")).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        let has = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
        assert!(!has(CUSTOMERS_KEY.as_bytes()) && !has(CUSTOMER.1), "the key is not kept");
    }
}

#[test]
fn a_private_authority_is_believed_by_its_own_root() {
    let folder = folder();
    let authority = Authority::with(DAY, Manner { is_encrypted: true, ..Manner::default() });
    let log = folder.path().join("log");
    let server = Server::spawn_with(command(folder.path(), &authority), fs::File::create(&log).unwrap().into());
    eventually("it is not believed", || fs::read_to_string(&log).unwrap().contains("no certificate could be had by ACME"));
    assert_eq!((authority.given(), server.stop().0), ((0, 0), Some(0)));
    fs::remove_dir_all(folder.path().join("data")).unwrap();
    fs::write(folder.path().join("root.pem"), authority.root_pem()).unwrap();
    let mut command = command(folder.path(), &authority);
    command.env("DOORWARD_TLS_ACME_CA", "root.pem");
    let server = Server::spawn(command);
    eventually_serves(&server, &authority);
    assert_eq!(authority.given(), (1, 1));
}

#[test]
fn who_asks_for_a_proof_that_nobody_ordered_gets_none() {
    let (folder, authority) = (folder(), Authority::new(DAY));
    let server = Server::spawn(command(folder.path(), &authority));
    eventually_serves(&server, &authority);
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    config.alpn_protocols = vec![b"acme-tls/1".to_vec()];
    for name in [NAME, "other.example.com"] {
        let mut connection = ClientConnection::new(Arc::new(config.clone()), ServerName::try_from(name).unwrap()).unwrap();
        let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        while connection.is_handshaking() {
            if connection.complete_io(&mut stream).is_err() {
                break;
            }
        }
        assert!(connection.is_handshaking() && connection.peer_certificates().is_none(), "{name}");
    }
    assert_eq!(authority.book().given, 1);
}

#[test]
fn of_several_servers_one_orders_and_any_answers() {
    let (one, two) = (folder(), folder());
    let Some(postgres) = Postgres::start() else { return };
    let authority = Authority::new(DAY);
    let secret = "8f14e45fceea167a5a36dedd4bea2543c9f0f895fb98ab9159f51fd0297e236d";
    let start = |folder: &Path| {
        let mut command = command(folder, &authority);
        command.env("DATABASE_URL", postgres.url()).env("DOORWARD_JWT_SECRET", secret);
        command
    };
    let (first, second) = (start(one.path()), start(two.path()));
    // The authority comes to a balancer, which leads it to the second one; it is the first that orders.
    let balancer = TcpListener::bind("127.0.0.1:0").unwrap();
    authority.book().port = balancer.local_addr().unwrap().port();
    let (tell, told) = std::sync::mpsc::channel::<u16>();
    std::thread::spawn(move || {
        let client = balancer.accept().unwrap().0;
        pipe(client, TcpStream::connect(("127.0.0.1", told.recv().unwrap())).unwrap());
    });
    let first = Server::spawn(first);
    let second = Server::spawn(second);
    tell.send(second.port).unwrap();
    let shown = eventually_serves(&second, &authority);
    assert_eq!(eventually_serves(&first, &authority), shown);
    assert_eq!(authority.given(), (1, 1));
}

#[test]
fn what_can_not_be_is_said_with_the_key() {
    let folder = folder();
    for (text, key, way_out) in [
        ("tls: { acme: { email: a@example.com } }\n", "tls.acme", "Set tls.acme.domains"),
        ("tls: { acme: { domains: ['*.example.com'] } }\n", "tls.acme.domains", "like door.example.com"),
        ("tls: { acme: { domains: [192.0.2.1] } }\n", "tls.acme.domains", "like door.example.com"),
        ("tls: { acme: { domains: [door.example.com], directory: 'http://ca.example.com/' } }\n", "tls.acme.directory", "https://"),
        ("tls: { acme: { domains: [door.example.com], email: nobody } }\n", "tls.acme.email", "an address"),
        ("tls: { acme: { domains: [door.example.com], eab: { kid: k } } }\n", "tls.acme.eab", "set both"),
        ("tls: { acme: { eab: { kid: k, hmac_key: AAAA } } }\n", "tls.acme", "Set tls.acme.domains"),
        ("tls: { acme: { domains: [door.example.com], eab: { kid: k, hmac_key: '!' } } }\n", "tls.acme.eab.hmac_key", "base64url"),
        ("tls: { acme: { domains: [door.example.com], ca: /etc/hostname } }\n", "tls.acme.ca", "expected certificates in PEM"),
        ("tls: { acme: { domains: [door.example.com], ca: /no/such/file } }\n", "tls.acme.ca", "can not be read"),
        ("tls: { cert: /etc/hostname, key: /etc/hostname, acme: { domains: [door.example.com] } }\n", "tls", "leave out"),
    ] {
        fs::write(folder.path().join("doorward.yaml"), text).unwrap();
        let output = run(folder.path(), &["config", "check"]);
        assert_eq!(output.status.code(), Some(2), "{text}: {}", stderr(&output));
        assert!(
            stderr(&output).contains(&format!("doorward.yaml:1: {key}")) && stderr(&output).contains(way_out),
            "{text}: {}",
            stderr(&output)
        );
    }
}
