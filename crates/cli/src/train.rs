//! `chainrule train`: a network, an optimiser, and the loop.

use std::io::Write;

use nn::{Dataset, Generator, Layer, Losses, Mlp, Params, metrics};
use tape::Tape;

use crate::args::{Batch, TrainArgs};
use crate::data::Data;
use crate::epoch::Epoch;
use crate::fault::Fault;
use crate::optimizer;
use crate::progress::Progress;

/// The stream of the seed that shuffles; the split and the first weights come from stream 0.
const SHUFFLES: u64 = 1;

/// Runs the command.
pub(crate) fn run(args: &TrainArgs, out: &mut impl Write) -> Result<(), Fault> {
    let mut data = Data::load(args)?;
    let (mut optimizer, method) = optimizer::build(args)?;
    let widths = [&[data.train.width()], &args.hidden.0[..], &[data.train.classes()]].concat();
    let mut params = Params::<f32>::seeded(args.seed);
    let model = Mlp::try_new(&mut params, &widths, args.activation).map_err(|error| Fault::engine(&error))?;
    let batch = match args.batch {
        Batch::Full => data.train.len(),
        Batch::Rows(rows) => rows.get().min(data.train.len()),
    };

    let epochs = args.epochs.get();
    let s = if epochs == 1 { "" } else { "s" };
    let layers: Vec<String> = widths.iter().map(ToString::to_string).collect();
    let hidden = if args.hidden.0.is_empty() { "linear".to_owned() } else { args.activation.to_string() };
    writeln!(out, "data       {}", data.describe())?;
    writeln!(out, "network    {}, {}: {} parameters", layers.join("-"), hidden, params.count())?;
    writeln!(out, "optimizer  {method}, batches of {batch}, {epochs} epoch{s}, seed {}\n", args.seed)?;

    let mut progress = Progress::new(out, data.train.len().div_ceil(batch).saturating_mul(epochs));
    let mut shuffles = Generator::with_stream(args.seed, SHUFFLES);
    let mut tape = Tape::new();
    let mut tested = 0.0;
    for number in 1..=epochs {
        data.train.shuffle(&mut shuffles);
        let mut epoch = Epoch::default();
        for (x, labels) in data.train.batches(batch) {
            let net = params.on(&tape);
            let loss = model.forward(&net, tape.constant(x)).softmax_cross_entropy(labels);
            let grads = net.backward(loss);
            epoch.add(loss.value(), &grads, labels.len());
            tape.reset();
            optimizer.step(&mut params, &grads);
            progress.step();
        }
        if !epoch.loss().is_finite() {
            return Err(Fault::input(format!(
                "the loss is {} in epoch {number}: a smaller --rate may help",
                epoch.loss()
            )));
        }
        let trained = accuracy(&model, &params, &data.train, &mut tape);
        tested = accuracy(&model, &params, &data.test, &mut tape);
        if number == 1 {
            progress.line(&epoch.titles())?;
        }
        progress.line(&epoch.line(number, trained, tested))?;
    }
    progress.line(&format!("\ntest accuracy: {tested:.4}"))?;
    Ok(())
}

/// The part of the rows that the network puts into the right class.
fn accuracy(model: &Mlp, params: &Params<f32>, data: &Dataset, tape: &mut Tape<f32>) -> f64 {
    /// Enough to be fast, and few enough for the memory of any data set that itself fits.
    const PIECE: usize = 1024;
    let mut right = 0.0;
    for (x, labels) in data.batches(PIECE) {
        let logits = model.forward(&params.on(tape), tape.constant(x));
        right += metrics::accuracy(logits.value(), labels) * labels.len() as f64;
        tape.reset();
    }
    right / data.len() as f64
}
