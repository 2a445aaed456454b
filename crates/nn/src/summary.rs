//! A model as a table: shapes, parameters, multiply-adds.

use std::collections::HashSet;
use std::fmt;

use tape::{Element, Shape, Tape, TensorData};

use crate::layers::Layer;
use crate::layout::{ParamId, Role};
use crate::params::Params;
use crate::trace::{Trace, TracedLayer};

/// A model layer by layer: see [`summary()`]. Its text is a table.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Summary {
    /// The layers in the order in which they run, each before those within it; the first is the model.
    pub rows: Vec<Row>,
    /// Numbers that are learnt, each counted once however many layers share it.
    pub learnt: usize,
    /// Numbers of frozen parameters.
    pub frozen: usize,
    /// Numbers of buffers, as running statistics.
    pub buffers: usize,
    /// Multiply-adds of the forward pass of one sample.
    pub multiply_adds: u64,
    /// What one number takes.
    pub bytes_per_number: usize,
}

/// One layer of a [`Summary`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Row {
    /// How many layers it lies within.
    pub depth: usize,
    /// Its [kind](Layer::kind).
    pub kind: String,
    /// What the names of its own parameters begin with; empty where it has none.
    pub name: String,
    /// The shape of its output for one sample: the first axis is that of the samples.
    pub output: Shape,
    /// The numbers of the parameters that it uses itself, apart from those of layers within it.
    pub parameters: usize,
    /// A layer before it uses the same parameters.
    pub shared: bool,
    /// Multiply-adds of the forward pass of one sample, apart from those of layers within it.
    pub multiply_adds: u64,
}

/// Runs the model on one sample of zeros of this shape, in evaluation, and notes what each layer gives, uses and costs.
///
/// A layer that is made of layers shows them if it calls them by [`Net::run`](crate::Net::run).
///
/// ```
/// use nn::{Activation, Mlp, Params};
/// let mut params = Params::<f32>::seeded(42);
/// let model = Mlp::new(&mut params, &[64, 32, 10], Activation::Relu);
/// let summary = nn::summary(&params, &model, &[64]);
/// assert_eq!((summary.learnt, summary.multiply_adds), (2410, 64 * 32 + 32 * 10));
/// assert_eq!(
///     summary.to_string(),
///     "\
/// layer     parameters of  output shape  parameters  multiply-adds
/// Mlp                      [N, 10]
///   Linear  layers.0       [N, 32]            2,080          2,048
///   relu                   [N, 32]                0              0
///   Linear  layers.1       [N, 10]              330            320
/// total                                       2,410          2,368
/// 2,410 parameters are learnt; they take 9.4 KiB"
/// );
/// ```
///
/// # Panics
/// As the model's [`forward`](Layer::forward) does: the sample does not fit it.
#[track_caller]
pub fn summary<T: Element>(
    params: &Params<T>,
    model: &(impl Layer<T> + ?Sized),
    sample: &[usize],
) -> Summary {
    let (tape, trace) = (Tape::new(), Trace::default());
    let shape: Shape = [1].iter().chain(sample).copied().collect();
    let x = TensorData::Written(shape, &|_| T::zero());
    let _ = params.on(&tape).evaluation().traced(&trace).run(model, tape.constant(x));
    of_layers(params, &tape, trace.layers())
}

fn of_layers<T: Element>(params: &Params<T>, tape: &Tape<T>, layers: Vec<TracedLayer>) -> Summary {
    let nodes: Vec<_> = tape.nodes().collect();
    // The layer that each node belongs to: the innermost one, which is the last one that holds it.
    let mut owner = vec![None; nodes.len()];
    for (k, layer) in layers.iter().enumerate() {
        owner[layer.nodes.clone()].fill(Some(k));
    }
    let ids: Vec<ParamId> = params.ids().collect();
    let mut rows: Vec<Row> = layers
        .into_iter()
        .map(|TracedLayer { kind, depth, output, .. }| Row {
            depth,
            kind,
            name: String::new(),
            output,
            parameters: 0,
            shared: false,
            multiply_adds: 0,
        })
        .collect();
    let mut used = vec![Vec::new(); rows.len()];
    for (node, owner) in nodes.iter().zip(&owner) {
        let Some(owner) = *owner else { continue };
        rows[owner].multiply_adds += node.multiply_adds();
        // The parameters are the first nodes of the tape.
        let leaves = node.inputs().into_iter().filter_map(|input| ids.get(input.index()));
        used[owner].extend(leaves.copied());
    }
    let mut summary = Summary {
        learnt: 0,
        frozen: 0,
        buffers: 0,
        multiply_adds: rows.iter().map(|row| row.multiply_adds).sum(),
        bytes_per_number: size_of::<T>(),
        rows: Vec::new(),
    };
    let mut seen = HashSet::new();
    for (row, used) in rows.iter_mut().zip(used) {
        let mut own = HashSet::new();
        row.name = common_path(used.iter().map(|&id| params.name(id)));
        for id in used.into_iter().filter(|&id| own.insert(id)) {
            let (numbers, first) = (params.values(id).len(), seen.insert(id));
            let total = match params.role(id) {
                Role::Learnt => &mut summary.learnt,
                Role::Frozen => &mut summary.frozen,
                Role::Buffer => &mut summary.buffers,
            };
            *total += if first { numbers } else { 0 };
            if params.role(id) != Role::Buffer {
                row.parameters += numbers;
                row.shared |= !first;
            }
        }
    }
    Summary { rows, ..summary }
}

/// The path that the names of some parameters have in common, the last part of each being its own: empty where there is
/// none.
///
/// ```
/// assert_eq!(nn::common_path(["layers.0.weight", "layers.0.bias"]), "layers.0");
/// assert_eq!(nn::common_path(["layers.0.weight", "layers.1.weight"]), "layers");
/// ```
pub fn common_path<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let parts = |name: &'a str| {
        let path = name.rsplit_once('.').map_or("", |(path, _)| path);
        path.split('.').collect::<Vec<_>>()
    };
    let both = |a: Vec<&'a str>, b: Vec<&'a str>| {
        let parts = a.into_iter().zip(b);
        parts.take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
    };
    names.into_iter().map(parts).reduce(both).unwrap_or_default().join(".")
}

impl Summary {
    /// Numbers of all parameters, learnt or frozen.
    pub fn parameters(&self) -> usize {
        self.learnt + self.frozen
    }

    /// A row that only holds others, so that the numbers are theirs.
    fn only_holds(&self, k: usize) -> bool {
        let row = &self.rows[k];
        let holds = self.rows.get(k + 1).is_some_and(|next| next.depth > row.depth);
        holds && row.parameters == 0 && row.multiply_adds == 0
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head =
            ["layer", "parameters of", "output shape", "parameters", "multiply-adds"].map(str::to_owned);
        let mut cells = vec![head];
        for (k, row) in self.rows.iter().enumerate() {
            let (mut parameters, mut work) = (grouped(row.parameters as u64), grouped(row.multiply_adds));
            if row.shared {
                parameters += " shared";
            }
            if self.only_holds(k) {
                (parameters, work) = (String::new(), String::new());
            }
            let layer = format!("{}{}", "  ".repeat(row.depth), row.kind);
            cells.push([layer, row.name.clone(), shape_of(&row.output), parameters, work]);
        }
        let total = grouped(self.parameters() as u64);
        cells.push(["total".into(), String::new(), String::new(), total, grouped(self.multiply_adds)]);
        let widths: [usize; 5] = std::array::from_fn(|column| {
            cells.iter().map(|cells| cells[column].chars().count()).max().unwrap_or(0)
        });
        for [layer, name, shape, parameters, work] in &cells {
            let [a, b, c, d, e] = widths;
            let line = format!("{layer:a$}  {name:b$}  {shape:c$}  {parameters:>d$}  {work:>e$}");
            writeln!(f, "{}", line.trim_end())?;
        }
        write!(f, "{} parameters are learnt", grouped(self.learnt as u64))?;
        for (numbers, are) in [(self.frozen, "are frozen"), (self.buffers, "numbers are kept beside them")] {
            if numbers > 0 {
                write!(f, ", {} {are}", grouped(numbers as u64))?;
            }
        }
        let bytes = (self.parameters() + self.buffers) * self.bytes_per_number;
        write!(f, "; they take {}", memory(bytes))
    }
}

/// A shape with `N` for the samples. Where samples were put together with another axis, `6·N`.
fn shape_of(shape: &[usize]) -> String {
    let [samples, rest @ ..] = shape else { return "[]".into() };
    let first = if *samples == 1 { "N".into() } else { format!("{samples}·N") };
    let extents: Vec<String> = [first].into_iter().chain(rest.iter().map(ToString::to_string)).collect();
    format!("[{}]", extents.join(", "))
}

/// With a comma between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (k, digit) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn memory(bytes: usize) -> String {
    const KIB: f64 = 1024.0;
    let bytes_as_float = bytes as f64;
    match bytes_as_float {
        b if b < KIB => format!("{bytes} bytes"),
        b if b < KIB * KIB => format!("{:.1} KiB", b / KIB),
        b if b < KIB * KIB * KIB => format!("{:.1} MiB", b / (KIB * KIB)),
        b => format!("{:.1} GiB", b / (KIB * KIB * KIB)),
    }
}
