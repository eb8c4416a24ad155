//! Workspaces: what belongs together, who may see it, and whose role is another one there.

mod environments;
mod grants;
pub(crate) mod http;
mod list;
pub(crate) mod live;
mod members;
pub(crate) mod store;

pub use environments::{create_environment, delete_environment, list_environments};
pub use grants::{delete_grants, get_grants, put_grants};
pub use list::list;
pub use members::list_members;

use crate::{
    Result, apps,
    audit::{NewEvent, decision},
    bus::Signal,
    change::{Change, Turn},
    ctx::Ctx,
    gate::Gate,
    keys,
    place::{Part, Place},
    version::Expect,
};
use serde_json::{Value, json};
use wire::{
    Check, Code, Failure, RoleName,
    audit::Action,
    policy,
    users::User,
    workspaces::{Environment, Grant, NewWorkspace, Scope, Slug, Workspace, WorkspacePatch},
};

/// The role that somebody has in a workspace of their own.
const PERSONAL_ROLE: &str = "developer";

/// Makes a workspace with the environment `default`.
///
/// # Errors
/// 403 without `settings`, 409 `workspace_taken`, 422.
pub async fn create(ctx: &Ctx, new: NewWorkspace) -> Result<Workspace> {
    ctx.may(&policy::CREATE_WORKSPACE)?;
    new.check()?;
    let environment = Environment { slug: Slug::default(), name: "Default".into(), created_at: ctx.now() };
    let workspace = Workspace {
        name: new.name.map_or_else(|| new.slug.0.clone(), |name| name.trim().to_owned()),
        slug: new.slug,
        is_private: new.is_private,
        environments: vec![environment.slug.clone()],
        members: None,
        created_at: ctx.now(),
        updated_at: ctx.now(),
    };
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    store::insert(change.db(), &workspace).await?;
    store::insert_environment(change.db(), &workspace.slug, &environment).await?;
    change.signal(Signal::Workspace(workspace.slug.clone()));
    change.commit(about(Action::WorkspaceCreate, &workspace).with(json!({ "after": seen(&workspace) }))).await?;
    Ok(workspace)
}

/// Makes a private workspace for a user who is new, with a slug like the one wanted.
///
/// Open: whoever makes the account makes this of it.
pub(crate) async fn create_personal(ctx: &Ctx, change: &mut Change, user: &User, wanted: &str) -> Result<()> {
    let mut slug = Slug(wanted.to_owned());
    let mut turn = 2;
    while store::by_slug(change.db(), &slug).await?.is_some() {
        slug = Slug(format!("{wanted}-{turn}"));
        turn += 1;
    }
    let environment = Environment { slug: Slug::default(), name: "Default".into(), created_at: ctx.now() };
    let workspace = Workspace {
        name: user.name().to_owned(),
        slug,
        is_private: true,
        environments: vec![environment.slug.clone()],
        members: None,
        created_at: ctx.now(),
        updated_at: ctx.now(),
    };
    store::insert(change.db(), &workspace).await?;
    store::insert_environment(change.db(), &workspace.slug, &environment).await?;
    let grant = Grant { workspace: workspace.slug.clone(), environment: None, role: RoleName(PERSONAL_ROLE.into()) };
    store::grants::replace(change.db(), user.id, &[grant], ctx.now()).await?;
    change.signal(Signal::Workspace(workspace.slug.clone()));
    change.signal(Signal::User(user.id));
    change.also(about(Action::WorkspaceCreate, &workspace).with(json!({ "after": seen(&workspace), "personal": user.id }))).await
}

/// Shows a workspace.
///
/// # Errors
/// 401 when nobody is known; 404 where there is none, or it is private and the caller no member.
pub async fn get(ctx: &Ctx, slug: &Slug) -> Result<Workspace> {
    ctx.may(&policy::GET_WORKSPACE)?;
    visible(ctx, slug).await
}

/// Changes a workspace. Whom it shuts out is out from the next request on.
///
/// # Errors
/// 403 without `settings`; 404; 409 `default_stays` for making the default one private; 422.
pub async fn update(ctx: &Ctx, slug: &Slug, patch: WorkspacePatch) -> Result<Workspace> {
    ctx.may(&policy::UPDATE_WORKSPACE)?;
    update_version(ctx, slug, patch, &Expect::anything()).await
}

/// The same, for a version of the workspace that the caller has seen.
async fn update_version(ctx: &Ctx, slug: &Slug, patch: WorkspacePatch, expect: &Expect) -> Result<Workspace> {
    ctx.may(&policy::UPDATE_WORKSPACE)?;
    patch.check()?;
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    let before = target(&mut change, slug, expect).await?;
    let mut after = before.clone();
    after.name = patch.name.map_or(after.name, |name| name.trim().to_owned());
    after.is_private = patch.is_private.unwrap_or(after.is_private);
    if after == before {
        return Ok(before);
    }
    if after.is_private && slug.is_default() {
        return Err(default_stays("The default workspace is everybody’s. Make another one for what is private."));
    }
    // The time is the version too, so it rises even within one millisecond.
    after.updated_at = ctx.now().max(before.updated_at.plus(1));
    store::save(change.db(), &after).await?;
    change.signal(Signal::Workspace(slug.clone()));
    let detail = json!({ "before": seen(&before), "after": seen(&after) });
    change.commit(about(Action::WorkspaceUpdate, &after).with(detail)).await?;
    Ok(after)
}

/// Deletes a workspace, with its environments, the grants in it and the API keys that are good there
/// alone. Whoever had a grant in it has to get another token.
///
/// # Errors
/// 403 without `settings`, or where a grant or a key in it can do more than the caller; 404; 409
/// `default_stays`, `workspace_in_use` while there are apps in it.
pub async fn delete(ctx: &Ctx, slug: &Slug) -> Result<()> {
    ctx.may(&policy::DELETE_WORKSPACE)?;
    delete_version(ctx, slug, &Expect::anything()).await
}

/// The same, for a version of the workspace that the caller has seen.
async fn delete_version(ctx: &Ctx, slug: &Slug, expect: &Expect) -> Result<()> {
    ctx.may(&policy::DELETE_WORKSPACE)?;
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    let workspace = target(&mut change, slug, expect).await?;
    if slug.is_default() {
        return Err(default_stays("The default workspace stays: requests act there that name no other."));
    }
    apps::none_in(ctx, &mut change, slug).await?;
    let grants = clear(ctx, &mut change, slug, None).await?;
    store::remove(change.db(), slug).await?;
    change.signal(Signal::Workspace(slug.clone()));
    let detail = json!({ "before": seen(&workspace), "grants": grants });
    change.commit(about(Action::WorkspaceDelete, &workspace).with(detail)).await
}

/// Where a request acts that names this scope.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn place(gate: &Gate, scope: Scope) -> Result<Place> {
    let found = live::find(gate, &scope.workspace).await?;
    Ok(match found.filter(|workspace| workspace.environments.contains(&scope.environment)) {
        Some(workspace) => Place::In { scope, is_private: workspace.is_private },
        None => Place::Nowhere,
    })
}

/// Makes sure that there is such a place until this change is made, and that it is the caller's to
/// let others in.
///
/// # Errors
/// 422 with `workspace` or `environment` (of the field, where one is given); 403 `not_a_member` for more of a private
/// workspace than the caller has a grant for.
pub(crate) async fn exists(ctx: &Ctx, change: &mut Change, slug: &Slug, environment: Option<&Slug>, field: &str) -> Result<()> {
    change.turn(Turn::People).await?;
    let below = |name: &str| if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") };
    let found = store::by_slug(change.db(), slug).await?.filter(|workspace| sees(ctx, workspace));
    let Some(workspace) = found else {
        return Err(Failure::field(&below("workspace"), "There is no such workspace.").into());
    };
    if environment.is_some_and(|slug| !workspace.environments.contains(slug)) {
        let known: Vec<_> = workspace.environments.iter().map(|slug| slug.0.as_str()).collect();
        let text = format!("There is no such environment in {slug}. Choose one of: {}.", known.join(", "));
        return Err(Failure::field(&below("environment"), text).into());
    }
    if workspace.is_private && !ctx.is_member(slug, environment.map_or(Part::Whole, Part::One)) {
        let text = format!("You have a grant for a part of {slug} alone, and can’t let others into more of it.");
        let needs = format!("a grant for {slug}");
        return Err(decision::refuse_anyhow(ctx, Code::NotAMember, &text, &needs).at(&below("environment")).into());
    }
    Ok(())
}

/// Whether the caller is to know that there is such a workspace.
fn sees(ctx: &Ctx, workspace: &Workspace) -> bool {
    let is_elsewhere = |key: &crate::KeyCaller| key.scope.workspace.as_ref().is_some_and(|own| *own != workspace.slug.0);
    if ctx.key().is_some_and(is_elsewhere) {
        return false;
    }
    !workspace.is_private || ctx.is_member(&workspace.slug, Part::Any)
}

/// The workspace of this slug, if the caller is to know of it.
async fn visible(ctx: &Ctx, slug: &Slug) -> Result<Workspace> {
    let found = live::find(ctx.gate(), slug).await?;
    found.filter(|workspace| sees(ctx, workspace)).map(|workspace| (*workspace).clone()).ok_or_else(unknown)
}

/// The workspace that a change is about. Whoever changes one waits for those who give out grants.
async fn target(change: &mut Change, slug: &Slug, expect: &Expect) -> Result<Workspace> {
    change.turn(Turn::People).await?;
    let workspace = store::by_slug(change.db(), slug).await?.ok_or_else(unknown)?;
    expect.check(&workspace)?;
    Ok(workspace)
}

/// Takes away the grants in a workspace, or in an environment of it, and the keys that are good there
/// alone; tells how many grants there were.
async fn clear(ctx: &Ctx, change: &mut Change, slug: &Slug, environment: Option<&Slug>) -> Result<u64> {
    for role in store::grants::roles_in(change.db(), slug, environment).await? {
        ctx.holds(ctx.gate().roles().permissions(&role), "Somebody has a role there that can do more than yours.")?;
    }
    keys::revoke_all_in(ctx, change, slug, environment).await?;
    let gone = store::grants::remove_in(change.db(), slug, environment, ctx.now()).await?;
    if gone > 0 {
        // Who had them is not named one by one: all that is kept of users is read again.
        change.signal(Signal::Everything);
    }
    Ok(gone)
}

fn unknown() -> crate::Error {
    Failure::new(Code::NotFound, "There is no such workspace.").into()
}

fn default_stays(text: &str) -> crate::Error {
    Failure::new(Code::DefaultStays, text).into()
}

fn about(action: Action, workspace: &Workspace) -> NewEvent {
    NewEvent::new(action).on("workspace", &workspace.slug.0, &workspace.name).within(&workspace.slug, None)
}

/// What an event keeps of a workspace.
fn seen(workspace: &Workspace) -> Value {
    json!({ "name": workspace.name, "isPrivate": workspace.is_private, "environments": workspace.environments })
}
