//! The frame of the pages before the door, filled with what anybody may know of the server.

use crate::{
    prefix::at,
    state::session::Session,
    ui::{Entry as Outline, EntryHead, Note, Stepper, Tone},
};
use leptos::prelude::*;

/// A page before the door: its title, and a form or two ways on.
#[component]
pub fn Entry(
    /// What one does here, or what has happened.
    #[prop(into)]
    title: Signal<String>,
    /// What it is for.
    #[prop(optional, into)]
    lead: Signal<Option<String>>,
    /// Which step of setup it is, from 1; other pages have none.
    #[prop(optional)]
    step: Option<usize>,
    /// The news over the picture.
    #[prop(default = "Two gates, one front door.")]
    news: &'static str,
    /// A sentence below it.
    #[prop(default = "The first asks who you are. The second asks what you may do. Nothing reaches your apps without passing both.")]
    remark: &'static str,
    /// The form.
    children: Children,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let name = session.capabilities.with_untracked(|capabilities| capabilities.name.clone());
    let is_open = move || session.me.with(|me| me.as_ref().is_some_and(|me| me.is_open));
    let stepper =
        step.map(|step| view! { <Stepper name="Setup" steps=vec!["Welcome", "First admin", "First app", "Done"] current=step /> });
    let foot = move || match step {
        Some(3 | 4) => ().into_any(),
        Some(_) => view! { <span>"This page is only open until the first admin exists."</span> }.into_any(),
        None => help(session),
    };
    view! {
        <Outline name=name note_title=news note=remark wide=step.is_some() foot=foot>
            {stepper}
            <EntryHead title=title>{move || lead.get()}</EntryHead>
            {move || {
                (is_open() && step.is_none())
                    .then(|| {
                        view! {
                            <Note tone=Tone::Warning title="Sign-in is off.".to_owned()>
                                "Anyone who can reach this address has full admin access. "
                                <a href=at("/settings/authentication") rel="external">
                                    "Turn sign-in on"
                                </a>
                            </Note>
                        }
                    })
            }}
            {children()}
        </Outline>
    }
    .into_any()
}

/// Whom to ask.
fn help(session: Session) -> AnyView {
    let contact = session.capabilities.with_untracked(|capabilities| capabilities.help_contact.clone());
    view! {
        <a href=at("/forgot")>"Locked out?"</a>
        {contact.map(|contact| view! { <span>"Help: " {contact}</span> })}
    }
    .into_any()
}
