//! What the model says of all that could be a row: the plane of two features, the curve over one.

use std::collections::BTreeMap;

use super::super::look::{Look, Surface};
use super::super::markup::escape;
use super::super::plane::{Line, Plane, Point, SHADES, shade_of};
use super::super::plot::{Axis, Colour, INK, Mark, Plot, figure as number};
use super::super::rows::ReportData;
use super::figure;

pub(super) fn section(look: &Look<'_>) -> String {
    match (&look.surface, look.data) {
        (Surface::Plane(plane), Some(ReportData::Classes(data))) => {
            classes(plane, data.feature_names(), data.class_names())
        }
        (Surface::Plane(plane), Some(ReportData::Values(data))) => {
            values(plane, data.feature_names(), &data.target_names()[0])
        }
        (Surface::Line(line), Some(ReportData::Values(data))) => {
            curve(line, data.feature_names(), data.target_names())
        }
        _ => String::new(),
    }
}

const SIZE: (u32, u32) = (680, 480);

fn plot(plane: &Plane, features: &[String], marks: Vec<Mark>, label: String) -> Plot {
    let (x, y) =
        (Axis::exact(&features[0], plane.x.0, plane.x.1), Axis::exact(&features[1], plane.y.0, plane.y.1));
    Plot { size: SIZE, x, y, marks, label, backdrop: Some(plane.picture.clone()) }
}

/// The points that are alike by some number.
fn grouped(points: &[Point], by: impl Fn(&Point) -> usize) -> BTreeMap<usize, Vec<(f64, f64)>> {
    let mut groups: BTreeMap<usize, Vec<(f64, f64)>> = BTreeMap::new();
    points.iter().for_each(|point| groups.entry(by(point)).or_default().push(point.at));
    groups
}

fn classes(plane: &Plane, features: &[String], names: &[String]) -> String {
    let mut marks = Vec::new();
    for (class, points) in grouped(&plane.points, |point| point.class) {
        marks.push(Mark::Dots { points, colour: Colour::series(class), radius: 4 });
    }
    let wrong: Vec<_> = plane.points.iter().filter(|point| point.wrong).map(|point| point.at).collect();
    let mut legend: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(class, name)| (Colour::series(class), escape(name).into_owned()))
        .collect();
    if !wrong.is_empty() {
        legend.push((INK, format!("ringed: taken for another class ({})", wrong.len())));
    }
    marks.push(Mark::Rings { points: wrong, colour: INK, radius: 6 });
    let label = format!("the class that is predicted over {} and {}, and the rows", features[0], features[1]);
    let title =
        "Decision boundary <span>what is predicted everywhere; the stronger the colour, the surer</span>";
    figure(title, &plot(plane, features, marks, label), &legend, "")
}

fn values(plane: &Plane, features: &[String], target: &str) -> String {
    let range = plane.range.unwrap_or((0.0, 1.0));
    let groups = grouped(&plane.points, |point| shade_of(point.value, range));
    let marks = groups.into_iter().map(|(shade, points)| Mark::Dots {
        points,
        colour: Colour::ramp(shade, SHADES),
        radius: 4,
    });
    let width = (range.1 - range.0) / SHADES as f64;
    let legend = (0..SHADES).map(|shade| {
        let from = range.0 + shade as f64 * width;
        (Colour::ramp(shade, SHADES), format!("{} to {}", number(from), number(from + width)))
    });
    let legend: Vec<_> = legend.collect();
    let label = format!("{target}, predicted over {} and {}, and the rows", features[0], features[1]);
    let title =
        format!("{} <span>predicted everywhere, and the rows with their true numbers</span>", escape(target));
    let figure = figure(&title, &plot(plane, features, marks.collect(), label), &legend, "");
    // The picture has the colours of light paper, and the points are to have the same.
    format!("<div class=\"paper\">{figure}</div>\n")
}

fn curve(line: &Line, features: &[String], targets: &[String]) -> String {
    let mut html = String::from("<div class=\"grid\">\n");
    for ((curve, points), target) in line.curves.iter().zip(&line.points).zip(targets) {
        let all = || curve.iter().chain(points);
        let (x, y) = (
            Axis::linear(&features[0], all().map(|&(x, _)| x)),
            Axis::linear(target, all().map(|&(_, y)| y)),
        );
        let marks = vec![
            Mark::Dots { points: points.clone(), colour: Colour::series(0), radius: 3 },
            Mark::Line { points: curve.clone(), colour: Colour::series(1), width: 2 },
        ];
        let legend = [(Colour::series(0), "rows".to_owned()), (Colour::series(1), "predicted".to_owned())];
        let label = format!("{target}, predicted over {}, and the rows", features[0]);
        let plot = Plot { size: Plot::SIZE, x, y, marks, label, backdrop: None };
        html.push_str(&figure(&escape(target), &plot, &legend, ""));
    }
    html + "</div>\n"
}
