//! Unpredictable numbers for ids and seeds, fetched from the operating system a page at a time: a system call for each
//! would be a part of every request that one can measure.

use std::cell::RefCell;

const BYTES: usize = 1024;

struct Stock {
    bytes: [u8; BYTES],
    left: usize,
}

thread_local! {
    static STOCK: RefCell<Stock> = const { RefCell::new(Stock { bytes: [0; BYTES], left: 0 }) };
}

/// A number nobody else has seen; every byte of it is used once.
///
/// # Panics
/// When the operating system has no randomness to give.
pub(crate) fn draw() -> u64 {
    STOCK.with_borrow_mut(|stock| {
        if stock.left == 0 {
            getrandom::fill(&mut stock.bytes).expect("the operating system has randomness");
            stock.left = BYTES;
        }
        stock.left -= 8;
        let mut number = [0; 8];
        number.copy_from_slice(&stock.bytes[stock.left..stock.left + 8]);
        stock.bytes[stock.left..stock.left + 8].fill(0);
        u64::from_ne_bytes(number)
    })
}

/// A seed nobody else has seen.
///
/// # Panics
/// As [`draw`].
pub(crate) fn seed() -> [u8; 32] {
    let mut seed = [0; 32];
    for bytes in seed.chunks_exact_mut(8) {
        bytes.copy_from_slice(&draw().to_ne_bytes());
    }
    seed
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_number_comes_twice() {
        let numbers: std::collections::HashSet<u64> = (0..1000).map(|_| super::draw()).collect();
        assert_eq!(numbers.len(), 1000);
    }
}
