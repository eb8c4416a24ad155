//! The apps that one may open: how they are, and the last hour.

use crate::{
    pages::{
        app_words::{address, latency, pulse, status},
        role::RoleMark,
    },
    prefix::at,
    state::session::Session,
    ui::{AppIcon, Card, Cell, Column, Empty, Icon, LinkButton, MainCell, Place, Row, Size, Table, counted},
};
use leptos::prelude::*;
use wire::{
    apps::{AppTile, HealthState},
    policy::CREATE_APP,
};

/// So many are shown; the rest is on the page of apps.
const SHORT: usize = 8;

/// The card.
pub fn guarded(session: Session, apps: Vec<AppTile>) -> AnyView {
    if apps.is_empty() {
        return none(session);
    }
    let count = counted(apps.len() as u64, "app", "apps");
    let all = move || view! { <a class="link" href=at("/apps")>{["See all ", &count].concat()}</a> };
    let rows: Vec<_> = apps.into_iter().take(SHORT).map(row).collect();
    let columns = vec![
        Column::new("App"),
        Column::new("Health"),
        Column::new("Last hour"),
        Column::new("Answers in").number(),
        Column::new("Your role"),
    ];
    view! {
        <Card id="guarded" title="Guarded apps".to_owned() actions=all flush=true>
            <Table caption="Guarded apps" columns=columns>
                {rows}
            </Table>
        </Card>
    }
    .into_any()
}

/// How many of the apps answer, where that is known of all of them.
#[must_use]
pub fn news(apps: &[AppTile]) -> Option<String> {
    let states: Vec<HealthState> = apps.iter().filter(|app| app.enabled).map(|app| app.state).collect();
    if states.is_empty() || states.contains(&HealthState::Unknown) {
        return None;
    }
    let of = counted(states.len() as u64, "app", "apps");
    Some(match states.iter().filter(|state| **state == HealthState::Down).count() {
        0 if states.len() == 1 => "The app is answering.".into(),
        1 if states.len() == 1 => "The app is down.".into(),
        0 => ["All ", &of, " are answering."].concat(),
        1 => ["One of ", &of, " is down."].concat(),
        down => [&down.to_string(), " of ", &of, " are down."].concat(),
    })
}

fn row(app: AppTile) -> AnyView {
    let href = ["/apps/", &app.slug.0].concat();
    let shown = app.url.as_deref().map(address).unwrap_or_default().to_owned();
    let (health, bars) = (status(app.state, app.enabled), pulse(&app.name, &app.hour));
    let role = app.role.map(|role| view! { <RoleMark role=role /> });
    view! {
        <Row off=!app.enabled>
            <MainCell>
                <div class="person">
                    <AppIcon size=Size::Small />
                    <div>
                        <b>
                            <a href=at(&href)>{app.name}</a>
                        </b>
                        <small class="mono" data-size="sm">
                            {shown}
                        </small>
                    </div>
                </div>
            </MainCell>
            <Cell label="Health" place=Place::End>
                {health}
            </Cell>
            <Cell label="Last hour" place=Place::Left>
                {bars}
            </Cell>
            <Cell label="Answers in" place=Place::Drop number=true>
                {latency(app.latency_ms)}
            </Cell>
            <Cell label="Your role" place=Place::Right>
                {role}
            </Cell>
        </Row>
    }
    .into_any()
}

fn none(session: Session) -> AnyView {
    let may_add = session.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.may(&CREATE_APP)));
    let state = if may_add {
        view! {
            <Empty
                title="No apps yet"
                text="An app is a dashboard or an API that this server can reach. Adding one takes its address and a choice of who gets in."
                    .to_owned()
            >
                <LinkButton href="/apps/new" icon=Icon::Plus>
                    "Add an app"
                </LinkButton>
            </Empty>
        }
        .into_any()
    } else {
        view! { <Empty title="No app is open to you" text="An admin adds apps and decides who may open them.".to_owned() /> }.into_any()
    };
    view! {
        <Card id="guarded" title="Guarded apps".to_owned() flush=true>
            {state}
        </Card>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::{apps::AppHour, workspaces::Slug};

    fn tile(state: HealthState, enabled: bool) -> AppTile {
        let slug = Slug("tasks".into());
        AppTile { slug, name: "Tasks".into(), url: None, enabled, state, latency_ms: None, role: None, hour: AppHour::default() }
    }

    #[test]
    fn what_is_down_is_the_news() {
        let (up, down, off) = (tile(HealthState::Up, true), tile(HealthState::Down, true), tile(HealthState::Down, false));
        assert_eq!(news(&[]), None);
        assert_eq!(news(std::slice::from_ref(&off)), None);
        assert_eq!(news(&[up.clone(), tile(HealthState::Unknown, true)]), None);
        assert_eq!(news(&[up.clone(), off]).as_deref(), Some("The app is answering."));
        assert_eq!(news(&[up.clone(), tile(HealthState::Slow, true)]).as_deref(), Some("All 2 apps are answering."));
        assert_eq!(news(&[up.clone(), up, down.clone()]).as_deref(), Some("One of 3 apps is down."));
        assert_eq!(news(&[down.clone(), down]).as_deref(), Some("2 of 2 apps are down."));
    }
}
