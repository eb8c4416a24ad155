//! The browser's entry. It exists so that the cdylib holds nothing else.
use wasm_bindgen::prelude::wasm_bindgen;

/// Takes over the page that the server sent.
#[wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    app::wake().await;
}
