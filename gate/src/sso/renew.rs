//! After another signing secret came: the secrets of providers are sealed with it, and what was tried out
//! stays so.

use super::{
    sealed::{print, prints, seal_secret_anew},
    store,
};
use crate::{Result, gate::Gate, random};

/// Does both; gives how many there were.
pub(crate) async fn seal_anew(gate: &Gate) -> Result<usize> {
    let mut count = 0;
    for kept in store::all(gate.db().pool()).await? {
        let nonce = random::secret(gate.random());
        let Some(anew) = seal_secret_anew(gate.keys(), nonce.as_bytes(), &kept.settings, &kept.secret_sealed) else { continue };
        let mut write = gate.db().write().await?;
        // Unless somebody gave it another secret meanwhile.
        store::replace_secret(write.db(), &kept.settings.id, &kept.secret_sealed, &anew).await?;
        write.commit().await?;
        count += 1;
    }
    for live in gate.providers().all().iter() {
        let Some(tested) = &live.notes.tested_print else { continue };
        let now = print(gate.keys(), &live.settings, &live.client_url);
        if *tested == now || !prints(gate.keys(), &live.settings, &live.client_url).contains(tested) {
            continue;
        }
        let mut write = gate.db().write().await?;
        store::replace_print(write.db(), live.id(), tested, &now).await?;
        write.commit().await?;
        count += 1;
    }
    Ok(count)
}
