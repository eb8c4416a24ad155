//! YAML as a tree of texts with their lines. Scalars stay as they are written: a secret of digits
//! only must not become a number.

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span};
use std::hash::{Hash, Hasher};

/// A node, and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) value: Value,
}

impl Hash for Node {
    /// Of what it is; where it stands is of no account.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Value {
    /// Nothing, `~` or `null`.
    Nothing,
    /// A scalar as it is written, without its quotes.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the file.
    Map(Vec<(String, Node)>),
}

/// A problem, and the line it is in.
type Problem = (usize, String);

/// Sections are three deep; nothing sensible is deeper than this.
const DEEPEST: usize = 8;

/// Reads one document.
pub(super) fn parse(text: &str) -> Result<Node, Problem> {
    let mut reader = Reader { events: Parser::new_from_str(text) };
    let mut root = None;
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamEnd => return Ok(root.unwrap_or(Node { line: 1, value: Value::Nothing })),
            Event::DocumentStart(..) if root.is_some() => {
                return Err((span.start.line(), "expected one document; remove the --- line".into()));
            }
            Event::DocumentStart(..) => {
                let first = reader.next()?;
                root = Some(reader.node(first, 0)?);
            }
            _ => {}
        }
    }
}

/// Builds nodes from events.
struct Reader<I> {
    events: I,
}

impl<'t, I: Iterator<Item = Result<(Event<'t>, Span), ScanError>>> Reader<I> {
    fn next(&mut self) -> Result<(Event<'t>, Span), Problem> {
        match self.events.next() {
            Some(Ok(next)) => Ok(next),
            Some(Err(error)) => Err((error.marker().line(), format!("not valid YAML: {}", error.info()))),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn node(&mut self, (event, span): (Event<'t>, Span), depth: usize) -> Result<Node, Problem> {
        let line = span.start.line();
        if depth > DEEPEST {
            return Err((line, "nested too deeply".into()));
        }
        let value = match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) if matches!(&*text, "" | "~" | "null" | "Null" | "NULL") => Value::Nothing,
            Event::Scalar(text, ..) => Value::Text(text.into_owned()),
            Event::SequenceStart(..) => Value::List(self.items(depth)?),
            Event::MappingStart(..) => Value::Map(self.pairs(depth)?),
            Event::Alias(_) => return Err((line, "anchors and aliases are not taken here; write the value again".into())),
            _ => return Err((line, "not valid YAML: a value is missing".into())),
        };
        Ok(Node { line, value })
    }

    fn items(&mut self, depth: usize) -> Result<Vec<Node>, Problem> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(items),
                next => items.push(self.node(next, depth + 1)?),
            }
        }
    }

    fn pairs(&mut self, depth: usize) -> Result<Vec<(String, Node)>, Problem> {
        let mut pairs: Vec<(String, Node)> = Vec::new();
        loop {
            let (name, line) = match self.next()? {
                (Event::MappingEnd, _) => return Ok(pairs),
                (Event::Scalar(name, ..), span) => (name.into_owned(), span.start.line()),
                (_, span) => return Err((span.start.line(), "a key is a plain word".into())),
            };
            if pairs.iter().any(|(known, _)| *known == name) {
                return Err((line, format!("{name} is there twice")));
            }
            let next = self.next()?;
            let mut node = self.node(next, depth + 1)?;
            // What is wrong with a section, or with nothing, is best looked for at its key.
            if !matches!(node.value, Value::Text(_)) {
                node.line = line;
            }
            pairs.push((name, node));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn scalars_stay_as_they_are_written() {
        let root = parse("a: 007\nb:\n  c: \"1e3\" # why\n  d: [x, ~]\n  e:\n").unwrap();
        let text = |line, text: &str| Node { line, value: Value::Text(text.into()) };
        let nothing = |line| Node { line, value: Value::Nothing };
        let list = Node { line: 4, value: Value::List(vec![text(4, "x"), nothing(4)]) };
        let section = Value::Map(vec![("c".into(), text(3, "1e3")), ("d".into(), list), ("e".into(), nothing(5))]);
        assert_eq!(root.value, Value::Map(vec![("a".into(), text(1, "007")), ("b".into(), Node { line: 2, value: section })]));
    }

    #[test]
    fn an_empty_file_is_nothing() {
        for text in ["", "# only words\n", "---\n"] {
            assert_eq!(parse(text).unwrap().value, Value::Nothing, "{text:?}");
        }
    }

    #[test]
    fn what_is_odd_is_refused_with_its_line() {
        for (text, line) in
            [("a: 1\na: 2\n", 2), ("a: 1\n---\nb: 2\n", 2), ("a: &x 1\nb: *x\n", 2), ("a: [1\nb: 2\n", 2), ("? [a]\n: 1\n", 1)]
        {
            assert_eq!(parse(text).unwrap_err().0, line, "{text:?}: {:?}", parse(text));
        }
        assert!(parse(&"[".repeat(10_000)).is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[-a-z:#\\[\\]{}'\"\n \t&*!|>%@`0-9]{0,80}|.{0,40}") {
            let _ = parse(&text);
        }
    }
}
