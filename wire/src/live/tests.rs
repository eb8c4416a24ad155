//! Names, patterns and frames.

use super::*;
use proptest::prelude::*;
use serde_json::json;

#[test]
fn a_channel_is_a_namespace_and_an_id() {
    for text in ["workflow:42", "app:taskflow", "a:b:c", "user:0190c9a0-7b1e-7000-8000-000000000000", "x-1:A.b_c-d"] {
        let channel: Channel = text.parse().unwrap();
        assert_eq!(format!("{}:{}", channel.namespace(), channel.id()), text);
    }
    let long = format!("a:{}", "b".repeat(97));
    for text in ["", "a", "a:", ":a", "A:b", "1:b", "a:*", "a:b*", "a: b", "a:b/c", "a:b\n", "ä:b", "a:ä", &long] {
        assert!(text.parse::<Channel>().is_err(), "{text:?}");
    }
}

#[test]
fn a_topic_is_a_channel_or_a_whole_namespace() {
    let all: Topic = "status:*".parse().unwrap();
    assert!(all.is_whole_namespace() && all.channel().is_none() && all.namespace() == "status");
    assert_eq!("status:a".parse::<Topic>().unwrap().channel(), Some("status:a".parse().unwrap()));
    for text in ["*", "status:a*", "status*", ":*", "status:*:*"] {
        assert!(text.parse::<Topic>().is_err(), "{text}");
    }
}

#[test]
fn a_pattern_covers_what_begins_like_it() {
    for (pattern, topic, is_covered, is_touched) in [
        ("workflow:*", "workflow:42", true, true),
        ("workflow:*", "workflow:*", true, true),
        ("workflow:4*", "workflow:42", true, true),
        ("workflow:4*", "workflow:5", false, false),
        ("workflow:4*", "workflow:*", false, true),
        ("workflow:42", "workflow:42", true, true),
        ("workflow:42", "workflow:421", false, false),
        ("workflow:42", "workflow:*", false, true),
        ("workflow:*", "workflows:1", false, false),
    ] {
        let (pattern, topic): (Pattern, Topic) = (pattern.parse().unwrap(), topic.parse().unwrap());
        assert_eq!((pattern.covers(&topic), pattern.touches(&topic)), (is_covered, is_touched), "{pattern} {topic}");
    }
    for text in ["*", "work*", "workflow:a*b", "workflow:**", ""] {
        assert!(text.parse::<Pattern>().is_err(), "{text}");
    }
}

#[test]
fn doorwards_own_namespaces_and_types_are_its_own() {
    assert!(ChannelRule::new("audit:*".parse().unwrap()).problem().is_some());
    assert!(ChannelRule::new("workflow:*".parse().unwrap()).problem().is_none());
    let message = |kind: &str| NewMessage { kind: kind.into(), data: Value::Null };
    assert!(message("step.done").check().is_ok());
    for kind in ["", "door.health", "a b", &"x".repeat(65)] {
        assert_eq!(message(kind).check().unwrap_err().errors[0].field, "type", "{kind}");
    }
}

#[test]
fn frames_are_what_the_documents_say() {
    let ask: Ask = serde_json::from_value(json!({ "op": "subscribe", "ref": 1, "channel": "workflow:42", "since": 7 })).unwrap();
    assert_eq!(ask, Ask::Subscribe { reference: Some(1), channel: "workflow:42".parse().unwrap(), since: Some(7) });
    let pong = serde_json::to_value(Answer::Pong { reference: None, id: 3 }).unwrap();
    assert_eq!(pong, json!({ "op": "pong", "id": 3 }));
    for bad in [json!({ "op": "subscribe" }), json!({ "op": "x" }), json!({ "op": "subscribe", "channel": "nope" })] {
        assert!(serde_json::from_value::<Ask>(bad).is_err());
    }
}

proptest! {
    #[test]
    fn no_text_panics_and_a_channel_survives_the_wire(text in ".{0,40}") {
        _ = text.parse::<Pattern>().map(|pattern| text.parse::<Topic>().map(|topic| pattern.covers(&topic)));
        if let Ok(channel) = text.parse::<Channel>() {
            let json = serde_json::to_string(&channel).unwrap();
            prop_assert_eq!(serde_json::from_str::<Channel>(&json).unwrap(), channel);
        }
    }
}
