use super::*;
use crate::{Check, workspaces::Slug};

fn good() -> NewProvider {
    NewProvider {
        id: Slug("okta".into()),
        issuer: "https://id.example.com".into(),
        client_id: "doorward".into(),
        client_secret: "canary".into(),
        ..NewProvider::default()
    }
}

#[test]
fn a_provider_needs_little() {
    assert_eq!(good().problems(), []);
    assert!(!format!("{:?}", good()).contains("canary"));
    let empty = NewProvider::default().problems();
    let fields: Vec<_> = empty.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["id", "issuer", "clientId", "clientSecret"]);
}

#[test]
fn what_is_wrong_is_named() {
    let bad = NewProvider {
        issuer: "https://u:p@id.example.com".into(),
        client_url: Some("https://door.example.com/x".into()),
        scopes: vec!["email".into()],
        algorithms: vec!["HS256".into()],
        allowed_domains: vec!["a@b".into(), "example.com".into()],
        whitelist: vec!["nobody".into()],
        role_mapping: RoleMapping { role_attribute_path: Some(" ".into()), ..RoleMapping::default() },
        ..good()
    };
    let fields: Vec<_> = bad.problems().into_iter().map(|error| error.field).collect();
    let wanted = ["issuer", "clientUrl", "scopes", "algorithms", "allowedDomains[0]", "whitelist[0]", "roleMapping.roleAttributePath"];
    assert_eq!(fields, wanted);
}

#[test]
fn every_preset_makes_an_issuer() {
    for preset in PRESETS {
        let issuer = preset.fields.iter().fold(preset.issuer.to_owned(), |text, field| {
            assert!(text.contains(&format!("{{{}}}", field.name)), "{}", preset.name);
            text.replace(&format!("{{{}}}", field.name), field.example)
        });
        let scopes = preset.scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let mapping = RoleMapping { groups_claim: preset.groups_claim.into(), ..RoleMapping::default() };
        let new = NewProvider { issuer, scopes, role_mapping: mapping, ..good() };
        assert_eq!(new.problems(), [], "{}", preset.name);
    }
}
