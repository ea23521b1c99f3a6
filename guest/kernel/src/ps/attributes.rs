//! What a process is besides its threads and its memory: parent, session, priority class, flags, ports.

use alloc::string::String;
use alloc::sync::Arc;

use hal::cpu;

use super::NORMAL_PRIORITY;
use crate::mm::session::Session;
use crate::ob::Object;
use crate::se::{PrimaryToken, TokenRef};

/// Session that the first process and its children are in.
const FIRST_SESSION: u32 = 0;

/// PROCESS_PRIORITY_CLASS values.
pub mod priority_class {
    /// Normal.
    pub const NORMAL: u8 = 2;

    /// The base priority that a class stands for; nothing for an unknown class.
    pub const fn base(class: u8) -> Option<u32> {
        Some(match class {
            0 | NORMAL => 8,
            1 => 4,
            3 => 13,
            4 => 24,
            5 => 6,
            6 => 10,
            _ => return None,
        })
    }
}

/// Attributes of a process; a child begins with some of its parent's.
#[derive(Clone, Debug)]
pub struct Attributes {
    /// The parent's id (InheritedFromUniqueProcessId).
    pub parent: u32,
    /// Session id.
    pub session: u32,
    /// The session whose space it has; children are in it too.
    pub session_space: Option<Arc<Session>>,
    /// Base priority of its threads, 1 to 31.
    pub base_priority: u32,
    /// PROCESS_PRIORITY_CLASS.
    pub priority_class: u8,
    /// Hard errors of it are let through (1) or not (0), and further bits that nobody here reads.
    pub hard_error_mode: u32,
    /// Critical: its end is the system's (ProcessBreakOnTermination).
    pub break_on_termination: bool,
    /// Where its exceptions are reported.
    pub exception_port: Option<Object>,
    /// Who it acts as.
    pub token: PrimaryToken,
    /// Time stamp of its creation: only who asks pays for the conversion.
    pub create_tsc: u64,
    /// Time stamp of its end, 0 while it lives.
    pub exit_tsc: u64,
    /// The image's path in the object namespace.
    pub image_path: String,
}

impl Attributes {
    /// Those of a process without parent, which is the system itself.
    pub fn first() -> Self {
        Self {
            parent: 0,
            session: FIRST_SESSION,
            session_space: None,
            base_priority: NORMAL_PRIORITY,
            priority_class: priority_class::NORMAL,
            hard_error_mode: 1,
            break_on_termination: false,
            exception_port: None,
            token: PrimaryToken::Inherited(TokenRef::System),
            create_tsc: cpu::tsc(),
            exit_tsc: 0,
            image_path: String::new(),
        }
    }

    /// Those of a child: token (a copy), session, priority class and hard-error mode are inherited.
    pub fn child(&self, parent: u32) -> Self {
        Self {
            parent,
            session: self.session,
            session_space: self.session_space.clone(),
            priority_class: self.priority_class,
            hard_error_mode: self.hard_error_mode,
            exception_port: self.exception_port.clone(),
            token: self.token.for_child(),
            ..Self::first()
        }
    }
}

/// Attributes of a thread.
#[derive(Clone, Debug, Default)]
pub struct ThreadAttributes {
    /// Critical: its end is the system's (ThreadBreakOnTermination).
    pub break_on_termination: bool,
    /// The token object of whom it acts for.
    pub impersonation: Option<Object>,
    /// Where it starts in user mode; a thread may say otherwise of itself (ThreadQuerySetWin32StartAddress).
    pub start_address: u64,
    /// Time stamp of its creation.
    pub create_tsc: u64,
    /// Time stamp of its end, 0 while it lives.
    pub exit_tsc: u64,
}
