//! The lazy parts of the program, in few files.
//! The splitter makes a file for each set of pages that share something: with a dozen of lazy
//! pages a hundred files, most of them tiny, and a browser would ask for fifty to show one page.
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::Path,
};

use crate::{
    Result, merge,
    wasm::{NAME, SPLIT},
};

/// For each lazy function the files it lives in, without their ending.
pub type Files = BTreeMap<String, Vec<String>>;

/// The name of the file for everything small that pages share.
const SHARED: &str = "shared";
/// From this size on, in bytes before any compression, a shared part stays a file of its own.
const LARGE: u64 = 16 * 1024;

/// Merges the small shared parts into one file and writes the loader anew.
pub fn gather(folder: &Path, lazy: Files) -> Result<Files> {
    let chunks: BTreeSet<&String> = lazy.values().flatten().filter(|file| file.starts_with("chunk_")).collect();
    let mut small = BTreeMap::new();
    for chunk in chunks {
        let module = fs::read(folder.join(format!("{chunk}.wasm")))?;
        if merge::size(&module)? < LARGE {
            small.insert(chunk.clone(), module);
        }
    }
    if !small.is_empty() {
        fs::write(folder.join(format!("{SHARED}.wasm")), merge::merge(small.values())?)?;
        for chunk in small.keys() {
            fs::remove_file(folder.join(format!("{chunk}.wasm")))?;
        }
    }
    let gathered = lazy.into_iter().map(|(function, files)| {
        let count = files.len();
        let mut files: Vec<String> = files.into_iter().filter(|file| !small.contains_key(file)).collect();
        if files.len() < count {
            files.insert(0, SHARED.into());
        }
        (function, files)
    });
    let gathered = gathered.collect();
    fs::write(folder.join(SPLIT), loader(&gathered)?)?;
    Ok(gathered)
}

/// The script that the program calls for its lazy functions: each gets a callback and its data,
/// and calls it with whether all files are there.
fn loader(lazy: &Files) -> Result<String> {
    let mut script = format!("import {{ initSync }} from \"./{NAME}.js\";\n{LOADER}");
    for (function, files) in lazy {
        let files = serde_json::to_string(files)?;
        writeln!(script, "export const __wasm_split_load_{function} = loader({files});")?;
    }
    Ok(script)
}

/// A file is loaded once. While the server is away it is asked for again and again; one that the
/// server does not know any more is of an older build, and the page has to be loaded anew.
const LOADER: &str = r#"const files = new Map();
const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));
async function ask(name) {
  for (let time = 500; ; time = Math.min(time * 2, 8000)) {
    try {
      const response = await fetch(new URL(`./${name}.wasm`, import.meta.url));
      if (response.status === 404) {
        location.reload();
        return new Promise(() => {});
      }
      if (response.ok) return response;
    } catch {
      // Nobody answers.
    }
    await pause(time);
  }
}
function load(name) {
  if (!files.has(name)) {
    files.set(name, WebAssembly.instantiateStreaming(ask(name), { __wasm_split: initSync() }));
  }
  return files.get(name);
}
const loader = (names) => async (callback, data) => {
  let isDone = true;
  try {
    await Promise.all(names.map(load));
  } catch (error) {
    console.error(error);
    isDone = false;
  }
  initSync().__indirect_function_table.get(callback)(data, isDone);
};
"#;
