//! ACLs: what is valid, and the functions that edit one in place.
#![expect(clippy::unwrap_used, reason = "what the cases make is well formed")]
mod common;

use common::*;
use nt::NtStatus;
use nt::security::*;
use proptest::prelude::*;
use secore::*;

fn list(size: usize) -> Vec<u8> {
    let mut bytes = vec![0xAA; size];
    create_acl(&mut bytes, ACL_REVISION).unwrap();
    bytes
}

fn raw(ace: NewAce<'_>) -> Vec<u8> {
    acl(&[ace]).as_acl().ace(0).unwrap().as_bytes().to_vec()
}

#[test]
fn sids_have_their_published_bytes_and_text() {
    let cases: [(Sid, &str, &[u8]); 7] = [
        (Sid::WORLD, "S-1-1-0", &[1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]),
        (Sid::CREATOR_OWNER, "S-1-3-0", &[1, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0]),
        (Sid::LOCAL_SYSTEM, "S-1-5-18", &[1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0]),
        (Sid::ADMINISTRATORS, "S-1-5-32-544", &[1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0]),
        (Sid::USERS, "S-1-5-32-545", &[1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x21, 2, 0, 0]),
        (
            Sid::new(0x1234_5678_9ABC, &[]).unwrap(),
            "S-1-0x123456789ABC",
            &[1, 0, 0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC],
        ),
        (
            ALICE,
            "S-1-5-21-1-2-3-1001",
            &[1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0xE9, 3, 0, 0],
        ),
    ];
    for (sid, text, bytes) in cases {
        assert_eq!((sid.to_string().as_str(), sid.as_bytes()), (text, bytes));
        assert_eq!(Sid::parse(bytes), Ok(sid));
        let Some(short) = bytes.get(..bytes.len() - 1) else { continue };
        assert_eq!(Sid::parse(short), Err(NtStatus::INVALID_SID), "{text}, cut");
    }
    assert_eq!(Sid::new(5, &[0; 16]), Err(NtStatus::INVALID_SID));
    assert_eq!(Sid::new(1 << 48, &[]), Err(NtStatus::INVALID_SID));
    assert!(Sid::new(5, &[7; 15]).unwrap().as_bytes().len() == 68);
    assert_eq!(Sid::parse(&[1, 16, 0, 0, 0, 0, 0, 5]), Err(NtStatus::INVALID_SID));
    assert_eq!(Sid::parse(&[2, 0, 0, 0, 0, 0, 0, 5]), Err(NtStatus::INVALID_SID));
    assert!(
        ALICE != OTHER_ALICE && ALICE != BOB && ALICE.same_prefix(&BOB) && !ALICE.same_prefix(&OTHER_ALICE)
    );
    assert!(Sid::known(5, &[1]) != Sid::known(5, &[1, 1]) && Sid::known(5, &[1]) != Sid::known(4, &[1]));
    assert_eq!((ALICE.sub_authority(4), ALICE.sub_authority(5)), (Some(1001), None));
}

#[test]
fn validity() {
    let good = acl(&[NewAce::allow(1, &ALICE), NewAce::deny(2, &BOB)]);
    let changes: &[(&str, usize, u8, bool)] = &[
        ("as it is", 0, 2, true),
        ("revision 4", 0, 4, true),
        ("revision 1", 0, 1, false),
        ("revision 5", 0, 5, false),
        ("an ACE less", 4, 1, true),
        ("an ACE more", 4, 3, false),
        ("size too small", 2, 7, false),
        ("size cuts the last ACE", 2, 76, false),
        ("ACE size uneven", 10, 37, false),
        ("ACE size too small for its SID", 10, 32, false),
        ("ACE size 0", 10, 0, false),
        ("unknown type", 8, 0x42, true),
        ("SID of another revision", 16, 2, false),
        ("SID of an unknown type is not looked at", 8, 0x11, true),
    ];
    for (what, at, value, is_valid) in changes {
        let mut bytes = good.as_bytes().to_vec();
        bytes[*at] = *value;
        assert_eq!(Acl::parse(&bytes).is_ok(), *is_valid, "{what}");
    }
    assert_eq!(Acl::parse(&good.as_bytes()[..79]), Err(NtStatus::INVALID_ACL), "the last byte is missing");
}

#[test]
fn compound_aces_need_both_sids() {
    let mut ace = vec![ace_type::ACCESS_ALLOWED_COMPOUND, 0, 36, 0, 1, 0, 0, 0, 1, 0, 0, 0];
    ace.extend(Sid::LOCAL_SYSTEM.as_bytes());
    ace.extend(Sid::WORLD.as_bytes());
    assert_eq!(Ace::parse(&ace).unwrap().0.sid(), Some(Sid::LOCAL_SYSTEM));
    ace[2] = 24;
    assert!(Ace::parse(&ace).is_err());
    let mut unknown = [0x42, 0, 8, 0, 0, 0, 0, 0];
    assert_eq!(Ace::parse(&unknown).map(|(ace, _)| (ace.sid(), ace.as_bytes().len())), Ok((None, 8)));
    unknown[2] = 6;
    assert!(Ace::parse(&unknown).is_err(), "uneven");
}

#[test]
fn lists_are_made_in_memory_of_any_size() {
    assert_eq!(create_acl(&mut [0; 7], 2), Err(NtStatus::BUFFER_TOO_SMALL));
    assert_eq!(create_acl(&mut [0; 8], 1), Err(NtStatus::INVALID_PARAMETER));
    assert_eq!(create_acl(&mut [0; 8], 5), Err(NtStatus::INVALID_PARAMETER));
    assert_eq!(create_acl(&mut vec![0; 0x1_0000], 2), Err(NtStatus::INVALID_PARAMETER));
    assert_eq!(list(30)[..8], [2, 0, 28, 0, 0, 0, 0, 0]);
    assert_eq!(acl_size(&list(8)), Ok(8));
}

#[test]
fn aces_are_added_until_the_list_is_full() {
    let mut bytes = list(8 + 20 + 20);
    let ace = NewAce::allow(5, &Sid::WORLD).with(ace_flags::CONTAINER_INHERIT);
    assert_eq!(first_free_ace(&bytes), Ok(Some(8)));
    assert_eq!(add_ace(&mut bytes, 5, ace), Err(NtStatus::REVISION_MISMATCH));
    assert_eq!(
        add_ace(&mut bytes, 2, NewAce { sid: &[2, 0, 0, 0, 0, 0, 0, 5], ..ace }),
        Err(NtStatus::INVALID_SID)
    );
    assert_eq!(add_ace(&mut bytes, 2, NewAce { kind: 5, ..ace }), Err(NtStatus::INVALID_PARAMETER));
    assert_eq!(add_ace(&mut bytes, 2, ace), Ok(()));
    assert_eq!(bytes[8..28], [0, 2, 20, 0, 5, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
    assert_eq!(
        add_ace(&mut bytes, 2, NewAce::deny(1, &Sid::ADMINISTRATORS)),
        Err(NtStatus::ALLOTTED_SPACE_EXCEEDED)
    );
    assert_eq!(add_ace(&mut bytes, 4, NewAce::deny(1, &Sid::WORLD)), Ok(()));
    assert_eq!(first_free_ace(&bytes), Ok(None));
    assert_eq!((bytes[0], bytes[4]), (4, 2), "revision and count");
    assert_eq!(ace_range(&bytes, 1), Ok(28..48));
    assert_eq!(ace_range(&bytes, 2), Err(NtStatus::INVALID_PARAMETER));
    assert_eq!(add_ace(&mut [0; 8], 2, ace), Err(NtStatus::INVALID_ACL));
    let mut roomy = [list(8), vec![0xAA; 100]].concat();
    assert_eq!(add_ace(&mut roomy, 2, ace), Err(NtStatus::ALLOTTED_SPACE_EXCEEDED), "beyond the list");
    assert_eq!(insert_aces(&mut roomy, 2, 0, &raw(ace)), Err(NtStatus::ALLOTTED_SPACE_EXCEEDED));
    assert_eq!(roomy[8..], [0xAA; 100]);
    set_ace_mask_and_flags(&mut bytes, 1, 0x1234, 8).unwrap();
    assert_eq!((bytes[29], bytes[32], bytes[33]), (8, 0x34, 0x12));
}

#[test]
fn an_owned_list_ends_where_an_acl_must() {
    let mut list = AclBuf::new();
    let most = (65532 - 8) / 20;
    for _ in 0..most {
        list.push(NewAce::allow(1, &Sid::WORLD)).unwrap();
    }
    assert_eq!(list.push(NewAce::allow(1, &Sid::WORLD)), Err(NtStatus::ALLOTTED_SPACE_EXCEEDED));
    assert_eq!(Acl::parse(list.as_bytes()).map(|acl| acl.count()), Ok(most));
}

#[test]
fn generic_rights_are_mapped_where_they_count() {
    let mut list = acl(&[
        NewAce::allow(GENERIC_READ | 8, &ALICE),
        NewAce::allow(GENERIC_ALL, &ALICE).with(ace_flags::INHERIT_ONLY | 3),
        NewAce::deny(GENERIC_WRITE, &BOB).with(3),
    ]);
    list.map_generic(&MAPPING);
    let masks: Vec<u32> = list.as_acl().aces().map(|ace| ace.mask()).collect();
    assert_eq!(masks, [0x2_0009, GENERIC_ALL, 0x2_0002]);
}

#[derive(Clone, Debug)]
enum Edit {
    Add(u32, usize),
    Insert(usize, Vec<(u32, usize)>),
    Delete(usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    let ace = (any::<u32>(), 0_usize..3);
    prop_oneof![
        ace.clone().prop_map(|(mask, sid)| Edit::Add(mask, sid)),
        (0_usize..8, prop::collection::vec(ace, 0..4)).prop_map(|(at, aces)| Edit::Insert(at, aces)),
        (0_usize..8).prop_map(Edit::Delete),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(effort::times(2000)))]
    #[test]
    fn edits_are_those_of_a_vector(edits in prop::collection::vec(edit(), 0..30), room in 0_usize..300) {
        const SIDS: [Sid; 3] = [ALICE, Sid::WORLD, Sid::ADMINISTRATORS];
        let mut bytes = list(8 + room);
        let size = acl_size(&bytes).unwrap();
        let mut model: Vec<Vec<u8>> = vec![];
        for edit in edits {
            let before = bytes.clone();
            let (mut next, result) = (model.clone(), match &edit {
                Edit::Add(mask, sid) => add_ace(&mut bytes, 2, NewAce::allow(*mask, &SIDS[*sid])),
                Edit::Insert(at, aces) => {
                    let aces: Vec<u8> = aces.iter().flat_map(|(mask, sid)| raw(NewAce::allow(*mask, &SIDS[*sid]))).collect();
                    insert_aces(&mut bytes, 2, *at, &aces)
                }
                Edit::Delete(at) => delete_ace(&mut bytes, *at),
            });
            let expected = match edit {
                Edit::Add(mask, sid) => { next.push(raw(NewAce::allow(mask, &SIDS[sid]))); Ok(()) }
                Edit::Insert(at, aces) => {
                    let at = at.min(next.len());
                    next.splice(at..at, aces.iter().map(|(mask, sid)| raw(NewAce::allow(*mask, &SIDS[*sid]))));
                    Ok(())
                }
                Edit::Delete(at) if at < next.len() => { next.remove(at); Ok(()) }
                Edit::Delete(_) => Err(NtStatus::INVALID_PARAMETER),
            };
            let fits = 8 + next.concat().len() <= size;
            let expected = if fits { expected } else { Err(NtStatus::ALLOTTED_SPACE_EXCEEDED) };
            prop_assert_eq!(result, expected);
            if result.is_ok() { model = next } else { prop_assert_eq!(&bytes, &before) }
            let now: Vec<Vec<u8>> = Acl::parse(&bytes).unwrap().aces().map(|ace| ace.as_bytes().to_vec()).collect();
            prop_assert_eq!(&now, &model);
            prop_assert_eq!(&bytes[size..], &vec![0xAA; bytes.len() - size][..]);
        }
    }
}

/// What the compiler makes is what [`AclBuf::of`] makes, and a change leaves the original alone.
#[test]
fn fixed_lists_are_as_those_made_at_run_time() {
    const ACES: &[(u32, Sid)] =
        &[(GENERIC_ALL, Sid::LOCAL_SYSTEM), (0x2_0001, Sid::ADMINISTRATORS), (1, Sid::WORLD)];
    static FIXED: FixedAcl<{ fixed_size(ACES) }> = FixedAcl::allow(ACES);
    let made: Vec<NewAce<'_>> = ACES.iter().map(|(mask, sid)| NewAce::allow(*mask, sid)).collect();
    let fixed = AclBuf::fixed(&FIXED);
    assert_eq!(fixed.as_bytes(), acl(&made).as_bytes());
    assert!(Acl::parse(fixed.as_bytes()).is_ok());
    let mut changed = fixed.clone();
    changed.map_generic(&EVENT_MAPPING);
    changed.push(NewAce::allow(2, &Sid::USERS)).unwrap();
    assert_eq!(changed.as_acl().ace(0).map(|ace| ace.mask()), Some(EVENT_ALL_ACCESS));
    assert_eq!((changed.as_acl().count(), fixed.as_acl().count()), (4, 3));
    assert_eq!(AclBuf::fixed(&FIXED), fixed);
}
