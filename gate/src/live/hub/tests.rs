//! Queues that have an end.

use super::*;
use crate::live::store::Kept;
use std::future::poll_fn;
use wire::Timestamp;

fn topic(text: &str) -> Topic {
    text.parse().unwrap()
}

fn packet(hub: &Hub, id: i64, channel: &str, size: usize) -> Arc<Packet> {
    let kept = Kept { id, channel: channel.into(), at: Timestamp(0), kind: "x".into(), data: format!("\"{}\"", "x".repeat(size)) };
    Packet::new(&kept, hub.alive())
}

fn watching(hub: &Hub, topics: &[&str]) -> Subscriber {
    let mut subscriber = hub.enter();
    for text in topics {
        assert!(subscriber.add(&topic(text)));
        subscriber.begin(&topic(text), 0);
    }
    subscriber
}

/// What waits for a subscriber, and whether it was dropped behind that.
async fn drain(subscriber: &mut Subscriber) -> (Vec<i64>, bool) {
    let mut ids = Vec::new();
    loop {
        let next = poll_fn(|context| Poll::Ready(subscriber.poll_next(context))).await;
        match next {
            Poll::Ready(Some(packet)) => ids.push(packet.id),
            Poll::Ready(None) => return (ids, true),
            // A task gives way after so many messages, though more wait.
            Poll::Pending if subscriber.settled().is_none() => tokio::task::yield_now().await,
            Poll::Pending => return (ids, false),
        }
    }
}

#[tokio::test]
async fn a_message_goes_to_those_who_watch_its_channel_once() {
    let hub = Hub::after(0);
    let mut one = watching(&hub, &["a:1"]);
    let mut both = watching(&hub, &["a:1", "a:*"]);
    let mut whole = watching(&hub, &["a:*"]);
    let mut other = watching(&hub, &["b:1"]);
    hub.dispatch(&[packet(&hub, 1, "a:1", 1), packet(&hub, 2, "a:2", 1), packet(&hub, 3, "c:1", 1)]);
    assert_eq!(drain(&mut one).await, (vec![1], false));
    assert_eq!(drain(&mut both).await, (vec![1, 2], false));
    assert_eq!(drain(&mut whole).await, (vec![1, 2], false));
    assert_eq!(drain(&mut other).await, (vec![], false));
    assert_eq!((hub.cursor(), one.settled()), (3, Some(3)));
    both.remove(&topic("a:*"));
    hub.dispatch(&[packet(&hub, 4, "a:2", 1), packet(&hub, 5, "a:1", 1)]);
    assert_eq!(one.settled(), None, "one waits");
    assert_eq!(drain(&mut both).await, (vec![5], false));
}

#[tokio::test]
async fn what_was_there_before_is_not_given_out() {
    let hub = Hub::after(0);
    let mut late = hub.enter();
    late.add(&topic("a:1"));
    hub.dispatch(&[packet(&hub, 1, "a:1", 1), packet(&hub, 2, "a:1", 1)]);
    late.begin(&topic("a:1"), 1);
    assert_eq!(drain(&mut late).await, (vec![2], false));
}

#[tokio::test]
async fn who_does_not_read_is_dropped_and_costs_the_others_nothing() {
    let hub = Hub::after(0);
    let mut slow = watching(&hub, &["a:1"]);
    let mut quick = watching(&hub, &["a:1"]);
    for id in 1..=1000 {
        hub.dispatch(&[packet(&hub, id, "a:1", 1)]);
        assert_eq!(drain(&mut quick).await, (vec![id], false));
    }
    let (got, is_dropped) = drain(&mut slow).await;
    assert_eq!((got.len(), is_dropped), (MOST_WAITING, true), "what waited is still given out");
    assert_eq!(hub.book().subscribers.len(), 1);
    drop((quick, slow));
    assert!(hub.watchers() == 0 && hub.alive().load(Ordering::Relaxed) == 0);
    assert_eq!(hub.book().subscriptions, 0);
    assert!(hub.book().topics.is_empty());
}

#[tokio::test]
async fn a_queue_of_large_messages_is_short() {
    let hub = Hub::after(0);
    let mut slow = watching(&hub, &["a:1"]);
    for id in 1..=50 {
        hub.dispatch(&[packet(&hub, id, "a:1", 60_000)]);
    }
    let (got, is_dropped) = drain(&mut slow).await;
    assert!(got.len() < 10 && is_dropped, "{got:?}");
}

#[tokio::test]
async fn while_memory_is_short_nobody_lags_far() {
    let hub = Hub::after(0);
    let mut slow = watching(&hub, &["a:1"]);
    hub.alive().fetch_add(PLENTY, Ordering::Relaxed);
    for id in 1..=50 {
        hub.dispatch(&[packet(&hub, id, "a:1", 1)]);
    }
    assert_eq!(drain(&mut slow).await, ((1..=16).collect(), true));
    hub.alive().fetch_sub(PLENTY, Ordering::Relaxed);
}

#[tokio::test]
async fn there_is_an_end_to_what_one_watches() {
    let hub = Hub::after(0);
    let subscriber = hub.enter();
    for at in 0..MOST_CHANNELS {
        assert!(subscriber.add(&topic(&format!("a:{at}"))));
    }
    assert!(!subscriber.add(&topic("a:one-more")));
    hub.drop_all();
    assert!(!subscriber.add(&topic("a:1")));
    assert_eq!(hub.watchers(), 0);
    hub.skip_to(9);
    assert_eq!(hub.cursor(), 9);
}
