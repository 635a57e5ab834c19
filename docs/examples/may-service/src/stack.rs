//! What a coroutine's stack looks like from inside.

use std::hint::black_box;

/// WORD is the size of a machine word, in which May counts stack sizes.
pub const WORD: usize = std::mem::size_of::<usize>();

/// CANARY is the word with which May fills a stack whose size in words is odd (generator 0.8,
/// src/stack/mod.rs, STACK_SENTINEL). Of an even one it fills the lowest eight words.
const CANARY: usize = 0xDEAD_BEEF;

/// Stack is the stack of the coroutine that called [`Stack::current`].
pub struct Stack {
    bottom: usize,
    top: usize,
    lowest: usize, // address that a request was known to have reached
    painted: bool,
}

impl Stack {
    /// current finds the mapping that the caller's frame lies in.
    #[inline(never)]
    pub fn current(words: usize) -> Stack {
        let here = here();
        let maps = std::fs::read_to_string("/proc/self/maps").expect("Linux, with /proc");
        let (bottom, top) = maps
            .lines()
            .filter_map(|line| line.split_once(' ')?.0.split_once('-'))
            .map(|(from, to)| (address(from), address(to)))
            .find(|(from, to)| (*from..*to).contains(&here))
            .expect("a frame lies in a mapping");
        Stack { bottom, top, lowest: here, painted: words % 2 == 1 }
    }

    /// note takes in that an address of this stack was used.
    pub fn note(&mut self, address: usize) {
        self.lowest = self.lowest.min(address);
    }

    pub fn size(&self) -> usize {
        self.top - self.bottom
    }

    /// used is the depth that the requests themselves know of, in bytes.
    pub fn used(&self) -> usize {
        self.top - self.lowest
    }

    /// canary is the depth that the canary shows, in bytes; none where the stack is not painted.
    pub fn canary(&self) -> Option<usize> {
        self.painted.then(|| {
            let intact = (self.bottom..self.top).step_by(WORD).take_while(|at| word(*at) == CANARY).count();
            self.size() - intact * WORD
        })
    }

    /// alive reports whether the lowest words hold the canary still.
    pub fn alive(&self) -> bool {
        (self.bottom..self.bottom + 8 * WORD).step_by(WORD).all(|at| word(at) == CANARY)
    }
}

fn address(hex: &str) -> usize {
    usize::from_str_radix(hex, 16).unwrap_or(0)
}

fn word(at: usize) -> usize {
    // SAFETY: the coroutine lives as long as the process, and its stack with it.
    unsafe { std::ptr::read_volatile(at as *const usize) }
}

/// here returns an address in the caller's frame, nearly.
#[inline(never)]
pub fn here() -> usize {
    let mark = 0u8;
    black_box(&mark) as *const u8 as usize
}

/// descend recurses until `bytes` below `from` are used, and returns the lowest address it reached.
#[inline(never)]
pub fn descend(from: usize, bytes: usize) -> usize {
    let mut frame = [0u8; 256];
    black_box(&mut frame);
    let at = frame.as_ptr() as usize;
    if from.saturating_sub(at) >= bytes {
        return at;
    }
    let lowest = descend(from, bytes);
    black_box(&mut frame);
    lowest
}
