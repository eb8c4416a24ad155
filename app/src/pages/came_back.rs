//! What became of a way to a provider and back that did not end in signing in: linking, testing. It
//! stands in the address of the page that it began on.

use super::sign_in_words::{is_request, problem};
use crate::{
    prefix,
    state::{browser, confirm::Confirm, next, session::Session},
    ui::{Button, LinkButton, Note, Size, Tone},
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::{use_location, use_query_map};
use wire::sso::SignInProblem;

/// Says what went wrong, where something did.
#[component]
pub fn CameBack(
    /// The address to begin again at, once somebody has shown that it is them.
    #[prop(into)]
    again: Callback<(), Option<String>>,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let query = use_query_map();
    let here = use_location().pathname;
    let read = move |name: &str| query.with(|query| query.get(name));
    move || {
        let known = SignInProblem::parse(&read("problem")?)?;
        let (title, text) = problem(known);
        let number = read("request").filter(|request| is_request(request)).map(|request| [" Request ", &request, "."].concat());
        let again = if known == SignInProblem::ConfirmFirst { again.run(()) } else { None };
        Some(
            view! {
                <Note tone=Tone::Warning title=title.to_owned()>
                    <span>{text} {number}</span>
                    {again.map(|again| confirm(session, again, here.get()))}
                </Note>
            }
            .into_any(),
        )
    }
}

/// Shows that it is them: by the password, or by signing in once more, which leads to the page that it
/// began on: from another site nothing begins by itself.
fn confirm(session: Session, again: String, here: String) -> AnyView {
    let has_password = session.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.user.as_ref().is_some_and(|user| user.has_password)));
    if !has_password {
        let href = prefix::with(|prefix| next::login(prefix, &here));
        return view! {
            <LinkButton href=href size=Size::Small attr:rel="external">
                "Sign in again"
            </LinkButton>
        }
        .into_any();
    }
    let asking = expect_context::<Confirm>();
    let go_on = move |()| {
        let again = again.clone();
        spawn_local(async move {
            if asking.ask().await {
                browser::enter(&again);
            }
        });
    };
    view! {
        <Button size=Size::Small on_press=go_on>
            "Confirm and go on"
        </Button>
    }
    .into_any()
}
