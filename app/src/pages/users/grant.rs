//! Giving somebody a grant, or another role in the place of one.

use super::{
    grants::changed,
    people::{GrantDraft, People},
};
use crate::{
    calls::workspaces::{get_grants, put_grants},
    pages::{
        places::{Place, PlaceFields},
        rights::place,
        summary::{FieldName, Summary},
        words,
    },
    state::{attempt::Attempt, roles::Roles},
    ui::{Button, ButtonKind, ButtonVariant, Choice, Dialog, Select},
};
use leptos::prelude::*;
use wire::{
    Check, Failure, FieldError, RoleName, UserId,
    workspaces::{Grant, Grants, Slug},
};

const FIELDS: &[FieldName] =
    &[("workspace", "grant-workspace", "Workspace"), ("environment", "grant-environment", "Environment"), ("role", "grant-role", "Role")];

/// The dialog; it is open while there is somebody to give a grant to.
#[component]
pub fn GiveGrant(people: People) -> impl IntoView {
    let there = Place::new(None, None);
    let role = RwSignal::new("viewer".to_owned());
    let open = RwSignal::new(false);
    let attempt = Attempt::new();
    Effect::new(move || {
        people.to_grant.with(|draft| {
            let Some(draft) = draft else { return };
            let before = draft.before.as_ref();
            there.set(before.map(|grant| &grant.workspace), before.and_then(|grant| grant.environment.as_ref()));
            role.set(before.map_or("viewer".to_owned(), |grant| grant.role.0.clone()));
            attempt.failure.set(None);
            open.set(true);
        });
    });
    // The words stay while the dialog closes.
    let last = Memo::new(move |before: Option<&Option<GrantDraft>>| people.to_grant.get().or_else(|| before.cloned().flatten()));
    let submit = move |()| {
        let Some(draft) = people.to_grant.get_untracked() else { return };
        let grant = Grant {
            workspace: Slug(untrack(|| there.workspace()).unwrap_or_default()),
            environment: untrack(|| there.environment()).map(Slug),
            role: RoleName(role.get_untracked()),
        };
        let GrantDraft { user, before } = draft;
        let id = user.id;
        attempt.run(
            move || give(id, before.clone(), grant.clone()),
            move |now| {
                open.set(false);
                people.grants_changed(&user, now.grants);
            },
        );
    };
    let title = move || {
        last.with(|draft| match draft {
            Some(GrantDraft { user, before: Some(grant) }) => {
                ["Change what ", user.name(), " may do in ", &place(&grant.workspace, grant.environment.as_ref())].concat()
            }
            Some(GrantDraft { user, before: None }) => ["Give ", user.name(), " a role in a workspace"].concat(),
            None => String::new(),
        })
    };
    let roles = {
        let known = expect_context::<Roles>();
        Signal::derive(move || known.all().iter().map(|role| Choice::new(role.name.0.clone(), words::role(&role.name))).collect::<Vec<_>>())
    };
    view! {
        <Dialog
            id="give-grant"
            title=Signal::derive(title)
            lead="It counts there in the place of their role, for more or for less, from the next request on.".to_owned()
            open=open
            on_submit=submit
            on_close=move |()| people.to_grant.set(None)
            foot=move || {
                view! {
                    <Button on_press=move |()| open.set(false)>"Cancel"</Button>
                    <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary busy=attempt.is_busy>
                        "Save grant"
                    </Button>
                }
            }
        >
            <Summary id="give-grant-error" attempt=attempt fields=FIELDS />
            <PlaceFields
                id="grant"
                place=there
                help="Its slug."
                autofocus=true
                workspace_error=attempt.problem("workspace")
                environment_error=attempt.problem("environment")
            />
            <Select id="grant-role" label="Role" choices=roles value=role help="At most your own." error=attempt.problem("role") />
        </Dialog>
    }
    .into_any()
}

/// Gives the grant beside those there are now.
async fn give(id: UserId, before: Option<Grant>, grant: Grant) -> Result<Grants, Failure> {
    Grants { grants: vec![grant.clone()] }.check().map_err(plain)?;
    let now = get_grants(id).await?.grants;
    let wanted = Grants { grants: changed(now, before.as_ref(), Some(grant)) };
    wanted.check().map_err(plain)?;
    put_grants(id, wanted).await.map_err(plain)
}

/// The failure with the fields of this form: only one of the grants is new.
fn plain(failure: Failure) -> Failure {
    let name = |error: FieldError| FieldError { field: error.field.rsplit('.').next().unwrap_or_default().to_owned(), ..error };
    Failure { errors: failure.errors.into_iter().map(name).collect(), ..failure }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_field_of_the_form() {
        let failure = plain(Failure::field("grants[3].role", "It can do more than yours."));
        assert_eq!(failure.of("role"), Some("It can do more than yours."));
    }
}
