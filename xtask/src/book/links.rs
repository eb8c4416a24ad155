//! The table of contents, and links between documents.
use std::{
    fs,
    path::{Component, Path, PathBuf},
};

use super::page::Page;
use crate::Result;

const CONTENTS: &str = "docs/SUMMARY.md";

/// Pages that the table of contents does not name, or names twice.
pub fn contents(pages: &[Page]) -> Vec<String> {
    let Some(summary) = pages.iter().find(|page| page.path == Path::new(CONTENTS)) else { return vec![format!("there is no {CONTENTS}")] };
    let named: Vec<PathBuf> = targets(summary).into_iter().map(|(_, target)| resolved(summary, &target)).collect();
    let of_book = pages.iter().filter(|page| page.is_in_book() && page.path != summary.path);
    of_book
        .filter_map(|page| match named.iter().filter(|path| **path == page.path).count() {
            1 => None,
            0 => Some(format!("{CONTENTS}: it does not name {}", page.path.display())),
            _ => Some(format!("{CONTENTS}: it names {} twice", page.path.display())),
        })
        .collect()
}

/// Pictures that no page shows.
pub fn unseen(pages: &[Page]) -> Result<Vec<String>> {
    let shown: Vec<PathBuf> = pages.iter().flat_map(|page| targets(page).into_iter().map(|(_, target)| resolved(page, &target))).collect();
    let mut unseen = Vec::new();
    for entry in fs::read_dir("docs/images")? {
        let path = entry?.path();
        if !shown.contains(&path) {
            unseen.push(format!("{}: no page shows it", path.display()));
        }
    }
    Ok(unseen)
}

/// Links that lead nowhere.
pub fn dead(pages: &[Page]) -> Vec<String> {
    pages.iter().flat_map(|page| targets(page).into_iter().filter_map(|(line, target)| wrong(pages, page, line, &target))).collect()
}

fn wrong(pages: &[Page], page: &Page, line: usize, target: &str) -> Option<String> {
    let said = |why: &str| Some(format!("{}:{line}: {target}: {why}", page.path.display()));
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let path = if path.is_empty() { page.path.clone() } else { resolved(page, path) };
    if !path.exists() {
        return said("there is no such file");
    }
    let is_page = path.extension().is_some_and(|end| end == "md");
    if page.is_in_book() && !path.starts_with("docs") && (is_page || path.is_dir()) {
        return said("in the book this leads nowhere: name a file that is no page, or a page of the book");
    }
    let anchor = anchor?;
    let known = pages.iter().find(|known| known.path == path)?;
    if known.anchors().iter().any(|known| known == anchor) { None } else { said("there is no such heading") }
}

/// The relative targets of a page's links and pictures, each with the number of its line.
fn targets(page: &Page) -> Vec<(usize, String)> {
    let mut targets = Vec::new();
    for (line, text) in page.prose() {
        let without_code: String = text.split('`').step_by(2).collect::<Vec<_>>().join("code");
        let mut rest = without_code.as_str();
        while let Some((_, from)) = rest.split_once("](") {
            let Some((target, behind)) = from.split_once(')') else { break };
            if !target.contains("://") && !target.starts_with("mailto:") {
                targets.push((line, target.to_owned()));
            }
            rest = behind;
        }
    }
    targets
}

/// A target as a path from the root.
fn resolved(page: &Page, target: &str) -> PathBuf {
    let mut path = page.path.parent().unwrap_or(Path::new("")).to_owned();
    for part in Path::new(target).components() {
        match part {
            Component::ParentDir => _ = path.pop(),
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(path: &str, text: &str) -> Page {
        Page { path: path.into(), text: text.into() }
    }

    #[test]
    fn targets_of_others_and_in_code_are_no_concern() {
        let page = page("docs/howto/x.md", "[a](../b.md#c), [d](https://e.example/), `[f](g)` ![h](i.webp)\n```\n[j](k)\n```\n");
        assert_eq!(targets(&page), [(1, "../b.md#c".to_owned()), (1, "i.webp".to_owned())]);
        assert_eq!(resolved(&page, "../b.md"), Path::new("docs/b.md"));
    }

    #[test]
    fn every_page_is_named_once() {
        let pages = [page(CONTENTS, "[a](a.md) [b](b.md) [b](b.md)"), page("docs/a.md", ""), page("docs/b.md", ""), page("docs/c.md", "")];
        let problems = contents(&pages);
        assert_eq!(problems.len(), 2);
        assert!(problems[0].contains("docs/b.md twice") && problems[1].contains("not name docs/c.md"));
    }
}
