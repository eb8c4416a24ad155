//! A provider's page: how it is, the test sign-in, its settings beside the test bench.

use super::{
    LIST,
    bench::{Bench, Tried},
    configured::Configured,
    draft::Draft,
    form::Form,
    remove::Remove,
    told,
};
use crate::{
    calls::sso::{check_provider, get_provider},
    given::resource,
    pages::{came_back::CameBack, decision::report, failed::failed, title::PageTitle},
    state::{
        attempt::Attempt,
        session::{Session, retry_failed},
    },
    ui::{
        Badge, Button, ButtonVariant, Card, Fact, Facts, Icon, LinkButton, Note, PageHead, RelativeTime, Scene, Skeleton, SkeletonShape,
        StatePage, Status, Tone, use_toaster,
    },
};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use wire::{
    Code, Failure,
    apps::Source,
    sso::{Provider, ProviderState},
    workspaces::Slug,
};

/// The page of the provider that the address names.
#[component]
pub fn ProviderPage() -> impl IntoView {
    let session = expect_context::<Session>();
    let params = use_params_map();
    let id = Memo::new(move |_| Slug(params.with(|params| params.get("id")).unwrap_or_default()));
    let provider = resource(move || id.get(), get_provider);
    retry_failed(session, provider);
    let body = move || {
        Suspend::new(async move {
            match provider.await {
                Ok(provider) => view! { <Shown provider=provider /> }.into_any(),
                Err(failure) if failure.code == Code::NotFound => missing(),
                Err(failure) => unloaded(&failure),
            }
        })
    };
    view! {
        <main class="page" id="main" tabindex="-1" data-width="wide">
            <Transition fallback=waiting>{body}</Transition>
        </main>
    }
    .into_any()
}

#[component]
fn Shown(provider: Provider) -> impl IntoView {
    let reports = use_toaster();
    let known = RwSignal::new(provider.clone());
    let title = Memo::new(move |_| known.with(|provider| provider.button_label.clone()));
    // Made anew after each change: what stands in the controls is of the provider as it was.
    let version = move || [known.with(|provider| provider.updated_at)];
    let saved = Callback::new(move |provider: Provider| {
        reports.say("The provider is saved");
        known.set(provider);
    });
    let sides = move |_| {
        let provider = known.get_untracked();
        let draft = Draft::of(&provider);
        let tried = Tried { mapping: draft.mapping, domains: draft.domains, whitelist: draft.whitelist };
        let settings = if provider.source == Source::Config {
            view! { <Configured provider=provider.clone() /> }.into_any()
        } else {
            view! {
                <Form provider=provider.clone() draft=draft on_saved=saved />
                <Remove id=provider.id.clone() />
            }
            .into_any()
        };
        view! {
            <div class="split">
                <div class="stack" data-gap="6">
                    {settings}
                </div>
                <div class="stack" data-gap="6" data-sticky=true>
                    <Bench tried=tried provider=provider />
                </div>
            </div>
        }
    };
    view! {
        <PageTitle text=move || title.get() />
        <Head known=known />
        <CameBack again=move |()| Some(known.with_untracked(test_address)) />
        <News known=known />
        <For each=version key=|version| *version children=sides />
    }
    .into_any()
}

fn test_address(provider: &Provider) -> String {
    ["/auth/oidc/", &provider.id.0, "/test"].concat()
}

#[component]
fn Head(known: RwSignal<Provider>) -> impl IntoView {
    let attempt = Attempt::new();
    let reports = use_toaster();
    Effect::new(move || {
        if let Some(failure) = attempt.failure.get() {
            reports.say(report("The provider could not be looked at", &failure));
        }
    });
    let id = known.with_untracked(|provider| provider.id.clone());
    let test = known.with_untracked(test_address);
    let look = move |()| {
        let id = id.clone();
        attempt.run(
            move || check_provider(id.clone()),
            move |seen| {
                let _ = known.try_update(|provider| {
                    // What is typed below stays: only what was seen is taken over.
                    let updated_at = provider.updated_at;
                    *provider = Provider { updated_at, ..seen };
                });
            },
        );
    };
    let state = Memo::new(move |_| told::state(known.with(|provider| provider.state)));
    let people = Memo::new(move |_| known.with(told::line));
    let source = known.with_untracked(|provider| provider.source == Source::Config);
    let under = move || {
        view! {
            <p class="row" data-gap="3">
                <Status tone=Signal::derive(move || state.get().0)>{move || state.get().1}</Status>
                <span class="muted">{people}</span>
                {source.then(|| view! { <Badge outline=true>"From the configuration"</Badge> })}
            </p>
        }
    };
    let actions = move || {
        view! {
            <Button icon=Icon::Refresh busy=attempt.is_busy on_press=look>
                "Check the connection"
            </Button>
            <LinkButton href=test icon=Icon::External attr:rel="external">
                "Test sign-in"
            </LinkButton>
        }
    };
    view! { <PageHead title=Signal::derive(move || known.with(|provider| provider.button_label.clone())) under=under actions=actions /> }
        .into_any()
}

/// What there is to know, and to do, before anything else.
#[component]
fn News(known: RwSignal<Provider>) -> impl IntoView {
    let query = use_query_map();
    let has_passed = move || query.with(|query| query.get("test").is_some_and(|test| test == "passed"));
    let note = move || known.with(|provider| news(provider, has_passed()));
    let facts = move || {
        let Provider { checked_at, keys, keys_fetched_at, tested_at, .. } = known.get();
        let keys = keys.map(|keys| {
            view! {
                <Fact name="Signing keys">
                    {keys}
                    {keys_fetched_at.map(|at| view! { ", fetched " <RelativeTime at=at.millis() /> })}
                </Fact>
            }
        });
        let checked = checked_at.map(|at| {
            view! {
                <Fact name="Looked at">
                    <RelativeTime at=at.millis() />
                </Fact>
            }
        });
        let tested = tested_at.map(|at| {
            view! {
                <Fact name="Test sign-in">"Went well " <RelativeTime at=at.millis() /></Fact>
            }
        });
        let is_any = keys.is_some() || checked.is_some() || tested.is_some();
        is_any.then(|| {
            view! {
                <Card id="seen" title="As it was found".to_owned()>
                    <Facts>{checked} {keys} {tested}</Facts>
                </Card>
            }
        })
    };
    view! {
        <div role="status">{note}</div>
        {facts}
    }
    .into_any()
}

fn news(provider: &Provider, has_passed: bool) -> Option<AnyView> {
    let (tone, title, text) = match (provider.state, &provider.problem, &provider.test_problem) {
        (ProviderState::Failing, problem, _) => {
            let text = problem.clone().unwrap_or_else(|| "Check the connection to see why.".into());
            (Tone::Danger, "It does not work at the moment", text)
        }
        (_, _, Some(problem)) => (Tone::Danger, "The test sign-in did not go well", problem.clone()),
        (ProviderState::Untested, problem, None) => {
            let first = problem.as_ref().map(|problem| [problem, " "].concat()).unwrap_or_default();
            let text = [&first, "Sign in by it with “Test sign-in”. Your account stays as it is, and everybody sees the button then."];
            (Tone::Warning, "Nobody is offered it yet", text.concat())
        }
        (ProviderState::On, ..) if has_passed => {
            (Tone::Success, "The test sign-in went well", "Everybody sees its button on the sign-in page now.".to_owned())
        }
        (ProviderState::On, ..) => return None,
    };
    Some(
        view! {
            <Note tone=tone title=title.to_owned()>
                {text}
            </Note>
        }
        .into_any(),
    )
}

fn missing() -> AnyView {
    let actions = || {
        view! {
            <LinkButton href=LIST variant=ButtonVariant::Primary>
                "See all providers"
            </LinkButton>
        }
    };
    view! {
        <PageTitle text="No such provider" />
        <StatePage scene=Scene::Missing title="There is no such provider" code="404".to_owned() actions=actions>
            <p>"It may have been deleted, or taken out of the configuration."</p>
        </StatePage>
    }
    .into_any()
}

fn unloaded(failure: &Failure) -> AnyView {
    let state = failed("Couldn’t load the provider", failure);
    view! {
        <PageTitle text="Provider" />
        <h1 class="sr-only">"Provider"</h1>
        <Card id="failed" label="Provider" flush=true>
            {state}
        </Card>
    }
    .into_any()
}

fn waiting() -> AnyView {
    view! {
        <p class="sr-only" role="status">
            "Loading the provider"
        </p>
        <div class="page__head">
            <Skeleton shape=SkeletonShape::Large width=4 />
        </div>
    }
    .into_any()
}
