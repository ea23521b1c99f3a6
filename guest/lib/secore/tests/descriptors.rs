//! Descriptors: bytes, parts, and those of new objects.
mod common;

use common::*;
use nt::NtStatus;
use nt::security::*;
use secore::*;

/// The descriptor that Windows gives to services, as its registry has it: a SACL that audits failures by
/// Everyone; a DACL for system, administrators, authenticated users and power users.
const OF_SERVICES: &str = "
    01 00 14 80 90 00 00 00 9c 00 00 00 14 00 00 00 30 00 00 00
    02 00 1c 00 01 00 00 00 02 80 14 00 ff 01 0f 00 01 01 00 00 00 00 00 01 00 00 00 00
    02 00 60 00 04 00 00 00 00 00 14 00 fd 01 02 00 01 01 00 00 00 00 00 05 12 00 00 00
    00 00 18 00 ff 01 0f 00 01 02 00 00 00 00 00 05 20 00 00 00 20 02 00 00
    00 00 14 00 8d 01 02 00 01 01 00 00 00 00 00 05 0b 00 00 00
    00 00 18 00 fd 01 02 00 01 02 00 00 00 00 00 05 20 00 00 00 23 02 00 00
    01 01 00 00 00 00 00 05 12 00 00 00 01 01 00 00 00 00 00 05 12 00 00 00";

fn bytes(hex: &str) -> Vec<u8> {
    hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).expect(byte)).collect()
}

fn aces(list: &List) -> Vec<(u8, u8, u32, String)> {
    let aces = list.acl().into_iter().flat_map(|acl| acl.aces());
    aces.map(|ace| {
        (ace.kind(), ace.flags(), ace.mask(), ace.sid().map_or(String::new(), |sid| sid.to_string()))
    })
    .collect()
}

fn entry(kind: u8, flags: u8, mask: u32, sid: Sid) -> (u8, u8, u32, String) {
    (kind, flags, mask, sid.to_string())
}

#[test]
fn a_descriptor_of_windows_is_read_and_written_byte_by_byte() {
    let given = bytes(OF_SERVICES);
    let parsed = Descriptor::parse(&given).unwrap();
    assert_eq!((parsed.owner, parsed.group), (Some(Sid::LOCAL_SYSTEM), Some(Sid::LOCAL_SYSTEM)));
    assert_eq!(parsed.control_bits(), control::DACL_PRESENT | control::SACL_PRESENT);
    assert_eq!(
        aces(&parsed.sacl),
        [entry(ace_type::SYSTEM_AUDIT, ace_flags::FAILED_ACCESS, 0xF_01FF, Sid::WORLD)]
    );
    let power_users = Sid::known(5, &[32, 547]);
    assert_eq!(
        aces(&parsed.dacl),
        [
            entry(0, 0, 0x2_01FD, Sid::LOCAL_SYSTEM),
            entry(0, 0, 0xF_01FF, Sid::ADMINISTRATORS),
            entry(0, 0, 0x2_018D, Sid::AUTHENTICATED_USERS),
            entry(0, 0, 0x2_01FD, power_users),
        ]
    );
    assert_eq!(parsed.to_bytes(), given);
    let ask = |token: &Token| {
        let request = Request::new(MAXIMUM_ALLOWED, &MAPPING);
        token.check_access(Some(&parsed), &request).map(|granted| granted.access)
    };
    assert_eq!(ask(&system()), Ok(0xF_01FF));
    assert_eq!(ask(&alice()), Ok(0x2_018D));
}

#[test]
fn what_is_no_descriptor_is_refused() {
    let changes: &[(&str, usize, u8, Result<(), NtStatus>)] = &[
        ("as it is", 0, 1, Ok(())),
        ("revision 2", 0, 2, Err(NtStatus::UNKNOWN_REVISION)),
        ("absolute", 3, 0, Err(NtStatus::BAD_DESCRIPTOR_FORMAT)),
        ("owner beyond the end", 5, 1, Err(NtStatus::INVALID_SECURITY_DESCR)),
        ("owner uneven", 4, 0x92, Err(NtStatus::INVALID_SECURITY_DESCR)),
        ("owner at the end", 4, 0xA8, Err(NtStatus::INVALID_SID)),
        ("owner is no SID", 4, 0x30, Err(NtStatus::INVALID_SID)),
        ("no owner", 4, 0, Ok(())),
        ("SACL is no ACL", 12, 0x18, Err(NtStatus::INVALID_ACL)),
        ("DACL is longer than the rest", 0x33, 0x10, Err(NtStatus::INVALID_ACL)),
        ("DACL is no ACL, but not said to be there", 2, 0x10, Ok(())),
    ];
    for (what, at, value, expected) in changes {
        let mut damaged = bytes(OF_SERVICES);
        damaged[*at] = *value;
        if what.starts_with("DACL is no ACL") {
            damaged[16] = 4;
        }
        assert_eq!(SelfRelative::parse(&damaged).map(|_| ()), *expected, "{what}");
        assert_eq!(Descriptor::parse(&damaged).map(|_| ()), *expected, "{what}");
    }
    assert!(SelfRelative::parse(&bytes(OF_SERVICES)[..19]).is_err());
}

#[test]
fn null_and_absent_lists_stay_apart() {
    for (descriptor, bits) in [(Descriptor::default(), 0), (Descriptor::open_to_all(), control::DACL_PRESENT)]
    {
        let written = descriptor.to_bytes();
        assert_eq!(written.len(), 20);
        assert_eq!(u16::from_le_bytes([written[2], written[3]]), bits | control::SELF_RELATIVE);
        assert_eq!(Descriptor::parse(&written), Ok(descriptor));
    }
}

#[test]
fn parts_captured_from_an_absolute_descriptor() {
    let dacl = acl(&[NewAce::allow(1, &ALICE)]);
    let parts = Parts {
        revision: 1,
        control: control::DACL_PRESENT | control::SACL_PRESENT | control::OWNER_DEFAULTED,
        owner: Some(ALICE.as_bytes()),
        dacl: Some(dacl.as_bytes()),
        ..Parts::default()
    };
    let captured = Descriptor::of_parts(&parts).unwrap();
    assert_eq!((captured.owner, captured.group), (Some(ALICE), None));
    assert_eq!((&captured.dacl, &captured.sacl), (&List::Acl(dacl.clone()), &List::Null));
    assert_eq!(captured.control_bits(), parts.control);
    let of = |parts: Parts<'_>| Descriptor::of_parts(&parts).map(|_| ());
    assert_eq!(of(Parts { revision: 0, ..parts }), Err(NtStatus::UNKNOWN_REVISION));
    assert_eq!(of(Parts { group: Some(&[1]), ..parts }), Err(NtStatus::INVALID_SID));
    assert_eq!(of(Parts { sacl: Some(&[1]), ..parts }), Err(NtStatus::INVALID_ACL));
    assert_eq!(of(Parts { sacl: Some(&[1]), control: 0, ..parts }), Ok(()));
}

#[test]
fn a_query_shows_what_was_asked_for() {
    let mut descriptor = Descriptor::parse(&bytes(OF_SERVICES)).unwrap();
    descriptor.control |= control::OWNER_DEFAULTED | control::DACL_PROTECTED;
    let cases = [
        (0, 20, 0),
        (info::OWNER, 32, control::OWNER_DEFAULTED),
        (info::GROUP, 32, 0),
        (info::DACL, 20 + 0x60, control::DACL_PRESENT | control::DACL_PROTECTED),
        (info::SACL, 20 + 0x1C, control::SACL_PRESENT),
        (15, 0xA8, descriptor.control_bits()),
    ];
    for (information, length, bits) in cases {
        let mut out = vec![0xEE; length + 1];
        for short in [0, 19, length - 1] {
            assert_eq!(
                descriptor.query(information, &mut out[..short]),
                Err(length),
                "{information} in {short}"
            );
            assert!(out.iter().all(|byte| *byte == 0xEE));
        }
        assert_eq!(descriptor.query(information, &mut out), Ok(length));
        assert_eq!(Descriptor::parse(&out[..length]).unwrap().control_bits(), bits, "{information}");
        assert_eq!(out[length], 0xEE);
    }
    let access = [
        (0, 0, 0),
        (1, READ_CONTROL, WRITE_OWNER),
        (2, READ_CONTROL, WRITE_OWNER),
        (4, READ_CONTROL, WRITE_DAC),
        (8, ACCESS_SYSTEM_SECURITY, ACCESS_SYSTEM_SECURITY),
        (info::PROTECTED_DACL, 0, WRITE_DAC),
        (13, READ_CONTROL | ACCESS_SYSTEM_SECURITY, WRITE_OWNER | WRITE_DAC | ACCESS_SYSTEM_SECURITY),
    ];
    for (information, query, set) in access {
        assert_eq!((access_to_query(information), access_to_set(information)), (query, set), "{information}");
    }
}

#[test]
fn setting_replaces_what_is_named() {
    let old = Descriptor { group: Some(STAFF), sacl: List::Null, ..owned_by(BOB, &[NewAce::deny(1, &BOB)]) };
    let new = Descriptor {
        control: control::DACL_AUTO_INHERIT_REQ | control::DACL_DEFAULTED,
        ..owned_by(ALICE, &[NewAce::allow(GENERIC_READ, &ALICE)])
    };
    let set = |information| old.set(information, &new, &alice(), &MAPPING);
    let dacl = set(info::DACL).unwrap();
    assert_eq!((dacl.owner, dacl.group, &dacl.sacl), (old.owner, old.group, &old.sacl));
    assert_eq!(aces(&dacl.dacl), [entry(0, 0, 0x2_0001, ALICE)], "generic rights are mapped");
    assert_eq!(dacl.control, control::DACL_AUTO_INHERITED | control::DACL_DEFAULTED);
    let owner = set(info::OWNER).unwrap();
    assert_eq!((owner.owner, &owner.dacl, owner.control), (Some(ALICE), &old.dacl, 0));
    assert_eq!(set(info::GROUP), Err(NtStatus::INVALID_PRIMARY_GROUP));
    assert_eq!(set(info::SACL).unwrap().sacl, List::Absent);
    assert_eq!(
        new.set(info::OWNER, &old, &alice(), &MAPPING),
        Err(NtStatus::INVALID_OWNER),
        "Bob is not Alice"
    );
    assert_eq!(
        new.set(info::OWNER, &Descriptor::default(), &alice(), &MAPPING),
        Err(NtStatus::INVALID_OWNER)
    );
    let restorer = token(ALICE, vec![], Privileges::of(&[privilege::RESTORE], &[]));
    assert_eq!(new.set(info::OWNER, &old, &restorer, &MAPPING).unwrap().owner, Some(BOB));
    let protected = old.set(info::PROTECTED_DACL, &new, &alice(), &MAPPING).unwrap();
    assert_eq!(protected, Descriptor { control: control::DACL_PROTECTED, ..old.clone() });
    assert_eq!(protected.set(info::UNPROTECTED_DACL, &new, &alice(), &MAPPING), Ok(old.clone()));
}

#[test]
fn where_the_list_of_a_new_object_comes_from() {
    let given = Descriptor::with_dacl(acl(&[NewAce::allow(GENERIC_WRITE, &BOB)]));
    let by_default = Descriptor { control: control::DACL_DEFAULTED, ..given.clone() };
    let heritable = owned_by(BOB, &[NewAce::allow(4, &STAFF).with(ace_flags::OBJECT_INHERIT)]);
    let barren = owned_by(BOB, &[NewAce::allow(4, &STAFF)]);
    let containers_only = owned_by(BOB, &[NewAce::allow(4, &STAFF).with(ace_flags::CONTAINER_INHERIT)]);
    let from_given = vec![entry(0, 0, 0x2_0002, BOB)];
    let from_parent = vec![entry(0, 0, 4, STAFF)];
    let from_token = vec![entry(0, 0, 0x1F_000F, ALICE), entry(0, 0, 0x1F_000F, Sid::LOCAL_SYSTEM)];
    let token = alice();
    let assign = |explicit, parent| {
        let creation = Creation { explicit, parent, is_container: false, token: &token, mapping: &MAPPING };
        creation.assign().unwrap()
    };
    let cases = [
        ("given", Some(&given), Some(&heritable), from_given.clone(), 0),
        ("given as a default, inherited", Some(&by_default), Some(&heritable), from_parent.clone(), 0),
        ("given as a default", Some(&by_default), Some(&barren), from_given, control::DACL_DEFAULTED),
        ("inherited", None, Some(&heritable), from_parent, 0),
        ("nothing to inherit", None, Some(&barren), from_token.clone(), control::DACL_DEFAULTED),
        (
            "nothing for such a child",
            None,
            Some(&containers_only),
            from_token.clone(),
            control::DACL_DEFAULTED,
        ),
        ("no parent", None, None, from_token, control::DACL_DEFAULTED),
    ];
    for (what, explicit, parent, expected, control) in cases {
        let assigned = assign(explicit, parent);
        assert_eq!((aces(&assigned.dacl), assigned.control), (expected, control), "{what}");
        assert_eq!((assigned.owner, assigned.group), (Some(ALICE), Some(STAFF)), "{what}");
    }
    assert_eq!(assign(Some(&Descriptor::open_to_all()), Some(&heritable)).dacl, List::Null);
    let mut bare = alice();
    bare.set_default_dacl(None, luid(9));
    let creation =
        Creation { explicit: None, parent: None, is_container: false, token: &bare, mapping: &MAPPING };
    assert_eq!(creation.assign().unwrap().dacl, List::Absent);
}

#[test]
fn owner_group_and_sacl_of_a_new_object() {
    let given = Descriptor { owner: Some(BOB), group: Some(Sid::USERS), ..Descriptor::default() };
    let audited =
        Descriptor { sacl: List::Acl(acl(&[NewAce::audit(1, &Sid::WORLD, 0x40)])), ..Descriptor::default() };
    let heritable =
        Descriptor { sacl: List::Acl(acl(&[NewAce::audit(1, &Sid::WORLD, 0x42)])), ..Descriptor::default() };
    let assign = |token: &Token, explicit, parent| {
        Creation { explicit, parent, is_container: true, token, mapping: &MAPPING }.assign()
    };
    let restorer = token(ALICE, vec![], Privileges::of(&[privilege::RESTORE, privilege::SECURITY], &[]));
    assert_eq!(assign(&alice(), Some(&given), None), Err(NtStatus::INVALID_OWNER));
    let assigned = assign(&restorer, Some(&given), None).unwrap();
    assert_eq!((assigned.owner, assigned.group), (Some(BOB), Some(Sid::USERS)));
    assert_eq!(assign(&system(), None, None).unwrap().owner, Some(Sid::ADMINISTRATORS));
    assert_eq!(assign(&alice(), Some(&audited), None), Err(NtStatus::PRIVILEGE_NOT_HELD));
    assert_eq!(assign(&restorer, Some(&audited), None).unwrap().sacl, audited.sacl);
    assert_eq!(assign(&alice(), None, Some(&heritable)).unwrap().sacl, heritable.sacl);
}

/// Microsoft, "ACE Inheritance Rules": the table, with and without generic information.
#[test]
fn aces_are_inherited_by_the_rules() {
    use ace_flags::{
        CONTAINER_INHERIT as CI, INHERIT_ONLY as IO, NO_PROPAGATE_INHERIT as NP, OBJECT_INHERIT as OI,
    };
    type Heirs = Vec<(u8, u8, u32, String)>;
    let specific = |flags| vec![entry(0, flags, 1, BOB)];
    let cases: [(u8, Heirs, Heirs); 9] = [
        (0, vec![], vec![]),
        (OI, specific(0), specific(OI | IO)),
        (OI | NP, specific(0), vec![]),
        (OI | IO, specific(0), specific(OI | IO)),
        (CI, vec![], specific(CI)),
        (CI | NP, vec![], specific(0)),
        (CI | IO, vec![], specific(CI)),
        (CI | OI, specific(0), specific(CI | OI)),
        (CI | OI | NP | IO, specific(0), specific(0)),
    ];
    let token = alice();
    // An ACE that everybody inherits, so that the list is never the token's.
    let always = entry(1, 0, 8, STAFF);
    let inherit = |ace: NewAce<'_>, is_container| {
        let parent = Descriptor::with_dacl(acl(&[ace, NewAce::deny(8, &STAFF).with(OI | CI | NP)]));
        let creation = Creation {
            explicit: None,
            parent: Some(&parent),
            is_container,
            token: &token,
            mapping: &MAPPING,
        };
        let mut heirs = aces(&creation.assign().unwrap().dacl);
        assert_eq!(heirs.pop(), Some(always.clone()));
        heirs
    };
    for (flags, leaf, container) in cases {
        let ace = NewAce::allow(1, &BOB).with(flags);
        assert_eq!(
            (inherit(ace, false), inherit(ace, true)),
            (leaf.clone(), container.clone()),
            "{flags:#x}"
        );
        // What is generic is settled in the ACE that counts here, and stays in the one for the heirs.
        let generic = NewAce::allow(GENERIC_ALL, &Sid::CREATOR_OWNER).with(flags);
        let effective = entry(0, 0, 0x1F_000F, ALICE);
        let expected = |heirs: &Heirs| -> Heirs {
            let split = |(_, flags, ..): &(u8, u8, u32, String)| {
                let here = (flags & IO == 0).then(|| effective.clone());
                let later =
                    (flags & (OI | CI) != 0).then(|| entry(0, flags | IO, GENERIC_ALL, Sid::CREATOR_OWNER));
                here.into_iter().chain(later)
            };
            heirs.iter().flat_map(split).collect()
        };
        assert_eq!(inherit(generic, false), expected(&leaf), "{flags:#x}");
        assert_eq!(inherit(generic, true), expected(&container), "{flags:#x}");
    }
    assert_eq!(inherit(NewAce::allow(2, &Sid::CREATOR_GROUP).with(OI), false), [entry(0, 0, 2, STAFF)]);
}

#[test]
fn too_much_to_inherit_is_an_error() {
    let one = NewAce::allow(1, &Sid::CREATOR_OWNER).with(ace_flags::CONTAINER_INHERIT);
    let parent = Descriptor::with_dacl(acl(&vec![one; 2000]));
    let creation = Creation {
        explicit: None,
        parent: Some(&parent),
        is_container: true,
        token: &alice(),
        mapping: &MAPPING,
    };
    assert_eq!(creation.assign(), Err(NtStatus::BAD_INHERITANCE_ACL));
}

#[test]
fn parts_are_written_as_they_are() {
    // A list with room that is not in use, of a length that is no multiple of 4.
    let mut list = [0; 31];
    create_acl(&mut list[..28], 2).unwrap();
    add_ace(&mut list, 2, NewAce::allow(1, &Sid::WORLD)).unwrap();
    list[2] = 31;
    list[30] = 7;
    let parts = Parts {
        revision: 1,
        sbz1: 0,
        control: control::DACL_PRESENT,
        owner: Some(Sid::LOCAL_SYSTEM.as_bytes()),
        group: None,
        dacl: Some(&list),
        sacl: None,
    };
    let mut written = [0xFF; 64];
    assert_eq!(parts.write(&mut written[..63]), Err(64), "header, list padded to 32, owner");
    assert_eq!((parts.write(&mut written), written[51]), (Ok(64), 0));
    let found = SelfRelative::parse(&written).unwrap().parts();
    assert_eq!((found.dacl, found.owner), (parts.dacl, parts.owner));
}
