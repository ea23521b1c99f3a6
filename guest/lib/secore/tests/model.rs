//! The access check against a model that asks about one right at a time: the first entry that speaks of it and
//! of the caller decides. It knows nothing of bytes, masks that shrink, or short paths.
#![expect(clippy::unwrap_used, reason = "what the cases make is well formed")]
mod common;

use common::*;
use nt::NtStatus;
use nt::security::*;
use proptest::prelude::*;
use secore::*;

/// SIDs that differ in every place where they can, under one authority and others.
const SIDS: [Sid; 10] = [
    ALICE,
    BOB,
    OTHER_ALICE,
    STAFF,
    Sid::WORLD,
    Sid::ADMINISTRATORS,
    Sid::LOCAL_SYSTEM,
    Sid::CREATOR_OWNER,
    Sid::known(5, &[]),
    Sid::known(5, &[544]),
];

/// Type, flags, mask, whose.
type Entry = (u8, u8, u32, usize);

#[derive(Clone, Debug)]
struct Case {
    user: usize,
    user_denies: bool,
    groups: Vec<(usize, u32)>,
    restricted: Vec<usize>,
    privileges: [bool; 2],
    owner: Option<usize>,
    dacl: Option<Vec<Entry>>,
    desired: u32,
    granted: u32,
}

fn mask() -> impl Strategy<Value = u32> {
    let bits = prop::sample::select(vec![
        0,
        1,
        2,
        4,
        8,
        DELETE,
        READ_CONTROL,
        WRITE_DAC,
        WRITE_OWNER,
        SYNCHRONIZE,
        ACCESS_SYSTEM_SECURITY,
    ]);
    prop_oneof![
        6 => prop::collection::vec(bits, 1..5).prop_map(|bits| bits.into_iter().fold(0, |all, bit| all | bit)),
        1 => Just(0x1F_000F),
    ]
}

fn desired() -> impl Strategy<Value = u32> {
    let more =
        prop::sample::select(vec![0, 0, 0, 0, MAXIMUM_ALLOWED, GENERIC_READ, GENERIC_WRITE, GENERIC_ALL]);
    (mask(), more, any::<bool>())
        .prop_map(|(mask, more, only)| if only && more != 0 { more } else { mask | more })
}

fn case() -> impl Strategy<Value = Case> {
    let one = 0..SIDS.len();
    let attributes = prop::sample::select(vec![7, 7, 4, 0, 0x10, 0x14]);
    let kind = prop::sample::select(vec![0_u8, 0, 0, 1, 1, 2, 3, 9]);
    let flags = prop::sample::select(vec![0_u8, 0, 0, 3, 8, 0xB, 0x10]);
    let entries = prop::collection::vec((kind, flags, mask(), one.clone()), 0..7);
    (
        (one.clone(), prop::bool::weighted(0.1)),
        prop::collection::vec((one.clone(), attributes), 0..5),
        prop_oneof![3 => Just(vec![]), 1 => prop::collection::vec(one.clone(), 1..4)],
        any::<[bool; 2]>(),
        prop::option::of(one),
        prop::option::weighted(0.9, entries),
        desired(),
        prop_oneof![4 => Just(0), 1 => mask()],
    )
        .prop_map(
            |((user, user_denies), groups, restricted, privileges, owner, dacl, desired, granted)| Case {
                user,
                user_denies,
                groups,
                restricted,
                privileges,
                owner,
                dacl,
                desired,
                granted,
            },
        )
}

impl Case {
    fn is_of(&self, who: usize, restricted: bool, denial: bool) -> bool {
        if restricted {
            return self.restricted.contains(&who);
        }
        let user = who == self.user && (denial || !self.user_denies);
        let group = |&(group, attributes): &(usize, u32)| {
            let deny_only = attributes & 0x10 != 0 || self.user_denies && group == self.user;
            group == who
                && if denial { attributes & 4 != 0 || deny_only } else { attributes & 4 != 0 && !deny_only }
        };
        user || self.groups.iter().any(group)
    }

    fn dacl_grants(&self, bit: u32, restricted: bool) -> bool {
        let Some(entries) = &self.dacl else { return true };
        let by_owner = (bit == READ_CONTROL || bit == WRITE_DAC)
            && self.owner.is_some_and(|owner| self.is_of(owner, restricted, false));
        let speaks = |&&(kind, flags, mask, who): &&Entry| {
            kind < 2 && flags & 8 == 0 && mask & bit != 0 && self.is_of(who, restricted, kind == 1)
        };
        by_owner || bit <= SYNCHRONIZE && entries.iter().find(speaks).is_some_and(|entry| entry.0 == 0)
    }

    fn grants(&self, bit: u32) -> bool {
        self.dacl_grants(bit, false) && (self.restricted.is_empty() || self.dacl_grants(bit, true))
    }

    fn answer(&self) -> Result<Granted, NtStatus> {
        let mut desired = self.desired & 0x0FFF_FFFF;
        for (generic, means) in
            [(GENERIC_READ, MAPPING.read), (GENERIC_WRITE, MAPPING.write), (GENERIC_ALL, MAPPING.all)]
        {
            desired |= if self.desired & generic != 0 { means } else { 0 };
        }
        let (mut access, mut privileges) = (self.granted, 0);
        let bits = |mask: u32| (0..32).map(|bit| 1 << bit).filter(move |bit| mask & bit != 0);
        for bit in bits(desired & !self.granted & !MAXIMUM_ALLOWED) {
            if bit == ACCESS_SYSTEM_SECURITY && !self.privileges[0] {
                return Err(NtStatus::PRIVILEGE_NOT_HELD);
            }
            if bit == ACCESS_SYSTEM_SECURITY {
                privileges |= 1 << privilege::SECURITY;
            } else if bit == WRITE_OWNER && self.privileges[1] {
                privileges |= 1 << privilege::TAKE_OWNERSHIP;
            } else if !self.grants(bit) {
                continue;
            }
            access |= bit;
        }
        if desired & !access & !MAXIMUM_ALLOWED != 0 {
            return Err(NtStatus::ACCESS_DENIED);
        }
        if desired & MAXIMUM_ALLOWED != 0 {
            let all = if self.dacl.is_none() { MAPPING.all } else { 0x1F_FFFF };
            access |= bits(all).filter(|bit| self.grants(*bit)).sum::<u32>();
        }
        if access == 0 { Err(NtStatus::ACCESS_DENIED) } else { Ok(Granted { access, privileges }) }
    }

    fn token(&self) -> Token {
        let group = |&(sid, attributes): &(usize, u32)| {
            let attributes = if attributes & 0x10 != 0 { attributes & !1 } else { attributes };
            Group { sid: SIDS[sid], attributes }
        };
        let groups = self.groups.iter().map(group).collect();
        let numbers = [privilege::SECURITY, privilege::TAKE_OWNERSHIP];
        let chosen = |wanted| {
            numbers
                .into_iter()
                .zip(self.privileges)
                .filter(move |(_, has)| *has == wanted)
                .map(|(number, _)| number)
                .collect::<Vec<_>>()
        };
        let token = token(SIDS[self.user], groups, Privileges::of(&chosen(true), &chosen(false)));
        let restricted: Vec<Sid> = self.restricted.iter().map(|sid| SIDS[*sid]).collect();
        let deny_only = if self.user_denies { vec![SIDS[self.user]] } else { vec![] };
        token
            .restrict(
                luid(9),
                &Restriction { restricted: &restricted, deny_only: &deny_only, ..Restriction::default() },
            )
            .unwrap()
    }

    fn descriptor(&self) -> Descriptor {
        let Some(entries) = &self.dacl else { return Descriptor::open_to_all() };
        let mut bytes = vec![0; 1000];
        create_acl(&mut bytes, ACL_REVISION).unwrap();
        for &(kind, flags, mask, who) in entries {
            add_ace(&mut bytes, ACL_REVISION, NewAce::allow(mask, &SIDS[who]).with(flags)).unwrap();
            let last = Acl::parse(&bytes).unwrap().count() - 1;
            let range = ace_range(&bytes, last).unwrap();
            bytes[range.start] = kind;
        }
        Descriptor {
            owner: self.owner.map(|owner| SIDS[owner]),
            ..Descriptor::with_dacl(Acl::parse(&bytes).unwrap().into())
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(effort::times(20_000)))]
    #[test]
    fn rights_are_decided_one_by_one(case in case()) {
        let descriptor = case.descriptor();
        let request = Request { desired: case.desired, granted: case.granted, mapping: &MAPPING };
        let granted = case.token().check_access(Some(&descriptor), &request);
        prop_assert_eq!(granted, case.answer());
    }
}

#[test]
fn the_cases_are_worth_their_while() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut counts = [0; 3];
    for _ in 0..2000 {
        let answer = case().new_tree(&mut runner).unwrap().current().answer();
        counts[match answer {
            Ok(_) => 0,
            Err(NtStatus::ACCESS_DENIED) => 1,
            Err(_) => 2,
        }] += 1;
    }
    assert!(counts.iter().all(|count| *count > 100), "granted, denied, no privilege: {counts:?}");
}
