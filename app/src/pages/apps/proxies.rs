//! What other proxies need to ask Doorward about each request: the files of `deploy/`, which are tried
//! against the real servers, with the addresses of an app filled in.

use wire::apps::{App, Upstream};

/// The addresses that stand in the files.
const DOOR: &str = "127.0.0.1:8080";
const UPSTREAM: &str = "127.0.0.1:8000";
const HOST: &str = "tasks.example.com";
const DASHBOARD: &str = "door.example.com";

/// The files, by the name of their server.
const FILES: [(&str, &str); 4] = [
    ("nginx", include_str!("../../../../deploy/nginx.conf")),
    ("Caddy", include_str!("../../../../deploy/Caddyfile")),
    ("Traefik", include_str!("../../../../deploy/traefik.yaml")),
    ("HAProxy", include_str!("../../../../deploy/haproxy.cfg")),
];

/// The files for an app: server, text. `origin` is where Doorward was asked for, `host` where people
/// reach the app.
#[must_use]
pub fn files(app: &App, origin: &str, host: &str) -> Vec<(&'static str, String)> {
    // Behind a proxy of https Doorward itself listens elsewhere; that address is left as it stands.
    let door = origin.strip_prefix("http://").unwrap_or(DOOR);
    let upstream = Upstream::parse(&app.upstream).filter(|upstream| !upstream.is_encrypted).map_or(UPSTREAM, |upstream| upstream.authority);
    // Only where the dashboard has a certificate it has a name that people type.
    let name = origin.strip_prefix("https://").and_then(|rest| rest.split(':').next()).unwrap_or(DASHBOARD);
    let own = [(DOOR, "\0door", door), (UPSTREAM, "\0upstream", upstream), (HOST, "\0host", host), (DASHBOARD, "\0name", name)];
    FILES.iter().map(|(server, text)| (*server, filled(text, &own))).collect()
}

/// The text with what stands in it (first) replaced (last), by way of words that no address has, so that nothing
/// is replaced twice.
fn filled(text: &str, own: &[(&str, &str, &str)]) -> String {
    let marked = own.iter().fold(text.to_owned(), |text, (stands, mark, _)| text.replace(stands, mark));
    own.iter().fold(marked, |text, (_, mark, takes_its_place)| text.replace(mark, takes_its_place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::apps::tests::app;

    #[test]
    fn every_file_has_the_addresses_that_are_filled_in() {
        for (server, text) in FILES {
            for address in [DOOR, UPSTREAM, HOST, DASHBOARD] {
                assert!(text.contains(address), "{server}: {address}");
            }
        }
    }

    #[test]
    fn an_app_s_own_addresses_take_their_place() {
        let mut definition = app("tasks", "Task queue").definition.unwrap();
        definition.upstream = "http://127.0.0.1:8080".into();
        for (server, text) in files(&definition, "http://10.0.0.7:8080", "dags.example.org") {
            assert!(text.contains("10.0.0.7:8080") && text.contains("127.0.0.1:8080") && text.contains("dags.example.org"), "{server}");
            assert!(!text.contains(HOST) && !text.contains(UPSTREAM) && !text.contains('\0'), "{server}");
        }
        let (_, text) = files(&definition, "https://door.example.org", "dags.example.org").remove(0);
        assert!(text.contains(DOOR) && text.contains("server_name door.example.org;") && !text.contains(DASHBOARD));
    }
}
