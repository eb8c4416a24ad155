//! The tones and sizes that many parts share.

/// What a part is about: colour is its second sign, never its only one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing special.
    #[default]
    Neutral,
    /// The chosen, the own, the first.
    Accent,
    /// It works.
    Success,
    /// Look at it soon.
    Warning,
    /// Refused, failed, deleted.
    Danger,
    /// Switched off or unknown.
    Off,
}

impl Tone {
    /// Returns the word the style sheet knows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Accent => "accent",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Danger => "danger",
            Self::Off => "off",
        }
    }
}

/// How large a part is; the middle one is right nearly everywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Size {
    /// In rows and toolbars.
    Small,
    /// The usual one.
    #[default]
    Medium,
    /// On entry pages.
    Large,
}

impl Size {
    /// Returns the word the style sheet knows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Small => "sm",
            Self::Medium => "md",
            Self::Large => "lg",
        }
    }
}
