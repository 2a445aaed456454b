//! `chainrule train`: data, a network, an optimiser, and those who look on.

use std::io::Write;
use std::path::Path;

use draw::TensorBoard;
use nn::checkpoint::Format;
use nn::data::{RandomFlip, RandomShift};
use nn::metrics::mean_and_deviation;
use nn::train::{Checkpoints, EarlyStopping, RatePoint, Report, Sweep, Watch};
use nn::{Dataset, Network, Params, Trainer};

use crate::args::TrainArgs;
use crate::data::{Loaded, Parts, Rows};
use crate::epoch::Lines;
use crate::fault::Fault;
use crate::files::{Files, Places};
use crate::interrupt::{Interrupt, Stopper};
use crate::live::{self, Live, Subject};
use crate::network;
use crate::notes::{Notes, Saved};
use crate::optimizer;
use crate::options::Options;
use crate::picture;
use crate::report::figure;
use crate::schedule;
use crate::task::Task;

/// Runs the command.
pub(crate) fn run(args: TrainArgs, given: &Options, out: &mut impl Write) -> Result<(), Fault> {
    let interrupt = Interrupt::watch()?;
    let resumed = args.resume.clone();
    let saved = resumed.as_deref().map(Saved::read).transpose()?;
    let (args, options) = match &saved {
        None => (args, given.clone()),
        Some(saved) => {
            let options = Options::load(saved)?.resumed(given)?;
            (options.args().map_err(|error| Fault::command_line(&error))?, options)
        }
    };
    if let Some(threads) = args.threads {
        tape::set_threads(threads.get());
    }
    let session = Session { args: &args, options: &options, saved: saved.as_ref(), interrupt };
    match Loaded::read(&args)? {
        Loaded::Classes(rows) => session.run(rows, out),
        Loaded::Values(rows) => session.run(rows, out),
    }
}

/// One call of the command.
struct Session<'a> {
    args: &'a TrainArgs,
    options: &'a Options,
    /// What it goes on from.
    saved: Option<&'a Saved<'a>>,
    interrupt: Interrupt,
}

impl Session<'_> {
    fn run<Y: Task>(&self, rows: Rows<Y>, out: &mut impl Write) -> Result<(), Fault> {
        let args = self.args;
        if let Some(count) = args.folds {
            return self.folds(&rows, count, out);
        }
        let parts = rows.split(args)?;
        if let Some(saved) = self.saved.filter(|saved| saved.get("rows").ok() != Some(&parts.fingerprint())) {
            let (data, path) = (args.data.display(), saved.path.display());
            return Err(Fault::input(format!("{data}: these are not the rows that {path} was trained on")));
        }
        let architecture = match self.saved {
            Some(saved) => saved.parse("architecture")?,
            None => network::architecture(args, parts.train.sample_shape(), Y::outputs(&parts.train))?,
        };
        let (network, mut params) = network::build(&architecture, args.seed)?;
        let trainer = self.trainer(&parts, &network)?;
        let files = Files::of(args)?;
        // All that can be refused has been, so that nothing is shown of a training that will not be.
        self.head(&parts, &parts.describe(), &network, &params, out)?;
        if args.summary {
            writeln!(out, "{}\n", nn::summary(&params, &network, parts.train.sample_shape()))?;
        }
        if args.find_rate {
            return find_rate(trainer, &parts.train, &params, out);
        }
        let notes = self.notes(&parts, &network);
        let report = self.train(trainer, files, &notes, &parts, (&network, &mut params), out)?;
        if let Some(reason) = &report.stopped {
            writeln!(out, "\n{reason}")?;
        }
        writeln!(out)?;
        for (name, value) in Y::figures(&parts, &network, &params)? {
            writeln!(out, "test {name}: {}", figure(value))?;
        }
        if let Some(path) = &args.export_torch {
            let format = Format::torch().of_network("layers");
            params.save_as(path, &format).map_err(Fault::input)?;
        }
        match &args.graph {
            Some(path) => {
                picture::of_network(args, &network, &params, &parts.train)?.save(path).map_err(Fault::input)
            }
            None => Ok(()),
        }
    }

    /// What is known before the training.
    fn head<Y: Task>(
        &self,
        parts: &Parts<Y>,
        data: &str,
        network: &Network<f32>,
        params: &Params<f32>,
        out: &mut impl Write,
    ) -> Result<(), Fault> {
        let args = self.args;
        let count = args.epochs.get();
        let epochs = if count == 1 { "1 epoch".to_owned() } else { format!("{count} epochs") };
        let (batch, seed) = (args.batch.of(parts.train.len()), args.seed);
        writeln!(out, "data       {data}")?;
        writeln!(out, "network    {} ({} parameters)", network.architecture(), params.count())?;
        let optimizer = optimizer::describe(args);
        Ok(writeln!(out, "optimizer  {optimizer}, batches of {batch}, {epochs}, seed {seed}\n")?)
    }

    /// The training as it was asked for, without those who look on.
    fn trainer<'t, Y: Task>(
        &self,
        parts: &'t Parts<Y>,
        network: &'t Network<f32>,
    ) -> Result<Trainer<'t, Y>, Fault> {
        let args = self.args;
        let batch = args.batch.of(parts.train.len());
        let mut trainer = Y::trainer(args, network, optimizer::build(args)?, &parts.train)?
            .epochs(args.epochs.get())
            .batch(batch)
            .seed(args.seed)
            .accumulate(args.accumulate.get())
            .shards(args.shards.get())
            .threads(args.threads.map_or(0, usize::from))
            .validate(parts.validation());
        if let Some(norm) = args.clip_norm {
            trainer = trainer.clip_norm(norm);
        }
        if let Some(augmentation) = args.augment {
            if parts.train.sample_shape().len() != 3 {
                return Err(Fault::input("--augment goes with images"));
            }
            if augmentation.shift > 0 {
                trainer = trainer.augment(RandomShift::new(augmentation.shift));
            }
            if augmentation.flip {
                trainer = trainer.augment(RandomFlip::horizontal(0.5));
            }
        }
        let batches = parts.train.len().div_ceil(batch);
        let last = parts.train.len() - (batches - 1) * batch;
        network::suits(network.architecture(), last, args.shards.get())?;
        schedule::set(trainer, args, batches.div_ceil(args.accumulate.get()))
    }

    /// Trains, or goes on.
    fn train<'t, Y: Task>(
        &self,
        trainer: Trainer<'t, Y>,
        files: Files,
        notes: &Notes,
        parts: &'t Parts<Y>,
        (network, params): (&Network<f32>, &mut Params<f32>),
        out: &mut impl Write,
    ) -> Result<Report, Fault> {
        let mut stopper = Stopper::new(self.interrupt.clone());
        // On a terminal there is a live view first, and the lines come after it.
        let view = (!self.args.plain && live::is_possible()).then(|| self.view(parts, network));
        let mut after = Vec::new();
        out.flush()?;
        let lines: &mut dyn Write = if view.is_some() { &mut after } else { out };
        let lines = Lines::new(lines, Y::METRIC, parts.against());
        let mut trainer = match view {
            // It comes before the one who stops the training, which can be asked for in a pause.
            Some(view) => trainer.observe(view).observe(&mut stopper).observe(lines),
            None => trainer.observe(&mut stopper).observe(lines),
        };
        if let Some(history) = files.history {
            trainer = trainer.observe(history);
        }
        if let Some(stopping) = early_stopping(self.args) {
            trainer = trainer.observe(stopping);
        }
        if let Some(path) = &self.args.report {
            trainer = trainer.observe(self.report(path, parts, network));
        }
        if let Some(folder) = &self.args.tensorboard {
            let events = TensorBoard::new(folder).text(
                "network",
                format!("```\n{}\n```", nn::summary(params, network, parts.train.sample_shape())),
            );
            let data = self.args.data.display().to_string();
            trainer = trainer.observe(
                events
                    .hyperparameter("data", data)
                    .hyperparameter("network", network.architecture().to_string()),
            );
        }
        let last = files.places.as_ref().map(|places| places.last.clone());
        if let Some(Places { last, best }) = files.places {
            let mut checkpoints = Checkpoints::new(last).best(best).every(self.args.every.get());
            for (name, text) in notes.iter() {
                checkpoints = checkpoints.text(name, text);
            }
            trainer = trainer.observe(checkpoints);
        }
        let report = match self.saved {
            None => trainer.fit(params, &parts.train),
            Some(saved) => trainer.resume(params, &parts.train, saved.path),
        };
        drop(trainer);
        out.write_all(&after)?;
        out.flush()?;
        let report = report.map_err(|error| Fault::training(&error))?;
        match stopper.stopped() {
            None => Ok(report),
            Some(place) => {
                let next = match last {
                    Some(last) => format!("--resume {} goes on from there", last.display()),
                    None => "without --save nothing was kept".to_owned(),
                };
                Err(Fault::Stopped(format!("stopped in {place}: {next}")))
            }
        }
    }

    /// The live view.
    fn view<Y: Task>(&self, parts: &Parts<Y>, network: &Network<f32>) -> Live {
        let (data, optimizer) = (self.args.data.display(), self.args.optimizer.text());
        let title = format!("{data} · {} · {optimizer}", network.architecture());
        let (against, metric, rows) = (parts.against(), Y::METRIC, parts.train.len());
        Live::new(Subject { title, against, metric, rows }, self.interrupt.clone())
    }

    /// The page about the training.
    fn report<'t, Y: Task>(
        &self,
        path: &Path,
        parts: &'t Parts<Y>,
        network: &'t Network<f32>,
    ) -> draw::Report<'t> {
        let title = format!("chainrule train: {}", parts.name);
        let report = draw::Report::new(path).title(title).model(network).data(Y::shown(parts.validation()));
        self.options
            .iter()
            .fold(report, |report, (option, value)| report.setting(format!("--{option}"), value))
    }

    /// What a saved network needs beside its weights.
    fn notes<Y: Task>(&self, parts: &Parts<Y>, network: &Network<f32>) -> Notes {
        let mut notes = Notes::default();
        self.options.store(&mut notes);
        notes.put("architecture", network.architecture());
        notes.put("rows", parts.fingerprint());
        parts.form.store(&mut notes);
        notes
    }

    /// A training for each fold, and the mean of their figures.
    fn folds<Y: Task>(&self, rows: &Rows<Y>, count: usize, out: &mut impl Write) -> Result<(), Fault> {
        let args = self.args;
        let mut figures = Vec::new();
        for (k, parts) in rows.folds(args, count)?.enumerate() {
            let parts = parts?;
            let architecture =
                network::architecture(args, parts.train.sample_shape(), Y::outputs(&parts.train))?;
            let (network, mut params) = network::build(&architecture, args.seed)?;
            if k == 0 {
                self.head(&parts, &rows.describe_folds(count), &network, &params, out)?;
            }
            let mut stopper = Stopper::new(self.interrupt.clone());
            let mut trainer = self.trainer(&parts, &network)?.observe(&mut stopper);
            if let Some(stopping) = early_stopping(args) {
                trainer = trainer.observe(stopping);
            }
            let trained = trainer.fit(&mut params, &parts.train);
            drop(trainer);
            trained.map_err(|error| Fault::training(&error))?;
            if let Some(place) = stopper.stopped() {
                return Err(Fault::Stopped(format!("stopped in {place} of fold {}", k + 1)));
            }
            let fold = Y::figures(&parts, &network, &params)?;
            if k == 0 {
                let titles = fold.iter().map(|(name, _)| format!("{name:>10}"));
                writeln!(out, "fold  rows{}", titles.collect::<String>())?;
            }
            let cells = fold.iter().map(|&(_, value)| format!("{:>10}", figure(value)));
            writeln!(out, "{:>4}  {:>4}{}", k + 1, parts.test.len(), cells.collect::<String>())?;
            out.flush()?;
            figures.push(fold);
        }
        writeln!(out)?;
        for (k, (name, _)) in figures.first().into_iter().flatten().enumerate() {
            let values: Vec<f64> = figures.iter().map(|fold| fold[k].1).collect();
            let (mean, deviation) = mean_and_deviation(&values);
            let [mean, deviation] = [mean, deviation].map(figure);
            writeln!(out, "test {name}: {mean} ± {deviation} over {count} folds")?;
        }
        Ok(())
    }
}

/// Shows how the loss goes with the rate.
fn find_rate<Y: Task>(
    mut trainer: Trainer<'_, Y>,
    train: &Dataset<Y>,
    params: &Params<f32>,
    out: &mut impl Write,
) -> Result<(), Fault> {
    let curve = trainer.find_learning_rate(params, train, Sweep::new());
    let curve = curve.map_err(|error| Fault::training(&error))?;
    writeln!(out, "    rate      loss  smoothed")?;
    for RatePoint { rate, loss, smoothed } in &curve.points {
        writeln!(out, "{rate:>8.1e}  {:>8}  {:>8}", figure(*loss), figure(*smoothed))?;
    }
    match curve.suggestion() {
        Some(rate) => Ok(writeln!(out, "\nrate: {rate:.1e}")?),
        None => Err(Fault::input("--find-rate: the loss falls at no rate")),
    }
}

fn early_stopping(args: &TrainArgs) -> Option<EarlyStopping> {
    let stopping = EarlyStopping::new(Watch::lowest("validation_loss")).restore_best(true);
    args.early_stopping.map(|patience| stopping.patience(patience.get()))
}
