//! What the list, its dialogs and its drawer share: what is being asked, and how actions end.

use super::query;
use crate::{
    calls::{
        links::create_reset_link,
        users::{delete_user, update_user},
    },
    pages::decision::report,
    state::attempt::Attempt,
    ui::{Reports, Toast, Tone, use_toaster},
};
use leptos::prelude::*;
use wire::{
    Code, Failure, UserId,
    links::Link,
    users::{User, UserPatch, UserQuery},
    workspaces::Grant,
};

/// A grant that is being given to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantDraft {
    /// To whom.
    pub user: User,
    /// The one that is changed by it.
    pub before: Option<Grant>,
}

/// The state of the list of people.
#[derive(Clone, Copy)]
pub struct People {
    /// The search, the filters, the order and the cursor.
    pub query: Memo<UserQuery>,
    /// Counts up when the list has to be loaded again.
    pub version: RwSignal<u32>,
    /// Who may be deleted, once the name is typed.
    pub to_delete: RwSignal<Option<User>>,
    /// Who gets a password, once it is typed.
    pub to_set: RwSignal<Option<User>>,
    /// Who gets a grant, once it is chosen.
    pub to_grant: RwSignal<Option<GrantDraft>>,
    /// Somebody's grants, as they were changed last.
    pub granted: RwSignal<Option<(UserId, Vec<Grant>)>>,
    /// A link that was just made, to be shown once.
    pub link: RwSignal<Option<Link>>,
    /// Why something was refused, and for whom.
    pub refusal: RwSignal<Option<(User, Failure)>>,
    /// The action that is under way.
    pub attempt: Attempt,
    reports: Reports,
}

impl People {
    /// Nothing asked.
    #[must_use]
    pub fn new(query: Memo<UserQuery>) -> Self {
        Self {
            query,
            version: RwSignal::new(0),
            to_delete: RwSignal::new(None),
            to_set: RwSignal::new(None),
            to_grant: RwSignal::new(None),
            granted: RwSignal::new(None),
            link: RwSignal::new(None),
            refusal: RwSignal::new(None),
            attempt: Attempt::new(),
            reports: use_toaster(),
        }
    }

    /// The address of the list as it is shown.
    #[must_use]
    pub fn address(self) -> String {
        [query::LIST, &self.query.with_untracked(query::write)].concat()
    }

    /// The address of somebody's drawer over the list.
    #[must_use]
    pub fn address_of(self, user: &User) -> String {
        [query::LIST, "/", &user.id.to_string(), &self.query.with_untracked(query::write)].concat()
    }

    /// Has the list loaded again, and says what was done.
    pub fn changed(self, toast: impl Into<Toast>) {
        self.reports.say(toast);
        self.version.update(|version| *version += 1);
    }

    /// Takes over somebody's grants, and says that they have changed.
    pub fn grants_changed(self, user: &User, grants: Vec<Grant>) {
        self.granted.set(Some((user.id, grants)));
        self.changed(["The rights of ", user.name(), " are changed"].concat());
    }

    /// Changes somebody; refusals are explained in a dialog.
    pub fn update(self, user: User, patch: UserPatch, done: String) {
        let (id, person) = (user.id, user);
        self.attempt.run(move || self.explained(person.clone(), update_user(id, patch.clone())), move |_| self.changed(done));
    }

    /// Disables somebody, or enables them.
    pub fn set_disabled(self, user: User, is_disabled: bool) {
        let done = [user.name(), if is_disabled { " is disabled" } else { " is enabled" }].concat();
        self.update(user, UserPatch { is_disabled: Some(is_disabled), ..UserPatch::default() }, done);
    }

    /// Deletes somebody, after the name was typed.
    pub fn delete(self, user: User) {
        let (id, name) = (user.id, user.name().to_owned());
        self.attempt.run(
            move || self.explained(user.clone(), delete_user(id)),
            move |()| {
                self.to_delete.set(None);
                self.changed([&name, " is deleted"].concat());
            },
        );
    }

    /// Makes a link with which somebody sets a new password.
    pub fn make_link(self, user: User) {
        let id = user.id;
        self.attempt.run(move || self.explained(user.clone(), create_reset_link(id)), move |link| self.link.set(Some(link)));
    }

    /// Waits for an action on somebody, and says why it was refused.
    async fn explained<T>(self, user: User, doing: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let outcome = doing.await;
        if let Err(failure) = &outcome {
            match failure.code {
                Code::ConfirmationRequired | Code::Unauthenticated | Code::SessionEnded => {}
                code if is_explained(code) => {
                    self.to_delete.set(None);
                    self.refusal.set(Some((user, failure.clone())));
                }
                _ if self.to_delete.with_untracked(Option::is_some) => {}
                _ => self.reports.say(report(failure.title.clone(), failure)),
            }
        }
        outcome
    }
}

/// Whether a refusal has a dialog of its own.
#[must_use]
pub const fn is_explained(code: Code) -> bool {
    matches!(code, Code::LastActiveAdmin | Code::LastActiveUser | Code::NotYourself | Code::RoleExceedsOwn)
}

/// How an account is, in a word.
#[must_use]
pub fn state(user: &User) -> (Tone, &'static str) {
    if user.is_disabled {
        (Tone::Off, "Disabled")
    } else if user.is_invited() {
        (Tone::Warning, "Invited")
    } else {
        (Tone::Success, "Active")
    }
}

/// What a link to set a password is called.
#[must_use]
pub fn link_words(user: &User) -> &'static str {
    if user.is_invited() { "Make a new invitation link" } else { "Make a reset link" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::users::tests::user;
    use wire::users::Source;

    #[test]
    fn who_signs_in_by_a_provider_was_not_invited() {
        let invited = User { has_password: false, ..user() };
        assert_eq!((state(&invited).1, link_words(&invited)), ("Invited", "Make a new invitation link"));
        let of_a_provider = User { source: Source::Oidc, ..invited.clone() };
        assert_eq!((state(&of_a_provider).1, link_words(&of_a_provider)), ("Active", "Make a reset link"));
        assert_eq!(state(&User { last_login_at: Some(wire::Timestamp(1)), ..invited.clone() }).1, "Active");
        assert_eq!(state(&User { is_disabled: true, ..invited }).1, "Disabled");
    }
}
