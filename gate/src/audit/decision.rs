//! Why somebody was turned away: said to the caller in a sentence, and kept, step by step, in an event
//! that an auditor can open.

use super::NewEvent;
use crate::ctx::{Ctx, Principal};
use serde_json::json;
use wire::{
    Code, EventId, Failure, Permission, Permissions, RoleName,
    audit::Action,
    policy::{Operation, PageRow},
};

/// Refuses an operation for lack of a permission: names it, and who can help.
pub(crate) fn refuse(ctx: &Ctx, operation: &Operation, missing: Permission) -> Failure {
    let (whose, role, _) = standing(ctx);
    let role = role.map(|role| role.0.as_str()).unwrap_or_default();
    let failure = Failure::new(Code::Forbidden, words(missing, whose, role, &ctx.gate().admins().names()));
    match note(ctx, ("operation", operation.id, operation.summary), missing) {
        Some(id) => failure.decided(id),
        None => failure,
    }
}

/// Writes down that a page did not open for lack of a permission.
pub(crate) fn refuse_page(ctx: &Ctx, page: &PageRow, missing: Permission) -> Option<EventId> {
    note(ctx, ("page", page.path, page.path), missing)
}

/// Whose role counts, the role, and what it allows.
fn standing(ctx: &Ctx) -> (&'static str, Option<&RoleName>, Permissions) {
    match ctx.principal() {
        Principal::Person(person) => ("your", Some(&person.user.role), person.permissions),
        Principal::Key(key) => ("this API key’s", Some(&key.role), key.permissions),
        Principal::Nobody | Principal::Open | Principal::System(_) => ("your", None, Permissions::NONE),
    }
}

/// Writes down what was looked at; `what` is the kind, the id and the name of what was asked for.
fn note(ctx: &Ctx, what: (&str, &str, &str), missing: Permission) -> Option<EventId> {
    let actor = ctx.actor();
    let (_, role, permissions) = standing(ctx);
    let (kind, id, name) = what;
    // In the order in which it was looked at.
    let steps = json!({ "decision": [
        { "looked": "principal", "found": { "kind": actor.kind, "id": actor.id, "name": actor.name, "session": ctx.session() } },
        { "looked": "role", "found": role },
        { "looked": "permissions", "found": permissions },
        { "looked": kind, "found": { "id": id, "needs": missing } },
        { "looked": "result", "found": "denied" },
    ]});
    ctx.note(NewEvent::denied(Action::AccessDenied).on(kind, id, name).with(steps))
}

fn words(missing: Permission, whose: &str, role: &str, admins: &[String]) -> String {
    let ask = match admins {
        [] => "an admin".to_owned(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    };
    format!("This needs the permission “{missing}”, which {whose} role “{role}” does not have. Ask {ask} for it.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_what_is_missing_and_who_can_help() {
        let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        for (admins, end) in [
            (names(&[]), "Ask an admin for it."),
            (names(&["Ada"]), "Ask Ada for it."),
            (names(&["Ada", "Bo", "Cy"]), "Ask Ada, Bo or Cy for it."),
        ] {
            let text = words(Permission::Users, "your", "viewer", &admins);
            assert!(
                text.starts_with("This needs the permission “users”, which your role “viewer” does not have.") && text.ends_with(end),
                "{text}"
            );
        }
    }
}
