//! A drawer beside its list, for a thing that is loaded by what the address names.

use super::{failed::failed, title::PageTitle};
use crate::{
    calls::client::in_background,
    given::{Resource, resource},
    state::{
        follow::Follow,
        session::{Session, retry_failed},
    },
    ui::{Drawer, Note, Skeleton, SkeletonShape, Tone},
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map},
};
use serde::{Serialize, de::DeserializeOwned};
use std::{rc::Rc, str::FromStr};
use wire::{Code, Failure};

/// What the drawer says while there is nothing to show in it.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    /// The beginning of its ids.
    pub id: &'static str,
    /// While the thing is on its way: "Loading the key".
    pub loading: &'static str,
    /// Where there is none: "There is no such key".
    pub absent: &'static str,
    /// Where it could not be loaded: "Couldn’t load the key".
    pub failed: &'static str,
}

/// Loads what the parameter of the address names, and again once there is reason to.
pub fn named<Id, T, Loading>(param: &'static str, load: impl Fn(Id) -> Loading + Send + Sync + 'static) -> Resource<Result<T, Failure>>
where
    Id: FromStr + Clone + PartialEq + Send + Sync + 'static,
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    Loading: Future<Output = Result<T, Failure>> + Send + 'static,
{
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get(param)).and_then(|id| id.parse::<Id>().ok()));
    let thing = resource(
        move || id.get(),
        move |id| {
            let loading = id.map(&load);
            async move {
                match loading {
                    Some(loading) => loading.await,
                    None => {
                        #[cfg(feature = "ssr")]
                        crate::calls::bridge::missing();
                        Err(Failure::new(Code::NotFound, "The address names nothing that there is."))
                    }
                }
            }
        },
    );
    retry_failed(expect_context::<Session>(), thing);
    thing
}

/// Leads back to the list as it was.
pub fn back_to(address: impl Fn() -> String + Send + Sync + 'static) -> Callback<()> {
    let navigate = use_navigate();
    Callback::new(move |()| navigate(&address(), NavigateOptions { scroll: false, ..NavigateOptions::default() }))
}

/// Draws the thing once it is there; until then, and where it is not, a drawer that says so.
pub fn drawn<T>(words: Words, thing: Resource<Result<T, Failure>>, closed: Callback<()>, draw: fn(T) -> AnyView) -> AnyView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let drawer = move || {
        Suspend::new(async move {
            let found = thing.await;
            untrack(|| match found {
                Ok(thing) => draw(thing),
                Err(failure) => unloaded(words, &failure, closed),
            })
        })
    };
    view! { <Transition fallback=move || waiting(words, closed)>{drawer}</Transition> }.into_any()
}

/// What has become of the thing since it was loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// Nothing.
    Same,
    /// Somebody changed it elsewhere.
    Changed,
    /// It is not there any more.
    Gone,
}

/// Follows the thing as long as its drawer is open: once there is news, asks for it anew, of nobody's
/// doing, and hands it to `take`, which tells whether it is another now.
pub fn followed<T, Asking>(news: Follow, ask: impl Fn() -> Asking + 'static, take: impl Fn(T) -> bool + 'static) -> RwSignal<Since>
where
    T: 'static,
    Asking: Future<Output = Result<T, Failure>> + 'static,
{
    let since = RwSignal::new(Since::Same);
    let take = Rc::new(take);
    Effect::new(move |before: Option<u32>| {
        let turn = news.turn();
        if before.is_some_and(|before| before != turn) {
            let (asking, take) = (ask(), Rc::clone(&take));
            spawn_local(async move {
                let found = in_background(asking).await;
                // The drawer may be closed by now.
                if since.try_get_untracked().is_none() {
                    return;
                }
                match found {
                    Ok(thing) => {
                        if take(thing) {
                            since.set(Since::Changed);
                        }
                    }
                    Err(failure) if failure.status == 404 => since.set(Since::Gone),
                    Err(_) => {}
                }
            });
        }
        turn
    });
    since
}

/// Takes a value over that was changed elsewhere, unless something else stands in the field already.
pub fn taken_over<T: Clone + PartialEq + Send + Sync + 'static>(field: RwSignal<T>, before: &T, now: &T) {
    if before != now && field.try_with_untracked(|shown| shown == before) == Some(true) {
        field.set(now.clone());
    }
}

/// Says what has become of the thing while somebody looked at it.
#[component]
pub fn Meanwhile(
    since: RwSignal<Since>,
    /// That it is gone: "This key is gone".
    gone: &'static str,
) -> impl IntoView {
    let words = move || match since.get() {
        Since::Same => ().into_any(),
        Since::Changed => view! { <p class="small muted">"This was changed elsewhere just now. What you typed stays."</p> }.into_any(),
        Since::Gone => view! {
            <Note tone=Tone::Warning title=gone.to_owned()>
                "What you typed can’t be saved any more."
            </Note>
        }
        .into_any(),
    };
    view! { <div role="status">{words}</div> }.into_any()
}

fn waiting(words: Words, closed: Callback<()>) -> AnyView {
    view! {
        <Drawer id=[words.id, "-loading"].concat() title=words.loading open=RwSignal::new(true) on_close=closed>
            <Skeleton shape=SkeletonShape::Large width=3 />
            <Skeleton width=5 />
            <Skeleton width=4 />
        </Drawer>
    }
    .into_any()
}

fn unloaded(words: Words, failure: &Failure, closed: Callback<()>) -> AnyView {
    let title = if failure.status == 404 { words.absent } else { words.failed };
    let failure = failure.clone();
    view! {
        <PageTitle text=title />
        <Drawer id=[words.id, "-failed"].concat() title=title open=RwSignal::new(true) on_close=closed>
            {failed(title, &failure)}
        </Drawer>
    }
    .into_any()
}
