//! The thread of a printer.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{Next, PrintQueue, PrinterSpec, Sink, Tray};
use crate::backends::BackendError;
use crate::backends::fault::PrinterFault;
use crate::control::Control;

/// A job ends when nothing was printed for so long.
const IDLE: Duration = Duration::from_secs(2);
/// How long the end of a run waits for a printer.
const LAST_WAIT: Duration = Duration::from_secs(5);
/// How often it looks.
const LOOK: Duration = Duration::from_millis(1);
const STACK: usize = 128 << 10;

/// A printer at work.
#[derive(Debug)]
pub struct Printer {
    name: String,
    queue: Arc<PrintQueue>,
    thread: JoinHandle<io::Result<()>>,
}

impl Printer {
    /// Opens a printer and sets it to work. It goes wrong as the faults say.
    ///
    /// # Errors
    /// [`BackendError`] when a file or folder cannot be made, or the host has no thread left.
    pub(crate) fn start(
        spec: &PrinterSpec,
        faults: &[PrinterFault],
        control: &Arc<Control>,
    ) -> Result<Self, BackendError> {
        let name = match &spec.tray {
            Tray::Null => "null".to_owned(),
            Tray::File(path) | Tray::Spool(path) | Tray::Pdf(path) => path.display().to_string(),
            Tray::Exec(command) => command.clone(),
        };
        let failed = |source| BackendError { target: name.clone(), source };
        let sink = Sink::open(&spec.tray).map_err(failed)?;
        let queue = Arc::new(PrintQueue::new(spec.paper, spec.off_line, faults, Some(Arc::clone(control))));
        let builder = std::thread::Builder::new().name("printer".into()).stack_size(STACK);
        let thread = builder.spawn({
            let queue = Arc::clone(&queue);
            move || work(&queue, sink)
        });
        let thread = thread.map_err(failed)?;
        Ok(Self { name, queue, thread })
    }

    /// The guest's end.
    pub fn queue(&self) -> Arc<PrintQueue> {
        Arc::clone(&self.queue)
    }

    /// Waits until all is printed, as long as is reasonable.
    ///
    /// # Errors
    /// What went wrong in the run, or that it took too long.
    pub fn finish(self) -> Result<(), BackendError> {
        self.queue.close();
        let until = Instant::now() + LAST_WAIT;
        while !self.thread.is_finished() && Instant::now() < until {
            std::thread::sleep(LOOK);
        }
        let result = match self.thread.is_finished() {
            true => self.thread.join().unwrap_or_else(|_| Err(io::Error::other("its thread panicked"))),
            false => Err(io::Error::new(io::ErrorKind::TimedOut, "it does not take its bytes")),
        };
        result.map_err(|source| BackendError { target: self.name, source })
    }
}

/// Prints until the queue is closed. After a failure the guest is told, and what still comes is dropped.
fn work(queue: &PrintQueue, mut sink: Sink) -> io::Result<()> {
    let mut result = Ok(());
    loop {
        let next = queue.next(IDLE);
        if result.is_ok() {
            result = match &next {
                Next::Data(data) => sink.print(data),
                Next::EndOfJob | Next::Idle | Next::Closed => sink.end_job(),
            };
            if result.is_err() {
                queue.fail();
            }
        }
        if next == Next::Closed {
            return result;
        }
    }
}
