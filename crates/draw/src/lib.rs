//! Pictures of graphs and of trainings.
//!
//! ```
//! use draw::Graph;
//! use tape::Tape;
//!
//! let tape = Tape::new();
//! let (x, y) = (tape.scalar(2.0).named("x"), tape.scalar(3.0).named("y"));
//! let z = x * y + x.sin();
//! let graph = Graph::of(&tape, &z.backward())?;
//! assert_eq!((graph.nodes.len(), graph.edges.len()), (5, 5));
//! # Ok::<(), draw::Error>(())
//! ```

mod digits;
mod error;
mod formula;
mod graph;
mod image;
mod page;
mod plain;
mod report;
mod scene;
mod svg;
mod tensorboard;

pub use error::{Error, ErrorKind};
pub use formula::{Formula, formula};
pub use graph::{Builder, Edge, Graph, Group, GroupKind, Kind, Local, Node, Numbers, Statistics};
pub use report::{Report, ReportData};
pub use svg::Svg;
pub use tensorboard::{Hyperparameter, TensorBoard};
