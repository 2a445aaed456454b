//! Texts of architectures, there and back, and what is wrong with others.

use super::*;

#[test]
fn texts_are_read_back() {
    for text in [
        "mlp 64: linear 32 relu, linear 10",
        "mlp 4: ln, linear 16 bn leaky_relu(0.2), dropout 0.5, linear 3 log_softmax",
        "cnn 1x28x28: conv 6x5 valid tanh, avgpool 2, conv 16x5 stride 2 groups 2 valid, linear 10",
        "cnn 3x32x32: conv 16x3 bn relu, residual 16x3, residual 32x3 stride 2, globalpool, linear 10",
        "cnn 1x8x8: relu, pool 8, linear 2",
        "mlp 3:",
    ] {
        let architecture = Architecture::parse(text).unwrap();
        assert_eq!(architecture.to_string(), text);
        assert_eq!(text.parse::<Architecture>().unwrap(), architecture);
        let words = text.replace(',', " ").replace(':', " : ").replacen(" : ", ": ", 1);
        assert_eq!(Architecture::parse(&words).unwrap(), architecture, "commas are for the eye");
    }
    assert_eq!(Architecture::parse("mlp 3:").unwrap().output().unwrap()[..], [3]);
}

#[test]
fn what_is_written_is_what_is_built() {
    let text = "cnn 2x9x8: conv 4x3 stride 2 groups 2 elu(0.5), residual 4x3, residual 6x3 stride 2 pool 2, dropout 0.1, \
                linear 5 bn tanh, linear 3";
    let architecture = Architecture::parse(text).unwrap();
    let mut params = Params::<f64>::seeded(42);
    let model = architecture.build(&mut params).unwrap();
    assert_eq!(model.architecture(), &architecture);
    let shapes = architecture.shapes().unwrap();
    assert_eq!(shapes[0][..], [4, 5, 4]);
    assert_eq!(shapes[3][..], [6, 3, 2]);
    assert_eq!(architecture.output().unwrap()[..], [3]);
    // What the shapes say is what comes out of the layers.
    let rows = crate::summary(&params, &model, &[2, 9, 8]).rows;
    let outermost = rows.iter().filter(|row| row.depth == 1 && row.kind != "Flatten");
    let found: Vec<_> = outermost.map(|row| Shape::from_slice(&row.output[1..])).collect();
    assert_eq!(found, shapes);
    // The affine map before batch normalisation has no bias.
    let names: Vec<_> = params.iter().map(|(_, name, _)| name.to_owned()).collect();
    assert!(
        names.contains(&"layers.7.weight".into()) && !names.contains(&"layers.7.bias".into()),
        "{names:?}"
    );
    assert!(names.contains(&"layers.3.downsample.1.running_var".into()), "{names:?}");
    // The same text and seed give the same network.
    let mut again = Params::<f64>::seeded(42);
    Architecture::parse(text).unwrap().build(&mut again).unwrap();
    assert!(params.iter().zip(again.iter()).all(|(a, b)| (a.1, a.2) == (b.1, b.2)));
}

#[test]
fn a_hand_made_list_of_blocks() {
    let architecture = Architecture::new(&[1, 8, 8]).then(Block::conv(4, 3)).then(Block::GlobalPool);
    assert_eq!(architecture.to_string(), "cnn 1x8x8: conv 4x3, globalpool");
    assert_eq!((architecture.input(), architecture.blocks().len()), (&[1, 8, 8][..], 2));
    let error = Architecture::new(&[2, 2]).build(&mut Params::<f32>::seeded(0)).unwrap_err().to_string();
    let wanted =
        "architecture: [features] or [channels, height, width] of a sample are wanted, found [2, 2] (at ";
    assert!(error.starts_with(wanted) && error.contains("tests.rs"), "{error}");
    let error = Architecture::mlp(&[], Activation::Relu).output().unwrap_err().to_string();
    assert!(error.ends_with("are wanted, found []"), "{error}");
}

#[test]
fn faults_name_the_block() {
    let head = "\"mlp\" and how many numbers a sample has, or \"cnn\" and its channels, height and width are wanted, \
                as in \"mlp 64\" and \"cnn 1x28x28\"";
    for (text, wanted) in [
        ("", "\"\": the shape of a sample, a colon and blocks are wanted, as in \"mlp 64: linear 10\""),
        ("mlp 64", "\"mlp 64\": the shape of a sample, a colon"),
        ("mlp 8x8: linear 2", &format!("\"mlp 8x8\": {head}")),
        ("cnn 1x8x0: linear 2", &format!("\"cnn 1x8x0\": {head}")),
        ("rnn 8: linear 2", &format!("\"rnn 8\": {head}")),
        ("mlp 4: linear 3 rleu", "block 2, \"rleu\": there are conv, residual, pool,"),
        ("mlp 4: linear", "block 1, \"linear\": the number of outputs is missing"),
        ("mlp 4: linear 0", "block 1, \"linear\": a whole number from 1 on is wanted, found \"0\""),
        ("mlp 4: linear -3", "block 1, \"linear\": a whole number from 1 on is wanted, found \"-3\""),
        ("mlp 4: dropout 1", "block 1, \"dropout\": a probability in [0, 1) is wanted, found \"1\""),
        ("mlp 4: dropout nan", "block 1, \"dropout\": a probability in [0, 1) is wanted, found \"nan\""),
        ("cnn 1x8x8: conv 3", "block 1, \"conv\": channels and a kernel are wanted, as in 32x3, found \"3\""),
        ("cnn 1x8x8: conv 3x0", "block 1, \"conv\": a whole number from 1 on is wanted, found \"0\""),
        (
            "cnn 1x8x8: conv 3x3 relu stride 2",
            "block 3, \"stride\": it goes with the convolution right before it",
        ),
        ("cnn 1x8x8: residual 3x3 valid", "block 2, \"valid\": it goes with the convolution right before it"),
        ("mlp 4: conv 3x3", "block 1, \"conv 3x3\": an image [channels, height, width] is wanted, found [4]"),
        (
            "cnn 1x8x8: linear 4, pool 2",
            "block 2, \"pool 2\": an image [channels, height, width] is wanted, found [4]",
        ),
        (
            "cnn 1x8x4: conv 3x5 valid",
            "block 1, \"conv 3x5 valid\": there is no window of 5 × 5 in [1, 8, 4]",
        ),
        (
            "cnn 3x8x8: conv 4x3 groups 2",
            "block 1, \"conv 4x3 groups 2\": 3 input and 4 output channels cannot be shared evenly by 2 groups",
        ),
    ] {
        let error = Architecture::parse(text).expect_err(text).to_string();
        assert!(error.starts_with(&format!("architecture: {wanted}")), "{text}: {error}");
    }
}

/// Whatever is said, it is an answer or an error, and an answer is read back.
#[test]
fn any_words_in_any_order() {
    let words = [
        "conv", "8x3", "pool", "2", "bn", ",", "relu", "stride", "linear", "valid", "groups", "0", "x",
        "residual",
    ];
    let mut generator = crate::Generator::seeded(42);
    for _ in 0..5000 {
        let blocks: Vec<_> = (0..generator.below(8)).map(|_| words[generator.below(words.len())]).collect();
        if let Ok(architecture) = Architecture::parse(&format!("cnn 2x9x9: {}", blocks.join(" "))) {
            assert_eq!(Architecture::parse(&architecture.to_string()), Ok(architecture));
        }
    }
}
