//! One case of an operation: what is recorded, and the numbers that it is tried on.

use chainrule::tape::listing::{Drawn, Listed, Numbers};
use chainrule::tape::{Arity, Dual, Element, Error, Rule, Scalar, Shape, Tape, Tensor};

use crate::draw::{Draw, apart};
use crate::twofold::Twofold;

/// Something that can be recorded over one type of number.
pub(crate) trait Record<T: Element> {
    fn record<'t>(&self, tape: &'t Tape<T>, operands: &[Tensor<'t, T>]) -> Result<Tensor<'t, T>, Error>;
}

/// Something that can be recorded over every type of number that is tried. Checks see it through this one type, so that
/// they are compiled once and not for each operation.
pub(crate) trait Subject:
    Record<f32> + Record<f64> + Record<Twofold> + Record<Dual> + Record<Dual<Dual>> + for<'o> Record<Scalar<'o>>
{
}

/// A type of number that is tried.
pub(crate) trait Tried: Element {
    fn record<'t>(
        subject: &(dyn Subject + 'static),
        tape: &'t Tape<Self>,
        operands: &[Tensor<'t, Self>],
    ) -> Result<Tensor<'t, Self>, Error>;
}

impl<T: Element> Tried for T
where
    dyn Subject: Record<T>,
{
    fn record<'t>(
        subject: &(dyn Subject + 'static),
        tape: &'t Tape<T>,
        operands: &[Tensor<'t, T>],
    ) -> Result<Tensor<'t, T>, Error> {
        <dyn Subject as Record<T>>::record(subject, tape, operands)
    }
}

/// A structured operation of the list.
pub(crate) struct Structured<O>(pub(crate) O);

impl<O: Listed> Subject for Structured<O> {}

impl<O: Listed, T: Element> Record<T> for Structured<O> {
    fn record<'t>(&self, tape: &'t Tape<T>, operands: &[Tensor<'t, T>]) -> Result<Tensor<'t, T>, Error> {
        tape.apply(self.0.clone().operation::<T>(), operands)
    }
}

/// An elementwise rule. A parameter comes as a tensor without axes.
pub(crate) struct Elementwise(pub(crate) Rule);

impl Subject for Elementwise {}

impl<T: Element> Record<T> for Elementwise {
    fn record<'t>(&self, _: &'t Tape<T>, operands: &[Tensor<'t, T>]) -> Result<Tensor<'t, T>, Error> {
        let mut given: Vec<_> = operands.iter().map(|&operand| operand.into()).collect();
        if self.0.arity() == Arity::Parameter {
            given[1] = operands[1].to_scalar().value().into();
        }
        Tensor::apply(self.0, &given)
    }
}

/// An operand: its extents and its numbers, which `f32` can hold too.
#[derive(Clone)]
pub(crate) struct Operand {
    pub shape: Shape,
    pub numbers: Vec<f64>,
    /// The width of the interval that the numbers are from; `None` for data, in which no derivative is taken.
    pub width: Option<f64>,
}

impl Operand {
    fn drawn(drawn: &Drawn, draw: &mut Draw) -> Self {
        let len = drawn.shape.iter().product();
        let (numbers, width) = match &drawn.numbers {
            Numbers::Within(range) => (apart(range, len, draw), Some(range.end() - range.start())),
            Numbers::Given(numbers) => (numbers.clone(), None),
        };
        Self { shape: drawn.shape.clone(), numbers, width }
    }
}

/// An operation with its parameters and operands.
pub(crate) struct Case {
    subject: Box<dyn Subject>,
    /// Operation, sample and operands: how a failure begins.
    pub title: String,
    pub operands: Vec<Operand>,
    /// The extents of the output.
    pub shape: Shape,
}

/// What an operation gave: its output, and what went back to each operand that is no data.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outcome<T> {
    pub output: Vec<T>,
    pub gradients: Vec<Option<Vec<T>>>,
}

impl Case {
    /// The case, or what is wrong with the sample.
    pub(crate) fn new(subject: impl Subject + 'static, title: &str, drawn: &[Drawn]) -> Result<Self, String> {
        let mut draw = Draw::named(title);
        let operands: Vec<_> = drawn.iter().map(|drawn| Operand::drawn(drawn, &mut draw)).collect();
        let shapes: Vec<_> = drawn.iter().map(|drawn| &drawn.shape[..]).collect();
        let title = format!("{title} of {shapes:?}");
        let mut case = Self { subject: Box::new(subject), title, operands, shape: Shape::new() };
        let tape = Tape::new();
        match f64::record(&*case.subject, &tape, &case.leaves(&tape, &case.numbers())) {
            Ok(output) => case.shape = output.shape().into(),
            Err(error) => return Err(format!("{}: {error}", case.title)),
        }
        Ok(case)
    }

    /// The operands' numbers, as another type.
    pub(crate) fn numbers<T: Element>(&self) -> Vec<Vec<T>> {
        self.operands.iter().map(|operand| operand.numbers.iter().map(|&x| T::of(x)).collect()).collect()
    }

    /// The operands that derivatives are taken in.
    pub(crate) fn variables(&self) -> impl Iterator<Item = usize> + Clone + '_ {
        (0..self.operands.len()).filter(|&k| self.operands[k].width.is_some())
    }

    /// A generator for this case and a purpose: the same numbers in every run.
    pub(crate) fn draw(&self, purpose: &str) -> Draw {
        Draw::named(&format!("{} {purpose}", self.title))
    }

    /// Puts an operand on a tape: as a leaf, or as a constant where it is data.
    pub(crate) fn leaf<'t, T: Element>(&self, tape: &'t Tape<T>, k: usize, numbers: &[T]) -> Tensor<'t, T> {
        let Operand { shape, width, .. } = &self.operands[k];
        let pair = (shape, numbers.to_vec());
        if width.is_some() { tape.tensor(pair) } else { tape.constant(pair) }
    }

    /// Puts all operands on a tape.
    pub(crate) fn leaves<'t, T: Element>(&self, tape: &'t Tape<T>, numbers: &[Vec<T>]) -> Vec<Tensor<'t, T>> {
        numbers.iter().enumerate().map(|(k, numbers)| self.leaf(tape, k, numbers)).collect()
    }

    /// Records the operation, which took these operands before.
    #[track_caller]
    pub(crate) fn record<'t, T: Tried>(
        &self,
        tape: &'t Tape<T>,
        operands: &[Tensor<'t, T>],
    ) -> Tensor<'t, T> {
        match T::record(&*self.subject, tape, operands) {
            Ok(output) => output,
            Err(error) => panic!("{error}"),
        }
    }

    /// The output for other numbers.
    pub(crate) fn value<T: Tried>(&self, numbers: &[Vec<T>]) -> Vec<T> {
        let tape = Tape::new();
        flat(self.record(&tape, &self.leaves(&tape, numbers)))
    }

    /// Output and gradients for other numbers, and for an upstream gradient.
    pub(crate) fn run<T: Tried>(&self, numbers: &[Vec<T>], upstream: &[T]) -> Outcome<T> {
        let tape = Tape::new();
        self.run_on(&tape, &self.leaves(&tape, numbers), upstream)
    }

    /// The same with leaves that are on a tape already.
    pub(crate) fn run_on<'t, T: Tried>(
        &self,
        tape: &'t Tape<T>,
        leaves: &[Tensor<'t, T>],
        upstream: &[T],
    ) -> Outcome<T> {
        let output = self.record(tape, leaves);
        let gradients = output.backward_with((output.shape(), upstream.to_vec()));
        let gradient = |k: usize| {
            let gradient = gradients.wrt(leaves[k]);
            assert_eq!(gradient.shape(), leaves[k].shape(), "the shape of the gradient in operand {k}");
            gradient.iter().copied().collect()
        };
        let gradients = (0..leaves.len()).map(|k| self.operands[k].width.map(|_| gradient(k))).collect();
        Outcome { output: flat(output), gradients }
    }
}

/// The numbers of a tensor.
pub(crate) fn flat<T: Element>(tensor: Tensor<'_, T>) -> Vec<T> {
    tensor.value().iter().copied().collect()
}
