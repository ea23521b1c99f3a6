//! The access check, fact by fact.
mod common;

use common::*;
use nt::NtStatus;
use nt::security::*;
use secore::*;

type Answer = Result<u32, NtStatus>;

fn ask(token: &Token, descriptor: &Descriptor, desired: u32) -> Result<u32, NtStatus> {
    let request = Request::new(desired, &MAPPING);
    token.check_access(Some(descriptor), &request).map(|granted| granted.access)
}

const DENIED: Answer = Err(NtStatus::ACCESS_DENIED);

#[test]
fn lists_decide() {
    let (allow, deny) = (NewAce::allow, NewAce::deny);
    let cases: &[(&str, &[NewAce<'_>], u32, Answer)] = &[
        ("an empty list grants nothing", &[], 1, DENIED),
        ("the user", &[allow(3, &ALICE)], 3, Ok(3)),
        ("a group", &[allow(3, &Sid::WORLD)], 1, Ok(1)),
        ("somebody else", &[allow(3, &BOB)], 1, DENIED),
        ("the same number in another domain", &[allow(3, &OTHER_ALICE)], 1, DENIED),
        ("not all of it", &[allow(1, &ALICE)], 3, DENIED),
        ("rights add up", &[allow(1, &ALICE), allow(2, &Sid::USERS)], 3, Ok(3)),
        ("denied first", &[deny(1, &ALICE), allow(3, &ALICE)], 1, DENIED),
        ("denied later", &[allow(3, &ALICE), deny(1, &ALICE)], 1, Ok(1)),
        ("a denial of something else", &[deny(4, &ALICE), allow(3, &ALICE)], 3, Ok(3)),
        ("a denial of one of two", &[allow(1, &ALICE), deny(2, &Sid::WORLD), allow(2, &ALICE)], 3, DENIED),
        ("a denial for somebody else", &[deny(3, &BOB), allow(3, &ALICE)], 3, Ok(3)),
        ("for heirs only", &[allow(3, &ALICE).with(ace_flags::INHERIT_ONLY)], 1, DENIED),
        (
            "a denial for heirs only",
            &[deny(3, &ALICE).with(ace_flags::INHERIT_ONLY), allow(1, &ALICE)],
            1,
            Ok(1),
        ),
        ("an audit grants nothing", &[NewAce::audit(3, &ALICE, 0xC0)], 1, DENIED),
        ("generic rights are asked for", &[allow(0x2_0001, &ALICE)], GENERIC_READ, Ok(0x2_0001)),
        ("generic all", &[allow(0x1F_000F, &ALICE)], GENERIC_ALL, Ok(0x1F_000F)),
        ("nothing is asked for", &[allow(0x1F_000F, &ALICE)], 0, DENIED),
        (
            "maximum",
            &[allow(5, &ALICE), deny(6, &Sid::WORLD), allow(0xF, &Sid::USERS)],
            MAXIMUM_ALLOWED,
            Ok(0xD),
        ),
        ("maximum and something that is there", &[allow(5, &ALICE)], MAXIMUM_ALLOWED | 1, Ok(5)),
        ("maximum and something that is not", &[allow(5, &ALICE)], MAXIMUM_ALLOWED | 2, DENIED),
        ("maximum is nothing", &[allow(5, &BOB)], MAXIMUM_ALLOWED, DENIED),
        ("a list cannot grant the SACL", &[allow(0x0100_0001, &ALICE)], MAXIMUM_ALLOWED, Ok(1)),
        (
            "the SACL needs the privilege",
            &[allow(0x0100_0001, &ALICE)],
            ACCESS_SYSTEM_SECURITY,
            Err(NtStatus::PRIVILEGE_NOT_HELD),
        ),
        ("ownership by list", &[allow(WRITE_OWNER, &ALICE)], WRITE_OWNER, Ok(WRITE_OWNER)),
        ("ownership by nothing", &[allow(1, &ALICE)], WRITE_OWNER, DENIED),
    ];
    for (what, aces, desired, expected) in cases {
        assert_eq!(ask(&alice(), &owned_by(BOB, aces), *desired), *expected, "{what}");
    }
}

#[test]
fn without_a_list_everything_is_granted() {
    let null = Descriptor { owner: Some(BOB), ..Descriptor::open_to_all() };
    for descriptor in [None, Some(&Descriptor::default()), Some(&null)] {
        let ask = |desired| {
            alice().check_access(descriptor, &Request::new(desired, &MAPPING)).map(|granted| granted.access)
        };
        assert_eq!(ask(GENERIC_WRITE | 8), Ok(0x2_000A));
        assert_eq!(ask(MAXIMUM_ALLOWED), Ok(MAPPING.all));
        assert_eq!(ask(WRITE_OWNER | DELETE), Ok(WRITE_OWNER | DELETE));
        assert_eq!(ask(ACCESS_SYSTEM_SECURITY), Err(NtStatus::PRIVILEGE_NOT_HELD));
        assert_eq!(ask(0), DENIED);
    }
}

#[test]
fn the_owner_reads_and_writes_the_list() {
    let mine = owned_by(ALICE, &[NewAce::deny(0x1F_000F, &Sid::WORLD)]);
    assert_eq!(ask(&alice(), &mine, READ_CONTROL | WRITE_DAC), Ok(READ_CONTROL | WRITE_DAC));
    assert_eq!(ask(&alice(), &mine, READ_CONTROL | DELETE), DENIED);
    assert_eq!(ask(&alice(), &mine, MAXIMUM_ALLOWED), Ok(READ_CONTROL | WRITE_DAC));
    assert_eq!(ask(&alice(), &owned_by(BOB, &[]), READ_CONTROL), DENIED);
    let of_group = owned_by(STAFF, &[]);
    assert_eq!(ask(&alice(), &of_group, WRITE_DAC), Ok(WRITE_DAC));
}

#[test]
fn privileges_take_part_and_are_named() {
    let both = Privileges::of(&[privilege::SECURITY, privilege::TAKE_OWNERSHIP], &[]);
    let disabled = Privileges::of(&[], &[privilege::SECURITY, privilege::TAKE_OWNERSHIP]);
    let object = owned_by(BOB, &[NewAce::allow(1, &ALICE)]);
    let ask = |privileges, desired| {
        token(ALICE, vec![], privileges).check_access(Some(&object), &Request::new(desired, &MAPPING))
    };
    let bits = |numbers: &[u32]| numbers.iter().map(|number| 1_u64 << number).sum::<u64>();
    let wanted = ACCESS_SYSTEM_SECURITY | WRITE_OWNER | 1;
    let granted = ask(both, wanted).unwrap();
    assert_eq!(granted.access, wanted);
    assert_eq!(granted.privileges, bits(&[8, 9]));
    assert_eq!(ask(both, WRITE_OWNER | 2), Err(NtStatus::ACCESS_DENIED));
    assert_eq!(ask(both, MAXIMUM_ALLOWED), Ok(Granted { access: 1, privileges: 0 }));
    let maximum = ask(both, MAXIMUM_ALLOWED | ACCESS_SYSTEM_SECURITY).unwrap();
    assert_eq!((maximum.access, maximum.privileges), (ACCESS_SYSTEM_SECURITY | 1, bits(&[8])));
    assert_eq!(ask(disabled, ACCESS_SYSTEM_SECURITY), Err(NtStatus::PRIVILEGE_NOT_HELD));
    assert_eq!(ask(disabled, WRITE_OWNER), Err(NtStatus::ACCESS_DENIED));
}

#[test]
fn what_was_granted_before_counts() {
    let object = owned_by(BOB, &[NewAce::allow(1, &ALICE)]);
    let ask = |desired, granted| {
        let request = Request { desired, granted, mapping: &MAPPING };
        alice().check_access(Some(&object), &request).map(|granted| granted.access)
    };
    assert_eq!(ask(3, 2), Ok(3));
    assert_eq!(ask(0, 2), Ok(2));
    assert_eq!(ask(MAXIMUM_ALLOWED, 2), Ok(3));
    assert_eq!(ask(WRITE_OWNER, WRITE_OWNER), Ok(WRITE_OWNER));
    assert_eq!(ask(4, 2), DENIED);
}

#[test]
fn groups_count_as_their_attributes_say() {
    let (allow, deny) = ([NewAce::allow(1, &STAFF)], [NewAce::deny(1, &STAFF), NewAce::allow(1, &ALICE)]);
    let cases = [
        ("enabled", group_attributes::ENABLED, true, false),
        ("disabled", 0, false, true),
        ("for denials only", group_attributes::USE_FOR_DENY_ONLY, false, false),
        ("both", group_attributes::ENABLED | group_attributes::USE_FOR_DENY_ONLY, false, false),
    ];
    for (what, attributes, allowed, passed) in cases {
        let token = token(ALICE, vec![Group { sid: STAFF, attributes }], Privileges::NONE);
        assert_eq!(ask(&token, &owned_by(BOB, &allow), 1).is_ok(), allowed, "{what}");
        assert_eq!(ask(&token, &owned_by(BOB, &deny), 1).is_ok(), passed, "{what}, denied");
        assert_eq!(ask(&token, &owned_by(STAFF, &[]), WRITE_DAC).is_ok(), allowed, "{what}, owner");
        assert_eq!(token.has_sid(&STAFF), allowed, "{what}");
    }
}

#[test]
fn restricted_tokens_need_both() {
    let restriction = Restriction { restricted: &[Sid::RESTRICTED], ..Restriction::default() };
    let token = alice().restrict(luid(7), &restriction).unwrap();
    let mine = NewAce::allow(3, &ALICE);
    let restricted = NewAce::allow(2, &Sid::RESTRICTED);
    assert_eq!(ask(&token, &owned_by(BOB, &[mine]), 1), DENIED);
    assert_eq!(ask(&token, &owned_by(BOB, &[restricted]), 2), DENIED);
    assert_eq!(ask(&token, &owned_by(BOB, &[mine, restricted]), 2), Ok(2));
    assert_eq!(ask(&token, &owned_by(BOB, &[mine, restricted]), 1), DENIED);
    assert_eq!(ask(&token, &owned_by(BOB, &[mine, restricted]), MAXIMUM_ALLOWED), Ok(2));
    assert_eq!(ask(&token, &owned_by(ALICE, &[restricted]), READ_CONTROL), DENIED);
    assert_eq!(ask(&token, &Descriptor::open_to_all(), 1), Ok(1));
    let twice = token.restrict(luid(8), &Restriction { restricted: &[Sid::WORLD], ..Restriction::default() });
    let twice = twice.unwrap();
    let all = [mine, restricted, NewAce::allow(3, &Sid::WORLD)];
    assert_eq!(ask(&twice, &owned_by(BOB, &all), 1), DENIED, "nothing is in both");
    assert_eq!(ask(&twice, &owned_by(BOB, &all), MAXIMUM_ALLOWED), DENIED);
}

#[test]
fn levels_limit_what_a_server_may_do() {
    use ImpersonationLevel::*;
    let object = owned_by(BOB, &[NewAce::allow(1, &ALICE)]);
    let request = Request::new(1, &MAPPING);
    let low = Err(NtStatus::BAD_IMPERSONATION_LEVEL);
    for (level, acts, asks) in [
        (Anonymous, false, false),
        (Identification, false, true),
        (Impersonation, true, true),
        (Delegation, true, true),
    ] {
        let client = as_client(&alice(), level);
        let access = |result: Result<Granted, NtStatus>| result.map(|granted| granted.access);
        assert_eq!(
            access(client.check_access(Some(&object), &request)),
            if acts { Ok(1) } else { low },
            "{level:?}"
        );
        let asked = access(client.check_client_access(Some(&object), &request));
        assert_eq!(asked, if asks { Ok(1) } else { low }, "{level:?}");
        assert_eq!(client.has_privilege(privilege::CHANGE_NOTIFY), acts, "{level:?}");
    }
}

#[test]
fn object_aces_count_for_whole_objects_only() {
    let object_ace = |kind, guids: u32, mask: u32, sid: &Sid| {
        let mut ace = vec![kind, 0, 0, 0];
        ace.extend(mask.to_le_bytes());
        ace.extend(guids.to_le_bytes());
        ace.extend(vec![7; 16 * guids.count_ones() as usize]);
        ace.extend(sid.as_bytes());
        ace[2] = ace.len() as u8;
        ace
    };
    let list = |aces: &[Vec<u8>]| {
        let mut bytes = vec![0; 400];
        create_acl(&mut bytes, ACL_REVISION).unwrap();
        insert_aces(&mut bytes, ACL_REVISION_DS, usize::MAX, &aces.concat()).unwrap();
        owned_by(BOB, &[])
            .set(info::DACL, &Descriptor::with_dacl(Acl::parse(&bytes).unwrap().into()), &alice(), &MAPPING)
            .unwrap()
    };
    let allowed = |guids| object_ace(ace_type::ACCESS_ALLOWED_OBJECT, guids, 1, &ALICE);
    let denied = |guids| object_ace(ace_type::ACCESS_DENIED_OBJECT, guids, 1, &ALICE);
    assert_eq!(ask(&alice(), &list(&[allowed(0)]), 1), Ok(1));
    assert_eq!(ask(&alice(), &list(&[allowed(object_ace::INHERITED_OBJECT_TYPE_PRESENT)]), 1), Ok(1));
    assert_eq!(ask(&alice(), &list(&[allowed(object_ace::OBJECT_TYPE_PRESENT)]), 1), DENIED);
    assert_eq!(ask(&alice(), &list(&[denied(0), allowed(0)]), 1), DENIED);
    assert_eq!(ask(&alice(), &list(&[denied(object_ace::OBJECT_TYPE_PRESENT), allowed(0)]), 1), Ok(1));
}
