//! From the options to an optimiser.

use nn::{Adam, Optimizer, Sgd};

use crate::args::{OptimizerName, TrainArgs};
use crate::fault::Fault;

/// The momentum where `--momentum` is not given.
const MOMENTUM: f64 = 0.9;

/// The optimiser that was asked for, and a description of it.
pub(crate) fn build(args: &TrainArgs) -> Result<(Box<dyn Optimizer<f32>>, String), Fault> {
    let name = args.optimizer;
    let with_momentum = matches!(name, OptimizerName::Momentum | OptimizerName::Nesterov);
    if args.momentum.is_some() && !with_momentum {
        let text = format!("--momentum goes with --optimizer momentum or nesterov, not {}", name.text());
        return Err(Fault::input(text));
    }
    let rate = args.rate.unwrap_or(name.usual_rate());
    let momentum = args.momentum.unwrap_or(MOMENTUM);
    let decay = args.weight_decay;
    let mut text = vec![format!("{}, rate {rate}", name.text())];
    text.extend(with_momentum.then(|| format!("momentum {momentum}")));
    text.extend((decay > 0.0).then(|| format!("weight decay {decay}")));
    let optimizer: Box<dyn Optimizer<f32>> = match name {
        OptimizerName::Sgd => Box::new(Sgd::new(rate).weight_decay(decay)),
        OptimizerName::Momentum => Box::new(Sgd::new(rate).momentum(momentum).weight_decay(decay)),
        OptimizerName::Nesterov => {
            Box::new(Sgd::new(rate).momentum(momentum).nesterov(true).weight_decay(decay))
        }
        OptimizerName::Adam => Box::new(Adam::new(rate).weight_decay(decay)),
    };
    Ok((optimizer, text.join(", ")))
}
