//! The text format of Prometheus (version 0.0.4).

use std::fmt::{Display, Write};

/// A text that is being written.
#[derive(Default)]
pub(super) struct Text(pub(super) String);

impl Text {
    /// Says what the samples below are.
    pub(super) fn family(&mut self, name: &str, kind: &str, help: &str) {
        self.put(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
    }

    /// A sample.
    pub(super) fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        for (at, (label, text)) in labels.iter().enumerate() {
            self.put(format_args!("{}{label}=\"", if at == 0 { '{' } else { ',' }));
            for character in text.chars() {
                match character {
                    '\\' => self.0.push_str("\\\\"),
                    '"' => self.0.push_str("\\\""),
                    '\n' => self.0.push_str("\\n"),
                    other => self.0.push(other),
                }
            }
            self.0.push('"');
        }
        self.put(format_args!("{} {value}\n", if labels.is_empty() { "" } else { "}" }));
    }

    fn put(&mut self, piece: std::fmt::Arguments<'_>) {
        self.0.write_fmt(piece).expect("writing to memory does not fail");
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn labels_can_not_end_early() {
        let mut text = Text::default();
        text.family("a", "gauge", "What it is.");
        text.sample("a", &[("x", "\"} 1\nb\\"), ("y", "z")], 7);
        text.sample("a", &[], -1);
        assert_eq!(text.0, "# HELP a What it is.\n# TYPE a gauge\na{x=\"\\\"} 1\\nb\\\\\",y=\"z\"} 7\na -1\n");
    }
}
