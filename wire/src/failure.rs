//! The only error that leaves the house: problem details (RFC 9457) with a code of ours.

use crate::id::EventId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Declares the codes with their status and title, so that no code can lack either.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $text:literal $status:literal $title:literal)*) => {
        /// What went wrong, as a word that programs can compare.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code there is, for the docs.
            pub const ALL: &[Code] = &[$(Code::$name),*];

            /// The code as it is written on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text,)* }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            #[inline(always)]
            pub const fn status(self) -> u16 {
                match self { $(Code::$name => $status,)* }
            }

            /// A short summary, the same for each occurrence.
            #[must_use]
            #[inline(always)]
            pub const fn title(self) -> &'static str {
                match self { $(Code::$name => $title,)* }
            }
        }
    };
}

crate::word::on_the_wire!(Code);
#[cfg(feature = "openapi")]
crate::schema::words!(Code, "What went wrong, as a word that programs can compare");

codes! {
    /// The body is not JSON.
    BadJson "bad_json" 400 "The body is not valid JSON"
    /// The request can not be understood: a bad header, path or query.
    BadRequest "bad_request" 400 "The request can't be understood"
    /// The cursor is not one of this list.
    BadCursor "bad_cursor" 400 "This cursor belongs to another list"
    /// Nobody is signed in, or the token is no longer good.
    Unauthenticated "unauthenticated" 401 "Sign in first"
    /// Wrong name or wrong password, or an account that may not sign in.
    InvalidCredentials "invalid_credentials" 401 "The name or the password is wrong"
    /// The API key is not one, or no longer good; all causes look alike.
    InvalidApiKey "invalid_api_key" 401 "This API key is not good"
    /// The refresh secret or the cookie is not good any more.
    SessionEnded "session_ended" 401 "This session has ended"
    /// The role does not have the permission.
    Forbidden "forbidden" 403 "Your role does not allow this"
    /// The workspace is private, and the caller has no grant where the request acts.
    NotAMember "not_a_member" 403 "This workspace is for its members"
    /// Only changing the password and signing out work until the password is changed.
    PasswordChangeRequired "password_change_required" 403 "Change your password first"
    /// The action needs the password again.
    ConfirmationRequired "confirmation_required" 403 "Confirm it with your password"
    /// It needs a person who is signed in; an API key does not do.
    SessionRequired "session_required" 403 "A person has to do this"
    /// More rights would be given out than the giver has.
    RoleExceedsOwn "role_exceeds_own" 403 "This role can do more than yours"
    /// The request came from another site.
    CrossSite "cross_site" 403 "This request came from another site"
    /// The setup code is needed, or was wrong.
    SetupCodeRequired "setup_code_required" 403 "The setup code is needed"
    /// The current password, given as proof, is wrong.
    WrongPassword "wrong_password" 403 "This is not your current password"
    /// There is no such thing, or it is not yours to see.
    NotFound "not_found" 404 "There is nothing here"
    /// The request names an environment that there is not.
    EnvironmentNotFound "environment_not_found" 404 "There is no such environment"
    /// The address exists, but not for this method.
    MethodNotAllowed "method_not_allowed" 405 "This address does not take that method"
    /// The name belongs to somebody else.
    UsernameTaken "username_taken" 409 "This username is taken"
    /// The address belongs to somebody else.
    EmailTaken "email_taken" 409 "This email address is taken"
    /// Setup has happened.
    SetupDone "setup_done" 409 "Setup is done"
    /// Setup has not happened yet.
    SetupRequired "setup_required" 409 "Set Doorward up first"
    /// It needs sign-in, which is off.
    AuthenticationOff "authentication_off" 409 "Sign-in is off"
    /// Sign-in can not be turned on while nobody could sign in.
    NoUsers "no_users" 409 "Nobody could sign in"
    /// The last user who can sign in.
    LastActiveUser "last_active_user" 409 "This is the last active user"
    /// The last administrator who can sign in.
    LastActiveAdmin "last_active_admin" 409 "This is the last active admin"
    /// Somebody else has to do it.
    NotYourself "not_yourself" 409 "You can't do this to yourself"
    /// A role of this name exists.
    RoleTaken "role_taken" 409 "There is a role of this name"
    /// Somebody has the role that would go.
    RoleInUse "role_in_use" 409 "Somebody has this role"
    /// The built-in roles stay as they are.
    RoleBuiltIn "role_built_in" 409 "This role is built in"
    /// There is a workspace of this slug.
    WorkspaceTaken "workspace_taken" 409 "There is a workspace of this slug"
    /// The workspace has an environment of this slug.
    EnvironmentTaken "environment_taken" 409 "There is an environment of this slug"
    /// `default/default` is where requests act that name no other place.
    DefaultStays "default_stays" 409 "The default workspace and its default environment stay"
    /// There is an app of this slug.
    AppTaken "app_taken" 409 "There is an app of this slug"
    /// A host name, a port or a path leads to another app already.
    AddressTaken "address_taken" 409 "Another app has this address"
    /// The app is in the configuration, and is changed there alone.
    AppConfigured "app_configured" 409 "This app is in the configuration"
    /// There is a provider of this id.
    ProviderTaken "provider_taken" 409 "There is a provider of this id"
    /// The provider is in the configuration, and is changed there alone.
    ProviderConfigured "provider_configured" 409 "This provider is in the configuration"
    /// The identity belongs to another account.
    IdentityTaken "identity_taken" 409 "This identity belongs to another account"
    /// Nobody could get in who is meant to.
    LastWayIn "last_way_in" 409 "This is the last way in"
    /// Signing in with a password is turned off.
    PasswordSignInOff "password_sign_in_off" 409 "Sign in by your provider"
    /// There are apps in the workspace that would go.
    WorkspaceInUse "workspace_in_use" 409 "There are apps in this workspace"
    /// The API key was revoked, or has expired.
    KeyNotActive "key_not_active" 409 "This API key is no longer good"
    /// A key was used again with another request.
    IdempotencyMismatch "idempotency_mismatch" 409 "This Idempotency-Key was used for another request"
    /// The one-time link was used, replaced, or is too old.
    LinkExpired "link_expired" 410 "This link is no longer good"
    /// The resource has changed since it was read.
    PreconditionFailed "precondition_failed" 412 "It has changed in the meantime"
    /// The body is too large.
    TooLarge "too_large" 413 "The body is too large"
    /// The body has another content type than is taken here.
    UnsupportedMediaType "unsupported_media_type" 415 "Send application/json"
    /// The host name is not one of ours.
    Misdirected "misdirected" 421 "This host name is not served here"
    /// Fields are wrong.
    Invalid "invalid" 422 "Something needs another look"
    /// Too many tries.
    TooManyAttempts "too_many_attempts" 429 "Too many attempts"
    /// Something broke inside.
    Internal "internal" 500 "Something went wrong on our side"
    /// The app's upstream can not be reached, or answers what is no HTTP.
    UpstreamDown "upstream_down" 502 "The app does not answer"
    /// The app's upstream takes too long.
    UpstreamSlow "upstream_slow" 504 "The app takes too long"
    /// Too much to do at once.
    Busy "busy" 503 "Too busy at the moment"
    /// The database or another part does not answer.
    Unavailable "unavailable" 503 "Not available at the moment"
    /// The browser could not reach the server; never sent by it.
    Offline "offline" 503 "Doorward does not answer"
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// The field's name, as it stands in the body.
    pub field: String,
    /// What is wrong, and how to write it.
    pub message: String,
}

/// Problem details, as `application/problem+json` (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// A URI reference that names the kind of problem: `/problems/` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// A short summary of the kind.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened, and what to do now.
    pub detail: String,
    /// The kind as a word to compare.
    pub code: Code,
    /// Names this request in the log.
    #[serde(default)]
    pub request_id: String,
    /// The fields that are wrong, where there are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// After how many seconds another try makes sense; also sent as `Retry-After`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// Names the event that says what was looked at, where rights were missing; an auditor opens it at
    /// `/audit/{id}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision_id: Option<EventId>,
}

impl Failure {
    /// A failure of this kind with its own words.
    ///
    /// Always inlined: the browser makes failures of few codes, each known where it is made, and then
    /// carries the titles of no others.
    #[must_use]
    #[inline(always)]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self::made(code, code.status(), code.title(), detail.into())
    }

    #[inline(never)]
    fn made(code: Code, status: u16, title: &str, detail: String) -> Self {
        Self {
            kind: format!("/problems/{}", code.as_str()),
            title: title.into(),
            status,
            detail,
            code,
            request_id: String::new(),
            errors: Vec::new(),
            retry_after: None,
            decision_id: None,
        }
    }

    /// Fields are wrong.
    #[must_use]
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [only] => only.message.clone(),
            several => format!("{} fields need another look.", several.len()),
        };
        Self { errors, ..Self::new(Code::Invalid, detail) }
    }

    /// One field is wrong.
    #[must_use]
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError { field: field.into(), message: message.into() }])
    }

    /// The same failure, blamed on a field as well.
    #[must_use]
    pub fn at(mut self, field: &str) -> Self {
        self.errors.push(FieldError { field: field.into(), message: self.detail.clone() });
        self
    }

    /// The same failure, with the seconds after which to try again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The same failure, with the event that explains it.
    #[must_use]
    pub fn decided(mut self, id: EventId) -> Self {
        self.decision_id = Some(id);
        self
    }

    /// What is wrong with `field`, if anything.
    #[must_use]
    pub fn of(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|e| e.field == field).map(|e| e.message.as_str())
    }
}

impl From<Code> for Failure {
    /// A failure whose words are those of its kind.
    #[inline(always)]
    fn from(code: Code) -> Self {
        Self::new(code, code.title())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Failure {}

#[cfg(feature = "server-fn")]
mod server_fn_error {
    use super::{Code, Failure};
    use crate::text::JsonText;
    use server_fn::error::{FromServerFnError, ServerFnErrorErr};

    impl FromServerFnError for Failure {
        type Encoder = JsonText;

        fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
            match error {
                ServerFnErrorErr::Request(_) => {
                    Self::new(Code::Offline, "Doorward does not answer. What you typed is still here; try again in a moment.")
                }
                ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                    Self::new(Code::Invalid, "The request does not have the fields that are expected.")
                }
                ServerFnErrorErr::Deserialization(_) => {
                    Self::new(Code::Unavailable, "The answer could not be read. Reload the page and try again.")
                }
                _ => Self::from(Code::Internal),
            }
        }
    }
}
