//! What a stream of events is asked for, and what a socket would say of it.

use super::{next::escaped, watched::Kept};
use wire::live::{Ask, Topic};

/// What is asked for, and up to where it has come.
#[derive(Debug, Default)]
pub(super) struct Wanted(Vec<(Kept, bool)>);

impl Wanted {
    /// These, none of which has begun.
    pub(super) fn of(topics: Vec<Kept>) -> Self {
        Self(topics.into_iter().map(|kept| (kept, false)).collect())
    }

    /// All topics.
    pub(super) fn topics(&self) -> Vec<Topic> {
        self.0.iter().map(|(kept, _)| kept.topic.clone()).collect()
    }

    /// Takes a frame; gives whether the stream has to be asked for anew.
    pub(super) fn take(&mut self, ask: &Ask) -> bool {
        match ask {
            Ask::Subscribe { channel, since, .. } => {
                // One that is there already begins anew where it is wanted from further back.
                let is_there = self.0.iter().any(|(kept, _)| kept.topic == *channel && (kept.since <= *since || since.is_none()));
                if !is_there {
                    self.0.retain(|(kept, _)| kept.topic != *channel);
                    self.0.push((Kept { topic: channel.clone(), since: *since }, false));
                }
                !is_there
            }
            Ask::Unsubscribe { channel, .. } => {
                let before = self.0.len();
                self.0.retain(|(kept, _)| kept.topic != *channel);
                before != self.0.len()
            }
            Ask::Publish { .. } | Ask::Ping { .. } => false,
        }
    }

    /// Where the stream is; nothing while nothing is wanted.
    pub(super) fn address(&self) -> Option<String> {
        let channels = self.0.iter().map(|(kept, _)| ["channel=", &escaped(kept.topic.as_str())].concat());
        let since = self.0.iter().filter_map(|(kept, _)| kept.since).min().map(|id| ["since=", &id.to_string()].concat());
        let all: Vec<String> = channels.chain(since).collect();
        (!self.0.is_empty()).then(|| ["/api/v1/live?", &all.join("&")].concat())
    }

    /// Learns that the stream has begun; gives what a socket would say of it: of what is new, and of all
    /// where something is gone.
    pub(super) fn begun(&mut self, data: &str) -> Vec<String> {
        let is_torn = data.contains("\"recovered\":false");
        let mut said = Vec::new();
        for (kept, is_begun) in &mut self.0 {
            if !*is_begun || is_torn {
                let channel = ["\"channel\":\"", kept.topic.as_str(), "\","].concat();
                said.push(frame("subscribed", &channel, data));
            }
            *is_begun = true;
        }
        said
    }

    /// Learns that everything up to a message has come.
    pub(super) fn reached(&mut self, id: i64) {
        for (kept, _) in self.0.iter_mut().filter(|(_, is_begun)| *is_begun) {
            kept.since = kept.since.max(Some(id));
        }
    }
}

/// An event's data, which is an object, as a frame of a socket.
pub(super) fn frame(op: &str, more: &str, data: &str) -> String {
    ["{\"op\":\"", op, "\",", more, data.strip_prefix('{').unwrap_or("}")].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::live::Answer;

    fn kept(topic: &str, since: Option<i64>) -> Kept {
        Kept { topic: topic.parse().unwrap(), since }
    }

    fn subscribe(topic: &str, since: Option<i64>) -> Ask {
        Ask::Subscribe { reference: None, channel: topic.parse().unwrap(), since }
    }

    #[test]
    fn all_topics_are_one_stream_from_the_earliest_message() {
        assert_eq!(Wanted::default().address(), None);
        let mut wanted = Wanted::of(vec![kept("door:changes", Some(7)), kept("audit:*", None)]);
        assert_eq!(wanted.address().unwrap(), "/api/v1/live?channel=door%3Achanges&channel=audit%3A%2A&since=7");
        assert!(!wanted.take(&subscribe("door:changes", Some(7))), "it is there already");
        assert_eq!(wanted.topics().len(), 2);
        assert!(wanted.take(&subscribe("build:1", Some(0))));
        assert!(wanted.address().unwrap().ends_with("channel=build%3A1&since=0"));
        assert!(wanted.take(&Ask::Unsubscribe { reference: None, channel: "build:1".parse().unwrap() }));
        assert!(!wanted.take(&Ask::Ping { reference: None }));
    }

    #[test]
    fn what_is_new_is_said_to_have_begun_and_what_is_torn_too() {
        let mut wanted = Wanted::of(vec![kept("door:changes", Some(7))]);
        let said = wanted.begun("{\"id\":7,\"recovered\":true}");
        let channel: Topic = "door:changes".parse().unwrap();
        let same = Answer::Subscribed { reference: None, channel, id: 7, recovered: Some(true) };
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!((said.len(), value(&said[0])), (1, value(&serde_json::to_string(&same).unwrap())));
        wanted.reached(9);
        wanted.take(&subscribe("build:1", Some(8)));
        wanted.reached(12);
        assert!(wanted.address().unwrap().ends_with("since=8"), "of the new one nothing has come yet");
        assert_eq!(wanted.begun("{\"id\":8,\"recovered\":true}").len(), 1);
        assert_eq!(wanted.begun("{\"id\":8,\"recovered\":false}").len(), 2);
        wanted.reached(20);
        assert!(wanted.address().unwrap().ends_with("since=20"));
    }

    #[test]
    fn an_event_s_data_is_a_frame() {
        assert_eq!(frame("end", "", "{\"code\":1012,\"reason\":\"so\"}"), "{\"op\":\"end\",\"code\":1012,\"reason\":\"so\"}");
    }
}
