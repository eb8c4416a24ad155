//! Secrets of providers at rest, and what tells settings apart that have to be tried out.

use crate::{
    hash::hex,
    seal::{seal, seal_anew, unseal},
    secret::{Keys, Purpose},
};
use wire::sso::NewProvider;

/// What a secret belongs to: whoever moves it to another provider, or the provider to another issuer, has
/// something that does not open.
fn place(settings: &NewProvider) -> String {
    format!("provider {} {}", settings.id, settings.issuer)
}

/// The client's secret as it is kept. `random` must be new each time.
pub(super) fn seal_secret(keys: &Keys, random: &[u8], settings: &NewProvider) -> String {
    seal(keys, random, &place(settings), settings.client_secret.as_bytes())
}

/// Opens what was sealed for this provider and its issuer.
pub(super) fn unseal_secret(keys: &Keys, settings: &NewProvider, sealed: &str) -> Option<String> {
    String::from_utf8(unseal(keys, &place(settings), sealed)?).ok()
}

/// The same secret sealed with the present key; nothing where it is already.
pub(super) fn seal_secret_anew(keys: &Keys, random: &[u8], settings: &NewProvider, sealed: &str) -> Option<String> {
    seal_anew(keys, random, &place(settings), sealed)
}

/// Of what a test sign-in tries out. A MAC, because a secret is in it.
pub(super) fn print(keys: &Keys, settings: &NewProvider, client_url: &str) -> String {
    hex(&keys.mac(Purpose::Seal, &facts(settings, client_url)))
}

/// The same as it may have been made with another signing secret before.
pub(super) fn prints(keys: &Keys, settings: &NewProvider, client_url: &str) -> Vec<String> {
    keys.all_macs(Purpose::Seal, &facts(settings, client_url)).iter().map(|mac| hex(mac)).collect()
}

fn facts(settings: &NewProvider, client_url: &str) -> Vec<u8> {
    let parts = [settings.issuer.as_str(), &settings.client_id, &settings.client_secret, client_url];
    let text = parts.iter().map(|part| format!("{}:{part}", part.len())).collect::<String>();
    format!("provider print {text}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::workspaces::Slug;

    #[test]
    fn a_secret_opens_for_its_provider_and_issuer_alone() {
        let keys = Keys::derive(b"sixteen bytes ..");
        let settings = NewProvider {
            id: Slug("okta".into()),
            issuer: "https://a.example".into(),
            client_secret: "canary".into(),
            ..NewProvider::default()
        };
        let sealed = seal_secret(&keys, b"r", &settings);
        assert_eq!(unseal_secret(&keys, &settings, &sealed).as_deref(), Some("canary"));
        for moved in [
            NewProvider { issuer: "https://b.example".into(), ..settings.clone() },
            NewProvider { id: Slug("other".into()), ..settings.clone() },
        ] {
            assert_eq!(unseal_secret(&keys, &moved, &sealed), None);
        }
        let known = print(&keys, &settings, "https://door.example");
        assert_ne!(known, print(&keys, &NewProvider { client_secret: "other".into(), ..settings.clone() }, "https://door.example"));
        assert_eq!(known, print(&keys, &NewProvider { auto_signup: false, ..settings }, "https://door.example"));
    }
}
