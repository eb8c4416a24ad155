//! The rules as they are being changed: what is kept, what is not saved yet, what is tried.

use leptos::prelude::*;
use wire::rules::Rule;

/// The rules of an app in the hands of whoever changes them.
#[derive(Clone, Copy)]
pub struct Sheet {
    /// As they are now, saved or not.
    pub rules: RwSignal<Vec<Rule>>,
    /// As they are saved.
    kept: StoredValue<Vec<Rule>>,
    /// The rule that is being written, if any.
    pub writing: RwSignal<Option<Writing>>,
    /// The rule that the tried request meets.
    pub met: RwSignal<Option<usize>>,
}

/// A rule that is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writing {
    /// Its place; one that is not there yet is put there.
    pub at: usize,
    /// The rule as it was; none when it is new.
    pub rule: Option<Rule>,
}

impl Sheet {
    /// The rules as they are saved.
    #[must_use]
    pub fn new(rules: Vec<Rule>) -> Self {
        Self { rules: RwSignal::new(rules.clone()), kept: StoredValue::new(rules), writing: RwSignal::new(None), met: RwSignal::new(None) }
    }

    /// Whether something is not saved.
    #[must_use]
    pub fn is_changed(self) -> bool {
        self.rules.with(|rules| self.kept.with_value(|kept| kept != rules))
    }

    /// Takes the rules that are saved.
    pub fn discard(self) {
        self.rules.set(self.kept.get_value());
    }

    /// Puts a rule that was written in its place.
    pub fn put(self, writing: &Writing, rule: Rule) {
        self.rules.update(|rules| match (&writing.rule, rules.get_mut(writing.at)) {
            (Some(_), Some(place)) => *place = rule,
            _ => rules.insert(writing.at.min(rules.len()), rule),
        });
    }

    /// Lets a rule change places with its neighbour.
    pub fn swap(self, at: usize, with: usize) {
        self.rules.update(|rules| {
            if at < rules.len() && with < rules.len() {
                rules.swap(at, with);
            }
        });
    }

    /// Takes a rule out.
    pub fn remove(self, at: usize) {
        self.rules.update(|rules| {
            if at < rules.len() {
                rules.remove(at);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::rules::Allow;

    fn rule(path: &str) -> Rule {
        Rule { methods: Vec::new(), path: Some(path.into()), allow: Allow::Public }
    }

    fn paths(sheet: Sheet) -> Vec<String> {
        sheet.rules.with_untracked(|rules| rules.iter().filter_map(|rule| rule.path.clone()).collect())
    }

    #[test]
    fn rules_are_put_moved_and_taken_out() {
        let owner = Owner::new();
        owner.with(|| {
            let sheet = Sheet::new(vec![rule("/a"), rule("/b")]);
            sheet.put(&Writing { at: 1, rule: None }, rule("/c"));
            assert_eq!(paths(sheet), ["/a", "/c", "/b"]);
            sheet.put(&Writing { at: 1, rule: Some(rule("/c")) }, rule("/d"));
            sheet.swap(1, 0);
            sheet.swap(2, 3);
            assert_eq!(paths(sheet), ["/d", "/a", "/b"]);
            sheet.remove(2);
            assert!(untrack(|| sheet.is_changed()));
            sheet.discard();
            assert_eq!(paths(sheet), ["/a", "/b"]);
        });
    }
}
