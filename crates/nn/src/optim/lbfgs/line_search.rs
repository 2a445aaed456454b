//! The search along a direction for a point that meets the strong Wolfe conditions.

use tape::Element;

/// A point on the way, at `start + t · direction`.
#[derive(Clone, Debug)]
pub(super) struct Point<T> {
    pub(super) t: T,
    pub(super) loss: T,
    /// The derivative of the loss by `t`.
    pub(super) slope: T,
    pub(super) gradient: Vec<T>,
}

/// A point that meets the conditions, or the best that was found, and how many were evaluated by `at`. First it goes on
/// until a minimum lies behind, then it narrows the bracket, both by the cubic through two points.
///
/// `reach` is the size of the direction's greatest entry. The limits are those of trials, and of the change of a weight
/// below which the bracket counts as a point.
pub(super) fn strong_wolfe<T: Element>(
    start: &Point<T>,
    t: T,
    reach: T,
    (trials, tolerance): (usize, T),
    mut at: impl FnMut(T) -> Point<T>,
) -> (Point<T>, usize) {
    // A loss that is not a number is too high as well: the search turns back from it.
    let too_high = |p: &Point<T>| p.loss.is_nan() || p.loss > start.loss + T::of(1e-4) * p.t * start.slope;
    let is_flat = |p: &Point<T>| p.slope.abs() <= -T::of(0.9) * start.slope;

    let mut bracket = [start.clone(), at(t)];
    let mut trial = 0;
    while trial < trials {
        let [before, new] = &bracket;
        if too_high(new) || (trial > 1 && new.loss >= before.loss) {
            break;
        }
        if is_flat(new) {
            let [_, new] = bracket;
            return (new, trial + 1);
        }
        if new.slope >= T::zero() {
            break;
        }
        let least = new.t + T::of(0.01) * (new.t - before.t);
        let next = at(cubic(before, new, least, new.t * T::of(10.0)));
        bracket.swap(0, 1);
        bracket[1] = next;
        trial += 1;
    }
    if trial == trials {
        bracket[0] = start.clone();
    }

    let mut low = lower(&bracket);
    let mut stuck = false;
    while trial < trials {
        let [a, b] = &bracket;
        let (least, most) = (a.t.min(b.t), a.t.max(b.t));
        if (most - least) * reach < tolerance {
            break;
        }
        let mut t = cubic(a, b, least, most);
        // Twice close to an end, or at it: a tenth of the bracket away from there.
        let tenth = T::of(0.1) * (most - least);
        let close = (most - t).min(t - least) < tenth;
        if close && (stuck || t >= most || t <= least) {
            t = if (t - most).abs() < (t - least).abs() { most - tenth } else { least + tenth };
            stuck = false;
        } else {
            stuck = close;
        }
        let new = at(t);
        trial += 1;
        if too_high(&new) || new.loss >= bracket[low].loss {
            bracket[1 - low] = new;
            low = lower(&bracket);
            continue;
        }
        if is_flat(&new) {
            return (new, trial + 1);
        }
        if new.slope * (bracket[1 - low].t - bracket[low].t) >= T::zero() {
            bracket[1 - low] = bracket[low].clone();
        }
        bracket[low] = new;
    }
    let [a, b] = bracket;
    (if low == 0 { a } else { b }, trial + 1)
}

/// The index of the lower end.
fn lower<T: Element>([a, b]: &[Point<T>; 2]) -> usize {
    usize::from(a.loss > b.loss || a.loss.is_nan())
}

/// Where the cubic through both points with their slopes is least, within bounds; the lower bound where there is none, as
/// with an infinite loss.
fn cubic<T: Element>(a: &Point<T>, b: &Point<T>, least: T, most: T) -> T {
    let (a, b) = if a.t <= b.t { (a, b) } else { (b, a) };
    let d1 = a.slope + b.slope - T::of(3.0) * (a.loss - b.loss) / (a.t - b.t);
    let square = d1 * d1 - a.slope * b.slope;
    if square < T::zero() {
        return (least + most) / T::of(2.0);
    }
    let d2 = square.sqrt();
    let at = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + d2 + d2));
    at.max(least).min(most)
}
