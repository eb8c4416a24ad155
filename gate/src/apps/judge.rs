//! Whether a request to an app is let through: one function for the proxy, for forward-auth, for the
//! tester and for the command line. What was looked at can be told afterwards, in its order.

use super::live::LiveApp;
use crate::{
    Result,
    audit::{NewEvent, decision},
    ctx::Ctx,
    gate::Gate,
    place::{Actor, Part, Place},
};
use serde_json::{Value, json};
use wire::{
    Code, Failure, Permissions, RoleName,
    apps::{App, Step},
    audit::Action,
    path::CanonicalPath,
    rules::{self, Allow, Answer, Caller},
    workspaces::Scope,
};

/// Why somebody who is known has nothing in an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// The password has to be changed first.
    PasswordPending,
    /// The request names an environment that there is not.
    Nowhere,
    /// The request names an environment of another workspace than the app's.
    Elsewhere,
    /// The app's workspace is gone.
    NoWorkspace,
    /// The workspace is private, and there is no grant.
    NotAMember,
    /// The key is good for other apps, or elsewhere.
    KeyScope,
}

/// What somebody has in an app, whatever the request is.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// As rules look at it.
    pub(crate) caller: Caller,
    /// Where the role counts: the environment that the request names, else the workspace's `default`.
    pub(crate) scope: Scope,
    /// The role that counts there.
    pub(crate) role: Option<RoleName>,
    /// Why there is nothing.
    pub(crate) obstacle: Option<Obstacle>,
}

impl Entry {
    /// What may be done there.
    pub(crate) fn permissions(&self) -> Permissions {
        match self.caller {
            Caller::Known(permissions) => permissions,
            Caller::Nobody | Caller::Outsider => Permissions::NONE,
        }
    }

    /// Whether some request to the app would be let through.
    pub(crate) fn may_open(&self, app: &App) -> bool {
        rules::may_open(&app.rules, self.caller)
    }
}

/// What was decided about a request, and why.
#[derive(Debug, Clone)]
pub(crate) struct Verdict {
    /// What becomes of the request.
    pub(crate) answer: Answer,
    /// The rule's place in the list, from 0; absent where the default counts.
    pub(crate) rule: Option<usize>,
    /// What the request needs.
    pub(crate) allow: Allow,
    /// What the caller has in the app; its role and scope are what the upstream is told.
    pub(crate) entry: Entry,
}

/// Judges a request to an app.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn judge(ctx: &Ctx, app: &LiveApp, method: &str, path: &CanonicalPath) -> Result<Verdict> {
    let entry = enter(ctx.gate(), Actor::from(ctx.principal()), ctx.place(), &app.app).await?;
    Ok(by_rules(entry, &app.app, method, path))
}

/// Judges a request by the rules, once it is known what the caller has.
pub(crate) fn by_rules(entry: Entry, app: &App, method: &str, path: &CanonicalPath) -> Verdict {
    let rules::Verdict { rule, allow, answer } = rules::judge(&app.rules, method, path, entry.caller);
    Verdict { answer, rule, allow, entry }
}

/// What this one has in an app, with a request that acts at this place.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn enter(gate: &Gate, actor: Actor<'_>, place: &Place, app: &App) -> Result<Entry> {
    let own = Scope { workspace: app.workspace.clone(), ..Scope::default() };
    let nothing = |caller, scope: &Scope, obstacle| Entry { caller, scope: scope.clone(), role: None, obstacle };
    if matches!(actor, Actor::Nobody) {
        return Ok(nothing(Caller::Nobody, &own, None));
    }
    let outside = |scope: &Scope, obstacle| Ok(nothing(Caller::Outsider, scope, Some(obstacle)));
    if actor.user().is_some_and(|user| user.must_change_password) {
        return outside(&own, Obstacle::PasswordPending);
    }
    let scope = match place {
        Place::In { scope, .. } if scope.workspace == app.workspace => scope.clone(),
        // Nothing was named, so it is about where the app is.
        Place::In { scope, .. } if *scope == Scope::default() => own,
        Place::In { .. } => return outside(&own, Obstacle::Elsewhere),
        Place::Nowhere => return outside(&own, Obstacle::Nowhere),
    };
    let Some(workspace) = gate.live_workspaces().find(gate.db(), &app.workspace).await? else {
        return outside(&scope, Obstacle::NoWorkspace);
    };
    let roles = gate.roles();
    if workspace.is_private && !actor.is_member(&roles, &app.workspace, Part::One(&scope.environment)) {
        return outside(&scope, Obstacle::NotAMember);
    }
    if let Actor::Key(key) = actor
        && !key.scope.covers_app(&scope, &app.slug)
    {
        return outside(&scope, Obstacle::KeyScope);
    }
    let standing = actor.rights(&roles, &scope);
    Ok(Entry { caller: Caller::Known(standing.permissions), scope, role: standing.role, obstacle: None })
}

/// What was looked at, in its order.
pub(crate) fn trail(who: Value, request: Option<&Scope>, app: &App, path: &CanonicalPath, verdict: &Verdict) -> Vec<Step> {
    let entry = &verdict.entry;
    let step = |looked: &str, found: Value| Step { looked: looked.into(), found };
    let mut steps = vec![
        step("principal", who),
        step("app", json!({ "slug": app.slug, "workspace": app.workspace })),
        step("scope", json!({ "request": request.map(ToString::to_string), "judged": entry.scope.to_string() })),
    ];
    steps.extend(entry.obstacle.map(|obstacle| step("obstacle", json!(words(obstacle, app)))));
    steps.push(step("role", json!(entry.role)));
    steps.push(step("permissions", json!(entry.permissions())));
    steps.push(step("path", json!(path.as_str())));
    steps.push(match verdict.rule.and_then(|at| Some((at, app.rules.get(at)?))) {
        Some((at, rule)) => step("rule", json!({ "number": at + 1, "rule": rule })),
        None => step("rule", json!({ "number": null, "default": true, "of": app.rules.len() })),
    });
    steps.push(step("needs", json!(verdict.allow)));
    steps.push(step("result", json!(verdict.answer)));
    steps
}

/// Who asks, as a trail and an event name it.
pub(crate) fn who(ctx: &Ctx) -> Value {
    let actor = ctx.actor();
    json!({ "kind": actor.kind, "id": actor.id, "name": actor.name, "session": ctx.session(), "keyScope": ctx.key().map(|key| &key.scope) })
}

/// What a caller is told who is not let through: that somebody has to sign in, or with an event that
/// explains it what is missing.
pub(crate) fn refuse(ctx: &Ctx, app: &App, path: &CanonicalPath, verdict: &Verdict) -> Failure {
    if verdict.answer == Answer::SignIn {
        return Failure::new(Code::Unauthenticated, format!("Sign in to open {}.", app.name));
    }
    let (code, text) = reason(ctx, app, verdict);
    let steps = trail(who(ctx), ctx.scope(), app, path, verdict);
    let event = NewEvent::denied(Action::AccessDenied)
        .on("app", &app.slug.0, &app.name)
        .within(&verdict.entry.scope.workspace, Some(&verdict.entry.scope.environment))
        .with(json!({ "decision": steps }));
    decision::decided(ctx.note(event), Failure::new(code, text))
}

/// Why a request is not let through.
fn reason(ctx: &Ctx, app: &App, verdict: &Verdict) -> (Code, String) {
    (code(verdict), explain(verdict, app, &decision::ask(&ctx.gate().admins().names())))
}

/// What a request is refused with.
const fn code(verdict: &Verdict) -> Code {
    match (verdict.allow, verdict.entry.obstacle) {
        (Allow::Deny, _) => Code::Forbidden,
        (_, Some(Obstacle::PasswordPending)) => Code::PasswordChangeRequired,
        (_, Some(Obstacle::Nowhere | Obstacle::Elsewhere)) => Code::EnvironmentNotFound,
        (_, Some(Obstacle::NotAMember)) => Code::NotAMember,
        (_, Some(Obstacle::NoWorkspace | Obstacle::KeyScope) | None) => Code::Forbidden,
    }
}

/// The status that a request is refused with.
pub(crate) const fn status(verdict: &Verdict) -> u16 {
    code(verdict).status()
}

/// Why a request is let through or not, in a sentence; `ask` is who can help.
pub(crate) fn explain(verdict: &Verdict, app: &App, ask: &str) -> String {
    let entry = &verdict.entry;
    let rule = verdict.rule.map_or_else(|| "no rule matches, and by default it".to_owned(), |at| format!("rule {}", at + 1));
    match (verdict.answer, verdict.allow, entry.obstacle) {
        (Answer::Allowed, Allow::Public, _) => format!("Let through: {rule} is open to everybody."),
        (Answer::Allowed, Allow::Authenticated, _) => format!("Let through: {rule} needs a sign-in, and there is one."),
        (Answer::Allowed, allow, _) => format!("Let through: {rule} needs “{allow}”, and that is there."),
        (Answer::SignIn, allow, _) => format!("One has to sign in: {rule} needs “{allow}”."),
        (Answer::Denied, Allow::Deny, _) => match verdict.rule {
            Some(at) => format!("Rule {} of {} lets nobody through here.", at + 1, app.name),
            None => format!("Nobody is let through here in {}.", app.name),
        },
        (Answer::Denied, _, Some(obstacle)) => words(obstacle, app),
        (Answer::Denied, allow, None) => {
            let role = entry.role.as_ref().map_or_else(|| "nobody's role".to_owned(), |role| format!("the role “{role}”"));
            format!("This needs the permission “{allow}” in {}, which {role} does not have. Ask {ask} for it.", entry.scope.workspace)
        }
    }
}

fn words(obstacle: Obstacle, app: &App) -> String {
    match obstacle {
        Obstacle::PasswordPending => "Change your password first; until then nothing else works.".into(),
        Obstacle::Nowhere => "The request names an environment that there is not. Choose another, or none.".into(),
        Obstacle::Elsewhere => {
            format!("{} is in the workspace “{}”, and the request names an environment of another.", app.name, app.workspace)
        }
        Obstacle::NoWorkspace => format!("The workspace “{}”, which {} is in, is gone.", app.workspace, app.name),
        Obstacle::NotAMember => format!("The workspace “{}” is for its members, and there is no grant for it.", app.workspace),
        Obstacle::KeyScope => format!("This API key is not good for {}.", app.name),
    }
}

#[cfg(test)]
mod tests;
