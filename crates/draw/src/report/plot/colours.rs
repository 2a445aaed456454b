//! The colours of plots, on light and on dark paper.

use std::fmt::Write;

use plotters::style::RGBColor;

/// A colour: what it is on light paper, and on dark.
///
/// Plots are drawn with the light ones; the style sheet exchanges them where the paper is dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Colour {
    light: u32,
    dark: u32,
}

const fn colour(light: u32, dark: u32) -> Colour {
    Colour { light, dark }
}

/// Text.
pub(crate) const INK: Colour = colour(0x1B_1F24, 0xE6_EDF3);
/// Text that explains other text.
pub(crate) const MUTED: Colour = colour(0x57_606A, 0x9D_A7B1);
/// Lines that the eye is to pass over.
pub(crate) const GRID: Colour = colour(0xE1_E5EA, 0x2B_3138);
/// What is drawn around points, so that they stand apart.
pub(crate) const PAPER: Colour = colour(0xFF_FFFE, 0x0D_1117);

/// Things that have no order. The first seven are those of M. Okabe and K. Ito, *Color Universal Design* (2008), made darker
/// on light paper and lighter on dark, so that lines can be seen.
pub(crate) const SERIES: [Colour; 10] = [
    colour(0x00_66A6, 0x58_A6E8),
    colour(0xC9_4A00, 0xF2_8B50),
    colour(0x00_7F5C, 0x3F_BF97),
    colour(0xA8_4F8C, 0xDD_93C6),
    colour(0xA8_7400, 0xE6_B03A),
    colour(0x2B_93C9, 0x8B_D0F5),
    colour(0x7A_7200, 0xE8_DE4A),
    colour(0x5F_6772, 0xB4_BCC6),
    colour(0x8C_1D18, 0xFF_9A94),
    colour(0x4B_3A9E, 0xA9_9CF0),
];

/// Things that have an order: a part of matplotlib's *plasma* that can be seen on light paper, and one for dark.
const RAMP: [Colour; 8] = [
    colour(0x0D_0887, 0xB1_2A90),
    colour(0x41_049D, 0xCB_4679),
    colour(0x6A_00A8, 0xDD_5E66),
    colour(0x8F_0DA4, 0xEA_7457),
    colour(0xB1_2A91, 0xF4_8C46),
    colour(0xCC_4778, 0xFC_A636),
    colour(0xE1_6462, 0xFC_CE25),
    colour(0xF0_7F4F, 0xF0_F921),
];

impl Colour {
    /// The how-manieth of some things with an order.
    pub(crate) fn ramp(k: usize, of: usize) -> Self {
        RAMP[if of < 2 { 0 } else { k * (RAMP.len() - 1) / (of - 1) }]
    }

    /// The how-manieth of things without an order; colours repeat after ten.
    pub(crate) fn series(k: usize) -> Self {
        SERIES[k % SERIES.len()]
    }

    /// For the style of an element.
    pub(crate) fn variable(self) -> String {
        format!("var(--c{:06x})", self.light)
    }

    /// Red, green and blue on light paper.
    pub(crate) fn rgb(self) -> [u8; 3] {
        let [_, red, green, blue] = self.light.to_be_bytes();
        [red, green, blue]
    }
}

impl From<Colour> for RGBColor {
    fn from(colour: Colour) -> Self {
        let [red, green, blue] = colour.rgb();
        Self(red, green, blue)
    }
}

/// The rules of a style sheet that give all colours their names, and exchange those of plots, but for what is of the class
/// `paper`.
pub(crate) fn style() -> String {
    let all: Vec<Colour> = [INK, MUTED, GRID, PAPER].into_iter().chain(SERIES).chain(RAMP).collect();
    let (mut light, mut dark, mut rules) = (String::new(), String::new(), String::new());
    for Colour { light: name, dark: other } in all {
        let _ = write!(light, "--c{name:06x}:#{name:06x};");
        let _ = write!(dark, "--c{name:06x}:#{other:06x};");
        for property in ["fill", "stroke"] {
            let _ = writeln!(rules, "svg [{property}=\"#{name:06X}\"]{{{property}:var(--c{name:06x})}}");
        }
    }
    let on_dark = format!("@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}");
    format!(":root,.paper{{{light}}}\n{on_dark}\n{rules}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: WCAG 2.2, *contrast ratio* and *relative luminance*.
    fn contrast(a: u32, b: u32) -> f64 {
        let luminance = |rgb: u32| {
            let linear = |byte: u8| match f64::from(byte) / 255.0 {
                c if c <= 0.04045 => c / 12.92,
                c => ((c + 0.055) / 1.055).powf(2.4),
            };
            let [_, red, green, blue] = rgb.to_be_bytes();
            0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_colour_stands_out_from_its_paper() {
        for text in [INK, MUTED] {
            assert!(contrast(text.light, PAPER.light) > 4.5 && contrast(text.dark, PAPER.dark) > 4.5);
        }
        for line in SERIES.into_iter().chain(RAMP.into_iter().take(7)) {
            let (light, dark) = (contrast(line.light, PAPER.light), contrast(line.dark, PAPER.dark));
            assert!(light > 3.0 && dark > 3.0, "{line:06x?}: {light} {dark}");
        }
    }

    #[test]
    fn no_two_colours_share_a_name() {
        let mut names: Vec<u32> = [INK, MUTED, GRID, PAPER]
            .into_iter()
            .chain(SERIES)
            .chain(RAMP)
            .map(|colour| colour.light)
            .collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
