//! The encoding of protocol buffers, as far as event files need it.
//!
//! Source: *Protocol Buffers: Encoding*, <https://protobuf.dev/programming-guides/encoding/>.

/// A message under way: fields in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub(super) struct Message(Vec<u8>);

/// How the number of a field is to be read, in the last three bits of its key.
#[derive(Clone, Copy)]
enum Wire {
    Varint = 0,
    Eight = 1,
    Length = 2,
    Four = 5,
}

impl Message {
    pub(super) fn integer(self, field: u32, value: u64) -> Self {
        self.key(field, Wire::Varint).varint(value)
    }

    pub(super) fn double(self, field: u32, value: f64) -> Self {
        self.key(field, Wire::Eight).raw(&value.to_le_bytes())
    }

    pub(super) fn float(self, field: u32, value: f32) -> Self {
        self.key(field, Wire::Four).raw(&value.to_le_bytes())
    }

    pub(super) fn bytes(self, field: u32, bytes: &[u8]) -> Self {
        self.key(field, Wire::Length).varint(bytes.len() as u64).raw(bytes)
    }

    pub(super) fn text(self, field: u32, text: &str) -> Self {
        self.bytes(field, text.as_bytes())
    }

    pub(super) fn message(self, field: u32, inner: &Self) -> Self {
        self.bytes(field, &inner.0)
    }

    /// Repeated numbers under one key.
    pub(super) fn doubles(self, field: u32, values: &[f64]) -> Self {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.bytes(field, &bytes)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn key(self, field: u32, wire: Wire) -> Self {
        self.varint(u64::from(field << 3 | wire as u32))
    }

    fn varint(mut self, mut value: u64) -> Self {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
        self
    }

    fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_encoding() {
        assert_eq!(Message::default().integer(1, 150).as_bytes(), [0x08, 0x96, 0x01]);
        assert_eq!(Message::default().text(2, "testing").as_bytes(), b"\x12\x07testing");
        let inner = Message::default().integer(1, 150);
        assert_eq!(Message::default().message(3, &inner).as_bytes(), [0x1a, 0x03, 0x08, 0x96, 0x01]);
        assert_eq!(Message::default().float(2, 1.0).as_bytes(), [0x15, 0, 0, 0x80, 0x3f]);
        assert_eq!(Message::default().doubles(6, &[1.0]).as_bytes(), [0x32, 8, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
    }
}
