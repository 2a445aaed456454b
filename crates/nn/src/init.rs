//! First values of parameters.

use std::panic::Location;

use tape::{Element, Error, ErrorKind};

use crate::generator::Generator;

/// How the numbers of a parameter begin.
///
/// `fan_in` and `fan_out` come from a shape `[in, …, out]`: the first axis counts the inputs, the last the outputs, and
/// what lies between them (the field of a kernel) multiplies both. `[n]` has both fans `n`, a scalar has both 1.
/// For another layout see [`fill_with_fans`](Self::fill_with_fans). Glorot suits `tanh` and `sigmoid`, He suits
/// `relu` and its relatives.
///
/// ```
/// use nn::{Generator, Init};
/// let mut generator = Generator::seeded(42);
/// let weight: Vec<f32> = Init::HeNormal.fill(&[64, 32], &mut generator)?;
/// assert_eq!(weight.len(), 64 * 32);
/// let bias: Vec<f32> = Init::Zeros.fill(&[32], &mut generator)?;
/// assert_eq!(bias, [0.0; 32]);
/// # Ok::<(), tape::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Init {
    /// 0 everywhere: biases.
    Zeros,
    /// One number everywhere.
    Constant(f64),
    /// Uniform between two ends.
    Uniform {
        /// The least value.
        low: f64,
        /// The greatest value; not below `low`.
        high: f64,
    },
    /// The normal distribution, not truncated.
    Normal {
        /// The mean.
        mean: f64,
        /// The standard deviation; not negative.
        std: f64,
    },
    /// Uniform on `±√(6 / (fan_in + fan_out))`.
    ///
    /// Source: X. Glorot, Y. Bengio, *Understanding the difficulty of training deep feedforward neural networks*,
    /// AISTATS 2010, equation 16.
    GlorotUniform,
    /// Normal with mean 0 and variance `2 / (fan_in + fan_out)`.
    ///
    /// Source: Glorot and Bengio 2010, equation 12.
    GlorotNormal,
    /// Uniform on `±√(6 / fan_in)`.
    ///
    /// Source: K. He, X. Zhang, S. Ren, J. Sun, *Delving deep into rectifiers*, ICCV 2015: the variance of their
    /// equation 10, as a uniform distribution.
    HeUniform,
    /// Normal with mean 0 and variance `2 / fan_in`.
    ///
    /// Source: He, Zhang, Ren and Sun 2015, equation 10.
    HeNormal,
}

/// What an [`Init`] comes down to once the fans are known.
enum Draw {
    Same(f64),
    Uniform { low: f64, high: f64 },
    Normal { mean: f64, std: f64 },
}

impl Init {
    /// The numbers of a parameter of this shape, row by row. They are drawn as `f64` and rounded to `T`, so `f32` and
    /// `f64` parameters of one seed are the same up to that rounding.
    ///
    /// # Errors
    /// The number of elements overflows or memory for them cannot be had; a number of the `Init` is not finite in
    /// `T`, `low > high`, or `std < 0`.
    ///
    /// ```
    /// use nn::{Generator, Init};
    /// let w: Vec<f64> = Init::GlorotUniform.fill(&[3, 3], &mut Generator::seeded(1))?;
    /// assert!(w.iter().all(|x| x.abs() <= 1.0)); // √(6 / (3 + 3))
    /// assert!(Init::HeNormal.fill::<f32>(&[usize::MAX, 2], &mut Generator::seeded(1)).is_err());
    /// # Ok::<(), tape::Error>(())
    /// ```
    #[track_caller]
    pub fn fill<T: Element>(self, shape: &[usize], generator: &mut Generator) -> Result<Vec<T>, Error> {
        let (fan_in, fan_out) = fans(shape);
        let here = Location::caller();
        self.values(shape, fan_in, fan_out, generator).map_err(|e| e.operation("init").at(here))
    }

    /// As [`fill`](Self::fill), for a shape whose first and last axes are not the inputs and the outputs.
    ///
    /// # Errors
    /// As [`fill`](Self::fill); or a fan that the formula divides by is 0.
    ///
    /// ```
    /// use nn::{Generator, Init};
    /// // Eight kernels of 3 × 3 over one channel, stored as [out, in, height, width].
    /// let kernels: Vec<f32> = Init::HeUniform.fill_with_fans(&[8, 1, 3, 3], 9, 72, &mut Generator::seeded(1))?;
    /// assert_eq!(kernels.len(), 72);
    /// # Ok::<(), tape::Error>(())
    /// ```
    #[track_caller]
    pub fn fill_with_fans<T: Element>(
        self,
        shape: &[usize],
        fan_in: usize,
        fan_out: usize,
        generator: &mut Generator,
    ) -> Result<Vec<T>, Error> {
        let here = Location::caller();
        let values = self.values(shape, fan_in as f64, fan_out as f64, generator);
        values.map_err(|e| e.operation("init").at(here))
    }

    fn values<T: Element>(
        self,
        shape: &[usize],
        fan_in: f64,
        fan_out: f64,
        generator: &mut Generator,
    ) -> Result<Vec<T>, Error> {
        let len = tape::shape::elements(shape)?;
        if len == 0 {
            return Ok(Vec::new());
        }
        let draw = self.draw::<T>(fan_in, fan_out).map_err(|e| e.shapes([shape]))?;
        let mut values = Vec::new();
        values.try_reserve_exact(len).map_err(|_| {
            Error::new(ErrorKind::Memory, format!("no memory for {len} elements")).shapes([shape])
        })?;
        match draw {
            Draw::Same(x) => values.resize(len, T::of(x)),
            Draw::Uniform { low, high } => {
                values.extend((0..len).map(|_| T::of((low + (high - low) * generator.uniform()).min(high))));
            }
            Draw::Normal { mean, std } => {
                values.extend((0..len).map(|_| T::of(mean + std * generator.normal())));
            }
        }
        Ok(values)
    }

    fn draw<T: Element>(self, fan_in: f64, fan_out: f64) -> Result<Draw, Error> {
        let both = fan_in + fan_out;
        let draw = match self {
            Self::Zeros => Draw::Same(0.0),
            Self::Constant(x) => Draw::Same(x),
            Self::Uniform { low, high } => Draw::Uniform { low, high },
            Self::Normal { mean, std } => Draw::Normal { mean, std },
            Self::GlorotUniform => symmetric((6.0 / both).sqrt()),
            Self::GlorotNormal => Draw::Normal { mean: 0.0, std: (2.0 / both).sqrt() },
            Self::HeUniform => symmetric((6.0 / fan_in).sqrt()),
            Self::HeNormal => Draw::Normal { mean: 0.0, std: (2.0 / fan_in).sqrt() },
        };
        let finite = |x: f64| T::of(x).is_finite();
        let possible = match draw {
            Draw::Same(x) => finite(x),
            Draw::Uniform { low, high } => {
                finite(low) && finite(high) && low <= high && (high - low).is_finite()
            }
            Draw::Normal { mean, std } => finite(mean) && finite(std) && std >= 0.0,
        };
        let text = || match self {
            Self::GlorotUniform | Self::GlorotNormal | Self::HeUniform | Self::HeNormal => {
                format!("{self:?} with fan_in {fan_in} and fan_out {fan_out} divides by 0")
            }
            _ => format!("{self:?} is no distribution of finite numbers"),
        };
        if possible { Ok(draw) } else { Err(Error::new(ErrorKind::Value, text())) }
    }
}

fn symmetric(bound: f64) -> Draw {
    Draw::Uniform { low: -bound, high: bound }
}

/// Floats, so that a product of extents cannot overflow.
fn fans(shape: &[usize]) -> (f64, f64) {
    match *shape {
        [] => (1.0, 1.0),
        [n] => (n as f64, n as f64),
        [first, ref field @ .., last] => {
            let field: f64 = field.iter().map(|&n| n as f64).product();
            (first as f64 * field, last as f64 * field)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(init: Init, shape: &[usize]) -> Vec<f64> {
        init.fill(shape, &mut Generator::seeded(42)).unwrap()
    }

    fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        (mean, (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt())
    }

    /// Mean 0 and the deviation of the formula within four standard errors; `bound` where the values are uniform.
    fn assert_distribution(init: Init, std: f64, bound: Option<f64>) {
        let values = fill(init, &[400, 100]);
        let (mean, deviation) = mean_and_deviation(&values);
        assert!(mean.abs() < 4.0 * std / 200.0, "{init:?}: mean {mean}");
        assert!(
            (deviation / std - 1.0).abs() < 4.0 / (2.0f64 * 40_000.0).sqrt(),
            "{init:?}: {deviation}, not {std}"
        );
        let greatest = values.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
        match bound {
            Some(bound) => assert!(greatest <= bound && greatest > 0.999 * bound, "{init:?}: {greatest}"),
            None => assert!(greatest > 3.5 * std, "{init:?}: {greatest} is no tail of a normal distribution"),
        }
    }

    #[test]
    fn distributions_have_the_moments_of_their_formulas() {
        let variance: f64 = 2.0 / 500.0;
        assert_distribution(Init::GlorotNormal, variance.sqrt(), None);
        assert_distribution(Init::GlorotUniform, variance.sqrt(), Some((3.0 * variance).sqrt()));
        let variance: f64 = 2.0 / 400.0;
        assert_distribution(Init::HeNormal, variance.sqrt(), None);
        assert_distribution(Init::HeUniform, variance.sqrt(), Some((3.0 * variance).sqrt()));
        assert_distribution(Init::Uniform { low: -0.5, high: 0.5 }, 12f64.sqrt().recip(), Some(0.5));
        assert_distribution(Init::Normal { mean: 0.0, std: 3.0 }, 3.0, None);
    }

    #[test]
    fn ends_and_means_are_kept() {
        assert_eq!(fill(Init::Constant(0.1), &[2]), [0.1; 2]);
        assert_eq!(fill(Init::Zeros, &[]), [0.0]);
        assert_eq!(fill(Init::Normal { mean: 2.0, std: 0.0 }, &[3]), [2.0; 3]);
        assert_eq!(fill(Init::Uniform { low: 1.5, high: 1.5 }, &[3]), [1.5; 3]);
        let uniform = fill(Init::Uniform { low: 2.0, high: 3.0 }, &[1000]);
        assert!(uniform.iter().all(|x| (2.0..=3.0).contains(x)));
        let (mean, _) = mean_and_deviation(&fill(Init::Normal { mean: -7.0, std: 0.1 }, &[1000]));
        assert!((mean + 7.0).abs() < 0.013);
    }

    #[test]
    #[allow(clippy::unreadable_literal)] // to be pasted from an assertion that failed
    fn the_first_numbers_of_seed_42() {
        let first = |init: Init| <[f64; 3]>::try_from(&fill(init, &[64, 32])[..3]).unwrap();
        assert_eq!(
            first(Init::GlorotUniform),
            [0.09094809615333571, 0.225137703836242, -0.03624179857174015]
        );
        assert_eq!(first(Init::HeNormal), [0.08449594372948774, 0.23583259376914673, -0.03727631541681536]);
    }

    #[test]
    fn f32_is_f64_rounded() {
        let single: Vec<f32> = Init::HeNormal.fill(&[5, 7], &mut Generator::seeded(42)).unwrap();
        let double = fill(Init::HeNormal, &[5, 7]);
        assert!(single.iter().zip(&double).all(|(&s, &d)| s == d as f32));
    }

    #[test]
    fn fans_of_shapes() {
        assert_eq!(fans(&[]), (1.0, 1.0));
        assert_eq!(fans(&[5]), (5.0, 5.0));
        assert_eq!(fans(&[5, 2]), (5.0, 2.0));
        assert_eq!(fans(&[5, 3, 3, 2]), (45.0, 18.0));
        let mut generator = Generator::seeded(42);
        let stated: Vec<f64> = Init::HeNormal.fill_with_fans(&[2, 5], 5, 2, &mut generator).unwrap();
        assert_eq!(stated, fill(Init::HeNormal, &[5, 2]));
    }

    #[test]
    fn shapes_that_cannot_be_are_errors() {
        let error =
            |shape: &[usize]| Init::HeNormal.fill::<f32>(shape, &mut Generator::seeded(0)).unwrap_err();
        let overflow = error(&[usize::MAX, 2]);
        assert_eq!(overflow.kind(), ErrorKind::Memory);
        let text = overflow.to_string();
        assert!(
            text.starts_with("init: [18446744073709551615, 2]: the number of elements overflows (at "),
            "{text}"
        );
        assert!(text.contains("init.rs"), "{text}");
        assert_eq!(error(&[1 << 61, 1]).kind(), ErrorKind::Memory);
        assert!(error(&[1 << 61, 1]).to_string().contains("no memory for 2305843009213693952 elements"));
        assert!(fill(Init::GlorotUniform, &[0, 3]).is_empty());
    }

    #[test]
    fn numbers_that_cannot_be_are_errors() {
        let fails = |init: Init| {
            let error = init.fill::<f32>(&[2], &mut Generator::seeded(0)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Value);
            assert!(error.to_string().contains("is no distribution of finite numbers"), "{error}");
        };
        fails(Init::Constant(f64::NAN));
        fails(Init::Constant(1e39));
        fails(Init::Uniform { low: 1.0, high: 0.0 });
        fails(Init::Uniform { low: f64::NAN, high: 0.0 });
        fails(Init::Normal { mean: 0.0, std: -1.0 });
        fails(Init::Normal { mean: f64::INFINITY, std: 1.0 });
        let error = Init::HeNormal.fill_with_fans::<f64>(&[2], 0, 1, &mut Generator::seeded(0)).unwrap_err();
        assert!(error.to_string().contains("HeNormal with fan_in 0 and fan_out 1 divides by 0"), "{error}");
        let span = Init::Uniform { low: -1.5e308, high: 1.5e308 };
        assert!(span.fill::<f64>(&[2], &mut Generator::seeded(0)).is_err(), "the width overflows");
    }
}
