//! The rules of live channels in the configuration file: a list of them, below `live.channels`.

use super::{Environment, Reading, file::fill, nearest, values, yaml};
use wire::{
    Permission,
    live::{ChannelRule, Pattern},
    workspaces::Slug,
};

/// Where the rules stand.
pub(super) const PATH: &str = "live.channels";

/// A key of a rule: its name, what it takes, what it is for, what counts without it.
#[derive(Debug)]
pub struct ChannelKey {
    /// Its name.
    pub name: &'static str,
    /// What is expected, to be read after "expected".
    pub expects: &'static str,
    /// What it is for, in one sentence.
    pub about: &'static str,
    /// What counts when it is not there.
    #[cfg_attr(not(test), expect(dead_code, reason = "it is for docs/configuration.md, which a test holds to it"))]
    pub default: &'static str,
    set: fn(&mut Draft, &str) -> values::Result<()>,
}

/// A rule that is being read.
#[derive(Default)]
struct Draft {
    channel: Option<Pattern>,
    subscribe: Option<Permission>,
    publish: Option<Permission>,
    workspace: Option<Slug>,
}

/// Every key of a rule.
pub const CHANNEL_KEYS: &[ChannelKey] = &[
    ChannelKey {
        name: "channel",
        expects: "a channel like workflow:42, or the beginning of some, like workflow:*",
        about: "Which channels the rule is about; the first rule that is about a channel decides. Needed.",
        default: "none",
        set: |draft, text| put(&mut draft.channel, text.parse()?),
    },
    ChannelKey {
        name: "subscribe",
        expects: "a permission, like subscribe",
        about: "What watching needs.",
        default: "subscribe",
        set: |draft, text| put(&mut draft.subscribe, permission(text)?),
    },
    ChannelKey {
        name: "publish",
        expects: "a permission, like publish",
        about: "What publishing needs.",
        default: "publish",
        set: |draft, text| put(&mut draft.publish, permission(text)?),
    },
    ChannelKey {
        name: "workspace",
        expects: "the slug of a workspace",
        about: "The workspace whose roles count.",
        default: "default",
        set: |draft, text| put(&mut draft.workspace, text.parse().map_err(|_| format!("expected the slug of a workspace, not {text}"))?),
    },
];

fn put<T>(place: &mut Option<T>, value: T) -> values::Result<()> {
    *place = Some(value);
    Ok(())
}

fn permission(text: &str) -> values::Result<Permission> {
    let words: Vec<_> = Permission::ALL.iter().map(|permission| (permission.as_str(), *permission)).collect();
    values::word(text, &words)
}

/// Reads all rules of a file.
pub(super) fn read(reading: &mut Reading, file: &str, node: &yaml::Node, environment: &Environment) {
    let items = match &node.value {
        yaml::Value::Nothing => return,
        yaml::Value::List(items) => items,
        _ => return reading.problems.push(format!("{file}:{}: {PATH}: expected a list of rules", node.line)),
    };
    reading.sources.insert(PATH, format!("{file}:{}", node.line));
    for (at, item) in items.iter().enumerate() {
        match rule(item, environment) {
            Ok(rule) => reading.draft.settings.gate.live.channels.push(rule),
            Err((line, problem)) => reading.problems.push(format!("{file}:{line}: {PATH}[{at}]: {problem}")),
        }
    }
}

fn rule(node: &yaml::Node, environment: &Environment) -> Result<ChannelRule, (usize, String)> {
    let yaml::Value::Map(pairs) = &node.value else {
        return Err((node.line, "expected a rule, like { channel: \"workflow:*\", subscribe: read }".into()));
    };
    let mut draft = Draft::default();
    for (name, child) in pairs {
        let at = |problem: String| (child.line, format!("{name}: {problem}"));
        let Some(key) = CHANNEL_KEYS.iter().find(|key| key.name == name) else {
            let near = nearest::nearest(name, CHANNEL_KEYS.iter().map(|key| key.name));
            let near = near.map_or_else(|| "docs/configuration.md lists all of them".to_owned(), |near| format!("did you mean {near}?"));
            return Err(at(format!("there is no such key; {near}")));
        };
        let yaml::Value::Text(text) = &child.value else { return Err(at(format!("expected {}", key.expects))) };
        let text = fill(text, true, environment).map_err(at)?;
        (key.set)(&mut draft, &text).map_err(at)?;
    }
    let channel =
        draft.channel.ok_or_else(|| (node.line, "a rule says which channels it is about, like channel: \"workflow:*\"".to_owned()))?;
    let plain = ChannelRule::new(channel);
    let rule = ChannelRule {
        subscribe: draft.subscribe.unwrap_or(plain.subscribe),
        publish: draft.publish.unwrap_or(plain.publish),
        workspace: draft.workspace.unwrap_or(plain.workspace),
        channel: plain.channel,
    };
    rule.problem().map_or(Ok(rule), |problem| Err((node.line, problem)))
}

#[cfg(test)]
mod tests {
    use crate::load::tests::{load_text, problems};
    use wire::Permission;

    #[test]
    fn rules_stand_in_their_order() {
        let read = load_text(
            "live:\n  channels:\n    - { channel: 'workflow:secret', subscribe: settings }\n    - channel: workflow:*\n      publish: run\n      workspace: ${PLACE}",
            &[("PLACE", "billing")],
        );
        let rules = read.unwrap().settings.gate.live.channels;
        assert_eq!(rules.iter().map(|rule| rule.channel.as_str()).collect::<Vec<_>>(), ["workflow:secret", "workflow:*"]);
        assert_eq!((rules[0].subscribe, rules[0].publish), (Permission::Settings, Permission::Publish));
        assert_eq!(
            (rules[1].subscribe, rules[1].publish, rules[1].workspace.0.as_str()),
            (Permission::Subscribe, Permission::Run, "billing")
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (yaml, problem) in [
            ("live: { channels: { a: b } }", "doorward.yaml:1: live.channels: expected a list of rules"),
            (
                "live:\n  channels:\n    - a:*",
                "doorward.yaml:3: live.channels[0]: expected a rule, like { channel: \"workflow:*\", subscribe: read }",
            ),
            (
                "live:\n  channels:\n    - { subscribe: read }",
                "doorward.yaml:3: live.channels[0]: a rule says which channels it is about, like channel: \"workflow:*\"",
            ),
            (
                "live:\n  channels:\n    - chanel: 'a:*'",
                "doorward.yaml:3: live.channels[0]: chanel: there is no such key; did you mean channel?",
            ),
            (
                "live:\n  channels:\n    - channel: 'audit:*'",
                "doorward.yaml:3: live.channels[0]: channels of audit: are opened by Doorward's own rules; choose another namespace for audit:*",
            ),
            ("live:\n  chanels: []", "doorward.yaml:2: live.chanels: there is no such key; did you mean live.channels?"),
        ] {
            assert_eq!(problems(yaml, &[]), [problem], "{yaml}");
        }
        let bad = problems("live:\n  channels:\n    - { channel: 'a:*', subscribe: everybody }", &[]);
        assert!(bad[0].starts_with("doorward.yaml:3: live.channels[0]: subscribe: expected one of read, subscribe"), "{bad:?}");
    }
}
