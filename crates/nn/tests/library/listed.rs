//! Every node of this crate, from its list: the derivative of its forward code, recorded on a tape of its own, is what its
//! backward code gives; the derivative of its backward code is what differences of it give; its special points are.

use nn::walk_operations;
use tape::listing::{Drawn, Listed, Numbers, Walk};
use tape::{Element, Scalar, Shape, Tape, Tensor};

/// Numbers for an operand, no two alike.
fn drawn(operand: &Drawn, k: usize) -> Vec<f64> {
    match &operand.numbers {
        Numbers::Given(numbers) => numbers.clone(),
        Numbers::Within(range) => {
            let n = operand.shape.iter().product::<usize>();
            let part = |i: usize| (0.37 + 0.618_033_988_7 * i as f64 + 0.21 * k as f64).fract();
            (0..n).map(|i| range.start() + (range.end() - range.start()) * part(i)).collect()
        }
    }
}

/// An upstream gradient.
fn upstream(n: usize) -> Vec<f64> {
    (0..n).map(|i| 1.0 - 0.3 * (i % 5) as f64 + 0.01 * i as f64).collect()
}

/// The operands of a sample on a tape: data as constants, the rest as leaves.
fn operands<'t, T: Element>(
    tape: &'t Tape<T>,
    sample: &[Drawn],
    numbers: impl Fn(usize) -> Vec<T>,
) -> Vec<Tensor<'t, T>> {
    let on_tape = |(k, operand): (usize, &Drawn)| {
        let data = (&operand.shape[..], numbers(k));
        match operand.numbers {
            Numbers::Given(_) => tape.constant(data),
            Numbers::Within(_) => tape.tensor(data),
        }
    };
    sample.iter().enumerate().map(on_tape).collect()
}

/// The gradients of the operands, one after another, from [`upstream`]; and the output.
fn gradients<T: Element>(
    operation: impl Listed,
    sample: &[Drawn],
    numbers: impl Fn(usize) -> Vec<T>,
) -> (Vec<T>, Vec<T>) {
    let tape = Tape::new();
    let operands = operands(&tape, sample, numbers);
    let y = tape.apply(operation.operation::<T>(), &operands).expect("the sample fits the operation");
    let seed: Vec<T> = upstream(y.value().len()).into_iter().map(T::of).collect();
    let grads = y.backward_with((y.shape(), seed));
    let wanted = sample.iter().zip(&operands).filter(|(drawn, _)| is_real(drawn));
    let all = wanted.flat_map(|(_, &operand)| grads.wrt(operand).iter().copied().collect::<Vec<_>>());
    (all.collect(), y.value().iter().copied().collect())
}

fn is_real(operand: &Drawn) -> bool {
    matches!(operand.numbers, Numbers::Within(_))
}

#[track_caller]
fn assert_close(what: &str, got: &[f64], wanted: &[f64], tolerance: f64) {
    assert_eq!(got.len(), wanted.len(), "{what}");
    for (got, wanted) in got.iter().zip(wanted) {
        assert!((got - wanted).abs() <= tolerance * wanted.abs().max(1.0), "{what}: {got}, not {wanted}");
    }
}

/// The gradient of `Σ weights · terms`, as the tape of `leaves` has recorded the terms, in the leaves.
fn recorded(outer: &Tape<f64>, leaves: &[Scalar<'_, f64>], terms: &[Scalar<'_, f64>]) -> Vec<f64> {
    let weighted = terms.iter().zip(upstream(terms.len())).map(|(&term, weight)| term * weight);
    let grads = weighted.fold(outer.scalar(0.0), |sum, term| sum + term).backward();
    leaves.iter().map(|&leaf| grads[leaf]).collect()
}

struct Derivatives;

impl Walk for Derivatives {
    fn visit<O: Listed>(&mut self) {
        for (k, sample) in O::samples().into_iter().enumerate() {
            let (what, operands) = (format!("{}, sample {k}", O::DESCRIPTION.name), &sample.operands[..]);
            let numbers: Vec<_> = operands.iter().enumerate().map(|(k, operand)| drawn(operand, k)).collect();
            let gradients_at =
                |numbers: &[Vec<f64>]| gradients(sample.operation.clone(), operands, |k| numbers[k].clone());
            let (first, output) = gradients_at(&numbers);

            let outer = Tape::<f64>::new();
            let leaves: Vec<Vec<_>> =
                numbers.iter().map(|numbers| numbers.iter().map(|&x| outer.scalar(x)).collect()).collect();
            let (nested, y) = gradients(sample.operation.clone(), operands, |k| leaves[k].clone());
            let values = |of: &[Scalar<'_, f64>]| of.iter().map(|x| x.value()).collect::<Vec<_>>();
            assert_close(&what, &values(&y), &output, 1e-13);
            assert_close(&what, &values(&nested), &first, 1e-13);

            let real = (0..operands.len()).filter(|&k| is_real(&operands[k]));
            let places: Vec<_> = real.flat_map(|k| (0..numbers[k].len()).map(move |i| (k, i))).collect();
            let leaves: Vec<_> = places.iter().map(|&(k, i)| leaves[k][i]).collect();
            assert_close(&what, &recorded(&outer, &leaves, &y), &first, 1e-12);

            let step = 1e-5;
            let difference = |&(k, i): &(usize, usize)| {
                let moved = |by: f64| {
                    let mut numbers = numbers.clone();
                    numbers[k][i] += by;
                    let (gradient, _) = gradients_at(&numbers);
                    gradient.iter().zip(upstream(gradient.len())).map(|(g, weight)| g * weight).sum::<f64>()
                };
                (moved(step) - moved(-step)) / (2.0 * step)
            };
            let differences: Vec<f64> = places.iter().map(difference).collect();
            assert_close(&what, &recorded(&outer, &leaves, &nested), &differences, 1e-6);
        }
    }
}

#[test]
fn derivatives_of_first_and_second_order() {
    walk_operations(&mut Derivatives);
}

struct Specials(usize);

impl Walk for Specials {
    fn visit<O: Listed>(&mut self) {
        for special in O::specials() {
            let what = format!("{} at {:?}", O::DESCRIPTION.name, special.operands);
            let tape = Tape::<f64>::new();
            let operand = |(shape, numbers): &(Shape, Vec<f64>)| tape.tensor((&shape[..], numbers.clone()));
            let operands: Vec<_> = special.operands.iter().map(operand).collect();
            let y = tape.apply(special.operation.operation::<f64>(), &operands).expect("a point of its own");
            assert_eq!(y.value().as_slice(), Some(&special.output[..]), "{what}");
            let grads = y.sum().backward();
            for (operand, wanted) in operands.iter().zip(special.gradients) {
                if let Some(wanted) = wanted {
                    assert_eq!(grads.wrt(*operand).as_slice(), Some(&wanted[..]), "{what}");
                }
            }
            self.0 += 1;
        }
    }
}

#[test]
fn special_points() {
    let mut specials = Specials(0);
    walk_operations(&mut specials);
    assert!(specials.0 >= 13, "only {} points", specials.0);
}

/// A number of value 0 may carry a derivative of its own, and at a logit of 0 nothing has a kink.
#[test]
fn zeros_are_numbers_like_others() {
    let ln2 = 2f64.ln();
    let outer = Tape::<f64>::new();
    let [x, t] = [0.0, 1.0].map(|number| outer.scalar(number));
    let inner = Tape::new();
    let (logit, target) = (inner.tensor(([1], vec![x])), inner.tensor(([1], vec![t])));
    let loss = nn::SigmoidCrossEntropy::new().positive_weight(3.0).of(logit, target).to_scalar();
    let forward = loss.value().backward();
    assert_eq!((forward[x], forward[t]), (-1.5, 3.0 * ln2 - ln2));
    let slope = loss.backward().wrt(logit)[0];
    let second = slope.backward();
    assert_eq!((slope.value(), second[x], second[t]), (-1.5, 0.75, -2.0));

    let outer = Tape::<f64>::new();
    let [p, q] = [0.0, 1.0].map(|number| outer.scalar(number));
    let inner = Tape::new();
    let logits = inner.tensor(([1, 2], vec![Scalar::constant(0.0); 2]));
    let rows = inner.tensor(([1, 2], vec![p, q]));
    let loss = nn::SoftmaxCrossEntropy::new().of_probs(logits, rows).to_scalar();
    let forward = loss.value().backward();
    assert_eq!((forward[p], forward[q]), (ln2, ln2));
}
