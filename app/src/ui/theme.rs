//! Light, dark, or as the system has it. `public/theme.js` shows the choice before the first paint.
use leptos::prelude::*;

use super::{Choice, Segmented, browser};

/// A chosen theme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// Returns the word it is stored as.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Returns the word people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    /// Returns the next one of the three.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    fn named(word: &str) -> Self {
        match word {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }
}

/// The context's own type, so that no other signal is taken for it.
#[derive(Clone, Copy)]
struct Chosen(RwSignal<Theme>);

/// Makes the theme known below here. Call once, in the root component.
pub fn provide_theme() -> RwSignal<Theme> {
    let chosen = RwSignal::new(Theme::System);
    provide_context(Chosen(chosen));
    Effect::new(move |is_read: Option<()>| {
        let theme = chosen.get();
        if is_read.is_some() {
            browser::choose_theme((theme != Theme::System).then(|| theme.as_str()));
        } else if let Some(stored) = browser::stored_theme() {
            chosen.set(Theme::named(&stored));
        }
    });
    chosen
}

/// Returns the theme: read it, or set it.
pub fn use_theme() -> RwSignal<Theme> {
    expect_context::<Chosen>().0
}

/// The three themes in one bar.
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let theme = use_theme();
    // As the server has rendered it, which knows no choice; the device's own follows at once.
    let value = RwSignal::new(Theme::System.as_str().to_owned());
    Effect::new(move |_| {
        let word = theme.get().as_str();
        if *value.read_untracked() != word {
            value.set(word.to_owned());
        }
    });
    Effect::new(move |is_seen: Option<()>| {
        let chosen = Theme::named(&value.read());
        if is_seen.is_some() && theme.get_untracked() != chosen {
            theme.set(chosen);
        }
    });
    let choices = [Theme::System, Theme::Light, Theme::Dark].map(|theme| Choice::new(theme.as_str(), theme.label())).to_vec();
    view! { <Segmented label="Theme" name="theme" choices=choices value=value /> }
}
