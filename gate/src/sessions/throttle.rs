//! Slow guessing: a bucket for each account and each address, then growing delays. Nothing is ever
//! locked in a way that a stranger could use to keep the owner out: a device that signed in before
//! has a bucket of its own.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};
use wire::Timestamp;

/// Wrong tries for one account until delays begin.
const ACCOUNT_BURST: u32 = 10;
/// Wrong tries from one address until delays begin.
const ADDRESS_BURST: u32 = 40;
/// The longest delay, in milliseconds.
const LONGEST: i64 = 5 * 60_000;
/// One wrong try is forgiven in this time.
const FORGIVE: i64 = 3 * 60_000;
/// The most buckets that are kept.
const MOST: usize = 100_000;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Account(String),
    Device(String),
    Address(IpAddr),
}

#[derive(Debug, Default)]
struct Bucket {
    wrong: u32,
    /// When `wrong` was last right.
    at: Timestamp,
    blocked_until: Timestamp,
}

impl Bucket {
    fn forgive(&mut self, now: Timestamp) {
        // The clock may have been set back.
        self.at = self.at.min(now);
        self.blocked_until = self.blocked_until.min(now.plus(LONGEST));
        let steps = (now.0 - self.at.0).max(0) / FORGIVE;
        if steps > 0 {
            self.wrong = self.wrong.saturating_sub(u32::try_from(steps).unwrap_or(u32::MAX));
            self.at = if self.wrong == 0 { now } else { self.at.plus(steps * FORGIVE) };
        }
    }

    /// Counts a try as wrong until it is known to be right.
    fn take(&mut self, now: Timestamp, burst: u32) {
        if self.wrong == 0 {
            self.at = now;
        }
        self.wrong = self.wrong.saturating_add(1);
        if self.wrong > burst {
            let delay = 1000_i64.saturating_mul(1 << (self.wrong - burst - 1).min(20));
            self.blocked_until = now.plus(delay.min(LONGEST));
        }
    }
}

/// The one limiter for all doors.
#[derive(Default)]
pub(crate) struct Throttle(Mutex<HashMap<Key, Bucket>>);

/// A try that was let through, taken before the password is looked at.
pub(crate) struct Slot {
    name: Key,
    address: Key,
}

impl Throttle {
    /// Lets a try through, or says after how many seconds the next one may come.
    pub(crate) fn take(&self, account: &str, address: IpAddr, is_known_device: bool, now: Timestamp) -> Result<Slot, u64> {
        let name = if is_known_device { Key::Device(account.to_owned()) } else { Key::Account(account.to_owned()) };
        let address = Key::Address(network(address));
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST {
            buckets.retain(|_, bucket| {
                bucket.forgive(now);
                bucket.wrong > 0
            });
        }
        let limits = [(&name, ACCOUNT_BURST), (&address, ADDRESS_BURST)];
        // A device that is known is not kept out by what others do from the same address.
        let limits = if is_known_device { &limits[..1] } else { &limits[..] };
        for (key, _) in limits {
            let bucket = buckets.entry((*key).clone()).or_default();
            bucket.forgive(now);
            if bucket.blocked_until > now {
                return Err(u64::try_from((bucket.blocked_until.0 - now.0 + 999) / 1000).unwrap_or(1));
            }
        }
        for (key, burst) in limits {
            buckets.entry((*key).clone()).or_default().take(now, *burst);
        }
        Ok(Slot { name, address })
    }

    /// The password was right: the account starts afresh, the address gets its try back.
    pub(crate) fn right(&self, slot: &Slot) {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.remove(&slot.name);
        give_back(&mut buckets, &slot.address);
    }

    /// The try came to nothing, through no fault of the caller's.
    pub(crate) fn undo(&self, slot: &Slot) {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        give_back(&mut buckets, &slot.name);
        give_back(&mut buckets, &slot.address);
    }
}

fn give_back(buckets: &mut HashMap<Key, Bucket>, key: &Key) {
    if let Some(bucket) = buckets.get_mut(key) {
        bucket.wrong = bucket.wrong.saturating_sub(1);
        bucket.blocked_until = Timestamp::default();
    }
}

/// One household has one IPv6 network, and any number of addresses in it.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000_000);

    fn ip(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    #[test]
    fn an_account_is_guarded_wherever_the_guesses_come_from() {
        let throttle = Throttle::default();
        let mut let_through = 0;
        for round in 0..5 {
            for source in 0..254 {
                let_through += u32::from(throttle.take("mara", ip(source), false, NOW.plus(round)).is_ok());
            }
        }
        assert!(let_through <= 100, "{let_through}");
        assert!(let_through >= ACCOUNT_BURST);
    }

    #[test]
    fn an_address_that_sprays_is_slowed_down() {
        let throttle = Throttle::default();
        let tries = (0..300).map(|n| throttle.take(&format!("user{n}"), ip(1), false, NOW));
        assert!(tries.filter(Result::is_err).count() > 200);
    }

    #[test]
    fn a_known_device_is_not_kept_out_by_strangers() {
        let throttle = Throttle::default();
        while throttle.take("mara", ip(1), false, NOW).is_ok() {}
        assert!(throttle.take("mara", ip(2), false, NOW).is_err());
        assert!(throttle.take("mara", ip(1), true, NOW).is_ok());
    }

    #[test]
    fn the_right_password_starts_afresh_and_time_forgives() {
        let throttle = Throttle::default();
        for _ in 0..200 {
            let slot = throttle.take("mara", ip(1), false, NOW).expect("who knows the password is never slowed down");
            throttle.right(&slot);
        }
        while throttle.take("bob", ip(3), false, NOW).is_ok() {}
        assert!(throttle.take("bob", ip(3), false, NOW.plus(LONGEST + FORGIVE)).is_ok());
    }

    #[test]
    fn one_ipv6_network_is_one_address() {
        let throttle = Throttle::default();
        let refused =
            (0..100_u16).filter(|n| throttle.take(&format!("u{n}"), IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, *n]), false, NOW).is_err());
        assert!(refused.count() > 50);
    }
}
