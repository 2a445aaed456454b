//! Normalisations, attention and recurrent cells: values that are known, shapes that are refused, and what is agreed at
//! the edges.

use ndarray::{Array, array};
use tape::{AttentionMask, AttentionOptions, Error, RunningStatistics, Tape, Tensor};

/// The text of an error without the caller's line.
fn text<V>(result: Result<V, Error>) -> String {
    let Err(error) = result else { panic!("an error is wanted") };
    let text = error.to_string();
    text.split(" (at ").next().unwrap_or_default().to_owned()
}

fn zeros<'t>(tape: &'t Tape<f64>, shape: &[usize]) -> Tensor<'t> {
    tape.tensor(Array::<f64, _>::zeros(shape))
}

#[test]
fn normalisations_refuse_what_does_not_fit() {
    let tape = Tape::<f64>::new();
    let x = zeros(&tape, &[2, 3, 4]);
    let w = zeros(&tape, &[3]);
    assert_eq!(
        text(x.try_layer_norm(&[3], None, None, 0.1)),
        "layer_norm: [2, 3, 4]: the last axes must be those of the normalised shape [3]"
    );
    assert_eq!(
        text(x.try_layer_norm(&[4], None, Some(w), 0.1)),
        "layer_norm: [2, 3, 4] × [3]: the bias must have the shape [4], and has [3]"
    );
    assert_eq!(
        text(x.try_layer_norm(&[], None, None, 0.1)),
        "layer_norm: [2, 3, 4]: the normalised shape has no axes"
    );
    assert_eq!(
        text(zeros(&tape, &[2, 0]).try_rms_norm(&[0], None, 0.1)),
        "rms_norm: [2, 0]: the normalised shape [0] is empty"
    );
    assert_eq!(
        text(x.try_rms_norm(&[4], Some(w), -1.0)),
        "rms_norm: [2, 3, 4] × [3]: eps must be finite and not negative, and is -1"
    );
    assert_eq!(
        text(x.try_group_norm(2, None, None, 0.1)),
        "group_norm: [2, 3, 4]: 3 channels cannot be made 2 equal groups"
    );
    assert_eq!(
        text(x.try_group_norm(0, None, None, 0.1)),
        "group_norm: [2, 3, 4]: 3 channels cannot be made 0 equal groups"
    );
    assert_eq!(
        text(zeros(&tape, &[2, 3, 0]).try_group_norm(1, None, None, 0.1)),
        "group_norm: [2, 3, 0]: a group is empty"
    );
    assert_eq!(
        text(w.try_batch_norm(None, None, None, 0.1)),
        "batch_norm: [3]: samples and channels are wanted: [N, C, …]"
    );
    assert_eq!(
        text(zeros(&tape, &[0, 3]).try_batch_norm(None, None, None, 0.1)),
        "batch_norm: [0, 3]: the batch is empty: it has no mean"
    );
    assert_eq!(
        text(zeros(&tape, &[3, 0]).try_batch_norm(None, None, None, 0.1)),
        "batch_norm: [3, 0]: there are no channels"
    );
    let (low, two) = (tape.constant(array![1.0, -0.5, 1.0]), zeros(&tape, &[2]));
    assert_eq!(
        text(x.try_batch_norm_evaluation(w, low, None, None, 1.0)),
        "batch_norm_evaluation: [2, 3, 4] × [3] × [3]: the variance of channel 1 is -0.5, below 0"
    );
    assert_eq!(
        text(x.try_batch_norm_evaluation(two, low, None, None, 1.0)),
        "batch_norm_evaluation: [2, 3, 4] × [2] × [3]: the mean must have the shape [3], and has [2]"
    );
}

#[test]
fn running_statistics_stay_as_they_were_where_there_is_an_error() {
    let tape = Tape::<f64>::new();
    let mut running = RunningStatistics::new(2);
    let before = running.clone();
    let one = zeros(&tape, &[1, 2]);
    assert_eq!(
        text(one.try_batch_norm(Some(&mut running), None, None, 0.1)),
        "batch_norm: [1, 2]: one number for each channel: there is no unbiased variance for the running statistics"
    );
    let three = zeros(&tape, &[4, 3]);
    assert_eq!(
        text(three.try_batch_norm(Some(&mut running), None, None, 0.1)),
        "batch_norm: [4, 3]: running means of 2 and variances of 2 channels, in place of 3"
    );
    let two = zeros(&tape, &[4, 2]);
    assert!(two.try_batch_norm(Some(&mut running), None, None, -1.0).is_err());
    assert_eq!(running, before);
    assert_eq!(one.batch_norm(None, None, None, 0.1).value(), array![[0.0, 0.0]].into_dyn());
}

/// Rows, runs and columns are the same arithmetic: one group is a layer, a group for each channel of one sample a batch.
#[test]
fn normalisations_agree_with_one_another() {
    let tape = Tape::<f64>::new();
    let numbers = |n: usize| (0..n).map(|k| ((k * 7919 + 13) % 257) as f64 / 64.0 - 2.0).collect::<Vec<_>>();
    let x = tape.tensor(([3, 4, 50], numbers(600)));
    let layer = x.reshape(&[3, 200]).layer_norm(&[200], None, None, 1e-3);
    let group = x.group_norm(1, None, None, 1e-3).reshape(&[3, 200]);
    let columns = x.reshape(&[3, 200]).t().batch_norm(None, None, None, 1e-3).t();
    let runs = x.reshape(&[1, 3, 200]).batch_norm(None, None, None, 1e-3).reshape(&[3, 200]);
    let upstream = ([3, 200], numbers(601)[1..].to_vec());
    let want = layer.backward_with(upstream.clone());
    for y in [group, columns, runs] {
        assert!((&y.value() - &layer.value()).iter().all(|d| d.abs() < 1e-13));
        let got = y.backward_with(upstream.clone());
        assert!((&got.wrt(x) - &want.wrt(x)).iter().all(|d| d.abs() < 1e-13));
    }
}

#[test]
fn a_large_mean_does_not_cancel() {
    let tape = Tape::<f32>::new();
    let x = tape.tensor(([1, 4], vec![100_001.0, 100_002.0, 100_003.0, 100_004.0]));
    let y = x.layer_norm(&[4], None, None, 0.0);
    let want = [-1.341_640_8, -0.447_213_6, 0.447_213_6, 1.341_640_8f32];
    assert!(y.value().iter().zip(want).all(|(y, want)| (y - want).abs() < 1e-6), "{y}");
}

#[test]
fn attention_refuses_what_does_not_fit() {
    let tape = Tape::<f64>::new();
    let of = |shape: &[usize]| zeros(&tape, shape);
    let plain = AttentionOptions::default();
    let try_all = |q: &[usize], k: &[usize], v: &[usize], options| {
        let error = text(of(q).try_scaled_dot_product_attention(of(k), of(v), options));
        error.rsplit("]: ").next().unwrap_or_default().to_owned()
    };
    assert_eq!(
        try_all(&[3], &[2, 3], &[2, 3], plain),
        "queries, keys and values are matrices, or batches of them"
    );
    assert_eq!(try_all(&[2, 3], &[2, 4], &[2, 3], plain), "queries of 3 features and keys of 4");
    assert_eq!(try_all(&[2, 3], &[2, 3], &[4, 3], plain), "2 keys and 4 values");
    assert_eq!(try_all(&[5, 2, 3], &[2, 3], &[2, 3], plain), "the batch axes [5], [] and [] differ");
    assert_eq!(try_all(&[2, 0], &[2, 0], &[2, 3], plain), "queries and keys have no features");
    let mask = AttentionOptions { mask: Some(AttentionMask::Added(of(&[4, 2]))), ..plain };
    assert_eq!(
        try_all(&[2, 3], &[2, 3], &[2, 3], mask),
        "a mask of shape [4, 2] does not spread over [2, 2]"
    );
    let scale = AttentionOptions { scale: Some(f64::NAN), ..plain };
    assert_eq!(try_all(&[2, 3], &[2, 3], &[2, 3], scale), "the scale is not finite");
}

#[test]
fn masked_queries_give_zeros_and_large_scores_do_not_overflow() {
    let tape = Tape::<f64>::new();
    let q = tape.tensor(array![[1e4, 0.0], [1.0, 1.0]]);
    let v = tape.tensor(array![[1.0], [2.0]]);
    let mask = tape.constant(array![[1.0, 1.0], [0.0, 0.0]]);
    let allowed =
        AttentionOptions { mask: Some(AttentionMask::Allowed(mask)), ..AttentionOptions::default() };
    let y = q.scaled_dot_product_attention(q, v, allowed);
    assert_eq!(y.value(), array![[1.0], [0.0]].into_dyn());
    let grads = y.sum().backward();
    assert_eq!(grads.wrt(v), array![[1.0], [0.0]].into_dyn());
    assert_eq!(grads.wrt(q), array![[0.0, 0.0], [0.0, 0.0]].into_dyn());
    let inf = f64::INFINITY;
    let mask = tape.tensor(array![[0.0, 0.0], [-inf, -inf]]);
    let added = AttentionOptions { mask: Some(AttentionMask::Added(mask)), ..AttentionOptions::default() };
    let y = q.scaled_dot_product_attention(q, v, added);
    assert_eq!(y.value(), array![[1.0], [0.0]].into_dyn());
    assert_eq!(y.sum().backward().wrt(mask), array![[0.0, 0.0], [0.0, 0.0]].into_dyn());
    let none = zeros(&tape, &[0, 2]);
    let y = q.scaled_dot_product_attention(none, zeros(&tape, &[0, 1]), AttentionOptions::default());
    assert_eq!(y.value(), array![[0.0], [0.0]].into_dyn());
}

/// Large enough to be shared between threads.
#[test]
fn attention_has_the_same_bits_on_any_number_of_threads() {
    let numbers = |n: usize| (0..n).map(|k| ((k * 7919 + 13) % 257) as f32 / 128.0 - 1.0).collect::<Vec<_>>();
    let run = |threads| {
        tape::set_threads(threads);
        let tape = Tape::<f32>::new();
        let shape = [4, 3, 96, 64];
        let [q, k, v] = [1, 2, 3].map(|seed| {
            tape.tensor((shape, numbers(shape.iter().product::<usize>() + seed)[seed..].to_vec()))
        });
        let options = AttentionOptions { causal: true, ..AttentionOptions::default() };
        let y = q.scaled_dot_product_attention(k, v, options);
        let grads = y.square().sum().backward();
        [y.value().to_owned(), grads.wrt(q).to_owned(), grads.wrt(k).to_owned(), grads.wrt(v).to_owned()]
    };
    let one = run(1);
    assert_eq!(run(2), one);
    assert_eq!(run(3), one);
    tape::set_threads(0);
}

#[test]
fn cells_refuse_what_does_not_fit() {
    let tape = Tape::<f64>::new();
    let of = |shape: &[usize]| zeros(&tape, shape);
    let (x, h) = (of(&[2, 3]), of(&[2, 4]));
    let (w_ih, w_hh) = (of(&[16, 3]), of(&[16, 4]));
    let last = |text: String| text.rsplit("]: ").next().unwrap_or_default().to_owned();
    assert_eq!(
        last(text(x.try_lstm_cell((h, h), w_hh, w_hh, None, None))),
        "w_ih must have the shape [16, 3], and has [16, 4]"
    );
    assert_eq!(
        last(text(x.try_lstm_cell((h, x), w_ih, w_hh, None, None))),
        "c must have the shape [2, 4], and has [2, 3]"
    );
    assert_eq!(
        last(text(x.try_gru_cell(h, w_ih, w_hh, None, None))),
        "w_ih must have the shape [12, 3], and has [16, 3]"
    );
    assert_eq!(
        last(text(x.try_gru_cell(of(&[3, 4]), w_ih, w_hh, None, None))),
        "an input [N, I] and a state [N, H] are wanted, or [I] and [H]"
    );
    assert_eq!(
        last(text(x.try_lstm_cell((h, h), w_ih, w_hh, None, Some(x)))),
        "b_hh must have the shape [16], and has [2, 3]"
    );
    assert_eq!(last(text(x.try_gru_cell(of(&[2, 0]), w_ih, w_hh, None, None))), "the state has no numbers");
}

/// A cell is what its formula says, written with other operations.
#[test]
fn a_step_of_each_cell_from_its_parts() {
    let tape = Tape::<f64>::new();
    let leaf = |shape: [usize; 2], seed: usize| {
        tape.tensor((
            shape,
            (0..shape[0] * shape[1]).map(|k| ((k * 31 + seed) % 17) as f64 / 8.0 - 1.0).collect::<Vec<_>>(),
        ))
    };
    let (x, h, c) = (leaf([2, 3], 1), leaf([2, 5], 2), leaf([2, 5], 3));
    let (w_ih, w_hh) = (leaf([20, 3], 4), leaf([20, 5], 5));
    let bias = leaf([1, 20], 6).reshape(&[20]);
    let sums = x.matmul(w_ih.t()) + h.matmul(w_hh.t()) + bias;
    let gate = |k: usize| sums.slice(&[(..).into(), (5 * k..5 * k + 5).into()]);
    let next = gate(1).sigmoid() * c + gate(0).sigmoid() * gate(2).tanh();
    let state = gate(3).sigmoid() * next.tanh();
    let (got_state, got_next) = x.lstm_cell((h, c), w_ih, w_hh, Some(bias), None);
    let (want, got) = ((state * next).sum(), (got_state * got_next).sum());
    assert!((want.value() - got.value()).abs() < 1e-13);
    let (want, got) = (want.backward(), got.backward());
    for leaf in [x, h, c, w_ih, w_hh, bias] {
        assert!((&want.wrt(leaf) - &got.wrt(leaf)).iter().all(|d| d.abs() < 1e-13));
    }
}
