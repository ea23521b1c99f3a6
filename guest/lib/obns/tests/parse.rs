//! From names to objects: every status and every way to get somewhere.
mod common;

use common::*;
use obns::{Attributes, Created, MAX_NAME, MAX_REPARSES, ObError, Query, Traverse};

#[test]
fn names_lead_where_they_should() {
    let space = booted();
    for (name, id, rest) in [
        ("\\device\\harddiskvolume1", 1, Some("")),
        ("\\Device\\HarddiskVolume1\\", 1, Some("\\")),
        ("\\??\\C:", 1, Some("")),
        ("\\??\\c:\\pagefile.sys", 1, Some("\\pagefile.sys")),
        ("\\??\\c:\\\\odd\\", 1, Some("\\\\odd\\")),
        ("\\DosDevices\\C:\\a\\b", 1, Some("\\a\\b")),
        ("\\GLOBAL??\\C:\\a", 1, Some("\\a")),
        ("\\??\\Global\\C:\\a", 1, Some("\\a")),
        ("\\??\\GLOBALROOT\\Device\\Event", 3, None),
        ("\\??\\GLOBALROOT\\??\\globalroot\\Device\\Event", 3, None),
        ("\\SystemRoot\\System32\\smss.exe", 1, Some("\\WINDOWS\\System32\\smss.exe")),
        ("\\SystemRoot", 1, Some("\\WINDOWS")),
        ("\\??\\AUX", 2, Some("")),
        ("\\KnownDlls\\KERNEL32.DLL", 4, None),
    ] {
        let (object, found) = open(&space, name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(object.body().map(|body| body.1), Some(id), "{name}");
        assert_eq!(found.as_deref(), rest, "{name}");
    }
    for name in ["\\", "\\??", "\\DosDevices", "\\GLOBAL??", "\\??\\Global", "\\Sessions"] {
        assert_eq!(open(&space, name).expect(name).0.kind(), Kind::Directory, "{name}");
    }
}

#[test]
fn every_failure_has_its_status() {
    let space = booted();
    for (name, expected) in [
        ("", ObError::PathSyntaxBad),
        ("Device", ObError::PathSyntaxBad),
        ("??\\C:", ObError::PathSyntaxBad),
        ("\\\\", ObError::NameInvalid),
        ("\\\\Device", ObError::NameInvalid),
        ("\\Device\\", ObError::NameInvalid),
        ("\\Device\\\\Event", ObError::NameInvalid),
        ("\\??\\", ObError::NameInvalid),
        ("\\Nothing", ObError::NameNotFound),
        ("\\Device\\Nothing", ObError::NameNotFound),
        ("\\???", ObError::NameNotFound),
        ("\\Nothing\\Event", ObError::PathNotFound),
        ("\\Device\\Nothing\\", ObError::PathNotFound),
        ("\\??\\Z:\\file", ObError::PathNotFound),
        ("\\Device\\Event\\", ObError::TypeMismatch),
        ("\\Device\\Event\\behind", ObError::TypeMismatch),
        ("\\??\\GLOBALROOT", ObError::NameNotFound),
    ] {
        assert_eq!(error(&space, name), expected, "{name}");
    }
    let long = vec![b'\\' as u16; MAX_NAME + 1];
    assert_eq!(find(&space, &Query::new(&long)).unwrap_err(), ObError::NameInvalid);
    assert_eq!(nt::NtStatus::from(ObError::PathSyntaxBad), nt::NtStatus::OBJECT_PATH_SYNTAX_BAD);
    assert_eq!(ObError::HandleNotClosable.to_string(), "STATUS_HANDLE_NOT_CLOSABLE");
}

#[test]
fn relative_names_need_a_fitting_root() {
    let space = booted();
    let relative = |root: &str, name: &str| {
        let root = open(&space, root).expect(root).0;
        find(&space, &Query { root: Some(&root), ..Query::new(&wide(name)) })
    };
    assert_eq!(relative("\\Device", "Event").unwrap().0.body().unwrap().1, 3);
    assert_eq!(relative("\\??", "C:\\x").unwrap().1.as_deref(), Some("\\x"));
    assert_eq!(relative("\\", "SystemRoot\\x").unwrap().1.as_deref(), Some("\\WINDOWS\\x"));
    assert_eq!(relative("\\Device", "").unwrap().0.kind(), Kind::Directory);
    assert_eq!(relative("\\Device", "\\Event").unwrap_err(), ObError::PathSyntaxBad);
    assert_eq!(
        relative("\\", "??\\C:").unwrap_err(),
        ObError::PathNotFound,
        "only a prefix of absolute names"
    );
    assert_eq!(relative("\\Device\\Event", "x").unwrap_err(), ObError::InvalidHandle);
    assert_eq!(relative("\\Device\\Serial0", "x\\y").unwrap().1.as_deref(), Some("x\\y"));
    let root = link("\\Device");
    let query = Query { root: Some(&root), ..Query::new(&[]) };
    assert_eq!(find(&space, &query).unwrap_err(), ObError::InvalidHandle);
}

#[test]
fn the_type_asked_for_decides_about_links() {
    let space = booted();
    let name = wide("\\??\\AUX");
    let of = |kind, attributes| find(&space, &Query { kind, attributes, ..Query::new(&name) });
    let any_case = Attributes::CASE_INSENSITIVE;
    let aux = of(Some(Kind::SymbolicLink), any_case).unwrap().0;
    assert_eq!(aux.link_target(), Some(&*wide("\\DosDevices\\COM1")));
    assert!(of(None, any_case | Attributes::OPENLINK).unwrap().0.is(&aux));
    assert_eq!(of(None, any_case).unwrap().0.kind(), Kind::Device);
    let name = wide("\\KnownDlls\\kernel32.dll");
    let of = |kind| find(&space, &Query { kind: Some(kind), ..Query::new(&name) }).map(drop);
    assert_eq!(of(Kind::Section), Ok(()));
    assert_eq!(of(Kind::Event), Err(ObError::TypeMismatch));
    assert_eq!(of(Kind::Directory), Err(ObError::TypeMismatch));
}

#[test]
fn case_matters_only_if_asked_for() {
    let mut space = Space::new(());
    let exact = |space: &Space, name: &str| {
        find(space, &Query { attributes: Attributes::NONE, ..Query::new(&wide(name)) }).map(|found| found.0)
    };
    add(&mut space, "\\Größe", &thing(Kind::Event, 1));
    assert!(open(&space, "\\GRÖßE").is_ok());
    assert_eq!(exact(&space, "\\größe").unwrap_err(), ObError::NameNotFound);
    assert!(exact(&space, "\\Größe").is_ok());
    // A creation that minds the case may add a second name.
    let second = thing(Kind::Event, 2);
    let name = wide("\\größe");
    let query = Query { attributes: Attributes::NONE, ..Query::new(&name) };
    assert!(matches!(space.create(&query, &second, |_| Ok::<_, ObError>(())), Ok(Created::New)));
    assert_eq!(exact(&space, "\\Größe").unwrap().body().unwrap().1, 1);
    assert_eq!(open(&space, "\\GRÖßE").unwrap().0.body().unwrap().1, 2, "the younger one");
}

#[test]
fn links_may_chain_but_not_for_ever() {
    let mut space = booted();
    add(&mut space, "\\Self", &link("\\Self"));
    add(&mut space, "\\Ping", &link("\\Pong\\x"));
    add(&mut space, "\\Pong", &link("\\Ping\\y"));
    add(&mut space, "\\Relative", &link("Device"));
    for name in ["\\Self", "\\Self\\x", "\\Ping", "\\Relative", "\\Relative\\Event"] {
        assert_eq!(error(&space, name), ObError::NameNotFound, "{name}");
    }
    add(&mut space, "\\L1", &link("\\Device\\Event"));
    for number in 2..=MAX_REPARSES + 1 {
        add(&mut space, &format!("\\L{number}"), &link(&format!("\\L{}", number - 1)));
    }
    assert!(open(&space, &format!("\\L{MAX_REPARSES}")).is_ok());
    assert_eq!(error(&space, &format!("\\L{}", MAX_REPARSES + 1)), ObError::NameNotFound);
    add(&mut space, "\\Deep0", &link("\\Device\\Serial0\\0"));
    for number in 1..20 {
        add(&mut space, &format!("\\Deep{number}"), &link(&format!("\\Deep{}\\{number}\\", number - 1)));
    }
    let expected: String = (0..20).map(|number| format!("\\{number}")).collect();
    assert_eq!(open(&space, "\\Deep19\\20").unwrap().1, Some(expected + "\\20"));
    add(&mut space, "\\Long", &link(&format!("\\Device\\Serial0\\{}", "x".repeat(MAX_NAME - 20))));
    assert!(open(&space, "\\Long\\y").is_ok());
    assert_eq!(error(&space, &format!("\\Long\\{}", "y".repeat(40))), ObError::NameTooLong);
}

#[test]
fn a_device_map_of_ones_own_comes_first() {
    let mut space = booted();
    directory(&mut space, "\\Sessions\\0");
    let own = directory(&mut space, "\\Sessions\\0\\DosDevices");
    space.set_device_map(&own).unwrap();
    add(&mut space, "\\Sessions\\0\\DosDevices\\P:", &link("\\??\\C:\\Emulators"));
    let of = |space: &Space, name: &str| {
        find(space, &Query { dos_devices: Some(&own), ..Query::new(&wide(name)) })
    };
    assert_eq!(of(&space, "\\??\\P:\\file").unwrap().1.as_deref(), Some("\\Emulators\\file"));
    assert_eq!(error(&space, "\\??\\P:\\file"), ObError::PathNotFound, "somebody else does not see it");
    assert_eq!(of(&space, "\\??\\C:\\x").unwrap().1.as_deref(), Some("\\x"), "falls back");
    assert!(of(&space, "\\??").unwrap().0.is(&own));
    assert_eq!((space.drives(None), space.drives(Some(&own))), (1 << 2, 1 << 2 | 1 << 15));
    // A creation does not look behind: the session's own C: hides the global one.
    let name = wide("\\??\\c:");
    let query = Query { dos_devices: Some(&own), ..Query::new(&name) };
    let c = link("\\Device\\Serial0");
    assert!(matches!(space.create(&query, &c, |_| Ok::<_, ObError>(())), Ok(Created::New)));
    assert_eq!(of(&space, "\\??\\C:").unwrap().0.body().unwrap().1, 2);
    assert!(space.make_temporary(&c));
    assert_eq!(of(&space, "\\??\\C:").unwrap().0.body().unwrap().1, 1);
    assert_eq!(space.set_device_map(&c), Err(ObError::TypeMismatch));
}

#[test]
fn the_rest_can_be_used_in_place() {
    let space = booted();
    let rest_at = |name: &[u16]| match space.open(&Query::new(name)) {
        Ok(obns::Opened::Delegate { rest, .. }) => rest.within(name),
        other => panic!("{other:?}"),
    };
    assert_eq!(rest_at(&wide("\\??\\C:\\dir")), Some(6));
    assert_eq!(rest_at(&wide("\\??\\C:")), Some(6));
    assert_eq!(rest_at(&wide("\\SystemRoot\\dir")), None);
}

/// Every directory on the way is asked about, links and the directory of the last component included.
#[test]
fn directories_on_the_way_are_asked_about() {
    let mut space = booted();
    let closed = directory(&mut space, "\\Closed");
    add(&mut space, "\\Closed\\Event", &thing(Kind::Event, 5));
    add(&mut space, "\\Link", &link("\\Closed\\Event"));
    let passes = |directory: &Obj| !directory.is(&closed);
    let with = |name: &str| {
        let name = wide(name);
        find(&space, &Query { traverse: Some(Traverse(&passes)), ..Query::new(&name) }).map(drop)
    };
    assert_eq!(with("\\Device\\Event"), Ok(()));
    assert_eq!(with("\\??\\C:\\a"), Ok(()));
    assert_eq!(with("\\Closed"), Ok(()));
    for name in ["\\Closed\\Event", "\\Closed\\None", "\\Link", "\\??\\GLOBALROOT\\Closed\\Event"] {
        assert_eq!(with(name), Err(ObError::AccessDenied), "{name}");
    }
    let (name, root) = (wide("Event"), closed.clone());
    let query = Query { root: Some(&root), traverse: Some(Traverse(&passes)), ..Query::new(&name) };
    assert_eq!(find(&space, &query).map(drop), Err(ObError::AccessDenied));
    assert_eq!(find(&space, &Query { traverse: None, ..query }).map(drop), Ok(()));
}
