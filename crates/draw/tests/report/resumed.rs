//! A training that was interrupted has the report of one that was not.

use std::path::Path;

use draw::Report;
use nn::prelude::*;
use nn::train::{Checkpoints, Flow, Observer, StepRecord, TrainError, TrainErrorKind};

use super::page::{Page, file};

/// Breaks off, as a process that is killed.
struct Kill(u64);

impl Observer for Kill {
    fn name(&self) -> &str {
        "kill"
    }
    fn step(&mut self, record: &StepRecord) -> Result<Flow, TrainError> {
        match record.step {
            step if step == self.0 => Err(TrainError::new(TrainErrorKind::Observer, "killed")),
            _ => Ok(Flow::Continue),
        }
    }
}

fn train(path: &Path, run: &Path, kill: Option<u64>, resume: bool) -> Result<(), TrainError> {
    let (train, test) = Dataset::digits().split(0.15, 42);
    let (test, _) = test.split(0.1, 42);
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 16, 10], Activation::Relu);
    let mut trainer = Trainer::classifier(&model, Adam::new(0.01))
        .epochs(20)
        .validate(&test)
        .observe(Report::new(path).model(&model).data(&test));
    if let Some(step) = kill {
        trainer = trainer.observe(Kill(step));
    }
    trainer = trainer.observe(Checkpoints::new(run).every_steps(5));
    let trained =
        if resume { trainer.resume(&mut params, &train, run) } else { trainer.fit(&mut params, &train) };
    trained.map(drop)
}

#[test]
fn a_resumed_training_has_the_report_of_one_that_was_not_interrupted() {
    let (whole, parts) = (file("whole"), file("parts"));
    let run = std::env::temp_dir().join(format!("report-run-{}.safetensors", std::process::id()));
    train(&whole, &run, None, false).unwrap();
    let wanted = Page::read(&whole);
    // In the midst of the fourth epoch, and at the end of the eighteenth, after which fewer histograms are kept.
    train(&parts, &run, Some(31), false).unwrap_err();
    let broken = Page::read(&parts);
    assert_eq!(broken.data["outcome"]["why"], "killed");
    assert_eq!(broken.data["epochs"].as_array().unwrap().len(), 3);
    train(&parts, &run, Some(164), true).unwrap_err();
    train(&parts, &run, None, true).unwrap();
    let found = Page::read(&parts);
    std::fs::remove_file(&run).unwrap();
    assert_eq!(found.data["epochs"].as_array().unwrap().len(), 20);
    assert_eq!(found.data["steps"], wanted.data["steps"]);
    assert!(found.timeless() == wanted.timeless(), "the pages differ");
    assert_ne!(wanted.timeless(), wanted.html);
}

#[test]
fn a_report_that_was_not_there_before_begins_where_it_comes_in() {
    let path = file("late");
    let run = std::env::temp_dir().join(format!("report-late-{}.safetensors", std::process::id()));
    let (train, _) = Dataset::digits().split(0.1, 42);
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 10], Activation::Relu);
    let trainer = |epochs| Trainer::classifier(&model, Sgd::new(0.1)).epochs(epochs);
    trainer(3).observe(Checkpoints::new(&run)).fit(&mut params, &train).unwrap();
    trainer(5).observe(Report::new(&path)).resume(&mut params, &train, &run).unwrap();
    std::fs::remove_file(&run).unwrap();
    let page = Page::read(&path);
    let epochs: Vec<u64> = page.data["epochs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|epoch| epoch["epoch"].as_u64().unwrap())
        .collect();
    assert_eq!(epochs, [4, 5]);
    // Without a model there is still what the trainer tells.
    assert!(page.html.contains("Nothing to show: no model was given to the report."));
}
