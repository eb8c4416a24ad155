//! A message as it goes out: written once, however many get it.

use super::store::Kept;
use hyper::body::Bytes;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// A message, written for every kind of stream in one piece of memory.
pub(crate) struct Packet {
    pub(super) id: i64,
    pub(super) channel: String,
    /// The whole as a server-sent event.
    event: Bytes,
    /// Where the JSON begins and ends in it.
    json: std::ops::Range<usize>,
    /// The bytes of all that were not let go of yet.
    alive: Arc<AtomicUsize>,
}

impl Packet {
    pub(super) fn new(kept: &Kept, alive: &Arc<AtomicUsize>) -> Arc<Self> {
        let head = format!("id: {}\ndata: ", kept.id);
        let json = json(kept);
        let range = head.len()..head.len() + json.len();
        let event = Bytes::from([head.as_str(), &json, "\n\n"].concat());
        alive.fetch_add(event.len(), Ordering::Relaxed);
        Arc::new(Self { id: kept.id, channel: kept.channel.clone(), event, json: range, alive: alive.clone() })
    }

    /// The message as a server-sent event.
    pub(super) fn event(&self) -> Bytes {
        self.event.clone()
    }

    /// The message as JSON.
    pub(super) fn json(&self) -> Bytes {
        self.event.slice(self.json.clone())
    }

    /// Its size.
    pub(super) fn len(&self) -> usize {
        self.event.len()
    }
}

/// A message as JSON.
pub(super) fn json(kept: &Kept) -> String {
    // The channel is letters that need no escapes; the data is JSON already, on one line.
    let kind = serde_json::Value::String(kept.kind.clone());
    format!("{{\"channel\":\"{}\",\"id\":{},\"at\":\"{}\",\"type\":{kind},\"data\":{}}}", kept.channel, kept.id, kept.at, kept.data)
}

impl Drop for Packet {
    fn drop(&mut self) {
        self.alive.fetch_sub(self.event.len(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use wire::{Timestamp, live::Message};

    #[test]
    fn a_packet_is_the_message_that_the_wire_knows() {
        let alive = Arc::new(AtomicUsize::new(0));
        let data = json!({ "step": "a \"b\"\n", "n": [1, null] });
        let kept = Kept { id: 7, channel: "workflow:42".into(), at: Timestamp(1), kind: "a\"b".into(), data: data.to_string() };
        let packet = Packet::new(&kept, &alive);
        let message: Message = serde_json::from_slice(&packet.json()).unwrap();
        assert_eq!((message.id, message.kind.as_str(), message.data), (7, "a\"b", data));
        let event = String::from_utf8(packet.event().to_vec()).unwrap();
        assert!(event.starts_with("id: 7\ndata: {\"channel\"") && event.ends_with("}\n\n") && event.matches('\n').count() == 3, "{event}");
        assert_eq!(serde_json::from_slice::<Value>(&packet.json()).unwrap()["at"], "1970-01-01T00:00:00.001Z");
        assert_eq!(alive.load(Ordering::Relaxed), packet.len());
        drop(packet);
        assert_eq!(alive.load(Ordering::Relaxed), 0);
    }
}
