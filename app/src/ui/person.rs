//! Whoever acts: people in arches, keys in squares, the system in a disc.
use leptos::prelude::*;

use super::{Icon, Size};
use crate::prefix::at;

/// What kind of actor an avatar stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Actor {
    /// A person, in an arch.
    #[default]
    Person,
    /// An API key, in a square.
    Key,
    /// The system, in a disc.
    System,
}

impl Actor {
    /// Returns the word the style sheet knows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Key => "key",
            Self::System => "system",
        }
    }
}

/// The initials of a person, or the sign of a key or the system.
#[component]
pub fn Avatar(
    /// The name the initials come from.
    #[prop(into)]
    name: String,
    /// What the colour comes from: something that doesn't change with the name. The name itself
    /// when it is left out.
    #[prop(optional, into)]
    key: Option<String>,
    /// What kind of actor it is.
    #[prop(optional)]
    actor: Actor,
    /// How large it is.
    #[prop(optional)]
    size: Size,
    /// Whether the actor is disabled.
    #[prop(optional)]
    off: bool,
) -> impl IntoView {
    let hue = hue(key.as_deref().unwrap_or(&name));
    let sign = match actor {
        Actor::Person => initials(&name).into_any(),
        Actor::Key => Icon::Key.draw().into_any(),
        Actor::System => Icon::Gear.draw().into_any(),
    };
    view! {
        <span
            class="avatar"
            aria-hidden="true"
            data-kind=actor.as_str()
            data-size=size.as_str()
            data-off=off
            data-hue=matches!(actor, Actor::Person).then_some(hue)
        >
            {sign}
        </span>
    }
}

/// Whoever acts, in two lines: the name, as a link when there is one, and a detail.
#[component]
pub fn Person(
    /// The name.
    #[prop(into)]
    name: String,
    /// The line below: an address, a username.
    #[prop(optional, into)]
    detail: Option<String>,
    /// What the colour comes from; see `Avatar`.
    #[prop(optional, into)]
    key: Option<String>,
    /// Where the name leads.
    #[prop(optional, into)]
    href: Option<String>,
    /// Whether the person is disabled.
    #[prop(optional)]
    off: bool,
    /// What kind of actor it is, where it is not a person.
    #[prop(optional)]
    actor: Actor,
    /// How large the drawing is.
    #[prop(optional)]
    size: Size,
    /// A badge after the name.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let shown = match href {
        Some(href) => view! { <a href=at(&href)>{name.clone()}</a> }.into_any(),
        None => name.clone().into_any(),
    };
    view! {
        <div class="person">
            <Avatar key=key.unwrap_or_else(|| name.clone()) name=name actor=actor size=size off=off />
            <div>
                <b>{shown} " " {children.map(|badge| badge())}</b>
                {detail.map(|detail| view! { <small>{detail}</small> })}
            </div>
        </div>
    }
    .into_any()
}

/// Takes the first letters of the first and the last word.
pub(super) fn initials(name: &str) -> String {
    let mut words = name.split([' ', '.', '-', '_']).filter(|word| !word.is_empty());
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

/// Picks one of six colours, always the same for the same key.
pub(super) fn hue(key: &str) -> &'static str {
    let sum = key.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    ["0", "1", "2", "3", "4", "5"][(sum >> 3) as usize % 6]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_come_from_the_first_and_the_last_word() {
        assert_eq!(initials("Mara Lindqvist"), "ML");
        assert_eq!(initials("Ana de la Cruz"), "AC");
        assert_eq!(initials("inês"), "I");
        assert_eq!(initials("jonas.weber"), "JW");
        assert_eq!(initials(""), "");
    }

    #[test]
    fn a_key_keeps_its_hue() {
        assert_eq!(hue("mara"), hue("mara"));
    }
}
