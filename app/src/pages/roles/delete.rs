//! The question before a role goes: who has it gets another one.

use super::{
    Desk,
    matrix::{people, programs},
};
use crate::{
    calls::roles::delete_role,
    pages::{summary::Summary, words},
    state::{attempt::Attempt, roles::Roles as Known},
    ui::{Button, ButtonKind, ButtonVariant, Choice, Dialog, Select, Size, Tone},
};
use leptos::prelude::*;
use wire::{
    RoleName,
    roles::{Role, RoleDeletion},
};

/// The dialog; it is open while there is a role to delete.
#[component]
pub(super) fn Delete(desk: Desk) -> impl IntoView {
    let known = expect_context::<Known>();
    let attempt = Attempt::new();
    let open = RwSignal::new(false);
    let replacement = RwSignal::new("viewer".to_owned());
    Effect::new(move || {
        if desk.to_delete.with(Option::is_some) {
            attempt.failure.set(None);
            open.set(true);
        }
    });
    // The words stay while the dialog closes.
    let role = Memo::new(move |before: Option<&Option<Role>>| desk.to_delete.get().or_else(|| before.cloned().flatten()));
    let name = move || role.with(|role| role.as_ref().map(|role| role.name.clone()).unwrap_or_default());
    let having = Signal::derive(move || {
        let name = name();
        let count = |part: &wire::Page<Role>| {
            let role = part.items.iter().find(|role| role.name == name)?;
            Some((role.users.unwrap_or(0), role.keys.unwrap_or(0), role.grants.unwrap_or(0)))
        };
        desk.roles.with(|roles| roles.as_ref().and_then(|roles| roles.as_ref().ok()).and_then(count)).unwrap_or_default()
    });
    let is_had = move || having.get() != (0, 0, 0) || attempt.failure.with(Option::is_some);
    let submit = move |()| {
        let name = untrack(name);
        let deletion = RoleDeletion { replacement: untrack(is_had).then(|| RoleName(replacement.get_untracked())) };
        let done = ["The role ", &name.0, " is deleted"].concat();
        attempt.run(
            move || delete_role(name.clone(), deletion.clone()),
            move |()| {
                open.set(false);
                desk.changed(done);
            },
        );
    };
    let choices = Signal::derive(move || {
        let gone = name();
        known
            .all()
            .into_iter()
            .filter(|role| role.name != gone)
            .map(|role| Choice::new(role.name.0.clone(), words::role(&role.name)))
            .collect()
    });
    let who = move || {
        let (users, keys, grants) = having.get();
        is_had().then(|| {
            let who = match (users, keys, grants) {
                (0, 0, _) | (_, _, 1..) => "Whoever has it".into(),
                (users, 0, _) => people(users),
                (0, keys, _) => programs(keys),
                (users, keys, _) => [&people(users), " and ", &programs(keys)].concat(),
            };
            let label = [&who, " will get the role"].concat();
            view! { <Select id="role-replacement" label=label choices=choices value=replacement error=attempt.problem("replacement") /> }
        })
    };
    view! {
        <Dialog
            id="delete-role"
            title=Signal::derive(move || ["Delete the role ", &name().0, "?"].concat())
            open=open
            size=Size::Small
            tone=Tone::Danger
            on_submit=submit
            on_close=move |()| desk.to_delete.set(None)
            foot=move || {
                view! {
                    <Button on_press=move |()| open.set(false)>"Cancel"</Button>
                    <Button kind=ButtonKind::Submit variant=ButtonVariant::Danger busy=attempt.is_busy>
                        "Delete the role"
                    </Button>
                }
            }
        >
            <Summary id="delete-role-error" attempt=attempt />
            <p>"It takes effect on the next request of whoever has it. The audit log keeps what it could do."</p>
            {who}
        </Dialog>
    }
    .into_any()
}
