//! The HTML page of a graph, in a browser.

mod reading;
mod samples;
mod steps;
