//! Printers: what `--lpt N=BACKEND` means, and where what is printed goes.
//!
//! The vCPU thread fills a [`PrintQueue`], which never makes it wait: a queue that is full is a printer that is busy. A
//! thread for each printer empties it, and may wait for files and programs as long as they take.

mod pdf;
mod queue;
mod sink;
mod spec;
mod thread;

pub use queue::{Next, PrintQueue};
pub use sink::Sink;
pub use spec::{PrinterSpec, PrinterSpecError, Tray};
pub use thread::Printer;
