//! Sharing: each opener says what it does with a file and what others may do meanwhile.
//! Source: Microsoft's documentation of `IoCheckShareAccess` and of ShareAccess in `NtCreateFile`.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::file::{access, share};

/// What all who have a file open do with it and allow others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShareAccess {
    open: u32,
    /// Those who read, write, delete.
    users: [u32; 3],
    /// Those who allow others to.
    sharers: [u32; 3],
}

/// Reading, writing, deleting: the rights that are it, and what allows it.
const KINDS: [(u32, u32); 3] = [
    (access::READ_DATA | access::EXECUTE, share::READ),
    (access::WRITE_DATA | access::APPEND_DATA, share::WRITE),
    (access::DELETE, share::DELETE),
];

/// Whether an opener takes part in sharing at all: who only looks at attributes does not.
fn matters(access: u32) -> bool {
    KINDS.iter().any(|(rights, _)| access & rights != 0)
}

impl ShareAccess {
    /// Whether a further opener gets along with all others.
    ///
    /// # Errors
    /// SHARING_VIOLATION.
    pub fn check(&self, access: u32, share: u32) -> Result<(), NtStatus> {
        let conflicts = KINDS.iter().zip(self.users.iter().zip(&self.sharers)).any(
            |((rights, allowed), (&users, &sharers))| {
                (access & rights != 0 && sharers < self.open) || (share & allowed == 0 && users != 0)
            },
        );
        match matters(access) && conflicts {
            true => Err(NtStatus::SHARING_VIOLATION),
            false => Ok(()),
        }
    }

    /// Counts an opener in, after [`Self::check`].
    pub fn add(&mut self, access: u32, share: u32) {
        self.count(access, share, |count| count.saturating_add(1));
    }

    /// Counts it out again.
    pub fn remove(&mut self, access: u32, share: u32) {
        self.count(access, share, |count| count.saturating_sub(1));
    }

    /// Whether nobody is counted.
    pub fn is_unused(&self) -> bool {
        self.open == 0
    }

    fn count(&mut self, access: u32, share: u32, change: impl Fn(u32) -> u32) {
        if !matters(access) {
            return;
        }
        self.open = change(self.open);
        for (n, (rights, allowed)) in KINDS.into_iter().enumerate() {
            if access & rights != 0 {
                self.users[n] = change(self.users[n]);
            }
            if share & allowed != 0 {
                self.sharers[n] = change(self.sharers[n]);
            }
        }
    }
}

/// The open files of a volume, by the number of the file.
#[derive(Clone, Debug, Default)]
pub struct Shares {
    /// In order of number.
    files: Vec<(u64, ShareAccess)>,
}

impl Shares {
    /// No file is open.
    pub const fn new() -> Self {
        Self { files: Vec::new() }
    }

    /// Opens a file.
    ///
    /// # Errors
    /// SHARING_VIOLATION, INSUFFICIENT_RESOURCES.
    pub fn open(&mut self, file: u64, access: u32, share: u32) -> Result<(), NtStatus> {
        if !matters(access) {
            return Ok(());
        }
        let place = self.files.partition_point(|&(other, _)| other < file);
        if self.files.get(place).is_none_or(|&(other, _)| other != file) {
            self.files.try_reserve(1).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
            self.files.insert(place, (file, ShareAccess::default()));
        }
        // There is one now.
        if let Some((_, sharing)) = self.files.get_mut(place) {
            sharing.check(access, share)?;
            sharing.add(access, share);
        }
        Ok(())
    }

    /// Closes it again.
    pub fn close(&mut self, file: u64, access: u32, share: u32) {
        let place = self.files.partition_point(|&(other, _)| other < file);
        if let Some((_, sharing)) = self.files.get_mut(place).filter(|(other, _)| *other == file) {
            sharing.remove(access, share);
            if sharing.is_unused() {
                self.files.remove(place);
            }
        }
    }

    /// How many files are open.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether no file is open.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const READ: u32 = access::READ_DATA;
    const WRITE: u32 = access::WRITE_DATA;

    #[test]
    fn who_shares_nothing_is_alone() {
        let mut shares = Shares::new();
        assert_eq!(shares.open(1, READ, 0), Ok(()));
        assert_eq!(shares.open(1, READ, share::ALL), Err(NtStatus::SHARING_VIOLATION));
        assert_eq!(shares.open(2, READ, share::ALL), Ok(()));
        assert_eq!(shares.open(1, access::READ_ATTRIBUTES, 0), Ok(()), "attributes are nobody's secret");
        shares.close(1, READ, 0);
        assert_eq!(shares.open(1, READ, share::READ), Ok(()));
        assert_eq!(shares.open(1, READ, 0), Err(NtStatus::SHARING_VIOLATION), "there is a reader");
        assert_eq!(shares.open(1, WRITE, share::ALL), Err(NtStatus::SHARING_VIOLATION));
        assert_eq!(shares.open(1, READ, share::READ), Ok(()));
        shares.close(1, READ, share::READ);
        shares.close(1, READ, share::READ);
        shares.close(2, READ, share::ALL);
        assert!(shares.is_empty());
    }

    /// By the definition: each must allow what each other one does.
    fn get_along(a: (u32, u32), b: (u32, u32)) -> bool {
        let allows = |one: (u32, u32), other: (u32, u32)| {
            KINDS.iter().all(|(rights, allowed)| other.0 & rights == 0 || one.1 & allowed != 0)
        };
        !matters(a.0) || !matters(b.0) || allows(a, b) && allows(b, a)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(effort::times(256)))]

        #[test]
        fn opens_who_gets_along_with_everybody(
            steps in proptest::collection::vec((0_usize..8, 0_u32..64, any::<bool>(), 0_u32..8), 1..60)
        ) {
            let mut shares = Shares::new();
            let mut model: Vec<(u32, u32)> = Vec::new();
            for (close, rights, deletes, share) in steps {
                if close < model.len() {
                    let (access, share) = model.swap_remove(close);
                    shares.close(7, access, share);
                }
                let opener = (rights | if deletes { access::DELETE } else { 0 }, share);
                let expected = model.iter().all(|&other| get_along(opener, other));
                prop_assert_eq!(shares.open(7, opener.0, opener.1).is_ok(), expected);
                if expected {
                    model.push(opener);
                }
            }
            for (access, share) in model {
                shares.close(7, access, share);
            }
            prop_assert!(shares.is_empty());
        }
    }
}
