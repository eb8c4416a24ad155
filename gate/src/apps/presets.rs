//! Ready rules for what people put behind Doorward, as data. An app takes them over when it is made:
//! a later release of Doorward changes nobody's rules.

use crate::{Result, ctx::Ctx};
use wire::{
    Failure, Page,
    apps::{HealthCheck, NewApp, PresetInfo, USUAL_PAUSE},
    policy,
    rules::Rule,
};

/// A preset.
pub(super) struct Preset {
    pub(super) name: &'static str,
    title: &'static str,
    description: &'static str,
    /// Methods, path, what is needed; the first that matches counts.
    rules: &'static [(&'static [&'static str], &'static str, &'static str)],
    health: &'static str,
    /// By what it is recognised.
    pub(super) looks: &'static [Look],
}

/// By what a program is recognised.
pub(super) enum Look {
    /// This word is in the title of its first page.
    Title(&'static str),
    /// This text is at this address.
    Page(&'static str, &'static str),
}

const ANY: &[&str] = &[];
const READS: &[&str] = &["GET", "HEAD", "OPTIONS"];
const POST: &[&str] = &["POST"];

/// All presets, the most general last.
pub(super) const PRESETS: &[Preset] = &[
    Preset {
        name: "fastapi-taskflow",
        title: "FastAPI TaskFlow",
        description: "Looking needs read, to retry and to cancel tasks needs run, all else write.",
        rules: &[
            (POST, "/tasks/bulk-retry", "run"),
            (POST, "/tasks/retry-failed", "run"),
            (POST, "/tasks/*/retry", "run"),
            (POST, "/tasks/*/cancel", "run"),
            (READS, "/tasks/audit", "audit"),
            (READS, "/**", "read"),
            (ANY, "/**", "write"),
        ],
        health: "/tasks/metrics",
        looks: &[Look::Page("/tasks/dashboard", "TaskFlow")],
    },
    Preset {
        name: "dagu",
        title: "Dagu",
        description: "Looking needs read; starting, stopping and retrying needs run; changing definitions write.",
        rules: &[
            (READS, "/api/*/health", "public"),
            (POST, "/api/*/dags/*/start", "run"),
            (POST, "/api/*/dags/*/start-sync", "run"),
            (POST, "/api/*/dags/*/enqueue", "run"),
            (POST, "/api/*/dags/*/stop", "run"),
            (POST, "/api/*/dags/*/stop-all", "run"),
            (POST, "/api/*/dags/*/retry", "run"),
            (POST, "/api/*/dag-runs", "run"),
            (POST, "/api/*/dag-runs/*/*/stop", "run"),
            (POST, "/api/*/dag-runs/*/*/retry", "run"),
            (POST, "/api/*/dag-runs/*/*/dequeue", "run"),
            (READS, "/**", "read"),
            (ANY, "/**", "write"),
        ],
        health: "/api/v2/health",
        looks: &[Look::Title("dagu")],
    },
    Preset {
        name: "prefect",
        title: "Prefect",
        description: "Looking needs read (it asks by POST), starting runs and changing their state run, all else write.",
        rules: &[
            (READS, "/api/health", "public"),
            (READS, "/api/admin/**", "settings"),
            (ANY, "/api/admin/**", "settings"),
            (POST, "/api/deployments/*/create_flow_run", "run"),
            (POST, "/api/flow_runs/*/set_state", "run"),
            (POST, "/api/flow_runs/*/resume", "run"),
            (POST, "/api/flow_runs/*/resume/filter", "read"),
            (POST, "/api/**/filter", "read"),
            (POST, "/api/**/filter-minimal", "read"),
            (POST, "/api/**/paginate", "read"),
            (POST, "/api/**/count", "read"),
            (POST, "/api/**/count-by/*", "read"),
            (POST, "/api/**/history", "read"),
            (POST, "/api/ui/**", "read"),
            (POST, "/api/flow_runs/lateness", "read"),
            (READS, "/**", "read"),
            (ANY, "/**", "write"),
        ],
        health: "/api/health",
        looks: &[Look::Title("prefect")],
    },
    Preset {
        name: "flower",
        title: "Flower (Celery)",
        description: "Looking needs read; sending, revoking and aborting tasks run; changing and stopping workers write.",
        rules: &[
            (READS, "/healthcheck", "public"),
            (POST, "/api/task/apply/**", "run"),
            (POST, "/api/task/async-apply/**", "run"),
            (POST, "/api/task/send-task/**", "run"),
            (POST, "/api/task/abort/**", "run"),
            (POST, "/api/task/revoke/**", "run"),
            (POST, "/tasks/datatable", "read"),
            (READS, "/**", "read"),
            (ANY, "/**", "write"),
        ],
        health: "/healthcheck",
        looks: &[Look::Title("flower")],
    },
    Preset {
        name: "centrifugo",
        title: "Centrifugo",
        description: "The admin page, for those with settings alone.",
        rules: &[(ANY, "/**", "settings")],
        health: "/",
        looks: &[Look::Title("centrifugo")],
    },
    Preset {
        name: "prometheus",
        title: "Prometheus",
        description: "Asking needs read (by POST too); to reload, to quit and to delete series needs settings.",
        rules: &[
            (READS, "/-/healthy", "public"),
            (READS, "/-/ready", "public"),
            (ANY, "/-/*", "settings"),
            (ANY, "/api/v1/admin/**", "settings"),
            (POST, "/api/v1/query", "read"),
            (POST, "/api/v1/query_range", "read"),
            (POST, "/api/v1/query_exemplars", "read"),
            (POST, "/api/v1/format_query", "read"),
            (POST, "/api/v1/parse_query", "read"),
            (POST, "/api/v1/series", "read"),
            (POST, "/api/v1/labels", "read"),
            (READS, "/**", "read"),
            (ANY, "/**", "write"),
        ],
        health: "/-/healthy",
        looks: &[Look::Page("/-/healthy", "Prometheus Server is Healthy"), Look::Title("prometheus")],
    },
    Preset {
        name: "generic",
        title: "Anything else",
        description: "Looking needs read, all else write.",
        rules: &[(READS, "/**", "read"), (ANY, "/**", "write")],
        health: "/",
        looks: &[],
    },
];

impl Preset {
    fn rules(&self) -> Vec<Rule> {
        let rule = |(methods, path, allow): &(&[&str], &str, &str)| Rule {
            methods: methods.iter().map(|method| (*method).to_owned()).collect(),
            path: (*path != "/**").then(|| (*path).to_owned()),
            allow: allow.parse().expect("a test reads every preset"),
        };
        self.rules.iter().map(rule).collect()
    }

    fn health(&self) -> HealthCheck {
        HealthCheck { path: self.health.into(), every: USUAL_PAUSE.into() }
    }
}

fn find(name: &str) -> Result<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name).ok_or_else(|| {
        let known: Vec<_> = PRESETS.iter().map(|preset| preset.name).collect();
        Failure::field("preset", format!("There is no such preset. Choose one of {}.", known.join(", "))).into()
    })
}

/// Gives a new app what its preset has and it has not.
///
/// # Errors
/// 422 for a preset that there is not.
pub(super) fn fill(new: &mut NewApp) -> std::result::Result<(), Failure> {
    let Some(name) = &new.preset else { return Ok(()) };
    let preset = find(name).map_err(|error| error.into_failure(""))?;
    new.rules.get_or_insert_with(|| preset.rules());
    new.health.get_or_insert_with(|| preset.health());
    Ok(())
}

/// The rules of a preset.
///
/// # Errors
/// 422 for a preset that there is not.
pub(super) fn rules_of(name: &str) -> Result<Vec<Rule>> {
    Ok(find(name)?.rules())
}

/// Lists the presets.
///
/// # Errors
/// 403 without `apps`.
pub fn presets(ctx: &Ctx) -> Result<Page<PresetInfo>> {
    ctx.may(&policy::LIST_PRESETS)?;
    let info = |preset: &Preset| PresetInfo {
        name: preset.name.into(),
        title: preset.title.into(),
        description: preset.description.into(),
        rules: preset.rules(),
        health: preset.health(),
    };
    let items: Vec<_> = PRESETS.iter().map(info).collect();
    let total = u64::try_from(items.len()).ok();
    Ok(Page { items, next_cursor: None, total })
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::{
        Check, Permission,
        path::CanonicalPath,
        rights::BUILT_IN,
        rules::{Allow, Answer, Caller, judge},
        workspaces::Slug,
    };

    #[test]
    fn every_preset_is_good_and_ends_with_a_rule_for_everything() {
        for preset in PRESETS {
            let mut new = NewApp {
                slug: Slug("x".into()),
                upstream: "http://127.0.0.1:1".into(),
                preset: Some(preset.name.into()),
                ..NewApp::default()
            };
            fill(&mut new).unwrap();
            assert_eq!(new.problems(), [], "{}", preset.name);
            let last = new.rules.unwrap().pop().unwrap();
            assert!(last.methods.is_empty() && last.path.is_none() && last.allow != Allow::Public, "{}", preset.name);
        }
        assert!(rules_of("nothing").is_err());
    }

    fn status(preset: &str, role: usize, method: &str, path: &str) -> Answer {
        let caller = Caller::Known(BUILT_IN[role].permissions);
        judge(&rules_of(preset).unwrap(), method, &CanonicalPath::parse(path).unwrap(), caller).answer
    }

    #[test]
    fn a_viewer_looks_and_an_operator_runs() {
        const RUNS: &[(&str, &str, &str)] = &[
            ("fastapi-taskflow", "POST", "/tasks/7f3a/retry"),
            ("fastapi-taskflow", "POST", "/tasks/retry-failed"),
            ("dagu", "POST", "/api/v2/dags/nightly/start"),
            ("dagu", "POST", "/api/v1/dag-runs/nightly/7/stop"),
            ("prefect", "POST", "/api/deployments/1/create_flow_run"),
            ("prefect", "POST", "/api/flow_runs/1/set_state"),
            ("flower", "POST", "/api/task/async-apply/tasks.add"),
            ("flower", "POST", "/api/task/revoke/1"),
        ];
        for (preset, method, path) in RUNS {
            assert_eq!(status(preset, 0, method, path), Answer::Denied, "{preset} {path}");
            assert_eq!(status(preset, 1, method, path), Answer::Allowed, "{preset} {path}");
        }
        const READS: &[(&str, &str, &str)] = &[
            ("fastapi-taskflow", "GET", "/tasks/dashboard/stream"),
            ("dagu", "GET", "/api/v2/dags"),
            ("prefect", "POST", "/api/flow_runs/filter"),
            ("prefect", "POST", "/api/ui/flow_runs/count-task-runs"),
            ("prefect", "GET", "/dashboard"),
            ("flower", "GET", "/tasks"),
            ("prometheus", "POST", "/api/v1/query_range"),
            ("prometheus", "GET", "/graph"),
            ("generic", "GET", "/"),
        ];
        for (preset, method, path) in READS {
            assert_eq!(status(preset, 0, method, path), Answer::Allowed, "{preset} {path}");
        }
        const WRITES: &[(&str, &str, &str)] = &[
            ("fastapi-taskflow", "DELETE", "/tasks/history"),
            ("dagu", "PUT", "/api/v2/dags/nightly/spec"),
            ("prefect", "DELETE", "/api/flows/1"),
            ("flower", "POST", "/api/worker/shutdown/celery@a"),
            ("generic", "POST", "/"),
        ];
        for (preset, method, path) in WRITES {
            assert_eq!(status(preset, 1, method, path), Answer::Denied, "{preset} {path}");
            assert_eq!(status(preset, 2, method, path), Answer::Allowed, "{preset} {path}");
        }
        for (preset, method, path) in
            [("prometheus", "POST", "/-/quit"), ("prometheus", "PUT", "/api/v1/admin/tsdb/delete_series"), ("centrifugo", "GET", "/")]
        {
            assert_eq!(status(preset, 3, method, path), Answer::Denied, "{preset} {path}");
            assert_eq!(status(preset, 4, method, path), Answer::Allowed, "{preset} {path}");
            assert!(BUILT_IN[4].permissions.has(Permission::Settings));
        }
    }
}
