//! Who else vouches for people: the directory and the issuers of the configuration, one line each.

use crate::ui::{Card, Icon, List, ListRow, Node, RelativeTime, Status, Tone, counted};
use leptos::prelude::*;
use wire::{sso::TrustedParty, users::Source};

/// The card.
#[component]
pub fn Trusted(parties: Vec<TrustedParty>) -> impl IntoView {
    let rows: Vec<_> = parties.into_iter().map(row).collect();
    view! {
        <Card
            id="trusted"
            title="Directory and issuers".to_owned()
            lead="They are in the configuration file, and are changed there alone.".to_owned()
            flush=true
        >
            <List label="Directory and issuers" wrap=true>
                {rows}
            </List>
        </Card>
    }
    .into_any()
}

fn row(party: TrustedParty) -> AnyView {
    let title = title(&party);
    let detail = detail(&party);
    let state = state(&party).map(|(tone, word)| view! { <Status tone=tone>{word}</Status> });
    let fetched = party.keys_fetched_at.map(|at| {
        view! { <span class="caption muted">"Keys fetched " <RelativeTime at=at.millis() /></span> }
    });
    view! {
        <ListRow title=title detail=detail before=|| view! { <Node icon=Icon::Gate /> }>
            {fetched}
            {state}
        </ListRow>
    }
    .into_any()
}

fn title(party: &TrustedParty) -> String {
    if party.source == Source::Ldap { "Directory".into() } else { ["Issuer ", &party.id.0].concat() }
}

fn detail(party: &TrustedParty) -> String {
    let accounts = if party.creates_accounts { "whoever is new gets an account" } else { "an account has to be there" };
    let keys = party.keys.filter(|keys| *keys > 0).map(|keys| [" · ", &counted(keys as u64, "key", "keys")].concat());
    let problem = party.problem.as_ref().map(|problem| [" · ", problem].concat());
    [party.address.as_str(), " · ", accounts, keys.as_deref().unwrap_or_default(), problem.as_deref().unwrap_or_default()].concat()
}

/// How its keys are; of a directory nothing is known before somebody signs in.
fn state(party: &TrustedParty) -> Option<(Tone, &'static str)> {
    match (party.keys?, &party.problem) {
        (0, Some(_)) => Some((Tone::Danger, "Not working")),
        (0, None) => Some((Tone::Off, "Not asked yet")),
        (_, Some(_)) => Some((Tone::Warning, "Keys are old")),
        (_, None) => Some((Tone::Success, "Working")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::workspaces::Slug;

    #[test]
    fn the_state_is_that_of_the_keys() {
        let mut party = TrustedParty {
            id: Slug("cluster".into()),
            source: Source::Issuer,
            address: "https://cluster.example.com".into(),
            creates_accounts: true,
            keys: Some(2),
            keys_fetched_at: None,
            problem: None,
        };
        assert_eq!(detail(&party), "https://cluster.example.com · whoever is new gets an account · 2 keys");
        assert_eq!(state(&party).map(|(_, word)| word), Some("Working"));
        party.problem = Some("it did not answer in time".into());
        assert_eq!(state(&party).map(|(_, word)| word), Some("Keys are old"));
        party.keys = Some(0);
        assert_eq!(state(&party).map(|(_, word)| word), Some("Not working"));
        party.keys = None;
        assert_eq!((title(&party).as_str(), state(&party)), ("Issuer cluster", None));
    }
}
