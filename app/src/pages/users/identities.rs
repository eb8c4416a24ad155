//! By what somebody signs in, and whether a mapping may take their role away.

use crate::{
    pages::identities::{about, when},
    ui::{Check as Tick, Icon, List, ListRow, Node},
};
use leptos::prelude::*;
use wire::{
    RoleName,
    sso::Identity,
    users::{Source, User},
};

/// The part of the drawer.
#[component]
pub fn Identities(user: User, identities: Vec<Identity>) -> impl IntoView {
    view! {
        <section class="stack" data-gap="2" aria-labelledby="identities-title">
            <h3 class="label" id="identities-title">
                "Signs in with"
            </h3>
            <p class="small">{told(&user)}</p>
            {rows(identities)}
        </section>
    }
    .into_any()
}

/// Where the account comes from, and whether it has a password.
fn told(user: &User) -> String {
    let source = match user.source {
        Source::Local => "The account was made here.",
        Source::Oidc => "The account was made at a sign-in by a provider.",
        Source::Issuer => "The account was made for a token of a trusted issuer.",
        Source::Ldap => "The account was made at a sign-in by the directory.",
    };
    [source, if user.has_password { " It has a password." } else { " It has no password." }].concat()
}

fn rows(identities: Vec<Identity>) -> Option<AnyView> {
    let rows: Vec<_> = identities
        .into_iter()
        .map(|identity| {
            let (detail, used) = (about(&identity), when(&identity));
            view! { <ListRow title=identity.label detail=detail before=|| view! { <Node icon=Icon::Gate /> }>{used}</ListRow> }
        })
        .collect();
    (!rows.is_empty()).then(|| {
        view! {
            <List label="Linked identities" framed=true wrap=true>
                {rows}
            </List>
        }
        .into_any()
    })
}

/// The mark of an account that is kept for the day on which the groups are wrong; admins alone have it.
#[component]
pub fn BreakGlass(
    /// The role as it is chosen.
    role: RwSignal<String>,
    /// The mark, both ways.
    checked: RwSignal<bool>,
) -> impl IntoView {
    let is_admin = Memo::new(move |_| role.with(|role| *role == RoleName::admin().0));
    move || {
        (is_admin.get() || checked.get_untracked()).then(|| {
            view! {
                <Tick
                    id="edit-break-glass"
                    label="Break-glass account"
                    hint="No provider, issuer or directory ever takes this role away. Keep one for the day on which the groups are wrong."
                        .to_owned()
                    checked=checked
                />
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::users::tests::user;

    #[test]
    fn it_is_told_where_an_account_comes_from() {
        let mut user = user();
        assert_eq!(told(&user), "The account was made here. It has a password.");
        user.source = Source::Oidc;
        user.has_password = false;
        assert_eq!(told(&user), "The account was made at a sign-in by a provider. It has no password.");
    }
}
