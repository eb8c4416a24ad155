//! Why somebody who came back from a provider was not signed in, in words: what happened, and what to
//! do now. The server puts them on the page of signing in.

use wire::sso::SignInProblem;

/// What happened, in one line without its full stop, and what to do now.
#[must_use]
pub const fn problem(problem: SignInProblem) -> (&'static str, &'static str) {
    match problem {
        SignInProblem::NotAllowed => ("You were not let in", "Ask somebody who runs this installation."),
        SignInProblem::Cancelled => {
            ("You were not signed in", "It was broken off at the provider. Begin again there, or sign in another way.")
        }
        SignInProblem::Expired => (
            "This sign-in is no longer good",
            "One by a provider is finished within ten minutes, once, and in the browser where it began. Begin again.",
        ),
        SignInProblem::ProviderDown => (
            "The provider can’t be used at the moment",
            "It does not answer, or does not fit its settings here. Sign in another way, or try again in a few minutes.",
        ),
        SignInProblem::Failed => (
            "You could not be signed in",
            "What the provider answered can’t be believed, so it was not used. Try again; if that is no good, tell an admin.",
        ),
        SignInProblem::IdentityTaken => (
            "This identity belongs to another account",
            "Nothing was changed. Sign in by it to see whose it is, or take another account at the provider.",
        ),
        SignInProblem::ConfirmFirst => ("First show that it is you", "It needs your password once more, or a fresh sign-in."),
    }
}

/// Whether it may be the number of a request: what stands in an address may be anything.
#[must_use]
pub fn is_request(text: &str) -> bool {
    (8..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_not_shown() {
        assert!(is_request("0197a3c2-77aa-7def-8123-0123456789ab"));
        for text in ["", "short", "call 0800 and give them your password", &"a".repeat(65)] {
            assert!(!is_request(text), "{text:?}");
        }
    }

    #[test]
    fn each_problem_says_what_to_do() {
        for known in SignInProblem::ALL {
            let (title, detail) = problem(known);
            assert!(!title.ends_with('.') && detail.ends_with('.'), "{title}");
        }
    }
}
