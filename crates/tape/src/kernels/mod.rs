//! Loops over slices: the only place where the arithmetic of whole tensors is done.
pub(crate) mod gemm;
