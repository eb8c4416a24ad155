//! The audit log: what an event is made of, the two ways it reaches the table (in the transaction of
//! its change, or in batches for what changes nothing), how it is read again, and how
//! one sees that nobody changed it.

pub(crate) mod chain;
pub(crate) mod decision;
mod event;
mod export;
pub(crate) mod http;
mod line;
mod list;
pub(crate) mod retention;
pub(crate) mod sinks;
pub(crate) mod store;
mod verify;
mod writer;

pub use event::{NewEvent, clip};
pub use export::{Export, export};
pub use http::download;
pub use list::{get, list};
pub use verify::{Break, Verdict, Walk, verify};
pub(crate) use writer::Writer;
