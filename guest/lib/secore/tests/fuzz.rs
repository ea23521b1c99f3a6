//! Any bytes at all: nothing panics, and what is accepted can be read, written and read again.
mod common;

use common::*;
use nt::security::*;
use proptest::prelude::*;
use secore::*;

/// Bytes that often look like something: small numbers, and well-formed things with a few bytes changed.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let small = prop::collection::vec(prop_oneof![4 => 0_u8..24, 1 => any::<u8>()], 0..160);
    let good = prop_oneof![Just(sample().to_bytes()), Just(sample_list())];
    let damage =
        prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![0_u8..64, any::<u8>()]), 0..5);
    let damaged = (good, damage, any::<prop::sample::Index>(), prop::bool::weighted(0.2)).prop_map(
        |(mut bytes, damage, cut, cuts)| {
            for (at, value) in damage {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            if cuts {
                bytes.truncate(cut.index(bytes.len()));
            }
            bytes
        },
    );
    prop_oneof![1 => small, 3 => damaged]
}

fn sample_list() -> Vec<u8> {
    sample().dacl.acl().map_or(vec![], |acl| acl.as_bytes().to_vec())
}

fn sample() -> Descriptor {
    Descriptor {
        group: Some(STAFF),
        sacl: List::Acl(acl(&[NewAce::audit(7, &Sid::WORLD, 0xC0)])),
        ..owned_by(
            ALICE,
            &[
                NewAce::deny(3, &BOB),
                NewAce::allow(5, &Sid::WORLD).with(3),
                NewAce::allow(1, &Sid::known(5, &[])),
            ],
        )
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(effort::times(5000)))]

    #[test]
    fn sids(bytes in bytes()) {
        if let Ok(sid) = Sid::parse(&bytes) {
            prop_assert_eq!(sid.as_bytes(), &bytes[..sid.as_bytes().len()]);
            prop_assert_eq!(Sid::length(&bytes), Ok(sid.as_bytes().len()));
            prop_assert_eq!(Sid::new(sid.authority(), &sid.sub_authorities().collect::<Vec<_>>()), Ok(sid));
            prop_assert!(sid.same_prefix(&sid) && sid.to_string().starts_with("S-1-"));
        }
    }

    #[test]
    fn lists(bytes in bytes(), index in 0_usize..6, mask: u32, flags: u8) {
        let Ok(acl) = Acl::parse(&bytes) else {
            prop_assert!(first_free_ace(&bytes).is_err() && ace_range(&bytes, 0).is_err());
            return Ok(());
        };
        prop_assert_eq!(acl.aces().count(), acl.count());
        let copy = AclBuf::from(acl);
        prop_assert_eq!(Acl::parse(copy.as_bytes()), Ok(copy.as_acl()));
        prop_assert!(copy.as_acl().aces().eq(acl.aces()));
        prop_assert!(copy.as_bytes().len() == acl.used() && acl.used() <= acl.as_bytes().len());
        let descriptor = Descriptor::with_dacl(copy);
        let checked = alice().check_access(Some(&descriptor), &Request::new(MAXIMUM_ALLOWED, &MAPPING));
        prop_assert!(checked.is_ok_and(|granted| granted.access & !0x1F_FFFF == 0) || checked.is_err());
        let count = acl.count();
        let mut edited = bytes.clone();
        let added = add_ace(&mut edited, ACL_REVISION, NewAce::allow(mask, &STAFF).with(flags));
        prop_assert_eq!(Acl::parse(&edited).map(|acl| acl.count()), Ok(count + added.is_ok() as usize));
        if added.is_err() {
            prop_assert_eq!(&edited, &bytes);
        }
        let mut edited = bytes.clone();
        prop_assert_eq!(set_ace_mask_and_flags(&mut edited, index, mask, flags).is_ok(), index < count);
        prop_assert_eq!(Acl::parse(&edited).map(|acl| acl.count()), Ok(count));
        prop_assert_eq!(delete_ace(&mut edited, index).is_ok(), index < count);
        prop_assert_eq!(Acl::parse(&edited).map(|acl| acl.count()), Ok(count - (index < count) as usize));
    }

    #[test]
    fn descriptors(bytes in bytes(), information: u32, is_container: bool) {
        let Ok(parsed) = Descriptor::parse(&bytes) else { return Ok(()) };
        prop_assert_eq!(Descriptor::parse(&parsed.to_bytes()), Ok(parsed.clone()));
        let selected = parsed.select(information);
        let mut out = vec![0; selected.length()];
        prop_assert_eq!(parsed.query(information, &mut out), Ok(out.len()));
        prop_assert_eq!(Descriptor::parse(&out), Ok(selected));
        let token = alice();
        for (explicit, parent) in [(Some(&parsed), None), (None, Some(&parsed))] {
            let creation = Creation { explicit, parent, is_container, token: &token, mapping: &MAPPING };
            if let Ok(assigned) = creation.assign() {
                prop_assert_eq!(Descriptor::parse(&assigned.to_bytes()), Ok(assigned));
            }
        }
        let _ = sample().set(information, &parsed, &token, &MAPPING);
    }

    #[test]
    fn privileges(bytes in bytes(), all: bool) {
        let mut token = alice();
        if let Ok(list) = PrivilegeList::parse(&bytes) {
            let change = token.plan_privileges(list);
            let mut previous = vec![0; change.length()];
            prop_assert_eq!(change.write_previous(&mut previous), Ok(change.length()));
            token.apply_privileges(&change, luid(5));
        }
        let mut set = bytes;
        if let Some(control) = set.get_mut(4) {
            *control = all as u8;
        }
        let _ = token.check_privilege_set(&mut set);
    }
}
