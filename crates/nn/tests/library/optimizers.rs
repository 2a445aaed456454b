//! What all optimisers have in common: they go on from a state bit for bit, refuse one that does not fit, and leave alone
//! what has no gradient.

use crate::common::assert_text;
use nn::prelude::*;
use nn::{Adagrad, Group, Lbfgs, Lion, OptimizerState, RmsProp, Slot};
use tape::{ErrorKind, Tape};

type Made = (&'static str, fn() -> Box<dyn Optimizer<f32>>);

/// Every optimiser, with settings that make it keep all that it can keep.
const ALL: &[Made] = &[
    ("sgd", || Box::new(Sgd::new(0.05))),
    ("sgd", || Box::new(Sgd::new(0.05).momentum(0.9).nesterov(true).dampening(0.1).weight_decay(0.01))),
    ("adam", || Box::new(Adam::new(0.01).weight_decay(0.01))),
    ("adam", || Box::new(Adam::new(0.01).amsgrad(true))),
    ("adamw", || Box::new(AdamW::new(0.01).weight_decay(0.1))),
    ("adamw", || Box::new(AdamW::new(0.01).amsgrad(true))),
    ("rmsprop", || Box::new(RmsProp::new(0.01))),
    ("rmsprop", || Box::new(RmsProp::new(0.01).centred(true).weight_decay(0.01))),
    ("rmsprop", || Box::new(RmsProp::new(0.01).momentum(0.9))),
    ("rmsprop", || Box::new(RmsProp::new(0.01).centred(true).momentum(0.9))),
    ("adagrad", || Box::new(Adagrad::new(0.1).lr_decay(0.1).initial_accumulator(0.1))),
    ("lion", || Box::new(Lion::new(0.01).weight_decay(0.1))),
    ("lbfgs", || Box::new(Lbfgs::new(0.1).history(4))),
];

/// No optimiser of the library is missing above: each file that names a method names one that is there.
#[test]
fn the_list_has_all() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/optim");
    let mut found = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let Ok(text) = std::fs::read_to_string(entry.unwrap().path()) else { continue };
        for (_, rest) in
            text.match_indices("METHOD: &'static str = \"").map(|(at, m)| text.split_at(at + m.len()))
        {
            let method = rest.split('"').next().unwrap();
            if method != "sign_sgd" {
                assert!(ALL.iter().any(|(name, _)| *name == method), "{method} is not in the list");
                found += 1;
            }
        }
    }
    let mut names: Vec<_> = ALL.iter().map(|(name, _)| name).collect();
    names.dedup();
    assert_eq!(found, names.len());
}

fn network() -> (Params<f32>, Mlp) {
    let mut params = Params::seeded(42);
    let model = Mlp::new(&mut params, &[64, 8, 10], Activation::Tanh);
    (params, model)
}

fn steps(params: &mut Params<f32>, model: &Mlp, optim: &mut dyn Optimizer<f32>, count: usize) {
    let data = Dataset::digits();
    let mut tape = Tape::new();
    for (x, labels) in data.batches(32).take(count) {
        let net = params.on(&tape);
        let grads = net.backward(model.forward(&net, tape.constant(x)).softmax_cross_entropy(labels));
        tape.reset();
        optim.step(params, &grads);
    }
}

fn bits(params: &Params<f32>) -> Vec<u32> {
    params.ids().flat_map(|id| params.values(id)).map(|w| w.to_bits()).collect()
}

#[test]
fn a_restored_optimiser_goes_on_bit_for_bit() {
    for (name, make) in ALL {
        let ((mut params, model), mut optim) = (network(), make());
        steps(&mut params, &model, &mut *optim, 7);
        optim.set_learning_rate(0.003);
        let state = optim.state(&params);
        assert_eq!(state.method, *name);
        assert_eq!(state.slots.len(), params.len(), "{name}");

        // Another network with the same names, and other keys.
        let mut other = Params::seeded(7);
        let gone = other.insert("gone", ([1], vec![0.0]));
        other.remove(gone);
        let again = Mlp::new(&mut other, &[64, 8, 10], Activation::Tanh);
        for id in params.ids() {
            let copy = other.find(params.name(id)).unwrap();
            other.set(copy, params.get(id));
        }
        let mut fresh = make();
        fresh.restore(&other, &state).unwrap();
        assert_eq!(fresh.state(&other), state, "{name}");
        assert_eq!(fresh.learning_rate(), 0.003);

        let before = bits(&params);
        steps(&mut params, &model, &mut *optim, 9);
        steps(&mut other, &again, &mut *fresh, 9);
        assert_ne!(bits(&params), before, "{name} moves");
        assert_eq!(bits(&other), bits(&params), "{name}");
        assert_eq!(fresh.state(&other), optim.state(&params), "{name}");
    }
}

#[test]
fn all_that_does_not_fit_is_listed_and_nothing_is_changed() {
    let (mut params, model) = network();
    let mut optim = Adam::new(0.01);
    steps(&mut params, &model, &mut optim, 1);
    let before = optim.state(&params);
    params.insert_buffer("mean", ([1], vec![0.0]));
    let slot = |parameter: &str, arrays: &[(&str, usize)]| Slot {
        parameter: parameter.to_owned(),
        steps: 3,
        arrays: arrays.iter().map(|&(name, len)| (name.to_owned(), vec![1.0; len])).collect(),
    };
    let name = params.name(model.layers()[1].bias.unwrap()).to_owned();
    let state = OptimizerState {
        method: "adam".to_owned(),
        learning_rate: -1.0,
        slots: vec![
            slot("nowhere", &[]),
            slot(&name, &[("first_moment", 10), ("second_moment", 9)]),
            slot(&name, &[("momentum", 10)]),
            slot("mean", &[("first_moment", 1), ("second_moment", 1)]),
        ],
    };
    let text = format!(
        "adam: the state does not fit: its learning rate is -1; there is no parameter \"nowhere\"; \
         \"second_moment\" of \"{name}\" has 9 numbers, the parameter 10; it has two slots of \"{name}\"; \
         \"{name}\" has the arrays [\"momentum\"], to be kept are [\"first_moment\", \"second_moment\"]; \
         \"mean\" is a buffer"
    );
    assert_text(optim.restore(&params, &state), ErrorKind::Value, &text);
    assert_eq!(optim.state(&params), before);

    let of_sgd = Sgd::new(0.1).state(&params);
    let text = "adam: the state does not fit: it is of \"sgd\"";
    assert_text(optim.restore(&params, &of_sgd), ErrorKind::Value, text);
    let greatest = Adam::new(0.01).amsgrad(true).restore(&params, &before).unwrap_err().to_string();
    assert!(greatest.contains("\"second_moment\", \"greatest_second_moment\"]"), "{greatest}");
}

#[test]
fn what_has_no_gradient_is_left_alone() {
    for (name, make) in ALL {
        let ((mut params, model), mut optim) = (network(), make());
        let (idle, frozen) = (params.insert("idle", ([3], vec![1.5; 3])), model.layers()[0].weight);
        steps(&mut params, &model, &mut *optim, 2);
        params.freeze(frozen);
        let before = params.get(frozen).to_owned();
        steps(&mut params, &model, &mut *optim, 3);
        assert_eq!(params.get(frozen), before, "{name}");
        assert_eq!(params.values(idle), [1.5; 3], "{name}");
        params.unfreeze(frozen);
        steps(&mut params, &model, &mut *optim, 1);
        assert_ne!(params.get(frozen), before, "{name}");
    }
}

/// Gradients of ½ Σ w², which are the weights.
fn of_squares(params: &Params<f64>) -> ParamGradients<f64> {
    let tape = Tape::new();
    let net = params.on(&tape);
    let losses: Vec<_> = params.ids().map(|id| net.param(id).square().sum() * 0.5).collect();
    net.backward(losses.into_iter().reduce(|a, b| a + b).unwrap())
}

fn matrix_and_vector() -> (Params<f64>, ParamId, ParamId) {
    let mut params = Params::seeded(0);
    let matrix = params.insert("matrix", ([1, 1], vec![1.0]));
    let vector = params.insert("vector", ([1], vec![1.0]));
    (params, matrix, vector)
}

#[test]
fn a_group_has_its_own_rate_and_decay() {
    let (mut params, matrix, vector) = matrix_and_vector();
    let group = Group::new().rate(0.5).weight_decay(0.0);
    let mut optim = Sgd::new(0.5).weight_decay(1.0).group([vector], group);
    let grads = of_squares(&params);
    optim.update(&mut params, &grads);
    assert_eq!((params.values(matrix)[0], params.values(vector)[0]), (0.0, 0.75));
    // The group's rate is a multiple of the optimiser's, whatever a schedule makes of that.
    optim.set_learning_rate(0.1);
    optim.update(&mut params, &grads);
    assert_eq!((params.values(matrix)[0], params.values(vector)[0]), (-0.1, 0.75 - 0.1 * 0.5));
}

#[test]
fn groups_by_name_and_by_shape() {
    let grouped = |choose: fn(Sgd<f64>, &Params<f64>) -> Sgd<f64>| {
        let (mut params, matrix, vector) = matrix_and_vector();
        let grads = of_squares(&params);
        choose(Sgd::new(0.5).weight_decay(1.0), &params).update(&mut params, &grads);
        (params.values(matrix)[0], params.values(vector)[0])
    };
    assert_eq!(grouped(|optim, _| optim), (0.0, 0.0));
    assert_eq!(grouped(Sgd::decay_matrices_only), (0.0, 0.5));
    assert_eq!(
        grouped(|optim, params| optim.group_where(
            params,
            |name, _| name == "matrix",
            Group::new().rate(0.0)
        )),
        (1.0, 0.0)
    );
    // What is in a group already stays there.
    assert_eq!(
        grouped(|optim, params| {
            let vector = params.find("vector").unwrap();
            optim.group([vector], Group::new().rate(0.0)).decay_matrices_only(params)
        }),
        (0.0, 1.0)
    );
}

#[test]
#[should_panic(expected = "a parameter is in two groups")]
fn a_parameter_in_two_groups() {
    let (_, matrix, vector) = matrix_and_vector();
    let _ = Adam::<f64>::new(0.1).group([matrix, vector], Group::new()).group([vector], Group::new());
}

#[test]
#[should_panic(expected = "the optimiser is of another Params: its state carries over, by restore")]
fn an_optimiser_of_another_params() {
    let mut optim = Adam::new(0.1);
    for _ in 0..2 {
        let (mut params, ..) = matrix_and_vector();
        let grads = of_squares(&params);
        optim.step(&mut params, &grads);
    }
}

/// A parameter that comes later has its own count of steps: its first is as if nothing had been before.
#[test]
fn each_parameter_counts_its_own_steps() {
    let (mut params, matrix, vector) = matrix_and_vector();
    params.freeze(vector);
    let mut optim = Adam::new(0.25);
    for _ in 0..5 {
        let grads = of_squares(&params);
        optim.step(&mut params, &grads);
    }
    params.unfreeze(vector);
    let grads = of_squares(&params);
    optim.step(&mut params, &grads);
    assert!((params.values(vector)[0] - 0.75).abs() < 1e-7, "Adam's first step is as long as its rate");
    let steps: Vec<u64> = optim.state(&params).slots.iter().map(|slot| slot.steps).collect();
    assert_eq!((steps, params.name(matrix)), (vec![6, 1], "matrix"));
}

#[test]
fn other_arrays_than_before_start_anew() {
    let (mut params, ..) = matrix_and_vector();
    let mut optim = Sgd::new(0.1).momentum(0.9);
    let grads = of_squares(&params);
    optim.step(&mut params, &grads);
    assert_eq!(optim.clone().nesterov(true).state(&params).slots.len(), 2);
    assert_eq!(optim.momentum(0.0).state(&params).slots.len(), 0);
}

/// A product of the weights with a tilted bowl around them: L-BFGS has something to learn.
fn bowl(params: &Params<f64>) -> (f64, ParamGradients<f64>) {
    let tape = Tape::new();
    let net = params.on(&tape);
    let [a, b] = [0, 1].map(|k| net.param(params.ids().nth(k).unwrap()));
    let (a, b) = (a.sum(), b.sum());
    let loss = (a * b - 2.0).square() + (a - 3.0).square() * 0.1 + b.square().square();
    (loss.value(), net.backward(loss))
}

#[test]
fn l_bfgs_goes_on_from_a_state_between_searches() {
    let (mut params, ..) = matrix_and_vector();
    let make = || Lbfgs::new(1.0).strong_wolfe(true).max_iterations(2).max_evaluations(20).history(3);
    let mut optim = make();
    for _ in 0..3 {
        optim.step_with(&mut params, bowl);
    }
    let state = optim.state(&params);
    let names: Vec<_> = state.slots[1].arrays.iter().map(|(name, _)| name.as_str()).collect();
    let wanted = ["gradient", "step", "step_1", "change_1", "step_2", "change_2", "step_3", "change_3"];
    assert_eq!((names, state.slots[1].steps), (wanted.to_vec(), 6));

    // Slots in another order than the parameters.
    let mut turned = state.clone();
    turned.slots.reverse();
    let mut copy = params.clone();
    let mut fresh = make();
    fresh.restore(&copy, &turned).unwrap();
    for _ in 0..2 {
        let loss = optim.step_with(&mut params, bowl);
        assert_eq!(fresh.step_with(&mut copy, bowl).to_bits(), loss.to_bits());
    }
    assert_eq!(fresh.state(&copy), optim.state(&params));
    assert_ne!(fresh.state(&copy), state);
}

#[test]
fn l_bfgs_refuses_a_history_that_does_not_fit() {
    let (mut params, ..) = matrix_and_vector();
    let mut optim = Lbfgs::new(0.1).history(3);
    for _ in 0..5 {
        let (_, grads) = bowl(&params);
        optim.step(&mut params, &grads);
    }
    let state = optim.state(&params);
    let fit = |change: fn(&mut OptimizerState<f64>), history: usize| {
        let mut state = state.clone();
        change(&mut state);
        let error = Lbfgs::new(0.1).history(history).restore(&params, &state).unwrap_err().to_string();
        error.split(" (at ").next().unwrap().to_owned()
    };
    let text = "lbfgs: the state does not fit: ";
    assert_eq!(
        fit(|_| (), 2),
        format!("{text}\"matrix\" has 3 pairs, to be kept are 2; \"vector\" has 3 pairs, to be kept are 2")
    );
    let other = "has another number of arrays or steps than \"matrix\"";
    assert_eq!(fit(|state| state.slots[1].steps = 4, 3), format!("{text}\"vector\" {other}"));
    assert_eq!(fit(|state| state.slots[1].arrays.truncate(4), 3), format!("{text}\"vector\" {other}"));
    let wanted = "to be kept are \"gradient\", \"step\", \"step_1\", \"change_1\" and so on";
    assert_eq!(
        fit(|state| state.slots[0].arrays.truncate(1), 3),
        format!("{text}\"matrix\" has the arrays [\"gradient\"], {wanted}; \"vector\" {other}")
    );
}

/// Where a step leads to where the loss is no number, the search turns back.
#[test]
fn l_bfgs_searches_on_the_near_side_of_a_wall() {
    let mut params = Params::<f64>::seeded(0);
    let id = params.insert("x", ([1], vec![0.05]));
    let mut optim = Lbfgs::new(30.0).strong_wolfe(true).max_iterations(50).tolerances(1e-9, 1e-15);
    for start in [0.05, 1.9] {
        params.values_mut(id)[0] = start;
        let mut walls = 0;
        optim.step_with(&mut params, |params| {
            let tape = Tape::new();
            let net = params.on(&tape);
            let x = net.param(id).sum();
            let loss = -(x.ln() + (2.0 - x).ln());
            walls += usize::from(loss.value().is_nan());
            (loss.value(), net.backward(loss))
        });
        assert!((params.values(id)[0] - 1.0).abs() < 1e-6, "{}", params.values(id)[0]);
        assert!(walls > 0 || start > 1.0, "it has met a wall");
    }
}

#[test]
fn l_bfgs_starts_anew_when_others_are_learnt() {
    let (mut params, _, vector) = matrix_and_vector();
    let mut optim = Lbfgs::new(0.1);
    let step = |params: &mut Params<f64>, optim: &mut Lbfgs<f64>| {
        let (_, grads) = bowl(params);
        optim.step(params, &grads);
    };
    (0..3).for_each(|_| step(&mut params, &mut optim));
    params.freeze(vector);
    step(&mut params, &mut optim);
    let state = optim.state(&params);
    assert_eq!((state.slots.len(), state.slots[0].steps, state.slots[0].arrays.len()), (1, 1, 2));
}
