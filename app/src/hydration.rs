//! The tags that wake a page in the browser. Leptos' own `HydrationScripts` knows neither our
//! addresses nor where the nonce belongs, so the shell uses this.
use std::collections::HashMap;

use leptos::{WasmSplitManifest, nonce::use_nonce, prelude::*};
use serde::Deserialize;

/// The addresses of one browser build; the builder writes them, the server carries them inside.
/// All of them are empty in a server that was built without one.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default)]
pub struct Bundle {
    /// The folder of all others; its name changes with their content.
    pub base: String,
    /// The script that loads the program and wakes the page.
    pub start: String,
    /// The JavaScript around the program.
    pub js: String,
    /// The program.
    pub wasm: String,
    /// The style sheet of all pages.
    pub css: String,
    /// The style sheet of the pages behind the door, on top of it.
    pub inside: String,
    /// The script that loads lazy parts, a name in `base`; an app without lazy parts has none.
    pub split: Option<String>,
    /// For each lazy function the files it lives in, names in `base` without `.wasm`.
    pub lazy: HashMap<String, Vec<String>>,
}

impl Bundle {
    /// The same build for a server that is mounted under `prefix` (like `/door`, or empty).
    pub fn under(&self, prefix: &str) -> Self {
        let place = |path: &str| {
            if path.is_empty() { String::new() } else { format!("{prefix}{path}") }
        };
        Self {
            base: place(&self.base),
            start: place(&self.start),
            js: place(&self.js),
            wasm: place(&self.wasm),
            css: place(&self.css),
            inside: place(&self.inside),
            split: self.split.clone(),
            lazy: self.lazy.clone(),
        }
    }
}

/// Renders the tags for the `<head>`; nothing when there is no browser build.
///
/// - `modulepreload` for each script and `preload` for the program make the browser fetch all of
///   them at once, not one after the other. `crossorigin="anonymous"` is the mode in which the
///   script fetches the program; with another one the browser would fetch it twice.
/// - The start script is a file, so the page has no inline script of ours. It finds the rest
///   beside itself, as the split loader does, so all works under any prefix.
/// - The nonce stands on what a `script-src` of nonces judges. The policy also needs
///   `'wasm-unsafe-eval'` and `'self'`, and must not have `'strict-dynamic'`: Leptos preloads
///   the split loader of a lazy page by a tag without nonce.
/// - For a lazy page Leptos preloads that page's files, with the manifest that is provided here.
pub fn hydration_tags(bundle: &Bundle) -> impl IntoView + use<> {
    if let Some(split) = &bundle.split {
        let manifest = (bundle.base.clone(), bundle.lazy.clone(), split.clone());
        provide_context(WasmSplitManifest(ArcStoredValue::new(manifest)));
    }
    let nonce = use_nonce();
    let (start, js, wasm) = (bundle.start.clone(), bundle.js.clone(), bundle.wasm.clone());
    let split = bundle.split.as_ref().map(|name| format!("{}/{name}", bundle.base));
    (!start.is_empty()).then(|| {
        view! {
            <link rel="modulepreload" href=js nonce=nonce.clone() />
            {split.map(|split| view! { <link rel="modulepreload" href=split nonce=nonce.clone() /> })}
            <link
                rel="preload"
                href=wasm
                r#as="fetch"
                r#type="application/wasm"
                crossorigin="anonymous"
            />
            <script type="module" src=start nonce=nonce></script>
        }
    })
}
