//! The messages of event files, with the numbers of their fields.
//!
//! Source: TensorFlow, `tensorflow/core/util/event.proto`, `tensorflow/core/framework/{summary,tensor,tensor_shape,types}.proto`;
//! `TensorBoard`, `tensorboard/plugins/hparams/{api,plugin_data}.proto`.

use super::Hyperparameter;
use super::wire::Message;

/// The tag of what a training was begun with, which `TensorBoard` knows by this name.
const SESSION_START: &str = "_hparams_/session_start_info";
/// The tag of how it ended.
const SESSION_END: &str = "_hparams_/session_end_info";

/// What an `Event` is about.
pub(super) enum What<'a> {
    /// The first event of a file: which form the others have.
    Version,
    /// The training goes on from here: whatever was written of this step and of later ones is taken back.
    Start,
    /// Numbers, texts and images.
    Values(&'a [Message]),
}

/// An `Event`.
pub(super) fn event(wall_time: f64, step: u64, what: &What<'_>) -> Message {
    let event = Message::default().double(1, wall_time).integer(2, step);
    match what {
        What::Version => event.text(3, "brain.Event:2"),
        // A `SessionLog` with the status `START`.
        What::Start => event.message(7, &Message::default().integer(1, 1)),
        What::Values(values) => {
            let summary = values.iter().fold(Message::default(), |summary, value| summary.message(1, value));
            event.message(5, &summary)
        }
    }
}

/// A `Summary.Value` with a number.
pub(super) fn scalar(tag: &str, number: f64) -> Message {
    tagged(tag).float(2, number as f32)
}

/// A `Summary.Value` with a PNG file; there are `channels` numbers in a pixel, 1 or 3.
pub(super) fn image(tag: &str, [height, width, channels]: [usize; 3], png: &[u8]) -> Message {
    let extent = |extent: usize| extent as u64;
    let image = Message::default()
        .integer(1, extent(height))
        .integer(2, extent(width))
        .integer(3, extent(channels))
        .bytes(4, png);
    tagged(tag).message(4, &image)
}

/// A `Summary.Value` with a text, in Markdown.
pub(super) fn text(tag: &str, text: &str) -> Message {
    const STRING: u64 = 7;
    let one = Message::default().message(2, &Message::default().integer(1, 1));
    let tensor = Message::default().integer(1, STRING).message(2, &one).text(8, text);
    tagged(tag).message(9, &of_plugin("text", &[])).message(8, &tensor)
}

/// A `Summary.Value` with numbers in bins between equally spaced limits; numbers that are none are left out.
pub(super) fn histogram(tag: &str, numbers: &[f32]) -> Message {
    const BINS: usize = 30;
    let finite = || numbers.iter().map(|&number| f64::from(number)).filter(|number| number.is_finite());
    let (min, max) =
        finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), x| (min.min(x), max.max(x)));
    let (sum, squares) = finite().fold((0.0, 0.0), |(sum, squares), x| (sum + x, squares + x * x));
    let bins = if max > min { BINS } else { 1 };
    let width = (max - min) / bins as f64;
    let mut counts = vec![0.0; bins];
    for x in finite() {
        // Where all are alike there is no width, and the quotient, which is no number, becomes 0.
        counts[(((x - min) / width) as usize).min(bins - 1)] += 1.0;
    }
    let count = finite().count();
    let (min, max) = if count == 0 { (0.0, 0.0) } else { (min, max) };
    let mut limits: Vec<f64> = (1..bins).map(|bin| min + width * bin as f64).collect();
    limits.push(max);
    let histogram = Message::default()
        .double(1, min)
        .double(2, max)
        .double(3, count as f64)
        .double(4, sum)
        .double(5, squares)
        .doubles(6, &limits)
        .doubles(7, &counts);
    tagged(tag).message(5, &histogram)
}

/// A `Summary.Value` with a `SessionStartInfo`: what the training was begun with.
pub(super) fn session_start(wall_time: f64, hyperparameters: &[(String, Hyperparameter)]) -> Message {
    let mut info = Message::default();
    for (name, value) in hyperparameters {
        let value = match value {
            Hyperparameter::Number(number) => Message::default().double(2, *number),
            Hyperparameter::Text(text) => Message::default().text(3, text),
            Hyperparameter::Flag(flag) => Message::default().integer(4, u64::from(*flag)),
        };
        info = info.message(1, &Message::default().text(1, name).message(2, &value));
    }
    of_session(SESSION_START, &Message::default().message(3, &info.double(5, wall_time)))
}

/// A `Summary.Value` with a `SessionEndInfo`: the training has come to its end, or failed.
pub(super) fn session_end(wall_time: f64, well: bool) -> Message {
    const SUCCESS: u64 = 1;
    const FAILURE: u64 = 2;
    let info = Message::default().integer(1, if well { SUCCESS } else { FAILURE }).double(2, wall_time);
    of_session(SESSION_END, &Message::default().message(4, &info))
}

/// A `Summary.Value` all of which is in its metadata, as `TensorBoard` wants it of hyperparameters.
fn of_session(tag: &str, content: &Message) -> Message {
    const FLOAT: u64 = 1;
    let nothing = Message::default().integer(1, FLOAT).message(2, &Message::default());
    tagged(tag).message(9, &of_plugin("hparams", content.as_bytes())).message(8, &nothing)
}

/// A `SummaryMetadata`: which part of `TensorBoard` is to show it.
fn of_plugin(name: &str, content: &[u8]) -> Message {
    const TENSOR: u64 = 2;
    let plugin = Message::default().text(1, name).bytes(2, content);
    Message::default().message(1, &plugin).integer(4, TENSOR)
}

fn tagged(tag: &str) -> Message {
    Message::default().text(1, tag)
}
