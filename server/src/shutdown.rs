//! When to stop: at SIGTERM or SIGINT; and SIGHUP, which does not.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Listens from now on; resolves when the process is told to stop. A second signal then ends it at
/// once.
///
/// # Errors
/// When the system does not let the process listen.
pub fn listen() -> std::io::Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        either(&mut terminate, &mut interrupt).await;
        tracing::info!("stopping: requests that have begun may end");
        tokio::spawn(async move {
            either(&mut terminate, &mut interrupt).await;
            tracing::warn!("told twice to stop: ending at once");
            std::process::exit(1);
        });
    })
}

/// Listens for SIGHUP from now on, by which a process is told to read its configuration again.
///
/// # Errors
/// When the system does not let the process listen.
pub fn hangups() -> std::io::Result<Signal> {
    signal(SignalKind::hangup())
}

async fn either(a: &mut Signal, b: &mut Signal) {
    tokio::select! {
        _ = a.recv() => {}
        _ = b.recv() => {}
    }
}
