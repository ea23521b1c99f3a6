//! The kernel and what is loaded into it hold integer code only, no x87, SSE, AVX: a thread's FP state stays in the registers
//! while the kernel works. And ring 0 is interpreted on paravirtual hosts, by an interpreter that knows no more than that (no BMI,
//! `popcnt`, `cmpxchg16b`, … either); so the test holds all to what ring 0's part is held to.

use iced_x86::{CpuidFeature, Decoder, DecoderOptions, Instruction, Mnemonic};
use object::{Object, ObjectSection, SectionKind};

/// Extensions whose instructions the interpreter was seen to execute.
const ALLOWED: &[CpuidFeature] = &[
    CpuidFeature::INTEL8086,
    CpuidFeature::INTEL186,
    CpuidFeature::INTEL286,
    CpuidFeature::INTEL386,
    CpuidFeature::INTEL486,
    CpuidFeature::X64,
    CpuidFeature::CMOV,
    CpuidFeature::CPUID,
    CpuidFeature::CX8,
    CpuidFeature::FXSR,
    CpuidFeature::MSR,
    CpuidFeature::MULTIBYTENOP,
    CpuidFeature::PAUSE,
    CpuidFeature::SYSCALL,
    CpuidFeature::TSC,
];

/// Instructions of those extensions that it does not know.
const FORBIDDEN: &[Mnemonic] = &[Mnemonic::Verr, Mnemonic::Verw];

/// Instructions beyond those extensions that it knows. The compiler writes `tzcnt` where `bsf` does as
/// well, because the one is the other with a prefix.
const KNOWN: &[Mnemonic] = &[Mnemonic::Tzcnt];

/// The first instruction of `code` that may not be there.
fn offence(code: &[u8], address: u64, bits: u32) -> Option<Instruction> {
    let mut decoder = Decoder::with_ip(bits, code, address, DecoderOptions::NONE);
    decoder.iter().find(|instruction| {
        instruction.is_invalid()
            || FORBIDDEN.contains(&instruction.mnemonic())
            || (!KNOWN.contains(&instruction.mnemonic())
                && instruction.cpuid_features().iter().any(|feature| !ALLOWED.contains(feature)))
    })
}

/// Checks all code of an image; returns how many bytes of it there were.
fn check(image: &[u8]) -> Result<usize, String> {
    let file = object::File::parse(image).map_err(|error| error.to_string())?;
    let mut checked = 0;
    for section in file.sections().filter(|section| section.kind() == SectionKind::Text) {
        let code = section.data().map_err(|error| error.to_string())?;
        checked += code.len();
        // The kernel's way in, before long mode.
        let bits = if section.name() == Ok(".entry") { 32 } else { 64 };
        if let Some(instruction) = offence(code, section.address(), bits) {
            return Err(format!("{:#x}: {:?}", instruction.ip(), instruction.code()));
        }
    }
    Ok(checked)
}

#[test]
fn kernel_has_integer_code_only() {
    let checked = check(smvm_images::KERNEL).unwrap();
    assert!(checked > 10_000, "only {checked} bytes of code were found");
}

#[test]
fn win32k_has_integer_code_only() {
    let archive = bootarchive::Archive::parse(smvm_images::ARCHIVE).unwrap();
    let checked = check(archive.find(nt::win32k::PATH).expect("win32k.sys").data()).unwrap();
    assert!(checked > 1_000, "only {checked} bytes of code were found");
}

#[test]
fn the_check_finds_what_it_is_for() {
    let forbidden: [&[u8]; 9] = [
        &[0x0F, 0x58, 0xC1],             // addps xmm0, xmm1
        &[0x0F, 0x28, 0xC1],             // movaps xmm0, xmm1
        &[0xD9, 0xE8],                   // fld1
        &[0xF3, 0x0F, 0xB8, 0xC1],       // popcnt eax, ecx
        &[0xC4, 0xE2, 0x78, 0xF2, 0xC1], // andn eax, eax, ecx
        &[0xF0, 0x48, 0x0F, 0xC7, 0x0F], // lock cmpxchg16b [rdi]
        &[0x0F, 0x01, 0xD0],             // xgetbv
        &[0xF2, 0x0F, 0x38, 0xF1, 0xC1], // crc32 eax, ecx
        &[0x0F, 0x00, 0xE0],             // verr ax
    ];
    for bytes in forbidden {
        assert!(offence(bytes, 0, 64).is_some(), "{bytes:02x?}");
    }
    let allowed: [&[u8]; 4] = [
        &[0x48, 0x0F, 0xAE, 0x07],       // fxsave64 [rdi]
        &[0xF0, 0x48, 0x0F, 0xB1, 0x0F], // lock cmpxchg [rdi], rcx
        &[0xF3, 0x48, 0xA5],             // rep movsq
        &[0x48, 0xCF],                   // iretq
    ];
    for bytes in allowed {
        assert!(offence(bytes, 0, 64).is_none(), "{bytes:02x?}");
    }
}
