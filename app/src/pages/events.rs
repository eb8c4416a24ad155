//! Events in words and drawings, for Home and for the audit log.

use crate::ui::{Actor, Icon, Tone};
use wire::audit::{Action, Event, Outcome, Party};

/// An event as a sentence: who, what, to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence<'e> {
    /// Who did it, or tried to.
    pub who: &'e Party,
    /// What they did, or tried to do.
    pub what: String,
    /// To whom or what, unless it is who did it.
    pub target: Option<&'e Party>,
}

impl<'e> Sentence<'e> {
    /// The event in words.
    #[must_use]
    pub fn of(event: &'e Event) -> Self {
        // Whom a refused sign-in was for is who could not sign in; the actor is nobody yet.
        let is_refused = event.action == Action::SessionStart && event.outcome == Outcome::Denied;
        let who = event.target.as_ref().filter(|_| is_refused).unwrap_or(&event.actor);
        let target = event.target.as_ref().filter(|target| target.id != who.id || target.kind != who.kind);
        Self { who, what: words(event.action, event.outcome), target }
    }

    /// All of it.
    #[must_use]
    pub fn text(&self) -> String {
        let target = self.target.map(|target| [" ", target.name.as_str()].concat()).unwrap_or_default();
        [self.who.name.as_str(), " ", &self.what, &target].concat()
    }
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

/// How it ended, as a word with its tone.
#[must_use]
pub const fn result(outcome: Outcome) -> (Tone, &'static str) {
    match outcome {
        Outcome::Success => (Tone::Success, "Done"),
        Outcome::Denied => (Tone::Danger, "Denied"),
        Outcome::Failure => (Tone::Warning, "Failed"),
    }
}

/// The shape of whoever acts.
#[must_use]
pub fn shape(party: &Party) -> Actor {
    match party.kind.as_str() {
        "key" => Actor::Key,
        "user" | "open" | "nobody" => Actor::Person,
        _ => Actor::System,
    }
}

/// Whether it is somebody, or something, that has a name of its own.
#[must_use]
pub fn is_known(party: &Party) -> bool {
    !matches!(party.kind.as_str(), "open" | "nobody")
}

/// The drawing of an event.
#[must_use]
pub fn drawing(action: Action, outcome: Outcome) -> (Icon, Tone) {
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
        Action::UserDelete | Action::RoleDelete => (Icon::Trash, Tone::Danger),
        Action::UserDisable => (Icon::Ban, Tone::Warning),
        Action::UserRole | Action::GrantUpdate | Action::RoleCreate | Action::RoleUpdate => (Icon::Roles, Tone::Neutral),
        Action::UserUpdate | Action::UserEnable | Action::ProfileUpdate => (Icon::User, Tone::Neutral),
        Action::PasswordChange | Action::PasswordReset | Action::PasswordLink | Action::PasswordLinkUse | Action::SessionConfirm => {
            (Icon::Key, Tone::Neutral)
        }
        Action::ApiKeyCreate | Action::ApiKeyUpdate | Action::ApiKeyRotate => (Icon::Key, Tone::Neutral),
        Action::ApiKeyRevoke => (Icon::Trash, Tone::Danger),
        Action::WorkspaceCreate | Action::WorkspaceUpdate | Action::EnvironmentCreate => (Icon::Layers, Tone::Neutral),
        Action::WorkspaceDelete | Action::EnvironmentDelete => (Icon::Trash, Tone::Danger),
        Action::AppCreate | Action::AppUpdate => (Icon::Apps, Tone::Neutral),
        Action::AppDelete => (Icon::Trash, Tone::Danger),
        Action::ProviderCreate | Action::ProviderUpdate | Action::ProviderTest => (Icon::Lock, Tone::Neutral),
        Action::ProviderDelete => (Icon::Trash, Tone::Danger),
        Action::IdentityLink | Action::IdentityUnlink => (Icon::User, Tone::Neutral),
        Action::RoleSyncRefused => (Icon::Roles, Tone::Warning),
        Action::PasswordSignInEnable => (Icon::Key, Tone::Neutral),
        Action::PasswordSignInDisable => (Icon::Key, Tone::Warning),
        Action::SettingsUpdate => (Icon::Sliders, Tone::Neutral),
        Action::AuditExport => (Icon::Download, Tone::Neutral),
        Action::SecretRotate | Action::BackupCreate | Action::BackupRestore | Action::ImportRun | Action::AuditRestart => {
            (Icon::Audit, Tone::Warning)
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use wire::{EventId, Timestamp};

    pub fn event(action: Action, outcome: Outcome, target: Option<(&str, &str)>) -> Event {
        let party = |kind: &str, id: &str, name: &str| Party { kind: kind.into(), id: id.into(), name: name.into() };
        Event {
            id: EventId(Default::default()),
            at: Timestamp(0),
            action,
            outcome,
            actor: party("user", "1", "ada"),
            target: target.map(|(id, name)| party("user", id, name)),
            ip: "::1".into(),
            user_agent: String::new(),
            request_id: String::new(),
            session_id: None,
            workspace: None,
            environment: None,
            detail: serde_json::json!({}),
        }
    }

    #[test]
    fn an_event_reads_as_a_sentence() {
        for (action, outcome, target, text) in [
            (Action::UserRole, Outcome::Success, Some(("2", "leo")), "ada changed the role of leo"),
            (Action::SessionStart, Outcome::Success, Some(("1", "ada")), "ada signed in"),
            (Action::SessionStart, Outcome::Denied, Some(("2", "leo")), "leo could not sign in"),
            (Action::AccessDenied, Outcome::Denied, Some(("2", "Lists users")), "ada was turned away from Lists users"),
            (Action::SettingsUpdate, Outcome::Failure, None, "ada changed the settings – failed:"),
        ] {
            assert_eq!(Sentence::of(&event(action, outcome, target)).text(), text);
        }
    }
}
