//! The password once more, of somebody who is signed in: whoever would let them in with it is asked again.
//! Nobody is signed in by it: no account is made or linked, and no role changes.

use super::{BackendError, Backends, Credentials, Entry, Identity};
use crate::{
    Result,
    ctx::Ctx,
    identities::store::{self, Kept},
    users::name,
};
use secrecy::SecretString;
use wire::users::{Source, User};

/// What came of asking once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// It is a password of this account.
    Right,
    /// It is none.
    Wrong,
    /// Nobody who answered knows it, and somebody who might did not answer.
    Away,
}

impl Backends {
    /// Whether an account could sign in with this password. It is told to nobody who does not know the
    /// person.
    ///
    /// # Errors
    /// When the database does not answer, or too many wait.
    pub(crate) async fn prove(&self, ctx: &Ctx, user: &User, password: &SecretString) -> Result<Proof> {
        let identities = store::of_user(ctx.gate().db().pool(), user.id).await?;
        let mut proof = Proof::Wrong;
        for entry in &self.0 {
            for name in entry.names_of(user, &identities) {
                match entry.backend.ask(&Credentials { name, password: password.clone() }).await {
                    Ok(found) if found.as_ref().is_some_and(|found| entry.is(found, user, &identities)) => return Ok(Proof::Right),
                    Ok(_) => {}
                    Err(BackendError::Here(error)) => return Err(error),
                    Err(BackendError::Away(problem)) => {
                        tracing::warn!(backend = %entry.id, %problem, request_id = ctx.request_id(), "a backend does not answer");
                        proof = Proof::Away;
                    }
                }
            }
        }
        Ok(proof)
    }
}

impl Entry {
    /// By what it may know somebody: the name here, and where a program names its people itself the subject,
    /// which stays when the account is renamed. A directory, which counts wrong tries, is asked once.
    fn names_of(&self, user: &User, identities: &[Kept]) -> Vec<String> {
        let own = || identities.iter().filter(|kept| kept.issuer == self.issuer);
        match self.source {
            Source::Local => vec![user.username.clone()],
            _ if own().next().is_none() => Vec::new(),
            Source::Issuer => {
                let mut names = vec![user.username.clone()];
                names.extend(own().map(|kept| kept.subject.clone()).filter(|subject| name::key(subject) != name::key(&user.username)));
                names
            }
            _ => vec![user.username.clone()],
        }
    }

    /// Whether whom it found is this account.
    fn is(&self, found: &Identity, user: &User, identities: &[Kept]) -> bool {
        match found {
            Identity::Account(id) => *id == user.id,
            Identity::Person(person) => identities.iter().any(|kept| kept.issuer == self.issuer && kept.subject == person.subject),
        }
    }
}
