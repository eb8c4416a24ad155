//! One's own keys, on the page of one's own account.

use super::{
    desk::{beginning, may_own, state},
    query::LIST,
};
use crate::{
    calls::{self, keys::list_api_keys},
    given::resource,
    pages::{failed::failed, role::RoleMark},
    prefix::at,
    state::{follow::Follow, session::Session},
    ui::{Actor, Avatar, Card, Icon, LinkButton, List, ListRow, SettingRow, Settings, Size, Skeleton, SkeletonShape, Status},
};
use leptos::prelude::*;
use wire::{
    Order, Timestamp,
    keys::{ApiKey, ApiKeyQuery, KeySort},
};

/// How many keys the card shows.
const NEWEST: u32 = 3;

/// The newest few, and the way to all.
#[component]
pub fn MyKeys() -> impl IntoView {
    let session = expect_context::<Session>();
    let news = Follow::of(&["keys"], "#my-keys");
    let keys = resource(
        move || (session.revision.get(), news.turn()),
        move |_| async move {
            let now = calls::now();
            let newest = ApiKeyQuery {
                mine: Some(true),
                sort: KeySort::CreatedAt,
                order: Order::Desc,
                limit: Some(NEWEST),
                ..ApiKeyQuery::default()
            };
            news.quietly(list_api_keys(newest)).await.map(|part| (part, now))
        },
    );
    let is_off = move || !may_own(session);
    let body = move || {
        let is_off = untrack(is_off);
        Suspend::new(async move {
            match keys.await {
                Ok((part, now)) => rows(part.items, now, is_off),
                Err(failure) => failed("Couldn’t load your API keys", &failure),
            }
        })
    };
    let all = [LIST, "?mine=true"].concat();
    let new = [LIST, "/new?mine=true"].concat();
    let foot = move || {
        view! {
            <a class="link" href=at(&all)>
                "See all my keys"
            </a>
            <span class="push"></span>
            {if is_off() {
                view! { <span>"Personal keys are turned off here."</span> }.into_any()
            } else {
                view! {
                    <LinkButton href=new size=Size::Small icon=Icon::Plus>
                        "Create a key"
                    </LinkButton>
                }
                    .into_any()
            }}
        }
    };
    view! {
        <Card id="my-keys" title="My API keys".to_owned() flush=true foot=foot>
            <Transition fallback=waiting>{body}</Transition>
        </Card>
    }
    .into_any()
}

fn rows(keys: Vec<ApiKey>, now: Timestamp, is_off: bool) -> AnyView {
    if keys.is_empty() {
        let (title, text) = if is_off {
            ("None, and none can be made", "For a program, ask an admin for a service key.")
        } else {
            ("None yet", "With a key a script of yours gets in, with at most your own rights.")
        };
        return view! {
            <Settings>
                <SettingRow title=title text=text />
            </Settings>
        }
        .into_any();
    }
    let rows: Vec<_> = keys.into_iter().map(|key| row(key, now)).collect();
    view! {
        <List label="My newest API keys" wrap=true>
            {rows}
        </List>
    }
    .into_any()
}

fn row(key: ApiKey, now: Timestamp) -> AnyView {
    let (tone, word) = state(&key, now);
    let (name, text) = (key.name.clone(), beginning(&key));
    view! {
        <ListRow title=key.name detail=text before=move || view! { <Avatar name=name actor=Actor::Key /> }>
            <RoleMark role=key.role />
            <Status tone=tone>{word}</Status>
        </ListRow>
    }
    .into_any()
}

fn waiting() -> AnyView {
    view! {
        <Skeleton shape=SkeletonShape::Large width=3 />
        <Skeleton width=4 />
    }
    .into_any()
}
