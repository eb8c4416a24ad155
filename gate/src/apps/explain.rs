//! Trying the rules of an app out: which rule a request meets, what becomes of it, and why. Nothing is
//! sent to the app.

use super::{judge, live::LiveApp, visible};
use crate::{
    Result,
    audit::decision,
    ctx::{Ctx, KeyCaller},
    keys,
    place::Actor,
    roles, users,
};
use serde_json::{Value, json};
use wire::{
    Check, Code, Failure, Permission,
    apps::{AppCheck, AppDecision, Step},
    path::CanonicalPath,
    policy,
    rules::Answer,
    users::User,
    workspaces::Slug,
};

/// As whom a request is tried.
enum Subject {
    Nobody(Value),
    Role(wire::RoleName),
    Person(Box<User>),
    Key(Box<KeyCaller>),
}

/// Tells which rule of an app a request would meet, and what would become of it.
///
/// # Errors
/// 403 without `apps`, for a user without `users`, for a key without `keys`; 404; 422.
pub async fn check(ctx: &Ctx, slug: &Slug, asked: AppCheck) -> Result<AppDecision> {
    ctx.may(&policy::CHECK_APP)?;
    asked.check()?;
    let (live, _) = visible(ctx, slug).await?;
    let subject = subject(ctx, &asked).await?;
    let path = match CanonicalPath::parse(asked.path.split('?').next().unwrap_or_default()) {
        Ok(path) => path,
        Err(problem) => {
            return Ok(AppDecision {
                answer: Answer::Denied,
                status: 400,
                rule: None,
                needs: None,
                path: None,
                reason: format!("This path is refused before any rule is looked at: {problem}."),
                trail: vec![Step { looked: "path".into(), found: json!(asked.path) }],
            });
        }
    };
    decide(ctx, &live, &asked.method, &path, &subject).await
}

async fn decide(ctx: &Ctx, live: &LiveApp, method: &str, path: &CanonicalPath, subject: &Subject) -> Result<AppDecision> {
    let (actor, who) = match subject {
        Subject::Nobody(who) => (Actor::Nobody, who.clone()),
        Subject::Role(role) => (Actor::Role(role), json!({ "kind": "role", "name": role })),
        Subject::Person(user) => {
            (Actor::Person(user), json!({ "kind": "user", "id": user.id, "name": user.username, "grants": user.grants }))
        }
        Subject::Key(key) => (Actor::Key(key), json!({ "kind": "key", "id": key.id, "name": key.name, "keyScope": key.scope })),
    };
    let entry = judge::enter(ctx.gate(), actor, ctx.place(), &live.app).await?;
    let verdict = judge::by_rules(entry, &live.app, method, path);
    let trail = judge::trail(who, ctx.scope(), &live.app, path, &verdict);
    let off = (!live.app.enabled).then(|| format!("{} is disabled, so nothing is let through now. ", live.app.name));
    Ok(AppDecision {
        answer: verdict.answer,
        status: match verdict.answer {
            Answer::Allowed => 200,
            Answer::SignIn => 401,
            Answer::Denied => judge::status(&verdict),
        },
        rule: verdict.rule.map(|at| at + 1),
        needs: Some(verdict.allow),
        path: Some(path.as_str().to_owned()),
        reason: off.unwrap_or_default() + &judge::explain(&verdict, &live.app, &decision::ask(&ctx.gate().admins().names())),
        trail,
    })
}

/// As whom the request is to be tried.
async fn subject(ctx: &Ctx, asked: &AppCheck) -> Result<Subject> {
    if let Some(name) = &asked.user {
        ctx.must_have(Permission::Users, &policy::CHECK_APP)?;
        let user = users::by_name(ctx, name).await.map_err(|error| unknown_user(error, name))?;
        if user.is_disabled {
            return Ok(Subject::Nobody(json!({ "kind": "user", "id": user.id, "name": user.username, "isDisabled": true })));
        }
        return Ok(Subject::Person(Box::new(user)));
    }
    if let Some(prefix) = &asked.key {
        ctx.must_have(Permission::Keys, &policy::CHECK_APP)?;
        let prefix = prefix.strip_prefix(keys::START).unwrap_or(prefix).split('_').next().unwrap_or_default();
        return match keys::live::imagine(ctx.gate(), prefix, ctx.now()).await? {
            Some(Ok(key)) => Ok(Subject::Key(Box::new(key))),
            Some(Err(cause)) => Ok(Subject::Nobody(json!({ "kind": "key", "prefix": prefix, "refused": cause }))),
            None => Err(Failure::field("key", "There is no API key of this prefix.").into()),
        };
    }
    let Some(role) = &asked.role else { return Ok(Subject::Nobody(json!({ "kind": "nobody" }))) };
    if ctx.gate().roles().find(role).is_none() {
        return Err(roles::no_such(ctx, "role"));
    }
    Ok(Subject::Role(role.clone()))
}

/// A user that there is not is a wrong field, not a wrong address.
fn unknown_user(error: crate::Error, name: &str) -> crate::Error {
    match error.code() {
        Code::NotFound => Failure::field("user", format!("Nobody is called {name}.")).into(),
        _ => error,
    }
}
