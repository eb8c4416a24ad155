//! Requests to apps, by app and by the class of the answer. The label is the slug of an app that there is,
//! so that nobody makes labels by asking.

use super::{Histogram, text::Text};
use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use wire::workspaces::Slug;

const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];
/// The most apps that are counted apart; of more nobody would read the chart.
const MOST: usize = 1_000;

#[derive(Default)]
struct Counts {
    classes: [AtomicU64; CLASSES.len()],
    took: Histogram,
}

/// Requests to apps.
#[derive(Default)]
pub(crate) struct Apps(RwLock<HashMap<Slug, Arc<Counts>>>);

impl Apps {
    /// Counts a request that was answered, by the upstream or in its place.
    pub(crate) fn count(&self, app: &Slug, status: u16, took: Duration) {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(app).cloned();
        let Some(counts) = known.or_else(|| self.begin(app)) else { return };
        let class = usize::from(status / 100).clamp(1, CLASSES.len()) - 1;
        counts.classes[class].fetch_add(1, Ordering::Relaxed);
        counts.took.observe(took);
    }

    fn begin(&self, app: &Slug) -> Option<Arc<Counts>> {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        (all.len() < MOST || all.contains_key(app)).then(|| all.entry(app.clone()).or_default().clone())
    }

    /// Writes the numbers of the apps that there are, and lets go of the others'.
    pub(super) fn write(&self, text: &mut Text, is_there: impl Fn(&Slug) -> bool) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.retain(|slug, _| is_there(slug));
        let mut sorted: Vec<_> = all.iter().collect();
        sorted.sort_by(|a, b| a.0.cmp(b.0));
        text.family("doorward_app_requests_total", "counter", "Requests to apps, by app and by the class of the answer.");
        for (slug, counts) in &sorted {
            for (count, class) in counts.classes.iter().zip(CLASSES) {
                text.sample("doorward_app_requests_total", &[("app", &slug.0), ("class", class)], count.load(Ordering::Relaxed));
            }
        }
        text.family("doorward_app_request_seconds", "histogram", "How long requests to apps take until their answer begins, by app.");
        for (slug, counts) in &sorted {
            counts.took.write(text, "doorward_app_request_seconds", &[("app", &slug.0)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apps_that_are_gone_leave_no_label_and_there_is_an_end_to_them() {
        let apps = Apps::default();
        for number in 0..MOST + 5 {
            apps.count(&Slug(format!("app{number}")), 200, Duration::from_millis(3));
        }
        apps.count(&Slug("app7".into()), 999, Duration::ZERO);
        let mut text = Text::default();
        apps.write(&mut text, |slug| slug.0 == "app7" || slug.0 == format!("app{MOST}"));
        assert!(text.0.contains("doorward_app_requests_total{app=\"app7\",class=\"2xx\"} 1\n"), "{}", text.0);
        assert!(text.0.contains("doorward_app_requests_total{app=\"app7\",class=\"5xx\"} 1\n"), "{}", text.0);
        assert!(text.0.contains("doorward_app_request_seconds_count{app=\"app7\"} 2\n"), "{}", text.0);
        assert!(!text.0.contains("app8") && !text.0.contains("app1000"), "{}", text.0);
    }
}
