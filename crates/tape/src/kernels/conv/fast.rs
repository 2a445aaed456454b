//! The products of `f32` and `f64`, by the widest vectors of the machine, shared between threads.
//!
//! A convolution is a matrix product whose second matrix would hold every number of the input as often as there are
//! places in a window. That matrix is never made: a copy of one image with its padding is, in which row `k` of the
//! matrix begins at a certain distance, the same for all of it.

use std::ops::Range;

use super::along::{Addend, Along, along};
use super::taps::{Lists, Plan, with_lists};
use super::weight::{Weight, weight};
use super::{Geometry, Job, Product, Start, plain};
use crate::element::Element;
use crate::kernels::gemm::arch::Instructions;
use crate::kernels::gemm::room;
use crate::kernels::gemm::vector::Vector;
use crate::kernels::threads;
use crate::kernels::vectors::{Vectors, Work};

/// Multiply-adds from which on a product is shared between threads.
const SHARED_FROM: usize = 1_000_000;
/// Channels of the result that are one thread's work.
const CHANNELS: usize = 16;
/// Vectors of windows from which on the sums of the weight are split, how often at most, and how many numbers all parts
/// may have together.
const SPLIT_FROM: usize = 256;
const MOST_SPLITS: usize = 16;
const MOST_SPLIT: usize = 1 << 20;
/// Numbers of padded copies that lie side by side: they stay in the second-level cache.
const COPIES: usize = 1 << 16;

/// Numbers of scratch that a product needs.
pub(crate) fn scratch_len<T: Element>(geometry: &Geometry, of_weight: bool) -> usize {
    if !T::BARE || geometry.work() == 0 {
        return 0;
    }
    geometry.weights() * if of_weight { splits(geometry) } else { 1 }
}

/// In how many parts the images are summed for the weight: it must not depend on how many threads there are.
fn splits(geometry: &Geometry) -> usize {
    let [rows, columns] = &geometry.axes;
    let vectors = geometry.batch * rows.output * columns.output.div_ceil(16);
    let most = MOST_SPLITS.min(geometry.batch).min(MOST_SPLIT / geometry.weights());
    (vectors / SPLIT_FROM).min(most).max(1)
}

/// As [`plain`], for `f32` and `f64`, by the widest vectors that the machine has.
pub(crate) fn fast<T: Vectors>(job: Job<'_, T>) {
    let threads = if job.geometry.work() < SHARED_FROM { 1 } else { threads::threads() };
    product(Instructions::best(), threads, job);
}

/// The product by instructions that this machine has, on at most so many threads.
pub(super) fn product<T: Vectors>(instructions: Instructions, threads: usize, job: Job<'_, T>) {
    if job.geometry.work() == 0 || job.geometry.planes()[0] == 0 {
        return plain(job);
    }
    let flat = job.geometry.flat();
    let job = Job { geometry: &flat, ..job };
    with_lists(|lists| match job.product {
        Product::Output { x, w } => {
            let plan = Plan::output(job.geometry, lists);
            with_weights(instructions, threads, job, (&plan, lists), x, w);
        }
        Product::Input { y, w } => {
            let plan = Plan::input(job.geometry, lists);
            with_weights(instructions, threads, job, (&plan, lists), y, w);
        }
        Product::Weight { x, y } => {
            let plan = Plan::output(job.geometry, lists);
            of_weight(instructions, threads, job, (&plan, lists), x, y);
        }
    });
}

impl Geometry {
    /// The same with one long line for a plane, where windows hold one number and none is passed over.
    fn flat(&self) -> Self {
        let [input, output, _] = self.planes();
        let alone = |axis: &super::Axis| (axis.kernel, axis.stride, axis.padding) == (1, 1, 0);
        if input != output || !self.axes.iter().all(alone) {
            return *self;
        }
        let axes = [super::Axis::POINT, super::Axis { input, output, ..super::Axis::POINT }];
        Self { axes, ..*self }
    }
}

/// The output or the input.
fn with_weights<T: Vectors>(
    instructions: Instructions,
    threads: usize,
    job: Job<'_, T>,
    (plan, lists): (&Plan, &Lists),
    from: &[T],
    weights: &[T],
) {
    let Job { geometry, start, out, scratch, .. } = job;
    let packed = &mut scratch[..weights.len()];
    // SAFETY: the machine has the instructions; slices check themselves.
    unsafe { T::with(instructions, Pack { plan, lists, groups: geometry.groups, weights, packed }) };
    let planes = geometry.batch * geometry.groups;
    assert!(planes > 0 && from.len().is_multiple_of(planes) && out.len().is_multiple_of(planes));
    let planar = Planar {
        plan,
        lists,
        groups: geometry.groups,
        from: from.as_ptr(),
        from_plane: from.len() / planes,
        packed: packed.as_ptr(),
        weights: packed.len() / geometry.groups,
        out: out.as_mut_ptr(),
        out_plane: out.len() / planes,
        addend: match start {
            Start::Nothing => Addend::Nothing,
            Start::Output => Addend::Output,
            Start::Channels(bias) => {
                assert_eq!(bias.len(), geometry.groups * plan.channels, "a number for each channel");
                Addend::Channels(bias.as_ptr())
            }
        },
    };
    let blocks = plan.channels.div_ceil(CHANNELS);
    threads::ranges(threads, planes * blocks, 1, |range| {
        room::with(plan.padded.room(1), |room| {
            // SAFETY: the machine has the instructions, the lengths were checked, and no two ranges have a plane of
            // the result in common.
            unsafe { T::with(instructions, planar.part(range, blocks, room)) }
        });
    });
}

/// Copies the weights of all groups.
struct Pack<'a, T> {
    plan: &'a Plan,
    lists: &'a Lists,
    groups: usize,
    weights: &'a [T],
    packed: &'a mut [T],
}

impl<T: Vectors> Work<T> for Pack<'_, T> {
    #[inline(always)]
    unsafe fn run<V: Vector<Number = T>>(self) {
        let each = self.weights.len() / self.groups;
        for (weights, packed) in self.weights.chunks_exact(each).zip(self.packed.chunks_exact_mut(each)) {
            self.plan.pack::<V>(self.lists, weights, packed);
        }
    }
}

/// The groups of all images, one after another.
struct Planar<'a, T> {
    plan: &'a Plan,
    lists: &'a Lists,
    groups: usize,
    /// What is read, and how much of it for each group of an image.
    from: *const T,
    from_plane: usize,
    /// Packed weights, and how many for each group.
    packed: *const T,
    weights: usize,
    out: *mut T,
    out_plane: usize,
    addend: Addend<T>,
}

// SAFETY: what the pointers lead to is only read, but for `out`, of which threads write different parts.
unsafe impl<T: Send + Sync> Sync for Planar<'_, T> {}

impl<'a, T> Planar<'a, T> {
    fn part(&'a self, range: Range<usize>, blocks: usize, room: *mut T) -> Planes<'a, T> {
        Planes { all: self, range, blocks, room }
    }
}

/// Some blocks of channels.
struct Planes<'a, T> {
    all: &'a Planar<'a, T>,
    range: Range<usize>,
    /// How many blocks a group has.
    blocks: usize,
    room: *mut T,
}

impl<T: Vectors> Work<T> for Planes<'_, T> {
    #[inline(always)]
    unsafe fn run<V: Vector<Number = T>>(self) {
        let Self { all, range, blocks, room } = self;
        let (plan, lists) = (all.plan, all.lists);
        let plane_of_channel = all.out_plane / plan.channels;
        // SAFETY: as promised by the caller.
        unsafe {
            room.write_bytes(0, plan.padded.room(1));
            let mut copied = usize::MAX;
            for at in range.start..range.end {
                let (unit, block) = (at / blocks, at % blocks);
                if unit != copied {
                    plan.padded.copy::<V>(all.from.add(unit * all.from_plane), room);
                    copied = unit;
                }
                let group = unit % all.groups;
                let channel = block * CHANNELS;
                let channels = CHANNELS.min(plan.channels - channel);
                for phase in &lists.phases {
                    let weights = group * all.weights + phase.first * plan.channels + channel * phase.taps;
                    along::<V>(&Along {
                        taps: &lists.taps[phase.first..phase.first + phase.taps],
                        weights: all.packed.add(weights),
                        channels,
                        lines: phase.lines,
                        columns: phase.columns,
                        copy: room,
                        copy_line: plan.copy_line,
                        out: all.out.add(unit * all.out_plane + channel * plane_of_channel + phase.start),
                        plane: plane_of_channel,
                        line: plan.line,
                        column: plan.column,
                        addend: match all.addend {
                            Addend::Channels(bias) => {
                                Addend::Channels(bias.add(group * plan.channels + channel))
                            }
                            other => other,
                        },
                    });
                }
            }
        }
    }
}

/// The weight.
fn of_weight<T: Vectors>(
    instructions: Instructions,
    threads: usize,
    job: Job<'_, T>,
    (plan, lists): (&Plan, &Lists),
    x: &[T],
    y: &[T],
) {
    let Job { geometry, start, out, scratch, .. } = job;
    let splits = splits(geometry);
    let parts = &mut scratch[..splits * out.len()];
    parts.fill(T::zero());
    let [x_plane, y_plane, _] = geometry.planes();
    assert_eq!(x.len(), geometry.batch * geometry.groups * geometry.inputs * x_plane);
    assert_eq!(y.len(), geometry.batch * geometry.groups * geometry.outputs * y_plane);
    assert_eq!(out.len(), geometry.weights());
    let images = (COPIES / plan.padded.image()).clamp(1, geometry.batch.div_ceil(splits));
    let sums = Sums {
        plan,
        lists,
        geometry,
        x: x.as_ptr(),
        y: y.as_ptr(),
        parts: parts.as_mut_ptr(),
        splits,
        images,
    };
    let blocks = plan.channels.div_ceil(CHANNELS);
    threads::ranges(threads, splits * geometry.groups * blocks, 1, |range| {
        room::with(plan.padded.room(images), |room| {
            // SAFETY: the machine has the instructions, the lengths were checked, and no two ranges have a part of the
            // sums in common.
            unsafe { T::with(instructions, sums.part(range, blocks, room)) }
        });
    });
    let mut accumulate = matches!(start, Start::Output);
    for part in parts.chunks_exact(out.len()) {
        if accumulate {
            out.iter_mut().zip(part).for_each(|(out, &part)| *out = *out + part);
        } else {
            out.copy_from_slice(part);
        }
        accumulate = true;
    }
}

/// Sums of the weight, in parts.
struct Sums<'a, T> {
    plan: &'a Plan,
    lists: &'a Lists,
    geometry: &'a Geometry,
    x: *const T,
    y: *const T,
    /// All weights for each split.
    parts: *mut T,
    splits: usize,
    /// How many images are copied at a time.
    images: usize,
}

// SAFETY: what the pointers lead to is only read, but for `parts`, of which threads write different ones.
unsafe impl<T: Send + Sync> Sync for Sums<'_, T> {}

impl<'a, T> Sums<'a, T> {
    fn part(&'a self, range: Range<usize>, blocks: usize, room: *mut T) -> Parts<'a, T> {
        Parts { all: self, range, blocks, room }
    }
}

/// Some blocks of channels of some splits.
struct Parts<'a, T> {
    all: &'a Sums<'a, T>,
    range: Range<usize>,
    /// How many blocks a group has.
    blocks: usize,
    room: *mut T,
}

impl<T: Vectors> Work<T> for Parts<'_, T> {
    #[inline(always)]
    unsafe fn run<V: Vector<Number = T>>(self) {
        let Self { all, range, blocks, room } = self;
        let Sums { plan, lists, geometry, .. } = all;
        let Geometry { batch, groups, inputs, outputs, .. } = **geometry;
        let [x_plane, y_plane, _] = geometry.planes();
        let (phase, taps) = (&lists.phases[0], lists.taps.len());
        // SAFETY: as promised by the caller.
        unsafe {
            room.write_bytes(0, plan.padded.room(all.images));
            let mut at = range.start;
            while at < range.end {
                // The blocks of a group that are this thread's share the copies.
                let unit = at / blocks;
                let end = range.end.min((unit + 1) * blocks);
                let (split, group) = (unit / groups, unit % groups);
                let (mut image, last) = (split * batch / all.splits, (split + 1) * batch / all.splits);
                while image < last {
                    let images = all.images.min(last - image);
                    for k in 0..images {
                        let x = all.x.add(((image + k) * groups + group) * inputs * x_plane);
                        plan.padded.copy::<V>(x, room.add(k * plan.padded.image()));
                    }
                    for block in at..end {
                        let channel = (block - unit * blocks) * CHANNELS;
                        let row = group * outputs + channel;
                        weight::<V>(&Weight {
                            taps: &lists.taps,
                            copies: room,
                            copy: plan.padded.image(),
                            copy_line: plan.copy_line,
                            y: all.y.add((image * groups * outputs + row) * y_plane),
                            image: groups * outputs * y_plane,
                            plane: y_plane,
                            images,
                            channels: CHANNELS.min(outputs - channel),
                            lines: phase.lines,
                            columns: phase.columns,
                            out: all.parts.add(split * geometry.weights() + row * taps),
                        });
                    }
                    image += images;
                }
                at = end;
            }
        }
    }
}
