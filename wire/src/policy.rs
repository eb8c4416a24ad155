//! The table of rights: every operation and every page, and what each needs.
//!
//! Routes and server functions are registered from it, `Ctx::may` asks it, the dashboard hides what
//! it refuses, and the tests walk it. What is not in it is not served.

use crate::rights::Permission;
use serde::{Deserialize, Serialize};

/// What a caller needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: anybody may ask.
    Nothing,
    /// That setup has not happened yet.
    SetupOpen,
    /// To be known; while sign-in is off everybody is.
    SignedIn,
    /// A session of one's own: neither an API key nor sign-in being off will do.
    Session,
    /// A permission.
    Permission(Permission),
}

/// The methods of REST that are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    Get,
    /// Makes, or does.
    Post,
    /// Replaces the fields given.
    Put,
    /// Changes the fields given.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// The method's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// One row of the table: something that can be done, at one REST address and by one server
/// function of the same name (`/_call/<id>`), where the dashboard has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// Its name: the handler's, the server function's, and the operation id of the REST document.
    pub id: &'static str,
    /// The method of its address.
    pub method: Method,
    /// The address below `/api/v1`.
    pub path: &'static str,
    /// What it needs.
    pub needs: Needs,
    /// What it does, in one line.
    pub summary: &'static str,
    /// Whether it works while the password has to be changed.
    pub while_password_pending: bool,
    /// Whether it is refused from afar while sign-in is off, unless the setup code comes along.
    pub guarded_while_open: bool,
    /// Whether an API key is refused whatever its role is: what makes sessions, or keys.
    pub by_people_only: bool,
    /// The permission that an API key needs where a person needs none: people have things of their
    /// own there, keys have not.
    pub keys_need: Option<Permission>,
}

impl Operation {
    /// Whether it changes something; reads do not.
    #[must_use]
    pub const fn changes(&self) -> bool {
        !matches!(self.method, Get)
    }

    const fn while_password_pending(mut self) -> Self {
        self.while_password_pending = true;
        self
    }

    const fn by_people_only(mut self) -> Self {
        self.by_people_only = true;
        self
    }

    const fn keys_need(mut self, permission: Permission) -> Self {
        self.keys_need = Some(permission);
        self
    }

    const fn guarded_while_open(mut self) -> Self {
        self.guarded_while_open = true;
        self
    }
}

const fn row(id: &'static str, method: Method, path: &'static str, needs: Needs, summary: &'static str) -> Operation {
    Operation {
        id,
        method,
        path,
        needs,
        summary,
        while_password_pending: false,
        guarded_while_open: false,
        by_people_only: false,
        keys_need: None,
    }
}

/// Declares each operation as a constant, and the table of all of them.
macro_rules! operations {
    ($($name:ident = $row:expr;)*) => {
        $(#[doc = concat!("The row `", stringify!($name), "` of the table.")] pub const $name: Operation = $row;)*

        /// The table.
        pub const OPERATIONS: &[Operation] = &[$($name),*];
    };
}

use Method::{Delete, Get, Patch, Post, Put};
use Needs::{Nothing, Session, SetupOpen, SignedIn};
const USERS: Needs = Needs::Permission(Permission::Users);
const SETTINGS: Needs = Needs::Permission(Permission::Settings);
const ROLES: Needs = Needs::Permission(Permission::Roles);
const APPS: Needs = Needs::Permission(Permission::Apps);
const READ: Needs = Needs::Permission(Permission::Read);
const AUDIT: Needs = Needs::Permission(Permission::Audit);

operations! {
    GET_CAPABILITIES = row("get_capabilities", Get, "/capabilities", Nothing, "Tells what the sign-in side must know");
    GET_OPENAPI = row("get_openapi", Get, "/openapi.json", Nothing, "Describes this interface (OpenAPI 3.1)");
    GET_SETUP = row("get_setup", Get, "/setup", SetupOpen, "Tells how far setup has come");
    SET_UP = row("set_up", Post, "/setup", SetupOpen, "Makes the first account and signs it in");
    CHECK_UPSTREAM = row("check_upstream", Post, "/setup/check-upstream", SetupOpen, "Looks at the upstream of a first app");
    SKIP_SETUP = row("skip_setup", Post, "/setup/skip", SetupOpen, "Leaves sign-in off");

    SIGN_IN = row("sign_in", Post, "/auth/login", Nothing, "Signs in with a name and a password").by_people_only();
    REFRESH_SESSION = row("refresh_session", Post, "/auth/refresh", Nothing, "Gets the next pair of tokens").by_people_only();
    SIGN_OUT = row("sign_out", Post, "/auth/logout", Session, "Ends this session").while_password_pending();
    SIGN_OUT_EVERYWHERE = row("sign_out_everywhere", Post, "/auth/logout-all", Session, "Ends all sessions of one's own").while_password_pending();
    SIGN_OUT_OTHERS = row("sign_out_others", Post, "/auth/logout-others", Session, "Ends all sessions of one's own but this one");
    VALIDATE_SESSION = row("validate_session", Get, "/auth/validate", Session, "Tells whether the access token is good").while_password_pending();
    GET_ME = row("get_me", Get, "/auth/me", SignedIn, "Tells who the caller is, and what the caller may do");
    UPDATE_ME = row("update_me", Patch, "/auth/me", Session, "Changes one's own profile");
    CHANGE_PASSWORD = row("change_password", Post, "/auth/change-password", Session, "Changes one's own password, and ends the other sessions").while_password_pending();
    CONFIRM_PASSWORD = row("confirm_password", Post, "/auth/confirm", Session, "Proves with the password that one is still there, for ten minutes");
    CREATE_TICKET = row("create_ticket", Post, "/auth/ticket", Session, "Makes a ticket that opens one stream within 30 seconds");
    FORWARD_AUTH = row("forward_auth", Get, "/auth/forward", Nothing, "Tells a trusted proxy whether a request to an app may pass, and who sent it").while_password_pending();
    CHECK_LINK = row("check_link", Post, "/auth/links/check", Nothing, "Tells what a one-time link is for");
    USE_LINK = row("use_link", Post, "/auth/links/use", Nothing, "Sets a password by a one-time link");

    LIST_USERS = row("list_users", Get, "/users", USERS, "Lists users");
    CREATE_USER = row("create_user", Post, "/users", USERS, "Adds a user").guarded_while_open();
    GET_USER = row("get_user", Get, "/users/{id}", USERS, "Shows a user");
    UPDATE_USER = row("update_user", Patch, "/users/{id}", USERS, "Changes a user").guarded_while_open();
    PUT_USER = row("put_user", Put, "/users/{id}", USERS, "Changes a user; takes the same fields as PATCH").guarded_while_open();
    DELETE_USER = row("delete_user", Delete, "/users/{id}", USERS, "Deletes a user, with their sessions").guarded_while_open();
    RESET_PASSWORD = row("reset_password", Put, "/users/{id}/password", USERS, "Sets somebody's password, ends their sessions and revokes their personal API keys").guarded_while_open();
    CREATE_RESET_LINK = row("create_reset_link", Post, "/users/{id}/reset-link", USERS, "Makes a one-time link to set a password").guarded_while_open();
    INVITE_USER = row("invite_user", Post, "/users/invitations", USERS, "Adds a user without a password, and makes a link to set one").guarded_while_open();

    LIST_ROLES = row("list_roles", Get, "/roles", SignedIn, "Lists roles");
    CREATE_ROLE = row("create_role", Post, "/roles", ROLES, "Makes a role").guarded_while_open();
    GET_ROLE = row("get_role", Get, "/roles/{name}", SignedIn, "Shows a role");
    UPDATE_ROLE = row("update_role", Patch, "/roles/{name}", ROLES, "Changes a role").guarded_while_open();
    DELETE_ROLE = row("delete_role", Delete, "/roles/{name}", ROLES, "Deletes a role, with a replacement for those who have it").guarded_while_open();
    LIST_PERMISSIONS = row("list_permissions", Get, "/permissions", SignedIn, "Lists the permissions there are");

    LIST_WORKSPACES = row("list_workspaces", Get, "/workspaces", SignedIn, "Lists workspaces: those open to all, and those one is a member of");
    CREATE_WORKSPACE = row("create_workspace", Post, "/workspaces", SETTINGS, "Makes a workspace with one environment").guarded_while_open();
    GET_WORKSPACE = row("get_workspace", Get, "/workspaces/{slug}", SignedIn, "Shows a workspace");
    UPDATE_WORKSPACE = row("update_workspace", Patch, "/workspaces/{slug}", SETTINGS, "Changes a workspace").guarded_while_open();
    DELETE_WORKSPACE = row("delete_workspace", Delete, "/workspaces/{slug}", SETTINGS, "Deletes a workspace, with its grants and the keys that are good there alone").guarded_while_open();
    LIST_ENVIRONMENTS = row("list_environments", Get, "/workspaces/{slug}/environments", SignedIn, "Lists the environments of a workspace");
    CREATE_ENVIRONMENT = row("create_environment", Post, "/workspaces/{slug}/environments", SETTINGS, "Adds an environment to a workspace").guarded_while_open();
    DELETE_ENVIRONMENT = row("delete_environment", Delete, "/workspaces/{slug}/environments/{environment}", SETTINGS, "Deletes an environment, with its grants and the keys that are good there alone").guarded_while_open();
    LIST_MEMBERS = row("list_members", Get, "/workspaces/{slug}/members", SignedIn, "Lists who has a grant in a workspace");
    GET_GRANTS = row("get_grants", Get, "/users/{id}/grants", USERS, "Shows a user's grants");
    PUT_GRANTS = row("put_grants", Put, "/users/{id}/grants", USERS, "Replaces a user's grants").guarded_while_open();
    DELETE_GRANTS = row("delete_grants", Delete, "/users/{id}/grants", USERS, "Removes a user's grants, all or those of a workspace").guarded_while_open();

    LIST_APPS = row("list_apps", Get, "/apps", READ, "Lists the apps that one may open; with `apps`, all");
    CREATE_APP = row("create_app", Post, "/apps", APPS, "Adds an app").guarded_while_open();
    LIST_PRESETS = row("list_presets", Get, "/apps/presets", APPS, "Lists ready rules for what people put behind Doorward");
    PROBE_UPSTREAM = row("probe_upstream", Post, "/apps/probe", APPS, "Looks whether an upstream answers, and what it is").guarded_while_open();
    GET_APP = row("get_app", Get, "/apps/{slug}", READ, "Shows an app that one may open; with `apps`, any");
    UPDATE_APP = row("update_app", Patch, "/apps/{slug}", APPS, "Changes an app").guarded_while_open();
    DELETE_APP = row("delete_app", Delete, "/apps/{slug}", APPS, "Deletes an app, with the API keys that are good for it alone").guarded_while_open();
    CHECK_APP = row("check_app", Post, "/apps/{slug}/check", APPS, "Tells which rule of an app a request meets, and what becomes of it");
    GET_APP_TRAFFIC = row("get_app_traffic", Get, "/apps/{slug}/traffic", READ, "Shows an app's last hour, minute by minute");

    LIST_IDENTITIES = row("list_identities", Get, "/auth/identities", Session, "Lists the identities that belong to one's own account");
    UNLINK_IDENTITY = row("unlink_identity", Delete, "/auth/identities/{id}", Session, "Takes an identity from one's own account");
    LIST_USER_IDENTITIES = row("list_user_identities", Get, "/users/{id}/identities", USERS, "Lists the identities of a user");

    LIST_SESSIONS = row("list_sessions", Get, "/sessions", Session, "Lists one's own sessions; with `users`, anybody's");
    END_SESSION = row("end_session", Delete, "/sessions/{id}", Session, "Ends a session of one's own; with `users`, anybody's");

    LIST_API_KEYS = row("list_api_keys", Get, "/api-keys", SignedIn, "Lists one's own personal API keys; with `keys`, everybody's").keys_need(Permission::Keys);
    CREATE_API_KEY = row("create_api_key", Post, "/api-keys", SignedIn, "Makes a personal API key; with `keys`, a service key").guarded_while_open().by_people_only();
    GET_API_KEY = row("get_api_key", Get, "/api-keys/{id}", SignedIn, "Shows an API key of one's own; with `keys`, anybody's").keys_need(Permission::Keys);
    UPDATE_API_KEY = row("update_api_key", Patch, "/api-keys/{id}", SignedIn, "Changes an API key of one's own; with `keys`, anybody's").keys_need(Permission::Keys).guarded_while_open();
    DELETE_API_KEY = row("delete_api_key", Delete, "/api-keys/{id}", SignedIn, "Revokes an API key of one's own; with `keys`, anybody's").keys_need(Permission::Keys).guarded_while_open();
    ROTATE_API_KEY = row("rotate_api_key", Post, "/api-keys/{id}/rotate", SignedIn, "Gives an API key another secret").guarded_while_open().by_people_only();

    GET_AUTH_SETTINGS = row("get_auth_settings", Get, "/settings/auth", SETTINGS, "Shows how signing in is set");
    UPDATE_AUTH_SETTINGS = row("update_auth_settings", Patch, "/settings/auth", SETTINGS, "Turns sign-in on or off").guarded_while_open();
    LIST_PROVIDERS = row("list_providers", Get, "/settings/oidc", SETTINGS, "Lists OpenID Connect providers, with their state");
    CREATE_PROVIDER = row("create_provider", Post, "/settings/oidc", SETTINGS, "Adds a provider; it is offered after a test sign-in").guarded_while_open();
    LIST_PROVIDER_PRESETS = row("list_provider_presets", Get, "/settings/oidc/presets", SETTINGS, "Lists what is known of providers as people have them");
    GET_PROVIDER = row("get_provider", Get, "/settings/oidc/{slug}", SETTINGS, "Shows a provider");
    UPDATE_PROVIDER = row("update_provider", Patch, "/settings/oidc/{slug}", SETTINGS, "Changes a provider").guarded_while_open();
    DELETE_PROVIDER = row("delete_provider", Delete, "/settings/oidc/{slug}", SETTINGS, "Deletes a provider, and ends the sessions that began by it").guarded_while_open();
    CHECK_PROVIDER = row("check_provider", Post, "/settings/oidc/{slug}/test", SETTINGS, "Looks whether a provider answers, and what it says of itself");
    TRY_MAPPING = row("try_mapping", Post, "/settings/role-mapping/test", SETTINGS, "Tells which role claims give, and which line decides");
    GET_SETTINGS = row("get_settings", Get, "/settings", SETTINGS, "Shows the general settings");
    UPDATE_SETTINGS = row("update_settings", Patch, "/settings", SETTINGS, "Changes the general settings").guarded_while_open();

    LIST_EVENTS = row("list_events", Get, "/audit", AUDIT, "Lists events, the newest first");
    EXPORT_EVENTS = row("export_events", Get, "/audit/export", AUDIT, "Streams all events of a list, as JSON lines or CSV");
    GET_EVENT = row("get_event", Get, "/audit/{id}", AUDIT, "Shows an event, with before and after");

    LIST_CHANNELS = row("list_channels", Get, "/channels", SignedIn, "Lists live channels that one may watch");
    GET_CHANNEL = row("get_channel", Get, "/channels/{channel}", SignedIn, "Shows a channel that one may watch");
    PUBLISH_MESSAGE = row("publish_message", Post, "/channels/{channel}/messages", SignedIn, "Publishes a message on a channel");
    WATCH_CHANNELS = row("watch_channels", Get, "/live", SignedIn, "Streams the messages of channels, as server-sent events");
    GET_CENTRIFUGO = row("get_centrifugo", Get, "/centrifugo", SETTINGS, "Tells how Centrifugo is");
    GET_CENTRIFUGO_TOKEN = row("get_centrifugo_token", Get, "/centrifugo/token", SignedIn, "Gives a token for Centrifugo, to connect or to subscribe");
    OPEN_SOCKET = row("open_socket", Get, "/live/ws", SignedIn, "Opens a WebSocket, to watch channels and publish on them");

    GET_METRICS = row("get_metrics", Get, "/metrics", AUDIT, "Shows the numbers for a watchdog, in the text format of Prometheus");
    GET_OVERVIEW = row("get_overview", Get, "/stats/overview", READ, "Shows the numbers of Home");
}

/// The operation of this name.
#[must_use]
pub fn operation(id: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|row| row.id == id)
}

/// Whether anybody may do this: no token goes along.
const fn is_public(operation: &Operation) -> bool {
    matches!(operation.needs, Nothing | SetupOpen)
}

const PUBLIC_COUNT: usize = {
    let (mut count, mut at) = (0, 0);
    while at < OPERATIONS.len() {
        count += is_public(&OPERATIONS[at]) as usize;
        at += 1;
    }
    count
};

/// The names of the operations that anybody may do: all that the browser carries of the table.
pub const PUBLIC: [&str; PUBLIC_COUNT] = {
    let mut names = [""; PUBLIC_COUNT];
    let (mut count, mut at) = (0, 0);
    while at < OPERATIONS.len() {
        if is_public(&OPERATIONS[at]) {
            names[count] = OPERATIONS[at].id;
            count += 1;
        }
        at += 1;
    }
    names
};

/// A page of the dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRow {
    /// Its address; `{…}` stands for one segment.
    pub path: &'static str,
    /// What opening it needs.
    pub needs: Needs,
    /// Whether it opens while the password has to be changed.
    pub while_password_pending: bool,
}

const fn page(path: &'static str, needs: Needs) -> PageRow {
    PageRow { path, needs, while_password_pending: matches!(needs, Nothing | SetupOpen) }
}

/// The pages, in the order of the dashboard.
pub const PAGES: &[PageRow] = &[
    page("/setup", SetupOpen),
    page("/setup/admin", SetupOpen),
    page("/setup/app", APPS),
    page("/setup/done", SignedIn),
    page("/login", Nothing),
    page("/login/not-allowed", Nothing),
    page("/logout", Nothing),
    page("/forgot", Nothing),
    page("/reset/{token}", Nothing),
    PageRow { path: "/change-password", needs: Session, while_password_pending: true },
    page("/", READ),
    page("/apps", READ),
    page("/apps/new", APPS),
    page("/apps/{slug}", READ),
    page("/apps/{slug}/rules", APPS),
    page("/apps/{slug}/connect", READ),
    page("/apps/{slug}/settings", APPS),
    page("/activity/channels", SignedIn),
    page("/activity/channels/{name}", SignedIn),
    page("/profile", Session),
    page("/settings", SignedIn),
    page("/settings/general", SETTINGS),
    page("/settings/authentication", SETTINGS),
    page("/settings/authentication/new", SETTINGS),
    page("/settings/authentication/{id}", SETTINGS),
    page("/settings/users", USERS),
    page("/settings/users/new", USERS),
    page("/settings/users/{id}", USERS),
    page("/settings/roles", ROLES),
    page("/settings/roles/new", ROLES),
    page("/settings/roles/{name}", ROLES),
    page("/settings/api-keys", SignedIn),
    page("/settings/api-keys/new", SignedIn),
    page("/settings/api-keys/{id}", SignedIn),
    page("/settings/sessions", Session),
    page("/settings/workspaces", SETTINGS),
    page("/settings/workspaces/new", SETTINGS),
    page("/settings/workspaces/{slug}", SETTINGS),
    page("/settings/audit", AUDIT),
    page("/settings/audit/{id}", AUDIT),
    page("/api/docs", SignedIn),
];

/// The page at this path of the site; a slash at the end does not count.
#[must_use]
pub fn page_at(path: &str) -> Option<&'static PageRow> {
    let segments = |path: &'_ str| path.trim_matches('/').split('/').map(str::to_owned).collect::<Vec<_>>();
    let wanted = segments(path);
    PAGES.iter().find(|row| {
        let row = segments(row.path);
        row.len() == wanted.len() && row.iter().zip(&wanted).all(|(r, w)| r == w || (r.starts_with('{') && !w.is_empty()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_name_and_no_address_is_in_the_table_twice() {
        let names: HashSet<_> = OPERATIONS.iter().map(|row| row.id).collect();
        let addresses: HashSet<_> = OPERATIONS.iter().map(|row| (row.method.as_str(), row.path)).collect();
        assert_eq!(names.len(), OPERATIONS.len());
        assert_eq!(addresses.len(), OPERATIONS.len());
    }

    #[test]
    fn the_browser_knows_what_anybody_may_do() {
        let public: Vec<_> = OPERATIONS.iter().filter(|row| matches!(row.needs, Nothing | SetupOpen)).map(|row| row.id).collect();
        assert_eq!(public, PUBLIC);
        assert!(PUBLIC.contains(&"sign_in") && !PUBLIC.contains(&"list_users"));
    }

    #[test]
    fn pages_are_found_by_their_segments() {
        assert_eq!(page_at("/").map(|p| p.path), Some("/"));
        assert_eq!(page_at("/settings/users/").map(|p| p.path), Some("/settings/users"));
        assert_eq!(page_at("/settings/users/new").map(|p| p.path), Some("/settings/users/new"));
        assert_eq!(page_at("/settings/users/42").map(|p| p.path), Some("/settings/users/{id}"));
        assert_eq!(page_at("/settings/users/42/x"), None);
    }
}
