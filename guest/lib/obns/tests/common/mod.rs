//! Objects for tests, and short ways to make and find them.
#![allow(dead_code, clippy::allow_attributes, reason = "every test uses its own part")]

use std::sync::Arc;

use obns::{Attributes, Body, Created, Namespace, ObError, Object, Opened, Query};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Directory,
    SymbolicLink,
    Event,
    Section,
    Device,
}

/// A body that can be told from others, and whose end can be seen.
#[derive(Debug)]
pub struct Thing(pub Kind, pub u32, pub Arc<()>);

impl Body for Thing {
    type Kind = Kind;
    type Security = ();
    const DIRECTORY: Kind = Kind::Directory;
    const SYMBOLIC_LINK: Kind = Kind::SymbolicLink;
    fn kind(&self) -> Kind {
        self.0
    }
    fn parses(&self) -> bool {
        self.0 == Kind::Device
    }
}

pub type Obj = Object<Thing>;
pub type Space = Namespace<Thing>;

pub fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

pub fn thing(kind: Kind, id: u32) -> Obj {
    Object::new(Thing(kind, id, Arc::new(())), Attributes::PERMANENT, ())
}

pub fn temporary(kind: Kind, id: u32) -> Obj {
    Object::new(Thing(kind, id, Arc::new(())), Attributes::NONE, ())
}

pub fn link(target: &str) -> Obj {
    Object::new_link(&wide(target), Attributes::PERMANENT, ())
}

pub fn add_with(
    space: &mut Space,
    name: &str,
    object: &Obj,
    more: Attributes,
) -> Result<Created<Thing>, ObError> {
    let name = wide(name);
    let query = Query { attributes: Attributes::CASE_INSENSITIVE | more, ..Query::new(&name) };
    space.create(&query, object, |_| Ok(()))
}

pub fn add(space: &mut Space, name: &str, object: &Obj) {
    let created =
        add_with(space, name, object, Attributes::NONE).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(matches!(created, Created::New), "{name}");
}

pub fn directory(space: &mut Space, name: &str) -> Obj {
    let object = space.new_directory(Attributes::PERMANENT, ());
    add(space, name, &object);
    object
}

/// What a name leads to: the object, and the rest if it is a delegate's.
pub fn find(space: &Space, query: &Query<'_, Thing>) -> Result<(Obj, Option<String>), ObError> {
    Ok(match space.open(query)? {
        Opened::Object(object) => (object.clone(), None),
        Opened::Delegate { object, rest } => (object.clone(), Some(String::from_utf16_lossy(&rest.to_vec()))),
    })
}

pub fn open(space: &Space, name: &str) -> Result<(Obj, Option<String>), ObError> {
    find(space, &Query::new(&wide(name)))
}

pub fn error(space: &Space, name: &str) -> ObError {
    open(space, name).expect_err(name)
}

/// What a freshly booted system has: `\Device` with a disk, drive C:, KnownDlls.
pub fn booted() -> Space {
    let mut space = Space::new(());
    space.create_dos_devices(|_| ()).expect("an empty namespace");
    for name in ["\\Device", "\\ArcName", "\\KnownDlls", "\\Sessions"] {
        directory(&mut space, name);
    }
    add(&mut space, "\\Device\\HarddiskVolume1", &thing(Kind::Device, 1));
    add(&mut space, "\\Device\\Serial0", &thing(Kind::Device, 2));
    add(&mut space, "\\Device\\Event", &thing(Kind::Event, 3));
    add(&mut space, "\\KnownDlls\\kernel32.dll", &thing(Kind::Section, 4));
    add(&mut space, "\\ArcName\\multi(0)disk(0)", &link("\\Device\\HarddiskVolume1"));
    add(&mut space, "\\SystemRoot", &link("\\ArcName\\multi(0)disk(0)\\WINDOWS"));
    add(&mut space, "\\??\\C:", &link("\\Device\\HarddiskVolume1"));
    add(&mut space, "\\??\\COM1", &link("\\Device\\Serial0"));
    add(&mut space, "\\??\\AUX", &link("\\DosDevices\\COM1"));
    space
}
