//! Parameters, their gradients, and the state that goes with them.

use ndarray::array;
use nn::prelude::*;
use tape::Tape;

fn shared_between_threads<X: Send + Sync>() {}

#[test]
fn they_may_be_looked_at_by_many_threads() {
    shared_between_threads::<Params<f32>>();
    shared_between_threads::<Mlp>();
    shared_between_threads::<Sequential<f32>>();
    shared_between_threads::<ParamGradients<f32>>();
    let mut params = Params::<f64>::seeded(42);
    let model = Mlp::new(&mut params, &[2, 3, 1], Activation::Tanh);
    let gradient = |x: f64| {
        let tape = Tape::new();
        let net = params.on(&tape);
        net.backward(model.forward(&net, tape.constant(array![[x, 1.0]])).sum()).norm()
    };
    let alone = [0.5, -0.5].map(gradient);
    let together = std::thread::scope(|scope| {
        [0.5, -0.5].map(|x| scope.spawn(move || gradient(x))).map(|thread| thread.join().unwrap())
    });
    assert_eq!(alone, together);
}

#[test]
fn names_shapes_and_counts() {
    let mut params = Params::<f32>::seeded(42);
    Mlp::new(&mut params, &[64, 32, 10], Activation::Relu);
    assert_eq!(
        params.to_string(),
        "name             shape        numbers\n\
         layers.0.weight  [64, 32]        2048\n\
         layers.0.bias    [32]              32\n\
         layers.1.weight  [32, 10]         320\n\
         layers.1.bias    [10]              10\n\
         total                            2410"
    );
    assert!(params.iter().map(|(id, ..)| id).eq(params.ids()));
    let error = params.try_insert("layers.0.bias", array![0.0]).unwrap_err();
    let line = line!() - 1;
    let text =
        format!("params: a parameter named \"layers.0.bias\" is there already (at {}:{line})", file!());
    assert_eq!(error.to_string(), text);
    let bias = params.find("layers.0.bias").unwrap();
    let error = params.try_set(bias, array![0.0]).unwrap_err().to_string();
    assert!(
        error.starts_with("params: [1]: the shape of the parameter \"layers.0.bias\" is [32] (at "),
        "{error}"
    );
    assert_eq!(params.find("layers.2.bias"), None);
}

#[test]
fn a_second_network_counts_on_or_has_a_name() {
    let mut params = Params::<f32>::seeded(42);
    Mlp::new(&mut params, &[2, 3, 1], Activation::Relu);
    let second = Mlp::new(&mut params, &[2, 1], Activation::Relu);
    assert_eq!(params.name(second.layers()[0].weight), "layers.2.weight");
    let named = Mlp::named(&mut params, "encoder", &[2, 1], Activation::Relu).unwrap();
    assert_eq!(params.name(named.layers()[0].weight), "encoder.0.weight");
    let (a, b) = (Linear::new(&mut params, 1, 1), Linear::new(&mut params, 1, 1));
    assert_eq!((params.name(a.weight), params.name(b.weight)), ("linear.0.weight", "linear.1.weight"));
}

#[test]
fn a_network_that_cannot_be_leaves_nothing_behind() {
    let mut params = Params::<f32>::seeded(42);
    for widths in [&[][..], &[2], &[2, 0, 1], &[2, 3, usize::MAX / 2]] {
        assert!(Mlp::try_new(&mut params, widths, Activation::Relu).is_err());
        assert!(params.is_empty(), "{widths:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_numbers() {
    let numbers = |seed| {
        let mut params = Params::<f64>::seeded(seed);
        Mlp::new(&mut params, &[3, 4, 2], Activation::Relu);
        params
            .iter()
            .flat_map(|(_, _, values)| values.iter().copied().collect::<Vec<_>>())
            .collect::<Vec<_>>()
    };
    assert_eq!(numbers(1), numbers(1));
    assert_ne!(numbers(1), numbers(2));
}

#[test]
fn ids_stay_when_others_go() {
    let mut params = Params::<f64>::seeded(42);
    let [a, b, c] = ["a", "b", "c"].map(|name| params.insert(name, array![1.0, 2.0]));
    params.remove(a);
    assert!(!params.contains(a) && params.contains(b));
    assert_eq!((params.name(b), params.name(c), params.len(), params.count()), ("b", "c", 2, 4));
    let d = params.insert("a", array![[7.0]]);
    assert_ne!(a, d);
    let tape = Tape::new();
    let net = params.on(&tape);
    assert_eq!(net.param(c).shape(), [2]);
    assert_eq!(net.param(d).value()[[0, 0]], 7.0);
}

#[test]
#[should_panic(expected = "the id is of a parameter of another Params")]
fn an_id_of_another() {
    let (mut one, mut other) = (Params::<f64>::seeded(1), Params::<f64>::seeded(1));
    one.insert("w", array![1.0]);
    let id = other.insert("w", array![1.0]);
    one.get(id);
}

#[test]
#[should_panic(expected = "the id is of a parameter of another Params")]
fn gradients_of_another() {
    let (mut one, mut other) = (Params::<f64>::seeded(1), Params::<f64>::seeded(1));
    one.insert("w", array![1.0]);
    let id = other.insert("w", array![1.0]);
    let tape = Tape::new();
    let net = other.on(&tape);
    let grads = net.backward(net.param(id).sum());
    Sgd::new(0.1).step(&mut one, &grads);
}

#[test]
#[should_panic(expected = "the parameter of this id was removed, or added later")]
fn an_id_whose_parameter_is_gone() {
    let mut params = Params::<f64>::seeded(1);
    let id = params.insert("w", array![1.0]);
    params.remove(id);
    params.insert("v", array![1.0]);
    params.values_mut(id);
}

#[test]
#[should_panic(expected = "backward: the loss is on another tape than the parameters (at ")]
fn a_loss_of_another_tape() {
    let mut params = Params::<f64>::seeded(1);
    params.insert("w", array![1.0]);
    let (tape, other) = (Tape::new(), Tape::new());
    params.on(&tape).backward(other.scalar(1.0));
}

#[test]
fn parameters_without_axes_and_parameters_that_come_too_late() {
    let mut params = Params::<f64>::seeded(1);
    let scale = params.insert("scale", ([], vec![3.0]));
    let w = params.insert("w", array![1.0, 2.0]);
    let tape = Tape::new();
    let net = params.on(&tape);
    let loss = (net.param(scale) * net.param(w)).sum();
    let late = params.on(&tape);
    let grads = net.backward(loss);
    assert_eq!((grads.wrt(scale)[[]], grads.wrt(w)), (3.0, array![3.0, 3.0].view().into_dyn()));
    assert!((grads.norm() - 27f64.sqrt()).abs() <= 5.0 * f64::EPSILON, "it is a norm of norms");
    assert!(late.backward(loss).get(w).is_none(), "these leaves are not behind the loss");
    assert!(grads.iter().all(|(_, gradient)| gradient.is_some()));
    Sgd::new(1.0).step(&mut params, &grads);
    assert_eq!(params.values(scale), [0.0]);
}

#[test]
fn gradients_fade_from_layer_to_layer() {
    let mut params = Params::<f64>::seeded(42);
    let model = Mlp::new(&mut params, &[4; 9], Activation::Sigmoid);
    let tape = Tape::new();
    let net = params.on(&tape);
    let grads = net.backward(model.forward(&net, tape.constant(array![[0.1, 0.2, 0.3, 0.4]])).sum());
    let norms: Vec<f64> =
        grads.norms().filter(|(name, _)| name.ends_with("weight")).map(|(_, n)| n).collect();
    assert_eq!(norms.len(), 8);
    assert!(norms[0] < 1e-3 * norms[7], "{norms:?}");
    let all = norms.iter().map(|n| n * n).sum::<f64>().sqrt();
    assert!(grads.norm() >= all);
}

#[test]
fn a_norm_does_not_overflow() {
    let mut params = Params::<f32>::seeded(42);
    let w = params.insert("w", array![3e30, 4e30]);
    let tape = Tape::new();
    let net = params.on(&tape);
    let grads = net.backward(net.param(w).square().sum() * 0.5);
    assert!((grads.norm() / 5e30 - 1.0).abs() < 1e-6);
}

/// A parameter in the place of one that was removed begins without its moments.
#[test]
fn moments_go_with_their_parameter() {
    for mut optim in
        [Box::new(Adam::<f64>::new(0.1)) as Box<dyn Optimizer<f64>>, Box::new(Sgd::new(0.1).momentum(0.9))]
    {
        let step = |params: &mut Params<f64>, id, optim: &mut dyn Optimizer<f64>| {
            let tape = Tape::new();
            let net = params.on(&tape);
            let grads = net.backward(net.param(id).square().sum());
            optim.step(params, &grads);
            params.values(id)[0]
        };
        let mut params = Params::seeded(0);
        let old = params.insert("w", array![1.0]);
        let first = step(&mut params, old, &mut *optim);
        assert_ne!(step(&mut params, old, &mut *optim) - first, first - 1.0);
        params.remove(old);
        let new = params.insert("w", array![1.0]);
        assert_eq!(step(&mut params, new, &mut *optim), first);
    }
}

#[test]
fn a_parameter_without_a_part_in_the_loss_is_left_alone() {
    let mut params = Params::<f64>::seeded(0);
    let (w, v) = (params.insert("w", array![1.0]), params.insert("v", array![1.0]));
    let tape = Tape::new();
    let net = params.on(&tape);
    let grads = net.backward(net.param(w).square().sum());
    Sgd::new(0.1).weight_decay(0.5).step(&mut params, &grads);
    Adam::new(0.1).weight_decay(0.5).step(&mut params, &grads);
    assert_eq!(params.values(v), [1.0]);
    assert_ne!(params.values(w), [1.0]);
}

#[test]
fn learning_rates_can_be_changed() {
    let mut optims: [Box<dyn Optimizer<f32>>; 2] = [Box::new(Sgd::new(0.1)), Box::new(Adam::new(0.1))];
    for optim in &mut optims {
        optim.set_learning_rate(0.01);
        assert_eq!(optim.learning_rate(), 0.01);
    }
}

#[test]
#[should_panic(expected = "a learning rate is a number from 0, not NaN")]
fn a_learning_rate_that_is_none() {
    let _ = Sgd::<f32>::new(f64::NAN);
}

#[test]
fn every_activation_works_in_a_network() {
    for activation in Activation::ALL {
        let mut params = Params::<f64>::seeded(42);
        let model = Mlp::new(&mut params, &[3, 4, 2], activation);
        let tape = Tape::new();
        let net = params.on(&tape);
        let y = model.forward(&net, tape.constant(array![[0.3, -0.8, 1.2], [1.0, 0.5, -2.0]]));
        let grads = net.backward(y.softmax_cross_entropy(&[0, 1]));
        assert!(y.value().iter().all(|y| y.is_finite()), "{activation}");
        let through = grads.get(model.layers()[0].weight).is_some_and(|g| g.iter().any(|&g| g != 0.0));
        assert_eq!(through, activation != Activation::Step, "{activation}");
    }
}
