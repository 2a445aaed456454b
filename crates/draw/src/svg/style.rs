//! Colours, light and dark, and the rules that use them.
//!
//! Every text is at least 4.5 times as bright or as dark as what it stands on, every line that tells something 3 times
//! (WCAG 2.1, AA). The hues are those of Okabe and Ito, which the colour-blind tell apart; and no kind of card is told by its hue
//! alone: variables are round, parameters have a thick border, constants a dashed one, the output the thickest.
//!
//! Source: M. Okabe, K. Ito, *Color Universal Design*, 2008, <https://jfly.uni-koeln.de/color/>.

/// What looks how, by the names of the colours.
pub(crate) const RULES: &str = include_str!("style.css");

/// The colours on white paper.
pub(crate) const LIGHT: &[(&str, &str)] = &[
    ("paper", "#ffffff"),
    ("ink", "#17202b"),
    ("muted", "#566272"),
    ("card", "#ffffff"),
    ("rule", "#d5dbe3"),
    ("wire", "#5b6777"),
    ("quiet", "#8390a0"),
    ("gradient", "#a63c06"),
    ("vanished", "#7a5600"),
    ("broken", "#b3122a"),
    ("leaf", "#d9eafa"),
    ("leaf-line", "#1f6fb2"),
    ("parameter", "#fdeac8"),
    ("parameter-line", "#b26a00"),
    ("constant", "#eaedf1"),
    ("constant-line", "#748192"),
    ("operation", "#f1f4f7"),
    ("operation-line", "#748192"),
    ("output", "#d3f0e4"),
    ("output-line", "#00805e"),
    ("oval", "#ffffff"),
    ("group", "#f3effa"),
    ("group-line", "#8267ad"),
    ("frame", "rgba(130,103,173,.06)"),
];

/// The colours on dark paper.
pub(crate) const DARK: &[(&str, &str)] = &[
    ("paper", "#0f141b"),
    ("ink", "#e8edf4"),
    ("muted", "#a3b0c0"),
    ("card", "#18202a"),
    ("rule", "#313c4a"),
    ("wire", "#93a1b3"),
    ("quiet", "#6c7a8c"),
    ("gradient", "#ffb088"),
    ("vanished", "#f2c14b"),
    ("broken", "#ff8696"),
    ("leaf", "#12344f"),
    ("leaf-line", "#4ba3e3"),
    ("parameter", "#46340f"),
    ("parameter-line", "#e0a030"),
    ("constant", "#2a333f"),
    ("constant-line", "#8794a5"),
    ("operation", "#222c38"),
    ("operation-line", "#8794a5"),
    ("output", "#0f3d31"),
    ("output-line", "#2fbf94"),
    ("oval", "#18202a"),
    ("group", "#241f33"),
    ("group-line", "#a58bd6"),
    ("frame", "rgba(165,139,214,.07)"),
];

/// Declarations of colours, to stand in braces.
pub(crate) fn declare(colours: &[(&str, &str)]) -> String {
    colours.iter().fold(String::new(), |sheet, (name, colour)| sheet + "--" + name + ":" + colour + ";")
}

/// The style sheet of a picture that stands alone: dark where the reader's system is.
pub(crate) fn sheet() -> String {
    format!(
        ".graph{{color-scheme:light dark;{}}}@media (prefers-color-scheme:dark){{.graph{{{}}}}}{}",
        declare(LIGHT),
        declare(DARK),
        RULES.replace('\n', "")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(colours: &[(&str, &str)], one: &str, other: &str) -> f64 {
        let find = |name: &str| luminance(colours.iter().find(|colour| colour.0 == name).unwrap().1);
        let (a, b) = (find(one), find(other));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn everything_can_be_read() {
        for colours in [LIGHT, DARK] {
            for text in ["ink", "muted", "gradient", "vanished", "broken"] {
                for ground in ["paper", "card", "group"] {
                    assert!(contrast(colours, text, ground) >= 4.5, "{text} on {ground}");
                }
            }
            for ground in ["leaf", "parameter", "constant", "operation", "output", "oval"] {
                assert!(contrast(colours, "ink", ground) >= 7.0, "ink on {ground}");
            }
            let lines = ["wire", "quiet", "leaf-line", "parameter-line", "constant-line", "operation-line"];
            for line in lines.into_iter().chain(["output-line", "group-line"]) {
                assert!(contrast(colours, line, "paper") >= 3.0, "{line}");
            }
        }
    }

    #[test]
    fn light_and_dark_have_the_same_colours() {
        let names =
            |colours: &[(&'static str, &str)]| colours.iter().map(|colour| colour.0).collect::<Vec<_>>();
        assert_eq!(names(LIGHT), names(DARK));
        for name in names(LIGHT) {
            assert!(RULES.contains(&format!("var(--{name})")), "{name} is used");
        }
    }
}
