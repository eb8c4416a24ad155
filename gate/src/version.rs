//! Versions of resources: what `ETag` shows and `If-Match` asks for (RFC 9110). A version is the time
//! of the last change.

use crate::Result;
use wire::{
    Code, Failure, Timestamp,
    apps::{App, AppView},
    keys::ApiKey,
    sso::Provider,
    users::User,
    workspaces::Workspace,
};

/// Something that has versions.
pub(crate) trait Versioned {
    /// What people call it.
    const WHAT: &'static str;

    /// Its present version.
    fn version(&self) -> Timestamp;
}

impl Versioned for User {
    const WHAT: &'static str = "user";

    fn version(&self) -> Timestamp {
        self.updated_at
    }
}

impl Versioned for ApiKey {
    const WHAT: &'static str = "API key";

    fn version(&self) -> Timestamp {
        self.updated_at
    }
}

impl Versioned for Workspace {
    const WHAT: &'static str = "workspace";

    fn version(&self) -> Timestamp {
        self.updated_at
    }
}

impl Versioned for App {
    const WHAT: &'static str = "app";

    fn version(&self) -> Timestamp {
        self.updated_at
    }
}

impl Versioned for Provider {
    const WHAT: &'static str = "provider";

    fn version(&self) -> Timestamp {
        self.updated_at
    }
}

impl Versioned for AppView {
    const WHAT: &'static str = "app";

    fn version(&self) -> Timestamp {
        self.updated_at
    }
}

/// Which versions of something a change is meant for.
pub(crate) struct Expect(pub(crate) Option<Vec<Timestamp>>);

impl Expect {
    /// Whatever version it is.
    pub(crate) const fn anything() -> Self {
        Self(None)
    }

    /// Refuses when it is another version now.
    pub(crate) fn check<T: Versioned>(&self, found: &T) -> Result<()> {
        match &self.0 {
            Some(versions) if !versions.contains(&found.version()) => Err(Failure::new(
                Code::PreconditionFailed,
                format!("Somebody changed this {} in the meantime. Load it again, then repeat your change.", T::WHAT),
            )
            .into()),
            _ => Ok(()),
        }
    }
}
