//! Precision, recall and F1, from the counts of a confusion matrix.

use super::confusion::{ConfusionMatrix, share};

/// Precision, recall and F1 of a class, or an average of those of all classes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassScores {
    /// The share of the rows predicted to be of the class that are of it; 0 where none was predicted to be.
    pub precision: f64,
    /// The share of the rows of the class that were predicted to be of it; 0 where there are none.
    pub recall: f64,
    /// The harmonic mean of precision and recall, `2 TP / (2 TP + FP + FN)`; 0 where nothing is of the class and nothing
    /// was predicted to be.
    pub f1: f64,
    /// The number of rows of the class.
    pub support: u64,
}

/// How scores of classes become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Average {
    /// The mean over classes, each as important as any other. Classes that neither occur nor were predicted are left out,
    /// as in scikit-learn. Where every class occurs, the mean recall is the balanced accuracy.
    Macro,
    /// The scores of all decisions together, each row as important as any other. Where every row has a prediction,
    /// precision, recall and F1 are all the accuracy.
    Micro,
    /// The mean over classes, weighted by their rows. The weighted recall is the accuracy.
    Weighted,
}

impl ConfusionMatrix {
    /// Precision, recall and F1 of each class.
    ///
    /// ```
    /// let mut matrix = nn::metrics::ConfusionMatrix::new(3);
    /// matrix.add_predictions(&[0, 1, 1], &[0, 0, 1]);
    /// let scores = matrix.class_scores();
    /// assert_eq!((scores[1].precision, scores[1].recall, scores[1].f1), (0.5, 1.0, 2.0 / 3.0));
    /// assert_eq!((scores[2].precision, scores[2].recall, scores[2].f1), (0.0, 0.0, 0.0));
    /// ```
    pub fn class_scores(&self) -> Vec<ClassScores> {
        (0..self.classes()).map(|class| self.outcomes(class).scores()).collect()
    }

    /// Precision, recall and F1 of all classes; the support is the number of all rows.
    ///
    /// A macro or weighted F1 is the mean of those of the classes, and not the harmonic mean of precision and recall. Without
    /// rows everything is 0.
    ///
    /// ```
    /// use nn::metrics::{Average, ConfusionMatrix};
    /// let mut matrix = ConfusionMatrix::new(3);
    /// matrix.add_predictions(&[0, 1, 1], &[0, 0, 1]);
    /// assert_eq!(matrix.average(Average::Macro).f1, 2.0 / 3.0);
    /// assert_eq!(matrix.average(Average::Micro).f1, matrix.accuracy());
    /// assert_eq!(matrix.average(Average::Weighted).precision, (2.0 * 1.0 + 1.0 * 0.5) / 3.0);
    /// ```
    pub fn average(&self, average: Average) -> ClassScores {
        match average {
            Average::Macro => self.mean(|class| u64::from(class.actual + class.predicted > 0)),
            Average::Weighted => self.mean(|class| class.actual),
            Average::Micro => {
                let (right, predicted) = (self.counts().diag().sum(), self.counts().sum());
                Outcomes { right, predicted, actual: self.rows() }.scores()
            }
        }
    }

    fn mean(&self, weight: impl Fn(Outcomes) -> u64) -> ClassScores {
        let (mut total, mut sums) = (0, [0.0; 3]);
        for class in (0..self.classes()).map(|class| self.outcomes(class)) {
            let (weight, ClassScores { precision, recall, f1, .. }) = (weight(class), class.scores());
            total += weight;
            sums.iter_mut()
                .zip([precision, recall, f1])
                .for_each(|(sum, score)| *sum += weight as f64 * score);
        }
        let [precision, recall, f1] = sums.map(|sum| sum / total.max(1) as f64);
        ClassScores { precision, recall, f1, support: self.rows() }
    }

    fn outcomes(&self, class: usize) -> Outcomes {
        let counts = self.counts();
        Outcomes {
            right: counts[[class, class]],
            predicted: counts.column(class).sum(),
            actual: counts.row(class).sum() + self.undecided()[class],
        }
    }
}

/// Rows of a class: predicted to be and of it, predicted to be, of it.
#[derive(Clone, Copy)]
struct Outcomes {
    right: u64,
    predicted: u64,
    actual: u64,
}

impl Outcomes {
    fn scores(self) -> ClassScores {
        let Self { right, predicted, actual } = self;
        ClassScores {
            precision: share(right, predicted),
            recall: share(right, actual),
            f1: share(2 * right, predicted + actual),
            support: actual,
        }
    }
}
