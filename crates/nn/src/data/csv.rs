//! Labelled rows from text: comma-separated values and their relatives.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use csv::ByteRecord;
use ndarray::Array2;

use super::dataset::{Dataset, column_name};
use super::error::{DataError, DataErrorKind, Excerpt};
use super::lines::Lines;

mod options;
#[cfg(test)]
mod tests;

pub use options::{Column, CsvOptions};

impl Dataset {
    /// Labelled rows from a CSV file with a header and the label in the last column.
    ///
    /// # Errors
    /// See [`read_csv`](Self::read_csv); or the file cannot be read. The error names the file.
    ///
    /// ```
    /// let error = nn::Dataset::from_csv("no/such/file.csv").unwrap_err();
    /// assert!(error.to_string().starts_with("no/such/file.csv: "));
    /// ```
    pub fn from_csv(path: impl AsRef<Path>) -> Result<Self, DataError> {
        Self::from_csv_with(path, &CsvOptions::new())
    }

    /// Labelled rows from a CSV file of another layout.
    ///
    /// # Errors
    /// As [`from_csv`](Self::from_csv).
    ///
    /// ```no_run
    /// use nn::{Dataset, data::CsvOptions};
    /// let wine = Dataset::from_csv_with("wine.csv", &CsvOptions::new().label("class"))?;
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn from_csv_with(path: impl AsRef<Path>, options: &CsvOptions) -> Result<Self, DataError> {
        let path = path.as_ref();
        let file = File::open(path).map_err(DataError::io);
        file.and_then(|file| Self::read_csv(file, options)).map_err(|e| e.in_file(path))
    }

    /// Labelled rows from a CSV text, in UTF-8.
    ///
    /// Cells may be quoted; a quoted cell may hold the delimiter, and a quote as two quotes. Space around a cell does
    /// not count. A byte-order mark, any of the three line ends, blank lines and a missing last line end are taken
    /// as they come. All columns but the label's must hold finite numbers.
    ///
    /// Classes come in the order of their numbers where all of them are numbers (`2` before `10`; `1` and `1.0` are
    /// one class, named as first met), otherwise in the order of their text.
    ///
    /// # Errors
    /// The text has no rows, or no column beside the label's; the label's column is not there; a row has more or
    /// fewer cells than the first; a cell is missing, is not a finite number within the range of `f32`, or is no
    /// class. The error says on which line, in which column, what was expected and what was found.
    ///
    /// ```
    /// use nn::{Dataset, data::CsvOptions};
    /// let text = "width,height,class\n1.5,2,10\n3,0.5,2\n";
    /// let data = Dataset::read_csv(text.as_bytes(), &CsvOptions::new())?;
    /// assert_eq!(data.class_names(), ["2", "10"]);
    /// assert_eq!(data.features().row(0).to_vec(), [1.5, 2.0]);
    ///
    /// let ragged = "width,height,class\n1.5,2\n";
    /// let error = Dataset::read_csv(ragged.as_bytes(), &CsvOptions::new()).unwrap_err();
    /// assert_eq!(error.to_string(), "line 2: 3 columns are expected, found 2");
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn read_csv(reader: impl Read, options: &CsvOptions) -> Result<Self, DataError> {
        let mut rows = Rows::new(reader, options.delimiter_byte()?);
        if !rows.advance()? {
            return Err(DataError::new(DataErrorKind::Empty, "the text is empty"));
        }
        let header = options.header.unwrap_or(true);
        let mut names = rows.names(header)?;
        let label = options.label_index(&names, header)?;
        if names.len() == 1 {
            let text =
                format!("a column beside the label's is expected; is {:?} the delimiter?", options.delimiter);
            return Err(DataError::new(DataErrorKind::Empty, text));
        }
        let named = matches!(options.label, Column::Name(_));
        if options.header.is_none() && !named && rows.features(label).all(|(_, cell)| number(cell).is_ok()) {
            let text = "a header is expected, found numbers; say header(false) for rows without one";
            return Err(rows.fault(DataErrorKind::Value, text));
        }

        let mut classes = Vocabulary::new(options.classes.as_deref());
        let (mut features, mut labels) = (Vec::new(), Vec::new());
        let mut more = !header || rows.advance()?;
        while more {
            let (wanted, found) = (names.len(), rows.record.len());
            if wanted != found {
                let text = format!("{wanted} columns are expected, found {found}");
                return Err(rows.fault(DataErrorKind::Shape, text));
            }
            let in_column = |k: usize, text| rows.fault(DataErrorKind::Value, text).in_column(&*names[k]);
            for (k, cell) in rows.features(label) {
                features.push(number(cell).map_err(|text| in_column(k, text))?);
            }
            labels.push(classes.index(&rows.record[label]).map_err(|text| in_column(label, text))?);
            more = rows.advance()?;
        }
        if labels.is_empty() {
            return Err(DataError::new(DataErrorKind::Empty, "there is a header and no row"));
        }
        let class_names = classes.finish(&mut labels);
        names.remove(label);
        let features = Array2::from_shape_vec((labels.len(), names.len()), features)
            .map_err(|e| DataError::new(DataErrorKind::Shape, e.to_string()))?;
        Self::new(features, labels, class_names)?.with_feature_names(names)
    }
}

/// The rows of a text, one at a time.
struct Rows<R> {
    reader: csv::Reader<Lines<BufReader<R>>>,
    record: ByteRecord,
}

impl<R: Read> Rows<R> {
    fn new(reader: R, delimiter: u8) -> Self {
        let mut builder = csv::ReaderBuilder::new();
        // Ragged rows are let through, to be refused with a better message; the header is a row like any other.
        builder.has_headers(false).flexible(true).delimiter(delimiter).trim(csv::Trim::All);
        Self { reader: builder.from_reader(Lines::new(BufReader::new(reader))), record: ByteRecord::new() }
    }

    /// Goes on to the next row that is not blank, or says that there is none.
    fn advance(&mut self) -> Result<bool, DataError> {
        loop {
            let read = self.reader.read_byte_record(&mut self.record).map_err(|e| match e.into_kind() {
                csv::ErrorKind::Io(e) => DataError::io(e),
                other => DataError::new(DataErrorKind::Io, format!("{other:?}")),
            });
            if !read? {
                return Ok(false);
            }
            if self.record.len() > 1 || !self.record[0].is_empty() {
                return Ok(true);
            }
        }
    }

    /// The cells of a row but the label's, with their columns.
    fn features(&self, label: usize) -> impl Iterator<Item = (usize, &[u8])> {
        self.record.iter().enumerate().filter(move |&(k, _)| k != label)
    }

    /// The names of the columns: the row at hand, or numbers.
    fn names(&self, header: bool) -> Result<Vec<String>, DataError> {
        let name = |(k, cell)| {
            if header {
                text(cell)
                    .map_err(|text| self.fault(DataErrorKind::Value, text).in_column(column_name(k + 1)))
            } else {
                Ok(column_name(k + 1))
            }
        };
        self.record.iter().enumerate().map(name).collect()
    }

    /// A fault of the row at hand, with the line on which the row begins.
    fn fault(&self, kind: DataErrorKind, text: impl Into<String>) -> DataError {
        // The reader stands behind the line end of the row; a quoted cell can hold more of them. Its own note of
        // where the row began is not used: it is where the blank lines before the row began.
        let within = self.record.as_slice().split(|&byte| byte == b'\n').skip(1).count() as u64;
        DataError::new(kind, text).on_line(self.reader.position().line().saturating_sub(1 + within))
    }
}

fn text(cell: &[u8]) -> Result<String, String> {
    match str::from_utf8(cell) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => {
            Err(format!("text in UTF-8 is expected, found `{}`", Excerpt(&String::from_utf8_lossy(cell))))
        }
    }
}

/// A finite `f32`, or what is wrong with the cell.
fn number(cell: &[u8]) -> Result<f32, String> {
    let text = String::from_utf8_lossy(cell);
    let found = Excerpt(&text);
    match text.parse::<f32>() {
        Ok(x) if x.is_finite() => Ok(x),
        Ok(_) if cell.iter().any(u8::is_ascii_digit) => {
            Err(format!("a number within ±{:e} (f32) is expected, found `{found}`", f32::MAX))
        }
        Ok(_) => Err(format!("a finite number is expected, found `{found}`")),
        Err(_) if cell.is_empty() => Err("a number is expected, found nothing".to_owned()),
        Err(_) => Err(format!("a number is expected, found `{found}`")),
    }
}

/// The classes met so far.
struct Vocabulary {
    names: Vec<String>,
    indices: HashMap<String, usize>,
    /// Set beforehand: no other may come.
    fixed: bool,
}

impl Vocabulary {
    fn new(fixed: Option<&[String]>) -> Self {
        let names = fixed.unwrap_or_default().to_vec();
        let indices = names.iter().enumerate().map(|(k, name)| (name.clone(), k)).collect();
        Self { names, indices, fixed: fixed.is_some() }
    }

    /// The class of a cell, or what is wrong with the cell.
    fn index(&mut self, cell: &[u8]) -> Result<usize, String> {
        let known = str::from_utf8(cell).ok().and_then(|name| self.indices.get(name));
        if let Some(&k) = known {
            return Ok(k);
        }
        let name = text(cell)?;
        let found = Excerpt(&name);
        if name.is_empty() {
            return Err("a class is expected, found nothing".to_owned());
        }
        if name.contains('\n') {
            return Err(format!("a class on one line is expected, found `{found}`; is a quote left open?"));
        }
        if name.parse().is_ok_and(|x: f64| !x.is_finite()) {
            return Err(format!("a class is expected, found `{found}`"));
        }
        if self.fixed {
            let known = self.names.join(", ");
            return Err(format!("one of the classes {} is expected, found `{found}`", Excerpt(&known)));
        }
        self.names.push(name.clone());
        self.indices.insert(name, self.names.len() - 1);
        Ok(self.names.len() - 1)
    }

    /// The names in their final order; the labels, which count the order of coming, are made to count that one.
    fn finish(self, labels: &mut [usize]) -> Vec<String> {
        if self.fixed {
            return self.names;
        }
        let mut order: Vec<usize> = (0..self.names.len()).collect();
        let numbers: Result<Vec<f64>, _> = self.names.iter().map(|name| name.parse()).collect();
        match &numbers {
            // Adding 0 makes -0 a 0. The sort is stable: of equal numbers the first met comes first.
            Ok(numbers) => order.sort_by(|&a, &b| (numbers[a] + 0.0).total_cmp(&(numbers[b] + 0.0))),
            Err(_) => order.sort_by(|&a, &b| self.names[a].cmp(&self.names[b])),
        }
        let mut place = vec![0; order.len()];
        let mut kept: Vec<usize> = Vec::with_capacity(order.len());
        for class in order {
            let same = |&last: &usize| numbers.as_ref().is_ok_and(|n| n[last] == n[class]);
            if !kept.last().is_some_and(same) {
                kept.push(class);
            }
            place[class] = kept.len() - 1;
        }
        for label in labels {
            *label = place[*label];
        }
        kept.into_iter().map(|class| self.names[class].clone()).collect()
    }
}
