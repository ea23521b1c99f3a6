//! Who keeps what alive, and creation.
mod common;

use std::sync::Arc;

use common::*;
use obns::{Attributes, Created, HandleTable, ObError, Object, Query};

#[test]
fn a_temporary_name_goes_with_the_last_handle() {
    let mut space = booted();
    let (mut one, mut two) = (HandleTable::new(8), HandleTable::new(12));
    let event = temporary(Kind::Event, 9);
    let alive = Arc::downgrade(&event.body().unwrap().2);
    add(&mut space, "\\Device\\Temporary", &event);
    let a = one.insert(event.clone(), 1, Attributes::NONE).unwrap();
    let b = two.insert(event, 1, Attributes::NONE).unwrap();
    let closed = one.close(a).unwrap();
    assert!(!closed.is_last() && !closed.needs_settling());
    assert!(open(&space, "\\Device\\Temporary").is_ok());
    drop(closed);
    let closed = two.close(b).unwrap();
    assert!(closed.is_last() && closed.needs_settling());
    // Somebody may open it again before the name is gone: then it stays.
    let again = open(&space, "\\Device\\Temporary").unwrap().0;
    let c = one.insert(again, 1, Attributes::NONE).unwrap();
    assert!(!space.settle(closed.object()));
    drop(closed);
    let closed = one.close(c).unwrap();
    assert!(space.settle(closed.object()));
    assert_eq!(error(&space, "\\Device\\Temporary"), ObError::NameNotFound);
    assert!(alive.upgrade().is_some());
    drop(closed);
    assert!(alive.upgrade().is_none());
}

#[test]
fn a_permanent_name_stays_until_it_is_made_temporary() {
    let mut space = booted();
    let mut table = HandleTable::new(8);
    let event = open(&space, "\\Device\\Event").unwrap().0;
    let handle = table.insert(event.clone(), 1, Attributes::NONE).unwrap();
    assert!(!table.close(handle).unwrap().needs_settling());
    assert!(open(&space, "\\device\\event").is_ok());
    let handle = table.insert(event.clone(), 1, Attributes::NONE).unwrap();
    assert!(!space.make_temporary(&event), "there is a handle");
    assert!(open(&space, "\\Device\\Event").is_ok());
    let closed = table.close(handle).unwrap();
    assert!(space.settle(closed.object()));
    assert!(!event.is_named() && !space.settle(&event));
    add(&mut space, "\\Device\\Other", &event);
    space.make_permanent(&event);
    assert!(!space.settle(&event));
    assert!(space.make_temporary(&event), "at once");
    assert_eq!(event.reference_count(), 2, "this one and the closed handle's");
}

/// Step 4 of the session manager's start (spec/smss.md 1.3): an existing link is replaced.
#[test]
fn a_dos_device_is_replaced_as_smss_does_it() {
    let mut space = booted();
    let mut table = HandleTable::new(8);
    let new = Object::new_link(&wide("\\Device\\Serial0"), Attributes::PERMANENT, ());
    let Ok(Created::Exists(old)) = add_with(&mut space, "\\??\\c:", &new, Attributes::OPENIF) else {
        panic!()
    };
    let handle = table.insert(old, 0xF0001, Attributes::NONE).unwrap();
    assert!(!space.make_temporary(table.lookup(handle, Some(Kind::SymbolicLink), 0x10000).unwrap()));
    let closed = table.close(handle).unwrap();
    assert!(space.settle(closed.object()));
    assert_eq!(space.drives(None), 0);
    add(&mut space, "\\??\\c:", &new);
    assert_eq!(space.drives(None), 1 << 2);
    assert_eq!(open(&space, "\\??\\C:").unwrap().0.body().unwrap().1, 2);
}

#[test]
fn creation_finds_what_is_there() {
    let mut space = booted();
    let event = thing(Kind::Event, 9);
    let fails =
        |space: &mut Space, name: &str, more| add_with(space, name, &event, more).map(drop).unwrap_err();
    let (none, open_if) = (Attributes::NONE, Attributes::OPENIF);
    assert_eq!(fails(&mut space, "\\DEVICE\\EVENT", none), ObError::NameCollision);
    assert_eq!(fails(&mut space, "\\Device", open_if), ObError::TypeMismatch);
    assert_eq!(fails(&mut space, "\\", none), ObError::NameCollision);
    assert_eq!(fails(&mut space, "\\Nothing\\x", none), ObError::PathNotFound);
    assert_eq!(fails(&mut space, "\\Device\\Event\\x", none), ObError::TypeMismatch);
    assert_eq!(fails(&mut space, "\\Device\\Serial0\\x", none), ObError::TypeMismatch);
    assert_eq!(fails(&mut space, "\\Device\\Serial0", none), ObError::NameCollision);
    assert_eq!(fails(&mut space, "x", none), ObError::PathSyntaxBad);
    assert_eq!(fails(&mut space, "\\Device\\", none), ObError::NameInvalid);
    assert_eq!(fails(&mut space, "\\??\\C:\\x", none), ObError::TypeMismatch, "a link is followed");
    let old = open(&space, "\\Device\\Event").unwrap().0;
    let Ok(Created::Exists(found)) = add_with(&mut space, "\\device\\event", &event, open_if) else {
        panic!()
    };
    assert!(found.is(&old));
    let denied = space.create(&Query::new(&wide("\\Device\\x")), &event, |directory| {
        assert_eq!(directory.kind(), Kind::Directory);
        Err(ObError::AccessDenied)
    });
    assert_eq!(denied.map(drop), Err(ObError::AccessDenied));
    add(&mut space, "\\??\\GLOBALROOT\\Device\\x", &event);
    assert_eq!(space.full_name(&event), wide("\\Device\\x"));
    assert_eq!(fails(&mut space, "\\Device\\y", none), ObError::InvalidParameter, "it has a name");
}

#[test]
fn a_directory_without_a_name_keeps_its_entries() {
    let mut space = booted();
    let mut table = HandleTable::new(8);
    let outer = space.new_directory(Attributes::NONE, ());
    add(&mut space, "\\Outer", &outer);
    let handle = table.insert(outer.clone(), 0xF, Attributes::NONE).unwrap();
    let inner = temporary(Kind::Event, 5);
    add(&mut space, "\\Outer\\Inner", &inner);
    let inner_handle = table.insert(inner.clone(), 1, Attributes::NONE).unwrap();
    let closed = table.close(handle).unwrap();
    assert!(space.settle(closed.object()));
    drop(closed);
    assert_eq!(error(&space, "\\Outer\\Inner"), ObError::PathNotFound);
    assert_eq!(space.full_name(&inner), wide("\\...\\Inner"));
    let name = wide("inner");
    assert!(find(&space, &Query { root: Some(&outer), ..Query::new(&name) }).unwrap().0.is(&inner));
    assert_eq!(outer.reference_count(), 2, "this one, and the entry's");
    let closed = table.close(inner_handle).unwrap();
    assert!(space.settle(closed.object()));
    assert_eq!(outer.reference_count(), 1);
    // With entries it cannot be put under itself, nor without.
    let query = Query { root: Some(&outer), ..Query::new(&name) };
    let itself = space.create(&query, &outer, |_| Ok(()));
    assert_eq!(itself.map(drop), Err(ObError::InvalidParameter));
}

#[test]
fn enumeration_is_right_under_changes() {
    let mut space = booted();
    let sessions = open(&space, "\\Sessions").unwrap().0;
    let next = |space: &Space, context: &mut u32| {
        let listed = space.entry_after(&sessions, *context).unwrap()?;
        *context = listed.context;
        Some(String::from_utf16_lossy(listed.name))
    };
    let mut context = 0;
    assert_eq!(next(&space, &mut context), None);
    for name in ["b", "a", "c"] {
        add(&mut space, &format!("\\Sessions\\{name}"), &thing(Kind::Event, 0));
    }
    assert_eq!(next(&space, &mut context).as_deref(), Some("b"));
    let gone = open(&space, "\\Sessions\\b").unwrap().0;
    space.make_temporary(&gone);
    add(&mut space, "\\Sessions\\B", &thing(Kind::Event, 1));
    let rest: Vec<_> = std::iter::from_fn(|| next(&space, &mut context)).collect();
    assert_eq!(rest, ["a", "c", "B"]);
    let event = open(&space, "\\Device\\Event").unwrap().0;
    assert_eq!(space.entry_after(&event, 0).map(drop), Err(ObError::TypeMismatch));
}

#[test]
fn exclusive_objects_have_one_holder() {
    let (mut one, mut two) = (HandleTable::new(8), HandleTable::new(12));
    let object = Object::new(Thing(Kind::Event, 0, Arc::new(())), Attributes::EXCLUSIVE, ());
    let (exclusive, inherit) = (Attributes::EXCLUSIVE, Attributes::INHERIT);
    let insert = |table: &mut HandleTable<_>, attributes| table.insert(object.clone(), 1, attributes);
    assert_eq!(insert(&mut one, exclusive | inherit), Err(ObError::InvalidParameter));
    let handle = insert(&mut one, exclusive).unwrap();
    assert!(insert(&mut one, exclusive).is_ok());
    assert_eq!(insert(&mut two, exclusive), Err(ObError::AccessDenied));
    assert_eq!(insert(&mut two, Attributes::NONE), Err(ObError::AccessDenied));
    one.set_attributes(handle, inherit).unwrap();
    assert!(one.inherited_by(16).unwrap().is_empty());
    while one.close_next().is_some() {}
    assert!(insert(&mut two, exclusive).is_ok());
    let ordinary = temporary(Kind::Event, 0);
    assert_eq!(one.insert(ordinary, 1, exclusive), Err(ObError::InvalidParameter));
    assert!(one.is_empty());
}
