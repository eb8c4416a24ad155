//! The few things done to the page itself. Only handlers and effects call them.
use leptos::{
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{Element, Event, HtmlElement},
};

/// Moves the focus to the element with this id.
pub fn focus(id: &str) {
    if let Some(element) = by_id(id) {
        drop(element.focus());
    }
}

/// Closes the popover with this id, if it is open.
pub fn hide_popover(id: &str) {
    if let Some(element) = by_id(id) {
        drop(element.hide_popover());
    }
}

/// Finds the nearest element around the event's target that matches.
pub(super) fn closest(event: &Event, selector: &str) -> Option<Element> {
    let target: Element = event.target()?.dyn_into().ok()?;
    target.closest(selector).ok()?
}

/// Finds the first element inside that matches.
pub(super) fn first_inside(element: &Element, selector: &str) -> Option<HtmlElement> {
    element.query_selector(selector).ok()??.dyn_into().ok()
}

fn by_id(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}
