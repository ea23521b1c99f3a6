//! Tokens: what they begin with, changes, copies, queries.
mod common;

use common::*;
use nt::NtStatus;
use nt::security::*;
use secore::*;

const ENABLED: u32 = privilege_attributes::ENABLED;
const DEFAULT: u32 = privilege_attributes::ENABLED_BY_DEFAULT;

fn want(number: u32, attributes: u32) -> LuidAndAttributes {
    LuidAndAttributes { luid: luid(number as u64), attributes }
}

#[test]
fn the_system_token() {
    let system = system();
    assert_eq!(
        (*system.user(), *system.owner(), *system.primary_group()),
        (Sid::LOCAL_SYSTEM, Sid::ADMINISTRATORS, Sid::LOCAL_SYSTEM)
    );
    assert_eq!(
        (system.authentication_id(), system.kind(), system.session()),
        (luid(0x3E7), TokenKind::Primary, 0)
    );
    for sid in [Sid::LOCAL_SYSTEM, Sid::ADMINISTRATORS, Sid::WORLD, Sid::AUTHENTICATED_USERS] {
        assert!(system.has_sid(&sid), "{sid}");
    }
    assert!(!system.has_sid(&Sid::USERS));
    use privilege::*;
    let states = [
        (TCB, true),
        (DEBUG, true),
        (CHANGE_NOTIFY, true),
        (CREATE_PAGEFILE, true),
        (SHUTDOWN, false),
        (LOAD_DRIVER, false),
        (RESTORE, false),
        (SECURITY, false),
        (TAKE_OWNERSHIP, false),
    ];
    for (number, is_enabled) in states {
        assert_eq!(system.has_privilege(number), is_enabled, "{number}");
        assert!(system.privileges().is_held(number), "{number}");
    }
    assert_eq!(system.privileges().count(), 24);
    assert!(
        !system.privileges().is_held(MACHINE_ACCOUNT)
            && !system.has_privilege(64)
            && !system.has_privilege(u32::MAX)
    );
    let user = alice();
    assert!(
        user.has_privilege(CHANGE_NOTIFY)
            && !user.has_privilege(SHUTDOWN)
            && !user.privileges().is_held(DEBUG)
    );
}

#[test]
fn malformed_tokens_are_not_made() {
    let group = |attributes| vec![Group { sid: STAFF, attributes }];
    let make = |new: NewToken| Token::new(new).map(|_| ());
    let new = |attributes| plain(ALICE, group(attributes), Privileges::NONE);
    assert_eq!(make(new(1)), Err(NtStatus::INVALID_GROUP_ATTRIBUTES));
    assert_eq!(make(NewToken { owner: Some(STAFF), ..new(7) }), Err(NtStatus::INVALID_OWNER));
    assert_eq!(make(NewToken { owner: Some(STAFF), ..new(8) }), Err(NtStatus::INVALID_OWNER), "disabled");
    assert_eq!(make(NewToken { owner: Some(STAFF), ..new(0xC) }), Ok(()));
    assert_eq!(make(NewToken { primary_group: BOB, ..new(7) }), Err(NtStatus::INVALID_PRIMARY_GROUP));
}

#[test]
fn privileges_are_adjusted_and_undone() {
    let mut token = system();
    let wanted =
        [want(privilege::SHUTDOWN, ENABLED), want(privilege::TCB, 0), want(privilege::DEBUG, ENABLED)];
    let change = token.plan_privileges(wanted);
    assert_eq!(change.status(), NtStatus::SUCCESS);
    let previous: Vec<_> = change.previous().collect();
    assert_eq!(
        previous,
        [want(privilege::TCB, ENABLED | DEFAULT), want(privilege::SHUTDOWN, 0)],
        "what changes, as it was"
    );
    let mut bytes = [0xEE; 29];
    assert_eq!(change.write_previous(&mut bytes[..27]), Err(28));
    assert_eq!(change.write_previous(&mut bytes), Ok(28));
    assert_eq!(
        bytes,
        [2, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 19, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xEE]
    );
    assert_eq!(token.modified_id(), luid(1001));
    token.apply_privileges(&change, luid(1002));
    assert!(token.has_privilege(privilege::SHUTDOWN) && !token.has_privilege(privilege::TCB));
    assert_eq!(token.modified_id(), luid(1002));
    let undo = token.plan_privileges(PrivilegeList::parse(&bytes).unwrap());
    token.apply_privileges(&undo, luid(1003));
    assert_eq!(token.privileges(), system().privileges());
    let nothing = token.plan_privileges([want(privilege::TCB, ENABLED)]);
    token.apply_privileges(&nothing, luid(1004));
    assert_eq!((nothing.length(), token.modified_id()), (4, luid(1003)), "no change");
}

#[test]
fn privileges_that_are_not_there_are_passed_over() {
    let mut token = alice();
    let odd = LuidAndAttributes { luid: Luid { low: privilege::SHUTDOWN, high: 1 }, attributes: ENABLED };
    for absent in [want(privilege::DEBUG, ENABLED), want(64, ENABLED), want(0, 0), odd] {
        let change = token.plan_privileges([absent, want(privilege::SHUTDOWN, ENABLED)]);
        assert_eq!(change.status(), NtStatus::NOT_ALL_ASSIGNED, "{absent:?}");
        assert_eq!(change.previous().count(), 1, "{absent:?}");
    }
    let change = token.plan_to_disable_all();
    assert_eq!((change.status(), change.length()), (NtStatus::SUCCESS, 16));
    token.apply_privileges(&change, luid(1));
    assert!(!token.has_privilege(privilege::CHANGE_NOTIFY) && token.privileges().count() == 3);
    let gone = token.plan_privileges([want(privilege::SHUTDOWN, privilege_attributes::REMOVED | ENABLED)]);
    assert_eq!(gone.previous().collect::<Vec<_>>(), [want(privilege::SHUTDOWN, 0)], "it was there");
    token.apply_privileges(&gone, luid(2));
    assert!(!token.privileges().is_held(privilege::SHUTDOWN) && !token.has_privilege(privilege::SHUTDOWN));
    assert!(PrivilegeList::parse(&[1, 0, 0, 0, 1]).is_err() && PrivilegeList::parse(&[]).is_err());
    assert_eq!((PrivilegeList::length(2), PrivilegeList::length(u32::MAX)), (Some(28), None));
}

#[test]
fn privilege_sets() {
    let set = |control: u32, numbers: &[u32]| {
        let mut bytes = vec![numbers.len() as u8, 0, 0, 0, control as u8, 0, 0, 0];
        numbers.iter().for_each(|number| bytes.extend([*number as u8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
        bytes
    };
    let (has, lacks) = (privilege::CHANGE_NOTIFY, privilege::SHUTDOWN);
    let cases: [(u32, &[u32], bool); 7] = [
        (1, &[has], true),
        (1, &[has, lacks], false),
        (0, &[has, lacks], true),
        (0, &[lacks], false),
        (1, &[], true),
        (0, &[], false),
        (1, &[99], false),
    ];
    for (control, numbers, expected) in cases {
        let mut bytes = set(control, numbers);
        assert_eq!(alice().check_privilege_set(&mut bytes), Ok(expected), "{control} {numbers:?}");
        for (index, number) in numbers.iter().enumerate() {
            assert_eq!(bytes[8 + 12 * index + 11] == 0x80, *number == has, "used");
        }
    }
    assert_eq!(alice().check_privilege_set(&mut [2; 20]), Err(NtStatus::INVALID_PARAMETER));
    let level = |level| as_client(&alice(), level).check_privilege_set(&mut set(1, &[has]));
    assert_eq!(level(ImpersonationLevel::Anonymous), Err(NtStatus::BAD_IMPERSONATION_LEVEL));
    assert_eq!(level(ImpersonationLevel::Identification), Ok(true));
}

#[test]
fn groups_are_adjusted_and_undone() {
    let optional =
        Group { sid: BOB, attributes: group_attributes::ENABLED_BY_DEFAULT | group_attributes::ENABLED };
    let denies = Group { sid: OTHER_ALICE, attributes: group_attributes::USE_FOR_DENY_ONLY };
    let mut token = token(ALICE, vec![Group::mandatory(STAFF), optional, denies], Privileges::NONE);
    let on = |sid, on| [Group { sid, attributes: if on { group_attributes::ENABLED } else { 0 } }];
    assert_eq!(token.plan_groups(&on(STAFF, false)), Err(NtStatus::CANT_DISABLE_MANDATORY));
    assert_eq!(token.plan_groups(&on(OTHER_ALICE, true)), Err(NtStatus::CANT_ENABLE_DENY_ONLY));
    assert_eq!(
        token.plan_groups(&on(Sid::WORLD, true)).map(|change| change.status()),
        Ok(NtStatus::NOT_ALL_ASSIGNED)
    );
    assert_eq!(
        token.plan_groups(&on(ALICE, false)).map(|change| change.status()),
        Ok(NtStatus::NOT_ALL_ASSIGNED),
        "the user is no group"
    );
    let change = token.plan_groups(&on(BOB, false)).unwrap();
    assert_eq!(change.previous().collect::<Vec<_>>(), [&optional]);
    let mut bytes = [0; 8 + 16 + 28];
    assert_eq!(change.write_previous(0x1000, &mut bytes[..51]), Err(52));
    assert_eq!(change.write_previous(0x1000, &mut bytes), Ok(52));
    assert_eq!(bytes[..24], [1, 0, 0, 0, 0, 0, 0, 0, 0x18, 0x10, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(bytes[24..], *BOB.as_bytes());
    token.apply_groups(&change, luid(5));
    assert!(!token.has_sid(&BOB) && token.modified_id() == luid(5));
    let back = token.plan_default_groups();
    token.apply_groups(&back, luid(6));
    assert!(token.has_sid(&BOB) && !token.has_sid(&OTHER_ALICE));
}

#[test]
fn copies() {
    use ImpersonationLevel::*;
    let level = TokenKind::Impersonation;
    let cases = [
        (TokenKind::Primary, level(Delegation), true),
        (level(Identification), level(Anonymous), true),
        (level(Identification), level(Impersonation), false),
        (level(Identification), TokenKind::Primary, false),
        (level(Impersonation), TokenKind::Primary, true),
        (level(Impersonation), level(Delegation), false),
    ];
    for (from, to, works) in cases {
        let original = alice().duplicate(luid(7), from, false).unwrap();
        let copy = original.duplicate(luid(8), to, false);
        assert_eq!(copy.as_ref().map(|copy| copy.kind()).ok(), works.then_some(to), "{from:?} {to:?}");
        assert!(works || copy.is_err_and(|status| status == NtStatus::BAD_IMPERSONATION_LEVEL));
    }
    let owner = Group { sid: STAFF, attributes: group_attributes::OWNER | group_attributes::ENABLED };
    let new = plain(ALICE, vec![owner, Group { sid: BOB, attributes: 0 }], Privileges::of(&[1], &[2]));
    let mut token = Token::new(NewToken { owner: Some(STAFF), ..new }).unwrap();
    let copy = token.duplicate(luid(9), TokenKind::Primary, true).unwrap();
    assert_eq!((copy.groups(), copy.privileges().count(), *copy.owner()), (&[owner][..], 1, STAFF));
    assert_eq!(
        (copy.id(), copy.modified_id(), copy.authentication_id()),
        (luid(9), luid(2000), luid(0x1234))
    );
    let change = token.plan_groups(&[Group { sid: STAFF, attributes: 0 }]).unwrap();
    token.apply_groups(&change, luid(10));
    let copy = token.duplicate(luid(11), TokenKind::Primary, true).unwrap();
    assert_eq!((copy.groups().len(), *copy.owner()), (0, ALICE), "the owner went with its group");
}

#[test]
fn restriction_takes_away() {
    let by = Restriction {
        drop_privileges: true,
        without: &[privilege::CHANGE_NOTIFY],
        deny_only: &[Sid::ADMINISTRATORS, Sid::LOCAL_SYSTEM],
        restricted: &[Sid::RESTRICTED],
    };
    let token = system().restrict(luid(5), &by).unwrap();
    assert_eq!((token.privileges().count(), token.id(), token.modified_id()), (0, luid(5), luid(5)));
    assert!(
        !token.has_sid(&Sid::ADMINISTRATORS)
            && !token.has_sid(&Sid::LOCAL_SYSTEM)
            && token.has_sid(&Sid::WORLD)
    );
    assert_eq!(token.restricted_sids(), [Group::mandatory(Sid::RESTRICTED)]);
    assert!(!token.may_own(&Sid::ADMINISTRATORS));
    let kept =
        system().restrict(luid(5), &Restriction { drop_privileges: true, ..Restriction::default() }).unwrap();
    assert!(kept.has_privilege(privilege::CHANGE_NOTIFY) && kept.privileges().count() == 1);
    let bad = Restriction { without: &[64], ..Restriction::default() };
    assert_eq!(system().restrict(luid(5), &bad).map(|_| ()), Err(NtStatus::NO_SUCH_PRIVILEGE));
}

#[test]
fn setting() {
    let mut token = system();
    assert_eq!(token.set_owner(&Sid::WORLD, luid(1)), Err(NtStatus::INVALID_OWNER), "no owner by attribute");
    assert_eq!(token.set_primary_group(&ALICE, luid(1)), Err(NtStatus::INVALID_PRIMARY_GROUP));
    assert_eq!(token.modified_id(), luid(1001));
    assert_eq!(token.set_owner(&Sid::LOCAL_SYSTEM, luid(1)), Ok(()));
    assert_eq!(token.set_primary_group(&Sid::WORLD, luid(2)), Ok(()));
    assert_eq!(
        (*token.owner(), *token.primary_group(), token.modified_id()),
        (Sid::LOCAL_SYSTEM, Sid::WORLD, luid(2))
    );
    token.set_session(4, luid(3));
    token.set_default_dacl(Some(acl(&[]).as_acl()), luid(4));
    assert_eq!(
        (token.session(), token.default_dacl().map(|acl| acl.count()), token.modified_id()),
        (4, Some(0), luid(4))
    );
}

#[test]
fn every_class_is_laid_out_as_published() {
    const BASE: u64 = 0x7FF0_0000_1230;
    let mut token = system();
    token.set_session(3, luid(1005));
    let query = |class| {
        let length = token.query_length(class).unwrap();
        let mut bytes = vec![0xEE; length + 1];
        assert_eq!(
            token.query(class, BASE, &mut bytes[..length - 1]),
            Err(QueryError::TooSmall(length)),
            "{class}"
        );
        assert_eq!(token.query(class, BASE, &mut bytes), Ok(length), "{class}");
        assert_eq!(bytes.pop(), Some(0xEE), "{class}");
        bytes
    };
    let pointer = |offset: u64| (BASE + offset).to_le_bytes().to_vec();
    let u32s = |numbers: &[u32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let (system_sid, administrators) = (Sid::LOCAL_SYSTEM, Sid::ADMINISTRATORS);
    assert_eq!(
        query(token_class::USER),
        [pointer(16), u32s(&[0, 0]), system_sid.as_bytes().to_vec()].concat()
    );
    let groups = [
        u32s(&[3, 0]),
        [pointer(56), u32s(&[0xE, 0]), pointer(72), u32s(&[7, 0]), pointer(84), u32s(&[7, 0])].concat(),
        [administrators.as_bytes(), Sid::WORLD.as_bytes(), Sid::AUTHENTICATED_USERS.as_bytes()].concat(),
    ];
    assert_eq!(query(token_class::GROUPS), groups.concat());
    let privileges = query(token_class::PRIVILEGES);
    assert_eq!((privileges.len(), &privileges[..28]), (4 + 24 * 12, &u32s(&[24, 2, 0, 0, 3, 0, 0])[..]));
    assert!(PrivilegeList::parse(&privileges).unwrap().eq(token.privileges().list()));
    assert_eq!(query(token_class::OWNER), [pointer(8), administrators.as_bytes().to_vec()].concat());
    assert_eq!(query(token_class::PRIMARY_GROUP), [pointer(8), system_sid.as_bytes().to_vec()].concat());
    let dacl = query(token_class::DEFAULT_DACL);
    assert_eq!(dacl[..8], pointer(8));
    let masks: Vec<u32> = Acl::parse(&dacl[8..]).unwrap().aces().map(|ace| ace.mask()).collect();
    assert_eq!(masks, [0x1000_0000, 0xA002_0000]);
    assert_eq!(query(token_class::SOURCE), [b"*SYSTEM*".to_vec(), vec![0; 8]].concat());
    assert_eq!(query(token_class::TYPE), [1, 0, 0, 0]);
    assert_eq!(query(token_class::SESSION_ID), [3, 0, 0, 0]);
    assert_eq!(query(token_class::RESTRICTED_SIDS), [0; 8]);
    let statistics =
        u32s(&[1001, 0, 0x3E7, 0, u32::MAX, 0x7FFF_FFFF, 1, 0, 500, 500 - 12 - 52, 3, 24, 1005, 0]);
    assert_eq!(query(token_class::STATISTICS), statistics);
    for class in [0, token_class::IMPERSONATION_LEVEL, 13, 18, u32::MAX] {
        assert_eq!(token.query(class, BASE, &mut []), Err(QueryError::Class), "{class}");
    }
    let client = as_client(&token, ImpersonationLevel::Identification);
    let mut level = [0; 4];
    assert_eq!((client.query(token_class::IMPERSONATION_LEVEL, 0, &mut level), level), (Ok(4), [1, 0, 0, 0]));
    token.set_default_dacl(None, luid(1));
    let mut null = [0xEE; 8];
    assert_eq!((token.query(token_class::DEFAULT_DACL, BASE, &mut null), null), (Ok(8), [0; 8]));
    assert_eq!(access_to_query_token(token_class::SOURCE), TOKEN_QUERY_SOURCE);
    assert_eq!(access_to_query_token(token_class::USER), TOKEN_QUERY);
}
