//! Hives put together by hand, cell by cell: what the reader's tests read.
#![allow(dead_code, clippy::allow_attributes, reason = "each test uses a part")]

pub mod model;

/// No cell.
pub const NONE: u32 = u32::MAX;

/// A hive of one bin.
pub struct Assembler {
    bins: Vec<u8>,
    pub minor: u32,
}

impl Assembler {
    pub fn new(minor: u32) -> Self {
        Self { bins: vec![0; 32], minor }
    }

    /// Adds an allocated cell.
    pub fn cell(&mut self, body: &[u8]) -> u32 {
        let offset = self.bins.len() as u32;
        let size = (4 + body.len()).next_multiple_of(8);
        self.bins.extend((-(size as i32)).to_le_bytes());
        self.bins.extend(body);
        self.bins.resize(offset as usize + size, 0);
        offset
    }

    /// Writes into a cell.
    pub fn patch(&mut self, cell: u32, at: usize, bytes: &[u8]) {
        let at = cell as usize + 4 + at;
        self.bins[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// Adds a key node without subkeys and values, with a Latin-1 name.
    pub fn key(&mut self, name: &[u8]) -> u32 {
        let mut node = vec![0; 76];
        node[..4].copy_from_slice(b"nk\x20\0");
        for at in [28, 32, 40, 44, 48] {
            node[at..at + 4].copy_from_slice(&NONE.to_le_bytes());
        }
        node[72..74].copy_from_slice(&(name.len() as u16).to_le_bytes());
        node.extend(name);
        self.cell(&node)
    }

    /// Gives a key a list of subkeys.
    pub fn set_subkeys(&mut self, key: u32, count: u32, list: u32) {
        self.patch(key, 20, &count.to_le_bytes());
        self.patch(key, 28, &list.to_le_bytes());
    }

    /// Adds a list whose entries are one or two numbers.
    pub fn list(&mut self, signature: &[u8; 2], entries: &[&[u32]]) -> u32 {
        let mut body = signature.to_vec();
        body.extend((entries.len() as u16).to_le_bytes());
        body.extend(entries.concat().iter().flat_map(|number| number.to_le_bytes()));
        self.cell(&body)
    }

    /// Adds a value with a Latin-1 name.
    pub fn value(&mut self, name: &[u8], kind: u32, size: u32, data: [u8; 4]) -> u32 {
        let mut node = b"vk".to_vec();
        node.extend((name.len() as u16).to_le_bytes());
        node.extend(size.to_le_bytes());
        node.extend(data);
        node.extend(kind.to_le_bytes());
        node.extend([1, 0, 0, 0]);
        node.extend(name);
        self.cell(&node)
    }

    /// Gives a key values.
    pub fn set_values(&mut self, key: u32, values: &[u32]) {
        let list: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let list = self.cell(&list);
        self.patch(key, 36, &(values.len() as u32).to_le_bytes());
        self.patch(key, 40, &list.to_le_bytes());
    }

    /// The hive file.
    pub fn file(mut self, root: u32) -> Vec<u8> {
        let used = self.bins.len();
        let size = (used + 8).next_multiple_of(4096);
        self.bins.resize(size, 0);
        self.bins[used..used + 4].copy_from_slice(&((size - used) as u32).to_le_bytes());
        self.bins[..4].copy_from_slice(b"hbin");
        self.bins[8..12].copy_from_slice(&(size as u32).to_le_bytes());
        let mut file = vec![0; 4096];
        file[..4].copy_from_slice(b"regf");
        for (at, number) in
            [(4, 7), (8, 7), (20, 1), (24, self.minor), (32, 1), (36, root), (40, size as u32), (44, 1)]
        {
            file[at..at + 4].copy_from_slice(&number.to_le_bytes());
        }
        file.extend(&self.bins);
        sum(&mut file);
        file
    }
}

/// Puts the checksum right.
pub fn sum(file: &mut [u8]) {
    let sum = file[..508].chunks(4).fold(0, |sum, four| sum ^ u32::from_le_bytes(four.try_into().unwrap()));
    let sum = match sum {
        0 => 1,
        u32::MAX => u32::MAX - 1,
        sum => sum,
    };
    file[508..512].copy_from_slice(&sum.to_le_bytes());
}

/// The hash of a hash leaf.
pub fn hash(name: &str) -> u32 {
    name.to_ascii_uppercase().bytes().fold(0, |sum, byte| 37_u32.wrapping_mul(sum).wrapping_add(byte.into()))
}
