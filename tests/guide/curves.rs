//! The plots, and what a convolution makes of a digit.

use std::fmt::Write;

use chainrule::prelude::*;
use ndarray::ArrayD;

use super::pictures::Picture;
use super::plot::{Line, Plot, curve};

/// The numbers of a function of the library, and of its derivative.
fn both(f: impl for<'t> Fn(Scalar<'t, f64>) -> Scalar<'t, f64>) -> impl Fn(f64) -> (f64, f64) {
    move |x| {
        let tape = Tape::new();
        let x = tape.scalar(x);
        let y = f(x);
        (y.value(), y.backward()[x])
    }
}

fn activations(title: &'static str, y: (&'static str, f64, f64), derivative: bool) -> String {
    let part = |(value, slope): (f64, f64)| if derivative { slope } else { value };
    let ends = (-4.0, 4.0);
    let lines = vec![
        curve("step", ends, |x| part(both(|x| x.step())(x))),
        curve("sigmoid", ends, |x| part(both(|x| x.sigmoid())(x))),
        curve("tanh", ends, |x| part(both(|x| x.tanh())(x))),
        curve("ReLU", ends, |x| part(both(|x| x.relu())(x))),
        curve("leaky ReLU", ends, |x| part(both(|x| x.leaky_relu(0.1))(x))),
    ];
    Plot { title, x: ("x", -4.0, 4.0), y, logarithmic: false, dots: false, lines }.svg()
}

fn softmax() -> String {
    let share = |x: f64, k: usize| {
        let tape = Tape::<f64>::new();
        tape.tensor(([2], vec![x, 0.0])).softmax(0).value()[k]
    };
    let lines =
        vec![curve("first", (-6.0, 6.0), |x| share(x, 0)), curve("second", (-6.0, 6.0), |x| share(x, 1))];
    let title = "softmax of the logits (x, 0)";
    Plot { title, x: ("x", -6.0, 6.0), y: ("share", 0.0, 1.0), logarithmic: false, dots: false, lines }.svg()
}

fn cross_entropy() -> String {
    let loss = |p: f64| -p.ln();
    let lines = vec![curve("−ln p", (0.005, 1.0), loss)];
    let title = "what a prediction costs";
    let x = ("p, the probability given to the right class", 0.0, 1.0);
    Plot { title, x, y: ("loss in nats", 0.0, 5.5), logarithmic: false, dots: false, lines }.svg()
}

/// `(w − 3)²` from `w = 0`, step by step.
fn rates() -> String {
    let descent = |rate: f64| {
        let mut w = 0.0_f64;
        let mut points = Vec::new();
        for step in 0..=12 {
            let (loss, gradient) = chainrule::grad(|w| (w[0] - 3.0).square(), &[w]);
            points.push((f64::from(step), loss));
            w -= rate * gradient[0];
        }
        Line { name: format!("η = {rate}"), points }
    };
    let lines = [0.02, 0.1, 0.4, 1.1].map(descent).into();
    let title = "L = (w − 3)², by gradient descent from w = 0";
    Plot { title, x: ("step", 0.0, 12.0), y: ("L", 1e-8, 1e4), logarithmic: true, dots: true, lines }.svg()
}

/// The norm of the gradient of each layer's weight, as in chapter 7.
fn vanishing() -> String {
    let norms = |name: &str, activation: Activation| {
        let widths = [&[64][..], &[32; 11], &[10]].concat();
        let mut params = Params::<f32>::seeded(42);
        let model = Mlp::new(&mut params, &widths, activation);
        let digits = Dataset::digits();
        let (x, labels) = digits.batches(256).next().expect("there are digits");
        let tape = Tape::new();
        let net = params.on(&tape);
        let loss = model.forward(&net, tape.constant(x)).softmax_cross_entropy(labels);
        let grads = net.backward(loss);
        let weights = grads.norms().filter(|(name, _)| name.ends_with("weight"));
        let points = weights.zip(1..).map(|((_, norm), layer)| (f64::from(layer), f64::from(norm)));
        Line { name: name.to_owned(), points: points.collect() }
    };
    let lines = vec![
        norms("sigmoid", Activation::Sigmoid),
        norms("tanh", Activation::Tanh),
        norms("ReLU", Activation::Relu),
    ];
    let title = "norm of the gradient of each layer's weight";
    Plot { title, x: ("layer", 1.0, 12.0), y: ("norm", 1e-8, 10.0), logarithmic: true, dots: true, lines }
        .svg()
}

/// The training of chapter 6 that learns by heart.
fn overfitting() -> String {
    let (all, test) = Dataset::digits().split(0.8, 42);
    let rows: Vec<_> = (0..400).collect();
    // Every fifth label is wrong.
    let label =
        |row: &usize| (all.labels()[*row] + if row.is_multiple_of(5) { 1 + row / 5 % 9 } else { 0 }) % 10;
    let labels = rows.iter().map(label).collect();
    let train =
        Dataset::new(all.select(&rows).features().to_owned(), labels, all.class_names()).expect("labels");
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 64, 10], Activation::Relu);
    let report = Trainer::classifier(&model, Adam::new(5e-3))
        .epochs(60)
        .batch(16)
        .validate(&test)
        .fit(&mut params, &train)
        .expect("a training");
    let line = |name: &str, key: &str| {
        let points =
            report.epochs.iter().map(|epoch| (epoch.epoch as f64, epoch.get(key).expect("a figure")));
        Line { name: name.to_owned(), points: points.collect() }
    };
    let lines = vec![line("training", "loss"), line("test", "validation_loss")];
    let title = "loss on 400 digits, a fifth of them with wrong labels, and on 360 others";
    Plot {
        title,
        x: ("epoch", 0.0, 60.0),
        y: ("loss in nats", 0.0, 2.25),
        logarithmic: false,
        dots: false,
        lines,
    }
    .svg()
}

/// A digit, and what the first convolution of a trained network makes of it.
fn channels() -> String {
    let (train, test) = Dataset::digits().split(0.8, 42);
    let mut params = Params::<f32>::seeded(42);
    let model = Cnn::new([1, 8, 8], 10).conv(8, 3).pool(2).conv(16, 3).pool(2).linear(32).build(&mut params);
    Trainer::classifier(&model, Adam::new(3e-3)).epochs(4).fit(&mut params, &train).expect("a training");
    let tape = Tape::new();
    let net = params.on(&tape).evaluation();
    let seven = test.labels().iter().position(|&label| label == 7).expect("a seven");
    let digit = test.select(&[seven]).with_sample_shape([1, 8, 8]).expect("64 pixels");
    model.forward(&net, tape.constant(digit.inputs()));
    let rectified = tape.nodes().find(|node| node.op() == "relu").expect("an activation").value();

    let (pixel, gap) = (9, 14);
    let side = 8 * pixel;
    let width = 9 * (side + gap) + gap + 20;
    let height = side + 58;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" aria-label=\"a digit and the channels of the first convolution\"><style>text{{font:13px \
         system-ui,sans-serif;fill:#17202b;text-anchor:middle}}.paper{{fill:#fff}}.cell{{fill:#17202b}}.frame{{fill:none;stroke:#8390a0}}\
         @media (prefers-color-scheme:dark){{text{{fill:#e8edf4}}.paper{{fill:#0f141b}}.cell{{fill:#e8edf4}}}}</style>\
         <rect class=\"paper\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>"
    );
    let digit: ArrayD<f32> = digit.inputs().to_owned();
    let mut image = |left: usize, name: String, pixels: Vec<f32>| {
        let most = pixels.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
        for (k, pixel_value) in pixels.iter().enumerate() {
            let (x, y) = (left + k % 8 * pixel, gap + k / 8 * pixel);
            let shade = pixel_value / most;
            write!(
                svg,
                "<rect class=\"cell\" x=\"{x}\" y=\"{y}\" width=\"{pixel}\" height=\"{pixel}\" fill-opacity=\"{shade:.2}\"/>"
            )
            .expect("a string takes everything");
        }
        let (middle, below) = (left + side / 2, gap + side + 22);
        write!(
            svg,
            "<rect class=\"frame\" x=\"{left}\" y=\"{gap}\" width=\"{side}\" height=\"{side}\"/><text x=\"{middle}\" \
             y=\"{below}\">{name}</text>"
        )
        .expect("a string takes everything");
    };
    image(gap, "digit".into(), digit.iter().copied().collect());
    for channel in 0..8 {
        let pixels = rectified.iter().skip(channel * 64).take(64).copied().collect();
        image(gap + 20 + (channel + 1) * (side + gap), format!("channel {channel}"), pixels);
    }
    svg.push_str("</svg>");
    svg
}

pub(crate) fn all() -> Vec<Picture> {
    vec![
        Picture::exact("activations.svg", activations("activations", ("y", -1.2, 2.5), false)),
        Picture::exact("derivatives.svg", activations("their derivatives", ("dy/dx", -0.1, 1.2), true)),
        Picture::exact("softmax.svg", softmax()),
        Picture::exact("cross-entropy.svg", cross_entropy()),
        Picture::exact("rates.svg", rates()),
        Picture { name: "vanishing.svg", svg: vanishing(), tolerance: 2.0 },
        Picture { name: "overfitting.svg", svg: overfitting(), tolerance: 6.0 },
        Picture { name: "channels.svg", svg: channels(), tolerance: 0.05 },
    ]
}
