//! One form of line end, whatever the file was written on.

use std::io::{self, BufRead, Read};

/// Passes text on with every line ended by `\n`: `\r\n` and a lone `\r` become `\n`, and a last line without an end
/// gets one. With one `\n` to each line the reader behind can tell on which line a row began.
pub(super) struct Lines<R> {
    inner: R,
    /// The last byte read was `\r`, already passed on as `\n`.
    after_return: bool,
    /// The last byte passed on was not `\n`.
    open_line: bool,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, after_return: false, open_line: false }
    }
}

impl<R: BufRead> Read for Lines<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            let bytes = match self.inner.fill_buf() {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if bytes.is_empty() {
                out[0] = b'\n';
                return Ok(usize::from(std::mem::take(&mut self.open_line)));
            }
            let taken = bytes.len().min(out.len());
            let mut written = 0;
            for &byte in &bytes[..taken] {
                let half_of_pair = byte == b'\n' && self.after_return;
                self.after_return = byte == b'\r';
                if !half_of_pair {
                    out[written] = if byte == b'\r' { b'\n' } else { byte };
                    written += 1;
                }
            }
            self.inner.consume(taken);
            // Nothing written is not the end: the one byte at hand was the `\n` of a pair.
            if written > 0 {
                self.open_line = out[written - 1] != b'\n';
                return Ok(written);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::BufReader;

    fn through(text: &[u8], inner: usize, outer: usize) -> Vec<u8> {
        let mut lines = Lines::new(BufReader::with_capacity(inner, text));
        let (mut all, mut part) = (Vec::new(), vec![0; outer]);
        loop {
            match lines.read(&mut part).unwrap() {
                0 => return all,
                n => all.extend_from_slice(&part[..n]),
            }
        }
    }

    #[test]
    fn every_line_ends_in_one_newline() {
        for (text, wanted) in [
            ("", ""),
            ("a", "a\n"),
            ("a\nb\n", "a\nb\n"),
            ("a\r\nb\r\n", "a\nb\n"),
            ("a\rb", "a\nb\n"),
            ("\r\n\n\r\r\n", "\n\n\n\n"),
            ("a\r", "a\n"),
        ] {
            for (inner, outer) in [(1, 1), (2, 3), (64, 64)] {
                assert_eq!(through(text.as_bytes(), inner, outer), wanted.as_bytes(), "{text:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn buffers_do_not_matter(text in "[ab\r\n]{0,40}", inner in 1usize..9, outer in 1usize..9) {
            let mut wanted = text.replace("\r\n", "\n").replace('\r', "\n");
            if !wanted.is_empty() && !wanted.ends_with('\n') {
                wanted.push('\n');
            }
            prop_assert_eq!(through(text.as_bytes(), inner, outer), wanted.as_bytes());
        }
    }
}
