//! Words that stand for numbers: classes and categories.

use std::collections::HashMap;

use super::rows::text;
use crate::data::error::Excerpt;

/// The classes, or the categories of a column, met so far.
#[derive(Debug)]
pub(super) struct Vocabulary {
    names: Vec<String>,
    indices: HashMap<String, usize>,
    /// What one of them is called, and many.
    noun: [&'static str; 2],
    /// Set beforehand: no other may come.
    fixed: bool,
}

impl Vocabulary {
    pub(super) fn new(noun: [&'static str; 2], fixed: Option<&[String]>) -> Self {
        let names = fixed.unwrap_or_default().to_vec();
        let indices = names.iter().enumerate().map(|(k, name)| (name.clone(), k)).collect();
        Self { names, indices, noun, fixed: fixed.is_some() }
    }

    /// The index of a cell, or what is wrong with the cell.
    pub(super) fn index(&mut self, cell: &[u8]) -> Result<usize, String> {
        let known = str::from_utf8(cell).ok().and_then(|name| self.indices.get(name));
        if let Some(&k) = known {
            return Ok(k);
        }
        let [one, many] = self.noun;
        let name = text(cell)?;
        let found = Excerpt(&name);
        if name.is_empty() {
            return Err(format!("a {one} is expected, found nothing"));
        }
        if name.contains('\n') {
            return Err(format!("a {one} on one line is expected, found `{found}`; is a quote left open?"));
        }
        if name.parse().is_ok_and(|x: f64| !x.is_finite()) {
            return Err(format!("a {one} is expected, found `{found}`"));
        }
        if self.fixed {
            // Of `1` and `1.0` in the first file, the other name is not there any more.
            let numbers: Result<Vec<f64>, _> = self.names.iter().map(|name| name.parse()).collect();
            if let (Ok(numbers), Ok(x)) = (numbers, name.parse::<f64>())
                && let Some(k) = numbers.into_iter().position(|number| number == x)
            {
                self.indices.insert(name, k);
                return Ok(k);
            }
            let known = self.names.join(", ");
            return Err(format!("one of the {many} {} is expected, found `{found}`", Excerpt(&known)));
        }
        self.names.push(name.clone());
        self.indices.insert(name, self.names.len() - 1);
        Ok(self.names.len() - 1)
    }

    /// The names in their final order, and for each index, which counts the order of coming, its place in that.
    pub(super) fn finish(self) -> (Vec<String>, Vec<usize>) {
        let mut place: Vec<usize> = (0..self.names.len()).collect();
        if self.fixed {
            return (self.names, place);
        }
        let mut order = place.clone();
        let numbers: Result<Vec<f64>, _> = self.names.iter().map(|name| name.parse()).collect();
        match &numbers {
            // Adding 0 makes -0 a 0. The sort is stable: of equal numbers the first met comes first.
            Ok(numbers) => order.sort_by(|&a, &b| (numbers[a] + 0.0).total_cmp(&(numbers[b] + 0.0))),
            Err(_) => order.sort_by(|&a, &b| self.names[a].cmp(&self.names[b])),
        }
        let mut kept: Vec<usize> = Vec::with_capacity(order.len());
        for index in order {
            let same = |&last: &usize| numbers.as_ref().is_ok_and(|n| n[last] == n[index]);
            if !kept.last().is_some_and(same) {
                kept.push(index);
            }
            place[index] = kept.len() - 1;
        }
        (kept.into_iter().map(|index| self.names[index].clone()).collect(), place)
    }
}
