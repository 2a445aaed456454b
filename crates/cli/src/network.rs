//! From the options to a network.

use nn::layers::Block;
use nn::{Architecture, Network, Params};

use crate::args::{NormName, TrainArgs};
use crate::fault::Fault;

/// The network that was asked for, for samples of this shape and so many outputs.
pub(crate) fn architecture(
    args: &TrainArgs,
    sample: &[usize],
    outputs: usize,
) -> Result<Architecture, Fault> {
    match args.network.as_deref().map(str::trim) {
        None => Ok(perceptron(args, sample, outputs)),
        Some("cnn") if sample.len() != 3 => {
            let text = format!(
                "--network cnn goes with images, and a sample of these rows has the shape {sample:?}"
            );
            Err(Fault::input(text))
        }
        Some("cnn") => Ok(convolutional(sample, outputs)),
        Some(text) => in_words(text, sample, outputs),
    }
}

/// The network with its first weights.
pub(crate) fn build(architecture: &Architecture, seed: u64) -> Result<(Network<f32>, Params<f32>), Fault> {
    let mut params = Params::<f32>::seeded(seed);
    let network = architecture.build(&mut params).map_err(|error| Fault::engine(&error))?;
    Ok((network, params))
}

/// Batch normalisation needs two numbers of a channel or more: where it is given rows, two rows. A batch of so many rows
/// is computed in so many parts.
pub(crate) fn suits(architecture: &Architecture, rows: usize, shards: usize) -> Result<(), Fault> {
    let blocks = architecture.blocks();
    let of_rows = |&k: &usize| {
        let before =
            blocks[..k].iter().fold(Architecture::new(architecture.input()), |before, &b| before.then(b));
        // Of an image it has a number of each pixel.
        before.output().is_ok_and(|shape| shape[1..].iter().product::<usize>() == 1)
    };
    let norms = (0..blocks.len()).filter(|&k| blocks[k] == Block::BatchNorm);
    if rows / shards.min(rows).max(1) > 1 || norms.filter(of_rows).count() == 0 {
        return Ok(());
    }
    let text = "batch normalisation needs two rows or more at a time, and a batch, or a part of it, has one";
    Err(Fault::input(format!("{text}: another --batch leaves more over for the last")))
}

fn perceptron(args: &TrainArgs, sample: &[usize], outputs: usize) -> Architecture {
    let mut network = Architecture::new(&[sample.iter().product()]);
    for &width in &args.hidden.0 {
        network.push(Block::Linear(width));
        match args.norm {
            NormName::None => {}
            NormName::Batch => network.push(Block::BatchNorm),
            NormName::Layer => network.push(Block::LayerNorm),
        }
        network.push(Block::Activation(args.activation));
        if args.dropout > 0.0 {
            network.push(Block::Dropout(args.dropout));
        }
    }
    network.then(Block::Linear(outputs))
}

/// Convolutions as long as there is an image, and one hidden layer.
fn convolutional(sample: &[usize], outputs: usize) -> Architecture {
    let relu = Block::Activation(nn::Activation::Relu);
    let mut network = Architecture::new(sample);
    let (mut height, mut width) = (sample[1], sample[2]);
    for channels in [32, 64] {
        network = network.then(Block::conv(channels, 3)).then(Block::BatchNorm).then(relu);
        if height.min(width) >= 4 {
            network.push(Block::MaxPool(2));
            (height, width) = (height / 2, width / 2);
        }
    }
    let dropout = Block::Dropout(0.3);
    [dropout, Block::Linear(128), relu, dropout, Block::Linear(outputs)]
        .into_iter()
        .fold(network, Architecture::then)
}

/// The blocks of the text, with the last one where it is not there.
fn in_words(text: &str, sample: &[usize], outputs: usize) -> Result<Architecture, Fault> {
    let head = match sample {
        [_, _, _] => Architecture::new(sample),
        _ => Architecture::new(&[sample.iter().product()]),
    };
    let fault = |error: tape::Error| {
        let text = crate::fault::without_line(&error);
        Fault::input(format!("--network: {}", text.trim_start_matches("architecture: ")))
    };
    let text = if text.contains(':') { text.to_owned() } else { format!("{head} {text}") };
    let network = Architecture::parse(&text).map_err(fault)?;
    if network.input().iter().product::<usize>() != sample.iter().product::<usize>() {
        let (wanted, found) = (network.input(), sample);
        let text =
            format!("--network takes samples of the shape {wanted:?}, and these have the shape {found:?}");
        return Err(Fault::input(text));
    }
    Ok(match network.blocks().last() {
        Some(&Block::Linear(last)) if last == outputs => network,
        _ => network.then(Block::Linear(outputs)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(options: &[(&str, &str)], sample: &[usize]) -> Result<String, Fault> {
        let options = options.iter().map(|(option, value)| (option.to_string(), value.to_string()));
        let args = crate::options::Options::of_pairs(options).args().unwrap();
        architecture(&args, sample, 10).map(|network| network.to_string())
    }

    #[test]
    fn the_options_become_blocks() {
        assert_eq!(of(&[], &[1, 8, 8]).unwrap(), "mlp 64: linear 128 relu, linear 10");
        let options = [("hidden", "16,8"), ("activation", "tanh"), ("norm", "batch"), ("dropout", "0.5")];
        assert_eq!(
            of(&options, &[4]).unwrap(),
            "mlp 4: linear 16 bn tanh, dropout 0.5, linear 8 bn tanh, dropout 0.5, linear 10"
        );
        assert_eq!(of(&[("hidden", "none")], &[4]).unwrap(), "mlp 4: linear 10");
    }

    #[test]
    fn words_become_blocks_with_the_last_one_added() {
        let images = "cnn 1x8x8: conv 4x3 relu, pool 2, linear 10";
        for text in ["conv 4x3 relu, pool 2", "conv 4x3 relu, pool 2, linear 10", images] {
            assert_eq!(of(&[("network", text)], &[1, 8, 8]).unwrap(), images);
        }
        assert_eq!(of(&[("network", "linear 8 relu")], &[4]).unwrap(), "mlp 4: linear 8 relu, linear 10");
        assert!(
            of(&[("network", "cnn")], &[3, 32, 32])
                .unwrap()
                .starts_with("cnn 3x32x32: conv 32x3 bn relu, pool 2")
        );
        assert!(of(&[("network", "cnn")], &[1, 2, 2]).is_ok(), "too small to be made smaller");
    }

    #[test]
    fn batch_normalisation_needs_two_rows() {
        let suits =
            |text: &str, rows, shards| suits(&Architecture::parse(text).unwrap(), rows, shards).is_ok();
        let norm = "mlp 4: linear 8 bn relu, linear 2";
        assert!(suits(norm, 2, 1) && suits(norm, 4, 2) && !suits(norm, 1, 1) && !suits(norm, 3, 2));
        assert!(!suits(norm, 2, 4), "two rows in two parts");
        assert!(suits("mlp 4: linear 8 ln relu, linear 2", 1, 1));
        assert!(suits("cnn 1x4x4: conv 8x3 bn relu, linear 2", 1, 1), "sixteen pixels");
        assert!(!suits("cnn 1x4x4: conv 8x3 relu, globalpool, bn, linear 2", 1, 1));
    }

    #[test]
    fn faults_name_the_option() {
        let text = |network: &str, sample: &[usize]| match of(&[("network", network)], sample) {
            Err(Fault::Input(text)) => text,
            other => panic!("{other:?}"),
        };
        assert!(text("conv 4x3, pool 16", &[1, 8, 8]).starts_with("--network: block 2, \"pool 16\": "));
        assert!(text("cnn", &[4]).starts_with("--network cnn goes with images"));
        let other = text("mlp 5: linear 3", &[4]);
        assert_eq!(other, "--network takes samples of the shape [5], and these have the shape [4]");
    }
}
