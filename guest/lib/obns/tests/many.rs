//! Many names: the table grows, and keeps the younger of two that differ in case only in front.
mod common;

use common::*;
use obns::{Attributes, Created, ObError, Query};

#[test]
fn thousands_of_names_are_found_in_every_directory() {
    let mut space = Space::new(());
    let directories: Vec<_> =
        (0..40).map(|number| directory(&mut space, &format!("\\Directory{number}"))).collect();
    let exactly = |space: &mut Space, root, name: &str, id| {
        let name = wide(name);
        let object = thing(Kind::Event, id);
        let query = Query { root: Some(root), attributes: Attributes::NONE, ..Query::new(&name) };
        assert!(matches!(space.create(&query, &object, |_| Ok::<_, ObError>(())), Ok(Created::New)));
        object
    };
    let mut objects = Vec::new();
    for id in 0..4000 {
        let root = &directories[id % directories.len()];
        objects.push((exactly(&mut space, root, &format!("name{}", id / 40), id as u32), id));
        objects.push((exactly(&mut space, root, &format!("NAME{}", id / 40), id as u32 + 10_000), id));
    }
    let check = |space: &Space, id: usize, expected: Option<usize>| {
        let found = open(space, &format!("\\directory{}\\Name{}", id % 40, id / 40));
        assert_eq!(found.ok().map(|found| found.0.body().unwrap().1 as usize), expected);
    };
    (0..4000).for_each(|id| check(&space, id, Some(id + 10_000)));
    for (number, (object, id)) in objects.iter().enumerate() {
        // Every other pair loses its elder one, the others the younger one.
        if (number + id) % 2 == 0 {
            assert!(space.make_temporary(object));
        }
    }
    assert_eq!(space.names(), 4040);
    (0..4000).for_each(|id| check(&space, id, Some(if id % 2 == 0 { id + 10_000 } else { id })));
    objects.iter().for_each(|(object, _)| assert!(space.make_temporary(object) || !object.is_named()));
    (0..4000).for_each(|id| check(&space, id, None));
    assert_eq!(space.names(), 40);
    assert!(directories.iter().all(|directory| directory.reference_count() == 2));
}

#[test]
fn directories_come_and_go_without_end() {
    let mut space = Space::new(());
    for number in 0..10_000 {
        let directory = space.new_directory(Attributes::NONE, ());
        if number % 3 != 0 {
            let name = format!("\\{}", number % 7);
            add(&mut space, &name, &directory);
            let child = space.new_directory(Attributes::NONE, ());
            add(&mut space, &format!("{name}\\child"), &child);
            assert!(space.settle(&directory) && open(&space, &name).is_err());
            assert!(space.settle(&child));
        }
    }
    assert_eq!(space.names(), 0);
}

#[test]
fn a_drive_stays_while_a_link_of_that_name_does() {
    let mut space = booted();
    let (upper, lower) = (link("\\Device\\Serial0"), link("\\Device\\HarddiskVolume1"));
    for (name, link) in [("\\??\\X:", &upper), ("\\??\\x:", &lower)] {
        let name = wide(name);
        let query = Query { attributes: Attributes::NONE, ..Query::new(&name) };
        assert!(matches!(space.create(&query, link, |_| Ok::<_, ObError>(())), Ok(Created::New)));
    }
    let (both, c_only) = (1 << 23 | 1 << 2, 1 << 2);
    assert!(space.make_temporary(&upper));
    assert_eq!(space.drives(None), both);
    assert!(space.make_temporary(&lower));
    assert_eq!(space.drives(None), c_only);
}
