//! Networks: parameters, layers, losses, optimisers and data, over the tape of `chainrule-tape`.
//!
//! ```
//! use nn::prelude::*;
//! use tape::Tape;
//!
//! let mut params = Params::<f32>::seeded(42);
//! let model = Mlp::new(&mut params, &[64, 32, 10], Activation::Relu);
//! let mut optim = Adam::new(1e-3);
//!
//! let (train, test) = Dataset::digits().split(0.8, 42);
//! let mut tape = Tape::new();
//! for (x, labels) in train.batches(32) {
//!     let net = params.on(&tape);
//!     let logits = model.forward(&net, tape.constant(x));
//!     let loss = logits.softmax_cross_entropy(&labels);
//!     let grads = net.backward(loss);
//!     tape.reset();
//!     optim.step(&mut params, &grads);
//! }
//!
//! let net = params.on(&tape);
//! let logits = model.forward(&net, tape.constant(test.features()));
//! assert!(nn::metrics::accuracy(logits.value(), test.labels()) > 0.3); // 0.1 is chance
//! ```

pub mod checkpoint;
pub mod composite;
pub mod data;
pub mod generator;
mod gradients;
pub mod init;
pub mod layers;
mod layout;
pub mod metrics;
mod net;
pub mod optim;
pub mod params;
pub mod schedule;
mod summary;
mod trace;
pub mod train;
mod training;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use composite::{
    AbsoluteError, Affine, BinaryCrossEntropy, HingeLoss, HuberLoss, KlDivergence, Losses,
    NegativeLogLikelihood, Reduction, SigmoidCrossEntropy, SmoothL1Loss, SoftmaxCrossEntropy, SquaredError,
    Target, walk_operations,
};
pub use data::{Batch, Batches, DataError, Dataset, Loader, MinMax, Standardiser, Targets};
pub use generator::Generator;
pub use gradients::ParamGradients;
pub use init::Init;
pub use layers::{Activation, Architecture, Cnn, Layer, Linear, Mlp, Network, Sequential};
pub use layout::{ParamId, ParamKey, Role};
pub use net::{Mode, Net};
pub use optim::{
    Adagrad, Adam, AdamW, FirstOrder, Group, Lbfgs, Lion, Optimizer, OptimizerState, RmsProp, Sgd, Slot,
    Step, UpdateRule,
};
pub use params::Params;
pub use summary::{Row, Summary, common_path, summary};
pub use trace::{Trace, TracedLayer};
pub use train::Trainer;
pub use training::Training;

/// What the examples use.
pub mod prelude {
    pub use crate::composite::{
        AbsoluteError, Affine, BinaryCrossEntropy, HingeLoss, HuberLoss, KlDivergence, Losses,
        NegativeLogLikelihood, Reduction, SigmoidCrossEntropy, SmoothL1Loss, SoftmaxCrossEntropy,
        SquaredError,
    };
    pub use crate::data::{Dataset, Loader};
    pub use crate::init::Init;
    pub use crate::layers::{
        Activation, AdaptiveAvgPool2d, Architecture, AvgPool1d, AvgPool2d, BatchNorm, Cnn, Conv1d, Conv2d,
        ConvTranspose2d, Dropout, Embedding, Flatten, GlobalAvgPool, GroupNorm, Gru, Lambda, Layer,
        LayerNorm, Linear, Lstm, MaxPool1d, MaxPool2d, Mlp, MultiHeadAttention, Prelu, Reshape, Residual,
        RmsNorm, Sequential,
    };
    pub use crate::optim::{Adagrad, Adam, AdamW, Group, Lbfgs, Lion, Optimizer, RmsProp, Sgd};
    pub use crate::train::Trainer;
    pub use crate::{Net, ParamGradients, ParamId, Params, Training};
}

/// The plain name of a function is its `try_` twin and this: a panic with the same text at the caller's line.
#[track_caller]
pub(crate) fn or_panic<V, E: std::fmt::Display>(result: Result<V, E>) -> V {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}
