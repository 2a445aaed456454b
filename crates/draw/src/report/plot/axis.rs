//! Axes: how far they go, and where they have ticks.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use super::figure;

/// An axis of a plot.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    /// What is shown on it, and its unit.
    pub(super) label: String,
    /// From where to where, in the units of the picture: logarithms on a logarithmic axis.
    pub(super) range: (f64, f64),
    /// Where ticks are, in the units of the picture.
    pub(super) ticks: Vec<f64>,
    log: bool,
}

/// The least and the greatest of the finite numbers; `None` where there are none.
pub(crate) fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().filter(|value| value.is_finite()).fold(None, |extent, value| match extent {
        None => Some((value, value)),
        Some((low, high)) => Some((value.min(low), value.max(high))),
    })
}

impl Axis {
    /// With equal steps, for these numbers and a little beyond them.
    pub(crate) fn linear(label: impl Into<String>, values: impl IntoIterator<Item = f64>) -> Self {
        let (low, high) = extent(values).unwrap_or((0.0, 1.0));
        let room = if low == high { 0.5 * low.abs().max(1e-6) } else { 0.04 * (high - low) };
        Self::exact(label, low - room, high + room)
    }

    /// With equal steps, from 0 to a little beyond the greatest number.
    pub(crate) fn from_zero(label: impl Into<String>, values: impl IntoIterator<Item = f64>) -> Self {
        let high = extent(values).map_or(1.0, |(_, high)| high);
        Self::exact(label, 0.0, if high > 0.0 { 1.06 * high } else { 1.0 })
    }

    /// With equal steps, exactly from here to there.
    pub(crate) fn exact(label: impl Into<String>, low: f64, high: f64) -> Self {
        let ticks = steps(low, high, 6);
        Self { label: label.into(), range: (low, high), ticks, log: false }
    }

    /// Of whole numbers, as epochs are.
    pub(crate) fn whole(label: impl Into<String>, low: f64, high: f64) -> Self {
        let (low, high) = if low < high { (low, high) } else { (low - 1.0, high + 1.0) };
        let ticks = steps(low, high, 10).into_iter().filter(|tick| tick.fract() == 0.0).collect();
        Self { label: label.into(), range: (low, high), ticks, log: false }
    }

    /// With equal factors. Numbers that are not above 0 have no place on it.
    pub(crate) fn log(label: impl Into<String>, values: impl IntoIterator<Item = f64>) -> Self {
        let logs = values.into_iter().filter(|&value| value > 0.0).map(f64::log10);
        let (low, high) = extent(logs).unwrap_or((-1.0, 0.0));
        let room = (0.04 * (high - low)).max(0.05);
        let range = (low - room, high + room);
        Self { label: label.into(), range, ticks: decades(range), log: true }
    }

    /// Logarithmic where all numbers are above 0 and span more than two decades, else linear.
    pub(crate) fn suited(label: impl Into<String>, values: impl IntoIterator<Item = f64> + Clone) -> Self {
        match extent(values.clone()) {
            Some((low, high)) if low > 0.0 && high > 100.0 * low => Self::log(label, values),
            Some((low, high)) if low >= 0.0 && low < 0.35 * high => Self::from_zero(label, values),
            _ => Self::linear(label, values),
        }
    }

    /// Whether it is logarithmic.
    pub(crate) fn is_log(&self) -> bool {
        self.log
    }

    /// The place of a number in the units of the picture; `None` where it has none.
    pub(super) fn place(&self, value: f64) -> Option<f64> {
        let place = if self.log { value.log10() } else { value };
        place.is_finite().then_some(place)
    }

    /// With fewer ticks, where their texts would take more than so many letters.
    pub(super) fn in_letters(mut self, letters: usize) -> Self {
        let needed =
            |axis: &Self| axis.ticks.iter().map(|&tick| axis.text(tick).chars().count() + 2).sum::<usize>();
        while self.ticks.len() > 1 && needed(&self) > letters {
            // Those around the tick at 0 stay, if there is one.
            let odd = self.ticks.iter().position(|&tick| tick == 0.0).unwrap_or(0) % 2;
            self.ticks = self.ticks.iter().copied().skip(odd).step_by(2).collect();
        }
        self
    }

    /// What stands at a tick.
    pub(super) fn text(&self, tick: f64) -> String {
        if self.log {
            let value = 10f64.powf(tick);
            return if (-3.5..4.5).contains(&tick) { figure(value) } else { format!("{value:.0e}") };
        }
        let step = self.ticks.windows(2).map(|pair| pair[1] - pair[0]).fold(f64::INFINITY, f64::min);
        let largest = self.range.0.abs().max(self.range.1.abs());
        if !(1e-4..1e6).contains(&largest) {
            let text = format!("{tick:.1e}").replace(".0e", "e");
            return if tick == 0.0 { "0".to_owned() } else { text };
        }
        let places = if step.is_finite() { (-step.log10()).ceil().clamp(0.0, 9.0) as usize } else { 3 };
        // Not "-0".
        format!("{:.places$}", tick + 0.0)
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn range(&self) -> Range<f64> {
        self.range.0..self.range.1
    }

    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        let share = (value - self.range.0) / (self.range.1 - self.range.0);
        from + (share * f64::from(to - from)).round() as i32
    }

    fn key_points<H: KeyPointHint>(&self, _: H) -> Vec<f64> {
        self.ticks.clone()
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        self.text(*value)
    }
}

/// Multiples of 1, 2 or 5 times a power of ten, about so many.
fn steps(low: f64, high: f64, count: usize) -> Vec<f64> {
    let rough = (high - low) / count as f64;
    if !(rough.is_finite() && rough > 0.0) {
        return vec![low];
    }
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power).into_iter().find(|&step| step >= rough);
    let step = step.unwrap_or(rough);
    let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
    let count = (last - first).clamp(0.0, 50.0) as usize;
    // By division where steps are fractions: 3 × 0.1 is not 0.3.
    let tick = |k: f64| if step < 1.0 { k / (1.0 / step).round() } else { k * step };
    (0..=count).map(|k| tick(first + k as f64)).collect()
}

/// Powers of ten, all or some; with 2 and 5 times them where there are few.
fn decades((low, high): (f64, f64)) -> Vec<f64> {
    let (first, last) = (low.floor() as i64, high.ceil() as i64);
    let every = ((last - first) as usize / 7).max(1);
    let multiples: &[f64] = match high - low {
        span if span < 1.2 => &[1.0, 2.0, 3.0, 5.0, 7.0],
        span if span < 2.6 => &[1.0, 2.0, 5.0],
        _ => &[1.0],
    };
    let decades = (first..=last).step_by(every);
    let ticks =
        decades.flat_map(|decade| multiples.iter().map(move |multiple| decade as f64 + multiple.log10()));
    ticks.filter(|&tick| (low..=high).contains(&tick)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(axis: &Axis) -> Vec<String> {
        axis.ticks.iter().map(|&tick| axis.text(tick)).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(texts(&Axis::exact("", 0.0, 1.0)), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(texts(&Axis::exact("", -0.31, 0.29)), ["-0.3", "-0.2", "-0.1", "0.0", "0.1", "0.2"]);
        assert_eq!(
            texts(&Axis::whole("", 1.0, 20.0)),
            ["2", "4", "6", "8", "10", "12", "14", "16", "18", "20"]
        );
        assert_eq!(texts(&Axis::whole("", 0.0, 3.0)), ["0", "1", "2", "3"]);
        assert_eq!(texts(&Axis::log("", [1e-5, 1.0])), ["1e-5", "1e-4", "0.001", "0.01", "0.1", "1"]);
        assert_eq!(texts(&Axis::log("", [0.3, 2.0])), ["0.3", "0.5", "0.7", "1", "2"]);
    }

    #[test]
    fn an_axis_suits_its_numbers() {
        assert!(Axis::suited("", [0.001, 1.0]).is_log());
        assert!(!Axis::suited("", [0.0, 1.0]).is_log());
        assert_eq!(Axis::suited("", [0.0, 1.0]).range.0, 0.0);
        assert!(Axis::suited("", [0.9, 1.0]).range.0 > 0.8);
        // Nothing at all, and a single number, still have an axis.
        let crowded = Axis::exact("", -4e15, 1e15);
        assert_eq!(texts(&crowded), ["-4e15", "-3e15", "-2e15", "-1e15", "0", "1e15"]);
        assert_eq!(texts(&crowded.in_letters(24)), ["-4e15", "-2e15", "0"]);
        for numbers in [vec![], vec![f64::NAN], vec![3.0], vec![0.0], vec![-1e300, 1e300]] {
            for axis in
                [Axis::suited("", numbers.clone()), Axis::log("", numbers.clone()), Axis::linear("", numbers)]
            {
                assert!(axis.range.0 < axis.range.1 && axis.ticks.len() < 60, "{axis:?}");
            }
        }
    }
}
