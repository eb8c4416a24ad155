//! What the list, its dialogs and its drawer share: what is being asked, which key is meant, and
//! what one may do with it.

use super::query;
use crate::{
    pages::words,
    state::{
        follow::{Follow, topic, watch},
        roles::Roles,
        session::Session,
        watched::News,
    },
    ui::{Choice, Reports, Tone, use_toaster},
};
use leptos::prelude::*;
use wire::{
    Permission, RoleName, Timestamp,
    keys::{ApiKey, ApiKeyQuery, KeyKind, KeyScope, KeyStatus},
};

/// How long before its end a key is marked, in milliseconds: two weeks.
const SOON: i64 = 14 * 24 * 60 * 60 * 1000;

/// The state of the list of keys.
#[derive(Clone, Copy)]
pub struct Desk {
    /// The search, the filters, the order and the cursor.
    pub query: Memo<ApiKeyQuery>,
    /// Counts up when the list has to be loaded again.
    pub version: RwSignal<u32>,
    /// Which key gets another secret, once the grace is chosen.
    pub to_rotate: RwSignal<Option<ApiKey>>,
    /// Which key ends, once that is confirmed.
    pub to_revoke: RwSignal<Option<ApiKey>>,
    reports: Reports,
}

impl Desk {
    /// Nothing asked.
    #[must_use]
    pub fn new(query: Memo<ApiKeyQuery>) -> Self {
        Self { query, version: RwSignal::new(0), to_rotate: RwSignal::new(None), to_revoke: RwSignal::new(None), reports: use_toaster() }
    }

    /// The address of the list as it is shown.
    #[must_use]
    pub fn address(self) -> String {
        [query::LIST, &self.query.with_untracked(query::write)].concat()
    }

    /// The address of a key's drawer over the list.
    #[must_use]
    pub fn address_of(self, key: &ApiKey) -> String {
        [query::LIST, "/", &key.id.to_string(), &self.query.with_untracked(query::write)].concat()
    }

    /// Has the list loaded again, and says what was done.
    pub fn changed(self, done: String) {
        self.reports.say(done);
        self.version.update(|version| *version += 1);
    }
}

/// What one may do with a key; the server asks the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// Change its name, role, networks and end.
    pub can_change: bool,
    /// Give it another secret.
    pub can_rotate: bool,
    /// End it for good.
    pub can_revoke: bool,
}

impl Reach {
    /// Of whoever is signed in.
    #[must_use]
    pub fn of(session: Session, roles: Roles, key: &ApiKey) -> Self {
        let is_own = key.owner_id.is_some() && key.owner_id == session.user_id();
        let worth = untrack(|| roles.permissions(&key.role));
        let is_covered = session.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.permissions.covers(worth)));
        Self::when(is_own, is_own || is_covered, key)
    }

    fn when(is_own: bool, is_reached: bool, key: &ApiKey) -> Self {
        Self {
            can_change: is_reached && key.status != KeyStatus::Revoked,
            can_rotate: is_reached && key.status == KeyStatus::Active && (is_own || key.kind == KeyKind::Service),
            can_revoke: is_reached && key.status != KeyStatus::Revoked,
        }
    }
}

/// Whether the caller manages everybody's keys.
pub fn manages(session: Session) -> bool {
    session.me.with(|me| me.as_ref().is_some_and(|me| me.permissions.has(Permission::Keys)))
}

/// Follows what becomes of keys; while somebody is at what `held` selects, it waits.
pub fn news_of_keys(session: Session, held: &'static str) -> Follow {
    let news = Follow::of(&["keys"], held);
    // How keys are used is for those alone who manage them.
    watch(
        move || manages(session).then(|| topic("door:keys")).flatten(),
        None,
        move |used| {
            if let News::Message(_) = used {
                news.due();
            }
        },
    );
    news
}

/// Whether the caller could make a key of their own.
pub fn may_own(session: Session) -> bool {
    session.me.with(|me| me.as_ref().is_some_and(|me| me.personal_keys))
}

/// The roles that one holds oneself, and so may give; and the one that the key has already.
pub fn roles_to_give(session: Session, roles: Roles, present: Option<&RoleName>) -> Vec<Choice> {
    let own = session.me.with_untracked(|me| me.as_ref().map(|me| me.permissions).unwrap_or_default());
    untrack(|| roles.all())
        .into_iter()
        .filter(|role| own.covers(role.permissions) || Some(&role.name) == present)
        .map(|role| Choice::new(role.name.0.clone(), words::role(&role.name)))
        .collect()
}

/// Whether the key can be used now, and ends within two weeks.
#[must_use]
pub fn ends_soon(key: &ApiKey, now: Timestamp) -> bool {
    key.status == KeyStatus::Active && key.expires_at.is_some_and(|at| at <= now.plus(SOON))
}

/// A key's state in one word.
#[must_use]
pub fn state(key: &ApiKey, now: Timestamp) -> (Tone, &'static str) {
    match key.status {
        KeyStatus::Active if ends_soon(key, now) => (Tone::Warning, "Expires soon"),
        KeyStatus::Active => (Tone::Success, "Active"),
        KeyStatus::Expired => (Tone::Off, "Expired"),
        KeyStatus::Revoked => (Tone::Off, "Revoked"),
    }
}

/// The beginning of a key's text, as far as it is kept.
#[must_use]
pub fn beginning(key: &ApiKey) -> String {
    ["dw_", &key.prefix, "…"].concat()
}

/// From where a key may be used.
#[must_use]
pub fn networks(key: &ApiKey) -> String {
    key.allowed_ips.as_ref().map_or_else(|| "Everywhere".into(), |list| list.join(", "))
}

/// Where a key is good, if not everywhere.
#[must_use]
pub fn works_in(key: &ApiKey) -> Option<String> {
    let scope = &key.scope;
    let place: Vec<&str> = [&scope.workspace, &scope.environment].into_iter().flatten().map(String::as_str).collect();
    let apps = scope.apps.iter().flatten().map(String::as_str);
    let places: Vec<String> = Some(place.join("/")).filter(|place| !place.is_empty()).into_iter().chain(apps.map(str::to_owned)).collect();
    (!places.is_empty()).then(|| places.join(", "))
}

/// The scope of a key that is good in this place; the apps stay as they are.
#[must_use]
pub fn scope_of(workspace: Option<String>, environment: Option<String>, present: &KeyScope) -> KeyScope {
    KeyScope { workspace, environment, apps: present.apps.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::{KeyId, audit::Party};

    const NOW: Timestamp = Timestamp(1_000_000);

    fn key(kind: KeyKind, expires_at: Option<Timestamp>, revoked_at: Option<Timestamp>) -> ApiKey {
        ApiKey {
            id: KeyId(Default::default()),
            name: "deploy".into(),
            description: None,
            prefix: "aB3dE6gH".into(),
            kind,
            role: RoleName("operator".into()),
            scope: KeyScope::default(),
            allowed_ips: None,
            owner_id: None,
            owner_name: None,
            created_by: Party { kind: "user".into(), id: String::new(), name: "ada".into() },
            created_at: NOW,
            updated_at: NOW,
            expires_at,
            last_used_at: None,
            last_used_ip: None,
            use_count: 0,
            revoked_at,
            status: ApiKey::status_at(expires_at, revoked_at, NOW),
        }
    }

    #[test]
    fn a_key_is_marked_two_weeks_before_its_end() {
        let word = |at| state(&key(KeyKind::Service, at, None), NOW).1;
        assert_eq!(word(None), "Active");
        assert_eq!(word(Some(NOW.plus(SOON + 1))), "Active");
        assert_eq!(word(Some(NOW.plus(SOON))), "Expires soon");
        assert_eq!(word(Some(NOW)), "Expired");
        assert_eq!(state(&key(KeyKind::Service, Some(NOW.plus(1)), Some(NOW)), NOW).1, "Revoked");
    }

    #[test]
    fn a_key_says_where_it_is_good() {
        let place = |workspace: Option<&str>, environment: Option<&str>| {
            let scope = scope_of(workspace.map(str::to_owned), environment.map(str::to_owned), &KeyScope::default());
            works_in(&ApiKey { scope, ..key(KeyKind::Service, None, None) })
        };
        assert_eq!(place(None, None), None);
        assert_eq!(place(Some("billing"), None).as_deref(), Some("billing"));
        assert_eq!(place(Some("billing"), Some("staging")).as_deref(), Some("billing/staging"));
    }

    #[test]
    fn only_its_owner_gives_a_personal_key_another_secret() {
        let personal = key(KeyKind::Personal, None, None);
        assert!(Reach::when(true, true, &personal).can_rotate);
        assert_eq!(Reach::when(false, true, &personal), Reach { can_change: true, can_rotate: false, can_revoke: true });
        assert!(Reach::when(false, true, &key(KeyKind::Service, None, None)).can_rotate);
        assert_eq!(Reach::when(false, false, &personal), Reach { can_change: false, can_rotate: false, can_revoke: false });
    }

    #[test]
    fn an_expired_key_can_be_changed_and_a_revoked_one_not() {
        let expired = Reach::when(false, true, &key(KeyKind::Service, Some(NOW), None));
        assert_eq!(expired, Reach { can_change: true, can_rotate: false, can_revoke: true });
        let revoked = Reach::when(true, true, &key(KeyKind::Service, None, Some(NOW)));
        assert_eq!(revoked, Reach { can_change: false, can_rotate: false, can_revoke: false });
    }
}
