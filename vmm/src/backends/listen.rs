//! A port whose other end comes to us: a socket that listens, one peer at a time. A thread carries bytes between the peer and a
//! pair of sockets, whose near end is a destination like any other; what the guest sends while nobody is there waits in it.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileTypeExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::sys::poll::{Waiter, poll};

/// How often somebody who waits for a peer looks whether the run is over.
const LOOK: Duration = Duration::from_millis(50);
const STACK: usize = 64 << 10;
const CHUNK: usize = 4096;

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Host and port; port 0 is any that is free.
    Tcp(String),
    /// A socket, made for it.
    Unix(PathBuf),
}

#[derive(Debug)]
enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// A socket that listens, and the thread that serves it.
#[derive(Debug)]
pub struct Relay {
    near: UnixStream,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    /// To be removed at the end.
    path: Option<PathBuf>,
}

/// Listens; gives the near end, and where that is.
///
/// # Errors
/// What the host says: the address is taken, or there is no such place.
pub fn start(place: &Place) -> io::Result<(File, Relay, String)> {
    let (listener, path, name) = match place {
        Place::Tcp(address) => {
            let listener = TcpListener::bind(address)?;
            let name = listener.local_addr()?.to_string();
            (Listener::Tcp(listener), None, name)
        }
        Place::Unix(path) => {
            // A socket that a run which was killed has left behind; never anybody's file.
            let is_socket = std::fs::symlink_metadata(path).is_ok_and(|data| data.file_type().is_socket());
            let is_refused = |error: io::Error| error.kind() == ErrorKind::ConnectionRefused;
            if is_socket && UnixStream::connect(path).is_err_and(is_refused) {
                std::fs::remove_file(path)?;
            }
            let name = path.display().to_string();
            (Listener::Unix(UnixListener::bind(path)?), Some(path.clone()), name)
        }
    };
    let (near, far) = UnixStream::pair()?;
    far.set_nonblocking(true)?;
    let stop = Arc::<AtomicBool>::default();
    let builder = std::thread::Builder::new().name("listen".into()).stack_size(STACK);
    let thread = builder.spawn({
        let stop = Arc::clone(&stop);
        move || {
            // Without its socket there is nothing that the thread could do; what is sent then waits, and is dropped.
            let _ = serve(&listener, &far, &stop);
        }
    })?;
    let file = File::from(OwnedFd::from(near.try_clone()?));
    Ok((file, Relay { near, stop, thread: Some(thread), path }, name))
}

impl Relay {
    /// Has the rest delivered, if there is somebody to take it, as long as that takes reasonable time.
    pub fn finish(&mut self, until: Instant) {
        self.stop.store(true, Ordering::Release);
        let _ = self.near.shutdown(Shutdown::Write);
        let thread = self.thread.take();
        while thread.as_ref().is_some_and(|thread| !thread.is_finished()) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(1));
        }
        if let Some(path) = self.path.take() {
            // Somebody may have removed it already.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Listener {
    /// The next peer; `None` when the run is over.
    fn next(&self, stop: &AtomicBool) -> io::Result<Option<File>> {
        loop {
            let fd = match self {
                Self::Tcp(listener) => listener.as_fd(),
                Self::Unix(listener) => listener.as_fd(),
            };
            let mut waiters = [Waiter::read(Some(fd))];
            poll(&mut waiters, Some(LOOK))?;
            if waiters[0].ready {
                let peer: OwnedFd = match self {
                    Self::Tcp(listener) => {
                        let (peer, _) = listener.accept()?;
                        peer.set_nonblocking(true)?;
                        peer.into()
                    }
                    Self::Unix(listener) => {
                        let (peer, _) = listener.accept()?;
                        peer.set_nonblocking(true)?;
                        peer.into()
                    }
                };
                return Ok(Some(File::from(peer)));
            }
            if stop.load(Ordering::Acquire) {
                return Ok(None);
            }
        }
    }
}

/// Serves one peer after the other until the near end is shut down and all is delivered.
fn serve(listener: &Listener, far: &UnixStream, stop: &AtomicBool) -> io::Result<()> {
    let (mut outward, mut inward) = (Vec::new(), Vec::new());
    while let Some(peer) = listener.next(stop)? {
        let mut ended = false;
        loop {
            if ended && outward.is_empty() {
                return Ok(());
            }
            let mut waiters = [
                Waiter::read((outward.is_empty() && !ended).then(|| far.as_fd())),
                Waiter::write((!outward.is_empty()).then(|| peer.as_fd())),
                Waiter::read(inward.is_empty().then(|| peer.as_fd())),
                Waiter::write((!inward.is_empty()).then(|| far.as_fd())),
            ];
            poll(&mut waiters, None)?;
            let [output, room, input, space] = waiters.map(|waiter| waiter.ready);
            if output {
                ended = !fetch(far, &mut outward)?;
            }
            if room && deliver(&peer, &mut outward).is_err() {
                break;
            }
            if input && !fetch(&peer, &mut inward).unwrap_or(false) {
                break;
            }
            if space {
                deliver(far, &mut inward)?;
            }
        }
    }
    Ok(())
}

/// Reads what there is; false at the end.
fn fetch(mut from: impl Read, into: &mut Vec<u8>) -> io::Result<bool> {
    let mut chunk = [0; CHUNK];
    match from.read(&mut chunk) {
        Ok(count) => {
            into.extend_from_slice(&chunk[..count]);
            Ok(count > 0)
        }
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(true),
        Err(error) => Err(error),
    }
}

/// Writes as much as there is room for.
fn deliver(mut to: impl Write, from: &mut Vec<u8>) -> io::Result<()> {
    match to.write(from) {
        Ok(count) => drop(from.drain(..count)),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    fn exchange(mut peer: impl Read + Write, mut near: &File, said: &[u8], answer: &[u8]) {
        let mut heard = vec![0; said.len()];
        peer.read_exact(&mut heard).expect("what the guest said");
        assert_eq!(heard, said);
        peer.write_all(answer).expect("room");
        let mut heard = vec![0; answer.len()];
        near.read_exact(&mut heard).expect("the answer");
        assert_eq!(heard, answer);
    }

    #[test]
    fn peers_come_one_after_the_other_and_the_last_one_gets_the_rest() {
        let (near, mut relay, address) = start(&Place::Tcp("127.0.0.1:0".into())).expect("listens");
        (&near).write_all(b"before anybody came").expect("room");
        exchange(TcpStream::connect(&address).expect("a peer"), &near, b"before anybody came", b"hello");
        let mut second = TcpStream::connect(&address).expect("a peer");
        (&near).write_all(b"again").expect("room");
        exchange(&mut second, &near, b"again", &[7; 10_000]);
        (&near).write_all(&[b'x'; 100_000]).expect("room");
        let reader = std::thread::spawn(move || {
            let mut rest = Vec::new();
            second.read_to_end(&mut rest).map(|_| rest.len())
        });
        relay.finish(Instant::now() + Duration::from_secs(10));
        assert_eq!(reader.join().expect("no panic").expect("an end"), 100_000);
    }

    #[test]
    fn a_socket_that_was_left_behind_is_replaced_and_ours_is_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("port");
        drop(UnixListener::bind(&path).expect("a socket"));
        let place = Place::Unix(path.clone());
        let (near, mut relay, _) = start(&place).expect("listens");
        assert!(start(&place).is_err(), "two listeners at one place");
        (&near).write_all(b"text").expect("room");
        exchange(UnixStream::connect(&path).expect("a peer"), &near, b"text", b"back");
        relay.finish(Instant::now() + Duration::from_secs(10));
        assert!(!path.exists());
        std::fs::write(&path, "a file").expect("room");
        assert!(start(&place).is_err(), "a file was taken for a socket");
    }
}
