//! What all optimisers have in common: they go on from a state bit for bit, refuse one that does not fit, and leave alone
//! what has no gradient.
#![allow(missing_docs)]

#[allow(dead_code, reason = "each test file uses a part")]
mod common;

use common::assert_text;
use nn::prelude::*;
use nn::{Adagrad, Lbfgs, Lion, OptimizerState, RmsProp, Slot};
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
