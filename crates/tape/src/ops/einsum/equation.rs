//! What an equation says: a label for each axis of the operands and of the output.

use std::fmt;

use smallvec::SmallVec;

use crate::error::{Error, ErrorKind};

/// The name of an axis: a letter, or a place in the ellipsis, counted from its end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Label {
    Letter(char),
    Ellipsis(usize),
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Letter(letter) => write!(f, "label {letter}"),
            Self::Ellipsis(place) => write!(f, "axis -{} of the ellipsis", place + 1),
        }
    }
}

/// The labels of a tensor's axes, in order.
pub(super) type Labels = SmallVec<[Label; 6]>;

/// An equation for operands of certain shapes.
pub(super) struct Equation {
    pub(super) operands: Vec<Labels>,
    pub(super) output: Labels,
    extents: Vec<(Label, usize)>,
}

/// The letters of one operand, or of the output; `None` stands for the ellipsis.
type Term = SmallVec<[Option<char>; 8]>;

impl Equation {
    /// Reads an equation; its errors tell what is wrong with it, or with the operands.
    pub(super) fn read(text: &str, shapes: &[&[usize]]) -> Result<Self, Error> {
        let text: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
        let (operands, output) = match text.split_once("->") {
            Some((operands, output)) => (operands, Some(output)),
            None => (&text[..], None),
        };
        let terms = operands.split(',').map(term).collect::<Result<Vec<_>, _>>()?;
        if terms.len() != shapes.len() {
            return Err(fault(format!("it has {} operands, and {} are given", terms.len(), shapes.len())));
        }
        let mut equation = Self { operands: Vec::new(), output: Labels::new(), extents: Vec::new() };
        for (k, (term, shape)) in terms.iter().zip(shapes).enumerate() {
            equation.operand(k, term, shape)?;
        }
        equation.output = match output {
            Some(output) => equation.explicit(&term(output)?)?,
            None => equation.implicit(),
        };
        Ok(equation)
    }

    /// The extent along the axes of a label.
    pub(super) fn extent(&self, label: Label) -> usize {
        self.extents.iter().find(|(known, _)| *known == label).map_or(1, |(_, extent)| *extent)
    }

    /// The number of elements of a tensor with these labels.
    pub(super) fn elements(&self, labels: &[Label]) -> usize {
        labels.iter().fold(1, |elements: usize, &label| elements.saturating_mul(self.extent(label)))
    }

    /// Takes up an operand.
    fn operand(&mut self, k: usize, term: &Term, shape: &[usize]) -> Result<(), Error> {
        let letters = term.iter().flatten().count();
        let open = letters < term.len();
        if letters > shape.len() || !open && letters < shape.len() {
            let text = format!("operand {k} has {letters} labels for {} axes", shape.len());
            return Err(Error::new(ErrorKind::Shape, text));
        }
        let labels = spread(term, shape.len() - letters);
        for (axis, (&label, &extent)) in labels.iter().zip(shape).enumerate() {
            let earlier = labels[..axis].iter().position(|&other| other == label);
            match earlier.map(|earlier| shape[earlier]) {
                Some(other) if other != extent => {
                    let text = format!("{label} stands for {other} and for {extent} in operand {k}");
                    return Err(Error::new(ErrorKind::Shape, text));
                }
                _ => self.meet(k, label, extent)?,
            }
        }
        self.operands.push(labels);
        Ok(())
    }

    /// Notes what a label stands for: the same everywhere, or 1.
    fn meet(&mut self, k: usize, label: Label, extent: usize) -> Result<(), Error> {
        match self.extents.iter_mut().find(|(known, _)| *known == label) {
            None => self.extents.push((label, extent)),
            Some((_, known)) if *known == 1 => *known = extent,
            Some((_, known)) if *known == extent || extent == 1 => {}
            Some((_, known)) => {
                let text = format!("{label} stands for {known}, and for {extent} in operand {k}");
                return Err(Error::new(ErrorKind::Shape, text));
            }
        }
        Ok(())
    }

    /// The largest ellipsis.
    fn ellipsis(&self) -> usize {
        let places = self.extents.iter().filter_map(|(label, _)| match label {
            Label::Ellipsis(place) => Some(place + 1),
            Label::Letter(_) => None,
        });
        places.max().unwrap_or(0)
    }

    /// The labels of an output that is written down.
    fn explicit(&self, output: &Term) -> Result<Labels, Error> {
        let labels = spread(output, self.ellipsis());
        for (k, &label) in labels.iter().enumerate() {
            if !self.extents.iter().any(|(known, _)| *known == label) {
                return Err(fault(format!("{label} of the output is in no operand")));
            }
            if labels[..k].contains(&label) {
                return Err(fault(format!("{label} stands in the output twice")));
            }
        }
        Ok(labels)
    }

    /// The labels of an output that is not: the ellipsis, then every letter that is there once, by the alphabet.
    fn implicit(&self) -> Labels {
        let count = |label| self.operands.iter().flatten().filter(|&&other| other == label).count();
        let letters = self.extents.iter().map(|(label, _)| *label);
        let mut once: Labels =
            letters.filter(|&label| matches!(label, Label::Letter(_)) && count(label) == 1).collect();
        once.sort_unstable();
        (0..self.ellipsis()).rev().map(Label::Ellipsis).chain(once).collect()
    }
}

fn fault(text: String) -> Error {
    Error::new(ErrorKind::Value, text)
}

/// The letters of an operand, or of the output.
fn term(text: &str) -> Result<Term, Error> {
    let (mut letters, mut rest) = (Term::new(), text);
    while let Some(letter) = rest.chars().next() {
        if let Some(behind) = rest.strip_prefix("...") {
            if letters.contains(&None) {
                return Err(fault(format!("{text} has more than one ellipsis")));
            }
            letters.push(None);
            rest = behind;
        } else if letter.is_ascii_alphabetic() {
            letters.push(Some(letter));
            rest = &rest[1..];
        } else {
            return Err(fault(format!(
                "{letter:?} is no label: labels are letters from a to z and from A to Z"
            )));
        }
    }
    Ok(letters)
}

/// The labels of a term whose ellipsis, if it has one, stands for so many axes.
fn spread(term: &Term, ellipsis: usize) -> Labels {
    let mut labels = Labels::new();
    for letter in term {
        match letter {
            Some(letter) => labels.push(Label::Letter(*letter)),
            None => labels.extend((0..ellipsis).rev().map(Label::Ellipsis)),
        }
    }
    labels
}
