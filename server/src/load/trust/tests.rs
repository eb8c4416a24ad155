use crate::load::tests::{load_text, problems};
use gate::config::{Algorithm, BackendName, IssuerKeys};
use secrecy::ExposeSecret;
use std::time::Duration;

const WHOLE: &str = r#"
auth:
  backends: [ldap, builtin]
  issuers:
    cluster:
      issuer: https://kubernetes.default.svc
      jwks_url: https://kubernetes.default.svc/openid/v1/jwks
      audience: doorward
      algorithms: RS256, ES384
      auto_provision: false
    workos:
      issuer: https://api.workos.com/user_management/client_1
      audience: [a, b]
      subject_claim: email
      role_mapping:
        groups_claim: realm_access.roles
        group_mappings: { "Team: ${NAME}": operator, admins: admin }
        role_attribute_path: .level
        role_attribute_strict: true
  ldap:
    url: ldap://directory:389
    starttls: true
    bind_dn: cn=door,dc=example,dc=com
    bind_password: canary
    base_dn: dc=example,dc=com
    groups_filter: (member={dn})
    role_mapping: { default_role: operator }
    timeout: 2s
"#;

#[test]
fn issuers_and_a_directory_are_read() {
    let loaded = load_text(WHOLE, &[("NAME", "Ops")]).unwrap();
    let auth = &loaded.settings.gate.auth;
    let [cluster, workos] = auth.issuers.as_slice() else { panic!("{:?}", auth.issuers) };
    assert_eq!(
        (cluster.id.0.as_str(), cluster.audience.as_slice(), cluster.auto_provision),
        ("cluster", ["doorward".to_owned()].as_slice(), false)
    );
    assert_eq!(cluster.algorithms, [Algorithm::Rs256, Algorithm::Es384]);
    assert!(matches!(&cluster.keys, IssuerKeys::At(address) if address.ends_with("/jwks")));
    assert_eq!((workos.subject_claim.as_str(), workos.keys.clone()), ("email", IssuerKeys::Discovery(None)));
    let mapping = &workos.role_mapping;
    assert_eq!((mapping.group_mappings[0].group.as_str(), mapping.group_mappings[1].role.0.as_str()), ("Team: ${NAME}", "admin"));
    assert!(mapping.role_attribute_strict && mapping.role_attribute_path.as_deref() == Some(".level"));
    let ldap = auth.ldap.as_ref().unwrap();
    assert!(ldap.starttls && ldap.bind_password.as_ref().unwrap().expose_secret() == "canary");
    assert_eq!((ldap.timeout, ldap.role_mapping.default_role.0.as_str()), (Duration::from_secs(2), "operator"));
    assert_eq!(auth.backends, [BackendName::Ldap, BackendName::BuiltIn]);
    let shown = loaded.show();
    let value = |key: &str| shown.iter().find(|line| line.key == key).map(|line| line.value.as_str());
    assert_eq!(value("auth.issuers.cluster"), Some("https://kubernetes.default.svc"));
    assert_eq!((value("auth.ldap"), value("auth.backends")), (Some("ldap://directory:389"), Some("ldap, builtin")));
    assert!(!format!("{loaded:?} {shown:?}").contains("canary"));
}

#[test]
fn what_can_not_be_is_told_with_its_place() {
    for (yaml, part) in [
        ("auth:\n  issuers:\n    a:\n      issuer: https://a.example", "auth.issuers.a.audience: it is needed"),
        ("auth:\n  issuers:\n    a: { audience: x }", "auth.issuers.a.issuer: it is needed"),
        ("auth:\n  issuers:\n    A: { issuer: https://a.example, audience: x }", "lower-case"),
        ("auth:\n  issuers: x", "expected a section for each issuer"),
        ("auth:\n  issuers:\n    a: { issuer: https://a.example, audience: x, algorithms: [HS256] }", "expected one of RS256"),
        ("auth:\n  issuers:\n    a: { issuer: https://a.example, audience: x, algorithms: none }", "not none"),
        ("auth:\n  issuers:\n    a: { issuer: https://a.example, audience: x, jwks_url: https://a, discovery: https://b }", "keep one"),
        ("auth:\n  issuers:\n    a: { issuer: accounts, audience: x }", "auth.issuers.a.issuer: expected an address"),
        ("auth:\n  issuers:\n    a: { isuer: x }", "did you mean issuer?"),
        (
            "auth:\n  issuers:\n    a: { issuer: https://a.example, audience: x, role_mapping: { role_attribute_path: env } }",
            "auth.issuers.a.role_mapping.role_attribute_path: This expression can not be used: env",
        ),
        (
            "auth:\n  issuers:\n    a: { issuer: https://a.example, audience: x, role_mapping: { group_mappings: { x: Admin } } }",
            "x: A role’s name",
        ),
        ("auth:\n  ldap: { url: ldaps://a, base_dn: dc=a, starttls: true }", "auth.ldap.starttls: ldaps: is encrypted"),
        ("auth:\n  ldap: { url: https://a, base_dn: dc=a }", "auth.ldap.url: expected an address like ldaps:"),
        ("auth:\n  ldap: { url: ldap://a }", "auth.ldap.base_dn: it is needed"),
        ("auth:\n  ldap: { url: ldap://a, base_dn: dc=a, user_filter: (uid=x) }", "with {username} in it"),
        ("auth:\n  ldap: { url: ldap://a, base_dn: dc=a, user_filter: \"(uid={username}\" }", "no filter"),
        ("auth:\n  ldap: { url: ldap://a, base_dn: dc=a, bind_dn: cn=x }", "belong together"),
        ("auth:\n  ldap: { url: ldap://a, base_dn: dc=a, timeout: 60s }", "expected 100ms to 30s"),
        ("auth:\n  ldap: { url: ldap://a, base_dn: dc=a, bind_password_file: /nowhere/x }", "can not be read"),
        ("auth:\n  backends: [ldap]", "expected builtin among them"),
    ] {
        let found = problems(yaml, &[]);
        assert!(found.iter().any(|problem| problem.contains(part)), "{yaml}: {found:?}");
    }
}
