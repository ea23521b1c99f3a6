//! The subsystems that have been started, and the SM sessions that they have.

use alloc::sync::Arc;
use alloc::vec::Vec;

use nt::sm::{SbMessage, subsystem};
use rt::handle::Owned;
use rt::lpc::Port;
use rt::sync::Mutex;

use super::sb::Contact;

/// A subsystem.
#[derive(Debug)]
pub struct Subsystem {
    /// Which one; numbers are not used twice.
    pub id: u32,
    /// The name of its value.
    pub name: Vec<u16>,
    /// MU session that it is in.
    pub mu_session: u32,
    /// One of [`subsystem`]; STARTING until it has connected.
    pub kind: u32,
    /// Its process and that one's id, once it has been made.
    pub process: Option<(Arc<Owned>, u64)>,
    /// Its own port, once it has connected and if it let the session manager in.
    pub port: Option<Arc<Port<SbMessage>>>,
    /// Signalled when it has connected, and when it never will.
    pub event: Arc<Owned>,
    /// It has said what it is, and the session manager is about to connect back: what it is to be told of once that is done.
    missed: Option<Vec<u32>>,
}

/// A process at the top of what it starts, and who looks after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmSession {
    /// SM session id.
    pub id: u32,
    /// Whose it is.
    pub owner: u32,
    /// Which subsystem asked for it, if one did.
    pub creator: Option<u32>,
    /// MU session that it is in.
    pub mu_session: u32,
}

/// Everything.
#[derive(Debug)]
pub struct Table {
    subsystems: Vec<Subsystem>,
    next_subsystem: u32,
    sm_sessions: Vec<SmSession>,
    next_sm_session: u32,
    /// Initial commands of sessions other than the first.
    initial: Vec<(u32, Arc<Owned>)>,
    /// The Windows subsystem of session 0, whose end is the system's.
    windows: Option<Arc<Owned>>,
}

/// The one table. Nobody holds it while he waits or asks another process.
pub static TABLE: Mutex<Table> = Mutex::new(Table {
    subsystems: Vec::new(),
    next_subsystem: 1,
    sm_sessions: Vec::new(),
    next_sm_session: 1,
    initial: Vec::new(),
    windows: None,
});

impl Table {
    fn get(&mut self, id: u32) -> Option<&mut Subsystem> {
        self.subsystems.iter_mut().find(|subsystem| subsystem.id == id)
    }

    /// Adds a subsystem that is about to be made. Its number.
    pub fn add(&mut self, name: &[u16], mu_session: u32, event: Arc<Owned>) -> u32 {
        let id = self.next_subsystem;
        self.next_subsystem += 1;
        self.subsystems.push(Subsystem {
            id,
            name: name.to_vec(),
            mu_session,
            kind: subsystem::STARTING,
            process: None,
            port: None,
            event,
            missed: None,
        });
        id
    }

    /// A subsystem's process has been made. False when the subsystem has gone meanwhile.
    pub fn made(&mut self, id: u32, process: &Arc<Owned>, process_id: u64, is_windows: bool) -> bool {
        let Some(subsystem) = self.get(id) else { return false };
        subsystem.process = Some((process.clone(), process_id));
        if is_windows {
            self.windows = Some(process.clone());
        }
        true
    }

    /// Takes a subsystem out, whose SM sessions go with it.
    pub fn remove(&mut self, id: u32) -> Option<Subsystem> {
        let at = self.subsystems.iter().position(|subsystem| subsystem.id == id)?;
        self.sm_sessions.retain(|session| session.owner != id);
        Some(self.subsystems.remove(at))
    }

    /// The subsystem that a process is.
    pub fn by_process(&self, process_id: u64) -> Option<u32> {
        let is = |subsystem: &&Subsystem| subsystem.process.as_ref().is_some_and(|(_, id)| *id == process_id);
        self.subsystems.iter().find(is).map(|subsystem| subsystem.id)
    }

    /// Notes what a subsystem says that it is. False when its session has such a one already: itself, or another.
    pub fn register(&mut self, id: u32, kind: u32) -> bool {
        let Some(mu_session) = self.get(id).map(|subsystem| subsystem.mu_session) else { return false };
        if self.serving(mu_session, kind).is_some() {
            return false;
        }
        let Some(subsystem) = self.get(id) else { return false };
        subsystem.kind = kind;
        subsystem.missed = Some(Vec::new());
        true
    }

    fn serving(&self, mu_session: u32, kind: u32) -> Option<&Subsystem> {
        self.subsystems.iter().find(|subsystem| subsystem.mu_session == mu_session && subsystem.kind == kind)
    }

    /// A subsystem has connected; the event that is to be set, and the sessions of its own that have ended meanwhile.
    pub fn connected(
        &mut self,
        id: u32,
        port: Option<Arc<Port<SbMessage>>>,
    ) -> Option<(Arc<Owned>, Vec<u32>)> {
        let subsystem = self.get(id)?;
        subsystem.port = port;
        Some((subsystem.event.clone(), subsystem.missed.take().unwrap_or_default()))
    }

    /// A session that a subsystem has asked for has ended: the port by which it is told. Without one it is told as soon as
    /// there is one.
    pub fn port_to_tell(&mut self, id: u32, session: u32) -> Option<Arc<Port<SbMessage>>> {
        let subsystem = self.get(id)?;
        if let Some(missed) = &mut subsystem.missed {
            missed.push(session);
        }
        subsystem.port.clone()
    }

    /// How to speak to a subsystem.
    pub fn contact(&self, id: u32) -> Option<Contact> {
        Contact::of(self.subsystems.iter().find(|subsystem| subsystem.id == id)?)
    }

    /// How to speak to a session's subsystem of a kind.
    pub fn by_kind(&self, mu_session: u32, kind: u32) -> Option<Contact> {
        Contact::of(self.serving(mu_session, kind)?)
    }

    /// The event of a subsystem of a session that has not connected yet.
    pub fn starting(&self, mu_session: u32) -> Option<Arc<Owned>> {
        self.serving(mu_session, subsystem::STARTING).map(|subsystem| subsystem.event.clone())
    }

    /// Whether a subsystem of that name is there, in a session or, without one, anywhere.
    pub fn has(&self, name: &[u16], mu_session: Option<u32>) -> bool {
        let there = |subsystem: &Subsystem| {
            smgrammar::same(&subsystem.name, name)
                && mu_session.is_none_or(|session| session == subsystem.mu_session)
        };
        self.subsystems.iter().any(there)
    }

    /// Whether a subsystem is still there.
    pub fn is_there(&self, id: u32) -> bool {
        self.subsystems.iter().any(|subsystem| subsystem.id == id)
    }

    /// Whether a session has a subsystem.
    pub fn has_session(&self, mu_session: u32) -> bool {
        self.subsystems.iter().any(|subsystem| subsystem.mu_session == mu_session)
    }

    /// The subsystems of a session, the last started first.
    pub fn of_session(&self, mu_session: u32) -> Vec<u32> {
        let of = self.subsystems.iter().rev().filter(|subsystem| subsystem.mu_session == mu_session);
        of.map(|subsystem| subsystem.id).collect()
    }

    /// Adds an SM session. Its id.
    pub fn add_sm_session(&mut self, owner: u32, creator: Option<u32>, mu_session: u32) -> u32 {
        let id = self.next_sm_session;
        self.next_sm_session += 1;
        self.sm_sessions.push(SmSession { id, owner, creator, mu_session });
        id
    }

    /// An SM session.
    pub fn sm_session(&self, id: u32) -> Option<SmSession> {
        self.sm_sessions.iter().copied().find(|session| session.id == id)
    }

    /// The SM sessions of an MU session.
    pub fn sm_sessions_of(&self, mu_session: u32) -> Vec<SmSession> {
        self.sm_sessions.iter().copied().filter(|session| session.mu_session == mu_session).collect()
    }

    /// Takes an SM session out.
    pub fn remove_sm_session(&mut self, id: u32) -> Option<SmSession> {
        let at = self.sm_sessions.iter().position(|session| session.id == id)?;
        Some(self.sm_sessions.remove(at))
    }

    /// Remembers a session's initial command.
    pub fn set_initial(&mut self, mu_session: u32, process: Arc<Owned>) {
        self.initial.push((mu_session, process));
    }

    /// Takes a session's initial command out.
    pub fn take_initial(&mut self, mu_session: u32) -> Option<Arc<Owned>> {
        let at = self.initial.iter().position(|&(session, _)| session == mu_session)?;
        Some(self.initial.remove(at).1)
    }

    /// The Windows subsystem of session 0.
    pub fn windows(&self) -> Option<Arc<Owned>> {
        self.windows.clone()
    }

    /// The process id of a session's Windows subsystem; 0 without one.
    pub fn windows_process_id(&self, mu_session: u32) -> u64 {
        let found = self.serving(mu_session, subsystem::WINDOWS_GUI);
        found.and_then(|subsystem| subsystem.process.as_ref()).map_or(0, |(_, id)| *id)
    }
}
