//! Why somebody was turned away: said to the caller in a sentence, and kept, step by step, in an event
//! that an auditor can open.

use super::NewEvent;
use crate::ctx::{Ctx, Person};
use serde_json::json;
use wire::{Code, Failure, Permission, audit::Action, policy::Operation};

/// Refuses an operation for lack of a permission: names it, and who can help.
pub(crate) fn refuse(ctx: &Ctx, person: &Person, operation: &Operation, missing: Permission) -> Failure {
    let user = &person.user;
    // In the order in which it was looked at.
    let steps = json!({ "decision": [
        { "looked": "principal", "found": { "kind": "user", "id": user.id, "name": user.username, "session": person.session } },
        { "looked": "role", "found": user.role },
        { "looked": "permissions", "found": person.permissions },
        { "looked": "operation", "found": { "id": operation.id, "needs": missing } },
        { "looked": "result", "found": "denied" },
    ]});
    let event = NewEvent::denied(Action::AccessDenied).on("operation", operation.id, operation.summary).with(steps);
    let failure = Failure::new(Code::Forbidden, words(missing, &user.role.0, &ctx.gate().admins().names()));
    match ctx.note(event) {
        Some(id) => failure.decided(id),
        None => failure,
    }
}

fn words(missing: Permission, role: &str, admins: &[String]) -> String {
    let ask = match admins {
        [] => "an admin".to_owned(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    };
    format!("This needs the permission “{missing}”, which your role “{role}” does not have. Ask {ask} for it.")
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
            let text = words(Permission::Users, "viewer", &admins);
            assert!(
                text.starts_with("This needs the permission “users”, which your role “viewer” does not have.") && text.ends_with(end),
                "{text}"
            );
        }
    }
}
