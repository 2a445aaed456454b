//! The HTML page of a graph, in a browser.

mod groups;
mod reading;
mod samples;
mod steps;
