use crate::element::Element;
use crate::rules::Rule;
#[derive(Clone, Copy)]
pub(crate) enum Side {
    First,
    Second,
}
pub(crate) fn value<T: Element>(
    r: Rule,
    a: (&[usize], &[T]),
    b: Option<(&[usize], &[T])>,
    _s: &[usize],
    out: &mut [T],
) {
    for i in 0..out.len() {
        let b = b.map_or(a.1[i], |b| b.1[i % b.1.len()]);
        out[i] = r.value(a.1[i % a.1.len()], b);
    }
}
pub(crate) fn vjp<T: Element>(
    r: Rule,
    a: (&[usize], &[T]),
    b: Option<(&[usize], &[T])>,
    _s: &[usize],
    y: &[T],
    u: &[T],
    side: Side,
    out: &mut [T],
    acc: bool,
) {
    for i in 0..out.len() {
        let b = b.map_or(a.1[i], |b| b.1[i % b.1.len()]);
        let l = r.local(a.1[i % a.1.len()], b, y[i]);
        let l = match side {
            Side::First => l.0,
            _ => l.1,
        }
        .unwrap_or(T::zero());
        let d = l * u[i];
        out[i] = if acc { out[i] + d } else { d };
    }
}
pub(crate) fn local<T: Element>(
    r: Rule,
    a: (&[usize], &[T]),
    b: Option<(&[usize], &[T])>,
    s: &[usize],
    y: &[T],
    side: Side,
    out: &mut [T],
) {
    let u = vec![T::one(); y.len()];
    vjp(r, a, b, s, y, &u, side, out, false)
}
