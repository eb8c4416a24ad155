//! How long things take, counted in buckets.

use super::text::Text;
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// The upper ends of the buckets: in microseconds, and as they are written.
const BUCKETS: [(u64, &str); 11] = [
    (500, "0.0005"),
    (1_000, "0.001"),
    (2_500, "0.0025"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (25_000, "0.025"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (250_000, "0.25"),
    (1_000_000, "1"),
    (5_000_000, "5"),
];

/// How often something took how long.
#[derive(Default)]
pub(crate) struct Histogram {
    /// How many were in each bucket and in none before it; the last is for what took longer than all.
    counts: [AtomicU64; BUCKETS.len() + 1],
    /// In microseconds.
    sum: AtomicU64,
}

impl Histogram {
    /// Takes note of one.
    pub(crate) fn observe(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let at = BUCKETS.iter().position(|(end, _)| micros <= *end).unwrap_or(BUCKETS.len());
        self.counts[at].fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(micros, Ordering::Relaxed);
    }

    /// Whether there was any.
    pub(super) fn is_empty(&self) -> bool {
        self.counts.iter().all(|count| count.load(Ordering::Relaxed) == 0)
    }

    /// Writes its samples.
    pub(super) fn write(&self, text: &mut Text, name: &str, labels: &[(&str, &str)]) {
        let mut total = 0;
        let ends = BUCKETS.iter().map(|(_, end)| *end).chain(["+Inf"]);
        for (count, end) in self.counts.iter().zip(ends) {
            total += count.load(Ordering::Relaxed);
            text.sample(&format!("{name}_bucket"), &[labels, &[("le", end)]].concat(), total);
        }
        let micros = self.sum.load(Ordering::Relaxed);
        text.sample(&format!("{name}_sum"), labels, format_args!("{}.{:06}", micros / 1_000_000, micros % 1_000_000));
        text.sample(&format!("{name}_count"), labels, total);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_hold_what_took_no_longer() {
        let histogram = Histogram::default();
        for micros in [100, 500, 501, 2_000_000, 60_000_000] {
            histogram.observe(Duration::from_micros(micros));
        }
        let mut text = Text::default();
        histogram.write(&mut text, "t", &[("a", "b")]);
        for line in [
            "t_bucket{a=\"b\",le=\"0.0005\"} 2",
            "t_bucket{a=\"b\",le=\"0.001\"} 3",
            "t_bucket{a=\"b\",le=\"1\"} 3",
            "t_bucket{a=\"b\",le=\"5\"} 4",
            "t_bucket{a=\"b\",le=\"+Inf\"} 5",
            "t_sum{a=\"b\"} 62.001101",
            "t_count{a=\"b\"} 5",
        ] {
            assert!(text.0.lines().any(|own| own == line), "{line} is not in\n{}", text.0);
        }
    }
}
