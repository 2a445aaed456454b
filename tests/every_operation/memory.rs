//! Where the operands' numbers lie, and what lay in the tape's memory before, changes nothing.

use chainrule::tape::{Error, Forward, Shape, Tape, Tensor, TensorOp, View, Vjp};
use ndarray::{ArrayD, Axis, IxDyn, ShapeBuilder};

use crate::case::{Case, Outcome};
use crate::report::Report;
use crate::walk::{Check, every_case};

pub(crate) struct Memory;

impl Check for Memory {
    fn case(&self, case: &Case, report: &mut Report) {
        let upstream = case.draw("memory").weights(case.shape.iter().product());
        let numbers = case.numbers::<f64>();
        let wanted = case.run(&numbers, &upstream);
        let got = from_views(case, &upstream, |k| columns_first(&case.operands[k].shape, &numbers[k]));
        compare(report, "operands stored column by column", &got, &wanted);
        let got = from_views(case, &upstream, |k| backwards(&case.operands[k].shape, &numbers[k]));
        compare(report, "operands stored backwards", &got, &wanted);
        compare(report, "operands permuted on the tape", &permuted(case, &numbers, &upstream), &wanted);
        let got = after_others(case, &numbers, &upstream);
        compare(report, "in memory that was used before", &got, &wanted);
    }
}

fn compare(report: &mut Report, what: &str, got: &Outcome<f64>, wanted: &Outcome<f64>) {
    report.same(&format!("{what}: output"), &got.output, &wanted.output);
    for (k, (got, wanted)) in got.gradients.iter().zip(&wanted.gradients).enumerate() {
        if let (Some(got), Some(wanted)) = (got, wanted) {
            report.same(&format!("{what}: gradient in operand {k}"), got, wanted);
        }
    }
}

/// An array that holds its numbers column by column.
fn columns_first(shape: &[usize], numbers: &[f64]) -> ArrayD<f64> {
    let rows = ArrayD::from_shape_vec(IxDyn(shape), numbers.to_vec()).expect("as many as the shape has");
    let mut columns = ArrayD::zeros(IxDyn(shape).f());
    columns.assign(&rows);
    columns
}

/// An array that holds its numbers from the last to the first.
fn backwards(shape: &[usize], numbers: &[f64]) -> ArrayD<f64> {
    let turned = numbers.iter().rev().copied().collect();
    let mut array = ArrayD::from_shape_vec(IxDyn(shape), turned).expect("as many as the shape has");
    (0..shape.len()).for_each(|axis| array.invert_axis(Axis(axis)));
    array
}

/// The operation on operands that come as views of arrays.
fn from_views(case: &Case, upstream: &[f64], array: impl Fn(usize) -> ArrayD<f64>) -> Outcome<f64> {
    let tape = Tape::new();
    let leaf = |k: usize| {
        let array = array(k);
        if case.operands[k].width.is_some() { tape.tensor(array.view()) } else { tape.constant(array.view()) }
    };
    let leaves: Vec<_> = (0..case.operands.len()).map(leaf).collect();
    case.run_on(&tape, &leaves, upstream)
}

/// The operation on operands whose axes were turned round twice.
fn permuted(case: &Case, numbers: &[Vec<f64>], upstream: &[f64]) -> Outcome<f64> {
    let tape = Tape::new();
    let leaves = case.leaves(&tape, numbers);
    let turn = |x: Tensor<'_>| {
        let dims: Vec<isize> = (0..x.shape().len().cast_signed()).rev().collect();
        x.permute(&dims).permute(&dims).node_id()
    };
    let turned: Vec<_> =
        leaves.iter().map(|&x| tape.tensor_by_id(turn(x)).expect("it was just recorded")).collect();
    let output = case.record(&tape, &turned);
    let grads = output.backward_with((output.shape(), upstream.to_vec()));
    let gradient = |k: usize| case.operands[k].width.map(|_| grads.wrt(leaves[k]).iter().copied().collect());
    Outcome {
        output: output.value().iter().copied().collect(),
        gradients: (0..leaves.len()).map(gradient).collect(),
    }
}

/// Fills whatever memory it is given with NaN.
struct Fill;

impl TensorOp<f64> for Fill {
    fn name(&self) -> &str {
        "fill"
    }

    fn output_shape(&self, inputs: &[View<'_, f64>]) -> Result<Shape, Error> {
        Ok(inputs[0].shape.into())
    }

    fn saved_len(&self, inputs: &[View<'_, f64>]) -> usize {
        inputs[0].data.len()
    }

    fn forward(&self, mut pass: Forward<'_, f64>) {
        let len = pass.inputs[0].data.len();
        pass.saved.fill(f64::NAN);
        let (output, scratch) = pass.scratch(len);
        output.fill(f64::NAN);
        scratch.fill(f64::NAN);
    }

    fn vjp(&self, pass: &mut Vjp<'_, f64>) {
        let len = pass.upstream().len();
        if let Some(mut to) = pass.downstream(0) {
            let (gradient, scratch) = to.scratch(len);
            gradient.fill(f64::NAN);
            scratch.fill(f64::NAN);
        }
    }
}

/// The operation on a tape whose memory is full of NaN, so that a number that is not written shows. There is memory of
/// every size: nodes that are used again for another size set theirs free.
fn after_others(case: &Case, numbers: &[Vec<f64>], upstream: &[f64]) -> Outcome<f64> {
    let mut tape = Tape::new();
    let mut sizes: Vec<usize> = (3..13).map(|power| 1 << power).collect();
    for _ in 0..4 {
        sizes.rotate_left(3);
        for &size in &sizes {
            let mut last = tape.tensor(([size], vec![f64::NAN; size]));
            for _ in 0..3 {
                last = tape.apply(Fill, &[last]).expect("any vector can be filled");
            }
            last.backward_with(([size], vec![f64::NAN; size]));
        }
        tape.reset();
    }
    let leaves = case.leaves(&tape, numbers);
    case.run_on(&tape, &leaves, upstream)
}

#[test]
fn where_numbers_lie_changes_nothing() {
    every_case(&Memory);
}
