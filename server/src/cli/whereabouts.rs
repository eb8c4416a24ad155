//! Where people find the door. A command beside the server may be started with other settings than it, so the
//! server leaves its address in the database.

use super::Shop;
use doorward::gate::{self, Gate};

/// Under which name the address is kept.
const PLACE: &str = "serving.url";

/// Leaves the address at which this server is found. A server that can not leave it serves all the same.
pub async fn leave(gate: &Gate, url: &str) {
    if let Err(error) = put(gate, url).await {
        tracing::warn!(%error, "commands beside this server will not know where it is found");
    }
}

async fn put(gate: &Gate, url: &str) -> Result<(), gate::Error> {
    if gate.kept(PLACE).await?.as_deref() == Some(url.as_bytes()) {
        return Ok(());
    }
    gate.keep(PLACE, url.as_bytes()).await
}

/// The address of a path of the server's: below the public URL, where the settings of the command have one;
/// else where the server that was started last said that it is found; else where one would listen.
pub async fn url(shop: &Shop, path: &str) -> Result<String, gate::Error> {
    let gate = shop.door.gate();
    if let Some(public) = &gate.config().http.public_url {
        return Ok(format!("{public}{path}"));
    }
    let left = gate.kept(PLACE).await?.and_then(|url| String::from_utf8(url).ok());
    let base = left.unwrap_or_else(|| format!("http://{}", shop.listen));
    eprintln!("It leads to {base}. Where people reach the server by another address, set public_url.");
    Ok(format!("{base}{path}"))
}
