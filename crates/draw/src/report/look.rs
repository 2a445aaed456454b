//! All that a page shows: what is remembered of the training, and what the model does now.

use nn::train::Evaluation;
use nn::{Params, Summary};

use super::activations::{Activity, activities};
use super::classes::Classified;
use super::numbers::Regressed;
use super::plane::{Line, Plane};
use super::record::{Outcome, Record};
use super::rows::ReportData;
use super::run::Model;
use super::weights::{Snapshot, Weights};

/// All that a page shows.
pub(super) struct Look<'r> {
    pub(super) title: &'r str,
    pub(super) record: &'r Record,
    /// What is to stand in the table of settings beside those of the trainer.
    pub(super) settings: &'r [(String, String)],
    pub(super) outcome: Outcome,
    /// What the last validation of all said, with the parameters as they were left.
    pub(super) validation: Option<Evaluation>,
    /// The weights after the first epoch, one in the middle, and now.
    pub(super) weights: Vec<Snapshot>,
    pub(super) parameters: usize,
    pub(super) summary: Option<Summary>,
    pub(super) data: Option<ReportData<'r>>,
    pub(super) activities: Vec<Activity>,
    /// How many rows the activities are of.
    pub(super) activity_rows: usize,
    pub(super) predictions: Predictions,
    pub(super) surface: Surface,
}

/// What the model says of the rows.
pub(super) enum Predictions {
    /// There is no model, or there are no rows, or they do not go together: why.
    None(String),
    Classes(Classified),
    Values(Regressed),
}

/// What the model says of all that could be a row.
pub(super) enum Surface {
    /// Rows have more than two numbers, or none.
    None,
    Plane(Plane),
    Line(Line),
}

/// How much a look may take: all rows at the end, some while the training waits for it.
const WHILE_IT_TRAINS: usize = 1_000;

impl<'r> Look<'r> {
    /// Looks at the training, and at the model if there is one.
    pub(super) fn new(
        (title, settings): (&'r str, &'r [(String, String)]),
        record: &'r Record,
        outcome: Outcome,
        (layer, params): (Option<&dyn nn::Layer<f32>>, &Params<f32>),
        data: Option<ReportData<'r>>,
    ) -> Self {
        let last = record.epochs.last().map_or(0, |epoch| epoch.epoch);
        let mut weights: Vec<Snapshot> = record.weights.before(last).into_iter().cloned().collect();
        weights.push(Weights::now(last, &record.layers, params));
        let mut look = Self {
            title,
            record,
            settings,
            outcome,
            validation: None,
            weights,
            parameters: params.ids().map(|id| params.values(id).len()).sum(),
            summary: None,
            data,
            activities: Vec::new(),
            activity_rows: 0,
            predictions: Predictions::None("no model was given to the report".to_owned()),
            surface: Surface::None,
        };
        if let Some(layer) = layer {
            look.at_model(Model { layer, params, sample: &record.sample });
        }
        look
    }

    fn at_model(&mut self, model: Model<'_>) {
        let summary = nn::summary(model.params, model.layer, model.sample);
        let most = if self.outcome == Outcome::Running { WHILE_IT_TRAINS } else { usize::MAX };
        let none = |why: String| Predictions::None(why);
        match self.data.filter(|data| data.len() > 0) {
            None => self.predictions = none("no rows were given to the report".to_owned()),
            Some(ReportData::Classes(data)) => {
                (self.activities, self.activity_rows) = activities(model, &summary.rows, &data.features());
                self.predictions = Classified::of(model, data, most).map_or_else(none, Predictions::Classes);
                if data.width() == 2 && matches!(self.predictions, Predictions::Classes(_)) {
                    self.surface = Plane::of_classes(model, data).map_or(Surface::None, Surface::Plane);
                }
            }
            Some(ReportData::Values(data)) => {
                (self.activities, self.activity_rows) = activities(model, &summary.rows, &data.features());
                self.predictions = Regressed::of(model, data, most).map_or_else(none, Predictions::Values);
                self.surface = match (data.width(), &self.predictions) {
                    (1, Predictions::Values(_)) => Line::of(model, data).map_or(Surface::None, Surface::Line),
                    (2, Predictions::Values(_)) => {
                        Plane::of_values(model, data).map_or(Surface::None, Surface::Plane)
                    }
                    _ => Surface::None,
                };
            }
        }
        self.summary = Some(summary);
    }
}
