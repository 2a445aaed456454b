//! The sweep over scalars has a piece of code for each rule and each pair of places of its operands: all of them, and what
//! it does with zeros.

use tape::{Arity, Rule, Scalar, Tape};

/// Where an operand of the last node is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Anywhere,
    Before,
    Constant,
}

use Place::{Anywhere, Before, Constant};

fn local_times(local: Option<f64>, upstream: f64) -> f64 {
    local.map_or(0.0, |local| local * upstream)
}

#[test]
fn every_rule_at_every_pair_of_places() {
    let pairs = [
        (Anywhere, Anywhere),
        (Anywhere, Before),
        (Before, Anywhere),
        (Before, Before),
        (Anywhere, Constant),
        (Before, Constant),
        (Constant, Anywhere),
        (Constant, Before),
    ];
    for &rule in Rule::ALL {
        for (at_a, at_b) in pairs {
            match rule.arity() {
                Arity::Unary | Arity::Parameter if at_a == Constant || at_b != Constant => continue,
                _ => {}
            }
            let mut points = (rule.domain()[0].clone(), rule.domain()[rule.domain().len() - 1].clone());
            if rule == Rule::Powi {
                points.1 = 3.0..=3.0;
            }
            let within = |range: &std::ops::RangeInclusive<f64>, part: f64| {
                range.start() + part * (range.end() - range.start())
            };
            let (mut a, b) = (within(&points.0, 0.3), within(&points.1, 0.6));
            let tape = Tape::<f64>::new();
            // A node first, so that no operand is node 0; and between the operands and the result, if none is before it.
            let _ = tape.scalar(0.0);
            let leaf = |place, value| match place {
                Constant => Scalar::constant(value),
                _ => tape.scalar(value),
            };
            let (x, y) = match (at_a, at_b) {
                (Before, Anywhere) => {
                    let y = leaf(at_b, b);
                    (leaf(at_a, a), y)
                }
                (Before, Before) => {
                    let y = leaf(at_b, b);
                    a = b;
                    (y, y)
                }
                _ => (leaf(at_a, a), leaf(at_b, b)),
            };
            if at_a != Before && at_b != Before {
                let _ = tape.scalar(0.0);
            }
            let operands = if rule.arity() == Arity::Unary { &[x][..] } else { &[x, y] };
            let z = Scalar::apply(rule, operands).unwrap();
            let grads = (z * 1.75).backward();
            let (to_a, to_b) = rule.local(a, b, z.value());
            let (to_a, to_b) = (local_times(to_a, 1.75), local_times(to_b, 1.75));
            let what = format!("{} of {at_a:?} and {at_b:?}", rule.name());
            if (at_a, at_b) == (Before, Before) {
                assert_eq!(grads[x], to_a + to_b, "{what}");
                continue;
            }
            if at_a != Constant {
                assert_eq!(grads[x], to_a, "{what}, in the first");
            }
            if at_b != Constant {
                assert_eq!(grads[y], to_b, "{what}, in the second");
            }
        }
    }
}

#[test]
fn zero_times_infinity_is_zero_wherever_the_operand_is() {
    let tape = Tape::<f64>::new();
    let far = tape.scalar(0.0);
    let before = tape.scalar(0.0);
    let infinite = before.sqrt() * 0.0; // local 0, so that sqrt receives 0, and its local is infinite
    let other = far.sqrt() * 0.0;
    let both = infinite + other;
    assert_eq!(both.backward()[before], 0.0);
    assert_eq!(both.backward()[far], 0.0);
    // What is infinite indeed stays so, and NaN is not hidden.
    assert_eq!(far.sqrt().backward()[far], f64::INFINITY);
    assert!((far.sqrt() * f64::NAN).backward()[far].is_nan());
}

#[test]
fn whether_the_output_depends_on_a_node_is_known_even_where_the_gradient_is_zero() {
    let tape = Tape::<f64>::new();
    let (x, y) = (tape.scalar(-2.0), tape.scalar(3.0));
    let (off, unused) = (x.relu(), y * 2.0);
    let z = off * y.stop_gradient();
    let later = z + 1.0;
    let grads = z.backward();
    assert_eq!((grads.get(x), grads.get(off)), (Some(0.0), Some(3.0)), "behind a closed gate");
    assert_eq!((grads.get(unused), grads[unused]), (None, 0.0));
    assert_eq!((grads.get(y), grads[y]), (None, 0.0), "behind a stopped gradient");
    assert_eq!((grads.get(later), grads[later]), (None, 0.0), "recorded after the output");
    assert_eq!(grads.by_id(later.node_id()), None);
}

#[test]
fn a_tensor_behind_a_zero_is_depended_on() {
    let tape = Tape::<f64>::new();
    let w = tape.tensor(([2], vec![1.0, 2.0]));
    let v = tape.tensor(([2], vec![1.0, 2.0]));
    let grads = (w.sum() * 0.0).backward();
    assert_eq!(grads.get(w).unwrap().to_owned(), ndarray::arr1(&[0.0, 0.0]).into_dyn());
    assert!(grads.get(v).is_none());
    assert_eq!(grads.wrt(v).to_owned(), ndarray::arr1(&[0.0, 0.0]).into_dyn());
}

#[test]
fn what_nobody_wants_has_no_gradient() {
    // Scalars behind which there is no leaf, or none that was asked for, are cleared after the sweep.
    let tape = Tape::<f64>::new();
    let x = tape.scalar(2.0);
    let cut = (x * 3.0).stop_gradient();
    let idle = cut * 5.0;
    let z = x * idle;
    let grads = z.backward();
    assert_eq!((grads[x], grads[idle], grads[cut]), (30.0, 0.0, 0.0));
    assert_eq!((grads.get(idle), grads.get(cut)), (None, None));
    assert_eq!(z.backward_for([x.node_id()])[x], 30.0);
}
