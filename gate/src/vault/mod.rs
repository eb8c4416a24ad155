//! What the program around the gate keeps in the database, so that every server has it: texts that are
//! sealed, by their names; turns, so that of several servers one does what is to be done once; and the one
//! way out to others.

mod outside;
mod store;

pub use outside::Authorities;

use crate::{
    Result,
    gate::Gate,
    random,
    seal::{seal, seal_anew, unseal},
    settings::store as settings,
};
use std::time::Duration;
use store::{insert_turn, leave_turn, remove, take_turn};

impl Gate {
    /// What is kept under this name; nothing where there is nothing, or where no key of ours opens it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn kept(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let place = place(name);
        let Some(sealed) = settings::value(self.db().pool(), &place).await? else { return Ok(None) };
        // After another signing secret came it is not to go with the old one.
        if let Some(anew) = seal_anew(self.keys(), random::secret(self.random()).as_bytes(), &place, &sealed) {
            self.put(&place, &anew).await?;
        }
        Ok(unseal(self.keys(), &place, &sealed))
    }

    /// Keeps this under a name, sealed, in the place of what was there.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn keep(&self, name: &str, body: &[u8]) -> Result<()> {
        let place = place(name);
        let sealed = seal(self.keys(), random::secret(self.random()).as_bytes(), &place, body);
        self.put(&place, &sealed).await
    }

    async fn put(&self, place: &str, text: &str) -> Result<()> {
        let mut write = self.db().write().await?;
        settings::set(write.db(), place, text, self.now()).await?;
        Ok(write.commit().await?)
    }

    /// Keeps it no longer.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn let_go_of(&self, name: &str) -> Result<()> {
        let mut write = self.db().write().await?;
        remove(write.db(), &place(name)).await?;
        Ok(write.commit().await?)
    }

    /// Takes a turn for so long, or keeps it for so long; `false` while another server has it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take_turn(&self, name: &str, span: Duration) -> Result<bool> {
        let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX / 4);
        let (place, now) = (turn(name), self.now());
        let mut write = self.db().write().await?;
        insert_turn(write.db(), &place).await?;
        let has_it = take_turn(write.db(), &place, &self.db().node(), now, now.plus(millis)).await?;
        write.commit().await?;
        Ok(has_it)
    }

    /// Leaves a turn to others.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn leave_turn(&self, name: &str) -> Result<()> {
        let mut write = self.db().write().await?;
        leave_turn(write.db(), &turn(name), &self.db().node()).await?;
        Ok(write.commit().await?)
    }
}

fn place(name: &str) -> String {
    format!("kept.{name}")
}

fn turn(name: &str) -> String {
    format!("turn.{name}")
}
