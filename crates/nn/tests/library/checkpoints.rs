//! Checkpoints: what goes in comes out, bit for bit, and a training that was stopped goes on as if it had not been.

use nn::checkpoint::{Checkpoint, CheckpointErrorKind, Format, Mismatch, Position};
use nn::prelude::*;
use nn::{Architecture, Generator, OptimizerState, Role, Slot, Training};
use proptest::prelude::*;
use tape::Tape;

fn network(seed: u64) -> (Params<f32>, nn::layers::Network<f32>) {
    let mut params = Params::seeded(seed);
    let text = "cnn 1x8x8: conv 4x3 bn relu, pool 2, dropout 0.3, linear 10";
    let model = Architecture::parse(text).unwrap().build(&mut params).unwrap();
    (params, model)
}

/// Steps on the digits, from one step to another, with the random numbers of the training.
fn steps(
    range: std::ops::Range<usize>,
    params: &mut Params<f32>,
    model: &dyn Layer<f32>,
    optim: &mut Adam<f32>,
    generator: Generator,
) -> Generator {
    let digits = Dataset::digits();
    let training = Training::with_generator(generator);
    let mut tape = Tape::new();
    for (x, labels) in digits.batches(32).skip(range.start).take(range.len()) {
        let net = params.on(&tape).training(&training);
        let loss = model.forward(&net, tape.constant(x)).softmax_cross_entropy(labels);
        let grads = net.backward(loss);
        tape.reset();
        optim.step(params, &grads);
    }
    training.generator().clone()
}

/// Weights, moments, running statistics, and the random numbers of dropout: all go on where they were.
#[test]
fn a_resumed_training_equals_one_that_was_not_stopped() {
    let (mut whole, model) = network(42);
    let mut optim = Adam::new(1e-2);
    steps(0..20, &mut whole, &model, &mut optim, Generator::with_stream(42, 2));

    let (mut params, model) = network(42);
    let mut first = Adam::new(1e-2);
    let generator = steps(0..9, &mut params, &model, &mut first, Generator::with_stream(42, 2));
    let bytes = Checkpoint::new()
        .with_params(&params)
        .with_optimizer(&first.state(&params))
        .with_generator("dropout", &generator)
        .to_bytes();

    let (mut params, model) = network(7);
    let checkpoint = Checkpoint::from_bytes(&bytes).unwrap();
    checkpoint.restore_params(&mut params).unwrap();
    let mut second = Adam::new(0.5); // the rate is part of the state
    second.restore(&params, &checkpoint.optimizer_state().unwrap()).unwrap();
    steps(9..20, &mut params, &model, &mut second, checkpoint.generator("dropout").unwrap());
    assert!(params.to_bytes() == whole.to_bytes());
    assert_eq!(second.state(&params), optim.state(&whole));
}

#[test]
fn parameters_come_back_with_their_roles_and_their_generator() {
    let mut params = Params::<f64>::seeded(42);
    let [frozen, free] = ["a\"\n", "b"].map(|name| params.add(name, &[2], Init::HeNormal));
    params.insert_buffer("running_mean", ([2], vec![f64::NEG_INFINITY, -0.0]));
    params.freeze(frozen);
    let bytes = Checkpoint::new().with_params(&params).to_bytes();
    let checkpoint = Checkpoint::from_bytes(&bytes).unwrap();

    let mut again = Params::<f64>::seeded(7);
    let ids = ["a\"\n", "b"].map(|name| again.add(name, &[2], Init::Zeros));
    again.insert_buffer("running_mean", ([2], vec![0.0; 2]));
    again.freeze(ids[1]);
    checkpoint.restore_params(&mut again).unwrap();
    assert_eq!(ids.map(|id| again.role(id)), [frozen, free].map(|id| params.role(id)));
    assert_eq!(again.role(again.find("running_mean").unwrap()), Role::Buffer);
    assert_eq!(again.to_bytes(), params.to_bytes());
    // What is added from here on begins with the same numbers, too.
    let more = [&mut params, &mut again].map(|params| {
        let id = params.add("more", &[5], Init::HeNormal);
        params.values(id).to_vec()
    });
    assert_eq!(more[0], more[1]);
}

#[test]
fn weights_alone_are_loaded_from_a_checkpoint() {
    let (params, _) = network(42);
    let checkpoint = Checkpoint::new().with_params(&params).with_numbers("loss", &[0.5]);
    let (mut other, _) = network(7);
    other.load_bytes(&checkpoint.to_bytes()).unwrap();
    assert!(other.to_bytes() == params.to_bytes());
    let mut square = Params::<f32>::seeded(42);
    Linear::named(&mut square, "square", 3, 3, Init::HeNormal).unwrap();
    square.clone().load_bytes(&Checkpoint::new().with_params(&square).to_bytes()).unwrap();
    let torch = other.load_bytes_as(&checkpoint.to_bytes(), &Format::torch()).unwrap_err();
    assert_eq!(torch.kind(), CheckpointErrorKind::Layout);
}

#[test]
fn all_that_does_not_fit_is_listed_and_nothing_is_changed() {
    let mut saved = Params::<f32>::seeded(42);
    let slot = |parameter: &str, numbers: usize| Slot {
        parameter: parameter.into(),
        steps: 1,
        arrays: vec![("velocity".into(), vec![1.5f32; numbers])],
    };
    saved.add("same", &[2], Init::HeNormal);
    saved.add("shape", &[2, 3], Init::HeNormal);
    saved.add("gone", &[1], Init::HeNormal);
    let slots = vec![slot("shape", 6), slot("same", 2)];
    let state = OptimizerState { method: "sgd".into(), learning_rate: 0.1, slots };
    let bytes = Checkpoint::new().with_params(&saved).with_optimizer(&state).to_bytes();
    let path = std::env::temp_dir().join(format!("chainrule-mismatch-{}.safetensors", std::process::id()));
    std::fs::write(&path, &bytes).unwrap();

    let mut params = Params::<f64>::seeded(7);
    params.add("same", &[2], Init::HeNormal);
    params.add("shape", &[3, 2], Init::HeNormal);
    params.add("new", &[1], Init::HeNormal);
    let before = params.to_bytes();
    let checkpoint = Checkpoint::read(&path).unwrap();
    let error = checkpoint.restore_params(&mut params).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "{}: 5 tensors do not fit, nothing was changed:\n  \
             \"same\": dtype F64 is expected, found F32\n  \
             \"shape\": shape [3, 2] is expected, found [2, 3]\n  \
             \"shape\": dtype F64 is expected, found F32\n  \
             \"new\": missing in the file\n  \
             \"gone\": in the file, but nothing has this name",
            path.display()
        )
    );
    assert_eq!(error.mismatches()[3], Mismatch::Missing { name: "new".into() });
    assert_eq!(params.to_bytes(), before);
    let text = checkpoint.optimizer_state::<f64>().unwrap_err().to_string();
    assert!(text.ends_with("\"optimizer.velocity.same\": dtype F64 is expected, found F32"), "{text}");
    assert_eq!(checkpoint.optimizer_state::<f32>().unwrap(), state); // the order of the slots too
    assert_eq!(params.load(&path).unwrap_err().to_string(), error.to_string());
    std::fs::remove_file(path).unwrap();
}

#[test]
fn what_is_not_in_it() {
    let empty = Checkpoint::from_bytes(&Checkpoint::new().to_bytes()).unwrap();
    assert_eq!(
        (empty.numbers("x"), empty.counts("x"), empty.generator("x"), empty.text("x")),
        (None, None, None, None)
    );
    assert_eq!(empty.position(), Position::default());
    let error = empty.optimizer_state::<f32>().unwrap_err();
    assert_eq!(
        (error.kind(), &error.to_string()[..]),
        (CheckpointErrorKind::Absent, "there is no state of an optimiser in it")
    );
    // Our own texts are not the user's.
    let full = Checkpoint::new().with_params(&network(1).0);
    assert_eq!(full.text("chainrule.frozen"), None);
}

/// The bytes of a checkpoint with one text for another.
fn changed(checkpoint: &Checkpoint, from: &str, to: &str) -> String {
    assert_eq!(from.len(), to.len());
    let mut bytes = checkpoint.to_bytes();
    let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).expect("it is there");
    bytes[at..at + from.len()].copy_from_slice(to.as_bytes());
    let error = Checkpoint::from_bytes(&bytes).unwrap_err();
    let version = from.contains("chainrule.checkpoint\":");
    let kind = if version { CheckpointErrorKind::Version } else { CheckpointErrorKind::Format };
    assert_eq!(error.kind(), kind, "{error}");
    error.to_string()
}

#[test]
fn a_checkpoint_that_is_none_or_of_another_version() {
    let state = OptimizerState {
        method: "sgd".into(),
        learning_rate: 0.1,
        slots: vec![Slot {
            parameter: "w".into(),
            steps: 1,
            arrays: vec![("velocity".into(), vec![1.5f32])],
        }],
    };
    let checkpoint = Checkpoint::new()
        .with_optimizer(&state)
        .with_counts("seen", &[1])
        .with_generator("shuffle", &Generator::seeded(1))
        .with_position(Position { epoch: 1, batch: 2, step: 3 });
    assert_eq!(
        changed(&checkpoint, "chainrule.checkpoint\":\"1\"", "chainrule.checkpoint\":\"9\""),
        "a checkpoint of version \"1\" is expected, found \"9\""
    );
    assert_eq!(
        changed(&checkpoint, "chainrule.checkpoint", "chainrule.checkpoinT"),
        "a checkpoint is expected, found a safetensors file without \"chainrule.checkpoint\" in its metadata; weights \
         alone are read with Params::load"
    );
    assert_eq!(
        changed(&checkpoint, "counts.seen", "counts_seen"),
        "a checkpoint has no tensor \"counts_seen\""
    );
    assert_eq!(
        changed(&checkpoint, "counts.seen", "numbers.see"),
        "\"numbers.see\": F64 [1] is expected, found U64 [1]"
    );
    assert_eq!(
        changed(
            &checkpoint,
            "chainrule.position\":{\"dtype\":\"U64\",\"shape\":[3]",
            "generator.position\":{\"dtype\":\"U64\",\"shape\":[3]"
        ),
        "\"generator.position\": U64 [4] is expected, found U64 [3]"
    );
    assert_eq!(
        changed(&checkpoint, "optimizer.velocity.w", "optimizer.velocity.v"),
        "the state of the optimiser lacks \"optimizer.velocity.w\""
    );
    assert_eq!(
        changed(&checkpoint, "steps", "stepz"),
        "the state of the optimiser has an unknown entry \"stepz\""
    );
}

#[test]
#[should_panic(
    expected = "\"format\", and what begins with \"chainrule.\", is kept for the library: \"chainrule.x\""
)]
fn names_of_the_library_are_kept() {
    let _ = Checkpoint::new().with_text("chainrule.x", "");
}

fn any_bits() -> impl Strategy<Value = Vec<f64>> {
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 0.0, f64::MIN_POSITIVE, 5e-324, f64::MAX];
    prop::collection::vec(
        prop_oneof![any::<u64>().prop_map(f64::from_bits), prop::sample::select(odd.to_vec())],
        0..20,
    )
}

proptest! {
    /// Numbers of any bits, names and texts of any characters.
    #[test]
    fn what_goes_in_comes_out(
        numbers in any_bits(),
        counts in prop::collection::vec(any::<u64>(), 0..5),
        name in any::<String>(),
        text in any::<String>(),
        method in any::<String>(),
        place in (any::<u64>(), any::<u64>(), 0u128..1 << 68),
        position in (any::<u64>(), any::<u64>(), any::<u64>()),
    ) {
        prop_assume!(name != "format" && !name.starts_with("chainrule."));
        let generator = Generator::with_stream(place.0, place.1).at(place.2);
        let (epoch, batch, step) = position;
        let position = Position { epoch, batch, step };
        let slots = vec![Slot { parameter: name.clone(), steps: place.0, arrays: vec![(text.clone(), numbers.clone())] }];
        let learning_rate = numbers.first().copied().unwrap_or(0.1);
        let checkpoint = Checkpoint::new()
            .with_numbers(&name, &numbers)
            .with_counts(&name, &counts)
            .with_text(&name, &text)
            .with_generator(&name, &generator)
            .with_optimizer(&OptimizerState { method: method.clone(), learning_rate, slots })
            .with_position(position);
        let bytes = checkpoint.to_bytes();
        let again = Checkpoint::from_bytes(&bytes).unwrap();
        let bits = |numbers: &[f64]| numbers.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(&again.numbers(&name).unwrap()), bits(&numbers));
        prop_assert_eq!(again.counts(&name), Some(counts));
        prop_assert_eq!(again.text(&name), Some(&text[..]));
        prop_assert_eq!(again.generator(&name), Some(generator));
        prop_assert_eq!(again.position(), position);
        let state = again.optimizer_state::<f64>().unwrap();
        prop_assert_eq!((state.method, state.learning_rate.to_bits()), (method, learning_rate.to_bits()));
        let Slot { parameter, steps, arrays } = &state.slots[0];
        prop_assert_eq!((parameter, *steps, &arrays[0].0), (&name, place.0, &text));
        prop_assert_eq!(bits(&arrays[0].1), bits(&numbers));
        prop_assert_eq!(again.to_bytes(), bytes);
    }
}
