//! How a training went, as a page to read and as events for `TensorBoard`.

use chainrule::draw::{Report, TensorBoard};
use chainrule::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).map_or_else(std::env::temp_dir, std::path::PathBuf::from);
    let (page, runs) = (folder.join("report.html"), folder.join("runs"));

    let (train, test) = Dataset::digits().split(0.8, 42);
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 32, 10], Activation::Relu);
    Trainer::classifier(&model, Adam::new(5e-3))
        .epochs(12)
        .batch(32)
        .validate(&test)
        .observe(Report::new(&page).title("Digits").model(&model).data(&test))
        .observe(TensorBoard::new(runs.join("hidden-32")).hyperparameter("hidden", 32.0))
        .fit(&mut params, &train)?;

    println!("{}", page.display());
    println!("tensorboard --logdir {}", runs.display());
    Ok(())
}
