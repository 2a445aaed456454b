//! What a tape can hold.

use std::fmt::{Debug, Display};

use num_traits::{Float, FloatConst};

use crate::kernels::conv::{self, Job};
use crate::kernels::dispatch::{self, Loop};
use crate::kernels::gemm::stacks::{self, Stacks};
use crate::kernels::gemm::{self, Start};
use crate::kernels::loops::{self, ValueRun, VjpRun};
use crate::kernels::parts;
use crate::kernels::pool::{self, Maxima, MaximaVjp};
use crate::rules::Rule;

/// A number that a tape can record: `f32`, `f64`, and any number type made of them.
///
/// The rules of all operations are written once over this trait. The functions beyond [`Float`] have plain
/// defaults; `f32` and `f64` override them with faster or more accurate ones.
pub trait Element: Float + FloatConst + Debug + Display {
    /// Whether arithmetic on this type is a few instructions, so that it pays to compile the inner loop of the sweep for
    /// each rule and each place of its operands.
    #[doc(hidden)]
    const BARE: bool = false;

    /// A literal of a formula, as this type.
    ///
    /// ```
    /// use tape::Element;
    /// assert_eq!(f32::of(0.5), 0.5f32);
    /// ```
    fn of(literal: f64) -> Self {
        Self::from(literal).unwrap_or_else(Self::nan)
    }

    /// The error function `2/√π ∫₀ˣ e^(−t²) dt`.
    #[must_use]
    fn erf(self) -> Self;

    /// `1 − erf x`, without the cancellation for large `x`.
    #[must_use]
    fn erfc(self) -> Self;

    /// What a number that knows its derivatives makes of a rule, so that a rule of such numbers is one step and not the
    /// many of its formula; `None` for a number that knows none.
    #[doc(hidden)]
    #[inline(always)]
    fn by_rule(rule: Rule, a: Self, b: Self) -> Option<Self> {
        let _ = (rule, a, b);
        None
    }

    /// What reaches an operand: local derivative times upstream. Nothing passes a closed gate (`None`), and an upstream
    /// of 0 stays 0 where the local derivative is infinite or NaN.
    ///
    /// ```
    /// use tape::Element;
    /// assert_eq!(f64::chain(Some(3.0), 2.0), 6.0);
    /// assert_eq!(f64::chain(Some(f64::INFINITY), 0.0), 0.0);
    /// assert_eq!(f64::chain(None, f64::NAN), 0.0);
    /// ```
    #[inline(always)]
    #[must_use]
    fn chain(local: Option<Self>, upstream: Self) -> Self {
        let Some(local) = local else { return Self::zero() };
        let downstream = local * upstream;
        if downstream.is_nan() && upstream.is_zero() { Self::zero() } else { downstream }
    }

    /// Whether the number is 0 together with all derivatives that it carries. A gradient whose value is 0 may have a
    /// derivative that is not: only what vanishes can be left out.
    ///
    /// ```
    /// use tape::{Dual, Element};
    /// assert!(0.0.vanishes());
    /// assert!(!Dual::new(0.0, 1.0).vanishes());
    /// ```
    #[inline(always)]
    fn vanishes(&self) -> bool {
        self.is_zero()
    }

    /// The sum. Numbers that are recorded leave out a summand that vanishes.
    #[inline(always)]
    #[must_use]
    fn plus(self, other: Self) -> Self {
        self + other
    }

    /// The value without the derivatives that it carries: what stops a gradient.
    ///
    /// ```
    /// use tape::{Dual, Element};
    /// assert_eq!(Dual::new(2.0, 1.0).stopped().tangent, 0.0);
    /// ```
    #[inline(always)]
    #[must_use]
    fn stopped(self) -> Self {
        self
    }

    /// A value that is wanted seldom and costs much. Loops over vectors compute it apart: see [`rules`](crate::rules).
    #[doc(hidden)]
    #[inline(always)]
    #[must_use]
    fn seldom(value: impl FnOnce() -> Self) -> Self {
        value()
    }

    /// Runs a loop of the engine over numbers of this type, with the best instructions there are.
    #[doc(hidden)]
    #[inline(always)]
    fn run<L: Loop<Self>>(job: L) -> L::Output {
        job.run::<Self>()
    }

    /// Calls `work(k, from, part k of each output)` for each of `count` equal parts of the outputs; on several threads,
    /// where such numbers may cross from one to another, if the multiply-adds of all parts are worth it.
    #[doc(hidden)]
    fn parts<const M: usize, const N: usize>(
        count: usize,
        multiply_adds: usize,
        from: [&[Self]; M],
        to: [&mut [Self]; N],
        work: impl Fn(usize, [&[Self]; M], [&mut [Self]; N]) + Sync,
    ) {
        let _ = multiply_adds;
        parts::alone(count, from, to, work);
    }

    /// The loop over slices that writes the value of a rule.
    #[doc(hidden)]
    fn value_loop(rule: Rule) -> ValueRun<Self> {
        loops::pick_value(rule)
    }

    /// The loop over slices that writes what flows to the first or second operand of a rule.
    #[doc(hidden)]
    fn vjp_loop(rule: Rule, second: bool) -> VjpRun<Self> {
        loops::pick_vjp(rule, second)
    }

    /// `c = a · b + beta · c` for row-major or transposed matrices; `beta` is 0 or 1, and with 0 the old content
    /// of `c` does not matter.
    fn gemm(a: Matrix<'_, Self>, b: Matrix<'_, Self>, c: &mut [Self], accumulate: bool) {
        gemm::plain(a, b, c, accumulate);
    }

    /// The same for every pair of two stacks of matrices.
    #[doc(hidden)]
    fn gemm_stacks(pairs: &Stacks<'_, Self>, c: &mut [Self], accumulate: bool) {
        stacks::plain(pairs, c, accumulate);
    }

    /// `c = a · b + bias`, with the bias added to every row; the old content of `c` does not matter.
    ///
    /// ```
    /// use tape::{Element, Matrix};
    /// let (a, b) = ([1.0, 2.0, 3.0, 4.0], [1.0, 0.0, 0.0, 1.0]);
    /// let mut c = [f64::NAN; 4];
    /// f64::affine(Matrix::new(&a, 2, 2), Matrix::new(&b, 2, 2), &[10.0, 20.0], &mut c);
    /// assert_eq!(c, [11.0, 22.0, 13.0, 24.0]);
    /// ```
    ///
    /// # Panics
    /// The extents do not fit one another.
    fn affine(a: Matrix<'_, Self>, b: Matrix<'_, Self>, bias: &[Self], c: &mut [Self]) {
        assert_eq!(bias.len(), b.columns, "a bias of {} numbers for {} columns", bias.len(), b.columns);
        if b.columns > 0 {
            c.chunks_exact_mut(b.columns).for_each(|row| row.copy_from_slice(bias));
        }
        Self::gemm(a, b, c, true);
    }

    /// One of the products of a convolution.
    #[doc(hidden)]
    fn convolve(job: Job<'_, Self>) {
        conv::plain(job);
    }

    /// The largest numbers of windows.
    #[doc(hidden)]
    fn maxima(job: Maxima<'_, Self>) {
        pool::plain(job);
    }

    /// The way back of [`maxima`](Self::maxima).
    #[doc(hidden)]
    fn maxima_vjp(job: MaximaVjp<'_, Self>) {
        pool::plain_vjp(job);
    }
}

/// A number that can stand for an element in a formula: the element itself, or an `f64` literal where elements are
/// numbers made of numbers, such as [`Dual`](crate::Dual).
///
/// ```
/// let tape = tape::Tape::<tape::Dual>::new();
/// let x = tape.scalar(tape::Dual::variable(4.0));
/// assert_eq!((x.powf(1.5) * 2.0).value().tangent, 6.0);
/// ```
pub trait Literal<T> {
    /// The element.
    fn literal(self) -> T;
}

impl<T: Element> Literal<T> for T {
    #[inline(always)]
    fn literal(self) -> T {
        self
    }
}

/// A matrix operand of [`Element::gemm`]: `rows × columns` numbers, stored row by row, or column by column
/// where `transposed`.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a, T> {
    /// The numbers.
    pub data: &'a [T],
    /// Extent of the first axis, after transposition.
    pub rows: usize,
    /// Extent of the second axis, after transposition.
    pub columns: usize,
    /// The numbers are stored column by column.
    pub transposed: bool,
}

impl<'a, T> Matrix<'a, T> {
    /// A row-major matrix over `data`.
    ///
    /// # Panics
    /// `data` does not hold `rows · columns` numbers.
    pub fn new(data: &'a [T], rows: usize, columns: usize) -> Self {
        assert_eq!(data.len(), rows * columns, "a matrix of {rows} × {columns} over {} numbers", data.len());
        Self { data, rows, columns, transposed: false }
    }

    /// The same numbers read with rows and columns exchanged; nothing is copied.
    #[must_use]
    pub fn t(self) -> Self {
        Self { rows: self.columns, columns: self.rows, transposed: !self.transposed, ..self }
    }

    /// Distance between neighbours along rows (first) and columns (second), in elements.
    pub fn strides(&self) -> (usize, usize) {
        if self.transposed { (1, self.rows) } else { (self.columns, 1) }
    }
}

macro_rules! bare {
    ($number:ident, $erf:ident, $erfc:ident) => {
        impl Element for $number {
            const BARE: bool = true;

            fn erf(self) -> Self {
                libm::$erf(self)
            }

            fn erfc(self) -> Self {
                libm::$erfc(self)
            }

            #[inline(always)]
            fn run<L: Loop<Self>>(job: L) -> L::Output {
                dispatch::run(job)
            }

            fn parts<const M: usize, const N: usize>(
                count: usize,
                multiply_adds: usize,
                from: [&[Self]; M],
                to: [&mut [Self]; N],
                work: impl Fn(usize, [&[Self]; M], [&mut [Self]; N]) + Sync,
            ) {
                parts::shared(gemm::threads_for(multiply_adds), count, from, to, work);
            }

            #[inline(never)]
            fn value_loop(rule: Rule) -> ValueRun<Self> {
                loops::pick_value(rule)
            }

            #[inline(never)]
            fn vjp_loop(rule: Rule, second: bool) -> VjpRun<Self> {
                loops::pick_vjp(rule, second)
            }

            fn gemm(a: Matrix<'_, Self>, b: Matrix<'_, Self>, c: &mut [Self], accumulate: bool) {
                gemm::fast(a, b, c, &if accumulate { Start::Output } else { Start::Nothing });
            }

            fn gemm_stacks(pairs: &Stacks<'_, Self>, c: &mut [Self], accumulate: bool) {
                stacks::fast(pairs, c, accumulate);
            }

            fn affine(a: Matrix<'_, Self>, b: Matrix<'_, Self>, bias: &[Self], c: &mut [Self]) {
                gemm::fast(a, b, c, &Start::Row(bias));
            }

            fn convolve(job: Job<'_, Self>) {
                conv::fast(job);
            }

            fn maxima(job: Maxima<'_, Self>) {
                pool::fast(job);
            }

            fn maxima_vjp(job: MaximaVjp<'_, Self>) {
                pool::fast_vjp(job);
            }
        }
    };
}

bare!(f32, erff, erfcf);
bare!(f64, erf, erfc);
