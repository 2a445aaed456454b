//! From the options to an optimiser.

use nn::Optimizer;
use nn::optim::{Adagrad, Adam, AdamW, Lbfgs, Lion, RmsProp, Sgd};

use crate::args::{OptimizerName, TrainArgs};
use crate::fault::Fault;

/// The momentum of `momentum` and `nesterov` where `--momentum` is not given.
const MOMENTUM: f64 = 0.9;

/// The optimiser that was asked for.
pub(crate) fn build(args: &TrainArgs) -> Result<Box<dyn Optimizer<f32>>, Fault> {
    use OptimizerName as Name;
    let (name, rate, decay) = (args.optimizer, rate(args), decay(args));
    let own = matches!(name, Name::Momentum | Name::Nesterov | Name::Rmsprop);
    if args.momentum.is_some() && !own {
        let text =
            format!("--momentum goes with --optimizer momentum, nesterov or rmsprop, not {}", name.text());
        return Err(Fault::input(text));
    }
    if decay > 0.0 && name == Name::Lbfgs {
        return Err(Fault::input("--weight-decay does not go with --optimizer lbfgs"));
    }
    let momentum = momentum(args);
    Ok(match name {
        Name::Sgd => Box::new(Sgd::new(rate).weight_decay(decay)),
        Name::Momentum => Box::new(Sgd::new(rate).momentum(momentum).weight_decay(decay)),
        Name::Nesterov => Box::new(Sgd::new(rate).momentum(momentum).nesterov(true).weight_decay(decay)),
        Name::Adam => Box::new(Adam::new(rate).weight_decay(decay)),
        Name::Amsgrad => Box::new(Adam::new(rate).amsgrad(true).weight_decay(decay)),
        Name::Adamw => Box::new(AdamW::new(rate).weight_decay(decay)),
        Name::Rmsprop => Box::new(RmsProp::new(rate).momentum(momentum).weight_decay(decay)),
        Name::Adagrad => Box::new(Adagrad::new(rate).weight_decay(decay)),
        Name::Lion => Box::new(Lion::new(rate).weight_decay(decay)),
        Name::Lbfgs => Box::new(Lbfgs::new(rate)),
    })
}

/// The learning rate.
pub(crate) fn rate(args: &TrainArgs) -> f64 {
    args.rate.unwrap_or(args.optimizer.usual_rate())
}

fn decay(args: &TrainArgs) -> f64 {
    /// That of `AdamW` in `PyTorch`.
    const DECAY: f64 = 0.01;
    args.weight_decay.unwrap_or(if args.optimizer == OptimizerName::Adamw { DECAY } else { 0.0 })
}

fn momentum(args: &TrainArgs) -> f64 {
    let usual = if args.optimizer == OptimizerName::Rmsprop { 0.0 } else { MOMENTUM };
    args.momentum.unwrap_or(usual)
}

/// The optimiser in words.
pub(crate) fn describe(args: &TrainArgs) -> String {
    use OptimizerName::{Momentum, Nesterov, Rmsprop};
    let momentum = momentum(args);
    let shown = matches!(args.optimizer, Momentum | Nesterov | Rmsprop) && momentum > 0.0;
    let mut text = vec![args.optimizer.text(), format!("rate {}", rate(args))];
    text.extend(shown.then(|| format!("momentum {momentum}")));
    let decay = decay(args);
    text.extend((decay > 0.0).then(|| format!("weight decay {decay}")));
    text.extend(args.schedule.as_ref().map(|schedule| format!("schedule {schedule}")));
    text.extend(args.warmup.map(|steps| format!("warm-up of {steps} steps")));
    text.extend(args.clip_norm.map(|norm| format!("gradients clipped at {norm}")));
    text.join(", ")
}
