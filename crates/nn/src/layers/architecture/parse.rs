//! Reading the text of an architecture.

use std::str::FromStr;

use tape::{Error, ErrorKind, Shape};

use super::{Architecture, Block};

pub(super) fn fault(text: impl Into<String>) -> Error {
    Error::new(ErrorKind::Value, text).operation("architecture")
}

pub(super) fn parse(text: &str) -> Result<Architecture, Error> {
    let (head, blocks) = text.split_once(':').ok_or_else(|| {
        fault(format!(
            "{text:?}: the shape of a sample, a colon and blocks are wanted, as in \"mlp 64: linear 10\""
        ))
    })?;
    let input = head_of(head)?;
    let mut words = blocks.split([' ', ',', '\t', '\n', '\r']).filter(|word| !word.is_empty()).peekable();
    let mut architecture = Architecture { input, blocks: Vec::new() };
    while let Some(word) = words.next() {
        let place = architecture.blocks.len() + 1;
        let about = |text: String| fault(format!("block {place}, {word:?}: {text}"));
        let mut next = |what: &str| words.next().ok_or_else(|| about(format!("{what} is missing")));
        let block = match word {
            "conv" => {
                let (channels, kernel) = channels_and_kernel(next("32x3 or the like")?, about)?;
                Block::conv(channels, kernel)
            }
            "residual" => {
                let (channels, kernel) = channels_and_kernel(next("32x3 or the like")?, about)?;
                Block::Residual { channels, kernel, stride: 1 }
            }
            "pool" => Block::MaxPool(positive(next("the extent of a window")?, about)?),
            "avgpool" => Block::AvgPool(positive(next("the extent of a window")?, about)?),
            "globalpool" => Block::GlobalPool,
            "bn" => Block::BatchNorm,
            "ln" => Block::LayerNorm,
            "linear" => Block::Linear(positive(next("the number of outputs")?, about)?),
            "dropout" => {
                let p = next("a probability")?;
                let probability = p.parse().ok().filter(|p| (0.0..1.0).contains(p));
                Block::Dropout(
                    probability
                        .ok_or_else(|| about(format!("a probability in [0, 1) is wanted, found {p:?}")))?,
                )
            }
            "stride" | "groups" | "valid" => {
                let number = if word == "valid" { 0 } else { positive(next("a number")?, about)? };
                let last = architecture.blocks.last_mut();
                match (last, word) {
                    (Some(Block::Conv { stride, .. } | Block::Residual { stride, .. }), "stride") => {
                        *stride = number;
                    }
                    (Some(Block::Conv { groups, .. }), "groups") => *groups = number,
                    (Some(Block::Conv { same, .. }), "valid") => *same = false,
                    _ => return Err(about("it goes with the convolution right before it".into())),
                }
                continue;
            }
            _ => match word.parse() {
                Ok(activation) => Block::Activation(activation),
                Err(_) => {
                    return Err(about(
                        "there are conv, residual, pool, avgpool, globalpool, bn, ln, dropout, linear and activations"
                            .into(),
                    ));
                }
            },
        };
        architecture.blocks.push(block);
    }
    Ok(architecture)
}

/// The shape of a sample after `mlp` or `cnn`.
fn head_of(head: &str) -> Result<Shape, Error> {
    let extents = |text: &str| -> Option<Shape> {
        text.split('x').map(|extent| usize::from_str(extent).ok().filter(|&n| n > 0)).collect()
    };
    let words: Vec<&str> = head.split_whitespace().collect();
    let (axes, shape) = match words[..] {
        ["mlp", shape] => (1, extents(shape)),
        ["cnn", shape] => (3, extents(shape)),
        _ => (0, None),
    };
    shape.filter(|shape| shape.len() == axes).ok_or_else(|| {
        fault(format!(
            "{:?}: \"mlp\" and how many numbers a sample has, or \"cnn\" and its channels, height and width \
             are wanted, as in \"mlp 64\" and \"cnn 1x28x28\"",
            head.trim()
        ))
    })
}

fn channels_and_kernel(text: &str, about: impl Fn(String) -> Error + Copy) -> Result<(usize, usize), Error> {
    match text.split_once('x') {
        Some((channels, kernel)) => Ok((positive(channels, about)?, positive(kernel, about)?)),
        None => Err(about(format!("channels and a kernel are wanted, as in 32x3, found {text:?}"))),
    }
}

fn positive(text: &str, about: impl Fn(String) -> Error) -> Result<usize, Error> {
    let number = text.parse().ok().filter(|&n| n > 0);
    number.ok_or_else(|| about(format!("a whole number from 1 on is wanted, found {text:?}")))
}
