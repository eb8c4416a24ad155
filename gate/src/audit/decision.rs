//! Why somebody was turned away: said to the caller in a sentence, and kept, step by step, in an event
//! that an auditor can open.

use super::NewEvent;
use crate::ctx::{Ctx, Principal};
use serde_json::json;
use wire::{
    Code, EventId, Failure, Permission, Permissions, RoleName,
    audit::Action,
    keys::KeyScope,
    policy::{Operation, PageRow},
    workspaces::Scope,
};

/// Refuses an operation for lack of a permission: names it, and who can help.
pub(crate) fn refuse(ctx: &Ctx, operation: &Operation, missing: Permission) -> Failure {
    let (whose, role) = standing(ctx);
    let role = role.map(|role| role.0.as_str()).unwrap_or_default();
    let text = match ctx.key() {
        Some(key) if !key.scope.is_everywhere() => words_of_scope(missing, &key.scope),
        _ => words(missing, whose, role, &ctx.whom_to_ask()),
    };
    decided(note(ctx, ("operation", operation.id, operation.summary), missing.as_str()), Failure::new(Code::Forbidden, text))
}

/// Refuses an address of the program that Doorward is a part of, for lack of a permission in an
/// environment.
pub(crate) fn refuse_route(ctx: &Ctx, path: &str, missing: Permission, scope: &Scope) -> Failure {
    let (whose, path) = (standing(ctx).0, super::clip(path));
    let ask = ask(&ctx.whom_to_ask());
    let text = format!("This needs the permission “{missing}” in {scope}, which {whose} role does not have there. Ask {ask} for it.");
    decided(note(ctx, ("route", &path, &path), missing.as_str()), Failure::new(Code::Forbidden, text))
}

/// Writes down that a page did not open for lack of a permission.
pub(crate) fn refuse_page(ctx: &Ctx, page: &PageRow, missing: Permission) -> Option<EventId> {
    note(ctx, ("page", page.path, page.path), missing.as_str())
}

/// Refuses an operation to an API key, or to the token of an issuer, that needs a session.
pub(crate) fn refuse_without_session(ctx: &Ctx, operation: &Operation) -> Failure {
    let what = if ctx.key().is_some() { "An API key" } else { "A token of an issuer" };
    let failure = Failure::new(Code::SessionRequired, format!("{what} can't do this. Sign in and do it yourself."));
    decided(note(ctx, ("operation", operation.id, operation.summary), "a person"), failure)
}

/// Refuses to give out, or to reach for, what can do more than the caller: names what is missing, and
/// who can help. `what` is the sentence that begins it.
pub(crate) fn refuse_more(ctx: &Ctx, wanted: Permissions, what: &str) -> Failure {
    let missing: Vec<_> = wanted.without(ctx.permissions()).iter().map(Permission::as_str).collect();
    let text = words_of_more(what, &missing, &ctx.whom_to_ask());
    decided(note(ctx, asked(ctx), &missing.join(", ")), Failure::new(Code::RoleExceedsOwn, text))
}

/// Refuses what no role makes up for; `why` says it, and what to do instead.
pub(crate) fn refuse_anyhow(ctx: &Ctx, code: Code, why: &str, needs: &str) -> Failure {
    decided(note(ctx, asked(ctx), needs), Failure::new(code, why))
}

/// The operation that is being decided about, as the kind, the id and the name of what was asked for.
fn asked(ctx: &Ctx) -> (&'static str, &'static str, &'static str) {
    ctx.asked().map_or(("operation", "", ""), |operation| ("operation", operation.id, operation.summary))
}

/// Whose role counts, and the role.
fn standing(ctx: &Ctx) -> (&'static str, Option<&RoleName>) {
    match ctx.principal() {
        Principal::Person(person) => ("your", Some(&person.user.role)),
        Principal::Token(token) => ("your", Some(&token.user.role)),
        Principal::Key(key) => ("this API key’s", Some(&key.role)),
        Principal::Nobody | Principal::Open | Principal::System(_) => ("your", None),
    }
}

/// Writes down what was looked at; `what` is the kind, the id and the name of what was asked for,
/// `needs` what is missing.
fn note(ctx: &Ctx, what: (&str, &str, &str), needs: &str) -> Option<EventId> {
    let actor = ctx.actor();
    let place = ctx.scope().map(ToString::to_string);
    let (kind, id, name) = what;
    // In the order in which it was looked at.
    let steps = json!({ "decision": [
        { "looked": "principal", "found": { "kind": actor.kind, "id": actor.id, "name": actor.name, "session": ctx.session() } },
        { "looked": "role", "found": standing(ctx).1 },
        { "looked": "scope", "found": { "request": place, "key": ctx.key().map(|key| &key.scope) } },
        { "looked": "permissions", "found": ctx.permissions() },
        { "looked": kind, "found": { "id": id, "needs": needs } },
        { "looked": "result", "found": "denied" },
    ]});
    ctx.note(NewEvent::denied(Action::AccessDenied).on(kind, id, name).with(steps))
}

/// Refuses an operation in a private workspace to somebody who has no grant there.
pub(crate) fn keep_out(ctx: &Ctx, operation: &Operation, scope: &Scope) -> Failure {
    let actor = ctx.actor();
    let steps = json!({ "decision": [
        { "looked": "principal", "found": { "kind": actor.kind, "id": actor.id, "name": actor.name, "session": ctx.session() } },
        { "looked": "scope", "found": { "request": scope.to_string(), "key": ctx.key().map(|key| &key.scope) } },
        { "looked": "workspace", "found": { "isPrivate": true } },
        { "looked": "grant", "found": null },
        { "looked": "result", "found": "denied" },
    ]});
    let event = NewEvent::denied(Action::AccessDenied)
        .on("operation", operation.id, operation.summary)
        .within(&scope.workspace, Some(&scope.environment))
        .with(steps);
    let ask = ask(&ctx.whom_to_ask());
    let text = format!("The workspace “{}” is for its members, and you have no grant for {scope}. Ask {ask} for one.", scope.workspace);
    decided(ctx.note(event), Failure::new(Code::NotAMember, text))
}

/// The failure with the event that explains it, where that is written.
pub(crate) fn decided(event: Option<EventId>, failure: Failure) -> Failure {
    match event {
        Some(id) => failure.decided(id),
        None => failure,
    }
}

fn words_of_scope(missing: Permission, scope: &KeyScope) -> String {
    if let Some(apps) = &scope.apps {
        let apps = apps.join(", ");
        return format!(
            "This needs the permission “{missing}”. This API key is good for some apps alone ({apps}): use another key for Doorward itself."
        );
    }
    let place = [scope.workspace.as_deref(), scope.environment.as_deref()].into_iter().flatten().collect::<Vec<_>>().join("/");
    format!(
        "This needs the permission “{missing}”. This API key is good in {place} alone: name it in the request’s header, or use another \
         key for what belongs to no workspace."
    )
}

/// Who can help, to be read after “ask”.
pub(crate) fn ask(admins: &[String]) -> String {
    match admins {
        [] => "an admin".to_owned(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

fn words(missing: Permission, whose: &str, role: &str, admins: &[String]) -> String {
    let ask = ask(admins);
    // Doorward's own operations belong to no workspace: a grant for one does not help.
    format!("This needs the permission “{missing}” in all workspaces, which {whose} role “{role}” does not have. Ask {ask} for it.")
}

fn words_of_more(what: &str, missing: &[&str], admins: &[String]) -> String {
    let ask = ask(admins);
    let named = missing.iter().take(3).map(|name| format!("“{name}”")).collect::<Vec<_>>().join(", ");
    match missing.len() {
        0 => format!("{what} Ask {ask}."),
        1..=3 => format!("{what} In all workspaces you lack {named}. Ask {ask}."),
        all => format!("{what} In all workspaces you lack {named} and {} more. Ask {ask}.", all - 3),
    }
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
                text.starts_with("This needs the permission “users” in all workspaces, which your role “viewer” does not have.")
                    && text.ends_with(end),
                "{text}"
            );
        }
    }

    #[test]
    fn what_can_do_more_is_refused_with_what_is_missing() {
        let admins = ["Ada".to_owned()];
        let words = |missing: &[&str]| words_of_more("This role can do more than yours.", missing, &admins);
        assert_eq!(words(&["users"]), "This role can do more than yours. In all workspaces you lack “users”. Ask Ada.");
        assert!(words(&["a", "b", "c", "d", "e"]).ends_with("you lack “a”, “b”, “c” and 2 more. Ask Ada."));
    }
}
