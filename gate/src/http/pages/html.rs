//! The text of the plain pages.

use crate::{
    http::Reply,
    proxy::pages::{Way, escaped, form, refusal},
};
use std::fmt::Write;
use wire::{
    Failure,
    sso::{ProviderSignOut, SignInWay},
    workspaces::Slug,
};

/// What the sign-in page shows.
pub(super) struct Entry<'a> {
    pub(super) status: u16,
    /// What the installation is called.
    pub(super) name: &'a str,
    /// Whether anybody can sign in yet.
    pub(super) is_set_up: bool,
    pub(super) has_password: bool,
    /// Whether the browser keeps a cookie that it gets on this connection.
    pub(super) is_secure: bool,
    pub(super) ways: &'a [SignInWay],
    /// Where the form is sent.
    pub(super) action: &'a str,
    /// Where one goes to sign in by a provider.
    pub(super) provider: &'a (dyn Fn(&Slug) -> String + Sync),
    /// What was typed before.
    pub(super) username: &'a str,
    pub(super) next: &'a str,
    pub(super) problem: Option<&'a str>,
}

/// The sentence of what went wrong, where something did.
fn problem(text: Option<&str>) -> String {
    text.map(|text| format!("<p class=\"problem\" role=\"alert\">{}</p>", escaped(text))).unwrap_or_default()
}

/// A field for a password.
fn password(name: &str, label: &str, kind: &str) -> String {
    format!(
        "<label for=\"{name}\">{label}</label><input id=\"{name}\" name=\"{name}\" type=\"password\" autocomplete=\"{kind}-password\" required>"
    )
}

pub(super) fn sign_in(entry: &Entry<'_>) -> Reply {
    let mut inside = problem(entry.problem);
    if !entry.is_set_up {
        inside.push_str("<p>Nobody has an account yet. Whoever runs this has to set it up first.</p>");
        return form(entry.status, &format!("Sign in to {}", entry.name), &inside);
    }
    if !entry.is_secure {
        inside.push_str(
            "<p class=\"problem\">This connection is not encrypted, so your browser will not keep you signed in. Open this page by https, or on \
             the server’s own machine.</p>",
        );
    }
    if entry.has_password {
        _ = write!(
            inside,
            "<form method=\"post\" action=\"{}\"><input type=\"hidden\" name=\"next\" value=\"{}\"><label for=\"username\">Username or \
             email</label><input id=\"username\" name=\"username\" value=\"{}\" autocomplete=\"username\" autocapitalize=\"none\" \
             spellcheck=\"false\" required autofocus>{}<label class=\"check\"><input type=\"checkbox\" name=\"rememberMe\" value=\"1\">Keep me \
             signed in</label><button class=\"btn primary\">Sign in</button></form>",
            escaped(entry.action),
            escaped(entry.next),
            escaped(entry.username),
            password("password", "Password", "current"),
        );
    }
    for way in entry.ways {
        let place = (entry.provider)(&way.id);
        _ = write!(inside, "<a class=\"btn\" href=\"{}\">{}</a>", escaped(&place), escaped(&way.label));
    }
    form(entry.status, &format!("Sign in to {}", entry.name), &inside)
}

pub(super) fn sign_out(action: &str, username: &str) -> Reply {
    let inside = format!(
        "<p>You are signed in as {}.</p><form method=\"post\" action=\"{}\"><button class=\"btn primary\">Sign out</button></form>",
        escaped(username),
        escaped(action),
    );
    form(200, "Sign out", &inside)
}

/// Signed out here, and still signed in at a provider.
pub(super) fn signed_out(login: &str, provider: &ProviderSignOut) -> Reply {
    let inside = format!(
        "<p>You are signed in at your provider still: “{}”.</p><a class=\"btn primary\" href=\"{}\">Sign out there too</a><a class=\"btn\" \
         href=\"{}\">Sign in again</a>",
        escaped(&provider.label),
        escaped(&provider.url),
        escaped(login),
    );
    form(200, "You are signed out here", &inside)
}

pub(super) fn change_password(status: u16, action: &str, is_pending: bool, wrong: Option<&str>) -> Reply {
    let why = if is_pending { "<p>Change your password first; until then nothing else works.</p>" } else { "" };
    let inside = format!(
        "{why}{}<form method=\"post\" action=\"{}\">{}{}<button class=\"btn primary\">Change password</button></form>",
        problem(wrong),
        escaped(action),
        password("currentPassword", "Current password", "current"),
        password("newPassword", "New password", "new"),
    );
    form(status, "Change your password", &inside)
}

/// The page of an invitation, or of a link to set a new password.
pub(super) fn set_password(status: u16, action: &str, username: Option<&str>, wrong: Option<&str>) -> Reply {
    let whose = username.map(|name| format!("<p>Your username is {}.</p>", escaped(name))).unwrap_or_default();
    let inside = format!(
        "{whose}{}<form method=\"post\" action=\"{}\">{}<button class=\"btn primary\">Set password</button></form>",
        problem(wrong),
        escaped(action),
        password("newPassword", "New password", "new"),
    );
    form(status, "Set your password", &inside)
}

/// A link that is no longer good.
pub(super) fn over(login: &str, failure: &Failure) -> Reply {
    refusal(true, failure, &[Way { label: "Sign in", place: login.to_owned() }])
}
