//! Pages that are only a state: the role does not open it, or there is no such page.

use crate::pages::title::PageTitle;
use crate::{
    frame::Behind,
    pages::{decision::Decision, role::RoleMark, words},
    state::{roles::Roles, session::Session},
    ui::{Button, ButtonVariant, Fact, Facts, Icon, LinkButton, Scene, StatePage},
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use wire::{Permission, RoleName};

/// What is shown instead of a page that the role does not open.
#[component]
pub fn Forbidden(
    /// The permission that is missing; none where a session of one's own is.
    needs: Option<Permission>,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let home = || view! { <LinkButton href="/" variant=ButtonVariant::Primary>"Go to Home"</LinkButton> };
    let body = match needs {
        Some(needs) => lacking(session, needs),
        None => view! { <p>"It belongs to an account, and while sign-in is off there is none: everybody acts as “anyone”."</p> }.into_any(),
    };
    let title = if needs.is_some() { "Your role doesn’t open this page" } else { "This page needs an account" };
    view! {
        <PageTitle text=title />
        <main class="page" id="main" tabindex="-1">
            <StatePage scene=Scene::Barred title=title code="403" actions=home>
                {body}
            </StatePage>
        </main>
    }
    .into_any()
}

fn lacking(session: Session, needs: Permission) -> AnyView {
    let user = session.me.with_untracked(|me| me.as_ref().and_then(|me| me.user.clone()));
    let contact = session.capabilities.with_untracked(|capabilities| capabilities.help_contact.clone());
    let who = user.map(|user| {
        view! {
            <Fact name="You">{user.name().to_owned()} " " {badge(user.role.clone())}</Fact>
        }
    });
    let roles: Vec<_> = expect_context::<Roles>()
        .with_permission(needs)
        .into_iter()
        .enumerate()
        .map(|(at, role)| view! { {(at > 0).then_some(" or ")} {badge(role)} })
        .collect();
    let admins = use_context::<Behind>().map(|behind| behind.ask.join(", ")).filter(|names| !names.is_empty());
    let ask = match (admins, contact) {
        (Some(admins), Some(contact)) => [&admins, " · ", &contact].concat(),
        (admins, contact) => admins.or(contact).unwrap_or_else(|| "An admin of this installation".into()),
    };
    let opens = ["It needs the permission ", needs.as_str(), " in all workspaces: to ", words::permission(needs), "."].concat();
    view! {
        <p>{opens}</p>
        <Facts>
            {who} <Fact name="Needed">{roles}</Fact>
            <Fact name="Ask">{ask}</Fact>
            {decision(session)}
        </Facts>
    }
    .into_any()
}

/// The event that says why, where the server was asked.
fn decision(session: Session) -> AnyView {
    let path = use_location().pathname;
    let id =
        move || session.refusal.with(|refusal| refusal.as_ref().filter(|(place, _)| path.with(|path| path == place)).map(|(_, id)| *id));
    (move || {
        id().map(|id| {
            view! {
                <Fact name="Decision">
                    <Decision id=id />
                </Fact>
            }
        })
    })
    .into_any()
}

fn badge(role: RoleName) -> impl IntoView {
    view! { <RoleMark role=role /> }
}

/// What is shown where there is no page.
#[component]
pub fn NotFound(
    /// Opens the search.
    is_finding: RwSignal<bool>,
) -> impl IntoView {
    let path = use_location().pathname;
    let actions = move || {
        view! {
            <Button variant=ButtonVariant::Primary icon=Icon::Search on_press=move |()| is_finding.set(true)>
                "Search"
            </Button>
            <LinkButton href="/">"Go to Home"</LinkButton>
        }
    };
    view! {
        <PageTitle text="No such page" />
        <main class="page" id="main" tabindex="-1">
            <StatePage
                scene=Scene::Missing
                title=move || ["There’s no page at ", &path.get()].concat()
                code="404"
                actions=actions
            >
                <p>"If a link brought you here, what it named may have been renamed or removed."</p>
            </StatePage>
        </main>
    }
    .into_any()
}
