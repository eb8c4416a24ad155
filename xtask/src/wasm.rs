//! The browser's program: compiled, split where the app has lazy pages, given its JavaScript,
//! made small and compressed. wasm-bindgen is a library here, so Cargo.lock keeps it equal to the
//! crate's.
use std::{fs, path::Path, sync::Mutex, thread};

use crate::{
    Result,
    build::Profile,
    command::{cargo, npm_tool, output, run},
    compress, fresh, lazy,
    setup::WASM,
};

/// The name of the files: doorward.js, doorward.wasm, doorward.css.
pub const NAME: &str = "doorward";
/// The script that a page loads.
pub const START: &str = "start.js";
/// The script that loads the lazy parts; only a split program has it.
pub const SPLIT: &str = "split.js";

/// What the linker leaves in place of a lazy function.
const LAZY: &[u8] = b"__wasm_split_placeholder__";

/// Makes the folder `wasm` of the bundle: `files/` for the browser, and `lazy.json`, which says
/// what files each lazy function lives in.
pub fn make(profile: Profile) -> Result {
    let (name, folder) = match profile {
        Profile::Debug => ("dev", "debug"),
        Profile::Release => ("wasm-release", "wasm-release"),
    };
    run(&mut cargo(&format!("build --package frontend --lib --target {WASM} --profile {name}")))?;
    let input = Path::new("target").join(WASM).join(folder).join("frontend.wasm");
    let mark = fresh::mark(&[&input, Path::new("package-lock.json")])?;
    fresh::folder(&profile.parts().join("wasm"), &mark, |out| {
        let files = out.join("files");
        fs::create_dir(&files)?;
        bind(&input, out, &files, profile)?;
        fs::write(files.join(START), start())?;
        if profile == Profile::Release {
            minify(&files)?;
            shrink(&files)?;
            compress::folder(&files)?;
        }
        Ok(())
    })
}

/// Splits the program and writes the JavaScript around it.
fn bind(input: &Path, out: &Path, files: &Path, profile: Profile) -> Result {
    let program = fs::read(input)?;
    // A program with lazy functions does not even load unless it is split.
    let is_split = program.windows(LAZY.len()).any(|w| w == LAZY);
    let mut main = input.to_owned();
    let mut lazy = lazy::Files::new();
    if is_split {
        main = out.join("main.wasm");
        let module = format!("./{NAME}.js");
        let link = format!("./{SPLIT}");
        let mut options = wasm_split_cli_support::Options::new(&program);
        options.output_dir = files;
        options.main_out_path = &main;
        options.main_module = &module;
        options.link_name = &link;
        let split = wasm_split_cli_support::transform(options).map_err(|e| e.to_string())?;
        lazy = split.prefetch_map.into_iter().collect();
    }
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(&main)
        .out_name(NAME)
        .web(true)?
        .typescript(false)
        .keep_lld_exports(is_split)
        .demangle(!is_split)
        .generate(files)?;
    fs::rename(files.join(format!("{NAME}_bg.wasm")), files.join(format!("{NAME}.wasm")))?;
    if is_split {
        fs::remove_file(main)?;
        // The splitter's own loader checks more, which a debug build may like.
        if profile == Profile::Release {
            lazy = lazy::gather(files, lazy)?;
        }
    }
    Ok(fs::write(out.join("lazy.json"), serde_json::to_vec(&lazy)?)?)
}

/// The addresses are relative to the script's own, as those inside `split.js` are.
fn start() -> String {
    format!(
        "import start, {{ hydrate }} from \"./{NAME}.js\";\n\
         await start({{ module_or_path: new URL(\"./{NAME}.wasm\", import.meta.url) }});\n\
         hydrate();\n"
    )
}

/// Takes what only people read out of the scripts; names that others know stay.
fn minify(files: &Path) -> Result {
    for file in fresh::files(files)?.into_iter().filter(|file| file.extension().is_some_and(|e| e == "js")) {
        let mut tool = npm_tool("esbuild")?;
        tool.arg(&file).args(["--minify", "--format=esm", "--target=es2022", "--allow-overwrite", "--log-level=error"]);
        output(tool.arg(format!("--outfile={}", file.display())))?;
    }
    Ok(())
}

/// Runs wasm-opt on each WASM file, one at a time for each core.
fn shrink(files: &Path) -> Result {
    let mut programs = fresh::files(files)?;
    programs.retain(|file| file.extension().is_some_and(|e| e == "wasm"));
    // The largest is last, and so taken first.
    programs.sort_by_key(|file| fs::metadata(file).map_or(0, |about| about.len()));
    let queue = Mutex::new(programs);
    let work = || -> std::result::Result<(), String> {
        loop {
            let next = queue.lock().expect("no worker panics").pop();
            let Some(file) = next else { return Ok(()) };
            shrink_one(&file).map_err(|e| e.to_string())?;
        }
    };
    let cores = thread::available_parallelism()?.get();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            worker.join().expect("no worker panics")?;
        }
        Ok(())
    })
}

fn shrink_one(file: &Path) -> Result {
    let mut tool = npm_tool("wasm-opt")?;
    // Nothing is inlined: what stands there twice compresses well, what is inlined twice does not.
    tool.args(["-Os", "--flexible-inline-max-function-size=0", "--always-inline-max-function-size=0"]);
    tool.args(["--one-caller-inline-max-function-size=0", "--enable-bulk-memory", "--enable-nontrapping-float-to-int"]);
    // Functions of one name are of one making: side by side they compress better.
    tool.args(["--reorder-functions-by-name", "--strip-debug"]);
    output(tool.arg(file).arg("-o").arg(file))?;
    Ok(())
}
