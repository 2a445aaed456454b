//! Plain forms of a graph: text, DOT, Mermaid, JSON; and files.

mod dot;
mod json;
mod mermaid;
mod outline;
mod save;
mod table;
mod text;
mod words;
