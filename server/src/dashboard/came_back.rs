//! The page of signing in, for somebody who came back from a provider and was not signed in: the word
//! in its address becomes a sentence on the page, so that it is there without script.

use app::{
    frame::Posted,
    pages::sign_in_words::{is_request, problem},
};
use http::Uri;
use wire::{
    Code, Failure,
    next::escaped,
    setup::Capabilities,
    sso::{SignInProblem, SignInWay},
};

/// What the address says.
struct Said {
    problem: SignInProblem,
    request: Option<String>,
    provider: Option<String>,
}

impl Said {
    fn by(uri: &Uri) -> Option<Self> {
        if uri.path().trim_end_matches('/') != "/login" {
            return None;
        }
        let pairs: Vec<(String, String)> = form_urlencoded::parse(uri.query()?.as_bytes()).into_owned().collect();
        let get = |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        Some(Self {
            problem: SignInProblem::parse(&get("problem")?)?,
            request: get("request").filter(|request| is_request(request)),
            provider: get("provider"),
        })
    }
}

/// Where somebody is sent on to whom the provider knows and Doorward does not let in.
pub(super) fn not_let_in(uri: &Uri) -> Option<String> {
    let said = Said::by(uri).filter(|said| said.problem == SignInProblem::NotAllowed)?;
    let request = said.request.map(|request| format!("?request={}", escaped(&request)));
    Some(["/login/not-allowed", request.as_deref().unwrap_or_default()].concat())
}

/// What the page of signing in says of it.
pub(super) fn told(uri: &Uri, capabilities: &Capabilities) -> Option<Posted> {
    let said = Said::by(uri)?;
    let (title, what_now) = problem(said.problem);
    let way = capabilities.providers.iter().find(|way| Some(&way.id.0) == said.provider.as_ref());
    // What is known of the very provider is better than what is known of all.
    let detail = match (said.problem, way) {
        (SignInProblem::ProviderDown, Some(SignInWay { label, problem: Some(problem), .. })) => format!("“{label}”: {problem}"),
        _ => what_now.to_owned(),
    };
    let request = said.request.map(|request| format!(" Request {request}.")).unwrap_or_default();
    // The page itself is well.
    let failure = Failure { title: title.into(), status: 200, ..Failure::new(Code::BadRequest, detail + &request) };
    Some(Posted { failure: Some(failure), values: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::Frame;

    const REQUEST: &str = "0197a3c2-77aa-7def-8123-0123456789ab";

    fn detail(address: &str) -> Option<String> {
        told(&address.parse().unwrap(), &Frame::default().capabilities).map(|posted| posted.failure.unwrap().detail)
    }

    #[test]
    fn a_known_word_becomes_a_sentence_with_the_number_of_the_request() {
        let said = detail(&format!("/login?problem=failed&request={REQUEST}&provider=okta&next=/apps")).unwrap();
        assert!(said.contains("tell an admin") && said.ends_with(&format!(" Request {REQUEST}.")), "{said}");
        assert!(detail("/login?problem=cancelled").unwrap().ends_with("another way."));
    }

    #[test]
    fn words_of_strangers_are_not_repeated() {
        for address in ["/login", "/login?problem=", "/login?problem=call+0800", "/forgot?problem=failed"] {
            assert_eq!(detail(address), None, "{address}");
        }
        let said = detail("/login?problem=failed&request=call+0800+and+tell+your+password&provider=evil").unwrap();
        assert!(!said.contains("0800") && !said.contains("evil"), "{said}");
    }

    #[test]
    fn who_is_not_let_in_gets_a_page_of_their_own() {
        let place = |address: &str| not_let_in(&address.parse().unwrap());
        let told = place(&format!("/login?problem=not_allowed&request={REQUEST}&provider=okta"));
        assert_eq!(told, Some(format!("/login/not-allowed?request={REQUEST}")));
        assert_eq!(place("/login?problem=not_allowed&request=%3Cb%3E").as_deref(), Some("/login/not-allowed"));
        assert_eq!(place("/login?problem=failed"), None);
    }
}
