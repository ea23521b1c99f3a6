//! COM1: lines of its other end, and what it is shown.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use nt::NtStatus;
use nt::file::{access, disposition, option};
use nt::serial::{control, event};
use rt::handle::Owned;
use rt::objects::Name;
use rt::transfer::{self, How};
use shellcore::{Editor, Event};

const PORT: &[u16] = nt::wide!(r"\??\COM1");
/// Bytes read at once.
const BLOCK: usize = 256;

/// What was typed.
pub enum Input {
    /// A line.
    Line(String),
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-D at the start of a line.
    End,
    /// The other end is gone.
    HungUp,
}

/// The port, and the line that is being typed.
pub struct Console {
    port: Rc<Owned>,
    editor: Editor,
    /// Read and not looked at.
    unread: Vec<u8>,
    ended: bool,
}

impl Console {
    /// Opens the port: reads give what there is, and wait if nothing is there.
    ///
    /// # Errors
    /// What opening it says.
    pub fn open() -> Result<Self, NtStatus> {
        let how = How {
            access: access::GENERIC_READ | access::GENERIC_WRITE,
            share: 0,
            disposition: disposition::OPEN,
            options: option::NON_DIRECTORY_FILE,
        };
        let port = transfer::create(&Name::new(PORT), how)?;
        let mut timeouts = Vec::new();
        for field in [u32::MAX, u32::MAX, u32::MAX - 1, 0, 0] {
            timeouts.extend_from_slice(&field.to_le_bytes());
        }
        transfer::control(&port, control::SET_TIMEOUTS, &timeouts, &mut [])?;
        Ok(Self { port: Rc::new(port), editor: Editor::new(), unread: Vec::new(), ended: false })
    }

    /// The port, to write to.
    pub fn port(&self) -> Rc<Owned> {
        Rc::clone(&self.port)
    }

    /// Shows bytes.
    pub fn show(&self, bytes: &[u8]) {
        if !bytes.is_empty() {
            // There is nobody to tell that the line is broken.
            let _ = transfer::write(&self.port, bytes, None);
        }
    }

    /// A line, edited on the terminal at the other end.
    pub fn read_line(&mut self, prompt: &str) -> Input {
        let mut show = prompt.as_bytes().to_vec();
        loop {
            let (mut event, mut taken) = (None, 0);
            for &byte in &self.unread {
                taken += 1;
                event = self.editor.feed(byte, &mut show);
                if event.is_some() {
                    break;
                }
            }
            self.unread.drain(..taken);
            if event.is_none() && self.ended {
                show.extend_from_slice(b"\r\n");
                match self.editor.unfinished() {
                    Some(line) => event = Some(Event::Line(line)),
                    None => {
                        self.show(&show);
                        return Input::HungUp;
                    }
                }
            }
            self.show(&show);
            show.clear();
            match event {
                Some(Event::Line(line)) => return Input::Line(line),
                Some(Event::Interrupt) => return Input::Interrupt,
                Some(Event::End) => return Input::End,
                None => self.read_block(),
            }
        }
    }

    /// Waits until there is somebody at the other end again.
    pub fn wait_for_carrier(&mut self) {
        let events = event::RLSD.to_le_bytes();
        let waited = transfer::control(&self.port, control::SET_WAIT_MASK, &events, &mut [])
            .and_then(|_| transfer::control(&self.port, control::WAIT_ON_MASK, &[], &mut [0; 4]));
        if waited.is_err() {
            rt::wait_for_ever();
        }
        self.ended = false;
    }

    fn read_block(&mut self) {
        let mut block = [0; BLOCK];
        match transfer::read(&self.port, &mut block, None) {
            Ok(count) => self.unread.extend_from_slice(block.get(..count).unwrap_or_default()),
            Err(_) => self.ended = true,
        }
    }
}
