//! The parts of the dashboard that the browser loads when they are needed, so that signing in does
//! not wait for them. Each part is one file, and what two share another: a few large ones load
//! sooner than many small ones. A new area becomes a part; a new page joins one.

use super::{
    apps::{self, Apps, FirstApp},
    audit::{Audit, Detail},
    change_password::ChangePasswordPage,
    channels::{self, Channels},
    forgot::ForgotPage,
    home::Home,
    inside::Inside,
    keys::{self, Keys},
    logout::LogoutPage,
    not_allowed::NotAllowedPage,
    profile::Profile,
    reset::ResetPage,
    roles::{self, Roles},
    settings::{FirstSetting, authentication::Authentication, general::General, sessions::Sessions},
    setup::{AdminPage, DonePage, WelcomePage},
    sign_on,
    users::{Add, Edit, Users},
    workspaces::{self, Workspaces},
};
use crate::state::address::Loading;
use leptos::prelude::*;
use leptos_router::{ChooseView, components::Outlet};

/// A page that is loaded with its part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Later {
    /// The wizard's beginning.
    Welcome,
    /// The wizard's first account.
    FirstAdmin,
    /// The wizard's end.
    SetupDone,
    /// Somebody whom a provider knows, and who is not let in.
    NotAllowed,
    /// Signing out without the menu.
    Logout,
    /// The way back in.
    Forgot,
    /// A password by a one-time link.
    Reset,
    /// One's own password.
    ChangePassword,
    /// The frame around all others.
    Inside,
    /// Home.
    Home,
    /// The wizard's app.
    FirstApp,
    /// The apps.
    Apps,
    /// Adding an app, over the list.
    AddApp,
    /// The frame of an app's pages.
    App,
    /// How an app is.
    AppOverview,
    /// Who may do what in an app.
    AppRules,
    /// How an app is reached.
    AppConnect,
    /// How an app is set up.
    AppSettings,
    /// The pages of live channels.
    Live,
    /// The live channels.
    Channels,
    /// One of them.
    Channel,
    /// One's own account.
    Profile,
    /// An address that has no page; the frame shows the state itself.
    Elsewhere,
    /// The way to the first page of Settings.
    FirstSetting,
    /// Settings, General.
    General,
    /// Settings, Authentication, and the pages of providers below it.
    SignOn,
    /// Settings, Authentication.
    Authentication,
    /// Adding a provider.
    AddProvider,
    /// A provider.
    Provider,
    /// Settings, Sessions.
    Sessions,
    /// Settings, Roles.
    Roles,
    /// Making a role, over the page.
    NewRole,
    /// Changing a role, over the page.
    EditRole,
    /// Settings, API keys.
    Keys,
    /// Making an API key, over the list.
    CreateKey,
    /// An API key, over the list.
    EditKey,
    /// Settings, Users.
    Users,
    /// Adding a user, over the list.
    AddUser,
    /// Changing a user, over the list.
    EditUser,
    /// Settings, Audit log.
    Audit,
    /// An event, over the list.
    AuditEvent,
    /// Settings, Workspaces.
    Workspaces,
    /// Making a workspace, over the list.
    CreateWorkspace,
    /// A workspace, over the list.
    EditWorkspace,
}

impl Later {
    /// Which part the page is in.
    const fn part(self) -> Part {
        match self {
            Self::Welcome
            | Self::FirstAdmin
            | Self::SetupDone
            | Self::NotAllowed
            | Self::Logout
            | Self::Forgot
            | Self::Reset
            | Self::ChangePassword => Part::Entry,
            Self::General | Self::Authentication | Self::Sessions | Self::Roles | Self::NewRole | Self::EditRole => Part::Settings,
            Self::AddProvider | Self::Provider => Part::SignOn,
            Self::Users | Self::AddUser | Self::EditUser => Part::Users,
            Self::Profile => Part::Own,
            Self::Keys | Self::CreateKey | Self::EditKey => Part::Keys,
            Self::Apps | Self::AddApp | Self::FirstApp => Part::Apps,
            Self::App | Self::AppOverview | Self::AppRules => Part::App,
            Self::AppConnect | Self::AppSettings => Part::AppSetup,
            Self::Audit | Self::AuditEvent => Part::Audit,
            Self::Workspaces | Self::CreateWorkspace | Self::EditWorkspace => Part::Workspaces,
            Self::Live | Self::Channels | Self::Channel => Part::Live,
            Self::Home => Part::Home,
            Self::Inside | Self::Elsewhere | Self::FirstSetting | Self::SignOn => Part::First,
        }
    }
}

/// A part of the dashboard that is loaded as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// What comes once: setting up, a way back in, setting a password, leaving.
    Entry,
    /// The frame that everybody sees after signing in.
    First,
    /// Home.
    Home,
    /// Settings.
    Settings,
    /// The pages of providers.
    SignOn,
    /// Users.
    Users,
    /// One's own account.
    Own,
    /// API keys.
    Keys,
    /// Guarded apps.
    Apps,
    /// One of them.
    App,
    /// How one of them is reached and set up.
    AppSetup,
    /// The audit log.
    Audit,
    /// Workspaces.
    Workspaces,
    /// Live channels.
    Live,
}

impl ChooseView for Later {
    async fn choose(self) -> AnyView {
        let _loading = Loading::begin();
        match self.part() {
            Part::Entry => entry_part(self).await,
            Part::First => first_part(self).await,
            Part::Home => home_part(self).await,
            Part::Settings => settings_part(self).await,
            Part::SignOn => sign_on_part(self).await,
            Part::Users => users_part(self).await,
            Part::Own => own_part(self).await,
            Part::Keys => keys_part(self).await,
            Part::Apps => apps_part(self).await,
            Part::App => app_part(self).await,
            Part::AppSetup => app_setup_part(self).await,
            Part::Audit => audit_part(self).await,
            Part::Workspaces => workspaces_part(self).await,
            Part::Live => live_part(self).await,
        }
    }

    async fn preload(&self) {
        let _loading = Loading::begin();
        // The server has all parts in one program.
        #[cfg(target_arch = "wasm32")]
        match self.part() {
            Part::Entry => __preload_entry_part().await,
            Part::First => __preload_first_part().await,
            Part::Home => __preload_home_part().await,
            Part::Settings => __preload_settings_part().await,
            Part::SignOn => __preload_sign_on_part().await,
            Part::Users => __preload_users_part().await,
            Part::Own => __preload_own_part().await,
            Part::Keys => __preload_keys_part().await,
            Part::Apps => __preload_apps_part().await,
            Part::App => __preload_app_part().await,
            Part::AppSetup => __preload_app_setup_part().await,
            Part::Audit => __preload_audit_part().await,
            Part::Workspaces => __preload_workspaces_part().await,
            Part::Live => __preload_live_part().await,
        }
    }
}

#[lazy]
fn entry_part(page: Later) -> AnyView {
    match page {
        Later::Welcome => view! { <WelcomePage /> }.into_any(),
        Later::FirstAdmin => view! { <AdminPage /> }.into_any(),
        Later::SetupDone => view! { <DonePage /> }.into_any(),
        Later::NotAllowed => view! { <NotAllowedPage /> }.into_any(),
        Later::Logout => view! { <LogoutPage /> }.into_any(),
        Later::Forgot => view! { <ForgotPage /> }.into_any(),
        Later::Reset => view! { <ResetPage /> }.into_any(),
        Later::ChangePassword => view! { <ChangePasswordPage /> }.into_any(),
        _ => ().into_any(),
    }
}

#[lazy]
fn first_part(page: Later) -> AnyView {
    match page {
        Later::Inside => view! { <Inside /> }.into_any(),
        Later::FirstSetting => view! { <FirstSetting /> }.into_any(),
        Later::SignOn => view! { <Outlet /> }.into_any(),
        _ => ().into_any(),
    }
}

#[lazy]
fn home_part(page: Later) -> AnyView {
    match page {
        Later::Home => view! { <Home /> }.into_any(),
        _ => ().into_any(),
    }
}

#[lazy]
fn settings_part(page: Later) -> AnyView {
    match page {
        Later::General => view! { <General /> }.into_any(),
        Later::Authentication => view! { <Authentication /> }.into_any(),
        Later::Sessions => view! { <Sessions /> }.into_any(),
        Later::Roles => view! { <Roles /> }.into_any(),
        Later::NewRole => view! { <roles::New /> }.into_any(),
        Later::EditRole => view! { <roles::Edit /> }.into_any(),
        _ => ().into_any(),
    }
}

#[lazy]
fn sign_on_part(page: Later) -> AnyView {
    match page {
        Later::AddProvider => view! { <sign_on::Create /> }.into_any(),
        Later::Provider => view! { <sign_on::ProviderPage /> }.into_any(),
        _ => ().into_any(),
    }
}

#[lazy]
fn users_part(page: Later) -> AnyView {
    match page {
        Later::Users => view! { <Users /> }.into_any(),
        Later::AddUser => view! { <Add /> }.into_any(),
        Later::EditUser => view! { <Edit /> }.into_any(),
        _ => ().into_any(),
    }
}

#[lazy]
fn own_part(page: Later) -> AnyView {
    match page {
        Later::Profile => view! { <Profile /> }.into_any(),
        _ => ().into_any(),
    }
}

#[lazy]
fn keys_part(page: Later) -> AnyView {
    match page {
        Later::Keys => view! { <Keys /> }.into_any(),
        Later::CreateKey => view! { <keys::Create /> }.into_any(),
        Later::EditKey => view! { <keys::Edit /> }.into_any(),
        _ => ().into_any(),
    }
}

#[lazy]
fn apps_part(page: Later) -> AnyView {
    match page {
        Later::Apps => view! { <Apps /> }.into_any(),
        Later::AddApp => view! { <apps::Create /> }.into_any(),
        Later::FirstApp => view! { <FirstApp /> }.into_any(),
        _ => ().into_any(),
    }
}

#[lazy]
fn app_part(page: Later) -> AnyView {
    match page {
        Later::App => view! { <apps::App /> }.into_any(),
        Later::AppOverview => view! { <apps::Overview /> }.into_any(),
        Later::AppRules => view! { <apps::Rules /> }.into_any(),
        _ => ().into_any(),
    }
}

#[lazy]
fn app_setup_part(page: Later) -> AnyView {
    match page {
        Later::AppConnect => view! { <apps::Connect /> }.into_any(),
        Later::AppSettings => view! { <apps::Settings /> }.into_any(),
        _ => ().into_any(),
    }
}

#[lazy]
fn audit_part(page: Later) -> AnyView {
    match page {
        Later::Audit => view! { <Audit /> }.into_any(),
        Later::AuditEvent => view! { <Detail /> }.into_any(),
        _ => ().into_any(),
    }
}

#[lazy]
fn workspaces_part(page: Later) -> AnyView {
    match page {
        Later::Workspaces => view! { <Workspaces /> }.into_any(),
        Later::CreateWorkspace => view! { <workspaces::Create /> }.into_any(),
        Later::EditWorkspace => view! { <workspaces::Edit /> }.into_any(),
        _ => ().into_any(),
    }
}

#[lazy]
fn live_part(page: Later) -> AnyView {
    match page {
        Later::Live => view! { <Outlet /> }.into_any(),
        Later::Channels => view! { <Channels /> }.into_any(),
        Later::Channel => view! { <channels::Channel /> }.into_any(),
        _ => ().into_any(),
    }
}
