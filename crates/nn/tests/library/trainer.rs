//! Trainings: the same bits for any number of threads, and steps that are what a loop by hand would take.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ndarray::{Array1, Array2};
use nn::data::{Classes, Values};
use nn::layers::{BatchNorm, Dropout};
use nn::prelude::*;
use nn::train::{Checkpoints, EpochRecord, Flow, Observer, StepRecord, TrainError};
use nn::{Generator, Lbfgs, data};

/// A network whose layers draw random numbers and observe batches.
fn restless(params: &mut Params<f32>) -> Sequential<f32> {
    let first = Linear::new(params, 64, 24);
    let norm = BatchNorm::new(params, 24);
    let last = Linear::new(params, 24, 10);
    Sequential::new().then(first).then(norm).then(Activation::Relu).then(Dropout::new(0.3)).then(last)
}

/// What is to be the same, but for the time.
fn timeless(records: &[EpochRecord]) -> Vec<EpochRecord> {
    records.iter().map(|record| EpochRecord { seconds: 0.0, ..record.clone() }).collect()
}

/// Every step.
#[derive(Default)]
pub(crate) struct Steps(pub(crate) Vec<StepRecord>);

impl Observer for Steps {
    fn name(&self) -> &str {
        "steps"
    }
    fn step(&mut self, record: &StepRecord) -> Result<Flow, TrainError> {
        self.0.push(record.clone());
        Ok(Flow::Continue)
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let (train, test) = Dataset::digits().split(0.45, 42); // 808 rows: 25 batches of 32, and one of 8
    for shards in [1, 3, 4] {
        let run = |threads: usize| {
            let mut params = Params::<f32>::seeded(42);
            let model = restless(&mut params);
            let mut steps = Steps::default();
            let mut trainer = Trainer::classifier(&model, Adam::new(5e-3))
                .epochs(2)
                .batch(32)
                .shards(shards)
                .threads(threads)
                .validate(&test)
                .training_metrics(true)
                .observe(&mut steps);
            let report = trainer.fit(&mut params, &train).unwrap();
            drop(trainer);
            (params.to_bytes(), timeless(&report.epochs), report.validation, steps.0)
        };
        let alone = run(1);
        assert_eq!(alone.3.len(), 52);
        assert!(alone.1[1].get("accuracy").unwrap() > 0.8);
        for threads in 2..=4 {
            let together = run(threads);
            assert!(alone == together, "{threads} threads, {shards} shards");
        }
    }
}

/// The trainer with one shard takes the steps that the loop of the documentation takes.
#[test]
fn a_step_is_that_of_a_loop_by_hand() {
    let (train, _) = Dataset::digits().split(0.5, 42);
    let widths = [64, 16, 10];
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &widths, Activation::Tanh);
    let mut by_hand = params.clone();
    Trainer::classifier(&model, Adam::new(1e-2)).epochs(2).seed(7).fit(&mut params, &train).unwrap();

    let (mut tape, mut optim) = (tape::Tape::new(), Adam::new(1e-2));
    let loader = Loader::new(&train, 32).shuffle(7);
    for batch in (1..=2).flat_map(|epoch| loader.epoch(epoch)) {
        let net = by_hand.on(&tape);
        let loss = model.forward(&net, tape.constant(batch.features())).softmax_cross_entropy(batch.labels());
        let grads = net.backward(loss);
        tape.reset();
        optim.step(&mut by_hand, &grads);
    }
    assert_eq!(params.to_bytes(), by_hand.to_bytes());
}

/// Shards and accumulated batches give the gradient of the whole, up to rounding.
#[test]
fn shards_and_accumulation_are_one_large_batch() {
    let (train, _) = Dataset::digits().split(0.5, 42);
    let train = train.select(&(0..290).collect::<Vec<_>>()); // in batches of 30: the last group has one of 20
    let weights = |batch: usize, shards: usize, accumulate: usize| {
        let mut params = Params::<f32>::seeded(42);
        let model = Mlp::new(&mut params, &[64, 10], Activation::Tanh);
        let trainer = Trainer::classifier(&model, Sgd::new(0.5)).epochs(2).batch(batch);
        let report = trainer.shards(shards).accumulate(accumulate).fit(&mut params, &train).unwrap();
        (params.values(model.layers()[0].weight).to_vec(), report.steps, report.epochs[1].loss)
    };
    let (whole, steps, loss) = weights(90, 1, 1);
    for (batch, shards, accumulate) in [(90, 4, 1), (30, 1, 3), (30, 7, 3)] {
        let (parts, parts_steps, parts_loss) = weights(batch, shards, accumulate);
        assert_eq!(parts_steps, steps);
        assert!((parts_loss - loss).abs() < 1e-6, "{parts_loss} {loss}");
        let furthest = whole.iter().zip(&parts).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(furthest < 2e-6, "{furthest}: {batch} rows, {shards} shards, {accumulate} batches");
    }
}

/// All shards together move the running statistics as far as one batch: `(1 − m)` of the old is left.
#[test]
fn shards_move_running_statistics_as_far_as_a_batch() {
    let features =
        Array2::from_elem((12, 2), 3.0) + Array2::from_shape_fn((12, 2), |(row, _)| (row % 2) as f32);
    let data = Dataset::new(features, vec![0; 12], ["a"]).unwrap();
    for shards in [1, 2, 3] {
        let mut params = Params::<f32>::seeded(42);
        let norm = BatchNorm::new(&mut params, 2);
        let last = Linear::new(&mut params, 2, 1);
        let model = Sequential::new().then(norm).then(last);
        let mut trainer = Trainer::<Classes>::new(&model, Sgd::new(0.0), |y, _| y.square().mean());
        trainer = trainer.epochs(1).batch(12).shuffle(false).shards(shards);
        trainer.fit(&mut params, &data).unwrap();
        // Every shard has the mean 3.5, and the momentum is 0.1.
        let mean = params.values(norm.running_mean)[0];
        assert!((mean - 0.35).abs() < 1e-6, "{mean} with {shards} shards");
    }
}

#[test]
fn a_panic_of_a_thread_reaches_the_caller_with_its_text() {
    let digits = Dataset::digits();
    for threads in [1, 3] {
        let mut params = Params::<f32>::seeded(42);
        let model = Mlp::new(&mut params, &[65, 10], Activation::Tanh);
        let mut trainer = Trainer::classifier(&model, Sgd::new(0.5)).shards(3).threads(threads);
        let panic = catch_unwind(AssertUnwindSafe(|| trainer.fit(&mut params, &digits))).unwrap_err();
        let text = panic.downcast_ref::<String>().unwrap();
        assert!(text.contains("[10, 64]") && text.contains("[65, 10]"), "{text}");
    }
}

#[test]
fn gradients_are_clipped_by_norm_and_by_value() {
    let data = Dataset::regression(Array2::ones((4, 1)), Array1::from_elem(4, 100.0)).unwrap();
    let change = |clip: fn(Trainer<'_, Values>) -> Trainer<'_, Values>| {
        let mut params = Params::<f32>::seeded(42);
        let model = Linear::new(&mut params, 1, 1);
        params.set(model.weight, ndarray::array![[0.0f32]]);
        let mut steps = Steps::default();
        let mut trainer = clip(Trainer::regressor(model, Sgd::new(1.0)).epochs(1)).observe(&mut steps);
        trainer.fit(&mut params, &data).unwrap();
        drop(trainer);
        // Weight and bias have the gradient 2 · (0 − 100) each: the norm is 200 √2.
        assert!((steps.0[0].gradient_norm - 200.0 * 2f64.sqrt()).abs() < 1e-3);
        params.values(model.weight)[0]
    };
    assert_eq!(change(|trainer| trainer), 200.0);
    assert!((change(|trainer| trainer.clip_norm(2.0)) - 2f32.sqrt()).abs() < 1e-6);
    assert_eq!(change(|trainer| trainer.clip_norm(1e6)), 200.0);
    assert_eq!(change(|trainer| trainer.clip_value(3.0)), 3.0);
    assert!((change(|trainer| trainer.clip_value(3.0).clip_norm(2.0)) - 2f32.sqrt()).abs() < 1e-6);
}

#[test]
fn records_say_what_the_layers_do() {
    let data = Dataset::regression(Array2::ones((4, 1)), Array1::from_elem(4, 1.0)).unwrap();
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[1, 1, 1], Activation::Identity);
    params.ids().collect::<Vec<_>>().into_iter().for_each(|id| params.values_mut(id)[0] = 0.5);
    let report = Trainer::regressor(&model, Sgd::new(0.125)).epochs(1).fit(&mut params, &data).unwrap();
    let record = &report.epochs[0];
    // y = 0.5 (0.5 x + 0.5) + 0.5 = 1: no error, no gradient. Then x = 1 gives the target 1 exactly.
    assert_eq!((record.loss, record.layers.len(), record.epoch, record.step), (0.0, 2, 1, 1));
    assert!(record.layers.iter().all(|layer| layer.gradient_norm == 0.0 && layer.update_ratio == 0.0));

    let data = Dataset::regression(Array2::ones((4, 1)), Array1::from_elem(4, 0.0)).unwrap();
    let report = Trainer::regressor(&model, Sgd::new(0.125)).epochs(1).fit(&mut params, &data).unwrap();
    // dy = 2: the layers have the gradients (dy/2, dy/2) and (dy · 1, dy), and parameters of the norm √½.
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-6, "{a} {b}");
    for (layer, (name, norm)) in
        report.epochs[0].layers.iter().zip([("layers.0", 2f64.sqrt()), ("layers.1", 8f64.sqrt())])
    {
        assert_eq!(layer.name, name);
        close(layer.gradient_norm, norm);
        close(layer.update_ratio, 0.125 * norm / 0.5f64.sqrt());
    }
    assert_eq!(report.epochs[0].get("loss"), Some(1.0));
}

#[test]
fn two_classes_with_one_output_and_numbers_with_their_scores() {
    let x = Array2::from_shape_fn((40, 1), |(row, _)| row as f32 / 20.0 - 1.0);
    let labels = (0..40).map(|row| usize::from(row >= 20)).collect();
    let data = Dataset::new(x.clone(), labels, ["low", "high"]).unwrap();
    let mut params = Params::<f32>::seeded(42);
    let model = Linear::new(&mut params, 1, 1);
    let mut trainer = Trainer::classifier(model, Adam::new(0.1)).epochs(60).batch(8).validate(&data);
    let validation = trainer.fit(&mut params, &data).unwrap().validation.unwrap();
    assert!(validation.get("accuracy").unwrap() > 0.97 && validation.loss < 0.3, "{validation:?}");

    let data = Dataset::regression(x.clone(), x.column(0).mapv(|x| 2.0 * x + 1.0)).unwrap();
    let mut trainer = Trainer::regressor(model, Adam::new(0.1)).epochs(60).batch(8).validate(&data);
    let validation = trainer.fit(&mut params, &data).unwrap().validation.unwrap();
    assert!(validation.get("r2").unwrap() > 0.999, "{validation:?}");
    assert!((validation.get("rmse").unwrap().powi(2) - validation.loss).abs() < 1e-6);
}

#[test]
fn what_cannot_be_is_said_and_nothing_is_changed() {
    let digits = Dataset::digits();
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 10], Activation::Tanh);
    let before = params.to_bytes();
    let mut text = |change: &dyn Fn(Trainer<'static>) -> Trainer<'static>, data: &Dataset| {
        let mut trainer = change(Trainer::classifier(model.clone(), Sgd::new(0.1)));
        trainer.fit(&mut params, data).unwrap_err().to_string()
    };
    let none = digits.select(&[]);
    assert_eq!(text(&|t| t.batch(0), &digits), "trainer: a batch of 0 rows never ends");
    assert_eq!(text(&|t| t.accumulate(0), &digits), "trainer: a step of 0 batches learns nothing");
    assert_eq!(text(&|t| t.shards(0), &digits), "trainer: a batch of 0 shards has no rows");
    assert_eq!(
        text(&|t| t.shards(65_537), &digits),
        "trainer: at most 65536 shards are expected, found 65537"
    );
    assert_eq!(
        text(&|t| t.clip_norm(0.0), &digits),
        "trainer: a norm above 0 is expected to clip at, found 0"
    );
    let wanted = "trainer: a value above 0 is expected to clip at, found NaN";
    assert_eq!(text(&|t| t.clip_value(f64::NAN), &digits), wanted);
    assert_eq!(text(&|t| t, &none), "trainer: training data: there are no rows");
    let wanted = "trainer: training data: rows of 64 numbers do not have the input shape [1, 28, 28]";
    assert_eq!(text(&|t| t.input_shape(&[1, 28, 28]), &digits), wanted);
    let wanted = "trainer: 1797 rows do not fill a batch of 2000, and the rest is dropped";
    assert_eq!(text(&|t| t.batch(2000).drop_last(true), &digits), wanted);
    let wanted = "random shift: a sample of the shape [channels, height, width] is expected, found [4]";
    assert_eq!(text(&|t| t.augment(data::RandomShift::new(1)), &Dataset::iris()), wanted);
    assert_eq!(params.to_bytes(), before);
}

#[test]
fn images_and_augmentations() {
    let (train, test) = Dataset::digits().split(0.5, 42);
    let run = |threads: usize| {
        let mut params = Params::<f32>::seeded(42);
        let model = Cnn::new([1, 8, 8], 10).conv(4, 3).pool(2).dropout(0.1).build(&mut params);
        let noise = |sample: &mut [f32], generator: &mut Generator| sample[0] = generator.uniform() as f32;
        let mut trainer = Trainer::classifier(&model, Adam::new(0.01)).epochs(1).input_shape(&[1, 8, 8]);
        trainer = trainer.augment(noise).shards(2).threads(threads).ahead(threads - 1);
        let report = trainer.validate(&test).fit(&mut params, &train).unwrap();
        (params.to_bytes(), timeless(&report.epochs))
    };
    let one = run(1);
    assert!(one.1[0].get("accuracy").unwrap() > 0.5, "{:?}", one.1);
    assert!(one == run(2));
}

#[test]
fn the_learning_rate_finder_changes_nothing() {
    let (train, _) = Dataset::digits().split(0.5, 42);
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 16, 10], Activation::Tanh);
    let run = |sweep: bool| {
        let mut params = params.clone();
        let mut trainer = Trainer::classifier(&model, Adam::new(1e-2)).epochs(1);
        trainer.fit(&mut params, &train).unwrap();
        if sweep {
            let curve = trainer.find_learning_rate(&params, &train, nn::train::Sweep::new()).unwrap();
            assert!(curve.points.len() > 50);
        }
        trainer.fit(&mut params, &train).unwrap();
        params.to_bytes()
    };
    assert!(run(true) == run(false));
}

/// In a trainer L-BFGS takes one iteration a step, from the whole data; it goes on from a checkpoint with the same bits.
#[test]
fn lbfgs_learns_from_whole_data() {
    // A plane, whose least squares have an exact answer.
    let x = Array2::from_shape_fn((32, 2), |(row, column)| ((7 * row + 5 * column) % 11) as f32 / 5.0 - 1.0);
    let y: Array1<f32> = x.rows().into_iter().map(|row| 3.0 * row[0] - 2.0 * row[1] + 0.5).collect();
    let data = Dataset::regression(x, y).unwrap();
    let file = std::env::temp_dir().join(format!("lbfgs-{}.safetensors", std::process::id()));
    let run = |epochs: usize, resume: bool| {
        let mut params = Params::<f32>::seeded(42);
        let model = Linear::new(&mut params, 2, 1);
        let mut trainer = Trainer::regressor(model, Lbfgs::new(1.0))
            .batch(32)
            .epochs(epochs)
            .observe(Checkpoints::new(&file));
        let report =
            if resume { trainer.resume(&mut params, &data, &file) } else { trainer.fit(&mut params, &data) };
        drop(trainer);
        (report.unwrap().epochs.last().unwrap().loss, params)
    };
    let (loss, params) = run(12, false);
    assert!(loss < 1e-8, "{loss}");
    let weights: Vec<f32> = params.ids().flat_map(|id| params.values(id).to_vec()).collect();
    assert!(weights.iter().zip([3.0, -2.0, 0.5]).all(|(w, wanted)| (w - wanted).abs() < 1e-3), "{weights:?}");

    let (early, _) = run(3, false);
    assert!(early > 10.0 * loss, "there is something left to do: {early}");
    let (_, resumed) = run(12, true);
    assert_eq!(resumed.to_bytes(), params.to_bytes());
    std::fs::remove_file(file).unwrap();
}
