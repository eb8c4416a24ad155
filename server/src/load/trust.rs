//! Who else is believed: `auth.issuers`, a section for each, and `auth.ldap`.

use super::{
    Environment, Reading,
    mapping::{self, HasMapping},
    section::{self, SectionKey, Tables},
    values, yaml,
};
use gate::config::{IssuerKeys, Ldap, TrustedIssuer};
use wire::{sso::RoleMapping, workspaces::Slug};

impl HasMapping for TrustedIssuer {
    fn mapping(&mut self) -> &mut RoleMapping {
        &mut self.role_mapping
    }
}

impl HasMapping for Ldap {
    fn mapping(&mut self) -> &mut RoleMapping {
        &mut self.role_mapping
    }
}

fn put<T>(place: &mut T, value: T) -> values::Result<()> {
    *place = value;
    Ok(())
}

const OF_ISSUER: &[SectionKey<TrustedIssuer>] = &[
    SectionKey::one("issuer", "what the tokens say in `iss`", "The issuer, to the letter. Needed.", "none", |d, t| {
        put(&mut d.issuer, t.to_owned())
    }),
    SectionKey::one("jwks_url", "an address", "Where its keys are, if its description is not to be asked.", "none", |d, t| {
        if matches!(d.keys, IssuerKeys::Discovery(Some(_))) {
            return Err("jwks_url and discovery are two ways to the keys; keep one".into());
        }
        put(&mut d.keys, IssuerKeys::At(t.to_owned()))
    }),
    SectionKey::one("discovery", "an address", "Where its description is.", "`/.well-known/openid-configuration` at the issuer", |d, t| {
        if matches!(d.keys, IssuerKeys::At(_)) {
            return Err("jwks_url and discovery are two ways to the keys; keep one".into());
        }
        put(&mut d.keys, IssuerKeys::Discovery(Some(t.to_owned())))
    }),
    SectionKey::many("audience", "a text, or a list", "Whom the tokens are for, as they say in `aud`. Needed.", "none", |d, v| {
        put(&mut d.audience, v)
    }),
    SectionKey::many(
        "algorithms",
        "a list of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA",
        "How the tokens may be signed.",
        "RS256, PS256, ES256, EdDSA",
        |d, v| put(&mut d.algorithms, v.iter().map(|name| name.parse()).collect::<values::Result<_>>()?),
    ),
    SectionKey::one("subject_claim", "the name of a claim", "The claim that names the person for ever.", "sub", |d, t| {
        put(&mut d.subject_claim, t.to_owned())
    }),
    SectionKey::one("auto_provision", "true or false", "Whether whoever is unknown gets an account.", "true", |d, t| {
        put(&mut d.auto_provision, values::boolean(t)?)
    }),
    SectionKey::one("personal_workspace", "true or false", "Whether such an account gets a workspace of its own.", "true", |d, t| {
        put(&mut d.personal_workspace, values::boolean(t)?)
    }),
];

const OF_LDAP: &[SectionKey<Ldap>] = &[
    SectionKey::one("url", "an address like ldaps://ldap.example.com", "The directory. Needed.", "none", |d, t| {
        put(&mut d.url, t.to_owned())
    }),
    SectionKey::one("starttls", "true or false", "Whether a connection of ldap: is encrypted by StartTLS.", "false", |d, t| {
        put(&mut d.starttls, values::boolean(t)?)
    }),
    SectionKey::<Ldap>::one(
        "ca",
        "certificates in PEM",
        "Whose certificates are believed, instead of the public authorities’; `ca_file` names a file.",
        "public",
        |d, t| put(&mut d.ca, Some(t.to_owned())),
    )
    .secret(),
    SectionKey::one("bind_dn", "a DN", "Who searches; nobody in particular, if not given.", "none", |d, t| {
        put(&mut d.bind_dn, Some(t.to_owned()))
    }),
    SectionKey::<Ldap>::one(
        "bind_password",
        "a password",
        "The searcher’s password; `bind_password_file` names a file.",
        "none",
        |d, t| put(&mut d.bind_password, Some(t.into())),
    )
    .secret(),
    SectionKey::one("base_dn", "a DN like dc=example,dc=com", "Below what people and groups are searched. Needed.", "none", |d, t| {
        put(&mut d.base_dn, t.to_owned())
    }),
    SectionKey::one("user_filter", "a filter with {username} in it", "How a person is found.", "(uid={username})", |d, t| {
        put(&mut d.user_filter, t.to_owned())
    }),
    SectionKey::one("email_attribute", "the name of an attribute", "A person’s address.", "mail", |d, t| {
        put(&mut d.email_attribute, t.to_owned())
    }),
    SectionKey::one("name_attribute", "the name of an attribute", "A person’s name to show.", "displayName", |d, t| {
        put(&mut d.name_attribute, t.to_owned())
    }),
    SectionKey::one(
        "id_attribute",
        "the name of an attribute, like objectGUID",
        "What names a person for ever; without it the DN does.",
        "entryUUID",
        |d, t| put(&mut d.id_attribute, t.to_owned()),
    ),
    SectionKey::one(
        "groups_filter",
        "a filter with {dn} or {username} in it, like (member={dn})",
        "How a person’s groups are found; without it, the person’s own `memberOf` counts, which holds DNs.",
        "none",
        |d, t| put(&mut d.groups_filter, Some(t.to_owned())),
    ),
    SectionKey::one("group_attribute", "the name of an attribute, or dn", "The name of a group that a filter found.", "cn", |d, t| {
        put(&mut d.group_attribute, t.to_owned())
    }),
    SectionKey::one("auto_signup", "true or false", "Whether whoever is unknown gets an account.", "true", |d, t| {
        put(&mut d.auto_signup, values::boolean(t)?)
    }),
    SectionKey::one("timeout", "a Go duration from 100ms to 30s", "How long a sign-in may wait for the directory.", "5s", |d, t| {
        put(&mut d.timeout, values::duration(t)?)
    }),
];

/// The keys of an issuer, below `auth.issuers` and its id.
pub const ISSUER_KEYS: Tables<TrustedIssuer> = &[OF_ISSUER, &mapping::keys()];
/// The keys below `auth.ldap`.
pub const LDAP_KEYS: Tables<Ldap> = &[OF_LDAP, &mapping::keys()];

/// Reads all issuers of a file.
pub(super) fn read_issuers(reading: &mut Reading, file: &str, node: &yaml::Node, environment: &Environment) {
    let pairs = match &node.value {
        yaml::Value::Nothing => return,
        yaml::Value::Map(pairs) => pairs,
        _ => return reading.problems.push(format!("{file}:{}: auth.issuers: expected a section for each issuer, below its id", node.line)),
    };
    for (id, node) in pairs {
        let name = format!("auth.issuers.{id}");
        let place = format!("{file}:{}", node.line);
        let id = Slug(id.clone());
        if let Some(problem) = id.problem() {
            reading.problems.push(format!("{place}: {name}: {problem}"));
            continue;
        }
        let Some(issuer) = section::read(reading, (file, &name), ISSUER_KEYS, node, environment) else { continue };
        let issuer = TrustedIssuer { id, ..issuer };
        match issuer.check() {
            Ok(()) => {
                reading.places.push((name, issuer.issuer.clone(), place, "An issuer whose tokens let people in."));
                reading.draft.settings.gate.auth.issuers.push(issuer);
            }
            Err((key, problem)) => reading.problems.push(format!("{place}: {name}.{key}: {problem}")),
        }
    }
}

/// Reads the directory of a file.
pub(super) fn read_ldap(reading: &mut Reading, file: &str, node: &yaml::Node, environment: &Environment) {
    if node.value == yaml::Value::Nothing {
        return;
    }
    let place = format!("{file}:{}", node.line);
    let Some(ldap) = section::read(reading, (file, "auth.ldap"), LDAP_KEYS, node, environment) else { return };
    match ldap.check() {
        Ok(()) => {
            reading.places.push(("auth.ldap".into(), ldap.url.clone(), place, "A directory that people sign in by."));
            reading.draft.settings.gate.auth.ldap = Some(ldap);
        }
        Err((key, problem)) => reading.problems.push(format!("{place}: auth.ldap.{key}: {problem}")),
    }
}

#[cfg(test)]
mod tests;
