//! Numbers as bytes: the element types of safetensors, and those that networks can have.

use std::fmt;

use tape::Element;

/// The type of the numbers of a tensor in a file, in the order of their alignment, as safetensors sorts them.
///
/// ```
/// use nn::checkpoint::Dtype;
/// assert_eq!((Dtype::BF16.to_string(), Dtype::BF16.size()), ("BF16".into(), 2));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(non_camel_case_types, missing_docs)] // the names of the format
#[non_exhaustive]
pub enum Dtype {
    BOOL,
    U8,
    I8,
    F8_E5M2,
    F8_E4M3,
    I16,
    U16,
    F16,
    BF16,
    I32,
    U32,
    F32,
    C64,
    F64,
    I64,
    U64,
}

impl Dtype {
    const ALL: [Self; 16] = [
        Self::BOOL,
        Self::U8,
        Self::I8,
        Self::F8_E5M2,
        Self::F8_E4M3,
        Self::I16,
        Self::U16,
        Self::F16,
        Self::BF16,
        Self::I32,
        Self::U32,
        Self::F32,
        Self::C64,
        Self::F64,
        Self::I64,
        Self::U64,
    ];

    /// The bytes of one number.
    pub fn size(self) -> usize {
        match self {
            Self::BOOL | Self::U8 | Self::I8 | Self::F8_E5M2 | Self::F8_E4M3 => 1,
            Self::I16 | Self::U16 | Self::F16 | Self::BF16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::C64 | Self::F64 | Self::I64 | Self::U64 => 8,
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dtype| format!("{dtype:?}") == name)
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The number types of networks that can be written to a file: `f32` and `f64`.
pub trait Stored: Element + Bytes {}

impl Stored for f32 {}
impl Stored for f64 {}

/// Numbers that have a type in the file, little-endian. Sealed: the format has no others.
pub trait Bytes: Copy + sealed::Sealed {
    /// Their type in the file.
    const DTYPE: Dtype;

    #[doc(hidden)]
    fn encode(numbers: &[Self]) -> Vec<u8>;

    #[doc(hidden)]
    fn decode(bytes: &[u8]) -> Vec<Self>;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! bytes {
    ($($number:ident $dtype:ident)*) => {$(
        impl sealed::Sealed for $number {}

        impl Bytes for $number {
            const DTYPE: Dtype = Dtype::$dtype;

            fn encode(numbers: &[Self]) -> Vec<u8> {
                numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
            }

            fn decode(bytes: &[u8]) -> Vec<Self> {
                let (numbers, _) = bytes.as_chunks();
                numbers.iter().map(|&number| Self::from_le_bytes(number)).collect()
            }
        }
    )*};
}

bytes!(f32 F32 f64 F64 u64 U64 i64 I64);

/// Numbers of another floating-point type, rounded to the nearest of this one; `None` for types that are no
/// floating-point numbers of 16, 32 or 64 bits.
pub(super) fn convert<T: Element>(dtype: Dtype, bytes: &[u8]) -> Option<Vec<T>> {
    let halves = |widen: fn(u16) -> f64| {
        let (halves, _) = bytes.as_chunks();
        halves.iter().map(|&half| T::of(widen(u16::from_le_bytes(half)))).collect()
    };
    match dtype {
        Dtype::F16 => Some(halves(half)),
        Dtype::BF16 => Some(halves(|bits| f64::from(f32::from_bits(u32::from(bits) << 16)))),
        Dtype::F32 => Some(f32::decode(bytes).into_iter().map(|number| T::of(f64::from(number))).collect()),
        Dtype::F64 => Some(f64::decode(bytes).into_iter().map(T::of).collect()),
        _ => None,
    }
}

/// IEEE 754 binary16: a sign, 5 bits of exponent with bias 15, 10 bits of fraction.
fn half(bits: u16) -> f64 {
    let fraction = f64::from(bits & 0x3ff);
    let magnitude = match i32::from(bits >> 10 & 0x1f) {
        0 => fraction * 2f64.powi(-24),
        0x1f if fraction == 0.0 => f64::INFINITY,
        0x1f => f64::NAN,
        exponent => (1024.0 + fraction) * 2f64.powi(exponent - 25),
    };
    if bits >> 15 == 0 { magnitude } else { -magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_little_endian_and_keep_every_bit() {
        assert_eq!(f32::encode(&[1.0, -0.0]), [0, 0, 0x80, 0x3f, 0, 0, 0, 0x80]);
        let odd = [f64::from_bits(0x7ff0_0000_dead_beef), -0.0, f64::NEG_INFINITY, 5e-324];
        let again = f64::decode(&f64::encode(&odd));
        assert!(again.iter().map(|x| x.to_bits()).eq(odd.iter().map(|x| x.to_bits())));
    }

    #[test]
    fn types_know_their_names() {
        for dtype in Dtype::ALL {
            assert_eq!(Dtype::named(&dtype.to_string()), Some(dtype));
        }
        assert!(Dtype::ALL.is_sorted());
        assert_eq!(Dtype::named("f32"), None);
    }

    /// Numbers of `numpy.float16` and of `torch.bfloat16`.
    #[test]
    fn halves_widen_exactly() {
        let halves: [(u16, f64); 8] = [
            (0x3c00, 1.0),
            (0xc248, -3.140_625),
            (0x0001, 5.960_464_477_539_063e-8),
            (0x03ff, 6.097_555_160_522_461e-5),
            (0x0400, 6.103_515_625e-5),
            (0x7bff, 65504.0),
            (0xfc00, f64::NEG_INFINITY),
            (0x8000, -0.0),
        ];
        for (bits, number) in halves {
            assert_eq!(half(bits).to_bits(), number.to_bits(), "{bits:#x}");
        }
        assert!(half(0x7e00).is_nan());
        let brain = convert::<f32>(Dtype::BF16, &[0x49, 0x40, 0x80, 0xff]).unwrap();
        assert_eq!(brain, [3.140_625, f32::NEG_INFINITY]);
        assert_eq!(convert::<f32>(Dtype::I64, &[0; 8]), None);
    }

    #[test]
    fn doubles_are_rounded_once() {
        let third = 1.0 / 3.0;
        assert_eq!(
            convert::<f32>(Dtype::F64, &f64::encode(&[third, 1e300])).unwrap(),
            [1.0 / 3.0, f32::INFINITY]
        );
    }
}
