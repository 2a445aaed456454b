//! A report looks on.

use std::time::Instant;

use nn::Params;
use nn::checkpoint::write_atomically;
use nn::train::{
    EpochRecord, Evaluation, Flow, Observer, ObserverState, Report as Ended, Run, StepRecord, TrainError,
    TrainErrorKind,
};

use super::look::Look;
use super::page;
use super::record::{Outcome, Record};
use super::{Report, ReportData};

impl Report<'_> {
    /// The part of the training's time that the report takes of it, at most, before the end.
    const SHARE: f64 = 0.05;

    fn write(
        &mut self,
        outcome: Outcome,
        validation: Option<Evaluation>,
        params: &Params<f32>,
    ) -> Result<(), TrainError> {
        let Some(record) = &self.record else { return Ok(()) };
        let begin = Instant::now();
        let model = (self.model.as_deref(), params);
        let mut look = Look::new((&self.title, &self.settings), record, outcome, model, self.data);
        look.validation = validation;
        let page = page::html(&look);
        let written = write_atomically(&self.path, |out| out.write_all(page.as_bytes()));
        self.spent += begin.elapsed();
        // The error names the file itself.
        written.map_err(|error| TrainError::caused(TrainErrorKind::Io, error))
    }

    fn fits(&self, run: &Run<'_>) -> Result<(), TrainError> {
        let wanted: usize = run.sample.iter().product();
        let found = self.data.map_or(wanted, ReportData::width);
        if wanted == found {
            return Ok(());
        }
        let text = format!(
            "report: rows of {wanted} numbers are expected, as the training data have, found {found}"
        );
        Err(TrainError::new(TrainErrorKind::Data, text))
    }
}

impl Observer for Report<'_> {
    fn name(&self) -> &str {
        "report"
    }

    fn begin(&mut self, run: &Run<'_>) -> Result<(), TrainError> {
        self.record = None;
        self.fits(run)?;
        self.spent = std::time::Duration::ZERO;
        self.record = Some(Record::begin(run));
        if run.resumed {
            // What is there stays until there is more.
            return Ok(());
        }
        // A file that cannot be written is found now, and not after hours of training.
        let page = page::waiting(&self.title);
        write_atomically(&self.path, |out| out.write_all(page.as_bytes()))
            .map_err(|error| TrainError::caused(TrainErrorKind::Io, error))
    }

    fn step(&mut self, record: &StepRecord) -> Result<Flow, TrainError> {
        if let Some(own) = &mut self.record {
            own.steps.push(record);
        }
        Ok(Flow::Continue)
    }

    fn epoch(&mut self, record: &EpochRecord, params: &Params<f32>) -> Result<Flow, TrainError> {
        let Some(own) = &mut self.record else { return Ok(Flow::Continue) };
        let begin = Instant::now();
        own.weights.push(record.epoch, &own.layers, params);
        own.epochs.push(record.clone());
        let (trained, last) = (own.seconds(), record.epoch == own.planned);
        self.spent += begin.elapsed();
        if !last && self.spent.as_secs_f64() < Self::SHARE * trained {
            self.write(Outcome::Running, None, params)?;
        }
        Ok(Flow::Continue)
    }

    fn over(&mut self, outcome: Result<&Ended, &TrainError>, params: &Params<f32>) -> Result<(), TrainError> {
        let validation = outcome.ok().and_then(|ended| ended.validation.clone());
        let outcome = match outcome {
            Ok(Ended { stopped: Some(why), .. }) => Outcome::Stopped(why.clone()),
            Ok(_) => Outcome::Done,
            Err(error) => Outcome::Failed(error.to_string()),
        };
        self.write(outcome, validation, params)
    }

    fn state(&self) -> ObserverState {
        self.record.as_ref().map_or_else(ObserverState::default, Record::state)
    }

    fn restore(&mut self, state: &ObserverState, _: &Params<f32>) -> Result<(), TrainError> {
        self.record.as_mut().map_or(Ok(()), |record| record.restore(state))
    }
}
