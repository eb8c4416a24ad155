//! The text of a key that was just made, or got another secret: shown once, with a way to try it.

use super::{
    desk::{networks, works_in},
    rows::end,
};
use crate::{
    pages::role::RoleMark,
    prefix::at,
    state::browser,
    ui::{Code, Fact, Facts, Secret},
};
use leptos::prelude::*;
use wire::keys::CreatedKey;

/// The key's text, what it is good for, and a command that works as it stands.
#[component]
pub fn KeyShown(
    made: CreatedKey,
    /// What becomes of the text that was good before, where there is one.
    #[prop(optional, into)]
    before: Option<String>,
) -> impl IntoView {
    let CreatedKey { api_key, key } = made;
    let command = ["curl -H \"Authorization: Bearer ", &key, "\" ", &browser::origin(), &at("/api/v1/auth/me")].concat();
    let ends = end(&api_key, api_key.updated_at);
    let networks = networks(&api_key);
    let place = works_in(&api_key).map(|place| view! { <Fact name="Works in">{place}</Fact> });
    view! {
        <Secret value=key what="API key">
            <b>"This is the only time you’ll see it."</b>
            " Doorward keeps a hash, not the key."
        </Secret>
        <Facts>
            <Fact name="Name">{api_key.name}</Fact>
            <Fact name="Role">
                <RoleMark role=api_key.role />
            </Fact>
            <Fact name="Expires">{ends}</Fact>
            {place}
            <Fact name="Good from">{networks}</Fact>
            {before.map(|before| view! { <Fact name="The old one">{before}</Fact> })}
        </Facts>
        <Code title="Try it" text=command wrap=true />
    }
    .into_any()
}
