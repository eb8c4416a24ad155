//! The environments of a workspace.

use super::{clear, default_stays, store, target, visible};
use crate::{Result, audit::NewEvent, bus::Signal, change::Turn, ctx::Ctx, version::Expect};
use serde_json::json;
use wire::{
    Check, Code, Failure, Page,
    audit::Action,
    policy,
    workspaces::{Environment, MOST_ENVIRONMENTS, NewEnvironment, Slug, Workspace},
};

/// Lists the environments of a workspace, all at once: they are few.
///
/// # Errors
/// 401 when nobody is known; 404 where there is no such workspace, or the caller is not to know of it.
pub async fn list_environments(ctx: &Ctx, workspace: &Slug) -> Result<Page<Environment>> {
    ctx.may(&policy::LIST_ENVIRONMENTS)?;
    let workspace = visible(ctx, workspace).await?;
    let items = store::environments(ctx.gate().db().pool(), &workspace.slug).await?;
    let total = u64::try_from(items.len()).ok();
    Ok(Page { items, next_cursor: None, total })
}

/// Adds an environment to a workspace.
///
/// # Errors
/// 403 without `settings`; 404; 409 `environment_taken`; 422, also when there are as many as there
/// can be.
pub async fn create_environment(ctx: &Ctx, workspace: &Slug, new: NewEnvironment) -> Result<Environment> {
    ctx.may(&policy::CREATE_ENVIRONMENT)?;
    new.check()?;
    let environment = Environment {
        name: new.name.map_or_else(|| new.slug.0.clone(), |name| name.trim().to_owned()),
        slug: new.slug,
        created_at: ctx.now(),
    };
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    let workspace = target(&mut change, workspace, &Expect::anything()).await?;
    if workspace.environments.len() >= MOST_ENVIRONMENTS {
        let text = format!("A workspace has at most {MOST_ENVIRONMENTS} environments. Delete one first, or make another workspace.");
        return Err(Failure::field("slug", text).into());
    }
    store::insert_environment(change.db(), &workspace.slug, &environment).await?;
    change.signal(Signal::Workspace(workspace.slug.clone()));
    let detail = json!({ "after": { "name": environment.name } });
    change.commit(about(Action::EnvironmentCreate, &workspace, &environment.slug).with(detail)).await?;
    Ok(environment)
}

/// Deletes an environment, with the grants for it and the API keys that are good there alone.
///
/// # Errors
/// 403 without `settings`, or where a grant or a key for it can do more than the caller; 404; 409
/// `default_stays`.
pub async fn delete_environment(ctx: &Ctx, workspace: &Slug, environment: &Slug) -> Result<()> {
    ctx.may(&policy::DELETE_ENVIRONMENT)?;
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    let workspace = target(&mut change, workspace, &Expect::anything()).await?;
    if !workspace.environments.contains(environment) {
        return Err(Failure::new(Code::NotFound, "This workspace has no such environment.").into());
    }
    if workspace.slug.is_default() && environment.is_default() {
        return Err(default_stays("The environment default/default stays: requests act there that name no other."));
    }
    let grants = clear(ctx, &mut change, &workspace.slug, Some(environment)).await?;
    store::remove_environment(change.db(), &workspace.slug, environment).await?;
    change.signal(Signal::Workspace(workspace.slug.clone()));
    change.commit(about(Action::EnvironmentDelete, &workspace, environment).with(json!({ "grants": grants }))).await
}

fn about(action: Action, workspace: &Workspace, environment: &Slug) -> NewEvent {
    let name = format!("{}/{environment}", workspace.slug);
    NewEvent::new(action).on("environment", &name, &name).within(&workspace.slug, Some(environment))
}
