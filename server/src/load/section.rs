//! Sections of the configuration file that there can be several of, or none: each is read by a table
//! of its keys, which docs/configuration.md is made from too.

use super::{Environment, Reading, file::fill, nearest, values, yaml};
use std::path::Path;

/// A key of a section.
pub struct SectionKey<D> {
    /// Its name below the section; dots part the levels.
    pub path: &'static str,
    /// What is expected, to be read after "expected".
    pub expects: &'static str,
    /// What it is for, in one sentence.
    pub about: &'static str,
    /// What counts when it is not there.
    pub default: &'static str,
    /// Whether it is never shown, and can come from a file.
    pub is_secret: bool,
    set: Set<D>,
}

/// Sets what comes as names with values.
type SetPairs<D> = fn(&mut D, Vec<(String, String)>) -> values::Result<()>;

/// What a key takes, and where that goes.
enum Set<D> {
    One(fn(&mut D, &str) -> values::Result<()>),
    Many(fn(&mut D, Vec<String>) -> values::Result<()>),
    Pairs(SetPairs<D>),
}

/// What a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    One,
    Many,
    Pairs,
}

impl<D> SectionKey<D> {
    /// A key that takes one value.
    pub const fn one(
        path: &'static str,
        expects: &'static str,
        about: &'static str,
        default: &'static str,
        set: fn(&mut D, &str) -> values::Result<()>,
    ) -> Self {
        Self { path, expects, about, default, is_secret: false, set: Set::One(set) }
    }

    /// A key that takes a list, or one text with commas in it.
    pub const fn many(
        path: &'static str,
        expects: &'static str,
        about: &'static str,
        default: &'static str,
        set: fn(&mut D, Vec<String>) -> values::Result<()>,
    ) -> Self {
        Self { path, expects, about, default, is_secret: false, set: Set::Many(set) }
    }

    /// A key below which names and values stand that the operator chooses.
    pub const fn pairs(path: &'static str, expects: &'static str, about: &'static str, default: &'static str, set: SetPairs<D>) -> Self {
        Self { path, expects, about, default, is_secret: false, set: Set::Pairs(set) }
    }

    /// Whether it takes a list, or names with values.
    pub(super) const fn takes(&self) -> Takes {
        match self.set {
            Set::One(_) => Takes::One,
            Set::Many(_) => Takes::Many,
            Set::Pairs(_) => Takes::Pairs,
        }
    }

    /// Takes one text, as a variable has it: a list is parted by commas, and so are pairs, each with an
    /// equals sign before its value.
    ///
    /// # Errors
    /// What is expected.
    pub fn take(&self, draft: &mut D, text: &str) -> values::Result<()> {
        let items = || text.split(',').map(str::trim).filter(|item| !item.is_empty());
        match &self.set {
            Set::One(set) => set(draft, text),
            Set::Many(set) => set(draft, items().map(str::to_owned).collect()),
            Set::Pairs(set) => {
                let pair = |item: &str| item.rsplit_once('=').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
                let pairs =
                    items().map(pair).collect::<Option<_>>().ok_or_else(|| format!("expected {}, written as name=value", self.expects))?;
                set(draft, pairs)
            }
        }
    }

    /// The same, never shown; with `_file` behind its name it comes from a file.
    pub const fn secret(mut self) -> Self {
        self.is_secret = true;
        self
    }
}

/// The tables of a section, one after the other.
pub type Tables<D> = &'static [&'static [SectionKey<D>]];

/// Reads the section that stands at `name`; nothing where something is wrong with it, which is told.
pub(super) fn read<D: Default>(
    reading: &mut Reading,
    (file, name): (&str, &str),
    tables: Tables<D>,
    node: &yaml::Node,
    environment: &Environment,
) -> Option<D> {
    let mut section = Section { reading, file, name, environment, tables, draft: D::default(), is_bad: false };
    section.at("", node);
    (!section.is_bad).then_some(section.draft)
}

struct Section<'a, D: 'static> {
    reading: &'a mut Reading,
    file: &'a str,
    name: &'a str,
    environment: &'a Environment,
    tables: Tables<D>,
    draft: D,
    is_bad: bool,
}

impl<D> Section<'_, D> {
    fn keys(&self) -> impl Iterator<Item = &'static SectionKey<D>> + use<D> {
        self.tables.iter().flat_map(|table| table.iter())
    }

    fn wrong(&mut self, line: usize, path: &str, problem: &str) {
        let dot = if path.is_empty() { "" } else { "." };
        self.reading.problems.push(format!("{}:{line}: {}{dot}{path}: {problem}", self.file, self.name));
        self.is_bad = true;
    }

    fn text(&self, text: &str, may_quote: bool) -> values::Result<String> {
        fill(text, may_quote, self.environment).map(|text| text.trim_end_matches('\n').to_owned())
    }

    /// Reads what is at a path of the section's, and below it.
    fn at(&mut self, path: &str, node: &yaml::Node) {
        if let Some(key) = self.keys().find(|key| key.path == path) {
            return self.key(key, node);
        }
        let secret = path.strip_suffix("_file").and_then(|path| self.keys().find(|key| key.is_secret && key.path == path));
        if let Some(key) = secret {
            return self.secret_file(key, node);
        }
        let is_section = path.is_empty() || self.keys().any(|key| key.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')));
        match &node.value {
            yaml::Value::Nothing if is_section => {}
            yaml::Value::Map(pairs) if is_section => {
                for (name, child) in pairs {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    self.at(&path, child);
                }
            }
            _ if is_section => self.wrong(node.line, path, "expected keys below it"),
            _ => {
                let near = nearest::nearest(path, self.keys().map(|key| key.path));
                let near = near.map_or_else(
                    || "there is no such key; docs/configuration.md lists all of them".into(),
                    |near| format!("there is no such key; did you mean {near}?"),
                );
                self.wrong(node.line, path, &near);
            }
        }
    }

    fn key(&mut self, key: &'static SectionKey<D>, node: &yaml::Node) {
        self.reading.prints.add(self.name, &(key.path, node));
        let expected = || format!("expected {}", key.expects);
        let done = match (&node.value, &key.set) {
            (yaml::Value::Nothing, _) => Ok(()),
            (yaml::Value::Text(text), Set::One(set)) => self.text(text, !key.is_secret).and_then(|text| set(&mut self.draft, &text)),
            (yaml::Value::Text(text), Set::Many(set)) => self.text(text, true).and_then(|text| {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                set(&mut self.draft, items.map(str::to_owned).collect())
            }),
            (yaml::Value::List(items), Set::Many(set)) => {
                let read = |item: &yaml::Node| match &item.value {
                    yaml::Value::Text(text) => self.text(text, true),
                    _ => Err(expected()),
                };
                items.iter().map(read).collect::<values::Result<_>>().and_then(|items| set(&mut self.draft, items))
            }
            (yaml::Value::Map(pairs), Set::Pairs(set)) => {
                let read = |(name, child): &(String, yaml::Node)| match &child.value {
                    yaml::Value::Text(text) => Ok((name.clone(), self.text(text, true)?)),
                    _ => Err(expected()),
                };
                pairs.iter().map(read).collect::<values::Result<_>>().and_then(|pairs| set(&mut self.draft, pairs))
            }
            _ => Err(expected()),
        };
        if let Err(problem) = done {
            self.wrong(node.line, key.path, &problem);
        }
    }

    fn secret_file(&mut self, key: &'static SectionKey<D>, node: &yaml::Node) {
        let yaml::Value::Text(file) = &node.value else { return self.wrong(node.line, key.path, "expected the name of a file") };
        let read = self.reading.text_of(Path::new(file)).map_err(|error| format!("the file {file} can not be read: {error}"));
        self.reading.prints.add(self.name, &(key.path, read.as_deref().unwrap_or_default()));
        let done = read.and_then(|text| match &key.set {
            Set::One(set) => set(&mut self.draft, text.trim_end_matches(['\r', '\n'])),
            Set::Many(_) | Set::Pairs(_) => Err("it can not come from a file".into()),
        });
        if let Err(problem) = done {
            self.wrong(node.line, key.path, &problem);
        }
    }
}
