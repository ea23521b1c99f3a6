//! Each way a guest can end, with its exit code.

mod common;

use common::{BASE, Code, PLATFORM, run_elf};

#[test]
fn prints_and_resets_elf64_and_elf32() {
    let code = Code::new().print("Hi").reset().halt();
    for elf in [code.elf64(), code.elf32()] {
        let run = run_elf(&elf, &[]);
        assert_eq!((run.code, run.stdout.as_str()), (8, "Hi"), "{}", run.stderr);
        assert!(run.stderr.contains("keyboard controller"), "{}", run.stderr);
    }
}

#[test]
fn power_off_has_a_reason() {
    for (value, reason) in [(0x101, "shutdown_no_reboot"), (0x301, "shutdown_power_off")] {
        let run = run_elf(&Code::new().out32(PLATFORM + 4, value).halt().elf64(), &["--json"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let json = run.json();
        assert_eq!(json["schema"], 1);
        assert_eq!(json["outcome"]["kind"], "power_off");
        assert_eq!(json["outcome"]["reason"], reason);
        assert_eq!(json["exits"]["kinds"]["port_write"], 1);
    }
}

#[test]
fn reset_through_the_platform_device() {
    let run = run_elf(&Code::new().out32(PLATFORM + 4, 0x202).halt().elf64(), &["--json"]);
    assert_eq!((run.code, &run.json()["outcome"]["reason"]), (8, &"shutdown_reboot".into()));
}

#[test]
fn a_halted_guest_hits_the_deadline() {
    let run = run_elf(&Code::new().print("x").halt().elf64(), &["--deadline", "300ms", "--json"]);
    assert_eq!(run.code, 6, "{}", run.stderr);
    let dump = &run.json()["dump"];
    assert_eq!(dump["halted"], true);
    assert_eq!(dump["instruction"]["bytes"], "eb fc");
    assert_eq!(dump["registers"]["gpr"][3], 0x6000);
    assert!(run.stderr.contains("deadline passed") && run.stderr.contains("last exits"), "{}", run.stderr);
}

#[test]
fn a_spinning_guest_hits_the_deadline() {
    let run = run_elf(&Code::new().raw(&[0xEB, 0xFE]).elf64(), &["--deadline", "300ms", "--json"]);
    assert_eq!((run.code, &run.json()["dump"]["rip"]), (6, &BASE.into()));
}

#[test]
fn triple_fault() {
    // lidt of an empty table, then ud2.
    let code = Code::new();
    let pointer = code.here() + 9;
    let code = code.raw(&[0x0F, 0x01, 0x1D]).raw(&pointer.to_le_bytes()).raw(&[0x0F, 0x0B]).raw(&[0; 6]);
    let run = run_elf(&code.elf64(), &["--json"]);
    assert_eq!((run.code, &run.json()["outcome"]["kind"]), (8, &"triple_fault".into()));
}

#[test]
fn a_panic_without_a_crash_record_is_a_bugcheck() {
    let run =
        run_elf(&Code::new().in8(0x505).raw(&[0x04, b'0']).print_al().out8(0x505, 1).halt().elf64(), &[]);
    assert_eq!((run.code, run.stdout.as_str()), (5, "1"), "{}", run.stderr);
    assert!(run.stderr.contains("no crash record"), "{}", run.stderr);
}

#[test]
fn bulk_transmit_is_one_exit_and_nonsense_is_counted() {
    let code = Code::new();
    let header = 0x30_0000;
    let code = code
        .store(header, 5 << 16)
        .store(header + 4, u32::from_le_bytes(*b"bulk"))
        .store(header + 8, u32::from_le_bytes(*b"!???"))
        .print("a")
        .out32(PLATFORM + 8, header)
        .print("b")
        .out32(PLATFORM + 8, u32::MAX)
        .store(header, 0)
        .out32(PLATFORM + 8, header)
        .store(header, 1 << 16 | 9)
        .out32(PLATFORM + 8, header)
        .power_off()
        .halt();
    let run = run_elf(&code.elf64(), &["--json", "--com", "1=stderr"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.starts_with("abulk!b"), "{}", run.stderr);
    let devices = &run.json()["devices"];
    assert_eq!((&devices["bulk_blocks"], &devices["bulk_rejected"]), (&1.into(), &3.into()));
    assert_eq!(run.json()["exits"]["total"], 7);
}

#[test]
fn mmio_to_nothing_reads_all_ones() {
    let code = Code::new()
        .store(0xD000_0000, 7)
        .load(0xD000_0000)
        .raw(&[0x40, 0x04, b'0']) // inc eax; add al, '0'
        .print_al()
        .power_off()
        .halt();
    let run = run_elf(&code.elf64(), &[]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "0"), "{}", run.stderr);
}

#[test]
fn the_command_line_has_the_words_of_user_and_platform() {
    // Print the string that start info (ebx) points to: offset 24 is cmdline_paddr.
    let code = Code::new()
        .raw(&[0x8B, 0x73, 0x18]) // mov esi, [ebx+24]
        .raw(&[0x66, 0xBA, 0xF8, 0x03]) // mov dx, COM1
        .raw(&[0xAC, 0x84, 0xC0, 0x74, 0x03, 0xEE, 0xEB, 0xF8]) // lodsb; test al,al; jz +3; out dx,al; jmp -8
        .power_off()
        .halt();
    let run = run_elf(&code.elf64(), &["--cmdline", "first second"]);
    assert_eq!(run.stdout, "first second smvm.platform=0x600 smvm.memzero=0x100000 smvm.com=1 smvm.lpt=");
    assert_eq!(run.code, 0);
}

#[test]
fn the_guest_counter_is_the_hosts() {
    // rdtsc at the guest's end, stored for the exit log: out dx, eax of the low half.
    let code =
        Code::new().raw(&[0x0F, 0x31, 0x89, 0xD0]).raw(&[0x66, 0xBA, 0x00, 0x06, 0xEF]).raw(&[0xEB, 0xFE]);
    let run = run_elf(&code.elf64(), &["--deadline", "200ms", "--json"]);
    let json = run.json();
    let exit = json["dump"]["last_exits"]
        .as_array()
        .and_then(|exits| exits.iter().find(|exit| exit["kind"] == "port_write").cloned());
    let high = exit.and_then(|exit| exit["value"].as_u64()).expect("the exit");
    // SAFETY: every x86-64 processor has the instruction.
    #[expect(unsafe_code, reason = "the rdtsc instruction")]
    let host = unsafe { std::arch::x86_64::_rdtsc() } >> 32;
    assert!(host - high <= 8, "guest {high:#x}, host {host:#x}");
}
