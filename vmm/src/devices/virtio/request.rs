//! A request as it lies in a chain of descriptors: what the device reads, then what it writes. How it is cut into
//! descriptors means nothing (virtio 1.2, 2.7.4.3), so both are lists of pieces of guest memory.

use virtio_queue::DescriptorChain;
use vm_memory::{GuestAddress, GuestMemoryBackend, GuestMemoryMmap, VolatileSlice};

/// Most pieces of one request: what `preadv` takes at most.
const MOST_PIECES: usize = 1024;
/// Bytes of a request's head: type, reserved, sector.
const HEAD: usize = 16;
/// Most bytes of one request. A driver's own limits are far below.
const MOST_BYTES: usize = 256 << 20;

/// Pieces of guest memory.
pub type Pieces<'m> = Vec<VolatileSlice<'m>>;

/// A request, taken apart.
#[derive(Debug)]
pub struct Request<'m> {
    /// VIRTIO_BLK_T_*.
    pub kind: u32,
    /// First sector of 512 bytes.
    pub sector: u64,
    /// Data from the driver.
    pub input: Pieces<'m>,
    /// Room for data to the driver.
    pub output: Pieces<'m>,
    /// Where the status goes.
    pub status: VolatileSlice<'m>,
}

/// A chain that is no request.
#[derive(Debug)]
pub struct Malformed<'m> {
    /// Where its status goes, if there is such a place.
    pub status: Option<VolatileSlice<'m>>,
}

/// Bytes of some pieces.
pub fn len(pieces: &[VolatileSlice<'_>]) -> usize {
    pieces.iter().map(VolatileSlice::len).sum()
}

impl<'m> Request<'m> {
    /// Takes a chain apart.
    ///
    /// # Errors
    /// [`Malformed`]: pieces outside RAM, loops, too many or too few bytes, or what is written before what is read.
    pub fn parse(
        chain: DescriptorChain<&GuestMemoryMmap>,
        memory: &'m GuestMemoryMmap,
    ) -> Result<Self, Malformed<'m>> {
        let (mut input, mut output) = (Pieces::new(), Pieces::new());
        let mut good = true;
        let mut is_whole = false;
        for descriptor in chain {
            // The last descriptor that can be had ends the chain, or the chain is broken.
            is_whole = !descriptor.has_next();
            let to_driver = descriptor.is_write_only();
            good &= to_driver || output.is_empty();
            let list = if to_driver { &mut output } else { &mut input };
            for piece in memory.get_slices(GuestAddress(descriptor.addr().0), descriptor.len() as usize) {
                match piece {
                    Ok(piece) => list.push(piece),
                    Err(_) => good = false,
                }
            }
            if input.len() + output.len() > MOST_PIECES {
                good = false;
                break;
            }
        }
        let status = take_back(&mut output);
        let size = len(&input).saturating_add(len(&output));
        let head = take_head(&mut input);
        match (head, status) {
            (Some(head), Some(status)) if good && is_whole && size <= MOST_BYTES => {
                let [kind, _, low, high] = head;
                let sector = u64::from(low) | u64::from(high) << 32;
                Ok(Self { kind, sector, input, output, status })
            }
            (_, status) => Err(Malformed { status: status.filter(|_| is_whole) }),
        }
    }
}

/// Takes the last byte.
fn take_back<'m>(pieces: &mut Pieces<'m>) -> Option<VolatileSlice<'m>> {
    while let Some(last) = pieces.pop() {
        let Some(rest) = last.len().checked_sub(1) else { continue };
        let (rest, byte) = last.split_at(rest).ok()?;
        if !rest.is_empty() {
            pieces.push(rest);
        }
        return Some(byte);
    }
    None
}

/// Takes the head from the front.
fn take_head(pieces: &mut Pieces<'_>) -> Option<[u32; 4]> {
    let mut head = [0; HEAD];
    take_front(pieces, &mut head).then(|| {
        let word = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        [word(0), word(4), word(8), word(12)]
    })
}

/// Takes bytes from the front. Says whether there were as many.
pub fn take_front(pieces: &mut Pieces<'_>, into: &mut [u8]) -> bool {
    let mut filled = 0;
    let mut whole = 0;
    for piece in pieces.iter_mut() {
        let now = piece.len().min(into.len() - filled);
        filled += piece.copy_to(&mut into[filled..filled + now]).min(now);
        if now < piece.len() {
            if let Ok(rest) = piece.offset(now) {
                *piece = rest;
            }
            break;
        }
        whole += 1;
    }
    pieces.drain(..whole);
    filled == into.len()
}
