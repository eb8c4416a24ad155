//! An event that is about to be written.

use crate::ctx::Ctx;
use wire::{
    SessionId,
    audit::{Action, Event, Outcome, Party},
    users::User,
    workspaces::Slug,
};

/// The most bytes of a text that came from outside, as it is kept.
const MOST: usize = 300;

/// An event that is about to be written; who, when and where come from the [`Ctx`].
#[derive(Debug, Clone)]
pub struct NewEvent {
    action: Action,
    outcome: Outcome,
    actor: Option<Party>,
    target: Option<Party>,
    session: Option<SessionId>,
    place: Option<(Slug, Option<Slug>)>,
    detail: serde_json::Value,
}

impl NewEvent {
    /// Something was done.
    #[must_use]
    pub fn new(action: Action) -> Self {
        Self { action, outcome: Outcome::Success, actor: None, target: None, session: None, place: None, detail: serde_json::json!({}) }
    }

    /// Something was refused.
    #[must_use]
    pub fn denied(action: Action) -> Self {
        Self { outcome: Outcome::Denied, ..Self::new(action) }
    }

    /// Done by this user, where the context does not know it yet.
    #[must_use]
    pub fn by(mut self, user: &User) -> Self {
        self.actor = Some(party(user));
        self
    }

    /// Done by a part of Doorward, or by a party that it believes, of this name.
    #[must_use]
    pub fn by_part(mut self, name: &str) -> Self {
        self.actor = Some(Party { kind: "system".into(), id: String::new(), name: clip(name) });
        self
    }

    /// Done to this user.
    #[must_use]
    pub fn to(mut self, user: &User) -> Self {
        self.target = Some(party(user));
        self
    }

    /// Done to something else.
    #[must_use]
    pub fn on(mut self, kind: &str, id: &str, name: &str) -> Self {
        self.target = Some(Party { kind: kind.into(), id: id.into(), name: clip(name) });
        self
    }

    /// Done in, or to, this session.
    #[must_use]
    pub fn in_session(mut self, session: SessionId) -> Self {
        self.session = Some(session);
        self
    }

    /// Done in, or to, this workspace or this environment of it.
    #[must_use]
    pub fn within(mut self, workspace: &Slug, environment: Option<&Slug>) -> Self {
        self.place = Some((workspace.clone(), environment.cloned()));
        self
    }

    /// With what changed, or why; never a secret.
    #[must_use]
    pub fn with(mut self, detail: serde_json::Value) -> Self {
        self.detail = detail;
        self
    }

    /// The whole event, as it is kept.
    pub(crate) fn complete(self, ctx: &Ctx) -> Event {
        let (workspace, environment) =
            self.place.map_or((None, None), |(workspace, environment)| (Some(workspace.0), environment.map(|slug| slug.0)));
        let actor = self.actor.unwrap_or_else(|| ctx.actor());
        Event {
            id: ctx.new_id().into(),
            at: ctx.now(),
            action: self.action,
            outcome: self.outcome,
            actor: Party { name: clip(&actor.name), ..actor },
            target: self.target,
            ip: ctx.address().to_string(),
            user_agent: clip(ctx.user_agent()),
            request_id: ctx.request_id().to_owned(),
            session_id: self.session.or_else(|| ctx.session()),
            workspace,
            environment,
            detail: self.detail,
        }
    }
}

fn party(user: &User) -> Party {
    Party { kind: "user".into(), id: user.id.to_string(), name: user.username.clone() }
}

/// Text from outside, cut to a bearable length and without characters that hide or reorder others.
#[must_use]
pub fn clip(text: &str) -> String {
    let clean: String = text.chars().map(|c| if wire::check::is_invisible(c) { '\u{fffd}' } else { c }).collect();
    let end = clean.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= MOST).last().unwrap_or(0);
    clean[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::clip;

    #[test]
    fn text_from_outside_is_cut_and_can_not_forge_a_line() {
        assert_eq!(clip("a\r\nb\u{202e}c\u{1b}[31m"), "a\u{fffd}\u{fffd}b\u{fffd}c\u{fffd}[31m");
        assert!(clip(&"ä".repeat(1000)).len() <= 300);
    }
}
