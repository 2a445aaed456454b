//! What the layers of a model give, row after row: how it is spread, units that are dead, and units that are saturated.

use ndarray::ArrayView2;
use nn::{Row, Trace};
use tape::Tape;

use super::histogram::{Histogram, thinned};
use super::run::Model;

/// What one layer gave.
#[derive(Clone, Debug)]
pub(super) struct Activity {
    /// The name of its parameters and its kind; of a layer without parameters, its kind and the name before it.
    pub(super) name: String,
    /// The operation that made its output.
    pub(super) operation: String,
    /// The shape of its output for one row.
    pub(super) shape: Vec<usize>,
    /// Of all numbers, but for those of a rectifier that are 0.
    pub(super) histogram: Histogram,
    /// The share of the numbers that are 0.
    pub(super) zeros: f64,
    /// Of the units of a rectifier: how many gave 0 for every row, of how many.
    pub(super) dead: Option<(usize, usize)>,
    /// Of the numbers that a sigmoid or a hyperbolic tangent gave: the share that is saturated.
    pub(super) saturated: Option<f64>,
}

/// How many rows the model is run on.
pub(super) const ROWS: usize = 256;

/// The layers of the model on some rows, [`ROWS`] or fewer where they would take much memory, and how many rows they are.
///
/// `table` holds the names: the [summary](nn::summary()) of the model.
pub(super) fn activities(
    model: Model<'_>,
    table: &[Row],
    rows: &ArrayView2<'_, f32>,
) -> (Vec<Activity>, usize) {
    /// Numbers that layers may hold together.
    const MOST: usize = 1 << 23;
    let one = traced(model, table, &rows.slice(ndarray::s![..1, ..]));
    let each: usize = one.iter().map(|activity| activity.shape.iter().product::<usize>()).sum();
    let count = rows.nrows().min(ROWS).min((MOST / each.max(1)).max(1));
    let chosen = super::run::chosen(rows.nrows(), count);
    (traced(model, table, &rows.select(ndarray::Axis(0), &chosen).view()), count)
}

fn traced(model: Model<'_>, table: &[Row], rows: &ArrayView2<'_, f32>) -> Vec<Activity> {
    let (tape, trace) = (Tape::new(), Trace::default());
    let net = model.params.on(&tape).evaluation().traced(&trace);
    let x = model.input(&net, rows);
    let _ = net.run(model.layer, x);
    let (layers, nodes) = (trace.layers(), tape.nodes().collect::<Vec<_>>());
    let (mut found, mut before) = (Vec::new(), "");
    for (k, layer) in layers.iter().enumerate() {
        let own = table.get(k).map_or("", |row| row.name.as_str());
        let holds_others = layers.get(k + 1).is_some_and(|next| next.depth > layer.depth);
        if !holds_others && !own.is_empty() {
            before = own;
        }
        // A layer that only passes on what it is given has no node.
        let Some(node) = layer.nodes.clone().next_back().map(|last| nodes[last]).filter(|_| !holds_others)
        else {
            continue;
        };
        // What is no row of each row can be told apart from none.
        if node.shape() != &layer.output[..] || node.shape().first() != Some(&rows.nrows()) {
            continue;
        }
        let (value, operation) = (node.value(), node.op().to_owned());
        let numbers = value.as_slice().expect("numbers in order");
        let rectifier = operation == "relu";
        found.push(Activity {
            name: match (own, before) {
                ("", "") => layer.kind.clone(),
                ("", before) => format!("{} after {before}", layer.kind),
                (own, _) => format!("{own} {}", layer.kind),
            },
            shape: node.shape()[1..].to_vec(),
            histogram: Histogram::of(thinned(numbers, 100_000).filter(|&number| !rectifier || number != 0.0)),
            zeros: numbers.iter().filter(|&&number| number == 0.0).count() as f64
                / numbers.len().max(1) as f64,
            dead: rectifier.then(|| dead_units(numbers, node.shape())),
            saturated: saturated(numbers, &operation),
            operation,
        });
    }
    found
}

/// How many units gave 0 for all rows, of how many. A unit is a number of a row's output, and of images a whole channel,
/// which shares its weights.
fn dead_units(numbers: &[f32], shape: &[usize]) -> (usize, usize) {
    let rows = shape[0];
    let of_row = numbers.len() / rows.max(1);
    let of_unit = if shape.len() == 4 { shape[2] * shape[3] } else { 1 };
    let units = of_row / of_unit.max(1);
    let mut alive = vec![false; units];
    for row in numbers.chunks(of_row.max(1)) {
        for (alive, unit) in alive.iter_mut().zip(row.chunks(of_unit.max(1))) {
            *alive |= unit.iter().any(|&number| number != 0.0);
        }
    }
    (alive.iter().filter(|&&alive| !alive).count(), units)
}

/// The share of the numbers where the function is so flat that its derivative is below 6 % of the largest: where a
/// hyperbolic tangent lies beyond ±0.97, and a sigmoid, which is one of half the height, as near to its ends.
fn saturated(numbers: &[f32], operation: &str) -> Option<f64> {
    const EDGE: f32 = 0.97;
    let beyond: fn(f32) -> bool = match operation {
        "tanh" => |y| y.abs() > EDGE,
        "sigmoid" => |y| (2.0 * y - 1.0).abs() > EDGE,
        _ => return None,
    };
    Some(numbers.iter().filter(|&&y| beyond(y)).count() as f64 / numbers.len().max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_numbers_or_channels() {
        assert_eq!(dead_units(&[0.0, 1.0, 0.0, 0.0, 2.0, 0.0], &[2, 3]), (2, 3));
        // Two rows of two channels of 1 × 2.
        assert_eq!(dead_units(&[0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0], &[2, 2, 1, 2]), (1, 2));
    }

    #[test]
    fn a_sigmoid_is_a_hyperbolic_tangent_of_half_the_height() {
        assert_eq!(saturated(&[0.99, -0.98, 0.5, 0.0], "tanh"), Some(0.5));
        assert_eq!(saturated(&[0.999, 0.001, 0.02, 0.5], "sigmoid"), Some(0.5));
        assert_eq!(saturated(&[5.0], "relu"), None);
    }
}
