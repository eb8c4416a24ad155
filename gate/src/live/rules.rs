//! Who may watch a channel, and who may publish on it. Doorward's own namespaces have rules of their
//! own, others those of the configuration; what no rule opens is closed.

use crate::{
    Result, apps,
    audit::decision,
    ctx::{Ctx, Principal},
    place::{Part, Place},
    workspaces,
};
use wire::{
    Code, Failure, Permission, Permissions,
    live::{ChannelRule, Topic},
    workspaces::{Scope, Slug},
};

/// What somebody wants with a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    Watch,
    Publish,
}

/// Why it is not allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lack {
    /// No rule opens it; or there is one, and the caller is not to know.
    NoRule,
    /// Only Doorward publishes there.
    Doorwards,
    /// It is somebody else's.
    NotYours,
    /// A permission, in a workspace or in all.
    Permission(Permission, Option<Slug>),
}

/// Whether the caller may do this with a channel, or with all of a namespace; nothing is written down.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn judge(ctx: &Ctx, topic: &Topic, deed: Deed) -> Result<std::result::Result<(), Lack>> {
    let is_own = matches!(topic.namespace(), "user" | "audit" | "door");
    if is_own && deed == Deed::Publish {
        return Ok(Err(Lack::Doorwards));
    }
    Ok(match topic.namespace() {
        "user" => own_channel(ctx, topic),
        "audit" => needs(ctx.has(Permission::Audit), Permission::Audit, None),
        "door" => door_channel(ctx, topic),
        "app" => return app_channel(ctx, topic, deed).await,
        _ => return configured(ctx, topic, deed).await,
    })
}

/// Makes sure that the caller may do this with a channel.
///
/// # Errors
/// 403 with the channel and what is missing (and an event); when the database does not answer.
pub(super) async fn allow(ctx: &Ctx, topic: &Topic, deed: Deed) -> Result<()> {
    let Err(lack) = judge(ctx, topic, deed).await? else { return Ok(()) };
    let verb = if deed == Deed::Watch { "watch" } else { "publish on" };
    let text = match &lack {
        Lack::NoRule => format!("No rule lets you {verb} {topic}. An admin opens channels in the configuration, below live.channels."),
        Lack::Doorwards => format!("Only Doorward itself publishes on {topic}."),
        Lack::NotYours => format!("{topic} is another person’s own channel."),
        Lack::Permission(missing, place) => {
            let place = place.as_ref().map_or_else(|| "all workspaces".to_owned(), |slug| format!("the workspace “{slug}”"));
            let ask = decision::ask(&ctx.whom_to_ask());
            format!("To {verb} {topic} needs the permission “{missing}” in {place}. Ask {ask} for it.")
        }
    };
    let needs = match &lack {
        Lack::Permission(missing, _) => format!("{missing} to {verb} {topic}"),
        _ => format!("a rule to {verb} {topic}"),
    };
    Err(decision::refuse_anyhow(ctx, Code::Forbidden, &text, &needs).at("channel").into())
}

fn needs(has: bool, permission: Permission, place: Option<Slug>) -> std::result::Result<(), Lack> {
    if has { Ok(()) } else { Err(Lack::Permission(permission, place)) }
}

/// A person's own channel; keys of theirs need the permission besides.
fn own_channel(ctx: &Ctx, topic: &Topic) -> std::result::Result<(), Lack> {
    let is_own = ctx.user_id().is_some_and(|id| id.to_string() == topic.id());
    match ctx.principal() {
        Principal::Open | Principal::System(_) => Ok(()),
        Principal::Person(_) | Principal::Token(_) if is_own => Ok(()),
        Principal::Key(_) if is_own => needs(ctx.has(Permission::Subscribe), Permission::Subscribe, None),
        _ => Err(Lack::NotYours),
    }
}

/// What changed, by its name alone, is for everybody who signs in; what keys are used is for those who
/// manage them.
fn door_channel(ctx: &Ctx, topic: &Topic) -> std::result::Result<(), Lack> {
    match (topic.id(), ctx.principal()) {
        (_, Principal::Nobody) => Err(Lack::NoRule),
        ("changes", Principal::Key(_)) => needs(ctx.has(Permission::Subscribe), Permission::Subscribe, None),
        ("changes", _) => Ok(()),
        ("keys", _) => needs(ctx.has(Permission::Keys), Permission::Keys, None),
        _ => Err(Lack::NoRule),
    }
}

/// An app's channel is for those who may know of the app.
async fn app_channel(ctx: &Ctx, topic: &Topic, deed: Deed) -> Result<std::result::Result<(), Lack>> {
    let slug = Slug(topic.id().to_owned());
    let Some((workspace, own)) = apps::standing(ctx, &slug).await? else { return Ok(Err(Lack::NoRule)) };
    Ok(match deed {
        Deed::Watch => needs(own.has(Permission::Subscribe) || ctx.has(Permission::Apps), Permission::Subscribe, Some(workspace)),
        Deed::Publish => needs(own.has(Permission::Publish), Permission::Publish, Some(workspace)),
    })
}

/// The rule that decides about a channel: the first that is about it. All of a namespace is open by a
/// rule that is about all of it, unless an earlier one is about some of it.
fn rule_of(rules: &[ChannelRule], topic: &Topic) -> Option<ChannelRule> {
    match rules.iter().find(|rule| rule.channel.touches(topic)) {
        Some(rule) => rule.channel.covers(topic).then(|| rule.clone()),
        None if topic.namespace() == "status" => "status:*".parse().ok().map(ChannelRule::new),
        None => None,
    }
}

async fn configured(ctx: &Ctx, topic: &Topic, deed: Deed) -> Result<std::result::Result<(), Lack>> {
    let Some(rule) = rule_of(&ctx.gate().channel_rules(), topic) else { return Ok(Err(Lack::NoRule)) };
    let Some(own) = standing(ctx, &rule.workspace).await? else { return Ok(Err(Lack::NoRule)) };
    let needed = if deed == Deed::Watch { rule.subscribe } else { rule.publish };
    Ok(needs(own.has(needed), needed, Some(rule.workspace)))
}

/// What the caller may do in a workspace, where the request acts in it, else in its `default`; nothing
/// when the workspace is not the caller's to know of.
async fn standing(ctx: &Ctx, workspace: &Slug) -> Result<Option<Permissions>> {
    let actor = ctx.rights_of();
    if actor.user().is_some_and(|user| user.must_change_password) {
        return Ok(None);
    }
    let scope = match ctx.place() {
        Place::In { scope, .. } if scope.workspace == *workspace => scope.clone(),
        // Nothing was named, so it is about where the channel is.
        Place::In { scope, .. } if *scope == Scope::default() => Scope { workspace: workspace.clone(), ..Scope::default() },
        Place::In { .. } | Place::Nowhere => return Ok(None),
    };
    let Some(found) = workspaces::live::find(ctx.gate(), workspace).await? else { return Ok(None) };
    let roles = ctx.gate().roles();
    if found.is_private && !actor.is_member(&roles, workspace, Part::One(&scope.environment)) {
        return Ok(None);
    }
    Ok(Some(actor.standing(&roles, &scope).permissions))
}

/// The failure of a stream that watches nothing, or too much.
pub(super) fn count(topics: &[Topic]) -> std::result::Result<(), Failure> {
    match topics.len() {
        0 => Err(Failure::field("channel", "Name a channel, like ?channel=workflow:42.")),
        1..=wire::live::MOST_CHANNELS => Ok(()),
        many => {
            Err(Failure::field("channel", format!("A stream is about {} channels at most; this names {many}.", wire::live::MOST_CHANNELS)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_is_about_a_channel_decides() {
        let rule = |pattern: &str, subscribe| ChannelRule { subscribe, ..ChannelRule::new(pattern.parse().unwrap()) };
        let rules = [
            rule("a:secret", Permission::Settings),
            rule("a:*", Permission::Read),
            rule("b:*", Permission::Read),
            rule("b:x", Permission::Run),
        ];
        for (topic, wanted) in [
            ("a:secret", Some(Permission::Settings)),
            ("a:other", Some(Permission::Read)),
            ("a:*", None),
            ("b:*", Some(Permission::Read)),
            ("b:x", Some(Permission::Read)),
            ("c:1", None),
            ("status:db", Some(Permission::Subscribe)),
            ("status:*", Some(Permission::Subscribe)),
        ] {
            assert_eq!(rule_of(&rules, &topic.parse().unwrap()).map(|rule| rule.subscribe), wanted, "{topic}");
        }
        let stricter = [rule("status:*", Permission::Audit)];
        assert_eq!(rule_of(&stricter, &"status:*".parse().unwrap()).map(|rule| rule.subscribe), Some(Permission::Audit));
    }
}
