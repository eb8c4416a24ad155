//! The line where WebSockets do not come through: what is watched comes as one stream of server-sent
//! events. It takes the frames that a socket takes and tells what a socket tells; the stream is asked
//! for anew whenever another topic is watched.

pub use own::Events;

#[cfg(feature = "hydrate")]
mod own {
    use crate::{
        calls::{client::in_background, live::get_channel},
        prefix::at,
        state::{
            browser,
            socket::{Heard, listen},
            wanted::{Wanted, frame},
            watched::Kept,
        },
    };
    use leptos::task::spawn_local;
    use std::{
        cell::{Cell, RefCell},
        rc::Rc,
    };
    use wasm_bindgen::closure::Closure;
    use web_sys::{EventSource, MessageEvent};
    use wire::live::{Answer, Ask};

    /// How long topics are gathered before the stream is asked for, in milliseconds.
    const REST: u32 = 50;

    /// A line by events; dropped, it is over.
    pub struct Events(Rc<Inner>);

    /// What is done with an event's data.
    type Act = Box<dyn Fn(&Rc<Inner>, String)>;

    struct Inner {
        heard: Box<dyn Fn(Heard)>,
        wanted: RefCell<Wanted>,
        source: RefCell<Option<EventSource>>,
        /// Whether it was told that the line is open.
        is_open: Cell<bool>,
        /// Rises with each stream that is to be asked for, so that what was before is not heard any more.
        turn: Cell<u32>,
    }

    impl Events {
        /// Lays it for what is watched.
        pub(in crate::state) fn open(topics: Vec<Kept>, heard: impl Fn(Heard) + 'static) -> Self {
            let inner = Rc::new(Inner {
                heard: Box::new(heard),
                wanted: RefCell::new(Wanted::of(topics)),
                source: RefCell::default(),
                is_open: Cell::new(false),
                turn: Cell::new(0),
            });
            inner.lay();
            Self(inner)
        }

        /// Takes what a socket is told.
        pub fn take(&self, ask: &Ask) {
            if self.0.wanted.borrow_mut().take(ask) {
                let turn = self.0.next();
                let inner = Rc::clone(&self.0);
                spawn_local(async move {
                    browser::pause(REST).await;
                    if inner.turn.get() == turn {
                        inner.lay();
                    }
                });
            } else if matches!(ask, Ask::Ping { .. }) && self.0.wanted.borrow().address().is_none() {
                // Where nothing is wanted nothing comes by itself.
                self.0.tell(frame("pong", "", "{\"id\":null}"));
            }
        }
    }

    impl Drop for Events {
        fn drop(&mut self) {
            self.0.next();
            self.0.close();
        }
    }

    impl Inner {
        fn next(&self) -> u32 {
            self.turn.set(self.turn.get().wrapping_add(1));
            self.turn.get()
        }

        fn tell(&self, text: String) {
            (self.heard)(Heard::Text(text));
        }

        fn opened(&self) {
            if !self.is_open.replace(true) {
                (self.heard)(Heard::Open);
            }
        }

        fn close(&self) {
            if let Some(source) = self.source.take() {
                source.close();
            }
        }

        /// Asks for the stream of what is wanted now.
        fn lay(self: &Rc<Self>) {
            self.close();
            let turn = self.next();
            let Some(address) = self.wanted.borrow().address() else { return self.opened() };
            let Ok(source) = EventSource::new(&at(&address)) else { return (self.heard)(Heard::Closed) };
            let has_begun = Rc::new(Cell::new(false));
            let on = |event: &'static str, act: Act| {
                let inner = Rc::clone(self);
                listen(
                    &source,
                    event,
                    Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                        if inner.turn.get() == turn {
                            if let Ok(id) = event.last_event_id().parse() {
                                inner.wanted.borrow_mut().reached(id);
                            }
                            act(&inner, event.data().as_string().unwrap_or_default());
                        }
                    }),
                );
            };
            on("message", Box::new(|inner, data| inner.tell(data)));
            on("beat", Box::new(|inner, data| inner.tell(frame("pong", "", &data))));
            on("end", Box::new(|inner, data| inner.tell(frame("end", "", &data))));
            on("subscribed", {
                let has_begun = Rc::clone(&has_begun);
                Box::new(move |inner, data| {
                    has_begun.set(true);
                    inner.opened();
                    let said = inner.wanted.borrow_mut().begun(&data);
                    said.into_iter().for_each(|text| inner.tell(text));
                })
            });
            let inner = Rc::clone(self);
            listen(
                &source,
                "error",
                Closure::<dyn Fn()>::new(move || {
                    if inner.turn.get() == turn {
                        inner.broke(has_begun.get());
                    }
                }),
            );
            self.source.replace(Some(source));
        }

        /// The stream broke, or was refused: then for the sake of one topic, perhaps, which is left out.
        fn broke(self: &Rc<Self>, had_begun: bool) {
            self.close();
            let turn = self.next();
            if had_begun {
                return (self.heard)(Heard::Closed);
            }
            let inner = Rc::clone(self);
            spawn_local(async move {
                let topics = inner.wanted.borrow().topics();
                let mut is_less = false;
                for topic in topics {
                    let asked = in_background(get_channel(topic.clone())).await;
                    if inner.turn.get() != turn {
                        return;
                    }
                    let Err(failure) = asked else { continue };
                    if matches!(failure.status, 403 | 404) {
                        is_less = true;
                        inner.opened();
                        inner.wanted.borrow_mut().take(&Ask::Unsubscribe { reference: None, channel: topic.clone() });
                        let said = Answer::Error { reference: None, channel: Some(topic.to_string()), failure };
                        inner.tell(serde_json::to_string(&said).unwrap_or_default());
                    }
                }
                if is_less { inner.lay() } else { (inner.heard)(Heard::Closed) }
            });
        }
    }
}

#[cfg(not(feature = "hydrate"))]
mod own {
    use crate::state::{socket::Heard, watched::Kept};
    use wire::live::Ask;

    pub struct Events(());

    impl Events {
        pub(in crate::state) fn open(_: Vec<Kept>, _: impl Fn(Heard) + 'static) -> Self {
            Self(())
        }
        pub fn take(&self, _: &Ask) {}
    }
}
