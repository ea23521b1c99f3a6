//! Any UTF-16 at all as a name or a link's target: nothing panics, and what is created is found.
mod common;

use common::*;
use obns::{Attributes, Created, MAX_NAME, ObError, Object, Query};
use proptest::prelude::*;

fn unit() -> impl Strategy<Value = u16> {
    prop_oneof![
        8 => Just(b'\\' as u16),
        3 => prop::sample::select(vec![b'?' as u16, b':' as u16, b'C' as u16, b'/' as u16, b'.' as u16]),
        4 => b'a' as u16..b'd' as u16,
        1 => Just(0),
        1 => 0xD800..0xE000_u16,
        2 => any::<u16>(),
    ]
}

fn name() -> impl Strategy<Value = Vec<u16>> {
    let known = [
        "",
        "\\",
        "\\??\\",
        "\\??\\C:",
        "\\DosDevices\\",
        "\\Device\\Serial0",
        "\\SystemRoot",
        "\\Loop",
        "\\??\\GLOBALROOT",
    ];
    let known = prop::sample::select(known.map(wide).to_vec());
    let tail = prop_oneof![
        20 => prop::collection::vec(unit(), 0..24),
        1 => (unit(), 0..40_000_usize).prop_map(|(unit, count)| vec![unit; count]),
    ];
    (known, tail).prop_map(|(mut name, tail)| {
        name.extend(tail);
        name
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(effort::times(2000)))]
    #[test]
    fn no_name_does_harm(name in name(), target in name(), relative in any::<bool>(), attributes in any::<u32>(), is_link in any::<bool>()) {
        let mut space = booted();
        add(&mut space, "\\Loop", &Object::new_link(&target, Attributes::PERMANENT, ()));
        let device = open(&space, "\\Device").unwrap().0;
        let query = Query { root: relative.then_some(&device), attributes: Attributes(attributes), ..Query::new(&name) };
        let kinds = [None, Some(Kind::SymbolicLink), Some(Kind::Directory), Some(Kind::Event)];
        for kind in kinds {
            let found = find(&space, &Query { kind, ..query });
            if let Ok((_, Some(rest))) = &found {
                prop_assert!(rest.len() <= 3 * MAX_NAME, "UTF-8 of it");
            }
        }
        let object = if is_link { Object::new_link(&target, Attributes::NONE, ()) } else { temporary(Kind::Event, 77) };
        let names = space.names();
        match space.create(&query, &object, |_| Ok::<_, ObError>(())) {
            Ok(Created::New) => {
                prop_assert!(name.len() <= MAX_NAME && space.names() == names + 1);
                let found = find(&space, &Query { kind: Some(object.kind()), ..query });
                prop_assert!(found.is_ok_and(|found| found.0.is(&object)));
                let full = space.full_name(&object);
                let found = find(&space, &Query { kind: Some(object.kind()), attributes: Attributes::NONE, ..Query::new(&full) });
                prop_assert!(full.len() > MAX_NAME || found.is_ok_and(|found| found.0.is(&object)));
                prop_assert!(space.settle(&object));
            }
            Ok(Created::Exists(_)) => prop_assert!(query.attributes.has(Attributes::OPENIF)),
            Err(_) => {}
        }
        prop_assert_eq!(space.names(), names);
        prop_assert!(!object.is_named());
    }
}
