//! What is asked about API keys: a new one, a changed one, another secret.

use super::{KeyKind, KeyScope, LONGEST_GRACE, MOST_NETWORKS};
use crate::{
    check::{self, Check, Problems},
    duration::GoDuration,
    failure::FieldError,
    rights::RoleName,
    time::Timestamp,
    users::given,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A key to make.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewApiKey {
    /// What people call it, 1 to 100 characters.
    pub name: String,
    /// Its role.
    pub role: RoleName,
    /// Whose rights it has; `service` when not given.
    #[serde(default)]
    pub kind: KeyKind,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// For how long it is good, as a Go duration like `720h`; instead of `expiresAt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<String>,
    /// When it ends; never when neither is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// What it is good for, besides what its role allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<KeyScope>,
    /// The addresses and networks it may be used from; any when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_ips: Option<Vec<String>>,
}

impl NewApiKey {
    /// When the key ends if it is made at `now`; never when nothing is returned.
    #[must_use]
    pub fn expiry(&self, now: Timestamp) -> Option<Timestamp> {
        let after = |text: &str| text.parse::<GoDuration>().ok().map(|duration| now.plus(millis(duration.0)));
        self.expires_at.or_else(|| self.expires_in.as_deref().and_then(after))
    }
}

impl Check for NewApiKey {
    fn problems(&self) -> Vec<FieldError> {
        let expires_in = self.expires_in.as_deref().and_then(|text| match text.parse::<GoDuration>() {
            Ok(duration) if duration.0 < Duration::from_secs(1) => Some("A key is good for a second at least.".into()),
            Ok(_) => None,
            Err(error) => Some(format!("{error}.")),
        });
        let both = self.expires_in.is_some() && self.expires_at.is_some();
        let problems = Problems::default()
            .field("name", name_problem(&self.name))
            .field("role", self.role.problem())
            .field("description", self.description.as_deref().and_then(description_problem))
            .field("expiresIn", expires_in)
            .field("expiresAt", both.then(|| "Give either expiresIn or expiresAt, not both.".into()))
            .field("allowedIps", self.allowed_ips.as_deref().and_then(networks_problem));
        self.scope.clone().unwrap_or_default().add_problems(problems).all()
    }
}

/// What changes about a key (JSON Merge Patch, RFC 7396): absent stays, `null` removes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApiKeyPatch {
    /// Another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Another description, or none.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub description: Option<Option<String>>,
    /// Another role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleName>,
    /// Other addresses and networks, or any.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
    pub allowed_ips: Option<Option<Vec<String>>>,
    /// Another end, or none.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Timestamp>))]
    pub expires_at: Option<Option<Timestamp>>,
    /// Another scope, or none.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<KeyScope>))]
    pub scope: Option<Option<KeyScope>>,
}

impl Check for ApiKeyPatch {
    fn problems(&self) -> Vec<FieldError> {
        let problems = Problems::default()
            .field("name", self.name.as_deref().and_then(name_problem))
            .field("description", self.description.as_ref().and_then(|text| description_problem(text.as_deref()?)))
            .field("role", self.role.as_ref().and_then(RoleName::problem))
            .field("allowedIps", self.allowed_ips.as_ref().and_then(|list| networks_problem(list.as_deref()?)));
        self.scope.clone().flatten().unwrap_or_default().add_problems(problems).all()
    }
}

/// Asks for another secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rotate {
    /// For how long the present secret stays good, as a Go duration from `0s` to `168h`; `24h` when
    /// not given.
    #[serde(default = "a_day")]
    pub grace: String,
}

fn a_day() -> String {
    "24h".into()
}

impl Default for Rotate {
    fn default() -> Self {
        Self { grace: a_day() }
    }
}

impl Rotate {
    /// The grace in milliseconds; none when it can not be read.
    #[must_use]
    pub fn grace_millis(&self) -> i64 {
        self.grace.parse::<GoDuration>().map_or(0, |duration| millis(duration.0))
    }
}

impl Check for Rotate {
    fn problems(&self) -> Vec<FieldError> {
        let problem = match self.grace.parse::<GoDuration>() {
            Ok(grace) if grace.0 > LONGEST_GRACE => Some("The old secret can stay good for 168h at most.".into()),
            Ok(_) => None,
            Err(error) => Some(format!("{error}.")),
        };
        Problems::default().field("grace", problem).all()
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn name_problem(name: &str) -> Option<String> {
    if name.trim().is_empty() {
        return Some("Give the key a name, so that people know what it is for.".into());
    }
    if name.chars().count() > 100 {
        return Some("A name has at most 100 characters.".into());
    }
    name.chars().any(check::is_invisible).then(|| "A name can't contain control or invisible characters.".into())
}

fn description_problem(text: &str) -> Option<String> {
    if text.chars().count() > 500 {
        return Some("A description has at most 500 characters.".into());
    }
    text.chars().any(|c| c != '\n' && check::is_invisible(c)).then(|| "A description can't contain control or invisible characters.".into())
}

fn networks_problem(list: &[String]) -> Option<String> {
    if list.is_empty() {
        return Some("Name an address or a network. To allow any, leave it out or send null.".into());
    }
    (list.len() > MOST_NETWORKS).then(|| format!("A key takes at most {MOST_NETWORKS} addresses and networks."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(new: &NewApiKey) -> Vec<String> {
        new.problems().into_iter().map(|problem| problem.field).collect()
    }

    fn good() -> NewApiKey {
        NewApiKey { name: "deploy".into(), role: RoleName("operator".into()), ..NewApiKey::default() }
    }

    #[test]
    fn each_bad_field_is_named() {
        assert_eq!(fields(&good()), Vec::<String>::new());
        let bad = NewApiKey {
            name: " ".into(),
            role: RoleName("No role".into()),
            description: Some("\u{202e}".into()),
            expires_in: Some("30d".into()),
            expires_at: Some(Timestamp(1)),
            scope: Some(KeyScope { workspace: Some("Other".into()), environment: Some("a b".into()), apps: Some(vec![]) }),
            allowed_ips: Some(vec![]),
            ..NewApiKey::default()
        };
        assert_eq!(
            fields(&bad),
            ["name", "role", "description", "expiresIn", "expiresAt", "allowedIps", "scope.workspace", "scope.environment", "scope.apps"]
        );
    }

    #[test]
    fn a_scope_is_a_workspace_or_an_environment_of_it() {
        let scope = |workspace: Option<&str>, environment: Option<&str>| KeyScope {
            workspace: workspace.map(Into::into),
            environment: environment.map(Into::into),
            apps: None,
        };
        let wrong = |scope: KeyScope| fields(&NewApiKey { scope: Some(scope), ..good() });
        assert_eq!(wrong(scope(None, Some("staging"))), ["scope.workspace"]);
        assert_eq!(wrong(scope(Some("billing"), Some("staging"))), Vec::<String>::new());
        let covers =
            |scope: KeyScope| ["billing/staging", "billing/production", "wiki/staging"].map(|place| scope.covers(&place.parse().unwrap()));
        assert_eq!(covers(scope(None, None)), [true, true, true]);
        assert_eq!(covers(scope(Some("billing"), None)), [true, true, false]);
        assert_eq!(covers(scope(Some("billing"), Some("staging"))), [true, false, false]);
    }

    #[test]
    fn a_key_ends_after_its_time_or_at_it_or_never() {
        let now = Timestamp(1_000);
        assert_eq!(good().expiry(now), None);
        assert_eq!(NewApiKey { expires_in: Some("1s".into()), ..good() }.expiry(now), Some(Timestamp(2_000)));
        assert_eq!(NewApiKey { expires_at: Some(Timestamp(5)), ..good() }.expiry(now), Some(Timestamp(5)));
    }

    #[test]
    fn a_grace_is_a_week_at_most() {
        let grace = |text: &str| Rotate { grace: text.into() };
        for good in ["0s", "24h", "168h"] {
            assert!(grace(good).check().is_ok(), "{good}");
        }
        for bad in ["168h1s", "7d", "", "-1h"] {
            assert!(grace(bad).check().is_err(), "{bad}");
        }
    }
}
