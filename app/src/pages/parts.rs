//! The parts of the dashboard that the browser loads when they are needed, so that signing in does
//! not wait for them. Each part is one file, and what two share another: a few large ones load
//! sooner than many small ones. A new area becomes a part; a new page joins one.

use super::{
    home::Home,
    inside::Inside,
    profile::Profile,
    settings::{FirstSetting, authentication::Authentication, general::General, sessions::Sessions},
    users::{Add, Edit, Users},
};
use leptos::prelude::*;
use leptos_router::ChooseView;

/// A page that is loaded with its part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Later {
    /// The frame around all others.
    Inside,
    /// Home.
    Home,
    /// One's own account.
    Profile,
    /// An address that has no page; the frame shows the state itself.
    Elsewhere,
    /// The way to the first page of Settings.
    FirstSetting,
    /// Settings, General.
    General,
    /// Settings, Authentication.
    Authentication,
    /// Settings, Sessions.
    Sessions,
    /// Settings, Users.
    Users,
    /// Adding a user, over the list.
    AddUser,
    /// Changing a user, over the list.
    EditUser,
}

impl Later {
    /// Whether the page is in the part of Settings.
    const fn is_setting(self) -> bool {
        matches!(self, Self::General | Self::Authentication | Self::Sessions | Self::Users | Self::AddUser | Self::EditUser)
    }
}

impl ChooseView for Later {
    async fn choose(self) -> AnyView {
        if self.is_setting() { settings_part(self).await } else { first_part(self).await }
    }

    async fn preload(&self) {
        // The server has all parts in one program.
        #[cfg(target_arch = "wasm32")]
        if self.is_setting() {
            __preload_settings_part().await;
        } else {
            __preload_first_part().await;
        }
    }
}

#[lazy]
fn first_part(page: Later) -> AnyView {
    match page {
        Later::Inside => view! { <Inside /> }.into_any(),
        Later::Home => view! { <Home /> }.into_any(),
        Later::Profile => view! { <Profile /> }.into_any(),
        Later::FirstSetting => view! { <FirstSetting /> }.into_any(),
        _ => ().into_any(),
    }
}

#[lazy]
fn settings_part(page: Later) -> AnyView {
    match page {
        Later::General => view! { <General /> }.into_any(),
        Later::Authentication => view! { <Authentication /> }.into_any(),
        Later::Sessions => view! { <Sessions /> }.into_any(),
        Later::Users => view! { <Users /> }.into_any(),
        Later::AddUser => view! { <Add /> }.into_any(),
        Later::EditUser => view! { <Edit /> }.into_any(),
        _ => ().into_any(),
    }
}
