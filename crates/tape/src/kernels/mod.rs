//! Loops over slices: the only place where the arithmetic of whole tensors is done.
//!
//! All tensors are contiguous and row-major. A kernel with a flag `accumulate` writes every number of its output
//! where the flag is false, whatever was there, and adds where it is true. Kernels allocate nothing: what scratch they
//! need, the caller hands them; only products keep room of their own, once for each thread. A length that does not fit is a fault of the caller's, and panics.

/// Attention: weights from scores, and back.
pub(crate) mod attention;
/// Columns along one axis.
pub(crate) mod columns;
/// Convolutions.
pub(crate) mod conv;
/// Diagonals between two axes.
pub(crate) mod diagonal;
/// Instruction sets, chosen at run time.
pub(crate) mod dispatch;
/// Rules over broadcast operands: values, local derivatives and their products with the upstream.
pub(crate) mod elementwise;
/// Maxima and minima over axes, and where they are.
pub(crate) mod extrema;
/// Elementary functions without branches.
#[cfg_attr(
    not(any(target_arch = "x86_64", target_arch = "aarch64")),
    allow(dead_code, reason = "only these machines are known to multiply and add in one instruction")
)]
pub(crate) mod functions;
/// Matrix products.
pub(crate) mod gemm;
/// Numbers found by their index.
pub(crate) mod indexed;
/// Numbers whose functions become vectors.
#[cfg_attr(
    not(any(target_arch = "x86_64", target_arch = "aarch64")),
    allow(dead_code, reason = "only these machines are known to multiply and add in one instruction")
)]
pub(crate) mod lane;
/// Permutations, and blocks along an axis.
pub(crate) mod layout;
/// The loops behind the rules.
pub(crate) mod loops;
/// Groups of numbers taken to mean 0 and variance 1.
pub(crate) mod normalise;
/// Outputs in equal parts.
pub(crate) mod parts;
/// Pools of images.
pub(crate) mod pool;
/// Recurrent cells: gates and states.
pub(crate) mod recurrent;
/// Sums over axes, broadcasting and its undoing.
pub(crate) mod reduce;
/// Softmax and its relatives over rows.
pub(crate) mod rows;
/// Broadcast operands as equally long slices.
pub(crate) mod runs;
/// Running sums.
pub(crate) mod scan;
/// Slices, and what is around them.
pub(crate) mod slicing;
/// Softmax and its logarithm.
pub(crate) mod softmax;
/// Walks over several tensors at once.
pub(crate) mod strided;
/// Long sums with small error.
pub(crate) mod sums;
/// Work that threads share.
pub(crate) mod threads;
/// The parts of matrices above and below a diagonal.
pub(crate) mod triangle;
/// Loops over vectors that are written out.
pub(crate) mod vectors;
/// Loops compiled for the widest vectors that the machine has.
pub(crate) mod widest;
/// Windows that move along an axis.
pub(crate) mod windows;
