//! Outputs in equal parts that do not hang on one another, as the matrices of a batch.

use crate::kernels::threads::ranges;

/// Calls `work(k, from, part k of each output)` for each of `count` parts.
pub(crate) fn alone<T, const M: usize, const N: usize>(
    count: usize,
    from: [&[T]; M],
    mut to: [&mut [T]; N],
    work: impl Fn(usize, [&[T]; M], [&mut [T]; N]),
) {
    for k in 0..count {
        let parts = to.each_mut().map(|to| {
            let len = to.len() / count;
            &mut to[k * len..(k + 1) * len]
        });
        work(k, from, parts);
    }
}

/// As [`alone`], on at most so many threads. The numbers are the same, however many.
pub(crate) fn shared<T: Send + Sync, const M: usize, const N: usize>(
    threads: usize,
    count: usize,
    from: [&[T]; M],
    to: [&mut [T]; N],
    work: impl Fn(usize, [&[T]; M], [&mut [T]; N]) + Sync,
) {
    if threads <= 1 || count <= 1 {
        return alone(count, from, to, work);
    }
    let to = to.map(|to| Parts { start: to.as_mut_ptr(), len: to.len() / count });
    ranges(threads, count, 1, |range| {
        for k in range {
            // SAFETY: the parts lie within outputs that are borrowed until all threads are done, and every `k` comes once.
            let parts = to
                .each_ref()
                .map(|to| unsafe { std::slice::from_raw_parts_mut(to.start.add(k * to.len), to.len) });
            work(k, from, parts);
        }
    });
}

/// An output: its first number, and the numbers of a part.
struct Parts<T> {
    start: *mut T,
    len: usize,
}

// SAFETY: threads reach different parts, and the numbers may cross from one thread to another.
unsafe impl<T: Send> Sync for Parts<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_written_once() {
        for (threads, count) in [(1, 0), (1, 3), (2, 1), (2, 5), (3, 16)] {
            let from: Vec<usize> = (0..count).collect();
            let (mut a, mut b) = (vec![0; 2 * count], vec![0; count]);
            shared(threads, count, [&from], [&mut a, &mut b], |k, [from], [a, b]| {
                a.iter_mut().for_each(|a| *a += from[k]);
                b[0] += 2 * k;
            });
            assert_eq!(a, (0..2 * count).map(|k| k / 2).collect::<Vec<_>>());
            assert_eq!(b, (0..count).map(|k| 2 * k).collect::<Vec<_>>());
        }
    }
}
