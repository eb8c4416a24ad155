//! What the server decides about a page before it renders it, and what it hands to the page.
//!
//! The browser decides by the same function when it moves on by itself.

use serde::{Deserialize, Serialize};
use wire::{
    EventId, Failure, Permission,
    me::Me,
    policy::{Needs, page_at},
    roles::Role,
    setup::Capabilities,
    workspaces::Workspace,
};

/// How a page is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PageStatus {
    /// As it is.
    #[default]
    Ok,
    /// The role does not open it (403).
    Forbidden {
        /// The permission that is missing; none where a session of one's own is.
        needs: Option<Permission>,
    },
    /// There is no such page (404).
    NotFound,
}

/// What to do with a request for a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Show it.
    Show(PageStatus),
    /// Go to `/login?next=` and come back.
    SignIn,
    /// Go to `/setup`: nobody has set the server up.
    Setup,
    /// Go to `/`: setup has happened.
    Home,
    /// Go to `/change-password`: nothing else opens before that.
    ChangePassword,
}

/// Decides about the page at `path`, by the table of pages.
#[must_use]
pub fn decide(path: &str, me: Option<&Me>, capabilities: &Capabilities) -> Verdict {
    let page = page_at(path);
    let needs = page.map(|page| page.needs);
    if capabilities.setup_required {
        return if needs == Some(Needs::SetupOpen) { Verdict::Show(PageStatus::Ok) } else { Verdict::Setup };
    }
    match (needs, me) {
        (Some(Needs::SetupOpen), _) => Verdict::Home,
        (Some(Needs::Nothing), _) => Verdict::Show(PageStatus::Ok),
        // Whether an address exists is told to those who are signed in.
        (_, None) => Verdict::SignIn,
        (_, Some(me)) if is_password_pending(me) && !page.is_some_and(|page| page.while_password_pending) => Verdict::ChangePassword,
        (None, Some(_)) => Verdict::Show(PageStatus::NotFound),
        (Some(Needs::SignedIn), Some(_)) => Verdict::Show(PageStatus::Ok),
        (Some(Needs::Session), Some(me)) if me.is_open => Verdict::Show(PageStatus::Forbidden { needs: None }),
        (Some(Needs::Session), Some(_)) => Verdict::Show(PageStatus::Ok),
        (Some(Needs::Permission(permission)), Some(me)) if me.permissions.has(permission) => Verdict::Show(PageStatus::Ok),
        (Some(Needs::Permission(permission)), Some(_)) => Verdict::Show(PageStatus::Forbidden { needs: Some(permission) }),
    }
}

fn is_password_pending(me: &Me) -> bool {
    me.user.as_ref().is_some_and(|user| user.must_change_password)
}

/// Where one can act; the server provides it as a context of its own for pages behind the door, so that
/// those before it need not know of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    /// The header in which a request names where it acts.
    pub header: String,
    /// The workspace that a request acts in when it names none.
    pub first: Workspace,
    /// Whether there is more than one environment.
    pub has_choice: bool,
}

impl Places {
    /// Whether these workspaces leave something to choose.
    #[must_use]
    pub fn is_choice(workspaces: &[Workspace]) -> bool {
        workspaces.len() > 1 || workspaces.iter().any(|workspace| workspace.environments.len() > 1)
    }
}

/// The page's surroundings; the server provides it as a context before it renders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Who asks for it; `None` where nobody is signed in.
    pub me: Option<Me>,
    /// What anybody may know of the server.
    pub capabilities: Capabilities,
}

/// What the server hands to the pages behind the door besides; only their part of the program reads it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Behind {
    /// How the page is shown.
    pub status: PageStatus,
    /// The event that says why the page does not open, where it does not.
    pub decision: Option<EventId>,
    /// Whom to ask where the page does not open: a few admins by their names to show.
    pub ask: Vec<String>,
    /// The roles besides the built-in ones.
    pub roles: Vec<Role>,
    /// The live message after which the page was drawn; nothing where one may not watch any.
    pub after: Option<i64>,
}

impl Default for Frame {
    /// Nobody, at a server that tells nothing: for the moment in which routes are collected.
    fn default() -> Self {
        Self {
            me: None,
            capabilities: Capabilities {
                auth_required: true,
                setup_required: false,
                setup_code_required: false,
                providers: Vec::new(),
                password_sign_in: true,
                registration: false,
                version: None,
                dev_mode: false,
                name: "Doorward".into(),
                help_contact: None,
                secure_transport: true,
            },
        }
    }
}

/// What became of a form that was posted without script; the server provides it as a context when
/// it renders the page again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Posted {
    /// Why it failed.
    pub failure: Option<Failure>,
    /// What was typed, by field name; never a password.
    pub values: Vec<(String, String)>,
}

impl Posted {
    /// What was typed into a field.
    #[must_use]
    pub fn value(&self, field: &str) -> String {
        self.values.iter().find(|(name, _)| name == field).map(|(_, value)| value.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::RoleName;

    fn me(role: &str) -> Me {
        let permissions = RoleName(role.into()).built_in().unwrap().permissions;
        Me {
            user: None,
            session_id: None,
            api_key: None,
            permissions,
            scope: wire::workspaces::Standing::default(),
            grants: Vec::new(),
            is_open: false,
            personal_keys: true,
        }
    }

    fn calm() -> Capabilities {
        Frame::default().capabilities
    }

    #[test]
    fn everything_leads_to_setup_until_it_is_done_and_then_nothing_does() {
        let fresh = Capabilities { setup_required: true, ..calm() };
        assert_eq!(decide("/setup/admin", None, &fresh), Verdict::Show(PageStatus::Ok));
        for path in ["/", "/login", "/settings/users", "/nowhere"] {
            assert_eq!(decide(path, None, &fresh), Verdict::Setup, "{path}");
        }
        assert_eq!(decide("/setup", Some(&me("admin")), &calm()), Verdict::Home);
    }

    #[test]
    fn there_is_a_choice_from_the_second_environment_on() {
        let workspace = |environments: &[&str]| Workspace {
            slug: Default::default(),
            name: "Default".into(),
            is_private: false,
            environments: environments.iter().map(|slug| wire::workspaces::Slug((*slug).into())).collect(),
            members: None,
            created_at: wire::Timestamp(0),
            updated_at: wire::Timestamp(0),
        };
        assert!(!Places::is_choice(&[workspace(&["default"])]));
        assert!(Places::is_choice(&[workspace(&["default", "staging"])]));
        assert!(Places::is_choice(&[workspace(&["default"]), workspace(&["default"])]));
    }

    #[test]
    fn strangers_sign_in_and_learn_nothing_of_addresses() {
        assert_eq!(decide("/settings/users", None, &calm()), Verdict::SignIn);
        assert_eq!(decide("/nowhere", None, &calm()), Verdict::SignIn);
        assert_eq!(decide("/login", None, &calm()), Verdict::Show(PageStatus::Ok));
    }

    #[test]
    fn a_role_opens_its_pages_and_no_others() {
        let viewer = me("viewer");
        assert_eq!(decide("/", Some(&viewer), &calm()), Verdict::Show(PageStatus::Ok));
        assert_eq!(
            decide("/settings/users", Some(&viewer), &calm()),
            Verdict::Show(PageStatus::Forbidden { needs: Some(Permission::Users) })
        );
        assert_eq!(decide("/nowhere", Some(&viewer), &calm()), Verdict::Show(PageStatus::NotFound));
        let granted = wire::workspaces::Standing { permissions: me("admin").permissions, ..Default::default() };
        let granted = Me { scope: granted.clone(), grants: vec![granted], ..viewer };
        assert_eq!(
            decide("/settings/users", Some(&granted), &calm()),
            Verdict::Show(PageStatus::Forbidden { needs: Some(Permission::Users) }),
            "a grant is no right over Doorward itself"
        );
        let open = Me { is_open: true, ..me("admin") };
        assert_eq!(decide("/profile", Some(&open), &calm()), Verdict::Show(PageStatus::Forbidden { needs: None }));
    }
}
