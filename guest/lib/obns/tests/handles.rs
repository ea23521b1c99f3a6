//! Handle tables: by example, and against a map.
mod common;

use std::collections::BTreeMap;

use common::*;
use obns::{Attributes, HandleTable, KERNEL_HANDLE, ObError};
use proptest::prelude::*;

#[test]
fn values_are_small_multiples_of_four_and_used_again() {
    let mut table = HandleTable::new(8);
    let object = temporary(Kind::Event, 0);
    let insert = |table: &mut HandleTable<_>| table.insert(object.clone(), 1, Attributes::NONE).unwrap();
    let handles: Vec<_> = (0..4).map(|_| insert(&mut table)).collect();
    assert_eq!(handles, [4, 8, 12, 16]);
    for handle in [8, 12] {
        assert!(!table.close(handle).unwrap().is_last());
    }
    assert_eq!((insert(&mut table), insert(&mut table), insert(&mut table)), (12, 8, 20));
    assert_eq!(object.handle_count(), 5);
}

#[test]
fn hostile_values_are_no_handles() {
    let mut table = HandleTable::new(8);
    let handle = table.insert(temporary(Kind::Event, 7), 3, Attributes::NONE).unwrap();
    for bits in 0..4 {
        assert!(table.lookup(handle | bits, None, 3).is_ok(), "the lowest bits do not matter");
    }
    let hostile = [
        0,
        1,
        3,
        8,
        KERNEL_HANDLE,
        KERNEL_HANDLE | 4,
        1 << 31 | 4,
        1 << 34 | 4,
        u64::MAX,
        u64::MAX - 1,
        1 << 63 | 4,
    ];
    for value in hostile {
        assert_eq!(table.lookup(value, None, 0).map(drop), Err(ObError::InvalidHandle), "{value:#x}");
        assert_eq!(table.close(value).map(drop), Err(ObError::InvalidHandle), "{value:#x}");
        assert_eq!(table.set_attributes(value, Attributes::INHERIT), Err(ObError::InvalidHandle));
    }
    assert!(table.close(handle).unwrap().is_last());
    assert_eq!(table.close(handle).map(drop), Err(ObError::InvalidHandle), "twice");
}

#[test]
fn access_and_type_are_checked() {
    let mut table = HandleTable::new(8);
    let handle = table.insert(temporary(Kind::Event, 7), 0b0110, Attributes::NONE).unwrap();
    let lookup = |kind, access| table.lookup(handle, kind, access).map(drop);
    assert_eq!(lookup(None, 0), Ok(()));
    assert_eq!(lookup(Some(Kind::Event), 0b0110), Ok(()));
    assert_eq!(lookup(Some(Kind::Event), 0b0111), Err(ObError::AccessDenied));
    assert_eq!(lookup(Some(Kind::Section), 0b0111), Err(ObError::TypeMismatch));
}

#[test]
fn protected_handles_close_with_the_process() {
    let mut table = HandleTable::new(8);
    let object = temporary(Kind::Event, 7);
    let handle = table.insert(object.clone(), 1, Attributes::PROTECT_CLOSE).unwrap();
    assert_eq!(table.close(handle).map(drop), Err(ObError::HandleNotClosable));
    table.set_attributes(handle, Attributes::NONE).unwrap();
    assert!(table.close(handle).is_ok());
    table.insert(object.clone(), 1, Attributes::PROTECT_CLOSE).unwrap();
    assert!(table.close_next().is_some_and(|closed| closed.is_last() && closed.into_object().is(&object)));
    assert!(table.close_next().is_none() && table.is_empty());
    assert_eq!(table.insert(object, 1, Attributes::NONE), Ok(4), "the table can be used again");
}

#[test]
fn duplicates_grant_what_they_may() {
    let mut source = HandleTable::new(8);
    let mut target = HandleTable::new(12);
    let object = temporary(Kind::Event, 7);
    let handle = source.insert(object.clone(), 0b0111, Attributes::INHERIT).unwrap();
    let denied = |_: &_, _| Err(ObError::AccessDenied);
    let same = source.duplicate(handle, None, None, denied).unwrap();
    assert_eq!((same.access, same.attributes), (0b0111, Attributes::INHERIT));
    let less = source.duplicate(handle, Some(0b0001), Some(Attributes::NONE), denied).unwrap();
    assert_eq!((less.access, less.attributes), (0b0001, Attributes::NONE));
    assert_eq!(source.duplicate(handle, Some(0b1000), None, denied).map(drop), Err(ObError::AccessDenied));
    assert!(source.duplicate(handle, Some(0b1000), None, |_, _| Ok::<_, ObError>(())).is_ok());
    assert_eq!(source.duplicate(99, None, None, denied).map(drop), Err(ObError::InvalidHandle));
    assert_eq!(object.handle_count(), 1, "a duplicate counts when it is in a table");
    let copy = target.insert_entry(less).unwrap();
    assert!(!source.close(handle).unwrap().is_last());
    assert!(target.lookup(copy, Some(Kind::Event), 1).is_ok_and(|found| found.is(&object)));
    drop(target);
    assert_eq!(object.handle_count(), 0);
}

#[test]
fn children_inherit_what_is_marked_under_the_same_values() {
    let mut parent = HandleTable::new(8);
    let object = temporary(Kind::Event, 7);
    for number in 0..6 {
        let attributes = if number % 3 == 1 { Attributes::INHERIT } else { Attributes::NONE };
        parent.insert(object.clone(), number, attributes).unwrap();
    }
    let mut child = parent.inherited_by(12).unwrap();
    let inherited: Vec<_> = child.iter().map(|(handle, entry)| (handle, entry.access)).collect();
    assert_eq!(inherited, [(8, 1), (20, 4)]);
    assert_eq!((object.handle_count(), child.len()), (8, 2));
    let next: Vec<_> = (0..4).map(|_| child.insert(object.clone(), 0, Attributes::NONE).unwrap()).collect();
    assert_eq!(next, [16, 12, 4, 24]);
}

#[derive(Clone, Debug)]
enum Op {
    Insert { object: usize, access: u32, inherit: bool },
    Close(u64),
    Lookup(u64, u32),
    Inherit,
    CloseAll,
}

fn op() -> impl Strategy<Value = Op> {
    let handle = prop_oneof![9 => 0_u64..200, 1 => any::<u64>()];
    let handle2 = handle.clone();
    prop_oneof![
        8 => (0_usize..4, any::<u32>(), any::<bool>()).prop_map(|(object, access, inherit)| Op::Insert { object, access, inherit }),
        6 => handle.prop_map(Op::Close),
        6 => (handle2, any::<u32>()).prop_map(|(handle, access)| Op::Lookup(handle, access)),
        1 => Just(Op::Inherit),
        1 => Just(Op::CloseAll),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(effort::times(256)))]

    #[test]
    fn agrees_with_a_map(ops in proptest::collection::vec(op(), 0..300)) {
        let objects: Vec<_> = (0..4).map(|id| temporary(Kind::Event, id)).collect();
        let mut table = HandleTable::new(8);
        let mut model: BTreeMap<u64, (usize, u32, bool)> = BTreeMap::new();
        for op in ops {
            match op {
                Op::Insert { object, access, inherit } => {
                    let attributes = if inherit { Attributes::INHERIT } else { Attributes::NONE };
                    let handle = table.insert(objects[object].clone(), access, attributes).unwrap();
                    prop_assert!(handle != 0 && handle % 4 == 0);
                    prop_assert!(handle <= 4 * 300);
                    prop_assert!(model.insert(handle, (object, access, inherit)).is_none());
                }
                Op::Close(handle) => match (model.remove(&(handle & !3)), table.close(handle)) {
                    (Some((object, ..)), Ok(closed)) => {
                        prop_assert!(closed.object().is(&objects[object]));
                        prop_assert_eq!(closed.is_last(), !model.values().any(|other| other.0 == object));
                    }
                    (None, Err(error)) => prop_assert_eq!(error, ObError::InvalidHandle),
                    other => prop_assert!(false, "{other:?}"),
                },
                Op::Lookup(handle, access) => {
                    let expected = match model.get(&(handle & !3)) {
                        None => Err(ObError::InvalidHandle),
                        Some((_, granted, _)) if granted & access != access => Err(ObError::AccessDenied),
                        Some((object, ..)) => Ok(objects[*object].body().unwrap().1),
                    };
                    prop_assert_eq!(table.lookup(handle, None, access).map(|found| found.body().unwrap().1), expected);
                }
                Op::Inherit => {
                    let child = table.inherited_by(12).unwrap();
                    let found: Vec<_> = child.iter().map(|(handle, entry)| (handle, entry.access)).collect();
                    let expected: Vec<_> = model.iter().filter(|(_, entry)| entry.2).map(|(handle, entry)| (*handle, entry.1)).collect();
                    prop_assert_eq!(found, expected);
                }
                Op::CloseAll => {
                    let closed = std::iter::from_fn(|| table.close_next()).count();
                    prop_assert_eq!(closed, model.len());
                    model.clear();
                }
            }
            prop_assert_eq!(table.len(), model.len());
            for (number, object) in objects.iter().enumerate() {
                let handles = model.values().filter(|entry| entry.0 == number).count();
                prop_assert_eq!(object.handle_count() as usize, handles);
            }
        }
        drop(table);
        prop_assert!(objects.iter().all(|object| object.reference_count() == 1));
    }
}
