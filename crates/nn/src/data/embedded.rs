//! The data sets that come with the crate.

use flate2::read::GzDecoder;

use super::csv::CsvOptions;
use super::dataset::Dataset;

/// The greatest value of a pixel: all 16 points of a 4 × 4 block of the scan are set.
const BRIGHTEST: f32 = 16.0;

impl Dataset {
    /// 1,797 real handwritten digits of 13 writers: images of 8 × 8 pixels from 0 to 1, row by row, and the digit.
    ///
    /// The data is part of the program: no file is read. Each call unpacks it anew (a few milliseconds).
    ///
    /// ```
    /// let digits = nn::Dataset::digits();
    /// assert_eq!(digits.features().dim(), (1797, 64));
    /// assert_eq!(digits.class_names(), ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    /// ```
    ///
    /// Source: E. Alpaydin, C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning Repository
    /// (1998), test part, as in scikit-learn 1.9.1.
    ///
    /// # Panics
    /// Never: a test reads the embedded file.
    #[must_use]
    pub fn digits() -> Self {
        let packed = include_bytes!("../../data/digits.csv.gz");
        let read = Self::read_csv(GzDecoder::new(&packed[..]), &CsvOptions::new());
        let mut digits = read.expect("the embedded digits are sound");
        digits.features_mut().mapv_inplace(|pixel| pixel / BRIGHTEST);
        digits.with_sample_shape([1, 8, 8]).expect("there are 64 pixels")
    }

    /// 150 irises of three species: length and width of sepal and petal in centimetres, and the species.
    ///
    /// The data is part of the program: no file is read.
    ///
    /// ```
    /// let iris = nn::Dataset::iris();
    /// assert_eq!(iris.features().dim(), (150, 4));
    /// assert_eq!(iris.class_names(), ["setosa", "versicolor", "virginica"]);
    /// ```
    ///
    /// Source: R. A. Fisher, *The use of multiple measurements in taxonomic problems*, Annals of Eugenics 7 (1936)
    /// 179–188, as in scikit-learn 1.9.1.
    ///
    /// # Panics
    /// Never: a test reads the embedded file.
    #[must_use]
    pub fn iris() -> Self {
        let read = Self::read_csv(&include_bytes!("../../data/iris.csv")[..], &CsvOptions::new());
        read.expect("the embedded irises are sound")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_it() {
        let digits = Dataset::digits();
        assert_eq!((digits.len(), digits.width(), digits.classes()), (1797, 64, 10));
        assert_eq!(digits.feature_names()[63], "p77");
        assert!(digits.features().iter().all(|x| (0.0..=1.0).contains(x)));
        assert!(digits.features().iter().any(|&x| x == 1.0));
        let mut counts = [0; 10];
        digits.labels().iter().for_each(|&label| counts[label] += 1);
        assert_eq!(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]); // scikit-learn's own counts
        assert_eq!(digits.labels()[..10], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(
            digits.features().row(0).as_slice().unwrap()[2..6],
            [5.0 / 16.0, 13.0 / 16.0, 9.0 / 16.0, 1.0 / 16.0]
        );
        assert_eq!(digits.sample_shape(), [1, 8, 8]);
    }

    #[test]
    fn irises() {
        let iris = Dataset::iris();
        assert_eq!(iris.class_counts(), [50, 50, 50]);
        assert_eq!(iris.feature_names()[2], "petal_length_cm");
        assert_eq!(iris.features().row(149).to_vec(), [5.9, 3.0, 5.1, 1.8]);
    }
}
