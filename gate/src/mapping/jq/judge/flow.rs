//! How many values there are, and how large they are, at the most.

/// What goes into a term, or comes out of it, at the most. Sizes are counted in values, and 64 bytes of
/// text are as much as one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flow {
    /// How many.
    pub(super) count: f64,
    /// How large all together.
    pub(super) total: f64,
    /// How large the largest.
    pub(super) largest: f64,
    /// How many come out for each that goes in.
    pub(super) each: f64,
}

/// One value of this size for each that goes in.
pub(super) fn constant(input: Flow, size: f64) -> Flow {
    Flow { count: input.count, total: input.count * size, largest: size, each: 1.0 }
}

pub(super) fn nothing(input: Flow) -> Flow {
    Flow { count: 0.0, total: 0.0, largest: input.largest.min(1.0), each: 0.0 }
}

/// The same values, each so many times.
pub(super) fn again(flow: Flow, times: f64) -> Flow {
    Flow { count: flow.count * times, total: flow.total * times, ..flow }
}

pub(super) fn larger(flow: Flow, factor: f64) -> Flow {
    Flow { total: flow.total * factor, largest: flow.largest * factor, ..flow }
}

/// As many, of this size.
pub(super) fn sized(flow: Flow, size: f64) -> Flow {
    Flow { total: flow.count * size, largest: size, ..flow }
}

pub(super) fn sum(first: Flow, second: Flow) -> Flow {
    Flow {
        count: first.count + second.count,
        total: first.total + second.total,
        largest: first.largest.max(second.largest),
        each: first.each + second.each,
    }
}

/// Each of one with each of the other, where both come of the same input.
pub(super) fn product(first: Flow, second: Flow, input: Flow) -> Flow {
    let count = (first.count * second.each).min(second.count * first.each).min(input.count * first.each * second.each);
    Flow {
        count,
        total: first.total * second.each + second.total * first.each,
        largest: first.largest + second.largest,
        each: first.each * second.each,
    }
}
