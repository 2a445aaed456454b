//! Loops over slices: the only place where the arithmetic of whole tensors is done.
//!
//! All tensors are contiguous and row-major. A kernel with a flag `accumulate` writes every number of its output
//! where the flag is false, whatever was there, and adds where it is true. Kernels allocate nothing: what scratch they
//! need, the caller hands them; only products keep room of their own, once for each thread. A length that does not fit is a fault of the caller's, and panics.

/// Rules over broadcast operands: values, local derivatives and their products with the upstream.
pub(crate) mod elementwise;
/// Maxima and minima over axes, and where they are.
pub(crate) mod extrema;
/// Matrix products.
pub(crate) mod gemm;
/// Permutations, slices, and the pieces of a concatenation.
pub(crate) mod layout;
/// Sums over axes, broadcasting and its undoing.
pub(crate) mod reduce;
/// Broadcast operands as equally long slices.
pub(crate) mod runs;
/// Softmax and its logarithm.
pub(crate) mod softmax;
/// Walks over several tensors at once.
pub(crate) mod strided;
/// Long sums with small error.
pub(crate) mod sums;
/// Work that threads share.
pub(crate) mod threads;
/// Rows and columns along one axis.
pub(crate) mod tiles;
/// Loops compiled for the widest vectors that the machine has.
pub(crate) mod widest;
