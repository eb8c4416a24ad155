//! A WebSocket of the browser; on the server there is none.

pub use own::Socket;
#[cfg(feature = "hydrate")]
pub(super) use own::listen;

/// What a socket tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// It is open.
    Open,
    /// A frame came.
    Text(String),
    /// It is over, or could not be opened.
    Closed,
}

#[cfg(feature = "hydrate")]
mod own {
    use super::Heard;
    use crate::{prefix::at, state::browser};
    use std::{cell::Cell, rc::Rc};
    use wasm_bindgen::{
        JsCast,
        closure::{Closure, WasmClosure},
    };
    use web_sys::{EventTarget, MessageEvent, WebSocket};

    /// How far it has come.
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Stage {
        Opening,
        Open,
        /// Nobody listens any more.
        Dropped,
    }

    /// A connection; dropped, it is closed.
    pub struct Socket {
        socket: WebSocket,
        stage: Rc<Cell<Stage>>,
    }

    impl Socket {
        /// Opens one to a path of ours; nothing where the browser refuses.
        pub fn open(path: &str, heard: impl Fn(Heard) + 'static) -> Option<Self> {
            let address = browser::origin().replacen("http", "ws", 1) + &at(path);
            let socket = WebSocket::new(&address).ok()?;
            let (stage, heard) = (Rc::new(Cell::new(Stage::Opening)), Rc::new(heard));
            let say = {
                let stage = Rc::clone(&stage);
                Rc::new(move |what| {
                    if stage.get() != Stage::Dropped {
                        heard(what);
                    }
                })
            };
            listen(&socket, "open", {
                let (socket, stage, say) = (socket.clone(), Rc::clone(&stage), Rc::clone(&say));
                Closure::<dyn Fn()>::new(move || match stage.get() {
                    Stage::Dropped => drop(socket.close()),
                    _ => {
                        stage.set(Stage::Open);
                        say(Heard::Open);
                    }
                })
            });
            listen(&socket, "message", {
                let say = Rc::clone(&say);
                Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                    if let Some(text) = event.data().as_string() {
                        say(Heard::Text(text));
                    }
                })
            });
            listen(&socket, "close", Closure::<dyn Fn()>::new(move || say(Heard::Closed)));
            Some(Self { socket, stage })
        }

        /// Sends a frame; one that can not be sent any more is lost.
        pub fn send(&self, text: &str) {
            let _ = self.socket.send_with_str(text);
        }
    }

    impl Drop for Socket {
        fn drop(&mut self) {
            // The console complains of one that is closed while it opens: that is done once it has.
            if self.stage.replace(Stage::Dropped) == Stage::Open {
                let _ = self.socket.close();
            }
        }
    }

    /// Keeps the listener as long as the socket, or the stream: the browser lets go of both.
    pub fn listen<F: WasmClosure + ?Sized>(source: &EventTarget, event: &str, heard: Closure<F>) {
        let heard = heard.into_js_value();
        let _ = source.add_event_listener_with_callback(event, heard.unchecked_ref());
    }
}

#[cfg(not(feature = "hydrate"))]
mod own {
    use super::Heard;

    pub struct Socket(());

    impl Socket {
        pub fn open(_: &str, _: impl Fn(Heard) + 'static) -> Option<Self> {
            None
        }
        pub fn send(&self, _: &str) {}
    }
}
