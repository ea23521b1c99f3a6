//! The state of one page, and how it is kept in a page-table entry that is not present.

use crate::pagefile::{FileNumber, Slot};

/// Where the content of one page of a process (or of a section) is. Nothing but these exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageState {
    /// Nobody has touched it: its content is what the range says (zeros, a page of a file or section).
    Untouched,
    /// Mapped, from a section or a file that others use as well.
    Shared {
        /// Page frame number.
        frame: u32,
    },
    /// In memory and this process's (or section's) own.
    Own {
        /// Page frame number.
        frame: u32,
    },
    /// Own and still in memory, but taken from the working set: it can be had back without I/O until
    /// the frame is used for something else.
    Transition {
        /// Page frame number.
        frame: u32,
    },
    /// Being read into a frame: whoever needs it waits.
    InFlight {
        /// Page frame number.
        frame: u32,
    },
    /// In a paging file.
    PagedOut {
        /// Where.
        slot: Slot,
    },
}

const KIND_SHIFT: u32 = 1;
const FILE_SHIFT: u32 = 4;
const NUMBER_SHIFT: u32 = 12;

impl PageState {
    /// The state as the value of an entry that is not present (bit 0 is clear, and so are bits 8 to 11,
    /// which a kernel uses for present entries). Untouched is 0, so a new table needs no filling.
    pub const fn encode(self) -> u64 {
        let (kind, file, number) = match self {
            Self::Untouched => return 0,
            Self::Shared { frame } => (1, 0, frame),
            Self::Own { frame } => (2, 0, frame),
            Self::Transition { frame } => (3, 0, frame),
            Self::InFlight { frame } => (4, 0, frame),
            Self::PagedOut { slot } => (5, slot.file.get(), slot.index),
        };
        kind << KIND_SHIFT | (file as u64) << FILE_SHIFT | (number as u64) << NUMBER_SHIFT
    }

    /// The state back from such a value; `None` for one that [`Self::encode`] never makes.
    pub const fn decode(entry: u64) -> Option<Self> {
        if entry == 0 {
            return Some(Self::Untouched);
        }
        let number = (entry >> NUMBER_SHIFT) as u32;
        let file = (entry >> FILE_SHIFT & 0xF) as u8;
        let state = match entry >> KIND_SHIFT & 7 {
            1 => Self::Shared { frame: number },
            2 => Self::Own { frame: number },
            3 => Self::Transition { frame: number },
            4 => Self::InFlight { frame: number },
            5 => match FileNumber::new(file) {
                Some(file) => Self::PagedOut { slot: Slot { file, index: number } },
                None => return None,
            },
            _ => return None,
        };
        if state.encode() == entry { Some(state) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn encoded_states_are_not_present_and_come_back() {
        for number in [0, 1, 77, u32::MAX] {
            let slots = (0..16).filter_map(FileNumber::new).map(|file| Slot { file, index: number });
            let states = [
                PageState::Untouched,
                PageState::Shared { frame: number },
                PageState::Own { frame: number },
                PageState::Transition { frame: number },
                PageState::InFlight { frame: number },
            ];
            for state in states.into_iter().chain(slots.map(|slot| PageState::PagedOut { slot })) {
                assert_eq!(PageState::decode(state.encode()), Some(state));
                assert_eq!(state.encode() & 0xF01, 0);
            }
        }
        assert_eq!(PageState::Untouched.encode(), 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(effort::times(256)))]

        #[test]
        fn what_decodes_is_what_was_encoded(entry: u64) {
            for entry in [entry, entry & 0xFFF_FFFF_F0FE] {
                if let Some(state) = PageState::decode(entry) {
                    prop_assert_eq!(state.encode(), entry);
                }
            }
        }
    }
}
