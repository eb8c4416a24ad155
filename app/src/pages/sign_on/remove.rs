//! Deleting a provider, once its short name is typed.

use super::LIST;
use crate::{
    calls::sso::delete_provider,
    pages::removal::Removal,
    ui::{CheckItem, Icon},
};
use leptos::prelude::*;
use wire::workspaces::Slug;

/// The card, and its question.
#[component]
pub fn Remove(id: Slug) -> impl IntoView {
    let name = id.0.clone();
    let done = ["The provider ", &name, " is deleted"].concat();
    view! {
        <Removal
            kind="provider"
            name=name
            lead="Nobody signs in by it from then on."
            warning="People come back to their accounts once a provider of the same issuer is added."
            delete=move || delete_provider(id.clone())
            done=done
            list=LIST
        >
            <CheckItem icon=Icon::X>"Sessions that began by it end now"</CheckItem>
            <CheckItem icon=Icon::X>"Its client secret is forgotten"</CheckItem>
            <CheckItem met=true>"The accounts stay, with their roles"</CheckItem>
        </Removal>
    }
    .into_any()
}
