//! The providers, one line each, on the page of Settings, Authentication.

use crate::{
    given::Resource,
    pages::{
        failed::failed,
        sign_on::{LIST, told},
    },
    ui::{Badge, Card, Icon, LinkButton, List, ListRow, Node, SettingRow, Settings, Size, Skeleton, SkeletonShape, Status},
};
use leptos::prelude::*;
use wire::{Failure, Page, apps::Source, sso::Provider};

/// The card. What is in it is loaded by the page: what waits for something else asks for nothing itself.
#[component]
pub fn Providers(providers: Resource<Result<Page<Provider>, Failure>>) -> impl IntoView {
    let body = move || {
        Suspend::new(async move {
            match providers.await {
                Ok(part) => rows(part.items),
                Err(failure) => failed("Couldn’t load the providers", &failure),
            }
        })
    };
    let add = || {
        view! {
            <LinkButton href=[LIST, "/new"].concat() size=Size::Small icon=Icon::Plus>
                "Connect a provider"
            </LinkButton>
        }
    };
    view! {
        <Card
            id="providers"
            title="Single sign-on".to_owned()
            lead="Any OpenID Connect provider. Each gets a button of its own on the sign-in page.".to_owned()
            flush=true
            actions=add
        >
            <Transition fallback=waiting>{body}</Transition>
        </Card>
    }
    .into_any()
}

fn rows(providers: Vec<Provider>) -> AnyView {
    if providers.is_empty() {
        return view! {
            <Settings>
                <SettingRow
                    title="None yet"
                    text="With one, people sign in with the account that they have already, and get the role that their groups say."
                />
            </Settings>
        }
        .into_any();
    }
    let rows: Vec<_> = providers.into_iter().map(row).collect();
    view! {
        <List label="Providers" wrap=true>
            {rows}
        </List>
    }
    .into_any()
}

fn row(provider: Provider) -> AnyView {
    let (tone, word) = told::state(provider.state);
    let (href, is_configured) = ([LIST, "/", &provider.id.0].concat(), provider.source == Source::Config);
    let verb = if is_configured { "Look" } else { "Edit" };
    let detail = told::line(&provider);
    let name = provider.button_label.clone();
    view! {
        <ListRow title=provider.button_label detail=detail before=|| view! { <Node icon=Icon::Gate /> }>
            {is_configured.then(|| view! { <Badge outline=true>"From the configuration"</Badge> })}
            <Status tone=tone>{word}</Status>
            <LinkButton href=href size=Size::Small>
                {verb}
                <span class="sr-only">" " {name}</span>
            </LinkButton>
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
