//! The random numbers of this crate: one generator, seeded, the same bits on every machine.

use std::convert::Infallible;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng, TryRng};
use rand_distr::{Distribution, StandardNormal};

/// The random numbers of initialisation, shuffles and dropout: `ChaCha8`, seeded by `seed_from_u64`.
///
/// The same seed gives the same numbers on every machine and at every number of threads. One seed gives 2⁶⁴ [streams]
/// that have nothing in common, so that, say, initialisation and shuffling need not share a sequence. The whole
/// state is `(seed, stream, position)`: that is what a checkpoint stores.
///
/// [streams]: Generator::with_stream
///
/// ```
/// use nn::Generator;
/// let mut a = Generator::seeded(42);
/// let mut b = Generator::seeded(42);
/// assert_eq!(a.uniform(), b.uniform());
///
/// let saved = (a.seed(), a.stream(), a.position());
/// let next = a.normal();
/// let mut resumed = Generator::with_stream(saved.0, saved.1).at(saved.2);
/// assert_eq!(resumed.normal(), next);
/// ```
///
/// Source: D. J. Bernstein, *`ChaCha`, a variant of Salsa20* (2008), with 8 rounds, as in the crate `rand_chacha`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generator {
    seed: u64,
    chacha: ChaCha8Rng,
}

impl Generator {
    /// The sequence of a seed: its stream 0, from the start.
    ///
    /// ```
    /// let mut generator = nn::Generator::seeded(42);
    /// assert!((0.0..1.0).contains(&generator.uniform()));
    /// ```
    pub fn seeded(seed: u64) -> Self {
        Self { seed, chacha: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// One of the independent sequences of a seed, from its start.
    ///
    /// ```
    /// use nn::Generator;
    /// assert_eq!(Generator::with_stream(42, 0), Generator::seeded(42));
    /// assert_ne!(Generator::with_stream(42, 1).next_u64(), Generator::seeded(42).next_u64());
    /// ```
    pub fn with_stream(seed: u64, stream: u64) -> Self {
        let mut generator = Self::seeded(seed);
        generator.chacha.set_stream(stream);
        generator
    }

    /// The same sequence at another [`position`](Self::position).
    ///
    /// ```
    /// use nn::Generator;
    /// let mut generator = Generator::seeded(1);
    /// let first = generator.next_u64();
    /// assert_eq!(generator.at(0).next_u64(), first);
    /// ```
    #[must_use]
    pub fn at(mut self, position: u128) -> Self {
        self.chacha.set_word_pos(position);
        self
    }

    /// The seed it was made of.
    ///
    /// ```
    /// assert_eq!(nn::Generator::seeded(42).seed(), 42);
    /// ```
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Which of the seed's streams it draws from.
    ///
    /// ```
    /// assert_eq!(nn::Generator::with_stream(42, 7).stream(), 7);
    /// ```
    pub fn stream(&self) -> u64 {
        self.chacha.get_stream()
    }

    /// How far it has come, in words of 32 bits.
    ///
    /// ```
    /// let mut generator = nn::Generator::seeded(42);
    /// generator.next_u64();
    /// assert_eq!(generator.position(), 2);
    /// ```
    pub fn position(&self) -> u128 {
        self.chacha.get_word_pos()
    }

    /// 64 random bits.
    ///
    /// ```
    /// assert_ne!(nn::Generator::seeded(1).next_u64(), nn::Generator::seeded(2).next_u64());
    /// ```
    pub fn next_u64(&mut self) -> u64 {
        self.chacha.next_u64()
    }

    /// A number of `[0, 1)`, uniform over the multiples of 2⁻⁵³.
    ///
    /// ```
    /// assert!(nn::Generator::seeded(42).uniform() < 1.0);
    /// ```
    pub fn uniform(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1u64 << 53) as f64;
        (self.next_u64() >> 11) as f64 * STEP
    }

    /// A number of the normal distribution with mean 0 and variance 1 (the ziggurat of the crate `rand_distr`).
    ///
    /// ```
    /// assert!(nn::Generator::seeded(42).normal().is_finite());
    /// ```
    pub fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.chacha)
    }

    /// A number of `0..bound`, each equally likely.
    ///
    /// # Panics
    /// `bound` is 0.
    ///
    /// ```
    /// assert!(nn::Generator::seeded(42).below(6) < 6);
    /// ```
    ///
    /// Source: D. Lemire, *Fast random integer generation in an interval*, ACM TOMACS 29 (2019). Written out here so
    /// that the order of a shuffle does not hang on the version of another crate.
    #[track_caller]
    pub fn below(&mut self, bound: usize) -> usize {
        assert!(bound > 0, "a random number below 0 does not exist");
        let bound = bound as u64;
        loop {
            let product = u128::from(self.next_u64()) * u128::from(bound);
            // The low half under 2⁶⁴ mod bound is what would make some numbers likelier than others.
            if product as u64 >= bound.wrapping_neg() % bound {
                return (product >> 64) as usize;
            }
        }
    }

    /// Calls `swap(i, j)` for the exchanges of a shuffle of `len` things, every order equally likely.
    ///
    /// Source: Fisher and Yates; Durstenfeld, *Algorithm 235*, CACM 7 (1964).
    pub(crate) fn shuffle(&mut self, len: usize, mut swap: impl FnMut(usize, usize)) {
        for last in (1..len).rev() {
            swap(self.below(last + 1), last);
        }
    }
}

/// For the distributions of `rand` and `rand_distr`.
impl TryRng for Generator {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.chacha.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.chacha.try_next_u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.chacha.try_fill_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A change of generator, of its seeding or of a transformation changes every trained network: it must be seen.
    /// The bits, and what is made of them but for the ziggurat, agree with a `ChaCha8` written independently.
    #[test]
    #[allow(clippy::unreadable_literal)] // to be pasted from an assertion that failed
    fn the_first_numbers_of_seed_42() {
        let first = |draw: fn(&mut Generator) -> f64| {
            let mut generator = Generator::seeded(42);
            [draw(&mut generator), draw(&mut generator), draw(&mut generator)]
        };
        assert_eq!(Generator::seeded(42).next_u64(), 12_578_764_544_318_200_737);
        assert_eq!(first(Generator::uniform), [0.6818961923066714, 0.950275407672484, 0.4275164028565197]);
        assert_eq!(first(Generator::normal), [0.47798123835102174, 1.3340706102318078, -0.21086668327103028]);
        assert_eq!(first(|g| g.below(1000) as f64), [681.0, 950.0, 427.0]);
    }

    #[test]
    fn a_position_is_a_place_in_the_sequence_wherever_it_falls() {
        let mut generator = Generator::with_stream(7, 3);
        for _ in 0..200 {
            let mut resumed = Generator::with_stream(7, 3).at(generator.position());
            assert_eq!(resumed, generator);
            assert_eq!(resumed.normal(), generator.normal());
        }
    }

    #[test]
    fn bounded_numbers_are_even() {
        let mut generator = Generator::seeded(1);
        let mut seen = [0u32; 7];
        for _ in 0..70_000 {
            seen[generator.below(7)] += 1;
        }
        // Six degrees of freedom: 22.46 is passed once in a thousand seeds.
        let chi_squared: f64 = seen.iter().map(|&n| (f64::from(n) - 1e4).powi(2) / 1e4).sum();
        assert!(chi_squared < 22.46, "{seen:?}");
        assert_eq!(generator.below(1), 0);
    }

    #[test]
    fn uniform_and_normal_have_their_moments() {
        let mut generator = Generator::seeded(3);
        let n = 100_000;
        let moments = |numbers: &[f64]| {
            let mean = numbers.iter().sum::<f64>() / f64::from(n);
            (mean, numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / f64::from(n))
        };
        // Four standard errors of each.
        let uniform: Vec<f64> = (0..n).map(|_| generator.uniform()).collect();
        let (mean, variance) = moments(&uniform);
        assert!((mean - 0.5).abs() < 0.0037 && (variance - 1.0 / 12.0).abs() < 0.001, "{mean} {variance}");
        let normal: Vec<f64> = (0..n).map(|_| generator.normal()).collect();
        let (mean, variance) = moments(&normal);
        assert!(mean.abs() < 0.0127 && (variance - 1.0).abs() < 0.018, "{mean} {variance}");
    }

    #[test]
    #[should_panic(expected = "a random number below 0 does not exist")]
    fn nothing_is_below_zero() {
        Generator::seeded(0).below(0);
    }
}
