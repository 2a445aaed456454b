//! Pictures of graphs: of an expression, of a network.

use std::io::Write;
use std::path::Path;

use draw::Graph;
use nn::checkpoint::write_atomically;
use nn::{Dataset, Network, Params, Trace, Training};
use tape::Tape;

use crate::args::{PictureArgs, TrainArgs};
use crate::fault::Fault;
use crate::task::Task;

/// A picture that was asked for: the option, the file, and how it is made.
type Wanted<'a> = (&'static str, &'a Path, fn(&Graph) -> String);

/// Draws the graph of an expression as often as it was asked for; whether a picture is on the standard output.
pub(crate) fn of_expression(args: &PictureArgs, graph: &Graph, out: &mut impl Write) -> Result<bool, Fault> {
    let (shown, files): (Vec<_>, Vec<_>) =
        wanted(args).into_iter().partition(|(_, path, _)| *path == Path::new("-"));
    if let [(first, ..), (second, ..), ..] = shown[..] {
        let text = format!("--{first} - and --{second} - are two pictures for one standard output");
        return Err(Fault::input(text));
    }
    for (_, path, form) in files {
        write_atomically(path, |file| file.write_all(form(graph).as_bytes())).map_err(Fault::input)?;
    }
    for (_, _, form) in &shown {
        writeln!(out, "{}", form(graph).trim_end())?;
    }
    Ok(!shown.is_empty())
}

/// How a form is written.
type Form = fn(&Graph) -> String;

fn wanted(args: &PictureArgs) -> Vec<Wanted<'_>> {
    let all: [(_, _, Form); 5] = [
        ("svg", &args.svg, Graph::to_svg),
        ("html", &args.html, Graph::to_html),
        ("dot", &args.dot, Graph::to_dot),
        ("mermaid", &args.mermaid, Graph::to_mermaid),
        ("json", &args.json, Graph::to_json),
    ];
    all.into_iter().filter_map(|(option, path, form)| Some((option, path.as_deref()?, form))).collect()
}

/// The graph of a network on the first batch of its training rows, up to their loss, with all gradients; its layers are
/// groups.
pub(crate) fn of_network<Y: Task>(
    args: &TrainArgs,
    network: &Network<f32>,
    params: &Params<f32>,
    train: &Dataset<Y>,
) -> Result<Graph, Fault> {
    let fault = |error: tape::Error| Fault::engine(&error);
    let (tape, trace, training) = (Tape::new(), Trace::default(), Training::seeded(args.seed));
    let rows = args.batch.of(train.len());
    let Some((x, answers)) = train.batches(rows).next() else { unreachable!("there are rows to train on") };
    let x = tape.try_constant(x).map_err(fault)?.named("x");
    let outputs = params.on(&tape).training(&training).traced(&trace).run(network, x);
    let loss = Y::loss(args, train, outputs.named("y"), answers).map_err(fault)?.named("loss");
    let gradients = loss.try_backward().map_err(fault)?;
    let title = network.architecture().to_string();
    let graph = Graph::builder(&tape).gradients(&gradients).layers(&trace).title(title).lines(false).build();
    graph.map_err(Fault::input)
}
