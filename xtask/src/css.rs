//! The style sheets: `style/main.css` and `style/inside.css`, each with all that it imports in one
//! small file.
use std::{fs, path::Path};

use lightningcss::{
    bundler::{Bundler, FileProvider},
    stylesheet::{MinifyOptions, ParserOptions, PrinterOptions},
    targets::{Browsers, Targets},
};

use crate::{Result, build::Profile, compress, fresh, wasm::NAME};

/// The sheet of the pages behind the door.
pub const INSIDE: &str = "inside.css";

/// The oldest browsers that are served. All of them know `light-dark()` and nesting, so both
/// stay as they are written.
const BROWSERS: Browsers = Browsers {
    chrome: version(125, 0),
    edge: version(125, 0),
    firefox: version(128, 0),
    safari: version(17, 5),
    ios_saf: version(17, 5),
    android: None,
    ie: None,
    opera: None,
    samsung: None,
};

const fn version(major: u32, minor: u32) -> Option<u32> {
    Some(major << 16 | minor << 8)
}

/// Makes the folder `css` of the bundle.
pub fn make(profile: Profile) -> Result {
    let mark = fresh::mark(&[Path::new("style")])?;
    fresh::folder(&profile.parts().join("css"), &mark, |out| {
        fs::write(out.join(format!("{NAME}.css")), minified(Path::new("style/main.css"))?)?;
        fs::write(out.join(INSIDE), minified(Path::new("style/inside.css"))?)?;
        if profile == Profile::Release {
            compress::folder(out)?;
        }
        Ok(())
    })
}

fn minified(main: &Path) -> Result<String> {
    let targets = Targets::from(BROWSERS);
    let files = FileProvider::new();
    let mut sheet = Bundler::new(&files, None, ParserOptions::default()).bundle(main).map_err(|e| e.to_string())?;
    sheet.minify(MinifyOptions { targets, ..MinifyOptions::default() }).map_err(|e| e.to_string())?;
    let text = sheet.to_css(PrinterOptions { minify: true, targets, ..PrinterOptions::default() }).map_err(|e| e.to_string())?;
    Ok(text.code)
}
