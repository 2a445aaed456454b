//! The picture: what is known of a training, on as many rows and columns as there are.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Block, Borders, Chart, Clear, Dataset, GraphType, Paragraph, Widget};

use super::known::{Known, KnownLayer, Subject};
use super::parts::{bar, columns, cut, fitting, many, time};
use crate::report::figure;

const TRAINING: Color = Color::Cyan;
const VALIDATION: Color = Color::Yellow;
const METRIC: Color = Color::Green;
const WARNING: Color = Color::Red;

/// Below this share of the last layer's gradient one vanishes; above its inverse one explodes.
const VANISHING: f64 = 1e-3;

/// What the picture shows beside what is known.
#[derive(Debug, Default)]
pub(super) struct View {
    pub(super) elapsed: Duration,
    pub(super) left: Option<Duration>,
    /// Rows per second.
    pub(super) rows: Option<f64>,
    /// Whether the training is to stop.
    pub(super) stops: bool,
    pub(super) help: bool,
    /// How many layers were scrolled past.
    pub(super) scroll: usize,
    /// Whether there are no colours to tell curves apart by.
    pub(super) plain: bool,
}

impl View {
    /// Draws the picture.
    pub(super) fn render(&mut self, area: Rect, buf: &mut Buffer, subject: &Subject, known: &Known) {
        let figures = self.figures(subject, known);
        if area.width < 30 || area.height < 6 {
            let progress = [self.progress(known, 0)];
            let lines = progress.into_iter().chain(figures.iter().cloned().map(Line::from));
            return Paragraph::new(lines.collect::<Vec<_>>()).render(area, buf);
        }
        let width = area.width.into();
        let first = fitting(&figures, width);
        let shown = figures.iter().take_while(|text| first.contains(text.as_str())).count();
        let second = if area.height >= 10 { fitting(&figures[shown..], width) } else { String::new() };
        let mut head =
            vec![self.title(subject, known, width), self.progress(known, width), Line::from(first)];
        head.extend((!second.is_empty()).then_some(Line::from(second)));
        let rows = [Constraint::Length(head.len() as u16), Constraint::Fill(1), Constraint::Length(1)];
        let [top, body, keys] = Layout::vertical(rows).areas(area);
        Paragraph::new(head).render(top, buf);
        self.body(body, buf, subject, known);
        Paragraph::new(keys_line(width)).render(keys, buf);
        if self.help {
            help(area, buf);
        }
    }

    /// What is trained, and what is going on.
    fn title(&self, subject: &Subject, known: &Known, width: usize) -> Line<'static> {
        let (state, color) = match known {
            _ if self.stops => ("stopping", WARNING),
            Known { rests: true, .. } => ("paused", VALIDATION),
            Known { pause: true, .. } => ("pausing", VALIDATION),
            known if known.validates() => ("validating", METRIC),
            _ => ("training", METRIC),
        };
        let title = cut(&subject.title, width.saturating_sub(state.len() + 2));
        let gap = width - title.chars().count() - state.len();
        Line::from(vec![
            Span::styled(title, Modifier::BOLD),
            Span::raw(" ".repeat(gap)),
            Span::styled(state, Style::new().fg(color).add_modifier(Modifier::BOLD)),
        ])
    }

    /// How far it is; without a bar where there is no room for one.
    fn progress(&self, known: &Known, width: usize) -> Line<'static> {
        let (step, steps) = (known.step, known.steps().max(1));
        let epoch = (step as usize / known.steps_per_epoch + 1).min(known.epochs);
        let part = step as f64 / steps as f64;
        let before = format!("epoch {epoch}/{}", known.epochs);
        let mut after = format!("{:>3} %", (part * 100.0) as u64);
        if width >= 60 {
            after = after + "  " + &time(self.elapsed);
        }
        if let Some(left) = self.left.filter(|_| width > 0) {
            after = after + "  " + &time(left) + " left";
        }
        let room = width.saturating_sub(before.chars().count() + after.chars().count() + 2);
        let done = (part * room as f64).round() as usize;
        Line::from(vec![
            Span::raw(before + " "),
            Span::styled("━".repeat(done), TRAINING),
            Span::styled("─".repeat(room - done), Modifier::DIM),
            Span::raw(" ".repeat(usize::from(room > 0)) + &after),
        ])
    }

    /// The latest numbers, in the order of their importance.
    fn figures(&self, subject: &Subject, known: &Known) -> Vec<String> {
        let mut texts = Vec::new();
        texts.extend(
            known.training.recent(known.steps_per_epoch.min(50)).map(|loss| format!("loss {}", figure(loss))),
        );
        if let Some(last) = &known.last {
            let (against, metric) = (subject.against, subject.metric);
            texts.extend(last.validation_loss.map(|loss| format!("{against} loss {}", figure(loss))));
            texts.extend(last.get(metric).map(|value| format!("{metric} {value:.4}")));
        }
        if let Some((best, epoch)) = known.best {
            texts.push(format!("best {best:.4} in epoch {epoch}"));
        }
        texts.extend(known.rate.map(|rate| format!("rate {}", short(rate))));
        texts.push(format!("step {} of {}", known.step, known.steps()));
        texts.extend(self.rows.map(|rows| format!("{} rows/s", many(rows))));
        texts
    }

    fn body(&mut self, area: Rect, buf: &mut Buffer, subject: &Subject, known: &Known) {
        let layers = match area.height {
            ..9 => 0,
            height => known.layers.len().min(usize::from(height / 3)).max(1) as u16 + 1,
        };
        let rows = [Constraint::Fill(1), Constraint::Length(layers)];
        let [charts, panel] = Layout::vertical(rows).areas(area);
        let [losses, metric] = match charts {
            Rect { width: 72.., .. } => Layout::horizontal([Constraint::Fill(1); 2]).spacing(2).areas(charts),
            Rect { height: 14.., .. } => Layout::vertical([Constraint::Fill(1); 2]).areas(charts),
            _ => [charts, Rect::default()],
        };
        self.losses(losses, buf, subject, known);
        Self::metric(metric, buf, subject, known);
        if layers > 0 {
            self.layers(panel, buf, &known.layers);
        }
    }

    fn losses(&self, area: Rect, buf: &mut Buffer, subject: &Subject, known: &Known) {
        let wanted = usize::from(area.width) * 2;
        let mut curves = [known.training.points(wanted), known.validation.points(wanted)];
        let values = || curves.iter().flatten().map(|point| point.1).filter(|value| value.is_finite());
        let (least, greatest) =
            values().fold((f64::INFINITY, 0.0), |(a, b): (f64, f64), x| (a.min(x), b.max(x)));
        // Losses fall by powers of ten.
        let logarithmic = least > 0.0 && greatest > 5.0 * least;
        if logarithmic {
            curves.iter_mut().flatten().for_each(|point| point.1 = point.1.log10());
        }
        let marker = if self.plain { Marker::Dot } else { Marker::Braille };
        let (sign, color) = if self.plain { ("•", Color::Reset) } else { ("━", VALIDATION) };
        let mut heading = vec![Span::raw(" loss  "), Span::styled("━", TRAINING), Span::raw(" training  ")];
        heading.extend([Span::styled(sign, color), Span::raw(format!(" {} ", subject.against))]);
        if logarithmic {
            heading.push(Span::styled("(log scale) ", Modifier::DIM));
        }
        let [training, validation] = &curves;
        let curves = [(&training[..], TRAINING, Marker::Braille), (&validation[..], VALIDATION, marker)];
        let label = |value: f64| figure(if logarithmic { 10f64.powf(value) } else { value });
        chart(area, buf, (heading, "after the first step"), &curves, known, &label);
    }

    fn metric(area: Rect, buf: &mut Buffer, subject: &Subject, known: &Known) {
        let mut curve = known.metric.points(usize::from(area.width) * 2);
        // The first epochs of a regression can be far below all that matters.
        curve.iter_mut().for_each(|point| point.1 = point.1.max(-1.0));
        let heading = vec![Span::raw(format!(" {}  ", subject.metric)), Span::styled("━", METRIC)];
        let heading = heading.into_iter().chain([Span::raw(format!(" {} ", subject.against))]).collect();
        chart(
            area,
            buf,
            (heading, "after the first epoch"),
            &[(&curve[..], METRIC, Marker::Braille)],
            known,
            &|value| format!("{value:.4}"),
        );
    }

    /// A row for each layer, as many as there is room for: a bar on a logarithmic scale, the norm, how it went.
    fn layers(&mut self, area: Rect, buf: &mut Buffer, layers: &[KnownLayer]) {
        let norms: Vec<Option<f64>> = layers.iter().map(|layer| layer.norms.recent(1)).collect();
        let finite = || norms.iter().flatten().copied().filter(|norm| norm.is_finite());
        let low = finite().fold(f64::INFINITY, f64::min).floor();
        let high = finite().fold(f64::NEG_INFINITY, f64::max).ceil().max(low + 1.0);
        let room = usize::from(area.height - 1);
        self.scroll = self.scroll.min(layers.len().saturating_sub(room));
        let last = (self.scroll + room).min(layers.len());
        let shown = if layers.len() > room {
            format!("({} to {last} of {}, ↑ ↓) ", self.scroll + 1, layers.len())
        } else {
            String::new()
        };
        let heading = format!(" gradient norm by layer {shown}");
        let mut block = block(vec![Span::raw(heading)]);
        if low.is_finite() && area.width >= 60 {
            block = block.title_top(
                Line::from(format!(" bars from 1e{} to 1e{} ", low as i32, high as i32)).right_aligned(),
            );
        }
        let inner = block.inner(area);
        block.render(area, buf);

        let width = usize::from(area.width);
        let name = layers.iter().map(|layer| layer.name.chars().count()).max().unwrap_or(0).min(width / 3);
        let history = if width >= 72 { 20 } else { 0 };
        let bars = width.saturating_sub(name + history + 26);
        let end = norms.last().copied().flatten();
        let part = |norm: f64| (norm - low) / (high - low);
        let row = |(layer, norm): (&KnownLayer, &Option<f64>)| {
            let title = Span::raw(format!("{:name$}  ", cut(&layer.name, name)));
            let Some(norm) = *norm else { return Line::from(vec![title, Span::styled("·", Modifier::DIM)]) };
            let (mark, color) = match norm - end.unwrap_or(norm) {
                far if far < VANISHING.log10() => ("vanishing", WARNING),
                far if far > -VANISHING.log10() => ("exploding", WARNING),
                _ => ("", TRAINING),
            };
            let history = columns(layer.norms.points(history).into_iter().map(|point| part(point.1)));
            Line::from(vec![
                title,
                Span::styled(format!("{:bars$}", bar(part(norm), bars)), color),
                Span::raw(format!("  {:>8}  ", figure(10f64.powf(norm)))),
                Span::styled(history + "  ", Modifier::DIM),
                Span::styled(mark, Style::new().fg(color).add_modifier(Modifier::BOLD)),
            ])
        };
        let rows: Vec<Line<'_>> = layers.iter().zip(&norms).take(last).skip(self.scroll).map(row).collect();
        Paragraph::new(rows).render(inner, buf);
    }
}

/// The points of a curve, and how it is drawn.
type Curve<'a> = (&'a [(f64, f64)], Color, Marker);

/// Curves over the epochs, under a heading.
fn chart(
    area: Rect,
    buf: &mut Buffer,
    (heading, soon): (Vec<Span<'_>>, &str),
    curves: &[Curve<'_>],
    known: &Known,
    label: &dyn Fn(f64) -> String,
) {
    if area.is_empty() {
        return;
    }
    let block = block(heading);
    let values = || curves.iter().flat_map(|curve| curve.0).map(|point| point.1).filter(|y| y.is_finite());
    let (low, high) = values().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), y| (a.min(y), b.max(y)));
    if low > high {
        let inner = block.inner(area);
        block.render(area, buf);
        return Paragraph::new(soon).style(Modifier::DIM).render(inner, buf);
    }
    // A flat curve is in the middle.
    let margin = if high > low { 0.0 } else { 0.05 * low.abs().max(1e-3) };
    let (low, high) = (low - margin, high + margin);
    let begin = known.first as f64 / known.steps_per_epoch as f64;
    let end = known.position().max(begin + 1.0);
    let sets = curves.iter().map(|&(points, color, marker)| {
        let kind = if marker == Marker::Dot { GraphType::Scatter } else { GraphType::Line };
        Dataset::default().marker(marker).graph_type(kind).style(color).data(points)
    });
    let epochs = |position: f64| format!("{position:.1}").trim_end_matches(".0").to_owned();
    let across = [epochs(begin), "epochs".to_owned(), epochs(end)];
    let up: Vec<String> = match area.height {
        ..6 => [low, high].map(label).to_vec(),
        _ => [low, f64::midpoint(low, high), high].map(label).to_vec(),
    };
    let mut x = Axis::default().bounds([begin, end]).style(Modifier::DIM);
    if area.height >= 7 {
        x = x.labels(across);
    }
    let y = Axis::default().bounds([low, high]).labels(up).style(Modifier::DIM);
    Chart::new(sets.collect()).block(block).x_axis(x).y_axis(y).legend_position(None).render(area, buf);
}

/// A rule with a heading, above whatever it is of.
fn block(heading: Vec<Span<'_>>) -> Block<'_> {
    Block::new().borders(Borders::TOP).border_style(Modifier::DIM).title(Line::from(heading))
}

fn keys_line(width: usize) -> Line<'static> {
    let keys = [("p", "pause"), ("q", "stop"), ("?", "help")];
    let key = |(key, what): (&'static str, &str)| {
        [Span::styled(key, Modifier::BOLD), Span::styled(format!(" {what}   "), Modifier::DIM)]
    };
    Line::from(keys.into_iter().take(width / 10).flat_map(key).collect::<Vec<_>>())
}

fn help(area: Rect, buf: &mut Buffer) {
    let lines = [
        "p, space   pause, and go on",
        "q, Ctrl-C  stop after this step;",
        "           again: stop at once",
        "Ctrl-Z     back to the shell; `fg` goes on",
        "↑ ↓        other layers",
        "?          this help",
    ];
    let width = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0) as u16 + 4;
    let (width, height) = (width.min(area.width), (lines.len() as u16 + 2).min(area.height));
    let place = Rect::new((area.width - width) / 2, (area.height - height) / 2, width, height);
    let block = Block::bordered().title(" keys ");
    Clear.render(place, buf);
    let lines = lines.map(|line| Line::from(format!(" {line}")));
    Paragraph::new(lines.to_vec()).block(block).render(place, buf);
}

/// Four digits, and none that say nothing.
fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    if (1e-4..1e4).contains(&rounded) { rounded.to_string() } else { format!("{rounded:e}") }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
