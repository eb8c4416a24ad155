//! Signing in by others than the accounts here: a real directory, and whatever an embedder brings.

mod slapd;

use super::*;
use crate::{
    Gate, Secret, Store,
    config::Ldap,
    testing::{self, Answer as Reply, Door},
};
use secrecy::ExposeSecret;
use serde_json::json;
use slapd::{PASSWORD, SEARCHER, Slapd};
use std::time::{Duration, Instant};
use tokio::{io::AsyncWriteExt, net::TcpListener};
use wire::{RoleName, sso::GroupMapping};

fn settings(url: &str) -> Ldap {
    let line = |(group, role): (&str, &str)| GroupMapping { group: group.into(), role: RoleName(role.into()) };
    Ldap {
        url: url.into(),
        bind_dn: Some("cn=door,dc=example,dc=com".into()),
        bind_password: Some(SEARCHER.into()),
        base_dn: "dc=example,dc=com".into(),
        groups_filter: Some("(&(objectClass=groupOfNames)(member={dn}))".into()),
        role_mapping: RoleMapping {
            group_mappings: [("ops", "operator"), ("admins", "admin"), ("cn=ops,ou=groups,dc=example,dc=com", "developer")]
                .map(line)
                .into(),
            ..RoleMapping::default()
        },
        timeout: Duration::from_secs(10),
        ..Ldap::default()
    }
}

async fn door(ldap: Ldap) -> Door {
    let mut config = Config::for_testing();
    config.auth.ldap = Some(ldap);
    Door::claimed_with(config).await
}

async fn login(door: &Door, name: &str, password: &str) -> Reply {
    door.nobody().post("/api/v1/auth/login", json!({ "username": name, "password": password })).await
}

#[tokio::test]
async fn a_directory_lets_in_whom_it_knows_with_the_role_of_their_groups() {
    let Some(slapd) = Slapd::start() else { return };
    let door = door(settings(&slapd.url())).await;
    let first = login(&door, "mara", PASSWORD).await;
    assert_eq!(first.status, 200, "{}", first.text);
    let user = &first.body["user"];
    assert_eq!((&user["role"], &user["source"], &user["hasPassword"]), (&json!("operator"), &json!("ldap"), &json!(false)));
    assert_eq!((&user["email"], &user["displayName"]), (&json!("mara@example.com"), &json!("The mara")));
    let again = login(&door, "mara", PASSWORD).await;
    assert_eq!(again.body["user"]["id"], user["id"]);
    assert_eq!(login(&door, "bob", PASSWORD).await.body["user"]["role"], "viewer");
    for (name, password) in [("mara", "wrong"), ("nobody", PASSWORD), ("mara", ""), ("mara", " "), ("ou=people", PASSWORD)] {
        let refused = login(&door, name, password).await;
        assert!([401, 422].contains(&refused.status), "{name} {password}: {}", refused.text);
    }
    // The accounts here still count, whoever has such a name elsewhere.
    assert_eq!(login(&door, "ada", testing::PASSWORD).await.status, 200);
    let events = door.events().await.join("\n");
    assert!(events.contains("user.create success by ldap") && events.contains("identity.link success by mara"), "{events}");
    assert!(!door.all_text().await.contains(PASSWORD) && !door.all_text().await.contains(SEARCHER));
}

#[tokio::test]
async fn the_role_follows_the_directory_and_who_is_disabled_stays_so() {
    let Some(slapd) = Slapd::start() else { return };
    let door = door(settings(&slapd.url())).await;
    let bob = login(&door, "bob", PASSWORD).await.body["user"].clone();
    slapd.join("bob", "ops").await;
    assert_eq!(login(&door, "bob", PASSWORD).await.body["user"]["role"], "operator");
    let path = format!("/api/v1/users/{}", bob["id"].as_str().unwrap());
    let off = door.admin().await.patch(&path, json!({ "isDisabled": true })).await;
    assert_eq!(off.status, 200, "{}", off.text);
    assert_eq!(login(&door, "bob", PASSWORD).await.code(), "invalid_credentials");
    assert!(door.events().await.join("\n").contains("session.start denied"));
}

#[tokio::test]
async fn who_is_in_a_directory_proves_it_there_again() {
    let Some(slapd) = Slapd::start() else { return };
    let door = door(settings(&slapd.url())).await;
    let mara = door.nobody().with_tokens(&login(&door, "mara", PASSWORD).await);
    assert_eq!(login(&door, "bob", PASSWORD).await.status, 200);
    let confirm = async |password: &str| {
        let answer = mara.post("/api/v1/auth/confirm", json!({ "password": password })).await;
        (answer.status, answer.code().to_owned())
    };
    for other in ["wrong", SEARCHER, testing::PASSWORD] {
        assert_eq!(confirm(other).await, (403, "wrong_password".into()), "{other}");
    }
    assert_eq!(confirm(PASSWORD).await.0, 204);
    // By another name it is somebody else's entry, though the password is the same.
    let ada = door.admin().await;
    let bob = ada.get("/api/v1/users?query=bob").await.body["items"][0]["id"].as_str().unwrap().to_owned();
    for (id, name) in [(bob.as_str(), "robert"), (mara.id.as_str(), "bob")] {
        assert_eq!(ada.patch(&format!("/api/v1/users/{id}"), json!({ "username": name })).await.status, 200);
    }
    assert_eq!(confirm(PASSWORD).await, (403, "wrong_password".into()));
    drop(slapd);
    assert_eq!(confirm(PASSWORD).await, (503, "unavailable".into()));
}

/// INJ: a name is a name, whatever it is made of.
#[tokio::test]
async fn a_name_can_not_be_a_filter() {
    let Some(slapd) = Slapd::start() else { return };
    let door = door(Ldap { user_filter: "(|(uid={username})(mail={username}))".into(), ..settings(&slapd.url()) }).await;
    for name in ["*", "m*", "*)(uid=*", "mara)(objectClass=*", "mara)(&", "x)(|(uid=mara)", "\\2a", "mara\\00", "(", ")", "mara,ou=people"]
    {
        let refused = login(&door, name, PASSWORD).await;
        assert_eq!((refused.status, refused.code()), (401, "invalid_credentials"), "{name}: {}", refused.text);
    }
    let by_address = login(&door, "mara@example.com", PASSWORD).await;
    assert_eq!(by_address.status, 200, "{}", by_address.text);
}

#[tokio::test]
async fn several_entries_of_one_name_are_nobody_and_without_sign_up_strangers_stay_out() {
    let Some(slapd) = Slapd::start() else { return };
    let all = door(Ldap { user_filter: "(|(uid={username})(objectClass=inetOrgPerson))".into(), ..settings(&slapd.url()) }).await;
    assert_eq!(login(&all, "mara", PASSWORD).await.status, 401);
    let closed = door(Ldap { auto_signup: false, ..settings(&slapd.url()) }).await;
    assert_eq!(login(&closed, "mara", PASSWORD).await.code(), "invalid_credentials");
    let strict = RoleMapping { role_attribute_strict: true, ..settings("").role_mapping };
    let strict = door(Ldap { role_mapping: strict, ..settings(&slapd.url()) }).await;
    assert_eq!(login(&strict, "bob", PASSWORD).await.status, 401);
    assert_eq!(login(&strict, "mara", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn without_a_filter_for_groups_the_entrys_own_list_counts() {
    let Some(slapd) = Slapd::start() else { return };
    let door = door(Ldap { groups_filter: None, ..settings(&slapd.url()) }).await;
    assert_eq!(login(&door, "mara", PASSWORD).await.body["user"]["role"], "developer");
}

#[tokio::test]
async fn encryption_is_believed_for_the_right_authority_and_name_alone() {
    let Some(slapd) = Slapd::start() else { return };
    let plain = settings(&slapd.url());
    let (starttls, ldaps) = (Ldap { starttls: true, ..plain.clone() }, settings(&format!("ldaps://localhost:{}", slapd.tls_port)));
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let other = slapd::pem("CERTIFICATE", other.cert.der());
    for settings in [starttls, ldaps] {
        let trusting = Ldap { ca: Some(slapd.ca.clone()), ..settings.clone() };
        assert_eq!(login(&door(trusting.clone()).await, "mara", PASSWORD).await.status, 200, "{}", settings.url);
        let by_address = Ldap { url: settings.url.replace("localhost", "127.0.0.1"), ..trusting };
        for wrong in [settings.clone(), Ldap { ca: Some(other.clone()), ..settings }, by_address] {
            let door = door(wrong).await;
            assert_eq!(login(&door, "mara", PASSWORD).await.status, 503);
            assert_eq!(login(&door, "ada", testing::PASSWORD).await.status, 200);
        }
    }
    assert!(Directory::new(&Ldap { ca: Some("no certificate".into()), ..settings(&slapd.url()) }, &Trust::public()).is_err());
}

/// OID-141
#[tokio::test]
async fn a_directory_that_is_away_is_never_taken_for_a_wrong_password() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nonsense = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (quiet, loud) = (silent.local_addr().unwrap(), nonsense.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = nonsense.accept().await {
            _ = stream.write_all(b"\x30\x0c\x02\x01\x01\x61\x07HTTP/1.1 400\r\n\r\n").await;
        }
    });
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for address in [closed, loud, quiet] {
        let door = door(Ldap { timeout: Duration::from_millis(500), ..settings(&format!("ldap://{address}")) }).await;
        let start = Instant::now();
        let reply = login(&door, "mara", PASSWORD).await;
        assert!(start.elapsed() < Duration::from_secs(5), "{address}");
        assert_eq!((reply.status, reply.code()), (503, "unavailable"), "{}", reply.text);
        assert!(reply.text.contains("does not answer") && reply.headers.contains_key("retry-after"));
        assert_eq!(login(&door, "ada", testing::PASSWORD).await.status, 200, "the accounts here count first");
        // A guess at an account here stays one, and is slowed down.
        let mut last = 0;
        for _ in 0..60 {
            last = if address == quiet { 429 } else { login(&door, "ada", "a guess").await.status };
        }
        assert_eq!(last, 429, "{address}");
    }
}

#[test]
fn an_address_in_any_form_is_one_issuer() {
    let issuer = |url: &str| Directory::new(&settings(url), &Trust::public()).unwrap().issuer();
    assert_eq!(issuer("ldap://Directory.example.com:389"), issuer("ldaps://directory.example.com"));
}

struct Fixed(&'static str);

impl Backend for Fixed {
    async fn authenticate(&self, credentials: &Credentials) -> Found {
        match self.0 {
            "away" => Err(BackendError::Away("gone fishing".into())),
            word => Ok((credentials.password.expose_secret() == word).then(|| {
                let person =
                    Person { subject: format!("{} of {word}", credentials.name), username: credentials.name.clone(), ..Person::default() };
                Identity::Person(Box::new(person))
            })),
        }
    }
}

#[tokio::test]
async fn an_embedder_brings_backends_of_their_own() {
    let terms = |id: &str| Terms {
        id: Slug(id.into()),
        issuer: format!("urn:{id}"),
        role_mapping: RoleMapping { default_role: RoleName("developer".into()), ..RoleMapping::default() },
        auto_signup: true,
    };
    let folder = tempfile::tempdir().unwrap();
    let builder = || Gate::builder().store(Store::Memory).config(Config::for_testing()).secret(Secret::file(folder.path().join("secret")));
    let gate = builder().backend(Fixed("away"), terms("gone")).backend(Fixed("sesame"), terms("cave")).build().await.unwrap();
    let ctx = gate.system("test");
    let ask =
        async |password: &str| gate.backends().ask(&ctx, &Credentials { name: "ali".into(), password: password.into() }).await.unwrap();
    let Answer::Right(user, Some((by, _))) = ask("sesame").await else { panic!("the right password") };
    assert_eq!((user.username.as_str(), user.role.0.as_str(), by.0.as_str()), ("ali", "developer", "cave"));
    assert!(matches!(ask("barley").await, Answer::Away), "one of them might have known it");
    gate.close().await;
    assert!(builder().backend(Fixed("a"), terms("builtin")).build().await.is_err(), "that name is taken");
}
