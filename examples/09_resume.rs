//! A training that is stopped, and goes on in another process, ends where one that was never stopped ends: bit for bit.

use chainrule::nn::train::{Checkpoints, TrainError};
use chainrule::prelude::*;
use std::path::Path;

/// Trains a network with dropout and Adam up to this epoch: from the start, or from a file.
fn train(epochs: usize, from: Option<&Path>, to: &Path) -> Result<Vec<f32>, TrainError> {
    let (data, _) = Dataset::iris().split(0.8, 42);
    let mut params = Params::<f32>::seeded(42);
    let layers = Sequential::new()
        .then(Linear::new(&mut params, 4, 16))
        .then(Activation::Tanh)
        .then(Dropout::new(0.2))
        .then(Linear::new(&mut params, 16, 3));
    let mut trainer =
        Trainer::classifier(&layers, Adam::new(0.01)).epochs(epochs).observe(Checkpoints::new(to));
    match from {
        None => trainer.fit(&mut params, &data)?,
        Some(file) => trainer.resume(&mut params, &data, file)?,
    };
    Ok(params.iter().flat_map(|(_, _, values)| values.iter().copied().collect::<Vec<_>>()).collect())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join(format!("chainrule-resume-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let (half, whole) = (folder.join("half.safetensors"), folder.join("whole.safetensors"));

    train(10, None, &half)?;
    let resumed = train(20, Some(&half), &half)?;
    let uninterrupted = train(20, None, &whole)?;
    assert_eq!(resumed, uninterrupted);
    println!("{} parameters, and every bit of them is the same", resumed.len());

    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
