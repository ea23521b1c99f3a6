//! What objects are: their types, and what each type's objects consist of.

use alloc::boxed::Box;
use alloc::sync::Arc;

use super::station::{Desktop, WindowStation};
use crate::cm::object::OpenKey;
use crate::io::{Device, Driver, FileObject};
use crate::ke::event::Event;
use crate::ke::mutant::Mutant;
use crate::ke::semaphore::Semaphore;
use crate::ke::timer::Timer;
use crate::lpc::Port;
use crate::mm::section::Section;
use crate::ps::{Process, Thread};
use crate::se::TokenObject;

/// A counted reference to an object.
pub type Object = obns::Object<Body>;
/// The handles of a process.
pub type HandleTable = obns::HandleTable<Body>;

/// Types of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Object directory.
    Directory,
    /// Symbolic link.
    SymbolicLink,
    /// Process.
    Process,
    /// Thread.
    Thread,
    /// Device.
    Device,
    /// Driver.
    Driver,
    /// File.
    File,
    /// Port.
    Port,
    /// Registry key.
    Key,
    /// Section.
    Section,
    /// Event.
    Event,
    /// Semaphore.
    Semaphore,
    /// Mutant.
    Mutant,
    /// Timer.
    Timer,
    /// Token.
    Token,
    /// Window station.
    WindowStation,
    /// Desktop.
    Desktop,
}

/// The body of an object. Directories and links are `obns`'s own.
///
/// Dropping a body must not lock the namespace or a handle table: it may happen while they are locked.
#[derive(Debug)]
pub enum Body {
    /// A process.
    Process(Arc<Process>),
    /// A thread.
    Thread(Arc<Thread>),
    /// A device.
    Device(Arc<Device>),
    /// A driver.
    Driver(Arc<Driver>),
    /// An open file.
    File(Arc<FileObject>),
    /// A port, or an end of a connection.
    Port(Arc<Port>),
    /// An open key.
    Key(OpenKey),
    /// A section.
    Section(Arc<Section>),
    /// An event.
    Event(Arc<Event>),
    /// A semaphore.
    Semaphore(Arc<Semaphore>),
    /// A mutant.
    Mutant(Arc<Mutant>),
    /// A timer.
    Timer(Arc<Timer>),
    /// A token.
    Token(TokenObject),
    /// A window station.
    WindowStation(Box<WindowStation>),
    /// A desktop.
    Desktop(Box<Desktop>),
}

pub use super::security::Security;

impl obns::Body for Body {
    type Kind = Kind;
    type Security = Security;
    const DIRECTORY: Kind = Kind::Directory;
    const SYMBOLIC_LINK: Kind = Kind::SymbolicLink;

    #[inline]
    fn kind(&self) -> Kind {
        match self {
            Self::Process(_) => Kind::Process,
            Self::Thread(_) => Kind::Thread,
            Self::Device(_) => Kind::Device,
            Self::Driver(_) => Kind::Driver,
            Self::File(_) => Kind::File,
            Self::Port(_) => Kind::Port,
            Self::Key(_) => Kind::Key,
            Self::Section(_) => Kind::Section,
            Self::Event(_) => Kind::Event,
            Self::Semaphore(_) => Kind::Semaphore,
            Self::Mutant(_) => Kind::Mutant,
            Self::Timer(_) => Kind::Timer,
            Self::Token(_) => Kind::Token,
            Self::WindowStation(_) => Kind::WindowStation,
            Self::Desktop(_) => Kind::Desktop,
        }
    }

    /// Devices, files, keys and window stations parse what follows their name.
    #[inline]
    fn parses(&self) -> bool {
        matches!(self, Self::Device(_) | Self::File(_) | Self::Key(_) | Self::WindowStation(_))
    }
}
