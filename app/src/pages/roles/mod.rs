//! Settings, Roles: who may do what, and the roles that are made here. The drawer for one has an
//! address of its own below the page.

mod delete;
mod edit;
mod matrix;

pub use edit::{Edit, New};

use crate::pages::title::PageTitle;
use crate::{
    calls::roles::list_roles,
    given::{Resource, resource},
    pages::failed::failed,
    state::{
        follow::Follow,
        roles::Roles as Known,
        session::{Session, retry_failed},
    },
    ui::{ButtonVariant, Card, Icon, LinkButton, Page, Reports, Skeleton, SkeletonShape, use_toaster},
};
use leptos::prelude::*;
use leptos_router::components::Outlet;
use wire::{Failure, Page as Part, roles::Role};

/// The address of the page.
const LIST: &str = "/settings/roles";

/// What the page, its drawer and its dialog share.
#[derive(Clone, Copy)]
struct Desk {
    roles: Resource<Result<Part<Role>, Failure>>,
    to_delete: RwSignal<Option<Role>>,
    reports: Reports,
}

impl Desk {
    /// Has the roles loaded again, and says what was done.
    fn changed(self, done: String) {
        self.reports.say(done);
        self.roles.refetch();
    }
}

/// The page; it stays while the drawer opens over it.
#[component]
pub fn Roles() -> impl IntoView {
    let session = expect_context::<Session>();
    let known = expect_context::<Known>();
    let news = Follow::of(&["roles", "users", "keys", "workspaces"], "#roles tbody");
    let roles = resource(move || (session.revision.get(), news.turn()), move |_| news.quietly(list_roles()));
    retry_failed(session, roles);
    let desk = Desk { roles, to_delete: RwSignal::new(None), reports: use_toaster() };
    provide_context(desk);
    Effect::new(move || {
        roles.with(|roles| {
            if let Some(Ok(part)) = roles {
                let plain: Vec<Role> =
                    part.items.iter().map(|role| Role { users: None, keys: None, grants: None, ..role.clone() }).collect();
                known.learn(&plain);
            }
        });
    });
    let body = move || {
        Suspend::new(async move {
            match roles.await {
                Ok(part) => view! { <matrix::Permissions roles=part.items /> }.into_any(),
                Err(failure) => failed("Couldn’t load the roles", &failure),
            }
        })
    };
    let add = || {
        view! {
            <LinkButton href="/settings/roles/new" variant=ButtonVariant::Primary icon=Icon::Plus>
                "Make a role"
            </LinkButton>
        }
    };
    view! {
        <PageTitle text="Roles" />
        <Page
            title="Roles"
            lead="What people and keys may do. Five are built in, each adding to the one before it; more can be made."
                .to_owned()
            actions=add
        >
            <Card id="roles" label="What each role may do" flush=true>
                <Transition fallback=waiting>{body}</Transition>
            </Card>
        </Page>
        <Outlet />
        <delete::Delete desk=desk />
    }
    .into_any()
}

fn waiting() -> AnyView {
    view! {
        <Skeleton shape=SkeletonShape::Large width=4 />
        <Skeleton width=5 />
        <Skeleton width=3 />
    }
    .into_any()
}
