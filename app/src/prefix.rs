//! Where the dashboard stands on its host: at the root, or below a prefix like `/tasks/auth`.
//!
//! Pages, tables and the router's `navigate` have addresses as at the root. What a browser gets to see
//! has them with the prefix: [`at`] makes the one of the other, and [`inside`] goes back. Links of
//! `ui` do so themselves.

use std::sync::Arc;

/// The prefix of the door that renders a page; the server provides it as a context, and writes it into
/// the attribute `data-prefix` of the document, where a browser finds it.
#[derive(Debug, Clone)]
pub struct Prefix(Arc<str>);

impl Prefix {
    /// The prefix, or nothing for a door at the root.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Prefix {
    fn from(prefix: &str) -> Self {
        Self(prefix.into())
    }
}

pub use own::with;

/// An address of Doorward's own as a browser has to ask for it; what is no path of this host stays.
#[must_use]
pub fn at(path: &str) -> String {
    with(|prefix| wire::prefix::at(prefix, path))
}

/// The path of an address, without its query, as at the root.
#[must_use]
pub fn inside(address: &str) -> String {
    with(|prefix| wire::prefix::inside(prefix, address).unwrap_or(address).to_owned())
}

/// A name that the dashboards of two doors on one host do not share.
#[must_use]
pub fn named(name: &str) -> String {
    with(|prefix| [name, prefix].concat())
}

#[cfg(feature = "hydrate")]
mod own {
    use std::sync::OnceLock;

    static PREFIX: OnceLock<String> = OnceLock::new();

    fn read() -> String {
        let root = web_sys::window().and_then(|window| window.document()?.document_element());
        root.and_then(|root| root.get_attribute("data-prefix")).unwrap_or_default()
    }

    /// Does something with the prefix; it is empty at the root.
    pub fn with<T>(action: impl FnOnce(&str) -> T) -> T {
        action(PREFIX.get_or_init(read))
    }
}

#[cfg(not(feature = "hydrate"))]
mod own {
    use super::Prefix;
    use leptos::prelude::use_context;

    /// Does something with the prefix; it is empty at the root.
    pub fn with<T>(action: impl FnOnce(&str) -> T) -> T {
        action(use_context::<Prefix>().as_ref().map_or("", Prefix::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::{Icon, LinkButton, MenuItem, Tab};
    use leptos::prelude::*;

    fn drawn(prefix: &str) -> String {
        Owner::new().with(|| {
            provide_context(Prefix::from(prefix));
            view! {
                <LinkButton href="/apps">"Apps"</LinkButton>
                <LinkButton href="/tasks" whole=true>"Tasks"</LinkButton>
                <LinkButton href="https://id.example/end">"There"</LinkButton>
                <MenuItem icon=Icon::User label="Profile" href="/profile" />
                <Tab href="/" label="Home" current=Signal::stored(true) />
            }
            .to_html()
        })
    }

    #[test]
    fn links_and_drawings_find_the_prefix_by_themselves() {
        let html = drawn("/tasks/auth");
        for address in
            ["/tasks/auth/apps", "/tasks", "https://id.example/end", "/tasks/auth/profile", "/tasks/auth", "/tasks/auth/icons.svg#user"]
        {
            assert!(html.contains(&format!("href=\"{address}\"")), "{address}: {html}");
        }
        let html = drawn("");
        for address in ["/apps", "/tasks", "https://id.example/end", "/profile", "/", "/icons.svg#user"] {
            assert!(html.contains(&format!("href=\"{address}\"")), "{address}: {html}");
        }
    }
}
