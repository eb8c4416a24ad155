//! Live channels: messages that go to those who watch, as they come, on every node. They are written
//! down once, in one order, and read by every node from there; what was missed for a while is resumed.

mod centrifugo;
pub(crate) mod counts;
mod feed;
pub(crate) mod http;
pub(crate) mod hub;
pub(crate) mod own;
mod packet;
pub(crate) mod reader;
pub(crate) mod relay;
mod rules;
mod store;
pub(crate) mod writer;

pub use centrifugo::{state, token};

use crate::{Result, ctx::Ctx};
use rules::{Deed, allow, judge};
use wire::{
    Check, Code, Failure, Page,
    live::{Channel, ChannelInfo, LiveQuery, MOST_BYTES, NewMessage, Published, Topic},
    policy,
};

/// The most channels of a list.
const MOST_LISTED: i64 = 500;

/// The message up to which everything was given out: who watches from there on misses nothing of what
/// comes after this.
///
/// # Errors
/// 401 when nobody is known.
pub fn position(ctx: &Ctx) -> Result<i64> {
    ctx.may(&policy::WATCH_CHANNELS)?;
    Ok(ctx.gate().hub().cursor())
}

/// Publishes a message on a channel; it is on its way to everybody who watches, on all nodes, when this
/// returns.
///
/// # Errors
/// 403 where no rule lets the caller; 413 over 64 KiB; 422; 503 when too many messages wait.
pub async fn publish(ctx: &Ctx, channel: &Channel, new: NewMessage) -> Result<Published> {
    ctx.may(&policy::PUBLISH_MESSAGE)?;
    new.check()?;
    let data = serde_json::to_string(&new.data)?;
    if new.kind.len() + data.len() > MOST_BYTES {
        return Err(Failure::new(Code::TooLarge, "A message has at most 64 KiB. Send a part of it, or an address of the whole.").into());
    }
    allow(ctx, &Topic::from(channel.clone()), Deed::Publish).await?;
    let id = ctx.gate().publisher().publish(channel.clone(), new.kind, data, ctx.now()).await?;
    Ok(Published { channel: channel.clone(), id })
}

/// Lists the channels that the caller may watch: those that have messages which can be resumed, those
/// of the rules, and the caller's own.
///
/// # Errors
/// 401 when nobody is known.
pub async fn list_channels(ctx: &Ctx) -> Result<Page<ChannelInfo>> {
    ctx.may(&policy::LIST_CHANNELS)?;
    let busy = store::channels(ctx.gate().db().pool(), MOST_LISTED).await?;
    let mut items = Vec::new();
    for (name, messages) in busy {
        let Ok(topic) = name.parse::<Topic>() else { continue };
        items.extend(info(ctx, &topic, u64::try_from(messages).ok()).await?);
    }
    let own = ctx.user_id().map(|id| format!("user:{id}"));
    let known = ["audit:default", "door:changes", "door:keys", "status:*"].map(str::to_owned).into_iter().chain(own);
    let rules = ctx.gate().channel_rules();
    let ruled = rules.iter().map(|rule| rule.channel.to_string());
    for name in known.chain(ruled) {
        let Ok(topic) = name.parse::<Topic>() else { continue };
        if !items.iter().any(|item: &ChannelInfo| item.channel == name) {
            items.extend(info(ctx, &topic, None).await?);
        }
    }
    items.sort_by(|a, b| a.channel.cmp(&b.channel));
    let total = u64::try_from(items.len()).ok();
    Ok(Page { items, next_cursor: None, total })
}

/// Shows a channel, or all of a namespace.
///
/// # Errors
/// 404 where the caller may not watch it.
pub async fn channel(ctx: &Ctx, topic: &Topic) -> Result<ChannelInfo> {
    ctx.may(&policy::GET_CHANNEL)?;
    let Some(info) = info(ctx, topic, None).await? else {
        let text =
            format!("There is no channel {topic} that you may watch. An admin opens channels in the configuration, below live.channels.");
        return Err(Failure::new(Code::NotFound, text).into());
    };
    let messages = match topic.channel() {
        Some(channel) => u64::try_from(store::count(ctx.gate().db().pool(), channel.as_str()).await?).ok(),
        None => None,
    };
    Ok(ChannelInfo { messages, ..info })
}

/// A channel as the caller may see it; nothing when the caller may not watch it.
async fn info(ctx: &Ctx, topic: &Topic, messages: Option<u64>) -> Result<Option<ChannelInfo>> {
    if judge(ctx, topic, Deed::Watch).await?.is_err() {
        return Ok(None);
    }
    let can_publish = judge(ctx, topic, Deed::Publish).await?.is_ok();
    Ok(Some(ChannelInfo { channel: topic.to_string(), can_subscribe: true, can_publish, messages }))
}

/// Opens a stream of what the caller may watch.
///
/// # Errors
/// 403 where a channel is not the caller's to watch; 422 for none or too many; 429 when too many
/// streams are open.
async fn watch(ctx: &Ctx, query: LiveQuery) -> Result<(feed::Feed, feed::Begun)> {
    ctx.may(&policy::WATCH_CHANNELS)?;
    let mut topics = query.channel;
    topics.sort();
    topics.dedup();
    rules::count(&topics)?;
    for topic in &topics {
        allow(ctx, topic, Deed::Watch).await?;
    }
    let mut feed = feed::Feed::open(ctx)?;
    let begun = feed.watch(&topics, query.since).await?;
    Ok((feed, begun))
}

/// Opens a stream that watches nothing yet, for a socket over which that is said.
///
/// # Errors
/// 401 when nobody is known; 429 when too many streams are open.
fn open(ctx: &Ctx) -> Result<feed::Feed> {
    ctx.may(&policy::OPEN_SOCKET)?;
    feed::Feed::open(ctx)
}

/// Watches another channel on a stream that is open.
///
/// # Errors
/// As of [`watch`].
async fn subscribe(feed: &mut feed::Feed, topic: &Topic, since: Option<i64>) -> Result<feed::Begun> {
    let ctx = feed.ctx().await?;
    ctx.may(&policy::WATCH_CHANNELS)?;
    allow(&ctx, topic, Deed::Watch).await?;
    feed.watch(std::slice::from_ref(topic), since).await
}
