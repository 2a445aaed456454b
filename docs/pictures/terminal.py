"""Draws the live view of a training as it stands on a terminal: docs/pictures/terminal.svg.

    cargo build --release
    python3 docs/pictures/terminal.py target/release/chainrule docs/pictures/terminal.svg

It needs tmux, whose terminal the program runs on, and which says what is on it, colours included.
"""

import re
import subprocess
import sys
import time
from html import escape

COLUMNS, ROWS = 110, 32
# The training of the picture: some layers, so that the gradients have something to tell.
COMMAND = "train --hidden 64,48,32 --activation tanh --epochs 100 --rate 0.0003 --batch 1 --validation 0.1"
SECONDS = 2

WIDTH, HEIGHT = 8.4, 18
BACKGROUND, TEXT, DIM = "#11151c", "#d8dee9", "#7b8494"
COLOURS = {31: "#f7768e", 32: "#9ece6a", 33: "#e0af68", 34: "#7aa2f7", 35: "#bb9af7", 36: "#5fd7e6"}


def tmux(*words):
    return subprocess.run(["tmux", "-L", "picture", *words], check=True, capture_output=True, text=True).stdout


def screen(program):
    """What is on the terminal after some seconds."""
    size = ["-x", str(COLUMNS), "-y", str(ROWS)]
    tmux("-f", "/dev/null", "new-session", "-d", *size, f"env -u CI TERM=tmux-256color {program} {COMMAND}")
    try:
        time.sleep(SECONDS)
        text = tmux("capture-pane", "-e", "-p")
        tmux("send-keys", "q")
        time.sleep(1)
    finally:
        subprocess.run(["tmux", "-L", "picture", "kill-server"], capture_output=True, check=False)
    return text


def runs(screen):
    """Texts of one style each: row, column, text, colour, whether it is bold. A style lasts beyond the end of a line."""
    row, column, colour, bold, dim = 0, 0, None, False, False
    for codes, text in re.findall(r"(?:\x1b\[([\d;]*)m)?([^\x1b\n]*\n?)", screen):
        # `38;5;6` is another word for `36`.
        for code in map(int, re.sub(r"38;5;(\d)\b", r"3\1", codes).split(";")) if codes else ():
            if code in (0, 39):
                colour = None
            elif code in COLOURS:
                colour = COLOURS[code]
            if code in (0, 22):
                bold = dim = False
            bold, dim = bold or code == 1, dim or code == 2
        if text.strip():
            yield row, column, text.rstrip("\n"), colour or (DIM if dim else TEXT), bold
        column += len(text)
        if text.endswith("\n"):
            row, column = row + 1, 0


def braille(column, row, text, colour):
    """Braille as dots, which look alike in every font."""
    for place, sign in enumerate(text):
        bits = ord(sign) - 0x2800
        for bit in range(8):
            if bits >> bit & 1:
                down, right = (bit % 3, bit // 3) if bit < 6 else (3, bit - 6)
                x = (column + place) * WIDTH + WIDTH * (0.25 + 0.5 * right)
                y = row * HEIGHT + HEIGHT * (0.125 + 0.25 * down)
                yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.3" fill="{colour}"/>'


def blocks(column, row, text, colour):
    """Bars and columns as rectangles."""
    for place, sign in enumerate(text):
        x, y, width, height = (column + place) * WIDTH, row * HEIGHT, WIDTH, HEIGHT
        if sign in "▏▎▍▌▋▊▉█":
            width *= (0x2590 - ord(sign)) / 8
            y, height = y + 3, height - 6
        else:
            height *= (ord(sign) - 0x2580) / 8
            y += HEIGHT - height
        # A little wider than its cell, so that no gap is seen.
        yield f'<rect x="{x:.1f}" y="{y:.1f}" width="{width + 0.3:.1f}" height="{height:.1f}" fill="{colour}"/>'


def drawing(text):
    margin = 16
    width, height = COLUMNS * WIDTH + 2 * margin, ROWS * HEIGHT + 2 * margin
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}">',
        "<title>chainrule train on a terminal</title>",
        f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>',
        f'<g transform="translate({margin} {margin})" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14">',
    ]
    for row, column, run, colour, bold in runs(text):
        for match in re.finditer(r"[\u2801-\u28ff]+|[▁-▏]+|[^\u2800-\u28ff▁-▏]+", run):
            part, place = match[0], column + match.start()
            if "\u2801" <= part[0] <= "\u28ff":
                parts.extend(braille(place, row, part, colour))
            elif "▁" <= part[0] <= "▏":
                parts.extend(blocks(place, row, part, colour))
            elif part.strip():
                lead = len(part) - len(part.lstrip())
                part, place = part.strip(), place + lead
                weight = ' font-weight="bold"' if bold else ""
                parts.append(
                    f'<text x="{place * WIDTH:.1f}" y="{row * HEIGHT + 13.5:.1f}" fill="{colour}"{weight} '
                    f'textLength="{len(part) * WIDTH:.1f}" lengthAdjust="spacingAndGlyphs" '
                    f'xml:space="preserve">{escape(part)}</text>'
                )
    return "\n".join([*parts, "</g>", "</svg>", ""])


if __name__ == "__main__":
    program, path = sys.argv[1:]
    with open(path, "w") as file:
        file.write(drawing(screen(program)))
