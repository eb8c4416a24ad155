//! Providers by which people sign in: `auth.oidc`, a section for each; one of them also by variables,
//! `DOORWARD_AUTH_OIDC_CLIENT_ID` and so on, under the id `oidc`.

use super::{
    Environment, Reading,
    mapping::{self, HasMapping},
    section::{self, SectionKey, Tables},
    values, yaml,
};
use std::path::Path;
use wire::{
    sso::{NewProvider, RoleMapping},
    workspaces::Slug,
};

/// The id of the provider that variables describe.
const OF_VARIABLES: &str = "oidc";
/// What such variables begin with, without `DOORWARD_`.
const START: &str = "AUTH_OIDC_";

impl HasMapping for NewProvider {
    fn mapping(&mut self) -> &mut RoleMapping {
        &mut self.role_mapping
    }
}

fn put<T>(place: &mut T, value: T) -> values::Result<()> {
    *place = value;
    Ok(())
}

const OF_PROVIDER: &[SectionKey<NewProvider>] = &[
    SectionKey::one(
        "issuer",
        "an address like https://id.example.com/realms/main",
        "The issuer, exactly as it writes it. Needed.",
        "none",
        |d, t| put(&mut d.issuer, t.to_owned()),
    ),
    SectionKey::one("client_id", "a text", "What it knows Doorward as. Needed.", "none", |d, t| put(&mut d.client_id, t.to_owned())),
    SectionKey::<NewProvider>::one(
        "client_secret",
        "a text",
        "The secret that goes with it; `client_secret_file` names a file. Needed.",
        "none",
        |d, t| put(&mut d.client_secret, t.to_owned()),
    )
    .secret(),
    SectionKey::one(
        "client_url",
        "an address without a path, like https://door.example.com",
        "The address under which browsers reach Doorward; register `<client_url>/oidc-callback` with the provider.",
        "`public_url`",
        |d, t| put(&mut d.client_url, Some(values::public_url(t)?)),
    ),
    SectionKey::many("scopes", "a list of scopes", "What is asked for.", "openid, profile, email", |d, v| put(&mut d.scopes, v)),
    SectionKey::one("button_label", "a text", "What the button on the sign-in page says.", "Login with SSO", |d, t| {
        put(&mut d.button_label, t.to_owned())
    }),
    SectionKey::one("auto_signup", "true or false", "Whether whoever is unknown gets an account.", "true", |d, t| {
        put(&mut d.auto_signup, values::boolean(t)?)
    }),
    SectionKey::one(
        "link_by_email",
        "true or false",
        "Whether an account of the same verified address is taken for the person’s.",
        "false",
        |d, t| put(&mut d.link_by_email, values::boolean(t)?),
    ),
    SectionKey::many("allowed_domains", "a list of domains", "Whose verified addresses are let in.", "all", |d, v| {
        put(&mut d.allowed_domains, v)
    }),
    SectionKey::many("whitelist", "a list of addresses", "Verified addresses that are let in.", "all", |d, v| put(&mut d.whitelist, v)),
    SectionKey::many(
        "algorithms",
        "a list of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA",
        "How its tokens may be signed.",
        "all of these",
        |d, v| put(&mut d.algorithms, v),
    ),
];

/// The keys of a provider, below `auth.oidc` and its id.
pub const OIDC_KEYS: Tables<NewProvider> = &[OF_PROVIDER, &mapping::keys()];

/// Reads all providers of a file.
pub(super) fn read(reading: &mut Reading, file: &str, node: &yaml::Node, environment: &Environment) {
    let pairs = match &node.value {
        yaml::Value::Nothing => return,
        yaml::Value::Map(pairs) => pairs,
        _ => return reading.problems.push(format!("{file}:{}: auth.oidc: expected a section for each provider, below its id", node.line)),
    };
    for (id, node) in pairs {
        let name = format!("auth.oidc.{id}");
        if let Some(provider) = section::read(reading, (file, &name), OIDC_KEYS, node, environment) {
            let provider = NewProvider { id: Slug(id.clone()), ..provider };
            reading.places.push((name, provider.issuer.clone(), format!("{file}:{}", node.line), ABOUT));
            reading.draft.settings.gate.auth.oidc.push(provider);
        }
    }
}

const ABOUT: &str = "A provider by which people sign in, and its issuer.";

/// The key of this variable, which comes without `DOORWARD_` and with single underscores, and whether it
/// names a file.
pub(super) fn by_variable(bare: &str) -> Option<(&'static SectionKey<NewProvider>, bool)> {
    let name = bare.strip_prefix(START)?;
    let find = |name: &str| OIDC_KEYS.iter().flat_map(|table| table.iter()).find(|key| key.path.replace('.', "_").to_uppercase() == name);
    match find(name) {
        Some(key) => Some((key, false)),
        None => name.strip_suffix("_FILE").and_then(find).filter(|key| key.is_secret).map(|key| (key, true)),
    }
}

/// Takes a variable for the provider that variables describe.
pub(super) fn take(reading: &mut Reading, variable: &str, (key, is_file): (&SectionKey<NewProvider>, bool), value: &str) {
    let text = if is_file {
        reading
            .text_of(Path::new(value))
            .map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
            .map_err(|error| format!("the file {value} can not be read: {error}"))
    } else {
        Ok(value.to_owned())
    };
    reading.prints.note(&format!("auth.oidc.{OF_VARIABLES}.{}", key.path), &text);
    let all = &mut reading.draft.settings.gate.auth.oidc;
    let at = all.iter().position(|provider| provider.id.0 == OF_VARIABLES).unwrap_or_else(|| {
        all.push(NewProvider { id: Slug(OF_VARIABLES.into()), ..NewProvider::default() });
        reading.places.push((format!("auth.oidc.{OF_VARIABLES}"), String::new(), variable.to_owned(), ABOUT));
        all.len() - 1
    });
    if let Err(problem) = text.and_then(|text| key.take(&mut all[at], &text)) {
        reading.problems.push(format!("{variable}: auth.oidc.{OF_VARIABLES}.{}: {problem}", key.path));
    }
}

/// Lets go of a provider of which nothing is said that makes it one, and looks at the others.
pub(super) fn check(reading: &mut Reading) {
    let is_meant =
        |provider: &NewProvider| [&provider.issuer, &provider.client_id, &provider.client_secret].iter().any(|text| !text.is_empty());
    let gate = &mut reading.draft.settings.gate;
    gate.auth.oidc.retain(is_meant);
    let all = &gate.auth.oidc;
    reading.places.retain(|(name, ..)| name.strip_prefix("auth.oidc.").is_none_or(|id| all.iter().any(|provider| provider.id.0 == id)));
    for (name, shown, ..) in &mut reading.places {
        if let Some(provider) = all.iter().find(|provider| name.strip_prefix("auth.oidc.") == Some(&provider.id.0)) {
            shown.clone_from(&provider.issuer);
        }
    }
    for problem in gate.check_providers().err().unwrap_or_default() {
        let found = reading.places.iter().find(|(name, ..)| problem.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.')));
        let place = found.map(|(_, _, place, _)| format!("{place}: ")).unwrap_or_default();
        reading.problems.push(format!("{place}{problem}"));
    }
}

#[cfg(test)]
mod tests {
    use crate::load::{Environment, Flags, load};
    use std::io::Write;
    use wire::sso::NewProvider;

    fn read(yaml: &str, variables: &[(&str, &str)]) -> Result<Vec<NewProvider>, Vec<String>> {
        let mut file = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
        file.write_all(yaml.as_bytes()).unwrap();
        let flags = Flags { config: Some(file.path().to_owned()), ..Flags::default() };
        let loaded = load(&flags, &Environment::of(variables));
        loaded.map(|loaded| loaded.settings.gate.auth.oidc).map_err(|error| error.0)
    }

    #[test]
    fn providers_come_from_the_file() {
        let secret = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(secret.path(), "canary\n").unwrap();
        let yaml = format!(
            "public_url: https://door.example.com\nauth:\n  admins: [ada@example.com]\n  oidc:\n    okta:\n      issuer: https://id.example.com/\n      \
             client_id: doorward\n      client_secret_file: {}\n      allowed_domains: a.example, b.example\n      role_mapping:\n        \
             group_mappings:\n          ops: operator\n    off:\n      button_label: Nothing else\n",
            secret.path().display()
        );
        let all = read(&yaml, &[]).unwrap();
        assert_eq!(all.len(), 1, "what is set on no side is off");
        assert_eq!(
            (all[0].id.0.as_str(), all[0].issuer.as_str(), all[0].client_secret.as_str()),
            ("okta", "https://id.example.com/", "canary")
        );
        assert_eq!(all[0].allowed_domains, ["a.example", "b.example"]);
        assert_eq!(all[0].role_mapping.group_mappings[0].role.0, "operator");
    }

    #[test]
    fn one_provider_comes_from_variables() {
        let variables = [
            ("DOORWARD_PUBLIC_URL", "https://door.example.com"),
            ("DOORWARD_AUTH_OIDC_ISSUER", "https://id.example.com"),
            ("DOORWARD_AUTH_OIDC_CLIENT_ID", "doorward"),
            ("DOORWARD_AUTH__OIDC__CLIENT_SECRET", "canary"),
            ("DOORWARD_AUTH_OIDC_SCOPES", "openid, groups"),
            ("DOORWARD_AUTH_OIDC_ROLE_MAPPING_DEFAULT_ROLE", "operator"),
            ("DOORWARD_AUTH_OIDC_ROLE_MAPPING_GROUP_MAPPINGS", "ops=operator, a=b=admin"),
        ];
        let all = read("", &variables).unwrap();
        assert_eq!((all[0].id.0.as_str(), all[0].client_id.as_str()), ("oidc", "doorward"));
        assert_eq!(all[0].scopes, ["openid", "groups"]);
        let lines: Vec<_> = all[0].role_mapping.group_mappings.iter().map(|line| (line.group.as_str(), line.role.0.as_str())).collect();
        assert_eq!(lines, [("ops", "operator"), ("a=b", "admin")]);
        assert!(read("", &[("DOORWARD_AUTH_OIDC_BUTTON_LABEL", "Go")]).unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place_and_without_a_secret() {
        let yaml = "auth:\n  oidc:\n    okta:\n      issuer: http://id.example.com\n      client_id: x\n      client_secret: canary\n";
        let problems = read(yaml, &[]).unwrap_err();
        assert!(problems.iter().any(|text| text.contains(":3: auth.oidc.okta.issuer: Use https")), "{problems:?}");
        assert!(problems.iter().any(|text| text.contains("auth.oidc.okta.client_url: Set it")), "{problems:?}");
        assert!(!problems.concat().contains("canary"));
        let unknown = read("auth:\n  oidc:\n    okta:\n      issuerr: x\n", &[]).unwrap_err();
        assert!(unknown[0].contains("did you mean issuer?"), "{unknown:?}");
        let bad =
            read("", &[("DOORWARD_AUTH_OIDC_ISSUER", "https://id.example.com"), ("DOORWARD_AUTH_OIDC_AUTO_SIGNUP", "maybe")]).unwrap_err();
        assert!(bad.iter().any(|text| text.starts_with("DOORWARD_AUTH_OIDC_AUTO_SIGNUP: auth.oidc.oidc.auto_signup: expected")), "{bad:?}");
    }
}
