//! Passes: what is learnt in them, whether they are of training, and how their gradients are put together.

use nn::{Adam, Mode, Optimizer, ParamGradients, ParamId, Params, Role, Training};
use tape::Tape;

fn params() -> (Params<f64>, [ParamId; 3]) {
    let mut params = Params::seeded(0);
    let a = params.insert("a", ([2], vec![1.0, 2.0]));
    let b = params.insert_buffer("b", ([2], vec![3.0, 4.0]));
    let c = params.insert("c", ([], vec![5.0]));
    (params, [a, b, c])
}

/// The gradients of `Σ a·b·scale`, and of `c` as well where it is asked for.
fn gradients(params: &Params<f64>, [a, b, c]: [ParamId; 3], scale: f64, with_c: bool) -> ParamGradients<f64> {
    let tape = Tape::new();
    let net = params.on(&tape);
    let sum = (net.param(a) * net.param(b)).sum() * scale;
    net.backward(if with_c { sum + net.param(c).square().sum() } else { sum })
}

#[test]
fn only_what_is_learnt_has_a_gradient_and_is_changed() {
    let (mut params, ids @ [a, b, c]) = params();
    assert_eq!(ids.map(|id| params.role(id)), [Role::Learnt, Role::Buffer, Role::Learnt]);
    assert_eq!((params.len(), params.count()), (3, 3));
    params.freeze(c);
    let grads = gradients(&params, ids, 1.0, true);
    assert_eq!(grads.get(a).unwrap().as_slice(), Some(&[3.0, 4.0][..]));
    assert!(grads.get(b).is_none() && grads.get(c).is_none());
    assert_eq!((grads.wrt(b).shape(), grads.wrt(c).shape()), (&[2][..], &[][..]));
    assert_eq!(grads.norm(), 5.0);
    let before = params.clone();
    Adam::new(0.1).step(&mut params, &grads);
    assert_ne!(params.get(a), before.get(a));
    assert_eq!([b, c].map(|id| params.get(id)), [b, c].map(|id| before.get(id)));

    params.unfreeze(c);
    assert_eq!(gradients(&params, ids, 1.0, true).wrt(c)[[]], 10.0);
}

#[test]
#[should_panic(expected = "\"b\" is a buffer: it is neither learnt nor frozen")]
fn a_buffer_is_not_frozen() {
    let (mut params, [_, b, _]) = params();
    params.freeze(b);
}

#[test]
#[should_panic(
    expected = "dropout: it acts otherwise in training than in evaluation: say which this is, with \
                           `params.on(&tape).training(&training)` or `params.on(&tape).evaluation()`"
)]
fn a_mode_that_nobody_said_is_not_guessed() {
    let (params, _) = params();
    let tape = Tape::new();
    let _ = params.on(&tape).mode("dropout");
}

#[test]
fn a_mode_is_that_of_the_pass() {
    let (params, _) = params();
    let (tape, training) = (Tape::new(), Training::seeded(1));
    let net = params.on(&tape);
    assert!(matches!(net.training(&training).mode("dropout"), Mode::Training(_)));
    assert!(matches!(net.training(&training).evaluation().mode("dropout"), Mode::Evaluation));
}

#[test]
fn sums_of_gradients_reach_what_only_one_of_them_has() {
    let (params, ids @ [a, _, c]) = params();
    for (first, second) in [(true, true), (true, false), (false, true), (false, false)] {
        let mut grads = gradients(&params, ids, 1.0, first);
        grads.add(gradients(&params, ids, 2.0, second));
        grads.add(gradients(&params, ids, 4.0, second));
        assert_eq!(grads.wrt(a).as_slice(), Some(&[21.0, 28.0][..]));
        let passes = f64::from(u8::from(first) + 2 * u8::from(second));
        assert_eq!(grads.wrt(c)[[]], 10.0 * passes);
        assert_eq!(grads.get(c).is_some(), passes > 0.0);
        let mut seen = Vec::new();
        grads.for_each_mut(|id, numbers| {
            numbers.iter_mut().for_each(|number| *number = -*number);
            seen.push(id);
        });
        assert_eq!(seen, if passes > 0.0 { vec![a, c] } else { vec![a] });
        assert_eq!(grads.wrt(c)[[]], -10.0 * passes);
    }
}

#[test]
#[should_panic(expected = "the gradients to be added are of other parameters")]
fn gradients_of_other_parameters_are_not_added() {
    let (here, ids) = params();
    let (there, others) = params();
    gradients(&here, ids, 1.0, true).add(gradients(&there, others, 1.0, true));
}
