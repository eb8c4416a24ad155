//! `doorward app`: the guarded apps, at the server's own shell.

use super::{Shop, Trouble, print};
use clap::Subcommand;
use doorward::{
    gate::apps,
    wire::{
        RoleName,
        apps::{AppCheck, AppDecision, AppQuery, AppView, HealthState, Source},
        rules::Answer,
        workspaces::Slug,
    },
};

/// What can be done with apps.
#[derive(Debug, Subcommand)]
pub enum App {
    /// List all apps
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Look whether the upstreams answer; exit code 1 when one does not
    Check {
        /// This app alone
        app: Option<String>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Tell whether a request would be let through, and why; exit code 0 when it would, 1 when not
    Explain {
        /// The app's slug
        #[arg(long)]
        app: String,
        /// As this user; as nobody without --user, --role and --key
        #[arg(long, conflicts_with_all = ["role", "key"])]
        user: Option<String>,
        /// As somebody of this role
        #[arg(long, conflicts_with = "key")]
        role: Option<String>,
        /// As the API key of this prefix: the eight characters after dw_
        #[arg(long, value_name = "PREFIX")]
        key: Option<String>,
        /// The method
        #[arg(long, default_value = "GET")]
        method: String,
        /// The path, as it would be sent
        #[arg(long)]
        path: String,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs a command.
pub async fn run(shop: &Shop, command: App) -> Result<(), Trouble> {
    let ctx = shop.ctx();
    match command {
        App::List { json } => {
            let all = apps::list(&ctx, AppQuery::default()).await?.items;
            if json {
                return print::json(&all);
            }
            print::table(&["APP", "NAME", "WORKSPACE", "UPSTREAM", "FROM", "STATE"], &all.iter().map(row).collect::<Vec<_>>());
            Ok(())
        }
        App::Check { app, json } => check(shop, app, json).await,
        App::Explain { app, user, role, key, method, path, json } => {
            let asked = AppCheck { method, path, role: role.map(RoleName), user, key };
            // Exit code 1 means that the request is refused, so what is wrong with the question is 2.
            let decision = apps::check(&ctx, &Slug(app), asked).await.map_err(|error| Trouble::usage(error.into_failure("").detail))?;
            if json {
                print::json(&decision)?;
            } else {
                tell(&decision);
            }
            if decision.answer == Answer::Allowed { Ok(()) } else { Err(Trouble::refused()) }
        }
    }
}

async fn check(shop: &Shop, app: Option<String>, json: bool) -> Result<(), Trouble> {
    let mut all = apps::look(&shop.ctx()).await?.items;
    if let Some(slug) = app {
        all.retain(|view| view.slug.0 == slug);
        if all.is_empty() {
            return Err(Trouble::usage(format!("There is no app called {slug}.")));
        }
    }
    if json {
        print::json(&all)?;
    } else {
        let rows: Vec<_> = all.iter().map(health).collect();
        print::table(&["APP", "UPSTREAM", "HEALTH", "STATUS", "LATENCY", "CAUSE"], &rows);
    }
    let is_down = all.iter().any(|view| view.enabled && view.health.state == HealthState::Down);
    if is_down { Err(Trouble::refused()) } else { Ok(()) }
}

fn upstream(view: &AppView) -> String {
    view.definition.as_ref().map(|app| app.upstream.clone()).unwrap_or_default()
}

fn row(view: &AppView) -> Vec<String> {
    let from = match view.source {
        Source::Config => "configuration",
        Source::Dashboard => "dashboard",
    };
    let state = if view.enabled { "enabled" } else { "disabled" };
    vec![view.slug.to_string(), view.name.clone(), view.workspace.to_string(), upstream(view), from.into(), state.into()]
}

fn health(view: &AppView) -> Vec<String> {
    let state = match view.health.state {
        HealthState::Unknown if view.enabled => "unknown",
        HealthState::Unknown => "disabled",
        HealthState::Up => "up",
        HealthState::Slow => "slow",
        HealthState::Down => "down",
    };
    let status = view.health.status.map(|status| status.to_string()).unwrap_or_default();
    let latency = view.health.latency_ms.map(|millis| format!("{millis} ms")).unwrap_or_default();
    vec![view.slug.to_string(), upstream(view), state.into(), status, latency, view.health.cause.clone().unwrap_or_default()]
}

/// Writes what was looked at, in its order, and what came of it.
fn tell(decision: &AppDecision) {
    for step in &decision.trail {
        print::line(&format!("{:12} {}", step.looked, step.found));
    }
    print::line(&format!("{:12} {}", "answer", decision.status));
    print::line(&decision.reason);
}
