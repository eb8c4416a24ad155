//! Somebody's rights, as they come out and from where, and the grants behind them.

use super::people::{GrantDraft, People};
use crate::{
    calls::workspaces::{get_grants, put_grants},
    pages::{
        decision::DecisionOf,
        rights::{place, sentences},
        role::RoleMark,
    },
    state::{attempt::Attempt, session::Session},
    ui::{Button, Icon, List, MenuButton, MenuItem, Size, Tone},
};
use leptos::prelude::*;
use wire::{
    policy::PUT_GRANTS,
    users::User,
    workspaces::{Grant, Grants},
};

/// The part of the drawer.
#[component]
pub fn Rights(
    /// Whose; takes over grants that are changed beside it.
    person: RwSignal<User>,
) -> impl IntoView {
    let people = expect_context::<People>();
    let session = expect_context::<Session>();
    let id = person.with_untracked(|user| user.id);
    // Nobody changes their own.
    let can_change = session.user_id() != Some(id) && session.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.may(&PUT_GRANTS)));
    // What is shown was loaded just now.
    people.granted.update_untracked(|granted| *granted = None);
    Effect::new(move || {
        people.granted.with(|granted| {
            if let Some((_, now)) = granted.as_ref().filter(|(whose, _)| *whose == id) {
                person.update(|user| user.grants.clone_from(now));
            }
        });
    });
    let grants = Memo::new(move |_| person.with(|user| user.grants.clone()));
    let attempt = Attempt::new();
    let said = move || {
        let lines = person.with(|user| sentences(&user.role, &user.grants));
        lines.into_iter().map(|line| view! { <li>{line}</li> }).collect::<Vec<_>>()
    };
    let remove = Callback::new(move |gone: Grant| {
        attempt.run(
            move || {
                let gone = gone.clone();
                async move {
                    let now = get_grants(id).await?.grants;
                    put_grants(id, Grants { grants: changed(now, Some(&gone), None) }).await
                }
            },
            move |left| people.grants_changed(&person.get_untracked(), left.grants),
        );
    });
    let rows = move || {
        let row = |grant: &Grant| row(people, person, grant.clone(), can_change, remove);
        let rows: Vec<_> = grants.with(|grants| grants.iter().map(row).collect());
        (!rows.is_empty()).then(|| {
            view! {
                <List label="Grants" framed=true>
                    {rows}
                </List>
            }
        })
    };
    let add = can_change.then(|| {
        let add = move |()| people.to_grant.set(Some(GrantDraft { user: person.get_untracked(), before: None }));
        view! {
            <div>
                <Button size=Size::Small icon=Icon::Plus on_press=add>
                    "Add a grant"
                </Button>
            </div>
        }
    });
    view! {
        <section class="stack" data-gap="2" aria-labelledby="rights-title">
            <h3 class="label" id="rights-title">
                "Rights in workspaces"
            </h3>
            <ul class="stack small" data-gap="1" aria-label="Rights as they come out">
                {said}
            </ul>
            {move || attempt.failure.get().map(|failure| view! { <p class="error" role="alert">{failure.detail}</p> })}
            <DecisionOf attempt=attempt />
            {rows}
            {add}
        </section>
    }
    .into_any()
}

fn row(people: People, person: RwSignal<User>, grant: Grant, can_change: bool, remove: Callback<Grant>) -> AnyView {
    let place = place(&grant.workspace, grant.environment.as_ref());
    let what = if grant.environment.is_some() { "This environment" } else { "All of the workspace" };
    let (id, label) = (["grant-", &place.replace('/', "_")].concat(), ["Actions for the grant in ", &place].concat());
    let role = grant.role.clone();
    let actions = can_change.then(|| {
        let (before, gone) = (grant.clone(), grant);
        let change = move |()| people.to_grant.set(Some(GrantDraft { user: person.get_untracked(), before: Some(before.clone()) }));
        view! {
            <MenuButton id=id label=label>
                <MenuItem icon=Icon::Edit label="Change" run=change />
                <MenuItem icon=Icon::Trash label="Remove" tone=Tone::Danger run=move |()| remove.run(gone.clone()) />
            </MenuButton>
        }
    });
    view! {
        <li>
            <div class="grow">
                <b>{place}</b>
                <small>{what}</small>
            </div>
            <RoleMark role=role />
            {actions}
        </li>
    }
    .into_any()
}

/// The grants with another one in the place of the one for this place, or with one more, or with one
/// less. To remove those of a workspace by its name would take those of its environments along.
pub fn changed(now: Vec<Grant>, before: Option<&Grant>, after: Option<Grant>) -> Vec<Grant> {
    let is_meant =
        |grant: &Grant| before.is_some_and(|before| (&before.workspace, &before.environment) == (&grant.workspace, &grant.environment));
    now.into_iter().filter(|grant| !is_meant(grant)).chain(after).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::{RoleName, workspaces::Slug};

    fn grant(environment: Option<&str>, role: &str) -> Grant {
        Grant { workspace: Slug("billing".into()), environment: environment.map(|slug| Slug(slug.into())), role: RoleName(role.into()) }
    }

    #[test]
    fn one_grant_changes_and_the_others_stay() {
        let now = || vec![grant(None, "developer"), grant(Some("staging"), "viewer")];
        assert_eq!(changed(now(), Some(&grant(None, "whatever it was")), None), [grant(Some("staging"), "viewer")]);
        assert_eq!(changed(now(), None, Some(grant(Some("production"), "operator"))).len(), 3);
        let raised = changed(now(), Some(&grant(Some("staging"), "viewer")), Some(grant(Some("staging"), "operator")));
        assert_eq!(raised, [grant(None, "developer"), grant(Some("staging"), "operator")]);
    }
}
