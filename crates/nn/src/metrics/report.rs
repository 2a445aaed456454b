//! A confusion matrix and its scores, printed.

use std::fmt;

use super::class_scores::{Average, ClassScores};
use super::confusion::ConfusionMatrix;

/// Precision, recall, F1 and number of rows of each class, their averages, and the accuracy, as a table: see
/// [`ConfusionMatrix::report`].
#[derive(Clone, Copy, Debug)]
pub struct ClassificationReport<'a> {
    matrix: &'a ConfusionMatrix,
}

impl<'a> ClassificationReport<'a> {
    pub(super) fn of(matrix: &'a ConfusionMatrix) -> Self {
        Self { matrix }
    }
}

impl fmt::Display for ClassificationReport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let matrix = self.matrix;
        let line = |name: &str, scores: ClassScores| {
            let ClassScores { precision, recall, f1, support } = scores;
            let shares = [precision, recall, f1].map(|share| format!("{share:.4}"));
            [name.to_owned()].into_iter().chain(shares).chain([support.to_string()]).collect()
        };
        let mut lines: Vec<Vec<String>> =
            vec![["", "precision", "recall", "F1", "rows"].map(str::to_owned).into()];
        let scores = matrix.class_scores();
        lines.extend(matrix.class_names().iter().zip(scores).map(|(name, scores)| line(name, scores)));
        lines.push(Vec::new());
        let averages = [
            ("micro average", Average::Micro),
            ("macro average", Average::Macro),
            ("weighted average", Average::Weighted),
        ];
        lines.extend(averages.map(|(name, average)| line(name, matrix.average(average))));
        aligned(f, &lines)?;
        writeln!(f, "\naccuracy {:.4} of {} rows", matrix.accuracy(), matrix.rows())
    }
}

impl fmt::Display for ConfusionMatrix {
    /// A row for each class and a column for each prediction; a last column for rows that have none, where there are some.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.counts();
        let some = self.undecided().iter().any(|&rows| rows > 0);
        let names = self.class_names().iter();
        let mut head: Vec<String> =
            ["true \\ predicted".to_owned()].into_iter().chain(names.cloned()).collect();
        head.extend(some.then(|| "none".to_owned()));
        let lines = self.class_names().iter().zip(counts.rows()).zip(self.undecided());
        let lines = lines.map(|((name, counts), undecided)| {
            let numbers = counts.into_iter().chain(some.then_some(undecided)).map(u64::to_string);
            [name.clone()].into_iter().chain(numbers).collect()
        });
        let lines: Vec<Vec<String>> = [head].into_iter().chain(lines).collect();
        aligned(f, &lines)
    }
}

/// Writes lines of cells, the first column to the left and the others to the right.
fn aligned(f: &mut fmt::Formatter<'_>, lines: &[Vec<String>]) -> fmt::Result {
    let mut widths = vec![0; lines.iter().map(Vec::len).max().unwrap_or(0)];
    for line in lines {
        line.iter().zip(&mut widths).for_each(|(cell, width)| *width = (*width).max(cell.chars().count()));
    }
    for line in lines {
        for (column, (cell, &width)) in line.iter().zip(&widths).enumerate() {
            match column {
                0 if line.len() == 1 => write!(f, "{cell}")?,
                0 => write!(f, "{cell:<width$}")?,
                _ => write!(f, "  {cell:>width$}")?,
            }
        }
        writeln!(f)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_matrix_is_a_table() {
        let mut matrix = ConfusionMatrix::named(["Zähne", "b"]);
        matrix.add_predictions(&[0; 12], &[0; 12]);
        matrix.add_predictions(&[0, 1], &[1, 1]);
        let table = "\
true \\ predicted  Zähne  b
Zähne                12  0
b                     1  1
";
        assert_eq!(matrix.to_string(), table);
        matrix.add(array![[f64::NAN, f64::NAN]].view(), &[1]);
        let table = "\
true \\ predicted  Zähne  b  none
Zähne                12  0     0
b                     1  1     1
";
        assert_eq!(matrix.to_string(), table);
        assert_eq!(ConfusionMatrix::new(0).to_string(), "true \\ predicted\n");
    }

    #[test]
    fn scores_are_a_table() {
        let mut matrix = ConfusionMatrix::named(["setosa", "virginica"]);
        matrix.add_predictions(&[0, 1, 1, 1, 0], &[0, 0, 1, 1, 0]);
        let table = "                  precision  recall      F1  rows
setosa               1.0000  0.6667  0.8000     3
virginica            0.6667  1.0000  0.8000     2

micro average        0.8000  0.8000  0.8000     5
macro average        0.8333  0.8333  0.8000     5
weighted average     0.8667  0.8000  0.8000     5

accuracy 0.8000 of 5 rows
";
        assert_eq!(matrix.report().to_string(), table);
    }
}
