//! Putting a [`Doorward`] together: what [`GateBuilder`] takes, word for word.

use crate::Doorward;
use gate::{
    Gate, GateBuilder, Lifetimes, OpenError, Secret, Store,
    backends::{Backend, StaticUser, Terms},
    config::Config,
};
use wire::sso::NewProvider;

/// Puts a [`Doorward`] together.
#[must_use]
pub struct Builder(GateBuilder);

impl Builder {
    pub(crate) fn new() -> Self {
        Self(Gate::builder())
    }

    /// Where the data lies; in memory when nothing is said.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), doorward::OpenError> {
    /// use doorward::{Doorward, Store};
    ///
    /// let door = Doorward::builder().store(Store::Sqlite("data/door.db".into())).build().await?;
    /// let other = Doorward::builder().store(Store::parse("postgres://door@localhost/door").expect("an address")).build().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn store(self, store: Store) -> Self {
        Self(self.0.store(store))
    }

    /// All settings at once; call it before what sets one of them.
    pub fn config(self, config: Config) -> Self {
        Self(self.0.config(config))
    }

    /// The signing secret. When nothing is said, it is kept in a file beside a SQLite database, in a
    /// PostgreSQL database, and nowhere where the data is in memory.
    pub fn secret(self, secret: Secret) -> Self {
        Self(self.0.secret(secret))
    }

    /// How long sessions last.
    ///
    /// ```
    /// use doorward::{Doorward, Lifetimes};
    /// use std::time::Duration;
    ///
    /// let hour = Duration::from_secs(60 * 60);
    /// let builder = Doorward::builder().lifetimes(Lifetimes { browser: hour, ..Lifetimes::default() });
    /// ```
    pub fn lifetimes(self, lifetimes: Lifetimes) -> Self {
        Self(self.0.lifetimes(lifetimes))
    }

    /// Those who may sign in, with their passwords and roles.
    ///
    /// ```no_run
    /// use doorward::{Doorward, StaticUser};
    ///
    /// # async fn example() -> Result<(), doorward::OpenError> {
    /// let users = [StaticUser::new("ada", "three otters").role("admin"), StaticUser::new("bo", "two foxes").role("operator")];
    /// let door = Doorward::builder().users(users).build().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn users(self, users: impl IntoIterator<Item = StaticUser>) -> Self {
        Self(self.0.users(users))
    }

    /// Somebody else who knows passwords: a type with [`Backend`], or a closure.
    ///
    /// ```no_run
    /// use doorward::{
    ///     Doorward,
    ///     backends::{Credentials, Identity, Person, Terms},
    /// };
    ///
    /// # async fn example() -> Result<(), doorward::OpenError> {
    /// let guests = async |given: Credentials| {
    ///     let person = Person { subject: given.name.clone(), username: given.name, ..Person::default() };
    ///     Ok(Some(Identity::Person(Box::new(person))))
    /// };
    /// let door = Doorward::builder().backend(guests, Terms::new("guests").role("viewer")).build().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn backend(self, backend: impl Backend, terms: Terms) -> Self {
        Self(self.0.backend(backend, terms))
    }

    /// A provider by which people sign in (OpenID Connect).
    pub fn oidc(self, provider: NewProvider) -> Self {
        Self(self.0.oidc(provider))
    }

    /// Nobody has to sign in: every request may do everything. It has to be said; a store where one has to
    /// sign in refuses it.
    pub fn without_authentication(self) -> Self {
        Self(self.0.without_authentication())
    }

    /// The path at which the routes are nested, like `/tasks/auth`, as a browser sees it: the sign-in page
    /// is at `/tasks/auth/login` then.
    ///
    /// ```no_run
    /// # use axum::Router;
    /// # use doorward::Doorward;
    /// # async fn example(tasks: Router) -> Result<(), doorward::OpenError> {
    /// let door = Doorward::builder().prefix("/tasks/auth").build().await?;
    /// let app = Router::new().nest("/tasks", tasks.layer(door.layer()).nest("/auth", door.routes()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        Self(self.0.prefix(prefix))
    }

    /// The address that people type, like `https://tasks.example.com`: requests to another host are
    /// refused, but for IP addresses and `localhost`.
    pub fn public_url(self, url: impl Into<String>) -> Self {
        Self(self.0.public_url(url))
    }

    /// Opens the store and starts what runs beside requests.
    ///
    /// # Errors
    /// A sentence for the operator; nothing was started then.
    pub async fn build(self) -> Result<Doorward, OpenError> {
        #[cfg(feature = "dashboard")]
        crate::dashboard::check().map_err(OpenError::Config)?;
        Ok(Doorward { gate: self.0.build().await? })
    }
}
