//! What the service knows of its memory: an allocator that counts, by the handler that asks.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counting passes everything on to the system's allocator, and counts it.
pub struct Counting;

/// MOST is how many handlers are told apart; the first stands for all that is no handler's.
pub const MOST: usize = 8;

/// Count is what one handler, or all else, has asked the allocator for.
pub struct Count {
    pub allocations: AtomicU64,
    pub bytes: AtomicU64,
}

pub static COUNTS: [Count; MOST] = [const { Count { allocations: AtomicU64::new(0), bytes: AtomicU64::new(0) } }; MOST];
static LIVE: AtomicU64 = AtomicU64::new(0);

thread_local! {
    // No destructor and no lazy start: the allocator itself reads it.
    static CURRENT: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: each call is the system allocator's, with the same arguments.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        System.alloc(layout)
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size() as u64, Relaxed);
        System.dealloc(at, layout)
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        LIVE.fetch_sub(layout.size() as u64, Relaxed);
        count(size);
        System.realloc(at, layout, size)
    }
}

fn count(bytes: usize) {
    let of = &COUNTS[CURRENT.try_with(Cell::get).unwrap_or(0)];
    of.allocations.fetch_add(1, Relaxed);
    of.bytes.fetch_add(bytes as u64, Relaxed);
    LIVE.fetch_add(bytes as u64, Relaxed);
}

/// within has what `work` allocates counted as the handler's. `work` must not wait: another coroutine
/// would run on its thread meanwhile.
pub fn within<T>(handler: usize, work: impl FnOnce() -> T) -> T {
    CURRENT.with(|c| c.set(handler));
    let out = work();
    CURRENT.with(|c| c.set(0));
    out
}

/// live is what has been allocated and not freed, in bytes.
pub fn live() -> u64 {
    LIVE.load(Relaxed)
}

/// MOST_KEPT bounds what is leaked, in bytes.
const MOST_KEPT: u64 = 1 << 30;

/// keep_session allocates for a request. Where it leaks, that is never given back.
#[inline(never)]
pub fn keep_session(bytes: usize, leak: bool) {
    static KEPT: AtomicU64 = AtomicU64::new(0);
    let session = black_box(vec![1u8; bytes].into_boxed_slice());
    if leak && KEPT.fetch_add(bytes as u64, Relaxed) < MOST_KEPT {
        std::mem::forget(session);
    }
}

/// build_page allocates so many pieces of 512 bytes and gives them back.
#[inline(never)]
pub fn build_page(pieces: usize) {
    for _ in 0..pieces {
        drop(black_box(vec![1u8; 512]));
    }
}

/// resident is what the kernel says of the process, in bytes; none where it does not.
pub fn resident() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    statm.split(' ').nth(1)?.parse::<u64>().ok().map(|pages| pages * 4096)
}
