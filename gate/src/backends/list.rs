//! A list of people that the program itself brings. They are not in any settings: whoever has the
//! program has the list.

use super::{Backend, Credentials, Found, Identity, Own, Person, Terms};
use crate::{
    hash::{same, sha256},
    users::name,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, json};
use std::collections::BTreeSet;
use wire::{
    RoleName,
    sso::{GroupMapping, RoleMapping},
    workspaces::Slug,
};

/// The name of the list in the log and in identities.
const LIST: &str = "static";
/// By what claim the list says a role.
const ROLE: &str = "role";

/// Somebody on the list of a program.
///
/// ```
/// use doorward_gate::StaticUser;
///
/// let ada = StaticUser::new("ada", "three otters").role("admin").email("ada@example.com");
/// ```
#[derive(Debug, Clone)]
pub struct StaticUser {
    username: String,
    password: SecretString,
    role: RoleName,
    email: Option<String>,
}

impl StaticUser {
    /// Somebody with a name and a password, whose role is `viewer`. How good the password is, is not
    /// looked at.
    #[must_use]
    pub fn new(username: impl Into<String>, password: impl Into<SecretString>) -> Self {
        Self { username: username.into(), password: password.into(), role: RoleName::default(), email: None }
    }

    /// The role; it is given anew at each sign-in.
    #[must_use]
    pub fn role(mut self, role: impl Into<String>) -> Self {
        self.role = RoleName(role.into());
        self
    }

    /// The address.
    #[must_use]
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }
}

/// The list as a backend.
struct List(Vec<StaticUser>);

impl Backend for List {
    async fn authenticate(&self, credentials: &Credentials) -> Found {
        let key = name::key(&credentials.name);
        let given = sha256(credentials.password.expose_secret().as_bytes());
        let is_right = |user: &StaticUser| same(&sha256(user.password.expose_secret().as_bytes()), &given);
        let is_named =
            |user: &StaticUser| name::key(&user.username) == key || user.email.as_deref().is_some_and(|email| name::key(email) == key);
        let found = self.0.iter().find(|user| is_named(user)).filter(|user| is_right(user));
        Ok(found.map(|user| {
            Identity::Person(Box::new(Person {
                subject: name::key(&user.username),
                username: user.username.clone(),
                email: user.email.clone(),
                display_name: None,
                claims: Map::from_iter([(ROLE.to_owned(), json!(user.role))]),
            }))
        }))
    }
}

impl Own {
    /// A backend of this list, where there is anybody on it.
    ///
    /// # Errors
    /// What can not be used, in a sentence; never a password.
    pub(crate) fn of(users: Vec<StaticUser>) -> Result<Option<Self>, String> {
        let mut names = BTreeSet::new();
        for user in &users {
            if user.password.expose_secret().is_empty() {
                return Err(format!("The user {} of the program’s list has an empty password.", user.username));
            }
            if !names.insert(name::key(&user.username)) {
                return Err(format!("The program’s list has {} twice.", user.username));
            }
        }
        let roles: BTreeSet<_> = users.iter().map(|user| user.role.0.clone()).collect();
        let role_mapping = RoleMapping {
            groups_claim: ROLE.into(),
            group_mappings: roles.into_iter().map(|role| GroupMapping { group: role.clone(), role: RoleName(role) }).collect(),
            role_attribute_strict: true,
            ..RoleMapping::default()
        };
        let terms = Terms { id: Slug(LIST.into()), issuer: LIST.into(), role_mapping, auto_signup: true };
        Ok((!users.is_empty()).then(|| Self::new(List(users), terms)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(list: &List, name: &str, password: &str) -> Option<Identity> {
        let credentials = Credentials { name: name.into(), password: password.into() };
        let mut asked = std::pin::pin!(list.authenticate(&credentials));
        let std::task::Poll::Ready(found) = asked.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) else {
            panic!("a list waits for nothing");
        };
        found.unwrap()
    }

    #[test]
    fn the_list_knows_its_people_by_name_and_address() {
        let list = List(vec![StaticUser::new("Ada", "otters").email("ada@example.com"), StaticUser::new("bo", "sing")]);
        for name in ["Ada", "ada", "ADA@example.com"] {
            assert!(ask(&list, name, "otters").is_some(), "{name}");
        }
        for (name, password) in [("ada", "sing"), ("ada", ""), ("bo", "otters"), ("eve", "otters"), ("", "")] {
            assert!(ask(&list, name, password).is_none(), "{name} {password}");
        }
    }

    #[test]
    fn a_list_that_nobody_could_mean_is_refused() {
        assert!(Own::of(vec![StaticUser::new("ada", "")]).err().unwrap().contains("empty"));
        assert!(Own::of(vec![StaticUser::new("ada", "x"), StaticUser::new("ADA", "y")]).err().unwrap().contains("twice"));
        assert!(Own::of(Vec::new()).unwrap().is_none());
    }

    #[test]
    fn a_password_does_not_print_itself() {
        assert!(!format!("{:?}", StaticUser::new("ada", "otters")).contains("otters"));
    }
}
