//! Weights to and from `PyTorch`: files that it wrote (`fixtures/pytorch`), and, where asked, files that it reads.

use std::fs;
use std::path::{Path, PathBuf};

use ndarray::ArrayViewD;
use nn::checkpoint::{CheckpointErrorKind, Dtype, Format, Mismatch, contents};
use nn::layers::{ConvTranspose2d, Embedding, GroupNorm, Lstm, MultiHeadAttention};
use nn::prelude::*;
use nn::{Architecture, Training};
use tape::Tape;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pytorch").join(name)
}

/// The tensors of a file, as parameters.
fn tensors(path: &Path) -> Params<f32> {
    let mut params = Params::seeded(42);
    for info in contents(path).unwrap().tensors {
        params.add(info.name, &info.shape, Init::Zeros);
    }
    params.load(path).unwrap();
    params
}

fn get<'a>(params: &'a Params<f32>, name: &str) -> ArrayViewD<'a, f32> {
    params.get(params.find(name).unwrap_or_else(|| panic!("there is no {name}")))
}

fn close(ours: &ArrayViewD<'_, f32>, theirs: &ArrayViewD<'_, f32>) {
    assert_eq!(ours.shape(), theirs.shape());
    for (index, &x) in ours.indexed_iter() {
        let y = theirs[&index];
        assert!((x - y).abs() <= 1e-5 * y.abs().max(1.0), "{x} and {y} at {index:?}");
    }
}

/// The network answers as `PyTorch` does, and the file written from it is that of `PyTorch`, byte for byte, but for the
/// number of batches that batch normalisation has seen.
fn agrees(params: &mut Params<f32>, model: &dyn Layer<f32>, format: &Format, [weights, io]: [&Path; 2]) {
    params.load_as(weights, format).unwrap();
    let io = tensors(io);
    let tape = Tape::new();
    let logits = model.forward(&params.on(&tape).evaluation(), tape.constant(get(&io, "x")));
    close(&logits.value(), &get(&io, "logits"));
    let (ours, theirs) = (params.to_bytes_as(format).unwrap(), fs::read(weights).unwrap());
    let found = contents(weights).unwrap();
    let batches = found.tensors.iter().filter(|info| info.name.ends_with("num_batches_tracked")).count();
    // These are of 8 bytes each, and stand first.
    let header = 8 + u64::from_le_bytes(*ours.first_chunk().unwrap()) as usize;
    assert!(ours[..header] == theirs[..header], "{}", String::from_utf8_lossy(&ours[..header]));
    assert!(ours[header..][..8 * batches].iter().all(|&byte| byte == 0));
    assert!(ours[header + 8 * batches..] == theirs[header + 8 * batches..]);
}

const CNN: &str = "cnn 1x8x8: conv 4x3 bn relu, pool 2, conv 8x3 valid bn relu, linear 10";

#[test]
fn a_perceptron_of_pytorch() {
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 32, 10], Activation::Relu);
    let files = ["mlp.safetensors", "mlp.io.safetensors"].map(fixture);
    agrees(&mut params, &model, &Format::torch().of_mlp("layers"), [&files[0], &files[1]]);
    let weight = params.get(model.layers()[1].weight);
    let theirs = tensors(&files[0]);
    assert_eq!(weight, get(&theirs, "2.weight").t());
}

#[test]
fn a_convolutional_network_of_pytorch() {
    let mut params = Params::<f32>::seeded(42);
    let model = Architecture::parse(CNN).unwrap().build(&mut params).unwrap();
    let files = ["cnn.safetensors", "cnn.io.safetensors"].map(fixture);
    agrees(&mut params, &model, &Format::torch().of_network("layers"), [&files[0], &files[1]]);
}

#[test]
fn modules_with_weights_of_other_layouts() {
    let mut params = Params::<f32>::seeded(42);
    let lstm = Lstm::named(&mut params, "lstm", [3, 4], 1, false).unwrap();
    let attention = MultiHeadAttention::named(&mut params, "attention", 4, 2).unwrap();
    let up = ConvTranspose2d::named(&mut params, "up", [2, 3], 2, 1, Init::Zeros).unwrap();
    Embedding::named(&mut params, "table", 5, 3, Init::Zeros).unwrap();
    GroupNorm::named(&mut params, "norm", 2, 4).unwrap();
    let file = fixture("modules.safetensors");
    params.load_as(&file, &Format::torch()).unwrap();
    assert!(params.to_bytes_as(&Format::torch()).unwrap() == fs::read(&file).unwrap());
    let io = tensors(&fixture("modules.io.safetensors"));
    let tape = Tape::new();
    let net = params.on(&tape).evaluation();
    let modules: [(&str, &dyn Layer<f32>); 3] = [("lstm", &lstm), ("attention", &attention), ("up", &up)];
    for (name, module) in modules {
        let y = module.forward(&net, tape.constant(get(&io, &format!("{name}.x"))));
        close(&y.value(), &get(&io, &format!("{name}.y")));
    }
}

#[test]
fn numbers_of_sixteen_bits() {
    let file = fixture("halves.safetensors");
    let mut params = Params::<f32>::seeded(42);
    for info in contents(&file).unwrap().tensors {
        params.add(info.name, &info.shape, Init::Constant(7.0));
    }
    let error = params.load(&file).unwrap_err();
    let wanted = ["brain", "half"].map(|name| {
        let found = if name == "half" { Dtype::F16 } else { Dtype::BF16 };
        Mismatch::Dtype { name: name.into(), expected: Dtype::F32, found }
    });
    assert_eq!(error.mismatches().len(), 2);
    assert!(wanted.iter().all(|mismatch| error.mismatches().contains(mismatch)), "{error}");
    assert!(params.iter().all(|(_, _, values)| values.iter().all(|&x| x == 7.0)));
    params.load_as(&file, &Format::new().convert(true)).unwrap();
    for name in ["half", "brain"] {
        let bits = |name: &str| get(&params, name).iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(name), bits(&format!("{name}_as_float")));
    }
}

#[test]
fn a_layout_is_not_taken_for_another() {
    let mut params = Params::<f32>::seeded(42);
    Linear::named(&mut params, "square", 3, 3, Init::HeNormal).unwrap();
    let torch = Format::torch();
    let (before, theirs) = (params.to_bytes(), params.to_bytes_as(&torch).unwrap());
    let mut refusal = |bytes: &[u8], format: &Format| {
        let error = params.load_bytes_as(bytes, format).unwrap_err();
        assert_eq!(error.kind(), CheckpointErrorKind::Layout, "{error}");
        assert_eq!(params.to_bytes(), before);
        error.to_string()
    };
    assert_eq!(
        refusal(&before, &torch),
        "the layout of PyTorch is expected, the file says that it has that of this library: read it without \
         Format::torch()"
    );
    assert_eq!(
        refusal(&theirs, &Format::new()),
        "the layout of this library is expected, the file says that it has PyTorch's: read it with Format::torch()"
    );
    // `save_file` of PyTorch says nothing of itself.
    let said = b"\"__metadata__\":{\"format\":\"pt\"},";
    let at = theirs.windows(said.len()).position(|window| window == said).unwrap();
    let mut silent = theirs.clone();
    silent.splice(at..at + said.len(), vec![b' '; said.len()]);
    assert_eq!(
        refusal(&silent, &Format::new()),
        "the file does not say whose layout it has, and \"square.weight\" is square: if it is from PyTorch, read it \
         with Format::torch(); if its matrices are [in, out], write it with the metadata {\"format\": \"chainrule\"}"
    );
    params.load_bytes_as(&silent, &torch).unwrap();
    assert_eq!(params.to_bytes(), before);
}

#[test]
fn transposed_shapes_are_explained() {
    let mut theirs = Params::<f32>::seeded(42);
    theirs.insert("hidden.weight", ([2, 3], vec![0.0; 6]));
    theirs.insert("hidden.bias", ([2], vec![0.0; 2]));
    let mut ours = Params::<f32>::seeded(42);
    Linear::named(&mut ours, "hidden", 3, 2, Init::HeNormal).unwrap();
    assert_eq!(
        ours.load_bytes(&theirs.to_bytes()).unwrap_err().to_string(),
        "1 tensor does not fit, nothing was changed (all are transposed, as PyTorch has them: see Format::torch()):\n  \
         \"hidden.weight\": shape [3, 2] is expected, found [2, 3]"
    );
}

#[test]
fn names_must_differ() {
    let mut params = Params::<f32>::seeded(42);
    Mlp::new(&mut params, &[4, 3, 2], Activation::Relu);
    let clash = Format::new().names_by(|ours| ours.replace("layers.1", "layers.0"));
    let error = params.to_bytes_as(&clash).unwrap_err();
    assert_eq!(error.kind(), CheckpointErrorKind::Duplicate);
    assert_eq!(error.to_string(), "two tensors would have the name \"layers.0.bias\" in the file");
    let error = params.clone().load_bytes_as(&params.to_bytes(), &clash).unwrap_err().to_string();
    assert_eq!(error, "two parameters would have the name \"layers.0.weight\" in the file");
    let kept = params.to_bytes_as(&Format::new().names([("layers.0.bias", "__metadata__")])).unwrap_err();
    assert_eq!(kept.to_string(), "the format keeps the name \"__metadata__\" for itself");
}

/// What is trained here, `PyTorch` loads strictly; it gives the same logits, and what it writes again is the same file.
///
/// `CHAINRULE_PYTHON=python3 cargo test -p chainrule-nn --test pytorch -- --ignored`
#[test]
#[ignore = "wants CHAINRULE_PYTHON: a Python with torch and safetensors"]
fn pytorch_loads_what_was_trained_here() {
    let python =
        std::env::var("CHAINRULE_PYTHON").expect("CHAINRULE_PYTHON: a Python with torch and safetensors");
    let folder = std::env::temp_dir().join(format!("chainrule-pytorch-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (mut mlp_params, mut cnn_params) = (Params::<f32>::seeded(42), Params::<f32>::seeded(42));
    let mlp = Mlp::new(&mut mlp_params, &[64, 32, 10], Activation::Relu);
    let cnn = "cnn 1x8x8: conv 4x3 bn relu, residual 8x3 stride 2, pool 2, linear 10";
    let cnn = Architecture::parse(cnn).unwrap().build(&mut cnn_params).unwrap();
    train(&mut mlp_params, &mlp);
    train(&mut cnn_params, &cnn);

    let mut io = Params::<f32>::seeded(42);
    let digits = Dataset::digits();
    let x = digits.features().slice_move(ndarray::s![..20, ..]).to_owned();
    io.insert("x", x.clone());
    io.save(folder.join("x.safetensors")).unwrap();
    let torch = [Format::torch().of_mlp("layers"), Format::torch().of_network("layers")];
    mlp_params.save_as(folder.join("mlp.safetensors"), &torch[0]).unwrap();
    cnn_params.save_as(folder.join("cnn.safetensors"), &torch[1]).unwrap();
    let output = std::process::Command::new(python)
        .arg(fixture("load.py"))
        .arg(&folder)
        .output()
        .expect("Python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let files =
        |name: &str| [".again.safetensors", ".io.safetensors"].map(|end| folder.join(format!("{name}{end}")));
    let ([mlp_again, mlp_io], [cnn_again, cnn_io]) = (files("mlp"), files("cnn"));
    agrees(&mut mlp_params, &mlp, &torch[0], [&mlp_again, &mlp_io]);
    agrees(&mut cnn_params, &cnn, &torch[1], [&cnn_again, &cnn_io]);
    fs::remove_dir_all(&folder).unwrap();
}

fn train(params: &mut Params<f32>, model: &dyn Layer<f32>) {
    let mut optim = Adam::new(1e-2);
    let mut tape = Tape::new();
    let digits = Dataset::digits();
    let training = Training::seeded(42);
    for (x, labels) in digits.batches(64) {
        let net = params.on(&tape).training(&training);
        let loss = model.forward(&net, tape.constant(x)).softmax_cross_entropy(labels);
        let grads = net.backward(loss);
        tape.reset();
        optim.step(params, &grads);
    }
}
