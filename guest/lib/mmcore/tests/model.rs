//! Random sequences of services answer, and charge, as a naive model of single pages does.

mod common;

use common::model::Model;
use common::{END, LOW, Process, view};
use mmcore::{Access, Allocate, MapView, PAGE, PageState};
use nt::memory::*;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Reserve(u64, u64, u32, u32),
    Commit(u64, u64, u32),
    Free(u64, u64, u32),
    Protect(u64, u64, u32),
    Map(u64, u32),
    Unmap(u64),
}

fn protection() -> impl Strategy<Value = u32> {
    let base = prop::sample::select(vec![0x01, 0x02, 0x04, 0x04, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80_u32]);
    (base, prop::bool::weighted(0.1))
        .prop_map(|(base, guard)| if guard && base != 1 { base | 0x100 } else { base })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let address = || {
        (LOW..END - 40 * PAGE).prop_map(|address| if address % 3 == 0 { address } else { address & !0xFFFF })
    };
    let size = || prop_oneof![1..40 * PAGE, Just(PAGE), Just(16 * PAGE)];
    let maybe = || prop_oneof![Just(0), address()];
    let kinds = prop::sample::select(vec![MEM_RESERVE, MEM_RESERVE | MEM_COMMIT, MEM_RESERVE | MEM_TOP_DOWN]);
    let free = prop::sample::select(vec![MEM_DECOMMIT, MEM_RELEASE]);
    let step = prop_oneof![
        3 => (maybe(), size(), kinds, protection()).prop_map(|(a, s, k, p)| Step::Reserve(a, s, k, p)),
        4 => (address(), size(), protection()).prop_map(|(a, s, p)| Step::Commit(a, s, p)),
        3 => (address(), prop_oneof![Just(0), size()], free).prop_map(|(a, s, k)| Step::Free(a, s, k)),
        3 => (address(), size(), protection()).prop_map(|(a, s, p)| Step::Protect(a, s, p)),
        1 => (maybe(), prop_oneof![Just(PAGE_READWRITE), Just(PAGE_WRITECOPY)])
            .prop_map(|(a, p)| Step::Map(a & !0xFFFF, p)),
        1 => address().prop_map(Step::Unmap),
    ];
    prop::collection::vec(step, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(effort::times(600)))]

    #[test]
    fn services_do_what_the_model_does(steps in steps(), limit in 40..300_u64) {
        let mut process = Process::new(limit);
        let section = process.section(20 * PAGE, PAGE_EXECUTE_READWRITE, SEC_COMMIT).unwrap();
        let mut model = Model { limit, sections: 20, ..Model::default() };
        for step in steps {
            match step {
                Step::Reserve(base, size, kind, protect) => {
                    let got = process.allocate(base, size, kind, protect);
                    if protect & (PAGE_WRITECOPY | PAGE_EXECUTE_WRITECOPY) != 0 {
                        prop_assert!(got.is_err());
                    } else {
                        prop_assert_eq!(got, model.reserve(base, size, kind, protect));
                    }
                }
                Step::Commit(base, size, protect) => prop_assert_eq!(
                    process.allocate(base, size, MEM_COMMIT, protect),
                    model.commit(base, size, protect)
                ),
                Step::Free(base, size, kind) => {
                    prop_assert_eq!(process.free(base, size, kind), model.free(base, size, kind));
                }
                Step::Protect(base, size, protect) => prop_assert_eq!(
                    process.protect(base, size, protect),
                    model.protect(base, size, protect)
                ),
                Step::Map(base, protect) => {
                    let got = process.map(&section, MapView { base, ..view(protect) });
                    prop_assert_eq!(got.map(|done| (done.base, done.size)), model.map(20, base, protect));
                }
                Step::Unmap(address) => prop_assert_eq!(process.unmap(address), model.unmap(address)),
            }
            prop_assert_eq!(process.space.account().charged(), model.charge());
            prop_assert_eq!(process.ledger.committed(), model.charge() + 20);
            prop_assert!(process.ledger.committed() <= limit);
            let pages: u64 = process.space.vads().map(|vad| (vad.end() - vad.start()) / PAGE).sum();
            let (size, most) = process.space.size();
            prop_assert!(size == pages && most >= size);
        }
        for page in LOW / PAGE..END / PAGE {
            prop_assert_eq!(process.space.query(page * PAGE + 5), Ok(model.query(page * PAGE)));
        }
        while process.space.tear_down(&mut process.ledger).is_some() {}
        prop_assert_eq!((process.space.account().charged(), process.ledger.committed()), (0, 20));
        prop_assert_eq!(process.space.size().0, 0);
        let section = std::rc::Rc::into_inner(section.0).unwrap().into_inner();
        section.destroy(&mut process.ledger);
        prop_assert_eq!(process.ledger.committed(), 0);
    }

    #[test]
    fn no_arguments_panic(calls in prop::collection::vec((0..6_u8, any::<[u64; 3]>(), any::<[u32; 2]>(), 0..64_u32), 0..40)) {
        let mut process = Process::new(500);
        let section = process.section(30 * PAGE, PAGE_READWRITE, SEC_RESERVE).unwrap();
        for (call, [a, b, c], [x, y], shift) in calls {
            // Mostly near the space, sometimes anywhere.
            let (base, size, zero_bits) = (a >> shift, b >> shift, c >> (shift / 2 + 32));
            let near = if shift % 2 == 0 { base % (END + 2 * PAGE) } else { base };
            let allocation_type = x & 0xF000 | if shift % 5 == 0 { y } else { 0 };
            let protect = if shift % 7 == 0 { y } else { 1 << (y % 9) };
            match call {
                0 => {
                    let request = Allocate { base: near, zero_bits, size, allocation_type, protect };
                    let _ = process.space.allocate(&mut process.ledger, &request);
                }
                1 => drop(process.free(near, size, allocation_type)),
                2 => drop(process.protect(near, size, protect)),
                3 => drop(process.space.query(near)),
                4 => {
                    let request = MapView { base: near & !0xFFFF, offset: c >> shift & !0xFFFF, size, ..view(protect) };
                    let _ = process.map(&section, MapView { commit_size: zero_bits, zero_bits, ..request });
                    let _ = process.unmap(c);
                }
                _ => drop(process.fault(near, Access::Write, PageState::Untouched, None)),
            }
            let all = process.space.account().charged() + section.0.borrow().charge();
            prop_assert_eq!(process.ledger.committed(), all);
        }
    }
}
