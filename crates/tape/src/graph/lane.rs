//! The cell around the graph, and the push of a scalar operation, which is the one thing that happens a million times.
//!
//! [`Lane`] is a `RefCell` whose every question is one comparison: `room` is how many nodes can be pushed before
//! something has to be thought about. It is 0 while the graph is read or written, where values are to be checked, and
//! where a column is full; a push then goes the slow way.

use std::cell::{Cell, UnsafeCell};
use std::ops::{Deref, DerefMut};
use std::panic::Location;

use super::location::Place;
use super::node::{Arg, Graph, Kind, Record, Slot};
use crate::element::Element;

pub(crate) struct Lane<T: Element> {
    graph: UnsafeCell<Graph<T>>,
    room: Cell<usize>,
    /// How many read the graph, or `WRITER`.
    users: Cell<usize>,
    /// Values are checked as they are made: every push goes the slow way.
    checked: Cell<bool>,
}

const WRITER: usize = usize::MAX;

impl<T: Element> Lane<T> {
    pub(crate) fn new(graph: Graph<T>) -> Self {
        let (room, users, checked) = (Cell::new(0), Cell::new(0), Cell::new(false));
        Self { graph: UnsafeCell::new(graph), room, users, checked }
    }

    /// Adds a node in the fast way; `None` where that is not open.
    #[inline(always)]
    pub(crate) fn push(
        &self,
        kind: Kind,
        a: Arg<T>,
        b: Arg<T>,
        value: T,
        at: &'static Location<'static>,
    ) -> Option<u32> {
        let place = Place::near(at)?;
        let room = self.room.get().checked_sub(1)?;
        self.room.set(room);
        // SAFETY: there was room, so that nobody reads or writes the graph (`borrow` and `borrow_mut` take all room
        // away until they end, and the lane stays on one thread): this is the only reference into it.
        let graph = unsafe { &mut *self.graph.get() };
        let id = graph.records.len();
        // SAFETY: each column has at least as much spare capacity as there was room, see `open`; a scalar operation
        // has at most one constant operand.
        unsafe {
            let (a, b) = (keep(graph, a), keep(graph, b));
            graph.records.as_mut_ptr().add(id).write(Record { a, b, place, kind });
            graph.records.set_len(id + 1);
            graph.values.as_mut_ptr().add(id).write(value);
            graph.values.set_len(id + 1);
        }
        Some(id as u32)
    }

    /// Reads the graph; until the answer is dropped, nothing can be recorded.
    #[track_caller]
    pub(crate) fn borrow(&self) -> Reading<'_, T> {
        let users = self.users.get();
        assert!(users != WRITER, "a tape is used while it records");
        self.users.set(users + 1);
        self.room.set(0);
        Reading(self)
    }

    /// Changes the graph.
    #[track_caller]
    pub(crate) fn borrow_mut(&self) -> Writing<'_, T> {
        assert!(self.users.get() == 0, "a tape cannot record while an operation of its own runs");
        self.users.set(WRITER);
        self.room.set(0);
        Writing(self)
    }

    pub(crate) fn get_mut(&mut self) -> &mut Graph<T> {
        self.room.set(0);
        self.graph.get_mut()
    }

    pub(crate) fn check(&self, on: bool) {
        self.checked.set(on);
        self.room.set(0);
    }

    pub(crate) fn checked(&self) -> bool {
        self.checked.get()
    }

    /// Opens the fast way as far as every column has room.
    fn open(&self, graph: &Graph<T>) {
        let spare = |capacity: usize, len: usize| capacity.min(Slot::LIMIT) - len.min(Slot::LIMIT);
        let records = spare(graph.records.capacity(), graph.records.len());
        let values = spare(graph.values.capacity(), graph.values.len());
        let constants = spare(graph.constants.capacity(), graph.constants.len());
        self.room.set(if self.checked.get() { 0 } else { records.min(values).min(constants) });
    }
}

/// Writes down an operand.
///
/// # Safety
/// There is room for one more constant.
#[inline(always)]
unsafe fn keep<T: Element>(graph: &mut Graph<T>, arg: Arg<T>) -> Slot {
    match arg {
        Arg::Node(id) => Slot::node(id),
        Arg::None => Slot::NONE,
        Arg::Constant(value) => {
            let index = graph.constants.len();
            // SAFETY: there is room, as the caller promises.
            unsafe {
                graph.constants.as_mut_ptr().add(index).write(value);
                graph.constants.set_len(index + 1);
            }
            Slot::constant(index)
        }
    }
}

/// Shared access, as of `std::cell::Ref`.
pub(crate) struct Reading<'l, T: Element>(&'l Lane<T>);

/// Exclusive access, as of `std::cell::RefMut`.
pub(crate) struct Writing<'l, T: Element>(&'l Lane<T>);

impl<T: Element> Deref for Reading<'_, T> {
    type Target = Graph<T>;
    fn deref(&self) -> &Graph<T> {
        // SAFETY: while `users` counts this reader, `borrow_mut` refuses and `push` finds no room.
        unsafe { &*self.0.graph.get() }
    }
}

impl<T: Element> Drop for Reading<'_, T> {
    fn drop(&mut self) {
        let users = self.0.users.get() - 1;
        self.0.users.set(users);
        if users == 0 {
            // SAFETY: no reader and no writer is left, and no reference outlives this call.
            self.0.open(unsafe { &*self.0.graph.get() });
        }
    }
}

impl<T: Element> Deref for Writing<'_, T> {
    type Target = Graph<T>;
    fn deref(&self) -> &Graph<T> {
        // SAFETY: while `users` is `WRITER`, this is the only access.
        unsafe { &*self.0.graph.get() }
    }
}

impl<T: Element> DerefMut for Writing<'_, T> {
    fn deref_mut(&mut self) -> &mut Graph<T> {
        // SAFETY: while `users` is `WRITER`, this is the only access.
        unsafe { &mut *self.0.graph.get() }
    }
}

impl<T: Element> Drop for Writing<'_, T> {
    fn drop(&mut self) {
        self.0.users.set(0);
        // SAFETY: no reader and no writer is left, and no reference outlives this call.
        self.0.open(unsafe { &*self.0.graph.get() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    fn lane(capacity: usize) -> Lane<f64> {
        let lane = Lane::new(Graph::with_capacity(capacity));
        drop(lane.borrow());
        lane
    }

    fn push(lane: &Lane<f64>) -> Option<u32> {
        lane.push(Kind::Leaf, Arg::None, Arg::Constant(2.0), 1.0, Location::caller())
    }

    #[test]
    fn there_is_room_to_the_last_place_and_not_beyond() {
        let lane = lane(3);
        assert_eq!([push(&lane), push(&lane), push(&lane)], [Some(0), Some(1), Some(2)]);
        assert_eq!(push(&lane), None);
        assert_eq!((lane.borrow().values.len(), lane.borrow().constants.len()), (3, 3));
    }

    #[test]
    fn a_reader_closes_the_way_and_opens_it_again() {
        let lane = lane(3);
        let (one, two) = (lane.borrow(), lane.borrow());
        assert_eq!(push(&lane), None);
        assert!(catch_unwind(AssertUnwindSafe(|| drop(lane.borrow_mut()))).is_err(), "it is being read");
        drop(one);
        assert_eq!(push(&lane), None);
        drop(two);
        assert_eq!(push(&lane), Some(0));
        drop(lane.borrow_mut());
        assert_eq!(push(&lane), Some(1));
    }

    #[test]
    fn a_checked_lane_has_no_fast_way() {
        let lane = lane(3);
        lane.check(true);
        drop(lane.borrow());
        assert_eq!(push(&lane), None);
        lane.check(false);
        drop(lane.borrow());
        assert_eq!(push(&lane), Some(0));
    }
}
