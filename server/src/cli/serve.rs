//! `doorward serve`: opens the door, says where it is, and stands until it is told to stop.

use super::{Trouble, folder, place, print, reload::Follower, whereabouts};
use crate::{
    load::{self, Loaded, Settings},
    shutdown, telemetry,
};
use clap::Args;
use doorward::{Doorward, Secret, ports, serve, tls::Tls, watch};
use secrecy::ExposeSecret;
use std::{
    net::{IpAddr, SocketAddr},
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::Path,
    sync::Arc,
};

/// Serves the dashboard and the API.
#[derive(Debug, Args)]
pub struct Serve {
    /// Where to listen: 127.0.0.1:8080
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<String>,
    /// No sign-in, full rights, on loopback only
    #[arg(long)]
    pub dev: bool,
}

/// Runs the command.
pub async fn run(loaded: Loaded, follower: Follower) -> Result<(), Trouble> {
    let settings = &loaded.settings;
    telemetry::start(settings);
    let hangups = shutdown::hangups().map_err(|error| Trouble::failed(format!("The process can not listen for signals: {error}.")))?;
    raise_descriptor_limit();
    let (store, secret) = place(settings)?;
    let stop = shutdown::listen().map_err(|error| Trouble::failed(format!("The process can not listen for signals: {error}.")))?;
    let files = match &settings.tls {
        Some(load::Tls::Files { cert, key }) => Some(Tls::load(cert, key).map_err(Trouble::usage)?),
        Some(load::Tls::Acme(_)) | None => None,
    };
    let listener = serve::bind(settings.listen).await.map_err(|error| Trouble::failed(error.to_string()))?;
    let address = listener.local_addr().map_err(|error| Trouble::failed(format!("The address can not be told: {error}.")))?;
    let watched = match settings.metrics {
        Some(address) => Some(serve::bind(address).await.map_err(|error| Trouble::failed(format!("metrics.listen: {error}")))?),
        None => None,
    };
    make_folder(folder(&store))?;
    let door = Doorward::builder().store(store).config(settings.gate.clone()).secret(Secret::file(secret)).build().await?;
    door.gate().listens_at(address.port());
    let tls = match &settings.tls {
        Some(load::Tls::Acme(acme)) => Some(Tls::by_acme(acme.clone(), door.gate().clone())),
        Some(load::Tls::Files { .. }) | None => files,
    };
    let tls = tls.map(Arc::new);
    let url = found_at(settings, address);
    whereabouts::leave(door.gate(), &url).await;
    greet(&door, settings, address, &url);
    if let Some(tls) = tls.clone() {
        tokio::spawn(async move { tls.follow().await });
    }
    tokio::spawn(follower.run(door.gate().clone(), loaded.clone(), hangups));
    let (tell, told) = tokio::sync::watch::channel(());
    let stopped = || {
        let mut told = told.clone();
        async move { while told.changed().await.is_ok() {} }
    };
    let ports = ports::serve(door.gate().clone(), tls.clone(), door.routes(), serve::Limits::default(), stopped());
    let numbers = async {
        if let Some(listener) = watched {
            serve::serve(listener, watch::routes(door.gate().clone()), serve::Limits::default(), stopped()).await;
        }
    };
    let gate = door.gate().clone();
    let main = serve::serve_with(listener, tls, door.routes(), serve::Limits::default(), async move {
        stop.await;
        // What would stay open for ever is told first, and then waited for.
        gate.let_go();
        drop(tell);
    });
    tokio::join!(main, ports, numbers);
    door.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Makes the data folder, for its owner alone whatever the umask says.
pub fn make_folder(folder: Option<&Path>) -> Result<(), Trouble> {
    let Some(folder) = folder.filter(|folder| !folder.is_dir()) else { return Ok(()) };
    let failed = |error: std::io::Error| {
        Trouble::failed(format!("The data folder {} can not be made: {error}. Name another with --data.", folder.display()))
    };
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).map_err(failed)
}

/// One descriptor a connection: the soft limit of 1,024 is for programs of the eighties.
fn raise_descriptor_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(65_536, |maximum| maximum.min(65_536));
    if limit.current.is_some_and(|current| current < wanted)
        && setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), ..limit }).is_err()
    {
        tracing::debug!("the limit of open files could not be raised");
    }
}

/// Where people find the door.
fn found_at(settings: &Settings, address: SocketAddr) -> String {
    let local = match address.ip() {
        ip if ip.is_unspecified() => SocketAddr::new(IpAddr::from([127, 0, 0, 1]), address.port()),
        _ => address,
    };
    let scheme = if settings.tls.is_some() { "https" } else { "http" };
    settings.gate.http.public_url.clone().unwrap_or_else(|| format!("{scheme}://{local}"))
}

/// Says where the door is, and what whoever started it should know.
fn greet(door: &Doorward, settings: &Settings, address: SocketAddr, url: &str) {
    print::line(&format!("Doorward is ready at {url}"));
    if let Some(code) = door.gate().setup_code() {
        print::line(&format!("Setup code, for setting it up from another machine: {code}"));
    }
    if let (Some(password), Some(admin)) = (door.gate().bootstrap_password(), &settings.gate.auth.admin) {
        print::boxed(&[
            "The first account was made. This is shown once.".into(),
            String::new(),
            format!("Username  {}", admin.username),
            format!("Password  {}", password.expose_secret()),
            String::new(),
            "Sign in and change the password now.".into(),
        ]);
    }
    for warning in warnings(settings, address) {
        tracing::warn!("{warning}");
    }
}

/// What is allowed, but should be known.
fn warnings(settings: &Settings, address: SocketAddr) -> Vec<String> {
    let mut warnings = Vec::new();
    let http = &settings.gate.http;
    if settings.gate.dev {
        warnings.push("--dev: nobody has to sign in, and everybody on this machine may do everything".to_owned());
    }
    if http.insecure_http {
        warnings.push("insecure_http: passwords and cookies travel in the clear, and everybody on the way can read them".into());
    }
    let is_encrypted = http.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
    let is_behind_tls = settings.tls.is_some() || is_encrypted && !http.trusted_proxies.is_empty();
    if !address.ip().to_canonical().is_loopback() && !http.insecure_http && !is_behind_tls {
        warnings.push("other machines can reach this address, but browsers sign in only over https: set tls.cert and tls.key, or tls.acme.domains, or put a proxy with TLS in front and set public_url and trusted_proxies".into());
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_worth_knowing_is_warned_of() {
        let mut settings = Settings::default();
        assert!(warnings(&settings, settings.listen).is_empty());
        let open = SocketAddr::from(([0, 0, 0, 0], 80));
        assert_eq!(warnings(&settings, open).len(), 1);
        settings.gate.http.public_url = Some("https://door.example.com".into());
        settings.gate.http.trusted_proxies = vec!["10.0.0.1".parse().unwrap()];
        assert!(warnings(&settings, open).is_empty());
        settings.gate.http.insecure_http = true;
        settings.gate.dev = true;
        assert_eq!(warnings(&settings, open).len(), 2);
    }

    #[test]
    fn the_data_folder_is_its_owners_alone() {
        let base = tempfile::tempdir().unwrap();
        let folder = base.path().join("a/b");
        make_folder(Some(&folder)).unwrap();
        assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
