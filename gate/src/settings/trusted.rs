//! Who vouches for people besides providers, as the configuration says, and how their keys are.

use crate::gate::Gate;
use wire::{sso::TrustedParty, users::Source, workspaces::Slug};

/// The directory's id.
const DIRECTORY: &str = "ldap";

/// All of them, the directory first.
pub(super) fn parties(gate: &Gate) -> Vec<TrustedParty> {
    let auth = &gate.config().auth;
    let directory = auth.ldap.as_ref().map(|ldap| TrustedParty {
        id: Slug(DIRECTORY.into()),
        source: Source::Ldap,
        address: ldap.url.clone(),
        creates_accounts: ldap.auto_signup,
        keys: None,
        keys_fetched_at: None,
        problem: None,
    });
    let issuers = auth.issuers.iter().map(|issuer| {
        let keys = gate.jwks().source(gate, &issuer.place()).state();
        TrustedParty {
            id: issuer.id.clone(),
            source: Source::Issuer,
            address: issuer.issuer.clone(),
            creates_accounts: issuer.auto_provision,
            keys: Some(keys.keys),
            keys_fetched_at: keys.fetched_at,
            problem: keys.problem,
        }
    });
    directory.into_iter().chain(issuers).collect()
}
