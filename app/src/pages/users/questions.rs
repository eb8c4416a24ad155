//! The dialogs over the list: before deleting, after a refusal, and the links and passwords.

use super::{grant::GiveGrant, hand_over::LinkDialog, people::People, query, set_password::SetPassword};
use crate::pages::decision::{DecisionLine, DecisionOf};
use crate::ui::{Button, ButtonKind, ButtonVariant, CheckItem, Checks, ConfirmDelete, Dialog, Icon, LinkButton, Note};
use leptos::prelude::*;
use wire::{
    Code, Failure, RoleName,
    users::{User, UserPatch, UserQuery},
};

/// All of them; each is open while it is asked for.
#[component]
pub fn Questions(people: People) -> impl IntoView {
    view! {
        <Delete people=people />
        <Refusal people=people />
        <SetPassword people=people />
        <GiveGrant people=people />
        <LinkDialog link=people.link />
    }
    .into_any()
}

#[component]
fn Delete(people: People) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move || {
        let is_wanted = people.to_delete.with(Option::is_some);
        if is_wanted {
            people.attempt.failure.set(None);
        }
        if open.get_untracked() != is_wanted {
            open.set(is_wanted);
        }
    });
    Effect::new(move || {
        if !open.get() && people.to_delete.with_untracked(Option::is_some) {
            people.to_delete.set(None);
        }
    });
    // The words stay while the dialog closes.
    let last = Memo::new(move |before: Option<&Option<User>>| people.to_delete.get().or_else(|| before.cloned().flatten()));
    let text = move |read: fn(&User) -> String| last.with(|user| user.as_ref().map(read).unwrap_or_default());
    let confirm = move |()| {
        if let Some(user) = people.to_delete.get_untracked() {
            people.delete(user);
        }
    };
    let milder = move || {
        let disable = move |_| {
            if let Some(user) = people.to_delete.get_untracked() {
                people.to_delete.set(None);
                people.set_disabled(user, true);
            }
        };
        last.with(|user| user.as_ref().is_some_and(|user| !user.is_disabled))
            .then(|| view! { <Button on_press=disable>"Disable instead"</Button> })
    };
    view! {
        <ConfirmDelete
            id="delete-user"
            title=Signal::derive(move || text(|user| ["Delete ", user.name(), "?"].concat()))
            lead="This can’t be undone. Disabling keeps the account and blocks sign-in.".to_owned()
            open=open
            name=Signal::derive(move || text(|user| user.username.clone()))
            action=Signal::derive(move || text(|user| ["Delete ", user.name()].concat()))
            on_confirm=confirm
            busy=people.attempt.is_busy
            error=people.attempt.detail()
            milder=milder
        >
            <DecisionOf attempt=people.attempt />
            <Checks>
                <CheckItem icon=Icon::X>"Their sessions end now, and their own API keys are revoked"</CheckItem>
                <CheckItem icon=Icon::X>"Their username and address become free"</CheckItem>
                <CheckItem met=true>"Their entries in the audit log stay"</CheckItem>
            </Checks>
        </ConfirmDelete>
    }
    .into_any()
}

#[component]
fn Refusal(people: People) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move || {
        if people.refusal.with(Option::is_some) {
            open.set(true);
        }
    });
    let title = move || people.refusal.with(|refusal| refusal.as_ref().map(|(user, failure)| title(user, failure)).unwrap_or_default());
    view! {
        <Dialog
            id="refused"
            title=Signal::derive(title)
            open=open
            on_submit=move |()| open.set(false)
            on_close=move |()| people.refusal.set(None)
            foot=|| {
                view! {
                    <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary attr:autofocus=true>
                        "Close"
                    </Button>
                }
            }
        >
            {move || people.refusal.get().map(|(user, failure)| explanation(people, &user, &failure))}
        </Dialog>
    }
    .into_any()
}

fn title(user: &User, failure: &Failure) -> String {
    let name = user.name();
    match failure.code {
        Code::LastActiveAdmin => [name, " is the last active admin"].concat(),
        Code::LastActiveUser => [name, " is the last one who can sign in"].concat(),
        Code::NotYourself => "This has to be done by somebody else".into(),
        Code::RoleExceedsOwn => "This role can do more than yours".into(),
        _ => failure.title.clone(),
    }
}

fn explanation(people: People, user: &User, failure: &Failure) -> AnyView {
    let (why, news, way) = match failure.code {
        Code::LastActiveAdmin => (
            "Without an active admin nobody can add people, change roles or turn sign-in back on.",
            "Make someone else an admin first",
            "Open their account and choose the role admin, or enable an admin who is disabled.",
        ),
        Code::LastActiveUser => (
            "If nobody can sign in, nobody can let anybody back in.",
            "Add or enable someone else first",
            "Then come back to this account.",
        ),
        Code::NotYourself => (
            "Nobody can disable, delete or demote their own account: one slip, and you are locked out.",
            "Ask another admin",
            "Your name, address and password you change in your profile.",
        ),
        Code::RoleExceedsOwn => (
            "Nobody can give out a permission that they don’t hold themselves.",
            "Choose a role that yours covers",
            "Or ask somebody who holds all of it.",
        ),
        _ => ("", "Nothing was changed", ""),
    };
    let is_own = failure.code == Code::NotYourself;
    let others = (failure.code == Code::LastActiveAdmin).then(|| {
        let admins = UserQuery { role: Some(RoleName::admin()), ..UserQuery::default() };
        [query::LIST, &query::write(&admins)].concat()
    });
    let enable = (failure.code == Code::LastActiveUser && user.is_disabled).then(|| {
        let user = user.clone();
        let patch = UserPatch { is_disabled: Some(false), ..UserPatch::default() };
        let done = [user.name(), " is enabled"].concat();
        view! {
            <Button on_press=move |()| people.update(user.clone(), patch.clone(), done.clone())>"Enable"</Button>
        }
    });
    view! {
        <p>{failure.detail.clone()}</p>
        {failure.decision_id.map(|id| view! { <DecisionLine id=id /> })}
        <p>{why}</p>
        <Note title=news.to_owned()>{way}</Note>
        <div class="row">
            {others.map(|href| view! { <LinkButton href=href attr:rel="external">"See all admins"</LinkButton> })}
            {is_own.then(|| view! { <LinkButton href="/profile">"Go to my profile"</LinkButton> })}
            {enable}
        </div>
    }
    .into_any()
}
