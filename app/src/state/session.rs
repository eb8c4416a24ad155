//! The session of this browser: who is signed in, the token that proves it, its renewal, and the
//! agreement between tabs.
//!
//! The refresh secret is a cookie that no script sees. One tab at a time renews; the others get the
//! new token from storage or over the channel.

use super::{
    browser, next,
    reach::Reach,
    storage::{self, Entry},
};
use crate::{calls, given::Resource, prefix};
use futures::future::{FutureExt, LocalBoxFuture, Shared};
use leptos::{prelude::*, task::spawn_local};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{cell::RefCell, sync::OnceLock, time::Duration};
use wire::{EventId, Failure, UserId, me::Me, sessions::Refresh, sessions::Tokens, setup::Capabilities};

/// The channel between tabs, and the lock around a renewal.
const CHANNEL: &str = "doorward.session";
/// How often the clock is compared with the token's end.
const TICK: Duration = Duration::from_secs(5);

/// The session of the woken page; set once.
static CURRENT: OnceLock<Session> = OnceLock::new();

/// What the whole dashboard knows about its user.
#[derive(Debug, Clone, Copy)]
pub struct Session {
    /// Who is signed in, or everybody while sign-in is off; `None` before sign-in.
    pub me: RwSignal<Option<Me>>,
    /// What anybody may know of the server.
    pub capabilities: RwSignal<Capabilities>,
    /// Whether the session ended while somebody was at work; a dialog asks for the password.
    pub has_expired: RwSignal<bool>,
    /// Counts up when everything on the page should be loaded again.
    pub revision: RwSignal<u32>,
    /// Whether the server answers.
    pub reach: Reach,
    /// The event that says why a page did not open, or something on it was refused, with its path.
    pub refusal: RwSignal<Option<(String, EventId)>>,
    is_settled: RwSignal<bool>,
    was_remembered: RwSignal<bool>,
}

/// What a renewal came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// There is a fresh token.
    Done,
    /// The session is over.
    Ended,
    /// The server did not answer, or was too busy.
    Away,
}

/// What tabs tell each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Notice {
    /// A tab got a new token for this user, by renewal or by signing in.
    Token { user: UserId, entry: Entry, is_remembered: bool },
    /// A tab signed out.
    SignedOut,
}

impl Session {
    /// The session as the server has rendered it.
    #[must_use]
    pub fn new(me: Option<Me>, capabilities: Capabilities) -> Self {
        Self {
            me: RwSignal::new(me),
            capabilities: RwSignal::new(capabilities),
            has_expired: RwSignal::new(false),
            revision: RwSignal::new(0),
            reach: Reach::new(),
            refusal: RwSignal::new(None),
            is_settled: RwSignal::new(false),
            was_remembered: RwSignal::new(false),
        }
    }

    /// The signed-in user's id.
    #[must_use]
    pub fn user_id(self) -> Option<UserId> {
        self.me.with_untracked(|me| me.as_ref()?.user.as_ref().map(|user| user.id))
    }

    /// Begins to look after the session, once the page has woken.
    pub fn start(self) {
        if CURRENT.set(self).is_err() {
            return;
        }
        browser::hear_tabs(CHANNEL, move |text| {
            if let Ok(notice) = wire::objects::from_str(&text) {
                self.hear(notice);
            }
        });
        browser::reload_when_brought_back();
        browser::on_visible(move || {
            self.tick();
            if self.user_id().is_some() {
                self.look_again();
            }
        });
        set_interval(move || self.tick(), TICK);
        spawn_local(async move {
            self.settle().await;
            self.is_settled.set(true);
        });
    }

    /// Brings the token and the page that the server rendered into agreement.
    async fn settle(self) {
        let is_open = self.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.is_open));
        if is_open {
            storage::clear();
            return;
        }
        if storage::load().is_some() {
            match calls::sessions::validate_session().await {
                Ok(valid) if self.user_id().is_some_and(|id| id != valid.user.id) => browser::reload(),
                Err(failure) if failure.status == 401 => self.leave(),
                _ => {}
            }
        } else if self.user_id().is_some() && renew(None).await == Renewal::Ended {
            self.leave();
        }
    }

    /// Renews the token in time, while somebody looks.
    fn tick(self) {
        let due = storage::load().filter(|entry| entry.is_due(browser::now()));
        if let Some(entry) = due.filter(|_| browser::is_visible() && !self.reach.is_away.get_untracked()) {
            spawn_local(async move {
                if renew(Some(entry.token)).await == Renewal::Ended {
                    self.lost();
                }
            });
        }
    }

    /// Takes note that something on this page was refused, and which event says why.
    pub fn was_refused(self, decision: Option<EventId>) {
        let place = browser::place();
        let path = place.split('?').next().unwrap_or_default().to_owned();
        self.refusal.set(decision.map(|id| (path, id)));
    }

    /// Asks again who the user is and what the role opens.
    pub fn look_again(self) {
        spawn_local(self.learn());
    }

    /// The same, to wait for.
    pub async fn learn(self) {
        if let Ok(me) = calls::me::get_me().await {
            self.me.maybe_update(|known| {
                let has_changed = known.as_ref() != Some(&me);
                *known = Some(me);
                has_changed
            });
        }
    }

    /// Takes the tokens of a sign-in.
    pub fn adopt(self, tokens: Tokens, is_remembered: bool) {
        let user = tokens.user.id;
        let entry = Entry::new(tokens.token, browser::now(), tokens.expires_in);
        storage::save(&entry, is_remembered);
        tell(&Notice::Token { user, entry, is_remembered });
    }

    /// Signs in again on the same page: what could not be loaded is loaded.
    pub fn resume(self, tokens: Tokens) {
        if self.user_id().is_some_and(|id| id != tokens.user.id) {
            self.adopt(tokens, self.was_remembered.get_untracked());
            browser::reload();
            return;
        }
        self.adopt(tokens, self.was_remembered.get_untracked());
        self.has_expired.set(false);
        self.look_again();
        loads_again();
    }

    /// Whether the session that has ended was to outlive the browser.
    #[must_use]
    pub fn was_remembered(self) -> bool {
        self.was_remembered.get_untracked()
    }

    /// Forgets the token everywhere and goes to a page of ours before the door; the server has ended the session.
    pub fn signed_out(self, place: &str) {
        storage::clear();
        tell(&Notice::SignedOut);
        browser::enter(place);
    }

    /// Takes note that the session is over although nobody signed out.
    fn lost(self) {
        self.was_remembered.set(storage::is_remembered());
        storage::clear();
        // Sign-in was off when the page was loaded, and has been turned on elsewhere.
        if self.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.is_open)) {
            signs_in_again();
            return;
        }
        if self.user_id().is_none() {
            return;
        }
        if self.is_settled.get_untracked() { self.has_expired.set(true) } else { self.leave() }
    }

    fn leave(self) {
        storage::clear();
        if self.user_id().is_some() && !is_at_entry() {
            signs_in_again();
        }
    }

    fn hear(self, notice: Notice) {
        match notice {
            Notice::SignedOut => {
                storage::clear();
                if !is_at_entry() {
                    browser::enter("/login");
                }
            }
            Notice::Token { user, entry, is_remembered } => match self.user_id() {
                Some(id) if id == user => {
                    storage::save(&entry, is_remembered);
                    if self.has_expired.get_untracked() {
                        self.has_expired.set(false);
                        loads_again();
                    }
                }
                // The cookie is of somebody else now; what this page shows is no longer theirs.
                Some(_) => browser::reload(),
                // A page before the door: it offers to go on, and keeps what is being typed.
                None => {
                    storage::save(&entry, is_remembered);
                    self.look_again();
                }
            },
        }
    }
}

/// Whether the page is one of those around signing in.
fn is_at_entry() -> bool {
    prefix::with(|prefix| next::is_entry(prefix, &browser::place()))
}

/// Goes to sign in, and comes back to this page.
pub fn signs_in_again() {
    browser::enter(&prefix::with(|prefix| next::login(prefix, &browser::place())));
}

/// The session of the woken page.
#[must_use]
pub fn current() -> Option<Session> {
    CURRENT.get().copied()
}

/// Has everything on the page loaded again.
pub fn loads_again() {
    if let Some(session) = current() {
        session.revision.update(|revision| *revision += 1);
    }
}

/// Loads again what has failed, once there is reason to; what did not fail stays, so that nothing
/// typed below it is lost.
pub fn retry_failed<T: Serialize + DeserializeOwned + Send + Sync + 'static>(session: Session, resource: Resource<Result<T, Failure>>) {
    Effect::new(move |before: Option<u32>| {
        let revision = session.revision.get();
        let has_failed = resource.with_untracked(|loaded| matches!(loaded, Some(Err(_))));
        if before.is_some_and(|before| before != revision) && has_failed {
            resource.refetch();
        }
        revision
    });
}

/// Takes note that a request got no answer.
pub fn is_unreachable() {
    if let Some(session) = current() {
        session.reach.lost();
    }
}

/// Takes note that the session is over.
pub fn has_ended() {
    if let Some(session) = current() {
        session.lost();
    }
}

/// The token to send; where the page is signed in by its cookie alone, a fresh one.
///
/// # Errors
/// That there is none to be had: the session is over, or the server away.
pub async fn token() -> Result<Option<String>, Renewal> {
    let is_signed_in = current().is_some_and(|session| session.user_id().is_some());
    if storage::load().is_none() && is_signed_in {
        match renew(None).await {
            Renewal::Done => {}
            lacking => return Err(lacking),
        }
    }
    Ok(storage::load().map(|entry| entry.token))
}

thread_local! {
    /// The renewal that is under way in this tab.
    static FLIGHT: RefCell<Option<Shared<LocalBoxFuture<'static, Renewal>>>> = const { RefCell::new(None) };
}

/// Gets a token other than the one that was `used`; all who ask at once share one renewal.
pub async fn renew(used: Option<String>) -> Renewal {
    if is_renewed(used.as_deref()) {
        return Renewal::Done;
    }
    let flight = FLIGHT.with(|flight| {
        flight
            .borrow_mut()
            .get_or_insert_with(|| {
                async move {
                    let outcome = browser::alone(CHANNEL, renew_alone(used)).await;
                    FLIGHT.with(|flight| flight.borrow_mut().take());
                    outcome
                }
                .boxed_local()
                .shared()
            })
            .clone()
    });
    flight.await
}

fn is_renewed(used: Option<&str>) -> bool {
    storage::load().is_some_and(|entry| Some(entry.token.as_str()) != used && !entry.has_ended(browser::now()))
}

async fn renew_alone(used: Option<String>) -> Renewal {
    // What the tab before us has told is delivered first.
    browser::pause(0).await;
    if is_renewed(used.as_deref()) {
        return Renewal::Done;
    }
    match calls::sessions::refresh_session(Refresh::default()).await {
        Ok(tokens) => {
            if let Some(session) = current() {
                let is_other = session.user_id().is_some_and(|id| id != tokens.user.id);
                session.adopt(tokens, storage::is_remembered());
                // The cookie is of somebody else by now: another tab has signed in.
                if is_other {
                    browser::reload();
                }
            }
            Renewal::Done
        }
        Err(failure) if failure.status == 401 => Renewal::Ended,
        Err(_) => Renewal::Away,
    }
}

fn tell(notice: &Notice) {
    if let Ok(text) = serde_json::to_string(notice) {
        browser::tell_tabs(&text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabs_understand_each_other() {
        let notice = Notice::Token { user: UserId(Default::default()), entry: Entry::new("t".into(), 5, 60), is_remembered: true };
        let text = serde_json::to_string(&notice).unwrap();
        assert_eq!(wire::objects::from_str::<Notice>(&text).unwrap(), notice);
        assert_eq!(serde_json::to_string(&Notice::SignedOut).unwrap(), r#""signedOut""#);
    }
}
