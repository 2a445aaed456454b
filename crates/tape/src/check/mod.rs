//! The gradient checker: gradients against difference quotients, for tests of operations and models of one's own.

mod blame;
mod point;
mod quotient;
mod run;
mod session;

use std::fmt;

use ndarray::ArrayD;

use crate::dual::Dual;
use crate::error::Error;
use crate::handles::{Scalar, Tensor};

/// Compares the gradient of a function of tensors with difference quotients, as [`Check::new`] does it.
///
/// # Example
/// ```
/// use ndarray::array;
/// let inputs = [array![[1.0, 2.0], [3.0, 4.0]].into_dyn(), array![0.5, -1.0].into_dyn()];
/// let report = tape::check_gradients(&|x| x[0].matmul(x[1]).tanh().sum(), &inputs)?;
/// assert_eq!(report.checked, 6);
/// # Ok::<(), tape::Error>(())
/// ```
///
/// # Errors
/// As of [`Check::gradients`].
#[track_caller]
pub fn check_gradients<F>(f: &F, inputs: &[ArrayD<f64>]) -> Result<Report, Error>
where
    F: for<'t> Fn(&[Tensor<'t, f64>]) -> Scalar<'t, f64>,
{
    Check::new().gradients(f, inputs)
}

/// Compares Hessian-vector products of a function of tensors with differences of its gradients, as [`Check::new`] does it.
///
/// # Example
/// ```
/// use ndarray::array;
/// let inputs = [array![0.3, -0.2].into_dyn()];
/// tape::check_second_order(&|x| (x[0].exp() * 2.0).softmax(0).square().sum(), &inputs)?;
/// # Ok::<(), tape::Error>(())
/// ```
///
/// # Errors
/// As of [`Check::second_order`].
#[track_caller]
pub fn check_second_order<F>(f: &F, inputs: &[ArrayD<f64>]) -> Result<Report, Error>
where
    F: for<'t> Fn(&[Tensor<'t, Dual<f64>>]) -> Scalar<'t, Dual<f64>>,
{
    Check::new().second_order(f, inputs)
}

/// How gradients are to be checked: along every axis or along random directions, how closely, with what steps.
///
/// # Example
/// ```
/// use ndarray::ArrayD;
/// use tape::Check;
/// let inputs = [ArrayD::from_elem(vec![20, 30], 0.5)];
/// let report = Check::new().directions(3).seed(7).gradients(&|x| x[0].square().sum(), &inputs)?;
/// assert_eq!(report.checked, 3);
/// # Ok::<(), tape::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Check {
    mode: Mode,
    seed: u64,
    tolerance: f64,
    step: f64,
}

#[derive(Clone, Copy, Debug)]
enum Mode {
    /// Full for few numbers.
    Auto,
    Full,
    Directions(usize),
}

/// Numbers up to which each is checked by itself, and directions beyond.
const FEW: usize = 256;
const DIRECTIONS: usize = 8;

impl Default for Check {
    fn default() -> Self {
        Self::new()
    }
}

impl Check {
    /// Each of up to 256 numbers by itself, or 8 random directions of more; to 1e-8, relative.
    pub fn new() -> Self {
        Self { mode: Mode::Auto, seed: 0, tolerance: 1e-8, step: 1.0 / 32.0 }
    }

    /// Every number of every input by itself.
    #[must_use]
    pub fn full(self) -> Self {
        Self { mode: Mode::Full, ..self }
    }

    /// So many random directions, in which all numbers of all inputs move at once. An error in any one of them shows,
    /// but for the rare case of errors that cancel; the number at fault is then searched for.
    #[must_use]
    pub fn directions(self, n: usize) -> Self {
        Self { mode: Mode::Directions(n), ..self }
    }

    /// Other random directions.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// How far gradient and quotient may differ, relative to the larger of them; what the quotient itself is uncertain
    /// by comes on top.
    #[must_use]
    pub fn tolerance(self, tolerance: f64) -> Self {
        Self { tolerance, ..self }
    }

    /// The first step, relative to a number of 1 or more. It is halved eight times, and the quotients are extrapolated
    /// to a step of 0.
    #[must_use]
    pub fn step(self, step: f64) -> Self {
        Self { step, ..self }
    }

    /// Compares the gradient of a function with difference quotients.
    ///
    /// The function is run many times, at points around the inputs. Where the quotients of the two sides differ, the
    /// function has a kink: that is no error, whatever the gradient is there, and is [reported](Report::kinks).
    ///
    /// # Errors
    /// A gradient is not the limit of the quotients: the text names the input, the index, both numbers and the step, and
    /// the operation at fault if there is one whose vector-Jacobian product alone disagrees with its value. Or the
    /// function cannot be checked at this point: it is not finite, or the quotients have no limit, or it gives another
    /// value each time.
    #[track_caller]
    pub fn gradients<F>(&self, f: &F, inputs: &[ArrayD<f64>]) -> Result<Report, Error>
    where
        F: for<'t> Fn(&[Tensor<'t, f64>]) -> Scalar<'t, f64>,
    {
        run::gradients(self, f, inputs)
    }

    /// Compares Hessian-vector products (forward over reverse) with differences of gradients, and checks that
    /// `uᵀ(H v) = vᵀ(H u)`.
    ///
    /// A function that holds an operation that is written for `f64` alone does not compile here: the operation has no
    /// derivative of its derivative.
    ///
    /// ```compile_fail,E0277
    /// # use tape::{Error, Forward, Shape, TensorOp, View, Vjp};
    /// struct Mine;
    /// impl TensorOp<f64> for Mine {           // not: impl<T: Element> TensorOp<T>
    ///     # fn name(&self) -> &str { "mine" }
    ///     # fn output_shape(&self, inputs: &[View<'_, f64>]) -> Result<Shape, Error> { Ok(inputs[0].shape.into()) }
    ///     # fn forward(&self, pass: Forward<'_, f64>) {}
    ///     # fn vjp(&self, pass: &mut Vjp<'_, f64>) {}
    ///     // …
    /// }
    /// let inputs = [ndarray::array![1.0].into_dyn()];
    /// tape::check_second_order(&|x| x[0].tape().apply(Mine, &[x[0]]).unwrap().sum(), &inputs).unwrap();
    /// ```
    ///
    /// # Errors
    /// As of [`gradients`](Self::gradients); or the Hessian matrix is not symmetric.
    #[track_caller]
    pub fn second_order<F>(&self, f: &F, inputs: &[ArrayD<f64>]) -> Result<Report, Error>
    where
        F: for<'t> Fn(&[Tensor<'t, Dual<f64>>]) -> Scalar<'t, Dual<f64>>,
    {
        run::second_order(self, f, inputs)
    }

    /// Whether each number is checked by itself; otherwise how many directions.
    fn directions_for(&self, numbers: usize) -> Option<usize> {
        match self.mode {
            Mode::Auto if numbers <= FEW => None,
            Mode::Auto => Some(DIRECTIONS),
            Mode::Full => None,
            Mode::Directions(n) => Some(n),
        }
    }
}

/// What a check has found that found no fault.
#[derive(Clone, Debug)]
pub struct Report {
    /// How many derivatives were compared.
    pub checked: usize,
    /// The one that was furthest off, relative to its size; `None` where none was compared.
    pub worst: Option<Entry>,
    /// Where the function has a kink, so that there is no derivative to compare with.
    pub kinks: Vec<Entry>,
}

/// One derivative that was compared.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The operation that made the output.
    pub operation: String,
    /// The derivative in what.
    pub place: Place,
    /// The derivative by the sweep.
    pub analytic: f64,
    /// The limit of the difference quotients.
    pub numeric: f64,
    /// What the limit is uncertain by.
    pub error: f64,
    /// The smallest step that it was made of.
    pub step: f64,
}

/// What a derivative was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// One number of one input.
    Element {
        /// Which input, counted from 0.
        input: usize,
        /// The name that the function gave it with [`named`](Tensor::named).
        name: Option<String>,
        /// Where in it.
        index: Vec<usize>,
    },
    /// All numbers at once, along a random direction: which one, counted from 0.
    Direction(usize),
}

impl Entry {
    /// How far the two are apart, relative to the larger one.
    pub fn difference(&self) -> f64 {
        let size = self.analytic.abs().max(self.numeric.abs());
        if self.analytic == self.numeric { 0.0 } else { (self.analytic - self.numeric).abs() / size }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Element { input, name, index } => {
                let name = name.as_ref().map_or(String::new(), |name| format!(" \"{name}\""));
                write!(f, "input {input}{name} at {index:?}")
            }
            Self::Direction(k) => write!(f, "direction {k}"),
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, place, analytic, numeric, error, step } = self;
        write!(
            f,
            "{place} of {operation}: analytic {analytic}, numeric {numeric} ± {error:.1e} (step {step:.1e})"
        )
    }
}

impl fmt::Display for Report {
    /// A line for the worst derivative, and one for each kink.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = if self.checked == 1 { "" } else { "s" };
        write!(f, "{} derivative{s} checked", self.checked)?;
        if let Some(worst) = &self.worst {
            write!(f, "; the worst: {worst}")?;
        }
        self.kinks.iter().try_for_each(|kink| write!(f, "\na kink: {kink}"))
    }
}
