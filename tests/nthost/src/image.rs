//! Mapping images and files.

use nt::NtStatus;
use nt::memory::*;
use pe::Image;

use crate::user;
use crate::world::{World, options};

fn protection(section: &pe::Section) -> u32 {
    let protection = section.protection();
    match (protection.execute, protection.write) {
        (true, true) => PAGE_EXECUTE_WRITECOPY,
        (true, false) => PAGE_EXECUTE_READ,
        (false, true) => PAGE_WRITECOPY,
        (false, false) => PAGE_READONLY,
    }
}

impl World {
    /// Maps an image at its base or, if that is taken, elsewhere. Gives where.
    pub fn map_image(&mut self, file: &[u8]) -> Result<u64, NtStatus> {
        let image = Image::parse(file).map_err(|_| NtStatus::INVALID_IMAGE_FORMAT)?;
        let size = image.size_of_image().into();
        let wanted = image.image_base();
        let base = match options().taken.contains(&wanted) {
            true => self.space.reserve(0, size, MEM_IMAGE),
            false => self
                .space
                .reserve(wanted, size, MEM_IMAGE)
                .or_else(|_| self.space.reserve(0, size, MEM_IMAGE)),
        }?;
        self.space.set(base, size, PAGE_READWRITE)?;
        user::write_bytes(base, &file[..image.size_of_headers() as usize]);
        for section in image.sections().flatten() {
            let start = section.file_offset as usize;
            let bytes = &file[start..start + section.raw_len as usize];
            user::write_bytes(base + u64::from(section.rva), bytes);
        }
        self.space.set(base, size, PAGE_READONLY)?;
        for section in image.sections().flatten() {
            self.space.set(
                base + u64::from(section.rva),
                section.virtual_size.into(),
                protection(&section),
            )?;
        }
        Ok(base)
    }

    /// Maps bytes.
    pub fn map_bytes(&mut self, bytes: &[u8], protect: u32) -> Result<u64, NtStatus> {
        let base = self.space.reserve(0, bytes.len() as u64, MEM_MAPPED)?;
        self.space.set(base, bytes.len() as u64, PAGE_READWRITE)?;
        user::write_bytes(base, bytes);
        self.space.set(base, bytes.len() as u64, protect)?;
        Ok(base)
    }
}
