//! A real directory for a test: a slapd of its own on a port of its own, gone afterwards.

use base64::{Engine, engine::general_purpose::STANDARD};
use ldap3::{LdapConnAsync, Mod};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::{
    collections::HashSet,
    fmt::Write,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

const PROGRAM: &str = "/usr/sbin/slapd";
const SCHEMAS: &str = "/etc/ldap/schema";
/// Everybody's password in it.
pub(super) const PASSWORD: &str = "nine green kettles";
/// Of the one who searches.
pub(super) const SEARCHER: &str = "five grey lamps";

pub(super) struct Slapd {
    pub(super) port: u16,
    pub(super) tls_port: u16,
    /// The authority that its certificate is of, in PEM.
    pub(super) ca: String,
    child: Child,
    _folder: tempfile::TempDir,
}

impl Drop for Slapd {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Bytes as the text that files of keys and certificates are (RFC 7468).
pub(super) fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A person's entry.
fn person(out: &mut String, uid: &str, more: &str) {
    write!(
        out,
        "dn: uid={uid},ou=people,dc=example,dc=com\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: {uid}\nsn: {uid}\n\
         mail: {uid}@example.com\ndisplayName: The {uid}\nuserPassword: {PASSWORD}\n{more}\n"
    )
    .unwrap();
}

impl Slapd {
    /// Starts one; nothing where there is none on this machine.
    pub(super) fn start() -> Option<Self> {
        if !Path::new(PROGRAM).is_file() || !Path::new(SCHEMAS).is_dir() {
            eprintln!("skipped: there is no slapd on this machine (on Debian: apt-get install slapd)");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let place = folder.path().display().to_string();
        // Where it is confined, that is by its path.
        std::fs::copy(PROGRAM, at("slapd")).unwrap();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, key).unwrap();
        let own = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&own, &authority).unwrap();
        std::fs::write(at("ca.pem"), pem("CERTIFICATE", authority.der())).unwrap();
        std::fs::write(at("own.pem"), pem("CERTIFICATE", certificate.der())).unwrap();
        std::fs::write(at("key.pem"), pem("PRIVATE KEY", &own.serialize_der())).unwrap();
        std::fs::create_dir(at("db")).unwrap();
        let schemas = ["core", "cosine", "inetorgperson"].map(|name| format!("include {SCHEMAS}/{name}.schema\n")).concat();
        let conf = format!(
            "{schemas}modulepath /usr/lib/ldap\nmoduleload back_mdb\nmoduleload memberof\npidfile {place}/pid\n\
             TLSCACertificateFile {place}/ca.pem\nTLSCertificateFile {place}/own.pem\nTLSCertificateKeyFile {place}/key.pem\n\
             database mdb\nsuffix dc=example,dc=com\nrootdn cn=root,dc=example,dc=com\nrootpw root\ndirectory {place}/db\n\
             overlay memberof\naccess to attrs=userPassword by anonymous auth by * none\n\
             access to * by dn.exact=cn=door,dc=example,dc=com read by * none\n"
        );
        std::fs::write(at("conf"), conf).unwrap();
        let mut entries = format!(
            "dn: dc=example,dc=com\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n\n\
             dn: ou=people,dc=example,dc=com\nobjectClass: organizationalUnit\nou: people\n\n\
             dn: ou=groups,dc=example,dc=com\nobjectClass: organizationalUnit\nou: groups\n\n\
             dn: cn=door,dc=example,dc=com\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: door\n\
             userPassword: {SEARCHER}\n\n"
        );
        person(&mut entries, "mara", "memberOf: cn=ops,ou=groups,dc=example,dc=com\n");
        person(&mut entries, "bob", "");
        person(&mut entries, "root", "");
        for (group, member) in [("ops", "mara"), ("staff", "bob"), ("admins", "root")] {
            write!(
                entries,
                "dn: cn={group},ou=groups,dc=example,dc=com\nobjectClass: groupOfNames\ncn: {group}\n\
                 member: uid={member},ou=people,dc=example,dc=com\n\n"
            )
            .unwrap();
        }
        std::fs::write(at("entries"), entries).unwrap();
        let added = Command::new(at("slapd")).arg("-Tadd").arg("-f").arg(at("conf")).arg("-l").arg(at("entries")).output().unwrap();
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
        let (port, tls_port) = (free_port(), free_port());
        let addresses = format!("ldap://127.0.0.1:{port}/ ldaps://127.0.0.1:{tls_port}/");
        let mut command = Command::new(at("slapd"));
        command.arg("-f").arg(at("conf")).args(["-h", &addresses, "-d", "0"]).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap();
        let slapd = Self { port, tls_port, ca: pem("CERTIFICATE", authority.der()), child, _folder: folder };
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(slapd);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("slapd does not answer");
    }

    pub(super) fn url(&self) -> String {
        format!("ldap://localhost:{}", self.port)
    }

    /// Puts somebody into a group.
    pub(super) async fn join(&self, uid: &str, group: &str) {
        let (connection, mut ldap) = LdapConnAsync::new(&self.url()).await.unwrap();
        ldap3::drive!(connection);
        ldap.simple_bind("cn=root,dc=example,dc=com", "root").await.unwrap().success().unwrap();
        let member = format!("uid={uid},ou=people,dc=example,dc=com");
        let change = Mod::Add("member", HashSet::from([member.as_str()]));
        ldap.modify(&format!("cn={group},ou=groups,dc=example,dc=com"), vec![change]).await.unwrap().success().unwrap();
    }
}
