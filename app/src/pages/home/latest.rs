//! What happened last, from the audit log.

use crate::ui::{Card, Empty, Happening, Icon, TimeStyle, Timeline, Tone};
use leptos::prelude::*;
use wire::audit::{Action, Event, Outcome};

/// The latest events, the newest first.
pub fn latest(events: Vec<Event>) -> AnyView {
    if events.is_empty() {
        return view! {
            <Card id="latest" title="Latest events".to_owned() flush=true>
                <Empty title="Nothing has happened yet" text="Sign-ins and changes show here.".to_owned() />
            </Card>
        }
        .into_any();
    }
    let rows: Vec<_> = events.into_iter().map(row).collect();
    view! {
        <Card id="latest" title="Latest events".to_owned()>
            <Timeline>{rows}</Timeline>
        </Card>
    }
    .into_any()
}

fn row(event: Event) -> AnyView {
    let (icon, tone) = drawing(event.action, event.outcome);
    // Whom a refused sign-in was for is who could not sign in; the actor is nobody yet.
    let is_refused = event.action == Action::SessionStart && event.outcome == Outcome::Denied;
    let who = event.target.as_ref().filter(|_| is_refused).unwrap_or(&event.actor).name.clone();
    let target =
        event.target.as_ref().filter(|_| !is_refused).filter(|target| target.id != event.actor.id || target.kind != event.actor.kind);
    let target = target.map(|target| view! { " " <b>{target.name.clone()}</b> });
    view! {
        <Happening icon=icon tone=tone at=event.at.millis() style=TimeStyle::Relative detail=event.ip.clone()>
            <b>{who}</b>
            " "
            {words(event.action, event.outcome)}
            {target}
        </Happening>
    }
    .into_any()
}

/// What the actor did, or tried to do.
fn words(action: Action, outcome: Outcome) -> String {
    match (action, outcome) {
        (Action::SessionStart, Outcome::Denied) => "could not sign in".into(),
        (action, Outcome::Success) => action.words().into(),
        (
            Action::AccessDenied | Action::ApiKeyRefused | Action::SetupCodeRefused | Action::SessionReuse | Action::SessionBindingMismatch,
            _,
        ) => action.words().into(),
        (action, Outcome::Denied) => [action.words(), " – refused:"].concat(),
        (action, Outcome::Failure) => [action.words(), " – failed:"].concat(),
    }
}

fn drawing(action: Action, outcome: Outcome) -> (Icon, Tone) {
    if outcome != Outcome::Success {
        return (Icon::GateClosed, Tone::Danger);
    }
    match action {
        Action::SessionStart => (Icon::GateOpen, Tone::Success),
        Action::SessionEnd | Action::SessionEndAll => (Icon::Logout, Tone::Neutral),
        Action::SessionReuse | Action::SessionBindingMismatch | Action::AccessDenied | Action::ApiKeyRefused | Action::SetupCodeRefused => {
            (Icon::GateClosed, Tone::Danger)
        }
        Action::AuthDisable | Action::SetupSkip => (Icon::Unlock, Tone::Warning),
        Action::AuthEnable | Action::SetupComplete => (Icon::Lock, Tone::Success),
        Action::UserCreate | Action::UserInvite => (Icon::UserPlus, Tone::Neutral),
        Action::UserDelete | Action::RoleDelete | Action::WorkspaceDelete | Action::EnvironmentDelete => (Icon::Trash, Tone::Danger),
        Action::UserDisable => (Icon::Ban, Tone::Warning),
        Action::UserRole | Action::GrantUpdate | Action::RoleCreate | Action::RoleUpdate => (Icon::Roles, Tone::Neutral),
        Action::UserUpdate | Action::UserEnable | Action::ProfileUpdate => (Icon::User, Tone::Neutral),
        Action::PasswordChange | Action::PasswordReset | Action::PasswordLink | Action::PasswordLinkUse | Action::SessionConfirm => {
            (Icon::Key, Tone::Neutral)
        }
        Action::ApiKeyCreate | Action::ApiKeyUpdate | Action::ApiKeyRotate => (Icon::Key, Tone::Neutral),
        Action::ApiKeyRevoke => (Icon::Trash, Tone::Danger),
        Action::WorkspaceCreate | Action::WorkspaceUpdate | Action::EnvironmentCreate => (Icon::Layers, Tone::Neutral),
        Action::SettingsUpdate => (Icon::Sliders, Tone::Neutral),
        Action::AuditExport => (Icon::Download, Tone::Neutral),
        Action::AuditRestart => (Icon::Audit, Tone::Warning),
    }
}
