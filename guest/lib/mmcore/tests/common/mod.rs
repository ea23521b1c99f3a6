//! What the tests share: a space of 256 pages, sections with a counted reference, short calls.
#![expect(dead_code, reason = "each test uses a part of it")]

pub mod model;

use std::cell::RefCell;
use std::rc::Rc;

use mmcore::*;
use nt::NtStatus;
use nt::memory::*;

/// Lowest address that is given out.
pub const LOW: u64 = 0x1_0000;
/// First address that is not.
pub const END: u64 = LOW + 256 * PAGE;

/// A reference to a section.
#[derive(Clone, Debug)]
pub struct Shared(pub Rc<RefCell<Section>>);

impl SectionRef for Shared {
    fn with<R>(&self, work: impl FnOnce(&mut Section) -> R) -> R {
        work(&mut self.0.borrow_mut())
    }
}

/// A space and the account it is paid from.
pub struct Process {
    pub space: Space<Shared>,
    pub ledger: Ledger,
}

impl Process {
    pub fn new(limit: u64) -> Self {
        Self { space: Space::new(Limits { lowest: LOW, end: END }), ledger: Ledger::new(limit) }
    }

    pub fn allocate(
        &mut self,
        base: u64,
        size: u64,
        allocation_type: u32,
        protect: u32,
    ) -> Result<(u64, u64), NtStatus> {
        let request = Allocate { base, zero_bits: 0, size, allocation_type, protect };
        self.space.allocate(&mut self.ledger, &request).map(|done| (done.base, done.size))
    }

    pub fn free(&mut self, base: u64, size: u64, free_type: u32) -> Result<(u64, u64), NtStatus> {
        self.space.free(&mut self.ledger, base, size, free_type).map(|done| (done.base, done.size))
    }

    pub fn protect(&mut self, base: u64, size: u64, protect: u32) -> Result<(u64, u64, u32), NtStatus> {
        self.space.protect(&mut self.ledger, base, size, protect).map(|done| (done.base, done.size, done.old))
    }

    pub fn section(&mut self, size: u64, protect: u32, attributes: u32) -> Result<Shared, NtStatus> {
        let request = Create { size, protect, attributes };
        let section = Section::create(&mut self.ledger, &request, Source::PagingFile)?;
        Ok(Shared(Rc::new(RefCell::new(section))))
    }

    pub fn image(&mut self, preferred: u64, parts: Vec<Subsection>) -> Shared {
        let map = ImageMap::new(preferred, 0x8000, parts).expect("a layout");
        let request = Create { size: 0, protect: PAGE_EXECUTE, attributes: SEC_IMAGE };
        let section =
            Section::create(&mut self.ledger, &request, Source::Image(map)).expect("an image section");
        Shared(Rc::new(RefCell::new(section)))
    }

    pub fn map(&mut self, section: &Shared, request: MapView) -> Result<Mapped, NtStatus> {
        self.space.map_view(&mut self.ledger, section.clone(), &request)
    }

    pub fn unmap(&mut self, address: u64) -> Result<(u64, u64), NtStatus> {
        self.space.unmap_view(&mut self.ledger, address).map(|done| (done.base, done.size))
    }

    pub fn fault(&mut self, address: u64, access: Access, state: PageState, stack: Option<Stack>) -> Resolve {
        self.space.fault(&mut self.ledger, &Fault { address, access, mode: Mode::User, state }, || stack)
    }
}

/// A view of a whole section anywhere.
pub fn view(protect: u32) -> MapView {
    MapView {
        base: 0,
        zero_bits: 0,
        commit_size: 0,
        offset: 0,
        size: 0,
        inherit: VIEW_SHARE,
        allocation_type: 0,
        protect,
    }
}

/// Headers, code, data with one page that is not in the file, and shared data.
pub fn parts() -> Vec<Subsection> {
    let part = |first, pages, protection, file_offset, file_len| Subsection {
        first,
        pages,
        protection,
        shared: false,
        file_offset,
        file_len,
    };
    vec![
        part(0, 1, Protection::READ, 0, 0x400),
        part(1, 2, Protection::EXECUTE_READ, 0x400, 0x1800),
        part(3, 2, Protection::of_image(true, false), 0x1C00, 0x200),
        Subsection { shared: true, ..part(6, 1, Protection::READ_WRITE, 0x1E00, 0x200) },
    ]
}
