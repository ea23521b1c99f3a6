//! Images of QEMU's format, made without its tools: the hardware-KVM box has none.
//! Source: "The QCOW2 image format" in QEMU's documentation (docs/interop/qcow2.txt), version 2.

use std::path::Path;

const CLUSTER: usize = 1 << 16;
/// In entries that lead to clusters which nothing else uses.
const ONLY_USE: u64 = 1 << 63;

/// Makes a qcow2 image with the contents of a raw one, which is not larger than 512 MiB. What is zero takes no room.
///
/// # Panics
/// When the files cannot be read or written.
pub fn to_qcow2(raw: &Path, qcow2: &Path) {
    let contents = std::fs::read(raw).expect("a raw image");
    assert!(contents.len() <= 512 << 20, "too large for one table");
    // The header, the table and block of reference counts, and tables of both levels; then data.
    let mut image = vec![0; 5 * CLUSTER];
    let at = |cluster: usize| (cluster * CLUSTER) as u64;
    let mut header = Vec::new();
    header.extend(*b"QFI\xFB");
    header.extend(2_u32.to_be_bytes());
    header.extend([0; 12]);
    header.extend(16_u32.to_be_bytes());
    header.extend((contents.len() as u64).to_be_bytes());
    header.extend(0_u32.to_be_bytes());
    header.extend(1_u32.to_be_bytes());
    header.extend(at(3).to_be_bytes());
    header.extend(at(1).to_be_bytes());
    header.extend(1_u32.to_be_bytes());
    header.extend([0; 12]);
    image[..header.len()].copy_from_slice(&header);
    image[CLUSTER..CLUSTER + 8].copy_from_slice(&at(2).to_be_bytes());
    image[3 * CLUSTER..3 * CLUSTER + 8].copy_from_slice(&(at(4) | ONLY_USE).to_be_bytes());
    for (number, cluster) in contents.chunks(CLUSTER).enumerate() {
        if cluster.iter().any(|&byte| byte != 0) {
            let entry = 4 * CLUSTER + 8 * number;
            let place = image.len() as u64 | ONLY_USE;
            image[entry..entry + 8].copy_from_slice(&place.to_be_bytes());
            image.extend(cluster);
            image.resize(image.len().next_multiple_of(CLUSTER), 0);
        }
    }
    for cluster in 0..image.len() / CLUSTER {
        image[2 * CLUSTER + 2 * cluster + 1] = 1;
    }
    std::fs::write(qcow2, image).expect("room for an image");
}
