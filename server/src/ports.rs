//! The ports that apps have of their own: opened and closed as apps change, while the server runs.

use crate::{
    serve::{self, Limits},
    tls::Tls,
};
use axum::{Extension, Router};
use gate::{Gate, OwnPort};
use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{sync::oneshot, task::JoinSet, time::sleep};
use wire::workspaces::Slug;

/// After how long a port that could not be had is tried again.
const AGAIN: Duration = Duration::from_secs(10);

/// Serves `router` at the apps' own ports until `stop` resolves, and then until what has begun is over.
pub async fn serve(gate: Gate, tls: Option<Arc<Tls>>, router: Router, limits: Limits, stop: impl Future<Output = ()>) {
    let mut changes = gate.app_changes();
    let mut open: HashMap<(Slug, SocketAddr), oneshot::Sender<()>> = HashMap::new();
    let mut servers = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let wanted = gate.own_ports();
        // Who is no longer wanted is told by the end of its sender.
        open.retain(|own, _| wanted.contains(own));
        let mut is_missing = false;
        for own in wanted {
            if open.contains_key(&own) {
                continue;
            }
            let (slug, address) = &own;
            match serve::bind(*address).await {
                Ok(listener) => {
                    tracing::info!(app = %slug, %address, "an app has a port of its own");
                    let (told, stopped) = oneshot::channel::<()>();
                    let router = router.clone().layer(Extension(OwnPort(slug.clone())));
                    servers.spawn(serve::serve_with(listener, tls.clone(), router, limits, async {
                        _ = stopped.await;
                    }));
                    open.insert(own, told);
                }
                Err(error) => {
                    tracing::warn!(app = %slug, "{error}");
                    is_missing = true;
                }
            }
        }
        let again = async {
            match is_missing {
                true => sleep(AGAIN).await,
                false => std::future::pending().await,
            }
        };
        tokio::select! {
            () = &mut stop => break,
            Some(_) = servers.join_next() => {}
            () = again => {}
            changed = changes.changed() => if changed.is_err() { break },
        }
    }
    open.clear();
    while servers.join_next().await.is_some() {}
}
