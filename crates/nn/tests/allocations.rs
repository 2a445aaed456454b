//! After the first steps, a training loop asks the allocator for nothing. In a process of its own: the allocator
//! belongs to all threads.

mod memory;

use memory::{allocations, requests};
use nn::prelude::*;
use nn::{Adagrad, Lbfgs, Lion, RmsProp};
use tape::Tape;
use tape::listing::{Drawn, Listed, Numbers, Sample, Walk};

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(std::hint::black_box(vec![0u8; 100]))), 1);
}

/// Epochs over the digits, in batches of 32, the last of them of 29, with whatever loss.
fn steady(
    mut optim: impl Optimizer<f32>,
    loss: impl for<'t> Fn(tape::Tensor<'t, f32>, &[usize]) -> tape::Scalar<'t, f32>,
) {
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 32, 10], Activation::Relu);
    let (train, _) = Dataset::digits().split(0.8, 42);
    assert_eq!(train.len() % 32, 29);
    let mut tape = Tape::new();
    let mut epoch = || {
        for (x, labels) in train.batches(32) {
            let net = params.on(&tape);
            let loss = loss(model.forward(&net, tape.constant(x)), labels);
            let grads = net.backward(loss);
            tape.reset();
            optim.step(&mut params, &grads);
        }
    };
    epoch();
    epoch();
    assert_eq!(allocations(|| (0..3).for_each(|_| epoch())), 0);
}

#[test]
fn a_training_step_with_sgd() {
    steady(Sgd::new(0.01), |logits, labels| logits.softmax_cross_entropy(labels));
}

#[test]
fn a_training_step_with_momentum() {
    steady(Sgd::new(0.01).momentum(0.9), |logits, labels| logits.softmax_cross_entropy(labels));
}

#[test]
fn a_training_step_with_adam() {
    steady(Adam::new(1e-3), |logits, labels| logits.softmax_cross_entropy(labels));
}

#[test]
fn a_training_step_with_every_other_optimiser() {
    let optimisers: [Box<dyn Optimizer<f32>>; 6] = [
        Box::new(Adam::new(1e-3).amsgrad(true)),
        Box::new(AdamW::new(1e-3)),
        Box::new(RmsProp::new(1e-3).centred(true).momentum(0.9)),
        Box::new(Adagrad::new(0.01)),
        Box::new(Lion::new(1e-4)),
        // Its history is full by then.
        Box::new(Lbfgs::new(0.01).history(5)),
    ];
    for optim in optimisers {
        steady(optim, |logits, labels| logits.softmax_cross_entropy(labels));
    }
}

#[test]
fn clipping() {
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 32, 10], Activation::Relu);
    let data = Dataset::digits();
    let tape = Tape::new();
    let net = params.on(&tape);
    let (x, labels) = data.batches(32).next().unwrap();
    let mut grads = net.backward(model.forward(&net, tape.constant(x)).softmax_cross_entropy(labels));
    let clip = || {
        grads.clip_norm(0.1);
        grads.clip_value(0.01);
        grads.scale(0.5);
    };
    assert_eq!(allocations(clip), 0);
}

#[test]
fn training_steps_between_looks_at_test_data() {
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 32, 10], Activation::Relu);
    let (train, test) = Dataset::digits().split(0.8, 42);
    let (mut tape, mut optim) = (Tape::new(), Sgd::new(0.01));
    let mut round = || {
        for (x, labels) in train.batches(32).take(2) {
            let net = params.on(&tape);
            let grads = net.backward(model.forward(&net, tape.constant(x)).softmax_cross_entropy(labels));
            tape.reset();
            optim.step(&mut params, &grads);
        }
        for (x, labels) in test.batches(100) {
            model.forward(&params.on(&tape), tape.constant(x)).softmax_cross_entropy(labels);
            tape.reset();
        }
    };
    (0..3).for_each(|_| round());
    assert_eq!(allocations(|| (0..200).for_each(|_| round())), 0);
}

#[test]
fn a_training_step_with_all_options() {
    let loss = SoftmaxCrossEntropy::new().weights([1.5; 10]).label_smoothing(0.1).ignore(3);
    steady(Adam::new(1e-3), |logits, labels| loss.of(logits, labels).to_scalar());
}

#[test]
fn a_training_step_with_one_layer_of_another_loss() {
    steady(Adam::new(1e-3), |logits, _| logits.square().mean());
    let zeros = [0.0f32; 320];
    steady(Sgd::new(0.01), |y, labels| y.mse(&zeros[..10 * labels.len()]));
    steady(Sgd::new(0.01), |y, labels| y.sigmoid_cross_entropy(&zeros[..10 * labels.len()]));
}

#[test]
fn a_training_step_that_threads_share() {
    tape::set_threads(2);
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[300, 300, 300], Activation::Relu);
    let x = ndarray::Array2::<f32>::from_shape_fn((128, 300), |(i, j)| ((i * j) % 7) as f32 - 3.0);
    let labels: Vec<usize> = (0..128).collect();
    let (mut tape, mut optim) = (Tape::new(), Sgd::new(0.01));
    let mut step = || {
        let net = params.on(&tape);
        let grads = net.backward(model.forward(&net, tape.constant(&x)).softmax_cross_entropy(&labels));
        tape.reset();
        optim.step(&mut params, &grads);
    };
    (0..5).for_each(|_| step());
    assert_eq!(allocations(|| (0..5).for_each(|_| step())), 0);
}

/// N6 of the benchmarks: two convolutions with their pools, and a layer.
#[test]
fn a_training_step_on_images() {
    for threads in [1, 2] {
        tape::set_threads(threads);
        let mut params = Params::<f32>::seeded(42);
        let shapes: [&[usize]; 6] = [&[8, 1, 3, 3], &[8], &[16, 8, 3, 3], &[16], &[784, 10], &[10]];
        let init = |k: usize| Init::Uniform { low: -0.1 / (k + 1) as f64, high: 0.1 };
        let ids = shapes.iter().enumerate().map(|(k, shape)| params.add(format!("{k}"), shape, init(k)));
        let ids: Vec<_> = ids.collect();
        let x = ndarray::Array4::<f32>::from_shape_fn((64, 1, 28, 28), |(n, _, y, x)| {
            ((n * 31 + y * 7 + x * x) % 11) as f32 - 5.0
        });
        let labels: Vec<usize> = (0..64).map(|k| k % 10).collect();
        let (mut tape, mut optim) = (Tape::new(), Sgd::new(0.01));
        let mut step = || {
            let net = params.on(&tape);
            let p = |k: usize| net.param(ids[k]);
            let (same, halves) = (tape::Convolution::new().padding(1), tape::Pool::new(2));
            let y = tape.constant(&x).conv2d(p(0), Some(p(1)), same).relu().max_pool2d(halves);
            let y = y.conv2d(p(2), Some(p(3)), same).relu().max_pool2d(halves);
            let logits = y.reshape(&[64, -1]).affine(p(4), p(5));
            let grads = net.backward(logits.softmax_cross_entropy(&labels));
            tape.reset();
            optim.step(&mut params, &grads);
        };
        (0..5).for_each(|_| step());
        assert_eq!(allocations(|| (0..5).for_each(|_| step())), 0, "{threads} threads");
    }
}

/// Records every operation, and sweeps, several times over; notes which of them ask for memory in the end.
#[derive(Default)]
struct Walker {
    looked_at: usize,
    greedy: Vec<String>,
}

impl Walk for Walker {
    fn visit<O: Listed>(&mut self) {
        for (k, Sample { operation, operands }) in O::samples().into_iter().enumerate() {
            let numbers: Vec<Vec<f64>> = operands.iter().map(numbers).collect();
            let leaf = |tape: &'_ Tape<f64>, k: usize| {
                tape.tensor((&operands[k].shape[..], &numbers[k][..])).node_id()
            };
            let mut tape = Tape::new();
            let ones = vec![1.0; 4096];
            let mut step = || {
                let leaves: [_; 8] = std::array::from_fn(|k| leaf(&tape, k.min(operands.len() - 1)));
                let leaves = leaves.map(|id| tape.tensor_by_id(id).expect("a leaf"));
                let output = tape.apply(operation.clone().operation(), &leaves[..operands.len()]);
                let output = output.expect("a sample fits");
                let seed = &ones[..output.value().len()];
                drop(output.backward_with((output.shape(), seed)));
                tape.reset();
            };
            (0..4).for_each(|_| step());
            self.looked_at += 1;
            let count = allocations(step);
            if count > 0 {
                self.greedy.push(format!("{} {k}: {count}", O::DESCRIPTION.name));
            }
        }
    }
}

/// Numbers for an operand.
fn numbers(Drawn { shape, numbers }: &Drawn) -> Vec<f64> {
    match numbers {
        Numbers::Given(numbers) => numbers.clone(),
        Numbers::Within(range) => {
            let len: usize = shape.iter().product();
            let step = (range.end() - range.start()) / (len + 1) as f64;
            (1..=len).map(|k| range.start() + step * k as f64).collect()
        }
    }
}

#[test]
fn every_operation_of_the_lists() {
    let mut walker = Walker::default();
    tape::walk_operations(&mut walker);
    nn::walk_operations(&mut walker);
    assert!(walker.looked_at > 100, "{} samples", walker.looked_at);
    assert!(walker.greedy.is_empty(), "allocations of a step: {:#?}", walker.greedy);
}

/// How many allocations of its thread there were at each step.
#[derive(Default)]
struct Steps(Vec<usize>);

impl nn::train::Observer for Steps {
    fn name(&self) -> &str {
        "steps"
    }
    fn step(&mut self, record: &nn::train::StepRecord) -> Result<nn::train::Flow, nn::train::TrainError> {
        if record.epoch == 3 {
            self.0.push(requests());
        }
        Ok(nn::train::Flow::Continue)
    }
}

/// Within an epoch, but for its last step, which keeps the parameters that it starts from. (With several shards on one
/// thread, gradients wait for one another, and the tape keeps the bookkeeping of one backward pass.)
#[test]
fn a_step_of_the_trainer() {
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 32, 10], Activation::Relu);
    let (train, _) = Dataset::digits().split(0.8, 42);
    let mut steps = Steps(Vec::with_capacity(100));
    let mut trainer = Trainer::classifier(&model, Adam::new(1e-3)).epochs(3).ahead(0).clip_norm(1.0);
    trainer = trainer.observe(&mut steps);
    trainer.fit(&mut params, &train).unwrap();
    drop(trainer);
    let (first, last) = (steps.0[0], steps.0[steps.0.len() - 2]);
    assert_eq!(last - first, 0, "{:?}", steps.0);
}
