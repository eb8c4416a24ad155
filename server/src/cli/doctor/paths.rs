//! Paths that two programs could read in two ways: at an app they are refused, and what stands in
//! front must not have made another path of them before.

use super::{
    finding::{Finding, sent},
    target::{Ask, Target},
};

/// Ways to write what is not `path`, and that some take for it.
fn tricks(path: &str) -> [(&'static str, String); 7] {
    let word = path.trim_start_matches('/');
    let first = word.chars().next().map_or(0, u32::from);
    let rest = word.get(1..).unwrap_or_default();
    [
        ("dot segments", format!("/x/../{word}")),
        ("encoded dot segments", format!("/x/%2e%2e/{word}")),
        ("an encoded slash", format!("/x%2f..%2f{word}")),
        ("two slashes", format!("//{word}")),
        ("a semicolon", format!("/{word};x=y")),
        ("a backslash", format!("/x\\..\\{word}")),
        ("double encoding", format!("/%25{first:02x}{rest}")),
    ]
}

/// How a front proxy is told to leave paths alone.
const LEAVE: [&str; 3] = [
    "nginx:    proxy_pass http://doorward;   without a path behind the name, and no rewrite; merge_slashes off;",
    "Traefik:  entryPoints.<name>.http.sanitizePath=false   HAProxy: no http-request normalize-uri",
    "Others:   pass the address on as it came; Doorward judges what the app gets, so both have to read the same",
];

/// Whether what stands in front of the dashboard makes other paths of them.
pub async fn dashboard(target: &Target) -> Vec<Finding> {
    let mut all = Vec::new();
    for (what, path) in tricks("/livez") {
        let begun = sent("path", format!("GET {path} ({what})"));
        all.push(match target.ask(Ask::get(path)).await {
            Ok(came) if came.status == 200 && came.body.trim() == "ok" => {
                begun.bad("200, as if it were /livez: the path was changed on the way", &LEAVE)
            }
            Ok(came) => begun.ok(came.shown()),
            Err(error) => begun.warn(error, &LEAVE),
        });
    }
    all
}

/// Whether an app's paths are refused where they are not plain. A proxy that only asks may say 403.
pub async fn app(target: &Target) -> Vec<Finding> {
    let mut all = Vec::new();
    for (what, path) in tricks("/admin") {
        let begun = sent("app: path", format!("GET {path} ({what})"));
        all.push(match target.ask(Ask::get(path).with("accept", "application/json")).await {
            Ok(came) if matches!(came.status, 400 | 403) => begun.ok(came.shown()),
            Ok(came) => begun.bad(format!("{} instead of 400: the path was changed on the way, or was not judged", came.shown()), &LEAVE),
            Err(error) => begun.warn(error, &LEAVE),
        });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward::wire::path::CanonicalPath;

    #[test]
    fn every_trick_is_refused_by_the_judge_of_paths() {
        for (what, path) in tricks("/admin") {
            assert!(CanonicalPath::parse(&path).is_err(), "{what}: {path}");
        }
    }
}
