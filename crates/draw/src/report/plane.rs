//! What a model says of every point of a plane, or of a line.

use ndarray::Array2;
use nn::Dataset;
use nn::data::Values;

use super::plot::{Colour, extent};
use super::run::{Model, chosen, greatest, logits, probabilities};
use crate::image::data_uri;

/// What a model of two features says everywhere between the rows of some data and a little beyond.
#[derive(Clone, Debug)]
pub(super) struct Plane {
    pub(super) x: (f64, f64),
    pub(super) y: (f64, f64),
    /// A picture of it, its first row at the top.
    pub(super) picture: String,
    /// The rows of the data: where they lie, and the class or the number that they belong to.
    pub(super) points: Vec<Point>,
    /// The least and the greatest number of the picture, where it shows numbers.
    pub(super) range: Option<(f64, f64)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) at: (f64, f64),
    pub(super) class: usize,
    pub(super) wrong: bool,
    pub(super) value: f64,
}

/// Points of a plane that are asked for, and rows that are shown.
const GRID: (usize, usize) = (160, 120);
const POINTS: usize = 500;

/// From the least to the greatest number, and a tenth of that beyond on either side.
fn beyond(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = extent(values).unwrap_or((0.0, 1.0));
    let room = if low == high { 1.0 } else { 0.1 * (high - low) };
    (low - room, high + room)
}

/// The middles of all pixels, row by row from the top.
fn pixels(x: (f64, f64), y: (f64, f64)) -> Array2<f32> {
    let (columns, rows) = GRID;
    let at = |(low, high): (f64, f64), k: usize, of: usize| low + (high - low) * (k as f64 + 0.5) / of as f64;
    Array2::from_shape_fn((columns * rows, 2), |(pixel, axis)| match axis {
        0 => at(x, pixel % columns, columns) as f32,
        _ => at(y, rows - 1 - pixel / columns, rows) as f32,
    })
}

impl Plane {
    /// The class that is predicted, in its colour; the surer, the stronger.
    pub(super) fn of_classes(model: Model<'_>, data: &Dataset) -> Result<Self, String> {
        let features = data.features();
        let axis = |k: usize| beyond(features.column(k).into_iter().copied().map(f64::from));
        let (x, y) = (axis(0), axis(1));
        let classes = data.classes();
        let colour = |outputs: ndarray::ArrayView1<'_, f32>| {
            let p = probabilities(outputs);
            let Some(class) = greatest(&p) else { return [0; 4] };
            let [red, green, blue] = Colour::series(class).rgb();
            let chance = 1.0 / classes.max(2) as f64;
            let surer = ((p[class] - chance) / (1.0 - chance)).clamp(0.0, 1.0);
            [red, green, blue, (255.0 * (0.06 + 0.44 * surer)) as u8]
        };
        let all = logits(model.outputs(&pixels(x, y).view())?);
        let pixels: Vec<u8> = all.rows().into_iter().flat_map(colour).collect();
        let rows = chosen(data.len(), POINTS);
        let part = data.select(&rows);
        let predicted = logits(model.outputs(&part.features())?);
        let features = part.features();
        let points = features.rows().into_iter().zip(part.labels()).zip(predicted.rows());
        let points = points.map(|((row, &class), outputs)| Point {
            at: (f64::from(row[0]), f64::from(row[1])),
            class,
            wrong: greatest(&probabilities(outputs)) != Some(class),
            value: 0.0,
        });
        Ok(Self { x, y, picture: data_uri(&pixels, GRID, 4), points: points.collect(), range: None })
    }

    /// The number that is predicted, the first where there are several, from dark to light.
    pub(super) fn of_values(model: Model<'_>, data: &Dataset<Values>) -> Result<Self, String> {
        let features = data.features();
        let axis = |k: usize| beyond(features.column(k).into_iter().copied().map(f64::from));
        let (x, y) = (axis(0), axis(1));
        let outputs = model.outputs(&pixels(x, y).view())?;
        let predicted: Vec<f64> = outputs.column(0).iter().copied().map(f64::from).collect();
        let part = data.select(&chosen(data.len(), POINTS));
        let targets = part.targets();
        let targets = targets.column(0).into_iter().copied().map(f64::from);
        let range = extent(predicted.iter().copied().chain(targets.clone())).unwrap_or((0.0, 1.0));
        let pixels: Vec<u8> = predicted.iter().flat_map(|&value| shade(value, range)).collect();
        let features = part.features();
        let points = features.rows().into_iter().zip(targets).map(|(row, value)| Point {
            at: (f64::from(row[0]), f64::from(row[1])),
            class: 0,
            wrong: false,
            value,
        });
        let points = points.collect();
        Ok(Self { x, y, picture: data_uri(&pixels, GRID, 4), points, range: Some(range) })
    }
}

/// How many shades points have.
pub(super) const SHADES: usize = 8;

/// The how-manieth of [`SHADES`] shades a number has.
pub(super) fn shade_of(value: f64, (low, high): (f64, f64)) -> usize {
    let share = (value - low) / (high - low).max(f64::MIN_POSITIVE);
    ((share * SHADES as f64) as usize).min(SHADES - 1)
}

/// The colour of a number in a picture.
fn shade(value: f64, range: (f64, f64)) -> [u8; 4] {
    if !value.is_finite() {
        return [0; 4];
    }
    let [red, green, blue] = Colour::ramp(shade_of(value, range), SHADES).rgb();
    [red, green, blue, 150]
}

/// What a model of one feature says along it.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// What is predicted, and the rows of the data, for each output.
    pub(super) curves: Vec<Vec<(f64, f64)>>,
    pub(super) points: Vec<Vec<(f64, f64)>>,
}

impl Line {
    pub(super) fn of(model: Model<'_>, data: &Dataset<Values>) -> Result<Self, String> {
        const STEPS: usize = 200;
        let features = data.features();
        let (low, high) = beyond(features.column(0).into_iter().copied().map(f64::from));
        let x = |k: usize| low + (high - low) * k as f64 / STEPS as f64;
        let rows = Array2::from_shape_fn((STEPS + 1, 1), |(k, _)| x(k) as f32);
        let outputs = model.outputs(&rows.view())?;
        let curve = |column: ndarray::ArrayView1<'_, f32>| {
            column.into_iter().enumerate().map(|(k, &y)| (x(k), f64::from(y))).collect()
        };
        let part = data.select(&chosen(data.len(), POINTS));
        let (features, targets) = (part.features(), part.targets());
        let points = |column: ndarray::ArrayView1<'_, f32>| {
            features.column(0).iter().zip(column).map(|(&x, &y)| (f64::from(x), f64::from(y))).collect()
        };
        Ok(Self {
            curves: outputs.columns().into_iter().map(curve).collect(),
            points: targets.columns().into_iter().map(points).collect(),
        })
    }
}
