//! The browser's own abilities, each as one function; on the server they do nothing.
//!
//! All of the dashboard that touches `window` is here, in [`super::storage`] and in `calls/client.rs`.

pub use own::*;

/// What a request came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

#[cfg(feature = "hydrate")]
mod own {
    use super::Answer;
    use crate::prefix::{at, named};
    use std::{cell::RefCell, rc::Rc};
    use wasm_bindgen::{JsCast, JsValue, closure::Closure};
    use wasm_bindgen_futures::{JsFuture, future_to_promise};
    use web_sys::{BroadcastChannel, Document, HtmlElement, MessageEvent, Response, VisibilityState, Window};

    fn window() -> Window {
        web_sys::window().expect("a page has a window")
    }

    fn document() -> Document {
        window().document().expect("a window has a document")
    }

    /// The milliseconds since 1970, by the device's clock.
    #[must_use]
    pub fn now() -> i64 {
        js_sys::Date::now() as i64
    }

    /// How many minutes the device's clock is east of Greenwich.
    #[must_use]
    pub fn zone_minutes() -> i64 {
        -js_sys::Date::new_0().get_timezone_offset() as i64
    }

    /// The day that a moment falls on by the device's clock, as `2026-11-20`.
    #[must_use]
    pub fn day_of(at: i64) -> String {
        let date = js_sys::Date::new(&JsValue::from_f64(at as f64));
        format!("{:04}-{:02}-{:02}", date.get_full_year(), date.get_month() + 1, date.get_date())
    }

    /// When a day begins by the device's clock.
    #[must_use]
    pub fn beginning_of(day: &str) -> Option<i64> {
        let at = js_sys::Date::parse(&[day, "T00:00"].concat());
        (!at.is_nan()).then_some(at as i64)
    }

    /// The path and the query of the page that is open.
    #[must_use]
    pub fn place() -> String {
        let location = window().location();
        location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
    }

    /// The host that the page came from, as the address bar shows it.
    #[must_use]
    pub fn host() -> String {
        window().location().host().unwrap_or_default()
    }

    /// Where the page came from, as the beginning of an address: `https://door.example`.
    #[must_use]
    pub fn origin() -> String {
        window().location().origin().unwrap_or_default()
    }

    /// The last second of a day like `2027-02-18` in the reader's zone, in milliseconds since 1970.
    #[must_use]
    pub fn end_of_day(day: &str) -> Option<i64> {
        let at = js_sys::Date::parse(&[day, "T23:59:59"].concat());
        at.is_finite().then_some(at as i64)
    }

    /// Goes to another address, with a fresh start of everything.
    pub fn assign(address: &str) {
        let _ = window().location().assign(address);
    }

    /// Goes to a page of ours, with a fresh start of everything.
    pub fn enter(path: &str) {
        assign(&at(path));
    }

    /// Writes an address of ours into the address bar, as the next step of the history.
    pub fn push(address: &str) {
        if let Ok(history) = window().history() {
            let _ = history.push_state_with_url(&JsValue::NULL, "", Some(address));
        }
    }

    /// Loads this page again.
    pub fn reload() {
        let _ = window().location().reload();
    }

    /// Opens an address in another tab.
    pub fn open_tab(address: &str) {
        let _ = window().open_with_url_and_target(address, "_blank");
    }

    /// Whether somebody can see the page.
    #[must_use]
    pub fn is_visible() -> bool {
        document().visibility_state() == VisibilityState::Visible
    }

    /// Does something each time the page comes into view again.
    pub fn on_visible(action: impl Fn() + 'static) {
        let heard = Closure::<dyn Fn()>::new(move || {
            if is_visible() {
                action();
            }
        });
        let _ = document().add_event_listener_with_callback("visibilitychange", heard.as_ref().unchecked_ref());
        heard.forget();
    }

    /// Does something each time another tab of this site has stored something.
    pub fn on_stored(action: impl Fn() + 'static) {
        let heard = Closure::<dyn Fn()>::new(action);
        let _ = window().add_event_listener_with_callback("storage", heard.as_ref().unchecked_ref());
        heard.forget();
    }

    /// Loads the page again when Back brings it from the browser's memory: it may be of a session
    /// that has ended.
    pub fn reload_when_brought_back() {
        let heard = Closure::<dyn Fn(web_sys::PageTransitionEvent)>::new(|event: web_sys::PageTransitionEvent| {
            if event.persisted() {
                reload();
            }
        });
        let _ = window().add_event_listener_with_callback("pageshow", heard.as_ref().unchecked_ref());
        heard.forget();
    }

    /// Moves the focus to the first element that the selector finds.
    pub fn focus(selector: &str) {
        let found = document().query_selector(selector).ok().flatten();
        if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            let _ = element.focus();
        }
    }

    /// Whether there is an element that the selector finds.
    #[must_use]
    pub fn finds(selector: &str) -> bool {
        document().query_selector(selector).is_ok_and(|found| found.is_some())
    }

    /// Sets an attribute of `<html>`, or takes it away.
    pub fn mark_root(name: &str, value: Option<&str>) {
        if let Some(root) = document().document_element() {
            let _ = match value {
                Some(value) => root.set_attribute(name, value),
                None => root.remove_attribute(name),
            };
        }
    }

    thread_local! {
        static AWAKE: RefCell<Awake> = const { RefCell::new(Awake::Asleep(Vec::new())) };
    }

    enum Awake {
        Asleep(Vec<Box<dyn FnOnce()>>),
        Yes,
    }

    /// Does something once the whole page is taken over; at once when it is already.
    pub fn when_awake(action: impl FnOnce() + 'static) {
        let now = AWAKE.with(|awake| match &mut *awake.borrow_mut() {
            Awake::Asleep(waiting) => {
                waiting.push(Box::new(action));
                None
            }
            Awake::Yes => Some(action),
        });
        if let Some(action) = now {
            action();
        }
    }

    /// Says that the whole page is taken over.
    pub fn awake() {
        if let Awake::Asleep(waiting) = AWAKE.with(|awake| awake.replace(Awake::Yes)) {
            waiting.into_iter().for_each(|action| action());
        }
    }

    /// Keeps clicks from our own listeners until it is dropped; what the browser does of itself with
    /// a click stays.
    pub struct HeldClicks(Closure<dyn Fn(web_sys::Event)>);

    /// Begins to keep clicks from our own listeners.
    pub fn hold_clicks() -> HeldClicks {
        let heard = Closure::<dyn Fn(web_sys::Event)>::new(|event: web_sys::Event| event.stop_immediate_propagation());
        let _ = window().add_event_listener_with_callback_and_bool("click", heard.as_ref().unchecked_ref(), true);
        HeldClicks(heard)
    }

    impl Drop for HeldClicks {
        fn drop(&mut self) {
            let _ = window().remove_event_listener_with_callback_and_bool("click", self.0.as_ref().unchecked_ref(), true);
        }
    }

    /// Waits.
    pub async fn pause(millis: u32) {
        gloo_timers::future::TimeoutFuture::new(millis).await;
    }

    thread_local! {
        static CHANNEL: RefCell<Option<BroadcastChannel>> = const { RefCell::new(None) };
    }

    /// Hears what the other tabs of this dashboard say.
    pub fn hear_tabs(name: &str, action: impl Fn(String) + 'static) {
        let Ok(channel) = BroadcastChannel::new(&named(name)) else { return };
        let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(text) = event.data().as_string() {
                action(text);
            }
        });
        channel.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        heard.forget();
        CHANNEL.with(|kept| kept.replace(Some(channel)));
    }

    /// Says something to the other tabs of this dashboard.
    pub fn tell_tabs(text: &str) {
        CHANNEL.with(|kept| {
            if let Some(channel) = kept.borrow().as_ref() {
                let _ = channel.post_message(&text.into());
            }
        });
    }

    /// Does something while no other tab of this dashboard does (Web Locks). Where the browser has no
    /// locks, as on plain HTTP away from loopback, it is done all the same.
    pub async fn alone<T: 'static>(name: &str, work: impl Future<Output = T> + 'static) -> T {
        let navigator = window().navigator();
        let locks = js_sys::Reflect::get(&navigator, &"locks".into()).unwrap_or(JsValue::UNDEFINED);
        let request = js_sys::Reflect::get(&locks, &"request".into()).ok().and_then(|f| f.dyn_into::<js_sys::Function>().ok());
        let Some(request) = request else { return work.await };
        let result = Rc::new(RefCell::new(None));
        // Shared with the callback, so that work goes on even where the lock is refused.
        let work = Rc::new(RefCell::new(Some(Box::pin(work))));
        let granted = Closure::<dyn FnMut() -> js_sys::Promise>::new({
            let (result, work) = (Rc::clone(&result), Rc::clone(&work));
            move || {
                let (result, work) = (Rc::clone(&result), work.take());
                future_to_promise(async move {
                    if let Some(work) = work {
                        let value = work.await;
                        result.replace(Some(value));
                    }
                    Ok(JsValue::UNDEFINED)
                })
            }
        });
        if let Ok(done) = request.call2(&locks, &named(name).into(), granted.as_ref()) {
            let _ = JsFuture::from(js_sys::Promise::from(done)).await;
        }
        if let Some(work) = work.take() {
            return work.await;
        }
        result.take().expect("work that was taken under the lock has ended with it")
    }

    /// Posts a body to a path of ours, and waits for the answer for at most half a minute; `None`: there was none.
    pub async fn post(path: &str, headers: &[(&str, &str)], body: &str) -> Option<Answer> {
        let request = web_sys::RequestInit::new();
        request.set_method("POST");
        request.set_body(&body.into());
        let all = web_sys::Headers::new().ok()?;
        for (name, value) in headers {
            all.set(name, value).ok()?;
        }
        request.set_headers(&all);
        request.set_signal(Some(&web_sys::AbortSignal::timeout_with_u32(30_000)));
        let response: Response = JsFuture::from(window().fetch_with_str_and_init(&at(path), &request)).await.ok()?.dyn_into().ok()?;
        let body = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
        Some(Answer { status: response.status(), body })
    }

    /// Whether a path of ours answers well within five seconds.
    pub async fn answers(path: &str) -> bool {
        let request = web_sys::RequestInit::new();
        request.set_signal(Some(&web_sys::AbortSignal::timeout_with_u32(5_000)));
        let response = JsFuture::from(window().fetch_with_str_and_init(&at(path), &request)).await;
        response.ok().and_then(|r| r.dyn_into::<Response>().ok()).is_some_and(|r| r.ok())
    }
}

/// On the server there is no browser.
#[cfg(not(feature = "hydrate"))]
mod own {
    use super::Answer;

    #[must_use]
    pub fn now() -> i64 {
        0
    }
    #[must_use]
    pub fn zone_minutes() -> i64 {
        0
    }
    #[must_use]
    pub fn day_of(at: i64) -> String {
        wire::Timestamp(at).to_string().get(..10).unwrap_or_default().to_owned()
    }
    #[must_use]
    pub fn beginning_of(day: &str) -> Option<i64> {
        wire::Timestamp::parse(&[day, "T00:00:00Z"].concat()).map(wire::Timestamp::millis)
    }
    #[must_use]
    pub fn place() -> String {
        "/".into()
    }
    #[must_use]
    pub fn host() -> String {
        String::new()
    }
    #[must_use]
    pub fn origin() -> String {
        String::new()
    }
    #[must_use]
    pub fn end_of_day(_: &str) -> Option<i64> {
        None
    }
    pub fn assign(_: &str) {}
    pub fn enter(_: &str) {}
    pub fn push(_: &str) {}
    pub fn reload() {}
    pub fn open_tab(_: &str) {}
    #[must_use]
    pub fn is_visible() -> bool {
        false
    }
    pub fn on_visible(_: impl Fn() + 'static) {}
    pub fn on_stored(_: impl Fn() + 'static) {}
    pub fn reload_when_brought_back() {}
    pub fn focus(_: &str) {}
    #[must_use]
    pub fn finds(_: &str) -> bool {
        false
    }
    pub fn mark_root(_: &str, _: Option<&str>) {}
    pub async fn pause(_: u32) {}
    pub fn when_awake(_: impl FnOnce() + 'static) {}
    pub fn hear_tabs(_: &str, _: impl Fn(String) + 'static) {}
    pub fn tell_tabs(_: &str) {}
    pub async fn alone<T: 'static>(_: &str, work: impl Future<Output = T> + 'static) -> T {
        work.await
    }
    pub async fn post(_: &str, _: &[(&str, &str)], _: &str) -> Option<Answer> {
        None
    }
    pub async fn answers(_: &str) -> bool {
        false
    }
}
