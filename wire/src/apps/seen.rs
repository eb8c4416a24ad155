//! What is seen of apps: how they are, what passed through, and why a request is let through or not.

use super::{App, HealthCheck, Source};
use crate::{
    rights::{Permissions, RoleName},
    rules::{Allow, Answer, Rule},
    time::Timestamp,
    workspaces::Slug,
};
use serde::{Deserialize, Serialize};

/// How an upstream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum HealthState {
    /// Nobody has looked yet.
    #[default]
    Unknown,
    /// It answers.
    Up,
    /// It answers after more than a second.
    Slow,
    /// It does not answer, or with a status of 500 and more.
    Down,
}

/// How an upstream was when it was last looked at, by the process that answers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AppHealth {
    /// How it is.
    pub state: HealthState,
    /// How long the answer took, in milliseconds.
    pub latency_ms: Option<u64>,
    /// The status of the answer.
    pub status: Option<u16>,
    /// Why it is down, in a few words; for those with `apps`.
    pub cause: Option<String>,
    /// When it was last looked at.
    pub checked_at: Option<Timestamp>,
    /// Since when it is as it is.
    pub since: Option<Timestamp>,
}

/// In so many parts the last hour is told: two minutes each.
pub const PARTS_OF_HOUR: usize = 30;

/// What passed through in the last hour.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AppHour {
    /// All requests.
    pub requests: u64,
    /// Those that Doorward refused: 401 and 403.
    pub refused: u64,
    /// Those that the upstream failed: a status of 500 and more, or no answer.
    pub errors: u64,
    /// All requests of every two minutes, the oldest first: thirty numbers, or none where none passed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requests_by_part: Vec<u64>,
    /// Those of them that the upstream failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors_by_part: Vec<u64>,
}

impl AppHour {
    /// Adds what passed in one part of the hour; one that is out of it counts in the sums alone.
    pub fn add(&mut self, part: usize, requests: u64, refused: u64, errors: u64) {
        self.requests += requests;
        self.refused += refused;
        self.errors += errors;
        for (parts, number) in [(&mut self.requests_by_part, requests), (&mut self.errors_by_part, errors)] {
            parts.resize(PARTS_OF_HOUR, 0);
            if let Some(sum) = parts.get_mut(part) {
                *sum += number;
            }
        }
    }
}

/// An app on Home, and wherever one goes to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AppTile {
    /// Names the app for ever.
    pub slug: Slug,
    /// What people call it.
    pub name: String,
    /// The best address where people reach it.
    pub url: Option<String>,
    /// Whether it can be reached through Doorward.
    pub enabled: bool,
    /// How its upstream is.
    pub state: HealthState,
    /// How long its last answer took, in milliseconds.
    pub latency_ms: Option<u64>,
    /// The caller's role there; absent while sign-in is off, and where there is none.
    pub role: Option<RoleName>,
    /// What passed through in the last hour.
    pub hour: AppHour,
}

impl From<AppView> for AppTile {
    fn from(app: AppView) -> Self {
        Self {
            slug: app.slug,
            name: app.name,
            url: app.urls.into_iter().next(),
            enabled: app.enabled,
            state: app.health.state,
            latency_ms: app.health.latency_ms,
            role: app.role,
            hour: app.hour,
        }
    }
}

/// An app as the caller may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AppView {
    /// Names the app for ever.
    pub slug: Slug,
    /// What people call it.
    pub name: String,
    /// The workspace that it is in.
    pub workspace: Slug,
    /// Where it was made; one of the configuration is changed there alone.
    pub source: Source,
    /// Whether it can be reached through Doorward.
    pub enabled: bool,
    /// Where people reach it, the best address first.
    pub urls: Vec<String>,
    /// The caller's role there; absent while sign-in is off, and where there is none.
    pub role: Option<RoleName>,
    /// What the caller may do there.
    pub permissions: Permissions,
    /// How its upstream is.
    pub health: AppHealth,
    /// What passed through in the last hour.
    pub hour: AppHour,
    /// When it last changed; the version that `ETag` shows.
    pub updated_at: Timestamp,
    /// How it is set up; for those with `apps`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<App>,
}

/// Which apps to list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppQuery {
    /// Only those in this workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<Slug>,
}

/// A minute of an app's traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TrafficMinute {
    /// When it began.
    pub at: Timestamp,
    /// All requests.
    pub requests: u64,
    /// Those that Doorward refused because nobody was signed in: 401, or the way to the sign-in page.
    pub unauthenticated: u64,
    /// Those that Doorward refused for lack of a permission: 403.
    pub denied: u64,
    /// Those that the upstream answered with a status of 400 to 499.
    pub client_errors: u64,
    /// Those that the upstream failed: a status of 500 and more, or no answer.
    pub errors: u64,
}

/// The last hour of an app's traffic, the minute that runs included.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AppTraffic {
    /// Sixty minutes, the oldest first; one without a request is there too.
    pub minutes: Vec<TrafficMinute>,
}

/// What a look at an upstream found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ProbeReport {
    /// Whether it answers.
    pub reachable: bool,
    /// The status of its answer to `/`.
    pub status: Option<u16>,
    /// How long that took, in milliseconds.
    pub latency_ms: Option<u64>,
    /// Whether it asks to sign in by itself.
    pub asks_to_sign_in: bool,
    /// The title of its first page.
    pub title: Option<String>,
    /// The preset that it looks like.
    pub preset: Option<String>,
    /// Why it does not answer, and what to look at.
    pub problem: Option<String>,
}

/// A preset: ready rules for what people put behind Doorward.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PresetInfo {
    /// Its name.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What it is for, in one sentence.
    pub description: String,
    /// Its rules.
    pub rules: Vec<Rule>,
    /// How it is looked after.
    pub health: HealthCheck,
}

/// One thing that was looked at on the way to a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// What was looked at.
    pub looked: String,
    /// What was found.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub found: serde_json::Value,
}

/// What becomes of a request, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AppDecision {
    /// What becomes of it.
    pub answer: Answer,
    /// The status that Doorward answers with; 200 where the upstream answers.
    pub status: u16,
    /// The rule's number in the list, from 1; absent where none matched.
    pub rule: Option<usize>,
    /// What the request needs; absent where it was refused before any rule was looked at.
    pub needs: Option<Allow>,
    /// The path as it is judged and sent; absent where it can not be judged.
    pub path: Option<String>,
    /// Why, in a sentence.
    pub reason: String,
    /// All that was looked at, in its order.
    pub trail: Vec<Step>,
}
