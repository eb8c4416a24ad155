//! Steps that write a folder: one whose sources are unchanged does nothing, and a new
//! folder takes the old one's place only when it is whole and differs.
use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

use crate::Result;

/// What decides how a step does its work, beside its sources.
const BUILDER: [&str; 2] = ["xtask/src", "xtask/Cargo.toml"];

/// A mark of what these files and folders hold, and of the builder.
pub fn mark(sources: &[&Path]) -> Result<String> {
    let mut hash = DefaultHasher::new();
    for source in sources.iter().copied().chain(BUILDER.map(Path::new)) {
        hash_content(source, &mut hash)?;
    }
    Ok(format!("{:016x}", hash.finish()))
}

/// A quick mark of these files and folders, which changes when any of them is written.
pub fn times(sources: &[&Path]) -> Result<u64> {
    let mut hash = DefaultHasher::new();
    for source in sources {
        for file in files(source)? {
            let about = fs::metadata(&file)?;
            (&file, about.len(), about.modified()?).hash(&mut hash);
        }
    }
    Ok(hash.finish())
}

/// Adds the names and bytes of the files at or under a path.
pub fn hash_content(path: &Path, hash: &mut DefaultHasher) -> Result {
    for file in files(path)? {
        file.strip_prefix(path)?.hash(hash);
        fs::read(&file)?.hash(hash);
    }
    Ok(())
}

/// All files at or under a path, sorted; none when the path does not exist.
pub fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    if !path.exists() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(path)? {
        found.extend(files(&entry?.path())?);
    }
    found.sort();
    Ok(found)
}

/// Makes the folder `out` unless it was made for the same mark.
/// `make` writes into an empty folder beside it.
pub fn folder(out: &Path, mark: &str, make: impl FnOnce(&Path) -> Result) -> Result {
    let stamp = out.with_extension("mark");
    if out.is_dir() && fs::read_to_string(&stamp).is_ok_and(|m| m == mark) {
        return Ok(());
    }
    let new = out.with_extension("new");
    let old = out.with_extension("old");
    remove(&new)?;
    remove(&old)?;
    fs::create_dir_all(&new)?;
    make(&new)?;
    if is_same(&new, out)? {
        remove(&new)?;
    } else {
        if out.exists() {
            fs::rename(out, &old)?;
        }
        fs::rename(&new, out)?;
    }
    fs::write(stamp, mark)?;
    remove(&old)
}

/// Whether two folders hold the same; what reads the old one then sees no change.
fn is_same(one: &Path, other: &Path) -> Result<bool> {
    let (mut first, mut second) = (DefaultHasher::new(), DefaultHasher::new());
    hash_content(one, &mut first)?;
    hash_content(other, &mut second)?;
    Ok(first.finish() == second.finish())
}

fn remove(folder: &Path) -> Result {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    #[test]
    fn a_fresh_folder_is_left_alone_and_a_failed_one_does_not_replace_it() {
        let out = env::temp_dir().join(format!("doorward-fresh-{}", std::process::id())).join("out");
        let write = |text: &'static str| move |to: &Path| Ok(fs::write(to.join("file"), text)?);
        let read = || fs::read_to_string(out.join("file")).unwrap();

        folder(&out, "1", write("first")).unwrap();
        folder(&out, "1", write("again")).unwrap();
        assert_eq!(read(), "first");

        folder(&out, "2", |_| Err("no".into())).unwrap_err();
        assert_eq!(read(), "first");

        folder(&out, "2", write("second")).unwrap();
        assert_eq!(read(), "second");
        fs::remove_dir_all(out.parent().unwrap()).unwrap();
    }
}
