//! The meter beside a new password: an estimate on the scale of the server's verdict.

use crate::ui::{CheckItem, Checks, PasswordField, Strength};
use leptos::prelude::*;
use wire::password;

/// A field for a new password, with its strength and the rules. Its form name is `name`.
#[component]
pub fn NewPassword(
    /// Its id.
    id: &'static str,
    /// Its label.
    #[prop(into)]
    label: String,
    /// Its name in the form, which is its name on the wire.
    name: &'static str,
    /// What is in it.
    value: RwSignal<String>,
    /// What a guesser would try first: the username, the address.
    #[prop(into)]
    about: Signal<Vec<String>>,
    /// What is wrong with it.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// The fewest bytes that are taken here.
    #[prop(default = password::MIN_BYTES)]
    least: usize,
    /// Whether it is as tall as on entry pages.
    #[prop(optional)]
    large: bool,
    /// Whether it has the focus at first.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let estimate = Memo::new(move |_| {
        about.with(|about| {
            let about: Vec<&str> = about.iter().map(String::as_str).collect();
            value.with(|value| password::estimate(value, &about))
        })
    });
    let is_long = Memo::new(move |_| value.with(|value| value.len() >= least));
    let has_name = Memo::new(move |_| about.with(|about| value.with(|value| contains_any(value, about))));
    // The lowest post stands for "something typed", so that a weak password is not an empty meter.
    let score = Signal::derive(move || if value.with(String::is_empty) { 0 } else { estimate.get().max(1) });
    let words = Signal::derive(move || words(value.with(String::len), least, estimate.get()).to_owned());
    let strength_id = [id, "-strength"].concat();
    let rules_id = [id, "-rules"].concat();
    view! {
        <PasswordField
            id=id
            label=label
            name=name
            value=value
            fresh=true
            error=error
            described=[&strength_id, " ", &rules_id].concat()
            large=large
            autofocus=autofocus
        >
            <Strength id=strength_id score=score words=words />
            <Checks id=rules_id>
                <CheckItem met=is_long>
                    {move || value.with(|value| length_rule(value.len(), least))}
                </CheckItem>
                <CheckItem met=Signal::derive(move || estimate.get() >= password::ENOUGH)>
                    "Hard to guess: several words, or a mix nobody would expect"
                </CheckItem>
                <CheckItem met=Signal::derive(move || {
                    !value.with(String::is_empty) && !has_name.get()
                })>"Doesn’t contain your name or address"</CheckItem>
            </Checks>
        </PasswordField>
    }
    .into_any()
}

fn words(length: usize, least: usize, estimate: u8) -> &'static str {
    match (length, estimate) {
        (0, _) => "",
        (length, _) if length < least => "Too short",
        (_, 0 | 1) => "Easy to guess",
        (_, 2) => "Not quite there",
        (_, 3) => "Good",
        _ => "Strong",
    }
}

fn length_rule(length: usize, least: usize) -> String {
    let rule = ["At least ", &least.to_string(), " characters"].concat();
    if length > 0 && length < least { [&rule, " (", &length.to_string(), " so far)"].concat() } else { rule }
}

fn contains_any(password: &str, about: &[String]) -> bool {
    let password = password.to_lowercase();
    about
        .iter()
        .flat_map(|text| text.split(['@', '.', ' ', '_', '-']))
        .map(str::to_lowercase)
        .any(|word| word.len() > 2 && password.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_say_what_to_do() {
        assert_eq!(words(0, 8, 0), "");
        assert_eq!(words(6, 8, 0), "Too short");
        assert_eq!(words(9, 8, 1), "Easy to guess");
        assert_eq!(words(24, 8, 4), "Strong");
        assert_eq!(length_rule(6, 8), "At least 8 characters (6 so far)");
    }

    #[test]
    fn a_name_in_the_password_is_found() {
        assert!(contains_any("Lindqvist-77", &["mara.lindqvist".into()]));
        assert!(!contains_any("brass lantern tide", &["mara.lindqvist".into(), "x@y.z".into()]));
    }
}
