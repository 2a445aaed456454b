//! A small convolutional network on the digits, trained by the ready-made loop.

use chainrule::nn::summary;
use chainrule::nn::train::Progress;
use chainrule::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (train, test) = Dataset::digits().split(0.8, 42);
    let mut params = Params::<f32>::seeded(42);
    let model =
        Cnn::new([1, 8, 8], 10).conv(16, 3).conv(32, 3).pool(2).linear(64).dropout(0.3).build(&mut params);
    println!("{}\n", summary(&params, &model, train.sample_shape()));

    let report = Trainer::classifier(&model, Adam::new(2e-3))
        .epochs(8)
        .batch(32)
        .validate(&test)
        .observe(Progress::stdout())
        .fit(&mut params, &train)?;
    let accuracy =
        report.validation.and_then(|validation| validation.get("accuracy")).expect("it was validated");
    println!("\ntest accuracy: {accuracy:.4}");
    Ok(())
}
