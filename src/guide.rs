//! The code of the guide, run as tests: a line for each page, which `tests/guide` compares with the table of contents.

macro_rules! pages {
    ($($name:ident: $path:literal,)*) => {
        $(
            #[doc = include_str!(concat!("../docs/guide/src/", $path))]
            pub struct $name;
        )*
    };
}

pages! {
    Introduction: "introduction.md",
    Affine: "chapters/1-affine.md",
    Activations: "chapters/2-activations.md",
    Softmax: "chapters/3-softmax.md",
    CrossEntropy: "chapters/4-cross-entropy.md",
    ChainRule: "chapters/5-chain-rule.md",
    Training: "chapters/6-training.md",
    VanishingGradients: "chapters/7-vanishing-gradients.md",
    Convolution: "chapters/8-convolution.md",
    Gradients: "howto/gradients.md",
    NotANumber: "howto/not-a-number.md",
    DoesNotLearn: "howto/does-not-learn.md",
    OwnData: "howto/own-data.md",
    Save: "howto/save.md",
    OwnParts: "howto/own-parts.md",
    Draw: "howto/draw.md",
    Report: "howto/report.md",
    TensorBoard: "howto/tensorboard.md",
    SecondOrder: "howto/second-order.md",
    Program: "reference/program.md",
    Operations: "reference/operations.md",
    Sources: "reference/sources.md",
}
