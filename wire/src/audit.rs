//! Events: the lines of the audit log.

use crate::{
    id::{EventId, SessionId},
    list::Order,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// Declares the actions once: their names, and what each says of somebody.
macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident $text:literal $words:literal)*) => {
        /// What was done, as `noun.verb`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action { $($(#[$doc])* $name,)* }

        impl Action {
            /// Every action there is, for the docs.
            pub const ALL: &[Action] = &[$(Action::$name),*];

            /// The action's name on the wire and in the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Action::$name => $text,)* }
            }

            /// What the actor did, to be read after the actor's name and before the target's.
            #[must_use]
            pub const fn words(self) -> &'static str {
                match self { $(Action::$name => $words,)* }
            }

            /// The actions of this name, or of this noun where it ends in a dot.
            #[must_use]
            pub fn matching(text: &str) -> Vec<Self> {
                let matches = |name: &str| name == text || (text.ends_with('.') && name.starts_with(text));
                Self::ALL.iter().copied().filter(|action| matches(action.as_str())).collect()
            }

            /// The action of this name.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|action| action.as_str() == text)
            }
        }
    };
}

crate::word::on_the_wire!(Action);
#[cfg(feature = "openapi")]
crate::schema::words!(Action, "What was done, as `noun.verb`");

actions! {
    /// The first account was made.
    SetupComplete "setup.complete" "set Doorward up"
    /// Setup was skipped.
    SetupSkip "setup.skip" "skipped setup"
    /// Somebody gave a wrong setup code.
    SetupCodeRefused "setup.code_refused" "gave a wrong setup code"
    /// Sign-in was turned on.
    AuthEnable "auth.enable" "turned sign-in on"
    /// Sign-in was turned off.
    AuthDisable "auth.disable" "turned sign-in off"
    /// Somebody signed in, or was refused.
    SessionStart "session.start" "signed in"
    /// Somebody signed out, or a session was ended.
    SessionEnd "session.end" "ended the session of"
    /// All of a user's sessions were ended.
    SessionEndAll "session.end_all" "ended all sessions of"
    /// A spent refresh secret was used again: the session was revoked.
    SessionReuse "session.reuse" "used a spent refresh secret of"
    /// A bound token was used without its cookie.
    SessionBindingMismatch "session.binding_mismatch" "used a copied token of"
    /// A person proved with the password to be there.
    SessionConfirm "session.confirm" "confirmed the password"
    /// A user was added.
    UserCreate "user.create" "added"
    /// A user was invited.
    UserInvite "user.invite" "invited"
    /// A user changed.
    UserUpdate "user.update" "changed"
    /// A user got another role.
    UserRole "user.role" "changed the role of"
    /// A user was disabled.
    UserDisable "user.disable" "disabled"
    /// A user was enabled.
    UserEnable "user.enable" "enabled"
    /// A user was deleted.
    UserDelete "user.delete" "deleted"
    /// A password was changed by its owner.
    PasswordChange "password.change" "changed the password"
    /// A password was set by somebody else.
    PasswordReset "password.reset" "set a new password for"
    /// A link to set a password was made.
    PasswordLink "password.link" "made a reset link for"
    /// A link was used.
    PasswordLinkUse "password.link_use" "set a password by link"
    /// A person changed their own profile.
    ProfileUpdate "profile.update" "changed their profile"
    /// Settings changed.
    SettingsUpdate "settings.update" "changed the settings"
    /// A role was made.
    RoleCreate "role.create" "made the role"
    /// A role changed.
    RoleUpdate "role.update" "changed the role"
    /// A role was deleted.
    RoleDelete "role.delete" "deleted the role"
    /// A workspace was made.
    WorkspaceCreate "workspace.create" "made the workspace"
    /// A workspace changed.
    WorkspaceUpdate "workspace.update" "changed the workspace"
    /// A workspace was deleted.
    WorkspaceDelete "workspace.delete" "deleted the workspace"
    /// A workspace got another environment.
    EnvironmentCreate "environment.create" "made the environment"
    /// An environment was deleted.
    EnvironmentDelete "environment.delete" "deleted the environment"
    /// A user's grants changed.
    GrantUpdate "grant.update" "changed the grants of"
    /// An app was added.
    AppCreate "app.create" "added the app"
    /// An app changed.
    AppUpdate "app.update" "changed the app"
    /// An app was deleted.
    AppDelete "app.delete" "deleted the app"
    /// A provider was added.
    ProviderCreate "provider.create" "added the provider"
    /// A provider changed.
    ProviderUpdate "provider.update" "changed the provider"
    /// A provider was deleted.
    ProviderDelete "provider.delete" "deleted the provider"
    /// Somebody tried a provider out, well or not.
    ProviderTest "provider.test" "tested the provider"
    /// An identity was linked to an account.
    IdentityLink "identity.link" "linked an identity to"
    /// An identity was taken from an account.
    IdentityUnlink "identity.unlink" "removed an identity from"
    /// A provider, or an issuer, would have changed a role that has to stay.
    RoleSyncRefused "user.role_sync_refused" "kept the role of"
    /// Signing in with a password was turned on.
    PasswordSignInEnable "auth.password_enable" "turned password sign-in on"
    /// Signing in with a password was turned off.
    PasswordSignInDisable "auth.password_disable" "turned password sign-in off"
    /// An API key was made.
    ApiKeyCreate "api_key.create" "made the API key"
    /// An API key changed.
    ApiKeyUpdate "api_key.update" "changed the API key"
    /// An API key got another secret.
    ApiKeyRotate "api_key.rotate" "gave another secret to the API key"
    /// An API key was revoked.
    ApiKeyRevoke "api_key.revoke" "revoked the API key"
    /// A request came with an API key that is not good.
    ApiKeyRefused "api_key.refused" "was refused with the API key"
    /// A request was refused for lack of a permission.
    AccessDenied "access.denied" "was turned away from"
    /// The audit log was exported.
    AuditExport "audit.export" "exported the audit log"
    /// Another signing secret took the place of the one before.
    SecretRotate "secret.rotate" "rotated the signing secret"
    /// A backup was written.
    BackupCreate "backup.create" "made a backup"
    /// Everything was replaced by a backup.
    BackupRestore "backup.restore" "restored a backup"
    /// Users or keys were taken over from another program.
    ImportRun "import.run" "took over the accounts of"
    /// The chain of hashes began anew, under another signing secret.
    AuditRestart "audit.restart" "began a new chain of the audit log"
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was done.
    Success,
    /// It was not allowed.
    Denied,
    /// It went wrong.
    Failure,
}

impl Outcome {
    /// The outcome of this name; what is no outcome went wrong.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "success" => Self::Success,
            "denied" => Self::Denied,
            _ => Self::Failure,
        }
    }

    /// The outcome's name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Denied => "denied",
            Self::Failure => "failure",
        }
    }
}

/// Somebody or something that an event names; kept as it was called then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Party {
    /// `user`, `key`, `open`, `nobody`, `system`, `session`, `settings` ….
    pub kind: String,
    /// The id, where it has one.
    pub id: String,
    /// The name at that time.
    pub name: String,
}

/// One line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Names the event.
    pub id: EventId,
    /// When it happened.
    pub at: Timestamp,
    /// What was done.
    pub action: Action,
    /// How it ended.
    pub outcome: Outcome,
    /// Who did it.
    pub actor: Party,
    /// To whom or what.
    pub target: Option<Party>,
    /// From which address.
    pub ip: String,
    /// By which program.
    pub user_agent: String,
    /// In which request.
    pub request_id: String,
    /// In which session.
    pub session_id: Option<SessionId>,
    /// In which workspace, where it was in one.
    pub workspace: Option<String>,
    /// In which of its environments.
    pub environment: Option<String>,
    /// Before and after of what changed, or why; never a secret.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub detail: serde_json::Value,
}

/// So many events are looked at for a page, at the most: what several filters leave of them may be few.
pub const WINDOW: i64 = 2_000;

/// Declares what narrows a list of events once, for all that take it: a page of it, and its export.
macro_rules! narrowed {
    ($($(#[$about:meta])* $name:ident { $($(#[$own:meta])* $field:ident: $of:ty,)* })*) => {$(
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name {
            /// Only these actions, parted by commas; `user.` is every action of that noun.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub action: Option<String>,
            /// Only those done by the user of this id.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub actor: Option<String>,
            /// Only those done to what has this id.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub target: Option<String>,
            /// Only those that ended so.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub outcome: Option<Outcome>,
            /// Only those from this address.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub ip: Option<String>,
            /// Only those in this session; cheapest beside the `actor` whose session it is.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub session: Option<SessionId>,
            /// Only those at this time or later.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub from: Option<Timestamp>,
            /// Only those before this time.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub to: Option<Timestamp>,
            /// The beginning of the actor's name, the target's name, the request's id or the action.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub query: Option<String>,
            /// The order of the times; the newest first when not given.
            #[serde(default = "newest_first")]
            pub order: Order,
            $($(#[$own])* pub $field: $of,)*
        }

        impl Default for $name {
            fn default() -> Self {
                Self {
                    action: None,
                    actor: None,
                    target: None,
                    outcome: None,
                    ip: None,
                    session: None,
                    from: None,
                    to: None,
                    query: None,
                    order: newest_first(),
                    $($field: Default::default(),)*
                }
            }
        }
    )*};
}

narrowed! {
    /// Which events to list, and how.
    EventQuery {
        /// Rows of a page, 1 to 200; 50 when not given. A page may have fewer and still not be the last:
        /// that is the one without `nextCursor`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<u32>,
        /// `nextCursor` of the page before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cursor: Option<String>,
    }
    /// Which events to export, and how; the filters are those of the list.
    EventExport {
        /// How it is written; JSON lines when not given.
        #[serde(default)]
        format: ExportFormat,
    }
}

const fn newest_first() -> Order {
    Order::Desc
}

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// One JSON object a line.
    #[default]
    Jsonl,
    /// Comma-separated values (RFC 4180), with a head.
    Csv,
}

impl EventExport {
    /// All that a list has, whatever its page.
    #[must_use]
    pub fn of(list: EventQuery, format: ExportFormat) -> Self {
        let EventQuery { action, actor, target, outcome, ip, session, from, to, query, order, limit: _, cursor: _ } = list;
        Self { format, action, actor, target, outcome, ip, session, from, to, query, order }
    }

    /// The list that is exported.
    #[must_use]
    pub fn list(self) -> EventQuery {
        let Self { format: _, action, actor, target, outcome, ip, session, from, to, query, order } = self;
        EventQuery { action, actor, target, outcome, ip, session, from, to, query, order, limit: None, cursor: None }
    }
}
