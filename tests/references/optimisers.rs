//! Optimisers: trajectories equal to a reference's, step by step, and equal to their formulas, plainly written.

use crate::common::{Settings, assert_close, fixture, number, numbers, tensor};
use chainrule::prelude::*;
use ndarray::{Array2, ArrayD};
use nn::{Adagrad, FirstOrder, Group, Lbfgs, Lion, RmsProp, UpdateRule};
use serde_json::Value;

/// The (2, 3, 2, 2) network of the fixture, its data, and its parameters under their names there.
struct Reference {
    params: Params<f64>,
    model: Mlp,
    named: Vec<(ParamId, String)>,
    x: Array2<f64>,
    labels: Vec<usize>,
}

impl Reference {
    fn new(training: &Value) -> Self {
        let mut params = Params::seeded(0);
        let model = Mlp::new(&mut params, &[2, 3, 2, 2], Activation::Sigmoid);
        let parts =
            |(l, k): (&Linear, usize)| [(l.weight, format!("w{k}")), (l.bias.unwrap(), format!("b{k}"))];
        let named: Vec<_> = model.layers().iter().zip(1..).flat_map(parts).collect();
        for (id, name) in &named {
            params.set(*id, ours(&training["init"][name]));
        }
        let (_, x) = tensor(&training["x"]);
        let labels = numbers(&training["y"]["data"]).into_iter().map(|y| y as usize).collect();
        Self { params, model, named, x: Array2::from_shape_vec((4, 2), x).unwrap(), labels }
    }

    fn ids(&self, names: &[&str]) -> Vec<ParamId> {
        names.iter().map(|&name| self.named.iter().find(|(_, n)| n == name).unwrap().0).collect()
    }

    fn loss_and_gradients(&self, params: &Params<f64>, tape: &mut Tape<f64>) -> (f64, ParamGradients<f64>) {
        let net = params.on(tape);
        let loss = self.model.forward(&net, tape.constant(&self.x)).softmax_cross_entropy(&self.labels);
        let answer = (loss.value(), net.backward(loss));
        tape.reset();
        answer
    }

    fn assert_params(&self, what: &str, wanted: &Value, tolerance: f64) {
        for (id, part) in &self.named {
            let wanted: Vec<f64> = ours(&wanted[part]).iter().copied().collect();
            assert_close(&format!("{what}: {part}"), self.params.get(*id).iter(), &wanted, tolerance, 1.0);
        }
    }
}

/// Weights are `[out, in]` there and `[in, out]` here.
fn ours(value: &Value) -> ArrayD<f64> {
    let (shape, data) = tensor(value);
    ArrayD::from_shape_vec(shape, data).unwrap().reversed_axes()
}

fn or(value: &Value, usual: f64) -> f64 {
    if value.is_null() { usual } else { number(value) }
}

/// What runs of all methods have beside their rule.
fn common_settings<R: UpdateRule<f64> + 'static>(
    mut optim: FirstOrder<f64, R>,
    hyper: &Settings<'_>,
    run: &Value,
    reference: &Reference,
) -> Box<dyn Optimizer<f64>> {
    if !hyper["weight_decay"].is_null() {
        optim = optim.weight_decay(number(&hyper["weight_decay"]));
    }
    for group in run["groups"].as_array().into_iter().flatten() {
        let names: Vec<&str> =
            group["parts"].as_array().unwrap().iter().map(|p| p.as_str().unwrap()).collect();
        let mut settings = Group::new();
        if let Some(rate) = group.get("rate") {
            settings = settings.rate(number(rate));
        }
        if let Some(decay) = group.get("weight_decay") {
            settings = settings.weight_decay(number(decay));
        }
        optim = optim.group(reference.ids(&names), settings);
    }
    Box::new(optim)
}

fn lbfgs(hyper: &Settings<'_>) -> Lbfgs<f64> {
    let mut optim = Lbfgs::new(or(&hyper["lr"], 1.0)).max_iterations(or(&hyper["max_iter"], 20.0) as usize);
    if !hyper["max_eval"].is_null() {
        optim = optim.max_evaluations(number(&hyper["max_eval"]) as usize);
    }
    let strong_wolfe = hyper["line_search_fn"] == "strong_wolfe";
    optim.history(or(&hyper["history_size"], 100.0) as usize).strong_wolfe(strong_wolfe)
}

/// The optimiser of a run.
fn optimizer(run: &Value, reference: &Reference) -> Box<dyn Optimizer<f64>> {
    let hyper = Settings::of(&run["hyper"]);
    let on = |name: &str| hyper[name] == true;
    let betas = || if hyper["betas"].is_null() { vec![0.9, 0.999] } else { numbers(&hyper["betas"]) };
    let rate = or(&hyper["lr"], f64::NAN);
    let optim = match run["optimizer"].as_str().unwrap().to_lowercase().as_str() {
        "sgd" => {
            let optim = Sgd::new(rate).momentum(or(&hyper["momentum"], 0.0)).nesterov(on("nesterov"));
            let optim = optim.dampening(or(&hyper["dampening"], 0.0));
            common_settings(optim, &hyper, run, reference)
        }
        "adam" => {
            let optim = Adam::new(rate).betas(betas()[0], betas()[1]).eps(or(&hyper["eps"], 1e-8));
            common_settings(optim.amsgrad(on("amsgrad")), &hyper, run, reference)
        }
        "adamw" => {
            let optim = AdamW::new(rate).betas(betas()[0], betas()[1]).eps(or(&hyper["eps"], 1e-8));
            common_settings(optim.amsgrad(on("amsgrad")), &hyper, run, reference)
        }
        "rmsprop" => {
            let optim = RmsProp::new(rate).alpha(or(&hyper["alpha"], 0.99)).eps(or(&hyper["eps"], 1e-8));
            let optim = optim.centred(on("centered")).momentum(or(&hyper["momentum"], 0.0));
            common_settings(optim, &hyper, run, reference)
        }
        "adagrad" => {
            let optim = Adagrad::new(rate).lr_decay(or(&hyper["lr_decay"], 0.0));
            let optim = optim.initial_accumulator(or(&hyper["initial_accumulator_value"], 0.0));
            common_settings(optim.eps(or(&hyper["eps"], 1e-10)), &hyper, run, reference)
        }
        "lbfgs" => Box::new(lbfgs(&hyper)),
        other => panic!("an optimiser without a test: {other}"),
    };
    hyper.finish(&run["name"].to_string());
    optim
}

/// Loss before each step, parameters where the run has them, and the loss after it all.
fn assert_run(training: &Value, run: &Value) {
    let name = run["name"].as_str().unwrap();
    let mut reference = Reference::new(training);
    let mut optim = optimizer(run, &reference);
    let mut several = (run["optimizer"] == "LBFGS").then(|| lbfgs(&Settings::of(&run["hyper"])));
    if run["hyper"]["max_iter"] == 1 {
        several = None; // one iteration, which is what a plain step is
    }
    // The search divides by differences of nearly equal losses: digits are lost there.
    let tolerance = if run["hyper"].get("line_search_fn").is_some() { 1e-9 } else { 1e-12 };
    let mut tape = Tape::new();
    for (t, wanted) in numbers(&run["loss_before_step"]).into_iter().enumerate() {
        let what = format!("{name}, step {}", t + 1);
        let mut params = reference.params.clone();
        let loss = if let Some(lbfgs) = &mut several {
            lbfgs.step_with(&mut params, |params| reference.loss_and_gradients(params, &mut tape))
        } else {
            let (loss, mut grads) = reference.loss_and_gradients(&params, &mut tape);
            if let Some(max) = run.get("clip_norm") {
                let norm = grads.clip_norm(number(max));
                assert_close(&what, [&norm], &[number(&run["norms"][t])], 1e-12, 1.0);
            }
            optim.step(&mut params, &grads);
            loss
        };
        reference.params = params;
        assert_close(&format!("{what}: loss"), [&loss], &[wanted], tolerance, 1.0);
        let mut snapshots = run["snapshots"].as_array().into_iter().flatten();
        if let Some(snapshot) = snapshots.find(|s| s["step"] == t + 1) {
            reference.assert_params(&what, &snapshot["params"], tolerance);
        }
    }
    if let Some(wanted) = run.get("params") {
        reference.assert_params(name, wanted, tolerance);
    }
    let (loss, _) = reference.loss_and_gradients(&reference.params, &mut tape);
    assert_close(&format!("{name}: final loss"), [&loss], &[number(&run["final_loss"])], tolerance, 1.0);
}

#[test]
fn the_gradient_at_the_start() {
    let training = fixture("training.json");
    let reference = Reference::new(&training);
    let (_, grads) = reference.loss_and_gradients(&reference.params, &mut Tape::new());
    for (id, name) in &reference.named {
        let wanted = ours(&training["grad_at_init"][name]);
        assert_eq!(grads.wrt(*id).shape(), wanted.shape());
        let wanted: Vec<f64> = wanted.iter().copied().collect();
        assert_close(name, grads.wrt(*id).iter(), &wanted, 1e-12, 1.0);
    }
}

#[test]
fn trajectories_step_by_step() {
    let training = fixture("training.json");
    let runs = training["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 9);
    runs.iter().for_each(|run| assert_run(&training, run));
}

#[test]
fn trajectories_of_torch() {
    let (training, torch) = (fixture("training.json"), fixture("optimisers.json"));
    let runs = torch["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 16);
    runs.iter().for_each(|run| assert_run(&training, run));
}

/// L-BFGS with and without a search, in the valley of Rosenbrock. The search loses digits, and the valley magnifies it.
#[test]
fn valleys_of_torch() {
    let torch = fixture("optimisers.json");
    for run in torch["valleys"].as_array().unwrap() {
        let hyper = Settings::of(&run["hyper"]);
        let (name, mut optim) = (run["name"].as_str().unwrap(), lbfgs(&hyper));
        hyper.finish(name);
        let mut params = Params::seeded(0);
        let start = numbers(&run["start"]);
        let id = params.insert("x", ([start.len()], start));
        let mut tape = Tape::new();
        for (k, wanted) in run["steps"].as_array().unwrap().iter().enumerate() {
            let loss = optim.step_with(&mut params, |params| {
                let net = params.on(&tape);
                let x = net.param(id);
                let (head, tail) = (x.slice(&[(0..3).into()]), x.slice(&[(1..4).into()]));
                let loss = ((1.0 - head).square() + 100.0 * (tail - head.square()).square()).sum();
                let answer = (loss.value(), net.backward(loss));
                tape.reset();
                answer
            });
            let what = format!("{name}, step {k}");
            assert_close(&what, [&loss], &[number(&wanted["loss"])], 1e-8, 1.0);
            assert_close(&what, params.values(id), &numbers(&wanted["x"]), 1e-8, 1.0);
        }
    }
}

/// What a formula keeps of one weight: two arrays or three, under whatever name.
#[derive(Clone, Default)]
struct Kept([f64; 3]);

type Formula<'a> = &'a dyn Fn(i32, &mut f64, f64, &mut Kept);

/// Ten steps of three weights with the gradient 2w, one of which is 0, and of a fourth with the gradient 1.
fn assert_formula(what: &str, mut optim: impl Optimizer<f64>, formula: Formula<'_>) {
    let mut params = Params::<f64>::seeded(0);
    let mut plain = [1.5, -0.25, 0.0, 1.0];
    let mut kept = vec![Kept::default(); 4];
    let id = params.insert("w", ([4], plain.to_vec()));
    let mut tape = Tape::new();
    for t in 1..=10 {
        let net = params.on(&tape);
        let w = net.param(id);
        let grads = net.backward(w.slice(&[(0..3).into()]).square().sum() + w.slice(&[(3..4).into()]).sum());
        tape.reset();
        optim.step(&mut params, &grads);
        for (k, (w, kept)) in plain.iter_mut().zip(&mut kept).enumerate() {
            let g = if k < 3 { 2.0 * *w } else { 1.0 };
            formula(t, w, g, kept);
        }
        assert_close(&format!("{what}, step {t}"), params.values(id), &plain, 1e-13, 1.0);
    }
}

#[test]
fn sgd_by_its_formula() {
    let lr = 0.05;
    for momentum in [0.0, 0.9] {
        for (nesterov, dampening, decay) in
            [(false, 0.0, 0.0), (true, 0.0, 0.1), (false, 0.3, 0.0), (true, 0.3, 0.1)]
        {
            let optim = Sgd::new(lr).momentum(momentum).nesterov(nesterov).dampening(dampening);
            assert_formula("sgd", optim.weight_decay(decay), &|t, w, g, Kept([b, ..])| {
                let d = g + decay * *w;
                *b = if t == 1 { d } else { momentum * *b + (1.0 - dampening) * d };
                *w -= lr
                    * match (momentum, nesterov) {
                        (0.0, _) => d,
                        (_, true) => d + momentum * *b,
                        (_, false) => *b,
                    };
            });
        }
    }
}

#[test]
fn adam_by_its_formula() {
    let (lr, (b1, b2), eps) = (0.05, (0.7, 0.6), 1e-3);
    for (decoupled, amsgrad, decay) in [
        (false, false, 0.0),
        (false, false, 0.2),
        (false, true, 0.0),
        (false, true, 0.2),
        (true, false, 0.0),
        (true, false, 0.2),
        (true, true, 0.2),
    ] {
        let formula: Formula<'_> = &|t, w, g, Kept([m, v, most])| {
            if decoupled {
                *w *= 1.0 - lr * decay;
            }
            let d = if decoupled { g } else { g + decay * *w };
            *m = b1 * *m + (1.0 - b1) * d;
            *v = b2 * *v + (1.0 - b2) * d * d;
            *most = most.max(*v);
            let v = if amsgrad { *most } else { *v };
            *w -= lr * (*m / (1.0 - f64::powi(b1, t))) / (v.sqrt() / (1.0 - f64::powi(b2, t)).sqrt() + eps);
        };
        if decoupled {
            let optim = AdamW::new(lr).betas(b1, b2).eps(eps).amsgrad(amsgrad).weight_decay(decay);
            assert_formula("adamw", optim, formula);
        } else {
            let optim = Adam::new(lr).betas(b1, b2).eps(eps).amsgrad(amsgrad).weight_decay(decay);
            assert_formula("adam", optim, formula);
        }
    }
}

#[test]
fn rmsprop_by_its_formula() {
    let (lr, alpha, eps) = (0.02, 0.8, 1e-3);
    for centred in [false, true] {
        for (momentum, decay) in [(0.0, 0.0), (0.0, 0.1), (0.9, 0.0), (0.9, 0.1)] {
            let optim = RmsProp::new(lr).alpha(alpha).eps(eps).centred(centred).momentum(momentum);
            assert_formula("rmsprop", optim.weight_decay(decay), &|_, w, g, Kept([v, mean, b])| {
                let d = g + decay * *w;
                *v = alpha * *v + (1.0 - alpha) * d * d;
                *mean = alpha * *mean + (1.0 - alpha) * d;
                let square = if centred { *v - *mean * *mean } else { *v };
                let step = d / (square.sqrt() + eps);
                *b = momentum * *b + step;
                *w -= lr * if momentum == 0.0 { step } else { *b };
            });
        }
    }
}

#[test]
fn adagrad_by_its_formula() {
    let (lr, eps) = (0.3, 1e-4);
    for (lr_decay, initial, decay) in [(0.0, 0.0, 0.0), (0.1, 0.0, 0.2), (0.1, 0.5, 0.0), (0.3, 0.5, 0.2)] {
        let optim = Adagrad::new(lr).lr_decay(lr_decay).initial_accumulator(initial).eps(eps);
        assert_formula("adagrad", optim.weight_decay(decay), &|t, w, g, Kept([v, ..])| {
            let d = g + decay * *w;
            *v = if t == 1 { initial } else { *v } + d * d;
            *w -= lr / (1.0 + f64::from(t - 1) * lr_decay) * d / (v.sqrt() + eps);
        });
    }
}

#[test]
fn lion_by_its_formula() {
    let (lr, (b1, b2)) = (0.01, (0.9, 0.6));
    for decay in [0.0, 0.3] {
        assert_formula("lion", Lion::new(lr).betas(b1, b2).weight_decay(decay), &|_, w, g, Kept([m, ..])| {
            let c = b1 * *m + (1.0 - b1) * g;
            let sign = if c == 0.0 { 0.0 } else { c.signum() };
            *w -= lr * (sign + decay * *w);
            *m = b2 * *m + (1.0 - b2) * g;
        });
    }
}
