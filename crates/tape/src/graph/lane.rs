//! The cell around the graph, and the push of a scalar operation, which is the one thing that happens a million times.
//!
//! [`Lane`] is a `RefCell` whose every question is one comparison: is there room for the next node? There is none while
//! the graph is read or written, where values are to be checked, and where a column is full; a push then goes the slow
//! way. On the fast way only a counter moves; the columns learn their lengths when it closes.

use std::cell::{Cell, UnsafeCell};
use std::ops::{Deref, DerefMut};
use std::panic::Location;

use super::location::Place;
use super::node::Graph;
use super::record::{Arg, Kind, Record, Slot};
use crate::element::Element;
use crate::rules::CONSTANT;

pub(crate) struct Lane<T: Element> {
    graph: UnsafeCell<Graph<T>>,
    /// The id of the next node, and the first id for which there is no room: 0 where the fast way is closed.
    next: Cell<u32>,
    end: Cell<u32>,
    /// How many constants there are, and how many there is room for.
    constants: Cell<usize>,
    constants_end: Cell<usize>,
    /// Where the columns of the graph begin, while the fast way is open.
    columns: Cell<Columns<T>>,
    /// How many read the graph, or `WRITER`.
    users: Cell<usize>,
    /// Values are checked as they are made: every push goes the slow way.
    checked: Cell<bool>,
}

struct Columns<T> {
    records: *mut Record,
    values: *mut T,
    constants: *mut T,
}

impl<T> Clone for Columns<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Columns<T> {}

// SAFETY: they point into the graph that the same lane owns, and go wherever it goes.
unsafe impl<T: Send> Send for Columns<T> {}

const WRITER: usize = usize::MAX;

impl<T: Element> Lane<T> {
    pub(crate) fn new(mut graph: Graph<T>) -> Self {
        let columns = Cell::new(Columns::of(&mut graph));
        Self {
            graph: UnsafeCell::new(graph),
            next: Cell::new(0),
            end: Cell::new(0),
            constants: Cell::new(0),
            constants_end: Cell::new(0),
            columns,
            users: Cell::new(0),
            checked: Cell::new(false),
        }
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
        let id = self.next.get();
        let constant = matches!(a, Arg::Constant(_)) || matches!(b, Arg::Constant(_));
        if id >= self.end.get() || (constant && self.constants.get() >= self.constants_end.get()) {
            return None;
        }
        self.next.set(id + 1);
        let Columns { records, values, .. } = self.columns.get();
        // SAFETY: there is room, so that nobody reads or writes the graph (`borrow`, `borrow_mut` and `get_mut` close
        // the way until they end, and the lane stays on one thread), and each column has a place for node `id`, and one
        // for a constant if there is one, see `open`; a scalar operation has at most one constant operand.
        unsafe {
            let (a, b) = (self.keep(id, a), self.keep(id, b));
            records.add(id as usize).write(Record::new(kind, a, b, place));
            values.add(id as usize).write(value);
        }
        Some(id)
    }

    /// Writes down an operand of node `id`, and where it is, seen from there.
    ///
    /// # Safety
    /// The fast way is open, and there is room for one more constant.
    #[inline(always)]
    unsafe fn keep(&self, id: u32, arg: Arg<T>) -> (Slot, u8) {
        match arg {
            Arg::Node(operand) => (Slot::node(operand), Slot::place_of_node(operand, id)),
            Arg::None => (Slot::NONE, CONSTANT),
            Arg::Constant(value) => {
                let index = self.constants.get();
                self.constants.set(index + 1);
                // SAFETY: there is room, as the caller promises.
                unsafe { self.columns.get().constants.add(index).write(value) };
                (Slot::constant(index), CONSTANT)
            }
        }
    }

    /// Reads the graph; until the answer is dropped, nothing can be recorded.
    #[track_caller]
    pub(crate) fn borrow(&self) -> Reading<'_, T> {
        let users = self.users.get();
        assert!(users != WRITER, "a tape is used while it records");
        self.close();
        self.users.set(users + 1);
        Reading(self)
    }

    /// Changes the graph.
    #[track_caller]
    pub(crate) fn borrow_mut(&self) -> Writing<'_, T> {
        assert!(self.users.get() == 0, "a tape cannot record while an operation of its own runs");
        self.close();
        self.users.set(WRITER);
        Writing(self)
    }

    pub(crate) fn get_mut(&mut self) -> &mut Graph<T> {
        self.close();
        self.graph.get_mut()
    }

    pub(crate) fn check(&self, on: bool) {
        self.close();
        self.checked.set(on);
    }

    pub(crate) fn checked(&self) -> bool {
        self.checked.get()
    }

    /// Opens the fast way as far as every column has room.
    fn open(&self) {
        // SAFETY: no reader and no writer is left, and this reference ends with the call.
        let graph = unsafe { &mut *self.graph.get() };
        let nodes = graph.records.capacity().min(graph.values.capacity()).min(Slot::LIMIT);
        self.next.set(graph.records.len() as u32);
        self.constants.set(graph.constants.len());
        self.constants_end.set(graph.constants.capacity().min(Slot::LIMIT));
        self.columns.set(Columns::of(graph));
        self.end.set(if self.checked.get() { 0 } else { nodes as u32 });
    }

    /// Closes the fast way, and counts in what was pushed there.
    fn close(&self) {
        if self.end.replace(0) == 0 {
            return;
        }
        // SAFETY: the way was open, so that nobody reads or writes the graph; this reference ends with the call. The
        // nodes and constants below these counts have been written, see `push`.
        unsafe {
            let graph = &mut *self.graph.get();
            graph.records.set_len(self.next.get() as usize);
            graph.values.set_len(self.next.get() as usize);
            graph.constants.set_len(self.constants.get());
        }
    }
}

impl<T: Element> Columns<T> {
    fn of(graph: &mut Graph<T>) -> Self {
        Self {
            records: graph.records.as_mut_ptr(),
            values: graph.values.as_mut_ptr(),
            constants: graph.constants.as_mut_ptr(),
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
            self.0.open();
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
        self.0.open();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    fn lane(capacity: usize) -> Lane<f64> {
        let mut graph = Graph::with_capacity(capacity);
        graph.constants.reserve_exact(capacity);
        let lane = Lane::new(graph);
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
    fn where_there_is_no_room_for_a_constant_only_constants_go_the_slow_way() {
        let lane = Lane::<f64>::new(Graph::with_capacity(2));
        drop(lane.borrow());
        assert_eq!(push(&lane), None);
        assert_eq!(lane.push(Kind::Leaf, Arg::None, Arg::None, 1.0, Location::caller()), Some(0));
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
