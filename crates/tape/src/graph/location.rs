//! The user's line of each node, in four bytes.
//!
//! `#[track_caller]` passes a pointer to a `Location` that the compiler placed among the program's constants. What is
//! stored is its distance from a constant of this crate: always within 2 GiB in one program, which leaves the record
//! of a node at 16 bytes. A location out of that reach (another dynamic library) goes to a table.

use std::panic::Location;

static ANCHOR: u64 = 0;

/// A location: a distance in bytes, which is even, or an odd index into a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place(i32);

impl Place {
    pub(crate) fn new(
        location: &'static Location<'static>,
        far: &mut Vec<&'static Location<'static>>,
    ) -> Self {
        Self::near(location).unwrap_or_else(|| Self::far(location, far))
    }

    /// The place of a location that is within reach.
    #[inline(always)]
    pub(crate) fn near(location: &'static Location<'static>) -> Option<Self> {
        let distance = address(location).wrapping_sub(address(&raw const ANCHOR)) as isize;
        i32::try_from(distance).ok().map(Self)
    }

    #[cold]
    fn far(location: &'static Location<'static>, far: &mut Vec<&'static Location<'static>>) -> Self {
        let index = far.iter().position(|known| std::ptr::eq(*known, location)).unwrap_or_else(|| {
            far.push(location);
            far.len() - 1
        });
        Self((index << 1 | 1) as i32)
    }

    pub(crate) fn get(self, far: &[&'static Location<'static>]) -> &'static Location<'static> {
        if self.0 & 1 == 1 {
            return far[(self.0 as u32 >> 1) as usize];
        }
        let location = address(&raw const ANCHOR).wrapping_add_signed(self.0 as isize);
        // SAFETY: an even distance is only made in `new`, from a `&'static Location` whose address was exposed
        // there, in this process; such a reference is valid for ever.
        unsafe { &*std::ptr::with_exposed_provenance::<Location<'static>>(location) }
    }
}

#[inline(always)]
fn address<P>(pointer: *const P) -> usize {
    pointer.expose_provenance()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_and_far_come_back() {
        let mut table = Vec::new();
        let here = Location::caller();
        assert_eq!(Place::new(here, &mut table).get(&table), here);
        assert!(table.is_empty(), "a location of this program is within reach");
        let far = Place::far(here, &mut table);
        assert_eq!(far.get(&table), here);
        Place::far(here, &mut table);
        assert_eq!(table.len(), 1);
    }
}
