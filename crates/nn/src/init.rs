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
    /// Normal, drawn again where a number is more than two standard deviations from the mean: `Keras`' and
    /// `TensorFlow`'s `TruncatedNormal`.
    TruncatedNormal {
        /// The mean.
        mean: f64,
        /// The standard deviation of the whole distribution, of which the ends are cut off; not negative.
        std: f64,
    },
    /// A matrix with orthonormal rows, or columns where there are more rows than columns, every one equally likely: for
    /// the recurrent weights of [`Lstm`](crate::layers::Lstm) and [`Gru`](crate::layers::Gru). The first axis counts the
    /// rows, all others together the columns.
    ///
    /// Source: A. Saxe, J. `McClelland`, S. Ganguli, *Exact solutions to the nonlinear dynamics of learning in deep linear
    /// neural networks* (2014), arXiv:1312.6120.
    Orthogonal,
}

/// What an [`Init`] comes down to once the fans are known.
enum Draw {
    Same(f64),
    Uniform { low: f64, high: f64 },
    Normal { mean: f64, std: f64 },
    Truncated { mean: f64, std: f64 },
    Orthogonal,
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
            Draw::Truncated { mean, std } => values.extend((0..len).map(|_| {
                let within = std::iter::repeat_with(|| generator.normal()).find(|x| x.abs() <= 2.0);
                T::of(mean + std * within.unwrap_or_default())
            })),
            Draw::Orthogonal => {
                let rows = shape.first().copied().unwrap_or(1);
                values.extend(orthogonal(rows, len / rows, generator).into_iter().map(T::of));
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
            Self::TruncatedNormal { mean, std } => Draw::Truncated { mean, std },
            Self::Orthogonal => Draw::Orthogonal,
        };
        let finite = |x: f64| T::of(x).is_finite();
        let possible = match draw {
            Draw::Same(x) => finite(x),
            Draw::Uniform { low, high } => {
                finite(low) && finite(high) && low <= high && (high - low).is_finite()
            }
            Draw::Normal { mean, std } | Draw::Truncated { mean, std } => {
                finite(mean) && finite(std) && std >= 0.0
            }
            Draw::Orthogonal => true,
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

/// Normal vectors, each made orthogonal to those before it, along the shorter axis of the matrix.
fn orthogonal(rows: usize, columns: usize, generator: &mut Generator) -> Vec<f64> {
    let (count, len) = (rows.min(columns), rows.max(columns));
    let mut vectors: Vec<Vec<f64>> = Vec::with_capacity(count);
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    while vectors.len() < count {
        let mut vector: Vec<f64> = (0..len).map(|_| generator.normal()).collect();
        // Twice, since the first time leaves what was rounded.
        for _ in 0..2 {
            for other in &vectors {
                let part = dot(&vector, other);
                vector.iter_mut().zip(other).for_each(|(x, y)| *x -= part * y);
            }
        }
        let norm = dot(&vector, &vector).sqrt();
        // A vector among those before it has nothing left but noise.
        if norm > 1e-6 {
            vector.iter_mut().for_each(|x| *x /= norm);
            vectors.push(vector);
        }
    }
    let of = |i: usize, j: usize| if rows <= columns { vectors[i][j] } else { vectors[j][i] };
    (0..rows * columns).map(|k| of(k / columns, k % columns)).collect()
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
mod tests;
