//! The apps of the configuration file: a section for each, below `apps` and its slug.

use super::{Environment, Reading, file::fill, nearest, values, yaml};
use std::path::Path;
use wire::{
    apps::{HealthCheck, IdentityHeaders, NewApp, UpstreamCredentials},
    rules::Rule,
    workspaces::Slug,
};

/// A key of an app, below `apps` and the app's slug.
#[derive(Debug)]
pub struct AppKey {
    /// Its name; dots part the levels.
    pub path: &'static str,
    /// What is expected, to be read after "expected".
    pub expects: &'static str,
    /// What it is for, in one sentence.
    pub about: &'static str,
    /// What counts when it is not there.
    pub default: &'static str,
    /// Whether it is never shown, and can come from a file.
    pub is_secret: bool,
    set: fn(&mut Draft, &[String]) -> values::Result<()>,
    takes: Takes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    One,
    Many,
    /// A list of sections, which is read by itself.
    Rules,
}

/// An app that is being read.
#[derive(Default)]
struct Draft {
    app: NewApp,
    username: Option<String>,
    password: Option<String>,
    token: Option<String>,
    header: Option<String>,
    value: Option<String>,
}

const fn key(
    path: &'static str,
    expects: &'static str,
    about: &'static str,
    default: &'static str,
    set: fn(&mut Draft, &[String]) -> values::Result<()>,
) -> AppKey {
    AppKey { path, expects, about, default, is_secret: false, set, takes: Takes::One }
}

impl AppKey {
    const fn secret(mut self) -> Self {
        self.is_secret = true;
        self
    }

    /// Whether it takes a list.
    pub(super) fn takes_many(&self) -> bool {
        self.takes == Takes::Many
    }

    const fn takes(mut self, takes: Takes) -> Self {
        self.takes = takes;
        self
    }
}

fn put<T>(place: &mut T, value: T) -> values::Result<()> {
    *place = value;
    Ok(())
}

/// The only value, which is there: a key that takes one is given one.
fn one(given: &[String]) -> String {
    given.first().cloned().unwrap_or_default()
}

fn health(draft: &mut Draft) -> &mut HealthCheck {
    draft.app.health.get_or_insert_default()
}

/// Every key of an app.
pub const APP_KEYS: &[AppKey] = &[
    key("name", "a name", "What people call it.", "the slug", |d, v| put(&mut d.app.name, Some(one(v)))),
    key("upstream", "an address without a path, like http://127.0.0.1:8000", "Where requests are sent. Needed.", "none", |d, v| {
        put(&mut d.app.upstream, one(v))
    }),
    key("workspace", "the slug of a workspace", "The workspace that it is in; the role there counts.", "default", |d, v| {
        put(&mut d.app.workspace, Slug(one(v)))
    }),
    key("enabled", "true or false", "Whether it can be reached through Doorward.", "true", |d, v| {
        put(&mut d.app.enabled, Some(values::boolean(&one(v))?))
    }),
    key(
        "hosts",
        "a list of host names, like [tasks.example.com]",
        "Where people reach it, besides `<slug>.localhost` and `<slug>.` with the public URL's host.",
        "none",
        |d, v| put(&mut d.app.hosts, v.to_vec()),
    )
    .takes(Takes::Many),
    key("listen", "an address and a port, like 127.0.0.1:9001", "A port of its own.", "none", |d, v| put(&mut d.app.listen, Some(one(v)))),
    key("path", "a path, like /admin/centrifugo", "A path on the dashboard's own address; needs `trusted`.", "none", |d, v| {
        put(&mut d.app.path, Some(one(v)))
    }),
    key("trusted", "true or false", "Whether its scripts may do what the dashboard's may.", "false", |d, v| {
        put(&mut d.app.trusted, values::boolean(&one(v))?)
    }),
    key("preset", "the name of a preset, like dagu", "Ready rules and a health check, where none are given.", "none", |d, v| {
        put(&mut d.app.preset, Some(one(v)))
    }),
    key(
        "rules",
        "a list of rules, like { methods: [POST], path: /api/**, allow: run }",
        "Who may do what; the first that matches counts.",
        "looking needs `read`, all else `write`",
        |_, _| Ok(()),
    )
    .takes(Takes::Rules),
    key(
        "identity.headers",
        "one of doorward, remote-user, forwarded, none",
        "By which headers the upstream is told who asks.",
        "doorward",
        |d, v| {
            let words = IdentityHeaders::ALL.map(|style| (style.as_str(), style));
            put(&mut d.app.identity.headers, values::word(&one(v), &words)?)
        },
    ),
    key("upstream_auth.basic.username", "a username", "With what Doorward signs in to the upstream.", "none", |d, v| {
        put(&mut d.username, Some(one(v)))
    }),
    key("upstream_auth.basic.password", "a password", "With what Doorward signs in to the upstream.", "none", |d, v| {
        put(&mut d.password, Some(one(v)))
    })
    .secret(),
    key("upstream_auth.bearer.token", "a token", "The same, with a bearer token.", "none", |d, v| put(&mut d.token, Some(one(v)))).secret(),
    key("upstream_auth.header.name", "the name of a header", "The same, with a header of one's own.", "none", |d, v| {
        put(&mut d.header, Some(one(v)))
    }),
    key("upstream_auth.header.value", "the value of that header", "The same.", "none", |d, v| put(&mut d.value, Some(one(v)))).secret(),
    key(
        "upstream_ca",
        "certificates in PEM",
        "Authorities that may vouch for an upstream of https besides those that are believed anyhow; `upstream_ca_file` names a file.",
        "none",
        |d, v| put(&mut d.app.upstream_ca, Some(one(v))),
    )
    .secret(),
    key("health.path", "a path, like /healthz", "What is asked for to see whether it is up.", "/", |d, v| put(&mut health(d).path, one(v))),
    key("health.every", "a Go duration from 5s to 1h", "The pause between two looks.", "15s", |d, v| put(&mut health(d).every, one(v))),
];

/// Reads all apps of a file.
pub(super) fn read(reading: &mut Reading, file: &str, node: &yaml::Node, environment: &Environment) {
    let place = |node: &yaml::Node| format!("{file}:{}", node.line);
    let pairs = match &node.value {
        yaml::Value::Nothing => return,
        yaml::Value::Map(pairs) => pairs,
        _ => return reading.problems.push(format!("{}: apps: expected a section for each app, below its slug", place(node))),
    };
    for (slug, node) in pairs {
        let mut app = Section { reading: &mut *reading, file, environment, slug, draft: Draft::default(), is_bad: false };
        app.draft.app.slug = Slug(slug.clone());
        app.section("", node);
        app.credentials(&place(node));
        let Section { draft, is_bad, .. } = app;
        if !is_bad {
            reading.draft.settings.gate.apps.push(draft.app);
            reading.app_places.insert(slug.clone(), place(node));
        }
    }
}

/// The section of one app.
struct Section<'a> {
    reading: &'a mut Reading,
    file: &'a str,
    environment: &'a Environment,
    slug: &'a str,
    draft: Draft,
    is_bad: bool,
}

impl Section<'_> {
    fn wrong(&mut self, line: usize, path: &str, problem: &str) {
        let dot = if path.is_empty() { "" } else { "." };
        self.reading.problems.push(format!("{}:{line}: apps.{}{dot}{path}: {problem}", self.file, self.slug));
        self.is_bad = true;
    }

    fn text(&self, text: &str, may_quote: bool) -> values::Result<String> {
        fill(text, may_quote, self.environment).map(|text| text.trim_end_matches('\n').to_owned())
    }

    /// Reads what is at a path of the app's, and below it.
    fn section(&mut self, path: &str, node: &yaml::Node) {
        if let Some(key) = APP_KEYS.iter().find(|key| key.path == path) {
            return self.key(key, node);
        }
        let secret = path.strip_suffix("_file").and_then(|path| APP_KEYS.iter().find(|key| key.is_secret && key.path == path));
        if let Some(key) = secret {
            return self.secret_file(key, node);
        }
        let is_section =
            path.is_empty() || APP_KEYS.iter().any(|key| key.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')));
        match &node.value {
            yaml::Value::Nothing if is_section => {}
            yaml::Value::Map(pairs) if is_section => {
                for (name, child) in pairs {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    self.section(&path, child);
                }
            }
            _ if is_section => self.wrong(node.line, path, "expected keys below it"),
            _ => {
                let near = nearest::nearest(path, APP_KEYS.iter().map(|key| key.path));
                let near = near.map_or_else(
                    || "there is no such key; docs/configuration.md lists all of them".into(),
                    |near| format!("there is no such key; did you mean {near}?"),
                );
                self.wrong(node.line, path, &near);
            }
        }
    }

    fn key(&mut self, key: &'static AppKey, node: &yaml::Node) {
        if key.takes == Takes::Rules {
            return self.rules(node);
        }
        let given: values::Result<Vec<String>> = match (&node.value, key.takes) {
            (yaml::Value::Nothing, _) => return,
            (yaml::Value::Text(text), _) => self.text(text, !key.is_secret).map(|text| vec![text]),
            (yaml::Value::List(items), Takes::Many) => {
                texts(items).into_iter().map(|text| self.text(text.ok_or(expected(key))?, true)).collect()
            }
            _ => Err(expected(key)),
        };
        self.take(key, node.line, given);
    }

    fn take(&mut self, key: &'static AppKey, line: usize, given: values::Result<Vec<String>>) {
        let done = given.and_then(|given| (key.set)(&mut self.draft, &given));
        if let Err(problem) = done {
            self.wrong(line, key.path, &problem);
        }
    }

    fn secret_file(&mut self, key: &'static AppKey, node: &yaml::Node) {
        let yaml::Value::Text(file) = &node.value else { return self.wrong(node.line, key.path, "expected the name of a file") };
        let read = self
            .reading
            .text_of(Path::new(file))
            .map(|text| vec![text.trim_end_matches(['\r', '\n']).to_owned()])
            .map_err(|error| format!("the file {file} can not be read: {error}"));
        self.take(key, node.line, read);
    }

    fn rules(&mut self, node: &yaml::Node) {
        let items = match &node.value {
            yaml::Value::Nothing => return,
            yaml::Value::List(items) => items,
            _ => return self.wrong(node.line, "rules", "expected a list of rules"),
        };
        let mut rules = Vec::new();
        for (at, item) in items.iter().enumerate() {
            match self.rule(item) {
                Ok(rule) => rules.push(rule),
                Err((line, problem)) => self.wrong(line, &format!("rules[{at}]"), &problem),
            }
        }
        self.draft.app.rules = Some(rules);
    }

    fn rule(&self, node: &yaml::Node) -> Result<Rule, (usize, String)> {
        const KNOWN: [&str; 3] = ["methods", "path", "allow"];
        let yaml::Value::Map(pairs) = &node.value else {
            return Err((node.line, "expected a rule, like { path: /healthz, allow: public }".into()));
        };
        let (mut methods, mut path, mut allow) = (Vec::new(), None, None);
        for (name, child) in pairs {
            let at = |problem: String| (child.line, problem);
            match (name.as_str(), &child.value) {
                ("methods", yaml::Value::Text(text)) => methods = vec![self.text(text, true).map_err(at)?],
                ("methods", yaml::Value::List(items)) => {
                    for text in texts(items) {
                        let text = text.ok_or_else(|| at("methods: expected a list of methods, like [GET, HEAD]".into()))?;
                        methods.push(self.text(text, true).map_err(at)?);
                    }
                }
                ("path", yaml::Value::Text(text)) => path = Some(self.text(text, true).map_err(at)?),
                ("allow", yaml::Value::Text(text)) => {
                    allow = Some(self.text(text, true).and_then(|text| text.parse()).map_err(|problem| at(format!("allow: {problem}")))?);
                }
                ("methods" | "path" | "allow", _) => return Err(at(format!("{name}: expected another kind of value"))),
                _ => {
                    let near = nearest::nearest(name, KNOWN.iter());
                    let near = near.map_or_else(|| format!("a rule has {}", KNOWN.join(", ")), |near| format!("did you mean {near}?"));
                    return Err(at(format!("{name}: there is no such key; {near}")));
                }
            }
        }
        let allow = allow.ok_or_else(|| (node.line, "a rule says what it allows, like allow: read".to_owned()))?;
        Ok(Rule { methods, path, allow })
    }

    /// Puts the credentials together from their parts.
    fn credentials(&mut self, place: &str) {
        let Draft { username, password, token, header, value, .. } = &mut self.draft;
        let given = (username.take(), password.take(), token.take(), header.take(), value.take());
        self.draft.app.upstream_auth = match given {
            (None, None, None, None, None) => None,
            (Some(username), Some(password), None, None, None) => Some(UpstreamCredentials::Basic { username, password }),
            (None, None, Some(token), None, None) => Some(UpstreamCredentials::Bearer { token }),
            (None, None, None, Some(name), Some(value)) => Some(UpstreamCredentials::Header { name, value }),
            _ => {
                let problem = "expected one way: basic with username and password, bearer with token, or header with name and value";
                self.reading.problems.push(format!("{place}: apps.{}.upstream_auth: {problem}", self.slug));
                self.is_bad = true;
                None
            }
        };
    }
}

fn expected(key: &AppKey) -> String {
    format!("expected {}", key.expects)
}

/// The items of a list as texts; nothing for what is none.
fn texts(items: &[yaml::Node]) -> Vec<Option<&str>> {
    fn text(item: &yaml::Node) -> Option<&str> {
        match &item.value {
            yaml::Value::Text(text) => Some(text),
            _ => None,
        }
    }
    items.iter().map(text).collect()
}

#[cfg(test)]
mod tests;
