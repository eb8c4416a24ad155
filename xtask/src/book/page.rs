//! The pages of the documents, and what Markdown makes of their lines.
use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::Result;

/// Documents that stand beside the book, whose links are looked at as well.
const BESIDE: [&str; 4] = ["README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"];

/// A page, by its path from the root of the workspace.
pub struct Page {
    pub path: PathBuf,
    pub text: String,
}

/// A block of code: its language, the number of its first line, and its lines without their indentation.
pub struct Block {
    pub language: String,
    pub line: usize,
    pub text: String,
}

/// All pages, in their order.
pub fn all() -> Result<Vec<Page>> {
    let mut paths: Vec<PathBuf> = BESIDE.iter().map(PathBuf::from).collect();
    gather(Path::new("docs"), &mut paths)?;
    paths.into_iter().map(|path| Ok(Page { text: fs::read_to_string(&path)?, path })).collect()
}

fn gather(folder: &Path, paths: &mut Vec<PathBuf>) -> Result {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            gather(&path, paths)?;
        } else if path.extension().is_some_and(|end| end == "md") {
            paths.push(path);
        }
    }
    Ok(())
}

impl Page {
    /// Whether it is a page of the book.
    pub fn is_in_book(&self) -> bool {
        self.path.starts_with("docs")
    }

    /// The lines outside of blocks of code, each with its number.
    pub fn prose(&self) -> Vec<(usize, &str)> {
        let mut is_code = false;
        let mut lines = Vec::new();
        for (at, line) in self.text.lines().enumerate() {
            if fence(line).is_some() {
                is_code = !is_code;
            } else if !is_code {
                lines.push((at + 1, line));
            }
        }
        lines
    }

    /// The blocks of code.
    pub fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut open: Option<(Block, usize)> = None;
        for (at, line) in self.text.lines().enumerate() {
            open = match (open.take(), fence(line)) {
                (None, Some((indent, language))) => {
                    Some((Block { language: language.to_owned(), line: at + 2, text: String::new() }, indent))
                }
                (None, None) => None,
                (Some((block, _)), Some(_)) => {
                    blocks.push(block);
                    None
                }
                (Some((mut block, indent)), None) => {
                    let spaces = line.len() - line.trim_start_matches(' ').len();
                    block.text.push_str(&line[spaces.min(indent)..]);
                    block.text.push('\n');
                    Some((block, indent))
                }
            };
        }
        blocks
    }

    /// The pieces of code within lines of prose, each with the number of its line.
    pub fn spans(&self) -> Vec<(usize, String)> {
        let mut spans = Vec::new();
        let mut open: Option<(usize, String)> = None;
        for (number, line) in self.prose() {
            for (at, part) in line.split('`').enumerate() {
                if at > 0 {
                    match open.take() {
                        Some(span) => spans.push(span),
                        None => open = Some((number, String::new())),
                    }
                }
                if let Some((_, text)) = &mut open {
                    text.push_str(part);
                }
            }
            // A paragraph ends what was left open; within one a span goes on behind a space.
            if line.trim().is_empty() {
                open = None;
            } else if let Some((_, text)) = &mut open {
                text.push(' ');
            }
        }
        spans
    }

    /// The anchors of its headings, as code hosts and mdBook make them.
    pub fn anchors(&self) -> Vec<String> {
        let (mut slugs, mut anchors) = (Vec::new(), Vec::new());
        for (_, line) in self.prose() {
            let Some(title) = line.strip_prefix('#').map(|rest| rest.trim_start_matches('#')).filter(|rest| rest.starts_with(' ')) else {
                continue;
            };
            let slug = slug(title.trim());
            let same = slugs.iter().filter(|known| **known == slug).count();
            anchors.push(if same == 0 { slug.clone() } else { format!("{slug}-{same}") });
            slugs.push(slug);
        }
        anchors
    }
}

/// The indentation and the language of a line that begins or ends a block.
fn fence(line: &str) -> Option<(usize, &str)> {
    let rest = line.trim_start_matches(' ');
    // A step of a list may begin with its block.
    let rest_of_step =
        rest.split_once(". ").filter(|(number, _)| number.chars().all(|c| c.is_ascii_digit())).map_or(rest, |(_, rest)| rest);
    rest_of_step.strip_prefix("```").map(|language| (line.len() - rest_of_step.len(), language.trim()))
}

fn slug(title: &str) -> String {
    let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Page {
        Page { path: "docs/x.md".into(), text: text.into() }
    }

    #[test]
    fn a_block_loses_the_indentation_of_its_step() {
        let page = page("1. One\n\n   ```yaml\n   a:\n     b: 1\n   ```\n2. ```sh\n   ls\n   ```\n");
        let blocks = page.blocks();
        assert_eq!((blocks[0].language.as_str(), blocks[0].line, blocks[0].text.as_str()), ("yaml", 4, "a:\n  b: 1\n"));
        assert_eq!((blocks[1].language.as_str(), blocks[1].text.as_str()), ("sh", "ls\n"));
    }

    #[test]
    fn a_span_may_go_on_in_the_next_line() {
        let page = page("Say `doorward user\nlist` or `x`.\n\nA ` alone.\n\n`y`\n");
        assert_eq!(page.spans(), [(1, "doorward user list".to_owned()), (2, "x".to_owned()), (6, "y".to_owned())]);
    }

    #[test]
    fn anchors_are_those_of_code_hosts() {
        let page = page("# What's `new`, then?\n## A b\n```\n# no heading\n```\n## A b\n#no\n## A\n");
        assert_eq!(page.anchors(), ["whats-new-then", "a-b", "a-b-1", "a"]);
    }
}
