//! The matrix product, of matrices, vectors and stacks of matrices.

use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::{Scalar, Tensor};
use crate::kernels::gemm::stacks::{Stack, products};
use crate::kernels::strided::{Axes, Axis};
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::{self, Shape};

/// `A · B`, or with rows and columns of an operand exchanged.
#[derive(Clone, Debug)]
pub(super) struct Matmul {
    name: &'static str,
    turned: [bool; 2],
}

impl Matmul {
    const PLAIN: Self = Self { name: "matmul", turned: [false, false] };
    const TN: Self = Self { name: "matmul_tn", turned: [true, false] };
    const NT: Self = Self { name: "matmul_nt", turned: [false, true] };
    const TT: Self = Self { name: "matmul_tt", turned: [true, true] };
}

/// What is multiplied with what.
struct Problem {
    /// Axes in front of the matrices, and those of the operands' own.
    batch: Shape,
    own: [Shape; 2],
    m: usize,
    k: usize,
    n: usize,
}

/// The axes in front of the last two, then rows and columns. A vector is one row, or, as the second operand, one column.
fn parts(shape: &[usize], second: bool, turned: bool) -> Result<(&[usize], usize, usize), Error> {
    match *shape {
        [] => {
            let text = "an operand without axes has no inner dimension: multiply by it with *";
            Err(Error::new(ErrorKind::Shape, text))
        }
        [n] if second => Ok((&[], n, 1)),
        [n] => Ok((&[], 1, n)),
        [ref batch @ .., rows, columns] if turned => Ok((batch, columns, rows)),
        [ref batch @ .., rows, columns] => Ok((batch, rows, columns)),
    }
}

impl Problem {
    fn new(turned: [bool; 2], a: &[usize], b: &[usize]) -> Result<Self, Error> {
        let ((in_a, m, k), (in_b, inner, n)) = (parts(a, false, turned[0])?, parts(b, true, turned[1])?);
        if k != inner {
            return Err(Error::new(ErrorKind::Shape, format!("inner dimensions {k} and {inner} differ")));
        }
        let batch = shape::broadcast(in_a, in_b).map_err(|_| {
            let text = format!("the axes in front, {in_a:?} and {in_b:?}, cannot be broadcast");
            Error::new(ErrorKind::Shape, text)
        })?;
        Ok(Self { batch, own: [in_a.into(), in_b.into()], m, k, n })
    }

    /// Of operands whose shapes were checked when the operation was recorded.
    fn known<T: Element>(turned: [bool; 2], inputs: &[View<'_, T>]) -> Self {
        match Self::new(turned, inputs[0].shape, inputs[1].shape) {
            Ok(problem) => problem,
            Err(error) => unreachable!("the shapes were checked: {error}"),
        }
    }

    /// Offsets of the matrices of `A`, of `B` and of the product, in the order that is asked for.
    fn walk(&self, order: [usize; 3]) -> Axes<3> {
        let sizes = [self.m * self.k, self.k * self.n, self.m * self.n];
        let mut walk = Axes::broadcast(&self.batch, [&self.own[0], &self.own[1], &self.batch]);
        walk.map(|axis| Axis { steps: order.map(|k| axis.steps[k] * sizes[k]), ..axis });
        walk
    }

    /// The matrices of `A` and `B`, as they enter the product.
    fn stacks<'a, T>(&self, [turn_a, turn_b]: [bool; 2], a: &'a [T], b: &'a [T]) -> [Stack<'a, T>; 2] {
        let stack = |data, rows, columns, turned| {
            if turned { Stack::new(data, columns, rows).t() } else { Stack::new(data, rows, columns) }
        };
        [stack(a, self.m, self.k, turn_a), stack(b, self.k, self.n, turn_b)]
    }
}

impl<T: Element> TensorOp<T> for Matmul {
    fn name(&self) -> &str {
        self.name
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let Problem { batch: mut shape, m, n, .. } =
            Problem::new(self.turned, inputs[0].shape, inputs[1].shape)?;
        // Of a vector, the axis that made it a matrix goes again.
        shape
            .extend([(0, m), (1, n)].into_iter().filter(|&(k, _)| inputs[k].shape.len() > 1).map(|(_, n)| n));
        Ok(shape)
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let problem = Problem::known(self.turned, pass.inputs);
        let [a, b] = problem.stacks(self.turned, pass.inputs[0].data, pass.inputs[1].data);
        products(a, b, problem.walk([0, 1, 2]), pass.output, false);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let problem = Problem::known(self.turned, pass.inputs());
        let [a, b] = problem.stacks(self.turned, pass.input(0).data, pass.input(1).data);
        let g = Stack::new(pass.upstream(), problem.m, problem.n);
        // Where an operand is read turned, so is its gradient written: (G · Bᵀ)ᵀ = B · Gᵀ. Of an operand that is spread over
        // the other's axes, the products are added where they meet.
        if let Some(to) = pass.downstream(0) {
            if self.turned[0] {
                products(b, g.t(), problem.walk([1, 2, 0]), to.gradient, to.accumulate);
            } else {
                products(g, b.t(), problem.walk([2, 1, 0]), to.gradient, to.accumulate);
            }
        }
        if let Some(to) = pass.downstream(1) {
            if self.turned[1] {
                products(g.t(), a, problem.walk([2, 0, 1]), to.gradient, to.accumulate);
            } else {
                products(a.t(), g, problem.walk([0, 2, 1]), to.gradient, to.accumulate);
            }
        }
    }

    fn multiply_adds(&self, inputs: &[View<'_, T>], output: &[usize]) -> u64 {
        let Problem { k, .. } = Problem::known(self.turned, inputs);
        output.iter().product::<usize>() as u64 * k as u64
    }
}

impl Described for Matmul {
    const DESCRIPTION: Description = Description {
        name: "matmul",
        formula: "Y = A · B, for each pair of matrices",
        derivative: "G · Bᵀ in A, Aᵀ · G in B, summed over the axes along which the operand was spread",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case = |form: &Self, a: &[usize], b: &[usize]| {
            Sample::new(form.clone(), [Drawn::real(a), Drawn::real(b)])
        };
        let mut samples = Vec::new();
        for form in [Self::PLAIN, Self::TN, Self::NT, Self::TT] {
            let turn = |shape: &[usize], turned: bool| {
                let mut shape = shape.to_vec();
                if let (true, [.., rows, columns]) = (turned, &mut shape[..]) {
                    std::mem::swap(rows, columns);
                }
                shape
            };
            let pairs: [(&[usize], &[usize]); 14] = [
                (&[3, 4], &[4, 5]),
                (&[1, 6], &[6, 1]),
                (&[4], &[4]),
                (&[3, 4], &[4]),
                (&[4], &[4, 3]),
                (&[2, 3, 4], &[2, 4, 2]),
                (&[2, 3, 4], &[4, 2]),
                (&[3, 4], &[2, 4, 2]),
                (&[2, 1, 3, 4], &[3, 4, 2]),
                (&[2, 3, 4], &[4]),
                (&[4], &[2, 4, 3]),
                (&[0, 3], &[3, 2]),
                (&[2, 0], &[0, 3]),
                (&[0, 2, 3], &[3, 2]),
            ];
            let turned = |(a, b)| case(&form, &turn(a, form.turned[0]), &turn(b, form.turned[1]));
            samples.extend(pairs.map(turned));
        }
        samples
    }
}

impl<'t, T: Element> Tensor<'t, T> {
    /// The matrix product `A · B`, of any rank.
    ///
    /// # Shapes
    /// `[m, k] × [k, n] → [m, n]`. Axes in front are broadcast, a matrix product for each: `[b, m, k] × [k, n] → [b, m, n]`.
    /// A vector is a row as the first operand and a column as the second, and its axis of extent 1 goes again:
    /// `[k] × [k, n] → [n]`, `[m, k] × [k] → [m]`, `[k] × [k] → []`. As `NumPy` and `PyTorch` have it.
    ///
    /// # Derivative
    /// `G · Bᵀ` in `A` and `Aᵀ · G` in `B`, for an upstream gradient `G`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let a = tape.tensor(array![[1.0, 2.0]]);
    /// let b = tape.tensor(array![[3.0], [4.0]]);
    /// let y = a.matmul(b);
    /// assert_eq!(y.value(), array![[11.0]].into_dyn());
    /// assert_eq!(y.sum().backward().wrt(a), array![[3.0, 4.0]].into_dyn());
    ///
    /// let batch = tape.constant(([5, 7, 2], vec![1.0; 70]));
    /// assert_eq!(batch.matmul(b).shape(), [5, 7, 1]);
    /// ```
    ///
    /// # Panics
    /// As [`try_matmul`](Self::try_matmul) fails.
    #[track_caller]
    #[must_use]
    pub fn matmul(self, other: Self) -> Self {
        or_panic(self.try_matmul(other))
    }

    /// The matrix product.
    ///
    /// # Errors
    /// An operand has no axes, the inner dimensions differ, or the axes in front cannot be broadcast.
    #[track_caller]
    pub fn try_matmul(self, other: Self) -> Result<Self, Error> {
        self.product(Matmul::PLAIN, other)
    }

    /// `Aᵀ · B`: the last two axes of the first operand are read transposed, and nothing is copied. The transpose of a
    /// vector is the vector. See [`matmul`](Self::matmul).
    ///
    /// # Shapes
    /// `[k, m] × [k, n] → [m, n]`.
    ///
    /// # Derivative
    /// `B · Gᵀ` in `A` and `A · G` in `B`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let (a, b) = (tape.tensor(array![[1.0, 2.0]]), tape.tensor(array![[3.0, 4.0]]));
    /// assert_eq!(a.matmul_tn(b).value(), array![[3.0, 4.0], [6.0, 8.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_matmul_tn`](Self::try_matmul_tn) fails.
    #[track_caller]
    #[must_use]
    pub fn matmul_tn(self, other: Self) -> Self {
        or_panic(self.try_matmul_tn(other))
    }

    /// `Aᵀ · B`.
    ///
    /// # Errors
    /// As those of [`try_matmul`](Self::try_matmul).
    #[track_caller]
    pub fn try_matmul_tn(self, other: Self) -> Result<Self, Error> {
        self.product(Matmul::TN, other)
    }

    /// `A · Bᵀ`: the last two axes of the second operand are read transposed, and nothing is copied. The transpose of a
    /// vector is the vector. See [`matmul`](Self::matmul).
    ///
    /// # Shapes
    /// `[m, k] × [n, k] → [m, n]`.
    ///
    /// # Derivative
    /// `G · B` in `A` and `Gᵀ · A` in `B`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let (a, b) = (tape.tensor(array![[1.0, 2.0]]), tape.tensor(array![[3.0, 4.0]]));
    /// assert_eq!(a.matmul_nt(b).value(), array![[11.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_matmul_nt`](Self::try_matmul_nt) fails.
    #[track_caller]
    #[must_use]
    pub fn matmul_nt(self, other: Self) -> Self {
        or_panic(self.try_matmul_nt(other))
    }

    /// `A · Bᵀ`.
    ///
    /// # Errors
    /// As those of [`try_matmul`](Self::try_matmul).
    #[track_caller]
    pub fn try_matmul_nt(self, other: Self) -> Result<Self, Error> {
        self.product(Matmul::NT, other)
    }

    /// `Aᵀ · Bᵀ`: the last two axes of both operands are read transposed, and nothing is copied. The transpose of a vector is
    /// the vector. See [`matmul`](Self::matmul).
    ///
    /// # Shapes
    /// `[k, m] × [n, k] → [m, n]`.
    ///
    /// # Derivative
    /// `Bᵀ · Gᵀ` in `A` and `Gᵀ · Aᵀ` in `B`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let (a, b) = (tape.tensor(array![[1.0], [2.0]]), tape.tensor(array![[3.0, 4.0]]));
    /// assert_eq!(a.matmul_tt(b).value(), array![[11.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_matmul_tt`](Self::try_matmul_tt) fails.
    #[track_caller]
    #[must_use]
    pub fn matmul_tt(self, other: Self) -> Self {
        or_panic(self.try_matmul_tt(other))
    }

    /// `Aᵀ · Bᵀ`.
    ///
    /// # Errors
    /// As those of [`try_matmul`](Self::try_matmul).
    #[track_caller]
    pub fn try_matmul_tt(self, other: Self) -> Result<Self, Error> {
        self.product(Matmul::TT, other)
    }

    /// The inner product of two vectors, `Σ aᵢ bᵢ`.
    ///
    /// # Derivative
    /// `b` in `a`, and `a` in `b`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let (a, b) = (tape.tensor(array![1.0, 2.0]), tape.tensor(array![3.0, 4.0]));
    /// assert_eq!(a.dot(b).value(), 11.0);
    /// ```
    ///
    /// # Panics
    /// As [`try_dot`](Self::try_dot) fails.
    #[track_caller]
    #[must_use]
    pub fn dot(self, other: Self) -> Scalar<'t, T> {
        or_panic(self.try_dot(other))
    }

    /// The inner product of two vectors.
    ///
    /// # Errors
    /// An operand is no vector, or their lengths differ.
    #[track_caller]
    pub fn try_dot(self, other: Self) -> Result<Scalar<'t, T>, Error> {
        if [self, other].iter().all(|x| x.shape().len() == 1) {
            return self.product(Matmul { name: "dot", ..Matmul::PLAIN }, other)?.try_to_scalar();
        }
        let error = Error::new(ErrorKind::Shape, "both operands must be vectors");
        let here = std::panic::Location::caller();
        Err(error.operation("dot").shapes([self.shape(), other.shape()]).at(here))
    }

    #[track_caller]
    fn product(self, form: Matmul, other: Self) -> Result<Self, Error> {
        Self::of_parts(form, [self.into(), other.into()], false)
    }
}
