//! A door with a scripted provider, and a browser that comes back from it.

use doorward_gate::{
    config::Config,
    testing::{
        Answer, Caller, Door, START,
        provider::{Provider, location},
    },
    wire::sso::NewProvider,
};
use serde_json::Value;

/// A door whose configuration has the provider `okta`.
pub struct Kit {
    pub door: Door,
    pub idp: Provider,
}

/// Where somebody begins to sign in.
pub const LOGIN: &str = "/auth/oidc/okta/login";

impl Kit {
    /// As it comes: everybody whom the provider knows is a viewer.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// With other settings of the provider.
    pub async fn with(change: impl FnOnce(&mut NewProvider)) -> Self {
        Self::configured(change, |_| {}).await
    }

    /// With other settings of the provider, and of Doorward.
    pub async fn configured(change: impl FnOnce(&mut NewProvider), more: impl FnOnce(&mut Config)) -> Self {
        let idp = Provider::new(START).await;
        let mut settings = idp.settings("okta");
        change(&mut settings);
        let mut config = Config::for_testing();
        config.auth.oidc.push(settings);
        more(&mut config);
        Self { door: Door::claimed_with(config).await, idp }
    }

    /// A browser that nobody is signed in with.
    pub fn browser(&self) -> Caller {
        self.door.nobody().with("sec-fetch-site", "same-origin").with("sec-fetch-mode", "navigate").with("sec-fetch-dest", "document")
    }

    /// Signs in by the provider: the answer to the way back.
    pub async fn sign_in(&self) -> Answer {
        self.idp.pass(&self.browser(), LOGIN).await
    }

    /// Signs in by the provider as somebody of these claims.
    pub async fn sign_in_as(&self, claims: Value) -> Answer {
        self.idp.says(claims);
        self.sign_in().await
    }

    /// The browser, signed in by the provider.
    pub async fn signed_in(&self) -> Caller {
        let answer = self.sign_in().await;
        assert_eq!(location(&answer), "/", "{}", answer.text);
        self.browser().with_cookies(&answer.cookies())
    }

    /// Who the browser is, with the tokens that its cookie gets it.
    pub async fn person(&self, browser: &Caller) -> Caller {
        let answer = browser.clone().post("/api/v1/auth/refresh", serde_json::json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        browser.clone().with_tokens(&answer)
    }

    /// The user of this name, as the admin sees it.
    pub async fn user(&self, name: &str) -> Value {
        let answer = self.door.admin().await.get(&format!("/api/v1/users?query={name}")).await;
        answer.body["items"].as_array().and_then(|all| all.iter().find(|user| user["username"] == name)).cloned().unwrap_or_default()
    }

    /// How many accounts there are.
    pub async fn count(&self) -> usize {
        self.door.admin().await.get("/api/v1/users").await.body["items"].as_array().map_or(0, Vec::len)
    }

    /// The reasons of the events of this action that were refused.
    pub async fn reason(&self, action: &str) -> String {
        self.door.events().await;
        let answer = self.door.admin().await.get(&format!("/api/v1/audit?action={action}&outcome=denied")).await;
        let all = answer.body["items"].as_array().into_iter().flatten().filter_map(|event| event["detail"]["reason"].as_str());
        all.collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" | ")
    }
}

/// The word for what went wrong, in the address that somebody is sent to; empty where nothing did.
pub fn problem(answer: &Answer) -> String {
    let place = location(answer);
    let query = place.split_once('?').map_or("", |(_, query)| query);
    query.split('&').find_map(|pair| pair.strip_prefix("problem=")).unwrap_or_default().to_owned()
}

/// Whether an answer opens a session.
pub fn opens(answer: &Answer) -> bool {
    answer.cookies().split("; ").any(|pair| pair.strip_prefix("doorward=").is_some_and(|value| !value.is_empty()))
}
