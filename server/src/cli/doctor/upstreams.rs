//! Whether apps can be reached without Doorward. What answers on a network answers whoever is on it.

use super::finding::{Finding, sent};
use doorward::wire::workspaces::Slug;
use http::Uri;
use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};
use tokio::{
    net::{TcpStream, UdpSocket, lookup_host},
    time::timeout,
};

/// For a look-up or a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// An app of the installation that this is run beside.
#[derive(Debug, Clone)]
pub struct Guarded {
    pub slug: Slug,
    pub upstream: String,
    /// Host names of its own.
    pub hosts: Vec<String>,
}

/// Tries each app's upstream.
pub async fn reach(apps: &[Guarded]) -> Vec<Finding> {
    let own = own_addresses().await;
    let mut all = Vec::new();
    for app in apps {
        all.push(one(app, &own).await);
    }
    all
}

async fn one(app: &Guarded, own: &BTreeSet<IpAddr>) -> Finding {
    let begun = sent("direct reach", format!("{}: a connection to {}", app.slug, app.upstream));
    let Some(found) = places(&app.upstream).await else { return begun.skipped("its name leads nowhere from here") };
    let (local, remote): (Vec<SocketAddr>, Vec<SocketAddr>) = found.into_iter().partition(|place| place.ip().to_canonical().is_loopback());
    for place in &remote {
        if answers(*place).await {
            let change = [
                "Let its firewall take connections from Doorward's machine alone, or put both on a network where nobody else is",
                "or let the app ask who comes:  X-Doorward-Assertion, or upstream_auth of the app in doorward.yaml",
            ];
            return begun.warn(format!("{place} answers here: who is on this network goes round the door"), &change);
        }
    }
    let ports: BTreeSet<u16> = local.iter().map(SocketAddr::port).collect();
    for place in ports.iter().flat_map(|port| own.iter().map(move |ip| SocketAddr::new(*ip, *port))) {
        if answers(place).await {
            let change =
                [format!("Start the app on 127.0.0.1:{} instead of 0.0.0.0 (in Docker: ports: [\"127.0.0.1:{0}:{0}\"])", place.port())];
            return begun
                .warn(format!("{place} answers too: who is on that network goes round the door"), &change.each_ref().map(String::as_str));
        }
    }
    begun.ok(if remote.is_empty() { "on loopback alone" } else { "not reached from here" })
}

async fn places(upstream: &str) -> Option<Vec<SocketAddr>> {
    let uri: Uri = upstream.parse().ok()?;
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
    let host = uri.host()?.trim_start_matches('[').trim_end_matches(']').to_owned();
    let found: Vec<SocketAddr> = timeout(PATIENCE, lookup_host((host, port))).await.ok()?.ok()?.collect();
    (!found.is_empty()).then_some(found)
}

async fn answers(place: SocketAddr) -> bool {
    matches!(timeout(PATIENCE, TcpStream::connect(place)).await, Ok(Ok(_)))
}

/// The addresses from which this machine would speak with others: a socket that is told of a far
/// address takes one, and sends nothing.
async fn own_addresses() -> BTreeSet<IpAddr> {
    let mut all = BTreeSet::new();
    let far: [(IpAddr, IpAddr); 2] = [
        (Ipv4Addr::UNSPECIFIED.into(), Ipv4Addr::new(192, 0, 2, 1).into()),
        (Ipv6Addr::UNSPECIFIED.into(), Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into()),
    ];
    for (any, far) in far {
        if let Ok(socket) = UdpSocket::bind((any, 0)).await
            && socket.connect((far, 9)).await.is_ok()
            && let Ok(own) = socket.local_addr()
            && !own.ip().is_loopback()
            && !own.ip().is_unspecified()
        {
            all.insert(own.ip());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    fn app(upstream: String) -> Guarded {
        Guarded { slug: Slug("tasks".into()), upstream, hosts: Vec::new() }
    }

    fn verdict(finding: &Finding) -> String {
        serde_json::to_value(finding).unwrap()["verdict"].as_str().unwrap().to_owned()
    }

    #[tokio::test]
    async fn what_answers_on_loopback_alone_is_good() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let found = reach(&[app(format!("http://{}", listener.local_addr().unwrap()))]).await;
        assert_eq!(verdict(&found[0]), "ok", "{found:?}");
    }

    #[tokio::test]
    async fn what_answers_on_a_network_is_told() {
        // A machine without a network has nobody who could go round.
        let Some(own) = own_addresses().await.into_iter().find(IpAddr::is_ipv4) else { return };
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let found = reach(&[app(format!("http://127.0.0.1:{port}")), app(format!("http://{own}:{port}"))]).await;
        assert_eq!(found.iter().map(verdict).collect::<Vec<_>>(), ["warn", "warn"], "{found:?}");
    }
}
