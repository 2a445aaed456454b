//! Plots: lines, bars and points in a frame with two axes, as SVG.

mod axis;
mod colours;

use std::io;
use std::ops::Range;

use plotters::backend::SVGBackend;
use plotters::chart::ChartBuilder;
use plotters::drawing::{DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Rectangle};
use plotters::style::{Color, IntoFont, RGBColor, ShapeStyle, TextStyle};

pub(crate) use axis::{Axis, extent};
pub(crate) use colours::{Colour, INK, MUTED, style};

use super::markup::escape;
use colours::GRID;

/// Pixels of the plot to a pixel on the page: plotters places what it draws on whole ones.
const FINE: u32 = 2;

/// Drawing into a string cannot fail, but for a frame without room.
type Drawn<V> = Result<V, DrawingAreaErrorKind<io::Error>>;

/// What is drawn in the frame.
#[derive(Clone, Debug)]
pub(crate) enum Mark {
    /// A line from point to point, broken where a number has no place on the axes. Few points are marked, too.
    Line { points: Vec<(f64, f64)>, colour: Colour, width: u32 },
    /// Bars from 0 upwards: left, right, height.
    Bars { bars: Vec<(f64, f64, f64)>, colour: Colour },
    /// The outline of bars.
    Steps { bars: Vec<(f64, f64, f64)>, colour: Colour },
    /// Dots.
    Dots { points: Vec<(f64, f64)>, colour: Colour, radius: u32 },
    /// Rings around points.
    Rings { points: Vec<(f64, f64)>, colour: Colour, radius: u32 },
    /// A line through the whole frame at this height.
    Level { at: f64, colour: Colour },
    /// A line where both axes have the same number.
    Diagonal { colour: Colour },
}

/// A plot.
#[derive(Clone, Debug)]
pub(crate) struct Plot {
    /// Width and height on the page, in pixels.
    pub(crate) size: (u32, u32),
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) marks: Vec<Mark>,
    /// What a reader hears who does not see it.
    pub(crate) label: String,
    /// A picture that fills the frame, below all else: a data URI.
    pub(crate) backdrop: Option<String>,
}

impl Plot {
    /// The usual size.
    pub(crate) const SIZE: (u32, u32) = (560, 300);
    /// One of many.
    pub(crate) const SMALL: (u32, u32) = (270, 170);

    /// As an element of SVG.
    pub(crate) fn svg(&self) -> String {
        let mut drawn = String::new();
        let (width, height) = (self.size.0 * FINE, self.size.1 * FINE);
        let frame = self.draw(&mut drawn, (width, height));
        // The tag is written anew: the size on the page, and what it is to those who do not see it.
        let inside = drawn.split_once('>').map_or("</svg>", |(_, inside)| inside).trim();
        let backdrop = match (&self.backdrop, frame) {
            (Some(uri), Ok((x, y))) => format!(
                "<image href=\"{uri}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\"/>",
                x.start,
                y.start,
                x.end - x.start,
                y.end - y.start,
            ),
            _ => String::new(),
        };
        let (most, label) = (self.size.0, escape(&self.label));
        format!(
            "<svg viewBox=\"0 0 {width} {height}\" style=\"max-width:{most}px\" role=\"img\" aria-label=\"{label}\">{backdrop}{inside}\n"
        )
    }

    /// Draws it, and says where the frame lies.
    fn draw(&self, into: &mut String, size: (u32, u32)) -> Drawn<(Range<i32>, Range<i32>)> {
        let area = SVGBackend::with_string(into, size).into_drawing_area();
        let widest = self.y.ticks.iter().map(|&tick| self.y.text(tick).chars().count()).max().unwrap_or(0);
        let left = FINE * (if self.y.label.is_empty() { 8 } else { 26 } + 7 * widest as u32);
        let bottom = FINE * if self.x.label.is_empty() { 22 } else { 40 };
        let letters = (size.0.saturating_sub(left) / (FINE * 7)) as usize;
        let mut builder = ChartBuilder::on(&area);
        builder.margin(FINE * 8).x_label_area_size(bottom).y_label_area_size(left);
        let mut chart = builder.build_cartesian_2d(self.x.clone().in_letters(letters), self.y.clone())?;
        let text = |colour: Colour| -> TextStyle<'_> {
            let colour: RGBColor = colour.into();
            // plotters divides what it is given by 1.24.
            ("sans-serif", f64::from(FINE) * 11.5 * 1.24).into_font().color(&colour)
        };
        chart
            .configure_mesh()
            .bold_line_style(line(GRID, FINE))
            .light_line_style(RGBColor(0, 0, 0).mix(0.0))
            .axis_style(line(MUTED, FINE))
            .label_style(text(MUTED))
            .axis_desc_style(text(INK))
            .x_desc(&self.x.label)
            .y_desc(&self.y.label)
            .draw()?;
        for mark in &self.marks {
            match mark {
                Mark::Line { points, colour, width } => {
                    for part in self.parts(points) {
                        chart.draw_series([PathElement::new(part, line(*colour, FINE * width))])?;
                    }
                    if points.len() <= 12 {
                        chart.draw_series(self.dots(points, *colour, 2 + width / 2))?;
                    }
                }
                Mark::Bars { bars, colour } => {
                    let fill = RGBColor::from(*colour).filled();
                    let bars = bars.iter().filter(|bar| bar.2 > 0.0);
                    chart.draw_series(
                        bars.map(|&(left, right, high)| Rectangle::new([(left, 0.0), (right, high)], fill)),
                    )?;
                }
                Mark::Steps { bars, colour } => {
                    let corners = bars.iter().flat_map(|&(left, right, high)| [(left, high), (right, high)]);
                    let ends = [bars.first().map(|bar| (bar.0, 0.0)), bars.last().map(|bar| (bar.1, 0.0))];
                    let [first, last] = ends.map(IntoIterator::into_iter);
                    let outline: Vec<_> = first.chain(corners).chain(last).collect();
                    chart.draw_series([PathElement::new(outline, line(*colour, 3 * FINE / 2))])?;
                }
                Mark::Dots { points, colour, radius } => {
                    chart.draw_series(self.dots(points, *colour, *radius))?;
                }
                Mark::Rings { points, colour, radius } => {
                    let style = line(*colour, FINE);
                    let placed = points.iter().filter_map(|&point| self.place(point));
                    chart.draw_series(placed.map(|point| Circle::new(point, FINE * radius, style)))?;
                }
                Mark::Diagonal { colour } => {
                    let (low, high) =
                        (self.x.range.0.max(self.y.range.0), self.x.range.1.min(self.y.range.1));
                    chart.draw_series([PathElement::new(
                        vec![(low, low), (high, high)],
                        line(*colour, FINE),
                    )])?;
                }
                Mark::Level { at, colour } => {
                    let ends = self.y.place(*at).map(|y| vec![(self.x.range.0, y), (self.x.range.1, y)]);
                    chart.draw_series(ends.map(|ends| PathElement::new(ends, line(*colour, FINE))))?;
                }
            }
        }
        let frame = chart.plotting_area().get_pixel_range();
        area.present()?;
        Ok(frame)
    }

    fn dots(
        &self,
        points: &[(f64, f64)],
        colour: Colour,
        radius: u32,
    ) -> impl Iterator<Item = Circle<(f64, f64), u32>> {
        let fill = RGBColor::from(colour).filled();
        points
            .iter()
            .filter_map(|&point| self.place(point))
            .map(move |point| Circle::new(point, FINE * radius, fill))
    }

    fn place(&self, (x, y): (f64, f64)) -> Option<(f64, f64)> {
        Some((self.x.place(x)?, self.y.place(y)?))
    }

    /// The runs of points that have a place.
    fn parts(&self, points: &[(f64, f64)]) -> Vec<Vec<(f64, f64)>> {
        let placed: Vec<_> = points.iter().map(|&point| self.place(point)).collect();
        let runs = placed.split(Option::is_none).filter(|run| !run.is_empty());
        runs.map(|run| run.iter().copied().flatten().collect()).collect()
    }
}

fn line(colour: Colour, width: u32) -> ShapeStyle {
    RGBColor::from(colour).stroke_width(width)
}

/// Four digits of a number, as people write them.
pub(crate) fn figure(value: f64) -> String {
    match value {
        0.0 => "0".to_owned(),
        value if value.is_nan() => "NaN".to_owned(),
        value if value.is_infinite() => if value > 0.0 { "∞" } else { "−∞" }.to_owned(),
        value if !(1e-3..1e6).contains(&value.abs()) => {
            let text = format!("{value:.3e}");
            let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
            format!("{}e{power}", trimmed(digits))
        }
        value => {
            let whole = value.abs().log10().floor() as i32;
            let text = format!("{value:.*}", (3 - whole).max(0) as usize);
            trimmed(&text).to_owned()
        }
    }
}

/// Without zeros behind the last digit of a fraction.
fn trimmed(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_four_digits() {
        for (value, text) in [
            (0.0, "0"),
            (1.0, "1"),
            (0.97219, "0.9722"),
            (0.5, "0.5"),
            (1234.56, "1235"),
            (123_456.0, "123456"),
            (1.2e-7, "1.2e-7"),
            (-2.5e8, "-2.5e8"),
            (0.001, "0.001"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "−∞"),
        ] {
            assert_eq!(figure(value), text);
        }
    }

    #[test]
    fn a_line_breaks_where_a_number_has_no_place() {
        let points = vec![(1.0, 1.0), (2.0, 0.0), (3.0, 10.0), (4.0, 100.0)];
        let marks = vec![Mark::Line { points, colour: INK, width: 1 }];
        let (x, y) = (Axis::whole("epoch", 1.0, 4.0), Axis::log("loss", [1.0, 100.0]));
        let mut plot = Plot { size: Plot::SIZE, x, y, marks, label: "a <line>".into(), backdrop: None };
        let svg = plot.svg();
        // Three points of four, and one line of the last two; the axes are lines of two points as well.
        assert_eq!(svg.matches("<circle").count(), 3);
        assert!(svg.contains("aria-label=\"a &lt;line&gt;\"") && svg.trim_end().ends_with("</svg>"));
        plot.backdrop = Some("data:,".into());
        assert!(plot.svg().contains("<image href=\"data:,\" x=\""));
        // Too small for a frame, it still is an element.
        let tiny = Plot { size: (1, 1), ..plot }.svg();
        assert!(tiny.starts_with("<svg") && tiny.trim_end().ends_with("</svg>"));
    }
}
