//! The derivative of a function of one number, from its values.

/// How often the step is halved.
const LEVELS: usize = 9;
/// How often it may be halved before that, where the function has no value a step away.
const RETREATS: usize = 30;

/// A difference quotient in the limit of small steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quotient {
    pub(super) value: f64,
    /// What the value may be off by.
    pub(super) error: f64,
    /// The part of it that rounding makes.
    pub(super) noise: f64,
    /// The smallest step that the value was made of.
    pub(super) step: f64,
    /// The quotients of either side, in the limit.
    pub(super) sides: [f64; 2],
}

impl Quotient {
    /// Of `f` at 0, whose value there is `at`. Central quotients of steps that are halved again and again, extrapolated to
    /// a step of 0; of all that come out of it the one that agrees best with its neighbours.
    ///
    /// `None` where `f` has no finite values close to 0.
    ///
    /// Source: C. Ridders, “Accurate computation of F′(x) and F′(x)F″(x)”, 1982.
    pub(super) fn of(mut f: impl FnMut(f64) -> f64, at: f64, step: f64) -> Option<Self> {
        let mut step = step;
        let mut pairs = Vec::with_capacity(LEVELS);
        let mut retreats = 0;
        while pairs.len() < LEVELS {
            let pair = [f(step), f(-step)];
            if pair.iter().all(|y| y.is_finite()) {
                pairs.push((step, pair));
            } else if retreats < RETREATS {
                // Whatever was found further out is on the other side of a gap.
                pairs.clear();
                retreats += 1;
            } else {
                return None;
            }
            step /= 2.0;
        }
        let largest = pairs.iter().flat_map(|(_, pair)| pair).fold(at.abs(), |size, y| size.max(y.abs()));
        let noise = |step: f64| 4.0 * f64::EPSILON * largest / step;
        let central = pairs.iter().map(|&(h, [above, below])| (h, (above - below) / (2.0 * h)));
        let (value, error, step) = extrapolate(central, 4.0, noise);
        let sides = [0, 1].map(|side| {
            let sign = if side == 0 { 1.0 } else { -1.0 };
            let quotients = pairs.iter().map(|&(h, pair)| (h, sign * (pair[side] - at) / h));
            // The last ones only: a kink that lies further out is none of this point's.
            extrapolate(quotients.skip(LEVELS - 4), 2.0, noise)
        });
        let [above, below] = sides;
        let slack = above.1 + below.1 + 1e-3 * above.0.abs().max(below.0.abs());
        let sides = if (above.0 - below.0).abs() > slack { [above.0, below.0] } else { [value; 2] };
        Some(Self { value, error, noise: noise(step), step, sides })
    }

    /// Whether the two sides have different slopes.
    pub(super) fn is_kink(&self) -> bool {
        self.sides[0] != self.sides[1]
    }
}

/// The limit of quotients of halved steps, its error, and its smallest step. The first error term of a quotient falls by
/// `factor` with each halving: by 4 for central quotients, whose errors are in even powers, by 2 for those of one side.
fn extrapolate(
    quotients: impl Iterator<Item = (f64, f64)>,
    factor: f64,
    noise: impl Fn(f64) -> f64,
) -> (f64, f64, f64) {
    let mut best = (f64::NAN, f64::INFINITY, f64::NAN);
    let mut before: Vec<f64> = Vec::new();
    for (step, quotient) in quotients {
        let mut row = vec![quotient];
        let mut power = factor;
        for &above in &before {
            let left = row[row.len() - 1];
            let next = left + (left - above) / (power - 1.0);
            let error = (next - left).abs().max((next - above).abs()) + noise(step);
            if error < best.1 {
                best = (next, error, step);
            }
            row.push(next);
            power *= factor;
        }
        before = row;
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(f: impl Fn(f64) -> f64, x: f64) -> Quotient {
        Quotient::of(|t| f(x + t), f(x), 1.0 / 32.0).unwrap()
    }

    #[test]
    fn smooth_functions_to_ten_digits() {
        for (f, x, want) in [
            (f64::sin as fn(f64) -> f64, 0.7, 0.7f64.cos()),
            (f64::exp, 3.0, 3f64.exp()),
            (|x| (40.0 * x).sin(), 0.1, 40.0 * 4f64.cos()),
            (f64::ln, 1e-4, 1e4),
            (|x| 1e6 + x * x, 1.5, 3.0),
            (|x| x.powi(5), -2.0, 80.0),
            (|_| 7.0, 0.0, 0.0),
        ] {
            let got = at(f, x);
            let off = (got.value - want).abs();
            assert!(
                off <= 1e-10 * want.abs().max(1.0) + got.error && !got.is_kink(),
                "at {x}: {got:?}, not {want}"
            );
        }
    }

    #[test]
    fn kinks_have_two_sides() {
        let at_kink = at(f64::abs, 0.0);
        assert!(at_kink.is_kink());
        assert!((at_kink.sides[0] - 1.0).abs() < 1e-9 && (at_kink.sides[1] + 1.0).abs() < 1e-9);
        // Beside it there is one slope, however far the first steps reach.
        let beside = at(f64::abs, 0.01);
        assert!(!beside.is_kink() && (beside.value - 1.0).abs() < 1e-9, "{beside:?}");
        assert!(Quotient::of(|_| f64::NAN, 0.0, 0.1).is_none());
    }
}
