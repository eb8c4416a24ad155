//! The pages that one can go to: for the sidebar, the palette, the shortcuts and the crumbs.

use crate::{
    frame::{PageStatus, Verdict, decide},
    ui::Icon,
};
use wire::{me::Me, setup::Capabilities};

/// A page to go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// Its address.
    pub path: &'static str,
    /// Its name.
    pub label: &'static str,
    /// Its drawing.
    pub icon: Icon,
    /// The keys that lead there, one after the other.
    pub keys: Option<&'static [&'static str]>,
    /// Whether it stands under Settings.
    pub is_setting: bool,
}

/// All of them, in the order of the sidebar.
pub const WAYS: &[Way] = &[
    Way { path: "/", label: "Home", icon: Icon::Home, keys: Some(&["g", "h"]), is_setting: false },
    Way { path: "/apps", label: "Apps", icon: Icon::Apps, keys: Some(&["g", "a"]), is_setting: false },
    Way { path: "/activity/channels", label: "Channels", icon: Icon::Activity, keys: Some(&["g", "c"]), is_setting: false },
    Way { path: "/settings/general", label: "General", icon: Icon::Sliders, keys: None, is_setting: true },
    Way { path: "/settings/authentication", label: "Authentication", icon: Icon::Gate, keys: None, is_setting: true },
    Way { path: "/settings/users", label: "Users", icon: Icon::Users, keys: Some(&["g", "u"]), is_setting: true },
    Way { path: "/settings/roles", label: "Roles", icon: Icon::Roles, keys: None, is_setting: true },
    Way { path: "/settings/api-keys", label: "API keys", icon: Icon::Key, keys: None, is_setting: true },
    Way { path: "/settings/sessions", label: "Sessions", icon: Icon::Monitor, keys: None, is_setting: true },
    Way { path: "/settings/audit", label: "Audit log", icon: Icon::Audit, keys: Some(&["g", "l"]), is_setting: true },
    Way { path: "/settings/workspaces", label: "Workspaces", icon: Icon::Layers, keys: None, is_setting: true },
];

/// The page of one's own.
pub const PROFILE: Way = Way { path: "/profile", label: "Profile", icon: Icon::User, keys: None, is_setting: false };

impl Way {
    /// Whether the role opens it.
    #[must_use]
    pub fn is_open_to(&self, me: Option<&Me>, capabilities: &Capabilities) -> bool {
        decide(self.path, me, capabilities) == Verdict::Show(PageStatus::Ok)
    }

    /// Whether one is there, or below it.
    #[must_use]
    pub fn holds(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        match path.strip_prefix(self.path.trim_end_matches('/')) {
            Some("") => true,
            Some(rest) => self.path != "/" && rest.starts_with('/'),
            None => false,
        }
    }
}

/// The page that a path belongs to.
#[must_use]
pub fn of(path: &str) -> Option<&'static Way> {
    WAYS.iter().chain([&PROFILE]).find(|way| way.holds(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_belongs_to_one_page() {
        assert_eq!(of("/").map(|way| way.label), Some("Home"));
        assert_eq!(of("/settings/users/42").map(|way| way.label), Some("Users"));
        assert_eq!(of("/apps/taskflow/rules").map(|way| way.label), Some("Apps"));
        assert_eq!(of("/settings/usersx"), None);
        assert_eq!(of("/nowhere"), None);
    }
}
