// A program whose allocations are known: what it does is written in README.md.
mod shop {
    #[allow(dead_code)]
    pub struct Order(pub u64);

    pub trait Price {
        fn price(&self) -> String;
    }

    // 5 of 30 bytes, by String, freed.
    impl Price for Order {
        #[inline(never)]
        fn price(&self) -> String {
            let mut s = String::with_capacity(30);
            s.push('1');
            s
        }
    }

    // 3 of 2000 bytes, by Box, never freed.
    #[inline(never)]
    pub fn leak() {
        for _ in 0..3 {
            std::hint::black_box(Box::leak(Box::new([1u8; 2000])));
        }
    }

    // 4 of 24 bytes, by a closure, freed.
    #[inline(never)]
    pub fn each(f: impl Fn(u64)) {
        (0..4).for_each(f)
    }
}

use shop::Price;

#[inline(never)]
fn list<T: Clone + Default>(n: usize) -> Vec<T> {
    vec![T::default(); n]
}

fn main() {
    for _ in 0..5 {
        std::hint::black_box(shop::Order(1).price());
    }
    shop::leak();
    shop::each(|n| {
        std::hint::black_box(vec![n, n, n]);
    });
    // 1 of 4000 bytes, by Vec, freed.
    std::hint::black_box(list::<u32>(std::hint::black_box(1000)));
}
