//! Lines in a frame with two axes, as SVG that suits light and dark pages.

use std::fmt::Write;

use plotters::coord::Shift;
use plotters::coord::ranged1d::ValueFormatter;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Colours on light paper, and those that stand for them on dark paper.
const PAPER: (RGBColor, &str) = (RGBColor(255, 255, 254), "#0f141b");
const INK: (RGBColor, &str) = (RGBColor(23, 32, 43), "#e8edf4");
const MUTED: (RGBColor, &str) = (RGBColor(86, 98, 114), "#a3b0c0");
const GRID: (RGBColor, &str) = (RGBColor(213, 219, 227), "#313c4a");
/// Hues that the colour-blind tell apart. Source: M. Okabe, K. Ito, *Color Universal Design*, 2008.
const LINES: [(RGBColor, &str); 5] = [
    (RGBColor(31, 111, 178), "#4ba3e3"),
    (RGBColor(166, 60, 6), "#ffb088"),
    (RGBColor(0, 128, 94), "#2fbf94"),
    (RGBColor(130, 80, 160), "#c9a6ee"),
    (RGBColor(122, 86, 0), "#f2c14b"),
];
/// Pixels of the drawing to one of the page: plotters places everything on whole ones.
const FINE: i32 = 2;
const SIZE: (u32, u32) = (640, 340);

/// A line with its name, which stands at its end.
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

/// A plot of several lines.
pub(crate) struct Plot {
    pub(crate) title: &'static str,
    pub(crate) x: (&'static str, f64, f64),
    pub(crate) y: (&'static str, f64, f64),
    /// With powers of ten along the y-axis.
    pub(crate) logarithmic: bool,
    /// With a dot at each point.
    pub(crate) dots: bool,
    pub(crate) lines: Vec<Line>,
}

/// Points of a function between two ends.
pub(crate) fn curve(name: &str, (from, to): (f64, f64), f: impl Fn(f64) -> f64) -> Line {
    let points = (0..=240).map(|k| from + (to - from) * f64::from(k) / 240.0).map(|x| (x, f(x)));
    Line { name: name.to_owned(), points: points.collect() }
}

/// So many pixels of the page.
fn fine(pixels: i32) -> i32 {
    FINE * pixels
}

fn text(pixels: i32, (colour, _): (RGBColor, &str)) -> TextStyle<'static> {
    // plotters divides a size by 1.24.
    ("sans-serif", 1.24 * f64::from(fine(pixels))).into_font().color(&colour)
}

impl Plot {
    pub(crate) fn svg(&self) -> String {
        let mut drawn = String::new();
        let size = (SIZE.0 * FINE as u32, SIZE.1 * FINE as u32);
        let area = SVGBackend::with_string(&mut drawn, size).into_drawing_area();
        area.fill(&PAPER.0).expect("there is room");
        let heading = text(15, INK).pos(Pos::new(HPos::Left, VPos::Top));
        area.draw(&Text::new(self.title, (fine(16), fine(10)), heading)).expect("there is room");
        let whole = area;
        let area = whole.margin(fine(36), fine(8), fine(8), fine(8));
        let (x, y) = (self.x.1..self.x.2, self.y.1..self.y.2);
        if self.logarithmic {
            self.draw(&area, |builder| builder.build_cartesian_2d(x, y.log_scale()).expect("there is room"));
        } else {
            self.draw(&area, |builder| builder.build_cartesian_2d(x, y).expect("there is room"));
        }
        drop((area, whole));
        adapt(&drawn, self.title)
    }

    fn draw<'a, Y>(
        &self,
        area: &DrawingArea<SVGBackend<'a>, Shift>,
        build: impl FnOnce(&mut ChartBuilder<'_, '_, SVGBackend<'a>>) -> Chart<'a, Y>,
    ) where
        Y: Ranged<ValueType = f64> + ValueFormatter<f64>,
    {
        // Names stand to the right of the frame.
        let widest = self.lines.iter().map(|line| line.name.chars().count()).max().unwrap_or(0) as i32;
        let (frame, beside) = area.split_horizontally((SIZE.0 as i32 - 28) * FINE - fine(8 * widest));
        let mut builder = ChartBuilder::on(&frame);
        builder.x_label_area_size(fine(38)).y_label_area_size(fine(54));
        let mut chart = build(&mut builder);
        chart
            .configure_mesh()
            .bold_line_style(GRID.0.stroke_width(FINE as u32))
            .light_line_style(TRANSPARENT)
            .axis_style(MUTED.0.stroke_width(FINE as u32))
            .label_style(text(12, MUTED))
            .axis_desc_style(text(12, INK))
            .x_desc(self.x.0)
            .y_desc(self.y.0)
            .x_labels(9)
            .y_labels(7)
            .y_label_formatter(&|y| label(*y, self.logarithmic))
            .x_label_formatter(&|x| label(*x, false))
            .draw()
            .expect("there is room");
        let mut taken: Vec<i32> = Vec::new();
        let mut ends: Vec<_> = self.lines.iter().zip(LINES).collect();
        for (line, (colour, _)) in &ends {
            let style = colour.stroke_width(fine(2) as u32);
            let inside = line.points.iter().copied().filter(|&(_, y)| y >= self.y.1 && y <= self.y.2);
            chart.draw_series(LineSeries::new(inside.clone(), style)).expect("there is room");
            if self.dots {
                let dots = inside.map(|point| Circle::new(point, fine(3), colour.filled()));
                chart.draw_series(dots).expect("there is room");
            }
        }
        let height = |line: &Line| {
            let inside = line.points.iter().rev().find(|&&(_, y)| y >= self.y.1 && y <= self.y.2);
            chart.backend_coord(inside.expect("a point within the frame")).1
        };
        ends.sort_by_key(|(line, _)| height(line));
        for (line, colour) in ends {
            let wanted = height(line);
            let at = taken.last().map_or(wanted, |&last| wanted.max(last + fine(17)));
            taken.push(at);
            let style = text(13, colour).pos(Pos::new(HPos::Left, VPos::Center));
            let (_, top) = beside.get_base_pixel();
            beside.draw(&Text::new(line.name.as_str(), (fine(8), at - top), style)).expect("there is room");
        }
    }
}

type Chart<'a, Y> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<plotters::coord::types::RangedCoordf64, Y>>;

fn label(number: f64, logarithmic: bool) -> String {
    if logarithmic {
        let power = number.log10().round();
        return if power == 0.0 { "1".to_owned() } else { format!("1e{power}").replace('-', "−") };
    }
    let text = format!("{number:.2}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_owned() } else { text.replace('-', "−") }
}

/// The same with dark colours where the reader's system is dark, half as large on the page, and with a name.
fn adapt(drawn: &str, title: &str) -> String {
    let mut style = String::from("text{font-family:system-ui,sans-serif}@media (prefers-color-scheme:dark){");
    for (colour, dark) in [PAPER, INK, MUTED, GRID].into_iter().chain(LINES) {
        let light = format!("#{:02X}{:02X}{:02X}", colour.0, colour.1, colour.2);
        write!(style, "[fill=\"{light}\"]{{fill:{dark}}}[stroke=\"{light}\"]{{stroke:{dark}}}")
            .expect("a string takes everything");
    }
    let (_, inside) = drawn.split_once('>').expect("the tag of the picture");
    let (width, height) = SIZE;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {} {}\" role=\"img\" \
         aria-label=\"{title}\"><style>{style}}}</style>{inside}",
        width * FINE as u32,
        height * FINE as u32,
    )
}
