//! Axes of extent 0 and 1.

use chainrule::tape::Tape;
use chainrule::tape::listing::{Drawn, Listed, Numbers, Sample, Walk};

use crate::case::{Record, Structured};
use crate::draw::Draw;
use crate::report::Report;
use crate::walk::{guarded, structured};

/// An operation has samples with an axis of extent 1, and with one of extent 0. It may do without the latter only if it
/// refuses every sample in which an extent is made 0.
#[derive(Default)]
pub(crate) struct Extents {
    pub(crate) report: Report,
    names: Vec<String>,
}

impl Walk for Extents {
    fn visit<O: Listed>(&mut self) {
        let name = O::DESCRIPTION.name;
        self.report.operation(name);
        self.names.push(name.to_owned());
        let samples = O::samples();
        let axes = samples.iter().any(|sample| sample.operands.iter().any(|x| !x.shape.is_empty()));
        let has =
            |extent| samples.iter().any(|sample| sample.operands.iter().any(|x| x.shape.contains(&extent)));
        let missing = (axes && !has(1)).then(|| "no sample has an axis of extent 1".to_owned());
        self.report.note(1, missing);
        for (k, sample) in samples.iter().enumerate() {
            for (extent, emptied) in emptied(sample) {
                self.report
                    .case(&format!("{name}, sample {k}, {:?}, extent {extent} made 0", sample.operation));
                self.empty(emptied, has(0));
            }
        }
    }
}

impl Extents {
    /// A sample with an empty axis: the operation takes it, with gradients in the right shapes, or says what it objects to.
    fn empty<O: Listed>(&mut self, sample: Sample<O>, may_be_taken: bool) {
        let Sample { operation, operands } = sample;
        let subject = Structured(operation);
        let tape = Tape::<f64>::new();
        let looked = guarded(|| {
            let mut draw = Draw::named("extents");
            let leaf = |drawn: &Drawn| match &drawn.numbers {
                Numbers::Given(numbers) => tape.constant((&drawn.shape, numbers.clone())),
                Numbers::Within(_) => tape.tensor((&drawn.shape, draw.weights(drawn.shape.iter().product()))),
            };
            let leaves: Vec<_> = operands.iter().map(leaf).collect();
            let Ok(output) = subject.record(&tape, &leaves) else { return false };
            let grads = output.backward_with((output.shape(), vec![1.0; output.value().len()]));
            for &leaf in &leaves {
                assert_eq!(grads.wrt(leaf).shape(), leaf.shape(), "the shape of a gradient");
            }
            true
        });
        match looked {
            Ok(true) if !may_be_taken => self.report.fail("is taken, and no sample has an axis of extent 0"),
            Ok(_) => self.report.note(1, None),
            Err(text) => self.report.fail(&format!("panics: {text}")),
        }
    }
}

/// The sample with each of its extents in turn made 0, in all operands at once; data is cut to what is left of it.
fn emptied<O: Clone>(sample: &Sample<O>) -> Vec<(usize, Sample<O>)> {
    let mut extents: Vec<usize> = sample.operands.iter().flat_map(|x| x.shape.iter().copied()).collect();
    extents.sort_unstable();
    extents.dedup();
    let without = |extent: usize| {
        let operands = sample.operands.iter().cloned().map(|mut drawn| {
            drawn.shape.iter_mut().filter(|n| **n == extent).for_each(|n| *n = 0);
            if let Numbers::Given(numbers) = &mut drawn.numbers {
                numbers.truncate(drawn.shape.iter().product());
            }
            drawn
        });
        Sample { operation: sample.operation.clone(), operands: operands.collect() }
    };
    extents.into_iter().filter(|&extent| extent > 0).map(|extent| (extent, without(extent))).collect()
}

#[test]
fn empty_axes_are_taken_or_refused() {
    let mut extents = Extents::default();
    structured(&mut extents);
    let Extents { report, names } = extents;
    report.finish(&names);
}
