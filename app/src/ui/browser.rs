//! Browser interfaces that exist only in the browser's build. The server's twins do nothing.

#[cfg(feature = "hydrate")]
pub use real::*;
#[cfg(not(feature = "hydrate"))]
pub use twin::*;

/// How a moment is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeStyle {
    /// How long ago or how soon: "12 min ago", "yesterday".
    #[default]
    Relative,
    /// The time of day: "09:41:07".
    Clock,
    /// The day: "14 Oct 2026".
    Day,
    /// Both, to the minute: "20 Nov 2026, 09:41".
    Exact,
}

#[cfg(feature = "hydrate")]
mod real {
    use js_sys::{Array, Date, Function, Intl, Object, Reflect};
    use leptos::{ev::MouseEvent, prelude::*, web_sys};
    use wasm_bindgen::{JsCast, JsValue};

    use super::TimeStyle;
    use crate::prefix::named;

    const THEME: &str = "doorward.theme";

    /// Copies a text; `told` hears whether it worked.
    pub fn copy(text: &str, event: &MouseEvent, told: impl Fn(bool) + 'static) {
        // Without TLS there is no clipboard; the old way still works there.
        if !window().is_secure_context() {
            told(copy_by_selection(text, event).unwrap_or_default());
            return;
        }
        let written = window().navigator().clipboard().write_text(text);
        leptos::task::spawn_local(async move {
            told(wasm_bindgen_futures::JsFuture::from(written).await.is_ok());
        });
    }

    /// Copies by selecting the text in a control beside the button, where dialogs allow the focus.
    fn copy_by_selection(text: &str, event: &MouseEvent) -> Option<bool> {
        let button: web_sys::HtmlElement = event.current_target()?.dyn_into().ok()?;
        let area = document().create_element("textarea").ok()?;
        area.set_class_name("sr-only");
        area.set_text_content(Some(text));
        button.parent_element()?.append_child(&area).ok()?;
        let select: Function = Reflect::get(&area, &"select".into()).ok()?.dyn_into().ok()?;
        let run: Function = Reflect::get(&document(), &"execCommand".into()).ok()?.dyn_into().ok()?;
        drop(select.call0(&area));
        let is_copied = run.call1(&document(), &"copy".into()).ok()?.is_truthy();
        area.remove();
        drop(button.focus());
        Some(is_copied)
    }

    /// Reads the theme chosen on this device.
    pub fn stored_theme() -> Option<String> {
        window().local_storage().ok()??.get_item(&named(THEME)).ok()?
    }

    /// Keeps the theme on this device and shows it; without one, the system decides.
    pub fn choose_theme(theme: Option<&str>) {
        let storage = window().local_storage().ok().flatten();
        let Some(root) = document().document_element() else {
            return;
        };
        if let Some(theme) = theme {
            drop(root.set_attribute("data-theme", theme));
            storage.map(|storage| storage.set_item(&named(THEME), theme));
        } else {
            drop(root.remove_attribute("data-theme"));
            storage.map(|storage| storage.remove_item(&named(THEME)));
        }
    }

    /// Writes a moment in the reader's zone and language. None if the browser can't.
    pub fn write_time(at: i64, style: TimeStyle) -> Option<String> {
        match style {
            TimeStyle::Relative => Some(relative(at)),
            TimeStyle::Clock => Some(local(at, &[("hour", "2-digit"), ("minute", "2-digit"), ("second", "2-digit")])),
            TimeStyle::Day => Some(local(at, &[("day", "numeric"), ("month", "short"), ("year", "numeric")])),
            TimeStyle::Exact => {
                Some(local(at, &[("day", "numeric"), ("month", "short"), ("year", "numeric"), ("hour", "2-digit"), ("minute", "2-digit")]))
            }
        }
    }

    fn local(at: i64, parts: &[(&str, &str)]) -> String {
        let date = Date::new(&JsValue::from_f64(at as f64));
        let format = Intl::DateTimeFormat::new(&languages(), &options(parts));
        let text = format.format().call1(&JsValue::UNDEFINED, &date);
        text.ok().and_then(|text| text.as_string()).unwrap_or_default()
    }

    fn relative(at: i64) -> String {
        const MINUTE: i64 = 60;
        const HOUR: i64 = 60 * MINUTE;
        const DAY: i64 = 24 * HOUR;
        let seconds = (at - Date::now() as i64) / 1000;
        let (amount, unit) = match seconds.abs() {
            0..45 => return "now".to_owned(),
            45..HOUR => ((seconds as f64 / MINUTE as f64).round(), "minute"),
            HOUR..DAY => ((seconds as f64 / HOUR as f64).round(), "hour"),
            distance if distance < 45 * DAY => ((seconds as f64 / DAY as f64).round(), "day"),
            _ => return local(at, &[("day", "numeric"), ("month", "short"), ("year", "numeric")]),
        };
        let format = Intl::RelativeTimeFormat::new(&languages(), &options(&[("numeric", "auto"), ("style", "short")]));
        format.format(amount, unit).into()
    }

    /// The interface is in English, so are its times; the zone is the reader's.
    fn languages() -> Array {
        Array::of1(&"en-GB".into())
    }

    fn options(parts: &[(&str, &str)]) -> Object {
        let options = Object::new();
        for (name, value) in parts {
            drop(Reflect::set(&options, &(*name).into(), &(*value).into()));
        }
        options
    }
}

#[cfg(not(feature = "hydrate"))]
mod twin {
    use leptos::ev::MouseEvent;

    use super::TimeStyle;

    /// Does nothing.
    pub fn copy(_: &str, _: &MouseEvent, _: impl Fn(bool) + 'static) {}

    /// Knows no theme.
    pub fn stored_theme() -> Option<String> {
        None
    }

    /// Does nothing.
    pub fn choose_theme(_: Option<&str>) {}

    /// Knows no zone.
    pub fn write_time(_: i64, _: TimeStyle) -> Option<String> {
        None
    }
}
