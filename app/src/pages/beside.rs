//! A drawer beside its list, for a thing that is loaded by what the address names.

use super::{failed::failed, title::PageTitle};
use crate::{
    given::{Resource, resource},
    state::session::{Session, retry_failed},
    ui::{Drawer, Skeleton, SkeletonShape},
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map},
};
use serde::{Serialize, de::DeserializeOwned};
use std::str::FromStr;
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
