//! Who is told when a key changes.
#![expect(unsafe_code, reason = "calls system services")]

use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

use nt::NtStatus;
use nt::registry::{notify, value_type};
use nt::types::{Boolean, Handle, IoStatusBlock, UserPtr};
use rt::syscall;

use super::{ROOT, ends, works};
use crate::checks::verdict;
use crate::reg::{self, from, make, to};

const KEY: &str = r"\Registry\Machine\System\ProbeNotify";

/// The key that the other thread changes.
static OTHER: AtomicU64 = AtomicU64::new(0);

pub fn checks() {
    let Some(key) = works("notify-key", make(ROOT, KEY, 0)) else { return };
    let Some(below) = works("notify-below", make(key, "Below", 0)) else { return };
    asynchronous(key, below);
    synchronous(key);
    refused(key);
    for key in [below, key] {
        ends("notify-delete", reg::delete_key(key), NtStatus::SUCCESS);
        rt::close(key);
    }
}

fn watch(
    key: Handle,
    event: Handle,
    status: &mut IoStatusBlock,
    filter: u32,
    subtree: bool,
    asynchronous: bool,
) -> NtStatus {
    let (subtree, asynchronous) = (Boolean(subtree.into()), Boolean(asynchronous.into()));
    // SAFETY: whoever calls keeps the block until the change has been told.
    unsafe {
        let none = UserPtr::new(0);
        syscall::NtNotifyChangeKey(key, event, 0, 0, to(status), filter, subtree, none, 0, asynchronous)
    }
}

fn is_set(event: Handle) -> bool {
    let now = 0_i64;
    // SAFETY: the time-out outlives the call.
    let status = unsafe { syscall::NtWaitForSingleObject(event, Boolean(0), from(&now)) };
    status == NtStatus::SUCCESS
}

fn asynchronous(key: Handle, below: Handle) {
    let mut event = Handle::NULL;
    // SAFETY: the handle outlives the call.
    let status = unsafe { syscall::NtCreateEvent(to(&mut event), 0x1F_0003, UserPtr::new(0), 1, Boolean(0)) };
    ends("notify-event", status, NtStatus::SUCCESS);
    let [Some(one), Some(tree)] = [works("one", reg::open(ROOT, KEY)), works("tree", reg::open(ROOT, KEY))]
    else {
        return;
    };
    let (mut of_one, mut of_tree) = (IoStatusBlock::default(), IoStatusBlock::default());
    ends("pending", watch(one, event, &mut of_one, notify::NAME, false, true), NtStatus::PENDING);
    ends(
        "pending-tree",
        watch(tree, Handle::NULL, &mut of_tree, notify::LAST_SET, true, true),
        NtStatus::PENDING,
    );
    let told =
        |block: &IoStatusBlock| core::hint::black_box(block).status == u64::from(NtStatus::NOTIFY_ENUM_DIR.0);
    ends("set-key", reg::set_value(key, "x", value_type::SZ, &[]), NtStatus::SUCCESS);
    verdict("not-told-of-values", !told(&of_one) && !is_set(event), "told of what it did not ask for");
    verdict("told-of-values", told(&of_tree), "not told");
    ends(
        "pending-again",
        watch(tree, Handle::NULL, &mut of_tree, notify::LAST_SET, true, true),
        NtStatus::PENDING,
    );
    ends("set-same", reg::set_value(below, "x", value_type::SZ, &[]), NtStatus::SUCCESS);
    verdict("told-of-below", told(&of_tree), "not told");
    if let Some(new) = works("make-below", make(below, "New", 0)) {
        verdict("not-told-of-below", !told(&of_one), "told of what is not its own");
        ends("delete-below", reg::delete_key(new), NtStatus::SUCCESS);
        rt::close(new);
    }
    if let Some(new) = works("make-own", make(key, "New", 0)) {
        verdict("told-of-names", told(&of_one) && is_set(event), "not told");
        // Nobody waits now: this is remembered.
        ends("delete-own", reg::delete_key(new), NtStatus::SUCCESS);
        rt::close(new);
    }
    ends(
        "remembered",
        watch(one, Handle::NULL, &mut of_one, notify::NAME, false, false),
        NtStatus::NOTIFY_ENUM_DIR,
    );
    ends("pending-close", watch(one, event, &mut of_one, notify::NAME, false, true), NtStatus::PENDING);
    rt::close(one);
    let closed = core::hint::black_box(&of_one).status == u64::from(NtStatus::NOTIFY_CLEANUP.0);
    verdict("told-of-close", closed && is_set(event), "not told");
    rt::close(tree);
    rt::close(event);
}

extern "win64" fn change(_: u64) -> ! {
    rt::delay(100_000);
    reg::set_value(Handle(OTHER.load(Relaxed)), "y", value_type::SZ, &[]);
    rt::exit_thread()
}

/// One thread waits until another one changes the key.
fn synchronous(key: Handle) {
    let Some(waited) = works("waited", reg::open(ROOT, KEY)) else { return };
    OTHER.store(key.0, Relaxed);
    let Ok(thread) = rt::spawn(change, 0) else { return verdict("spawn", false, "no thread") };
    let mut block = IoStatusBlock::default();
    ends(
        "waits",
        watch(waited, Handle::NULL, &mut block, notify::LAST_SET, false, false),
        NtStatus::NOTIFY_ENUM_DIR,
    );
    verdict("waits-block", block.status == u64::from(NtStatus::NOTIFY_ENUM_DIR.0), "another status");
    rt::wait(thread);
    rt::close(thread);
    rt::close(waited);
}

fn refused(key: Handle) {
    let mut block = IoStatusBlock::default();
    for filter in [0, 0x10, u32::MAX] {
        ends(
            "filter",
            watch(key, Handle::NULL, &mut block, filter, false, true),
            NtStatus::INVALID_PARAMETER,
        );
    }
    ends("no-event", watch(key, Handle(0x4440), &mut block, 1, false, true), NtStatus::INVALID_HANDLE);
    ends("no-event-but-key", watch(key, key, &mut block, 1, false, true), NtStatus::OBJECT_TYPE_MISMATCH);
    for bad in [8, 0x4000_0000_0000] {
        // SAFETY: the kernel refuses the address.
        let status = unsafe {
            let none = UserPtr::new(0);
            syscall::NtNotifyChangeKey(
                key,
                Handle::NULL,
                0,
                0,
                UserPtr::new(bad),
                1,
                Boolean(0),
                none,
                0,
                Boolean(1),
            )
        };
        ends("no-block", status, NtStatus::ACCESS_VIOLATION);
    }
}
