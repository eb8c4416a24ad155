//! With what Doorward signs in to an upstream. What is kept is never shown again; it stays, goes, or
//! is given anew.

use crate::{
    state::attempt::Attempt,
    ui::{Choice, Field, PasswordField, Select},
};
use leptos::prelude::*;
use wire::apps::{App, UpstreamAuth, UpstreamAuthKind, UpstreamCredentials};

/// What becomes of the credentials, and what is typed of new ones.
#[derive(Clone, Copy)]
pub struct Credentials {
    way: RwSignal<String>,
    name: RwSignal<String>,
    secret: RwSignal<String>,
    kept: StoredValue<Option<UpstreamAuth>>,
}

/// The ways, as the list of choices names them.
const KEEP: &str = "keep";
const NONE: &str = "none";
const BASIC: &str = "basic";
const BEARER: &str = "bearer";
const HEADER: &str = "header";

impl Credentials {
    /// Those that the app has stay.
    #[must_use]
    pub fn of(app: &App) -> Self {
        let way = if app.upstream_auth.is_some() { KEEP } else { NONE };
        Self {
            way: RwSignal::new(way.to_owned()),
            name: RwSignal::new(String::new()),
            secret: RwSignal::new(String::new()),
            kept: StoredValue::new(app.upstream_auth.clone()),
        }
    }

    /// What changes about them; nothing where they stay.
    #[must_use]
    pub fn change(self, app: &App) -> Option<Option<UpstreamCredentials>> {
        let (name, secret) = (self.name.with(|name| name.trim().to_owned()), self.secret.get());
        let new = self.way.with(|way| match way.as_str() {
            BASIC => Some(UpstreamCredentials::Basic { username: name, password: secret }),
            BEARER => Some(UpstreamCredentials::Bearer { token: secret }),
            HEADER => Some(UpstreamCredentials::Header { name, value: secret }),
            _ => None,
        });
        match (new, self.way.with(|way| way == NONE)) {
            (Some(new), _) => Some(Some(new)),
            (None, true) => app.upstream_auth.is_some().then_some(None),
            (None, false) => None,
        }
    }
}

/// Credentials in words, without what is secret.
#[must_use]
pub fn words(auth: &UpstreamAuth) -> String {
    let name = auth.name.as_deref().unwrap_or_default();
    match auth.kind {
        UpstreamAuthKind::Basic => ["With a username and a password: ", name].concat(),
        UpstreamAuthKind::Bearer => "With a bearer token".into(),
        UpstreamAuthKind::Header => ["With the header ", name].concat(),
    }
}

/// The fields.
#[component]
pub fn CredentialFields(credentials: Credentials, attempt: Attempt) -> impl IntoView {
    let kept = credentials.kept.get_value().map(|auth| Choice::new(KEEP, ["As now. ", &words(&auth)].concat()));
    let choices: Vec<_> = kept
        .into_iter()
        .chain([
            Choice::new(NONE, "Not at all"),
            Choice::new(BASIC, "With a username and a password"),
            Choice::new(BEARER, "With a bearer token"),
            Choice::new(HEADER, "With a header of its own"),
        ])
        .collect();
    let fields = move || match credentials.way.get().as_str() {
        BASIC => view! {
            <div class="fields">
                {name(credentials, attempt, "app-auth-username", "Username", "upstreamAuth.basic.username")}
                {secret(credentials, attempt, "app-auth-password", "Password", "upstreamAuth.basic.password")}
            </div>
        }
        .into_any(),
        BEARER => secret(credentials, attempt, "app-auth-token", "Token", "upstreamAuth.bearer.token"),
        HEADER => view! {
            <div class="fields">
                {name(credentials, attempt, "app-auth-header", "Header", "upstreamAuth.header.name")}
                {secret(credentials, attempt, "app-auth-value", "Value", "upstreamAuth.header.value")}
            </div>
        }
        .into_any(),
        _ => ().into_any(),
    };
    view! {
        <Select
            id="app-auth"
            label="How Doorward signs in to it"
            choices=choices
            value=credentials.way
            help="For an app with a login of its own. What is given here is sealed and never shown again; another upstream needs it anew."
            error=attempt.problem("upstreamAuth")
        />
        {fields}
    }
    .into_any()
}

fn name(credentials: Credentials, attempt: Attempt, id: &'static str, label: &'static str, field: &'static str) -> AnyView {
    view! {
        <Field id=id label=label value=credentials.name error=attempt.problem(field) mono=true exact=true autocomplete="off" />
    }
    .into_any()
}

fn secret(credentials: Credentials, attempt: Attempt, id: &'static str, label: &'static str, field: &'static str) -> AnyView {
    view! { <PasswordField id=id label=label value=credentials.secret error=attempt.problem(field) fresh=true /> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::apps::tests::app;

    #[test]
    fn what_is_kept_stays_until_something_else_is_chosen() {
        Owner::new().with(|| {
            let mut app = app("tasks", "Task queue").definition.unwrap();
            app.upstream_auth = Some(UpstreamAuth { kind: UpstreamAuthKind::Basic, name: Some("admin".into()) });
            let credentials = Credentials::of(&app);
            let change = || untrack(|| credentials.change(&app));
            assert_eq!(change(), None);
            credentials.way.set(NONE.into());
            assert_eq!(change(), Some(None));
            credentials.way.set(BEARER.into());
            credentials.secret.set("t".into());
            assert_eq!(change(), Some(Some(UpstreamCredentials::Bearer { token: "t".into() })));
            app.upstream_auth = None;
            let none = Credentials::of(&app);
            assert_eq!(untrack(|| none.change(&app)), None);
        });
    }
}
