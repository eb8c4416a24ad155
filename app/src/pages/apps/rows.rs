//! The rows of the list, and what stands there instead of them.

use super::{
    may_add,
    query::{LIST, Wanted},
};
use crate::{
    pages::{
        app_words::{address, latency, pulse, status},
        failed,
        role::RoleMark,
    },
    prefix::at,
    state::session::Session,
    ui::{
        AppIcon, Badge, ButtonVariant, Cell, Empty, Icon, LinkButton, MainCell, Place, Row, RowActions, Size, TableState, Tone, counted,
        grouped,
    },
};
use leptos::prelude::*;
use wire::{
    Failure, Page,
    apps::{AppView, Source},
};

/// How many columns the list has.
pub const COLUMNS: usize = 7;

/// The rows, or why there are none.
pub fn shown(session: Session, wanted: &Wanted, listed: Result<Page<AppView>, Failure>) -> AnyView {
    let apps = match listed {
        Ok(part) => part.items,
        Err(failure) => {
            let state = failed::failed("Couldn’t load the apps", &failure);
            return view! { <TableState columns=COLUMNS>{state}</TableState> }.into_any();
        }
    };
    if apps.is_empty() {
        let state = none(may_add(session), ButtonVariant::Plain);
        return view! { <TableState columns=COLUMNS>{state}</TableState> }.into_any();
    }
    let rows: Vec<_> = apps.into_iter().filter(|app| wanted.takes(app)).map(row).collect();
    if rows.is_empty() {
        return view! {
            <TableState columns=COLUMNS>
                <Empty title="No app matches" text="Names and addresses are searched.".to_owned()>
                    <LinkButton href=LIST>"See all apps"</LinkButton>
                </Empty>
            </TableState>
        }
        .into_any();
    }
    rows.into_any()
}

/// What an app is, and how to get one.
fn none(may_add: bool, variant: ButtonVariant) -> AnyView {
    const WHAT: &str = "An app is a dashboard or an API that this server can reach. Doorward stands in front of it and asks who comes.";
    if may_add {
        return view! {
            <Empty title="No apps yet" text=WHAT.to_owned()>
                <LinkButton href="/apps/new" variant=variant icon=Icon::Plus>
                    "Add an app"
                </LinkButton>
            </Empty>
        }
        .into_any();
    }
    view! { <Empty title="No app is open to you" text=[WHAT, " An admin adds apps and decides who may open them."].concat() /> }.into_any()
}

/// How many there are, for the toolbar.
pub fn count(wanted: &Wanted, listed: Option<&Result<Page<AppView>, Failure>>) -> String {
    match listed {
        None => "Loading apps".into(),
        Some(Ok(part)) => counted(part.items.iter().filter(|app| wanted.takes(app)).count() as u64, "app", "apps"),
        Some(Err(_)) => String::new(),
    }
}

fn row(app: AppView) -> AnyView {
    let href = [LIST, "/", &app.slug.0].concat();
    let url = app.urls.first().cloned();
    let shown = url.as_deref().map(address).unwrap_or_default().to_owned();
    let source = (app.source == Source::Config).then(configured);
    let open = url.filter(|_| app.enabled).map(|url| {
        let label = ["Open ", &app.name].concat();
        view! {
            <LinkButton href=url size=Size::Small icon_end=Icon::External attr:rel="external" attr:aria-label=label>
                "Open"
            </LinkButton>
        }
    });
    let bars = pulse(&app.name, &app.hour);
    let role = app.role.map(|role| view! { <RoleMark role=role /> });
    let health = status(app.health.state, app.enabled);
    view! {
        <Row off=!app.enabled>
            <MainCell>
                <div class="person">
                    <AppIcon />
                    <div>
                        <b>
                            <a href=at(&href)>{app.name}</a>
                            " "
                            {source}
                        </b>
                        <small class="mono" data-size="sm">
                            {shown}
                        </small>
                    </div>
                </div>
            </MainCell>
            <Cell label="Health" place=Place::Left>
                {health}
            </Cell>
            <Cell label="Last hour" place=Place::Right>
                {bars}
            </Cell>
            <Cell label="Requests" number=true>
                {grouped(app.hour.requests)}
            </Cell>
            <Cell label="Answers in" number=true>
                {latency(app.health.latency_ms)}
            </Cell>
            <Cell label="Your role">{role}</Cell>
            <RowActions>{open}</RowActions>
        </Row>
    }
    .into_any()
}

/// The mark of an app that only the configuration changes.
pub fn configured() -> AnyView {
    view! {
        <Badge tone=Tone::Neutral outline=true>
            "From the configuration"
        </Badge>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::apps::tests::app;

    #[test]
    fn what_is_left_out_is_not_counted() {
        let listed = Ok(Page { items: vec![app("tasks", "Task queue"), app("wiki", "Wiki")], next_cursor: None, total: Some(2) });
        assert_eq!(count(&Wanted::default(), Some(&listed)), "2 apps");
        assert_eq!(count(&Wanted { query: Some("wiki".into()), health: None }, Some(&listed)), "1 app");
        assert_eq!(count(&Wanted::default(), None), "Loading apps");
    }
}
