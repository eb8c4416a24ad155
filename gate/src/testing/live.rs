//! Live channels in tests: what happens by itself after a while, at once.

use super::Door;

impl Door {
    /// Removes the messages that are older than can be resumed, as happens every ten seconds.
    ///
    /// # Panics
    /// When that does not work.
    pub async fn trim_messages(&self) {
        crate::live::reader::trim(&self.gate).await.expect("old messages go");
    }

    /// Writes down which keys were used, as happens once a minute.
    pub async fn write_uses(&self) {
        crate::keys::used::write(&self.gate).await;
    }

    /// Returns when all that was published on live channels is written down.
    pub async fn publish_all(&self) {
        self.gate.writer().flush().await;
        self.gate.publisher().flush().await;
    }
}
