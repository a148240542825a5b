//! Lots drawn from a seed: the same for ever, whatever library or machine. Not for secrets.

/// SplitMix64 (Steele, Lea and Flood 2014): each step adds a constant and mixes the sum.
#[derive(Clone, Debug)]
pub(super) struct Lots(u64);

impl Lots {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`. The bias of the multiplication is below `end` / 2⁶⁴.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(end)) >> 64) as u64
    }

    pub(super) fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    /// The place of one of the weights, by weight.
    pub(super) fn weighted(&mut self, weights: &[u64]) -> usize {
        let mut lot = self.below(weights.iter().sum());
        for (place, weight) in weights.iter().enumerate() {
            match lot.checked_sub(*weight) {
                Some(rest) => lot = rest,
                None => return place,
            }
        }
        weights.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_sequence() {
        let mut lots = Lots::new(1234567);
        let first = [6457827717110365317, 3203168211198807973, 9817491932198370423];
        assert_eq!(first.map(|_| lots.next()), first);
    }

    #[test]
    fn weights_are_kept() {
        let mut lots = Lots::new(1);
        let mut seen = [0; 3];
        for _ in 0..10_000 {
            seen[lots.weighted(&[1, 0, 3])] += 1;
        }
        assert_eq!(seen[1], 0);
        assert!((2_200..2_800).contains(&seen[0]), "{seen:?}");
    }
}
