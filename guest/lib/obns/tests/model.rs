//! The namespace against a map from full names, in long random sequences; nothing leaks.
#![expect(clippy::unwrap_used, reason = "helpers of a test")]
mod common;

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use common::*;
use obns::{Attributes, Created, HandleTable, ObError, Object, Query};
use proptest::prelude::*;

/// What the model knows of an object.
struct Node {
    kind: Kind,
    target: String,
    /// Full name in capitals, while the object can be reached by it.
    path: Option<String>,
    /// Has an entry somewhere.
    named: bool,
    permanent: bool,
    handles: u32,
    alive: Option<Weak<()>>,
}

#[derive(Default)]
struct Model {
    nodes: Vec<Node>,
    paths: BTreeMap<String, usize>,
}

#[derive(Debug, PartialEq)]
enum Found {
    Root,
    Node(usize),
    Delegate(usize, String),
    Vacant(String),
}

impl Model {
    /// The path parse with strings that are put together.
    fn walk(&self, name: &str, wants_link: bool, inserting: bool) -> Result<Found, ObError> {
        let mut path = name.to_owned();
        for reparse in 0..=32 {
            let bad = if reparse == 0 { ObError::PathSyntaxBad } else { ObError::NameNotFound };
            let Some(relative) = path.strip_prefix('\\') else { return Err(bad) };
            if relative.is_empty() {
                return Ok(Found::Root);
            }
            let parts: Vec<&str> = relative.split('\\').collect();
            let mut at = String::new();
            let mut next = None;
            for (number, part) in parts.iter().enumerate() {
                if part.is_empty() {
                    return Err(ObError::NameInvalid);
                }
                at = format!("{at}\\{}", part.to_ascii_uppercase());
                let rest: String = parts[number + 1..].iter().map(|part| format!("\\{part}")).collect();
                let is_last = number + 1 == parts.len();
                let Some(&id) = self.paths.get(&at) else {
                    return if is_last { Ok(Found::Vacant(at)) } else { Err(ObError::PathNotFound) };
                };
                match self.nodes[id].kind {
                    Kind::Directory if !is_last => {}
                    Kind::SymbolicLink if !(is_last && wants_link) => {
                        let target = &self.nodes[id].target;
                        let target = if rest.is_empty() {
                            target
                        } else {
                            target.strip_suffix('\\').unwrap_or(target)
                        };
                        next = Some(format!("{target}{rest}"));
                        break;
                    }
                    Kind::Device if !inserting => return Ok(Found::Delegate(id, rest)),
                    _ if is_last => return Ok(Found::Node(id)),
                    _ => return Err(ObError::TypeMismatch),
                }
            }
            path = next.expect("a link");
        }
        Err(ObError::NameNotFound)
    }

    fn settle(&mut self, id: usize) -> bool {
        let node = &mut self.nodes[id];
        if node.permanent || node.handles != 0 || !node.named {
            return false;
        }
        node.named = false;
        if let Some(path) = node.path.take() {
            let below = format!("{path}\\");
            self.paths.remove(&path);
            let lost: Vec<String> =
                self.paths.keys().filter(|other| other.starts_with(&below)).cloned().collect();
            for other in lost {
                let id = self.paths.remove(&other).expect("it was there");
                self.nodes[id].path = None;
            }
        }
        true
    }
}

#[derive(Clone, Debug)]
enum Op {
    Create { name: String, kind: Kind, target: String, permanent: bool, open_if: bool },
    Open { name: String, kind: Option<Kind> },
    Close(usize),
    MakeTemporary(usize),
    MakePermanent(usize),
    List { name: String, change: bool },
}

fn name() -> impl Strategy<Value = String> {
    let part =
        prop::sample::select(vec!["a", "A", "b", "Cd", "cD", "link", "C:", "", "longer name", "LONGER NAME"]);
    (prop_oneof![20 => Just("\\"), 1 => Just("")], prop::collection::vec(part, 0..4))
        .prop_map(|(start, parts)| format!("{start}{}", parts.join("\\")))
}

fn op() -> impl Strategy<Value = Op> {
    use Kind::*;
    let kinds =
        prop::sample::select(vec![Directory, Directory, SymbolicLink, SymbolicLink, Event, Section, Device]);
    prop_oneof![
        8 => (name(), kinds.clone(), name(), any::<bool>(), any::<bool>())
            .prop_map(|(name, kind, target, permanent, open_if)| Op::Create { name, kind, target, permanent, open_if }),
        6 => (name(), prop::option::of(kinds)).prop_map(|(name, kind)| Op::Open { name, kind }),
        4 => any::<usize>().prop_map(Op::Close),
        3 => any::<usize>().prop_map(Op::MakeTemporary),
        1 => any::<usize>().prop_map(Op::MakePermanent),
        1 => (name(), any::<bool>()).prop_map(|(name, change)| Op::List { name, change }),
    ]
}

struct World {
    space: Space,
    table: HandleTable<Thing>,
    /// Which object each handle stands for.
    handles: Vec<(u64, usize)>,
    model: Model,
    /// Objects by number; only weak knowledge of leaves, so that leaks are seen.
    ids: Vec<Option<Obj>>,
}

impl World {
    fn create(
        &mut self,
        name: &str,
        kind: Kind,
        target: &str,
        permanent: bool,
        open_if: bool,
    ) -> Result<(), TestCaseError> {
        let attributes = if permanent { Attributes::PERMANENT } else { Attributes::NONE };
        let token = Arc::new(());
        let alive = Arc::downgrade(&token);
        let object = match kind {
            Kind::Directory => self.space.new_directory(attributes, ()),
            Kind::SymbolicLink => Object::new_link(&wide(target), attributes, ()),
            _ => Object::new(Thing(kind, self.model.nodes.len() as u32, token), attributes, ()),
        };
        let more = if open_if { Attributes::OPENIF } else { Attributes::NONE };
        let created = add_with(&mut self.space, name, &object, more);
        let expected = self.model.walk(name, kind == Kind::SymbolicLink, true);
        match (created, expected) {
            (Ok(Created::New), Ok(Found::Vacant(path))) => {
                let alive = object.body().map(|_| alive);
                prop_assert_eq!(
                    String::from_utf16_lossy(&self.space.full_name(&object)).to_ascii_uppercase(),
                    path.clone()
                );
                self.model.paths.insert(path.clone(), self.model.nodes.len());
                self.model.nodes.push(Node {
                    kind,
                    target: target.into(),
                    path: Some(path),
                    named: true,
                    permanent,
                    handles: 0,
                    alive,
                });
                self.ids.push(Some(object));
            }
            (Ok(Created::Exists(found)), Ok(Found::Node(id))) => {
                prop_assert!(open_if && self.model.nodes[id].kind == kind);
                prop_assert!(self.ids[id].as_ref().is_some_and(|object| object.is(&found)));
            }
            (Ok(Created::Exists(found)), Ok(Found::Root)) => {
                prop_assert!(found.is(self.space.root()) && open_if)
            }
            (Err(ObError::NameCollision), Ok(Found::Node(_) | Found::Root)) => prop_assert!(!open_if),
            (Err(ObError::TypeMismatch), Ok(Found::Node(id))) => {
                prop_assert!(self.model.nodes[id].kind != kind)
            }
            (Err(ObError::TypeMismatch), Ok(Found::Root)) => prop_assert!(kind != Kind::Directory),
            (Err(error), Err(expected)) => prop_assert_eq!(error, expected),
            (created, expected) => prop_assert!(false, "{name}: {created:?}, not {expected:?}"),
        }
        Ok(())
    }

    fn open(&mut self, name: &str, kind: Option<Kind>) -> Result<(), TestCaseError> {
        let units = wide(name);
        let found = find(&self.space, &Query { kind, ..Query::new(&units) });
        let expected = self.model.walk(name, kind == Some(Kind::SymbolicLink), false);
        let is =
            |ids: &[Option<Obj>], id: usize, object: &Obj| ids[id].as_ref().is_some_and(|own| own.is(object));
        match (found, expected) {
            (Ok((object, None)), Ok(Found::Node(id))) => {
                prop_assert!(is(&self.ids, id, &object) && kind.is_none_or(|kind| kind == object.kind()));
                let handle = self.table.insert(object, 1, Attributes::NONE).unwrap();
                self.handles.push((handle, id));
                self.model.nodes[id].handles += 1;
            }
            (Ok((object, Some(rest))), Ok(Found::Delegate(id, expected))) => {
                prop_assert!(is(&self.ids, id, &object));
                prop_assert_eq!(rest, expected);
            }
            (Ok((object, None)), Ok(Found::Root)) => prop_assert!(object.is(self.space.root())),
            (Err(ObError::TypeMismatch), Ok(Found::Node(id))) => {
                prop_assert!(kind != Some(self.model.nodes[id].kind))
            }
            (Err(ObError::TypeMismatch), Ok(Found::Root)) => {
                prop_assert!(kind.is_some_and(|kind| kind != Kind::Directory))
            }
            (Err(ObError::NameNotFound), Ok(Found::Vacant(_))) => {}
            (Err(error), Err(expected)) => prop_assert_eq!(error, expected),
            (found, expected) => prop_assert!(false, "{name}: {found:?}, not {expected:?}"),
        }
        Ok(())
    }

    fn close(&mut self, at: usize) -> Result<(), TestCaseError> {
        let (handle, id) = self.handles.swap_remove(at);
        let closed = self.table.close(handle).unwrap();
        self.model.nodes[id].handles -= 1;
        let (was_named, permanent) = (self.model.nodes[id].named, self.model.nodes[id].permanent);
        prop_assert_eq!(closed.is_last(), self.model.nodes[id].handles == 0);
        prop_assert_eq!(closed.needs_settling(), closed.is_last() && was_named && !permanent);
        let went = self.model.settle(id);
        prop_assert_eq!(closed.needs_settling() && self.space.settle(closed.object()), went);
        Ok(())
    }

    /// Every entry that was there before and after comes once, in the old order.
    fn list(&mut self, name: &str, change: bool) -> Result<(), TestCaseError> {
        let units = wide(name);
        let query = Query { kind: Some(Kind::Directory), ..Query::new(&units) };
        let Ok((directory, None)) = find(&self.space, &query) else { return Ok(()) };
        let all = |space: &Space| -> Vec<Vec<u16>> {
            let mut context = 0;
            std::iter::from_fn(|| {
                let listed = space.entry_after(&directory, context).unwrap()?;
                context = listed.context;
                Some(listed.name.to_vec())
            })
            .collect()
        };
        let before = all(&self.space);
        let (mut seen, mut context, mut step) = (Vec::new(), 0, 0);
        while let Some(listed) = self.space.entry_after(&directory, context).unwrap() {
            context = listed.context;
            seen.push(listed.name.to_vec());
            step += 1;
            if change
                && step % 2 == 1
                && let Some(id) = self.model.nodes.iter().position(|node| node.named && node.handles == 0)
            {
                self.model.nodes[id].permanent = false;
                let object = self.ids[id].clone().unwrap();
                prop_assert!(self.model.settle(id));
                prop_assert!(self.space.make_temporary(&object));
            }
        }
        let after = all(&self.space);
        let both: Vec<_> = before.iter().filter(|name| after.contains(name)).collect();
        prop_assert_eq!(seen.iter().filter(|name| after.contains(name)).collect::<Vec<_>>(), both);
        prop_assert!(change || seen == before);
        Ok(())
    }

    fn run(&mut self, op: Op) -> Result<(), TestCaseError> {
        let count = self.model.nodes.len().max(1);
        match op {
            Op::Create { name, kind, target, permanent, open_if } => {
                self.create(&name, kind, &target, permanent, open_if)?
            }
            Op::Open { name, kind } => self.open(&name, kind)?,
            Op::Close(number) if !self.handles.is_empty() => self.close(number % self.handles.len())?,
            Op::MakeTemporary(id) if !self.model.nodes.is_empty() => {
                self.model.nodes[id % count].permanent = false;
                let went = self.model.settle(id % count);
                let object = self.ids[id % count].clone().unwrap();
                prop_assert_eq!(self.space.make_temporary(&object), went);
            }
            Op::MakePermanent(id) if !self.model.nodes.is_empty() => {
                self.model.nodes[id % count].permanent = true;
                self.space.make_permanent(self.ids[id % count].as_ref().unwrap());
            }
            Op::List { name, change } => self.list(&name, change)?,
            _ => {}
        }
        prop_assert_eq!(self.space.names(), self.model.nodes.iter().filter(|node| node.named).count());
        let drives = self
            .model
            .paths
            .iter()
            .any(|(path, id)| path == "\\C:" && self.model.nodes[*id].kind == Kind::SymbolicLink);
        prop_assert_eq!(self.space.drives(Some(self.space.root())), if drives { 1 << 2 } else { 0 });
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(effort::times(256)))]

    #[test]
    fn agrees_with_a_map_of_names(ops in prop::collection::vec(op(), 0..200)) {
        let (space, table) = (Space::new(()), HandleTable::new(8));
        let mut world = World { space, table, handles: Vec::new(), model: Model::default(), ids: Vec::new() };
        for op in ops {
            world.run(op)?;
        }
        while !world.handles.is_empty() {
            world.close(0)?;
        }
        world.ids.clear();
        for node in &world.model.nodes {
            if let Some(alive) = &node.alive {
                prop_assert_eq!(alive.upgrade().is_some(), node.named);
            }
        }
        drop(world.space);
        let leaked = world.model.nodes.iter().filter_map(|node| node.alive.as_ref()?.upgrade()).count();
        prop_assert_eq!(leaked, 0);
    }
}
