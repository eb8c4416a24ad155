//! The icon set as one enum, and the mark. The drawings are in `public/icons.svg`.
use leptos::prelude::*;

use super::Size;
use crate::prefix::at;

/// A drawing of the icon set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// A pulse: what happens.
    Activity,
    /// Four tiles: guarded apps.
    Apps,
    /// An arrow down.
    ArrowDown,
    /// Go on.
    ArrowRight,
    /// An arrow up.
    ArrowUp,
    /// A written page: the audit log.
    Audit,
    /// Refused.
    Ban,
    /// Done.
    Check,
    /// Time.
    Clock,
    /// Code.
    Code,
    /// Light and dark: the theme.
    Contrast,
    /// Copy.
    Copy,
    /// Downwards, or sorted descending.
    Down,
    /// Download.
    Download,
    /// Edit.
    Edit,
    /// The Enter key.
    Enter,
    /// An error.
    Error,
    /// Leads out of here.
    External,
    /// Filter.
    Filter,
    /// The gate.
    Gate,
    /// The gate, barred: turned away.
    GateClosed,
    /// The gate, open: let through.
    GateOpen,
    /// A wheel: the system.
    Gear,
    /// The internet.
    Globe,
    /// Help.
    Help,
    /// Home.
    Home,
    /// A remark.
    Info,
    /// An API key.
    Key,
    /// Workspaces.
    Layers,
    /// Back.
    Left,
    /// Locked.
    Lock,
    /// Sign out.
    Logout,
    /// Mail.
    Mail,
    /// Open the menu.
    Menu,
    /// Not met.
    Minus,
    /// A computer.
    Monitor,
    /// Dark.
    Moon,
    /// More actions.
    More,
    /// No answer.
    Offline,
    /// Pause.
    Pause,
    /// A phone.
    Phone,
    /// A place.
    Pin,
    /// Add.
    Plus,
    /// On and off.
    Power,
    /// Again.
    Refresh,
    /// Onwards.
    Right,
    /// Ranks: roles.
    Roles,
    /// Search.
    Search,
    /// Settings.
    Sliders,
    /// Light.
    Sun,
    /// A terminal.
    Terminal,
    /// Delete.
    Trash,
    /// Unlocked.
    Unlock,
    /// Upwards, or sorted ascending.
    Up,
    /// Can be sorted.
    Updown,
    /// A person.
    User,
    /// Add a person.
    UserPlus,
    /// People.
    Users,
    /// A warning.
    Warn,
    /// Close.
    X,
}

impl Icon {
    /// Returns the path of the drawing.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Activity => "/icons.svg#activity",
            Self::Apps => "/icons.svg#apps",
            Self::ArrowDown => "/icons.svg#arrow-down",
            Self::ArrowRight => "/icons.svg#arrow-right",
            Self::ArrowUp => "/icons.svg#arrow-up",
            Self::Audit => "/icons.svg#audit",
            Self::Ban => "/icons.svg#ban",
            Self::Check => "/icons.svg#check",
            Self::Clock => "/icons.svg#clock",
            Self::Code => "/icons.svg#code",
            Self::Contrast => "/icons.svg#contrast",
            Self::Copy => "/icons.svg#copy",
            Self::Down => "/icons.svg#down",
            Self::Download => "/icons.svg#download",
            Self::Edit => "/icons.svg#edit",
            Self::Enter => "/icons.svg#enter",
            Self::Error => "/icons.svg#error",
            Self::External => "/icons.svg#external",
            Self::Filter => "/icons.svg#filter",
            Self::Gate => "/icons.svg#gate",
            Self::GateClosed => "/icons.svg#gate-closed",
            Self::GateOpen => "/icons.svg#gate-open",
            Self::Gear => "/icons.svg#gear",
            Self::Globe => "/icons.svg#globe",
            Self::Help => "/icons.svg#help",
            Self::Home => "/icons.svg#home",
            Self::Info => "/icons.svg#info",
            Self::Key => "/icons.svg#key",
            Self::Layers => "/icons.svg#layers",
            Self::Left => "/icons.svg#left",
            Self::Lock => "/icons.svg#lock",
            Self::Logout => "/icons.svg#logout",
            Self::Mail => "/icons.svg#mail",
            Self::Menu => "/icons.svg#menu",
            Self::Minus => "/icons.svg#minus",
            Self::Monitor => "/icons.svg#monitor",
            Self::Moon => "/icons.svg#moon",
            Self::More => "/icons.svg#more",
            Self::Offline => "/icons.svg#offline",
            Self::Pause => "/icons.svg#pause",
            Self::Phone => "/icons.svg#phone",
            Self::Pin => "/icons.svg#pin",
            Self::Plus => "/icons.svg#plus",
            Self::Power => "/icons.svg#power",
            Self::Refresh => "/icons.svg#refresh",
            Self::Right => "/icons.svg#right",
            Self::Roles => "/icons.svg#roles",
            Self::Search => "/icons.svg#search",
            Self::Sliders => "/icons.svg#sliders",
            Self::Sun => "/icons.svg#sun",
            Self::Terminal => "/icons.svg#terminal",
            Self::Trash => "/icons.svg#trash",
            Self::Unlock => "/icons.svg#unlock",
            Self::Up => "/icons.svg#up",
            Self::Updown => "/icons.svg#updown",
            Self::User => "/icons.svg#user",
            Self::UserPlus => "/icons.svg#user-plus",
            Self::Users => "/icons.svg#users",
            Self::Warn => "/icons.svg#warn",
            Self::X => "/icons.svg#x",
        }
    }

    /// Draws the icon at the usual size.
    pub fn draw(self) -> impl IntoView {
        self.draw_as(Size::Medium)
    }

    /// Draws the icon at a given size.
    pub fn draw_as(self, size: Size) -> impl IntoView {
        view! {
            <svg class="icon" data-size=size.as_str() viewBox="0 0 16 16" aria-hidden="true">
                <use href=at(self.as_str()) />
            </svg>
        }
    }
}

/// The mark: an arch with the door ajar.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 28 28" aria-hidden="true">
            <path class="mark__wall" d="M2 26V14a12 12 0 0 1 24 0v12z" />
            <path class="mark__pass" d="M8 26V14.75a6 6 0 0 1 12 0V26z" />
            <path
                class="mark__light"
                d="M15 26V13.2c0-1.5 1.2-2.9 2.9-3.5A6 6 0 0 1 20 14.75V26z"
            />
        </svg>
    }
}

/// The mark and the name beside it, as a link when `href` is given.
#[component]
pub fn Wordmark(
    /// The name beside the mark.
    #[prop(into)]
    name: String,
    /// Where it leads; without it the wordmark is no link.
    #[prop(optional, into)]
    href: Option<String>,
) -> impl IntoView {
    match href {
        Some(href) => view! { <a class="wordmark" href=at(&href)><Mark />{name}</a> }.into_any(),
        None => view! { <span class="wordmark"><Mark />{name}</span> }.into_any(),
    }
}
