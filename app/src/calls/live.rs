//! Live channels, besides what comes on them.

use super::client::{Door, Json};
use leptos::prelude::*;
use wire::{
    Failure, Page,
    live::{CentrifugoState, Channel, ChannelInfo, NewMessage, Published, Topic},
};
#[cfg(feature = "ssr")]
use {super::bridge, gate::live};

/// Lists the channels that one may watch.
#[server(prefix = "/_call", endpoint = "list_channels", input = Json, output = Json, client = Door)]
pub async fn list_channels() -> Result<Page<ChannelInfo>, Failure> {
    live::list_channels(&bridge::ctx()?).await.map_err(bridge::answer)
}

/// Shows a channel that one may watch.
#[server(prefix = "/_call", endpoint = "get_channel", input = Json, output = Json, client = Door)]
pub async fn get_channel(channel: Topic) -> Result<ChannelInfo, Failure> {
    live::channel(&bridge::ctx()?, &channel).await.map_err(bridge::answer)
}

/// Publishes a message on a channel.
#[server(prefix = "/_call", endpoint = "publish_message", input = Json, output = Json, client = Door)]
pub async fn publish_message(channel: Channel, new: NewMessage) -> Result<Published, Failure> {
    live::publish(&bridge::ctx()?, &channel, new).await.map_err(bridge::answer)
}

/// Tells how Centrifugo is.
#[server(prefix = "/_call", endpoint = "get_centrifugo", input = Json, output = Json, client = Door)]
pub async fn get_centrifugo() -> Result<CentrifugoState, Failure> {
    live::state(&bridge::ctx()?).await.map_err(bridge::answer)
}
