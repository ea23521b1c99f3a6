//! Boot events: the guest's from its trace ring, the monitor's own, on one clock.

mod event;
mod ndjson;
pub mod reader;
mod spans;
mod timeline;

pub use event::{Event, Phase, Value};
pub use ndjson::{EventSink, write_event};
pub use spans::{MonitorEvent, Spans};
pub use timeline::{Step, timeline};
