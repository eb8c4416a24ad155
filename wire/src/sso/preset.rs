//! Providers as people have them: what to fill in, and what each calls things.

use serde::{Deserialize, Serialize};

/// What is known of a provider of this make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// Its name in settings.
    pub name: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// The issuer, with `{field}` where one of the fields goes.
    pub issuer: &'static str,
    /// What has to be filled in for the issuer.
    pub fields: &'static [PresetField],
    /// The scopes to ask for.
    pub scopes: &'static [&'static str],
    /// The claim that holds groups.
    pub groups_claim: &'static str,
    /// Where to find client id and secret, and what to set there.
    pub hint: &'static str,
    /// How its groups come into the claims, where that needs something.
    pub groups_hint: &'static str,
}

/// A part of an issuer that each installation has for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PresetField {
    /// Its name in the issuer.
    pub name: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// What it looks like.
    pub example: &'static str,
}

const fn field(name: &'static str, label: &'static str, example: &'static str) -> PresetField {
    PresetField { name, label, example }
}

/// The presets.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "google",
        label: "Google",
        issuer: "https://accounts.google.com",
        fields: &[],
        scopes: &["openid", "profile", "email"],
        groups_claim: "groups",
        hint: "Google Cloud console, APIs & Services, Credentials: make an OAuth client of the type Web application and add the callback \
               address to its authorised redirect URIs.",
        groups_hint: "Google sends no groups. Let in a domain, and give roles by address with an expression.",
    },
    Preset {
        name: "okta",
        label: "Okta",
        issuer: "https://{domain}",
        fields: &[field("domain", "Okta domain", "example.okta.com")],
        scopes: &["openid", "profile", "email", "groups"],
        groups_claim: "groups",
        hint: "Okta admin, Applications, Create App Integration: OIDC, Web Application. Enter the callback address as sign-in redirect \
               URI. With an authorization server of your own the issuer ends in /oauth2/default.",
        groups_hint: "In the application's Sign On tab set a groups claim filter named groups.",
    },
    Preset {
        name: "auth0",
        label: "Auth0",
        issuer: "https://{domain}/",
        fields: &[field("domain", "Auth0 domain", "example.eu.auth0.com")],
        scopes: &["openid", "profile", "email"],
        groups_claim: "https://doorward/roles",
        hint: "Auth0 dashboard, Applications: make a Regular Web Application and add the callback address to its allowed callback URLs. \
               The issuer ends in a slash.",
        groups_hint: "Add roles to the ID token in a post-login action, under a name that is an address: https://doorward/roles.",
    },
    Preset {
        name: "keycloak",
        label: "Keycloak",
        issuer: "https://{host}/realms/{realm}",
        fields: &[field("host", "Keycloak's host", "id.example.com"), field("realm", "Realm", "main")],
        scopes: &["openid", "profile", "email"],
        groups_claim: "groups",
        hint: "Keycloak, your realm, Clients: make an OpenID Connect client with client authentication on and the callback address as \
               valid redirect URI. Before version 17 the issuer has /auth before /realms.",
        groups_hint: "Add a mapper of the type Group Membership to the client's dedicated scope, named groups, without the full path. \
                      For realm roles use the claim realm_access.roles, added to the ID token.",
    },
    Preset {
        name: "authelia",
        label: "Authelia",
        issuer: "https://{host}",
        fields: &[field("host", "Authelia's host", "auth.example.com")],
        scopes: &["openid", "profile", "email", "groups"],
        groups_claim: "groups",
        hint: "Authelia's configuration, identity_providers.oidc.clients: a confidential client with the callback address in \
               redirect_uris, authorization_policy as you need it, and require_pkce.",
        groups_hint: "Groups come with the scope groups.",
    },
    Preset {
        name: "gitlab",
        label: "GitLab",
        issuer: "https://{host}",
        fields: &[field("host", "GitLab's host", "gitlab.com")],
        scopes: &["openid", "profile", "email"],
        groups_claim: "groups_direct",
        hint: "GitLab, your group or the admin area, Applications: a confidential application with the callback address and the scopes \
               openid, profile and email.",
        groups_hint: "Groups are their full paths: group/subgroup. groups_direct is in the ID token.",
    },
    Preset {
        name: "entra",
        label: "Microsoft Entra ID",
        issuer: "https://login.microsoftonline.com/{tenant}/v2.0",
        fields: &[field("tenant", "Directory (tenant) ID", "11111111-2222-3333-4444-555555555555")],
        scopes: &["openid", "profile", "email"],
        groups_claim: "groups",
        hint: "Entra admin center, App registrations: a Web platform with the callback address as redirect URI, and a client secret under \
               Certificates & secrets. Write the tenant's id, not common. Entra says of no address that it is verified, so lists of \
               domains and addresses need the optional claims email and xms_edov turned into email_verified by your tenant.",
        groups_hint: "Under Token configuration add a groups claim; groups come as their object ids. Or use app roles and the claim roles.",
    },
    Preset {
        name: "workos",
        label: "WorkOS",
        issuer: "https://api.workos.com/user_management/{client}",
        fields: &[field("client", "Client ID", "client_01EXAMPLE")],
        scopes: &["openid", "profile", "email"],
        groups_claim: "role",
        hint: "WorkOS dashboard, Applications: make an OAuth application with the callback address as redirect URI, and use its own \
               client id and secret. AuthKit's domain is the issuer where you have one.",
        groups_hint: "The claim role holds the role of the membership, permissions hold a list.",
    },
];

/// A preset as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ProviderPresetInfo))]
#[serde(rename_all = "camelCase")]
pub struct PresetInfo {
    /// Its name in settings.
    pub name: String,
    /// Its name for people.
    pub label: String,
    /// The issuer, with `{field}` where one of the fields goes.
    pub issuer: String,
    /// Names, labels and examples of these fields.
    pub fields: Vec<[String; 3]>,
    /// The scopes to ask for.
    pub scopes: Vec<String>,
    /// The claim that holds groups.
    pub groups_claim: String,
    /// Where to find client id and secret, and what to set there.
    pub hint: String,
    /// How its groups come into the claims.
    pub groups_hint: String,
}

impl Preset {
    /// The preset of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.name == name)
    }

    /// The preset as it is told.
    #[must_use]
    pub fn info(&self) -> PresetInfo {
        PresetInfo {
            name: self.name.into(),
            label: self.label.into(),
            issuer: self.issuer.into(),
            fields: self.fields.iter().map(|field| [field.name, field.label, field.example].map(str::to_owned)).collect(),
            scopes: self.scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            groups_claim: self.groups_claim.into(),
            hint: self.hint.into(),
            groups_hint: self.groups_hint.into(),
        }
    }
}
