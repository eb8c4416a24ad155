//! One of several values to choose from.

/// A value and the words it is chosen by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// One more sentence, where there is room for it.
    pub hint: Option<String>,
    /// The group that it stands in with its neighbours, in a list that is long.
    pub group: Option<&'static str>,
}

impl Choice {
    /// Makes a choice without a hint.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: None, group: None }
    }

    /// Puts it into a group.
    #[must_use]
    pub const fn group(mut self, group: &'static str) -> Self {
        self.group = Some(group);
        self
    }

    /// Adds a sentence that explains it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
