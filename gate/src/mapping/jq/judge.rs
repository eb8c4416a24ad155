//! Which jq expressions may run here, and what they can cost at the most.
//!
//! The evaluator has no limits of its own: an expression can halt the process, read its environment,
//! never end, or make gigabytes out of a few letters. So it is judged before it runs, term by term: only
//! what is known here to be pure may be called, nothing may call itself, and how much can come out of
//! each term is counted from how much goes in. What could be too much is refused and not tried.

use jaq_core::{
    load::{
        lex::StrPart,
        parse::{BinaryOp, Pattern, Term},
    },
    ops::Math,
    path::Part,
};

/// How deep terms may lie in each other.
const DEEPEST: usize = 64;
/// What an expression may cost at the most: about a value that is looked at.
const COST: f64 = 400_000.0;
/// The most that may be built: about a value, or 64 bytes of text.
const BUILT: f64 = 200_000.0;
/// How deep claims may lie in each other.
const LEVELS: f64 = 130.0;

/// What goes into a term, or comes out of it, at the most. Sizes are counted in values, and 64 bytes of
/// text are as much as one.
#[derive(Debug, Clone, Copy)]
struct Flow {
    /// How many.
    count: f64,
    /// How large all together.
    total: f64,
    /// How large the largest.
    largest: f64,
    /// How many come out for each that goes in.
    each: f64,
}

/// What is called, and what that does.
#[derive(Clone, Copy)]
enum Call {
    /// One value of this size, from looking at the whole input.
    Small(f64),
    /// The input, or a part of it, or as many values in another order; made this many times larger.
    Same(f64),
    /// The same, with everything compared with everything else.
    Sorted,
    /// The same, copied again for each of its parts, and made this many times larger.
    Joined(f64),
    /// Nothing.
    Empty,
    /// The input, where it is something.
    Select,
}

/// What may be called without arguments.
const CALLS: &[(&str, Call)] = &[
    ("true", Call::Small(1.0)),
    ("false", Call::Small(1.0)),
    ("null", Call::Small(1.0)),
    ("not", Call::Small(1.0)),
    ("any", Call::Small(1.0)),
    ("all", Call::Small(1.0)),
    ("type", Call::Small(2.0)),
    ("length", Call::Small(2.0)),
    ("empty", Call::Empty),
    ("values", Call::Select),
    ("first", Call::Same(1.0)),
    ("last", Call::Same(1.0)),
    ("ascii_downcase", Call::Same(1.0)),
    ("ascii_upcase", Call::Same(1.0)),
    ("keys", Call::Same(3.0)),
    ("to_entries", Call::Same(6.0)),
    ("tostring", Call::Same(8.0)),
    ("add", Call::Joined(1.0)),
    ("sort", Call::Sorted),
    ("unique", Call::Sorted),
    ("min", Call::Sorted),
    ("max", Call::Sorted),
];

/// What may be called with one value, or several: each with what comes of it, which is small or as
/// large as the input.
const WITH_VALUE: &[(&str, Call)] = &[
    ("has", Call::Small(1.0)),
    ("in", Call::Small(1.0)),
    ("inside", Call::Small(1.0)),
    ("contains", Call::Small(1.0)),
    ("startswith", Call::Small(1.0)),
    ("endswith", Call::Small(1.0)),
    ("index", Call::Small(2.0)),
    ("ltrimstr", Call::Same(1.0)),
    ("rtrimstr", Call::Same(1.0)),
    ("split", Call::Same(128.0)),
    ("join", Call::Joined(8.0)),
];

/// What may be called with an expression.
const WITH_FILTER: &[&str] = &["select", "map", "any", "all", "first", "last"];

/// The names of everything that may be called.
pub(super) fn allowed() -> String {
    let mut names: Vec<&str> = CALLS.iter().chain(WITH_VALUE).map(|(name, _)| *name).chain(WITH_FILTER.iter().copied()).collect();
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}

/// Judges an expression for claims of this size.
///
/// # Errors
/// What must not be in it, or that it could cost too much.
pub(super) fn judge(term: &Term<&str>, size: f64) -> Result<(), String> {
    let mut judge = Judge { cost: 0.0, variables: Vec::new(), depth: 0 };
    judge.flow(term, Flow { count: 1.0, total: size, largest: size, each: 1.0 }).map(drop)
}

/// How large a text is.
pub(super) fn size_of_text(text: &str) -> f64 {
    1.0 + f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX)) / 64.0
}

struct Judge<'t> {
    cost: f64,
    variables: Vec<(&'t str, f64)>,
    depth: usize,
}

fn refused<T>(what: &str) -> Result<T, String> {
    Err(format!("{what} can not be used here"))
}

impl<'t> Judge<'t> {
    /// Counts the cost of some more values.
    fn pay(&mut self, cost: f64) -> Result<(), String> {
        self.cost += cost;
        // What is no number any more is too large for one.
        if self.cost <= COST { Ok(()) } else { Err("it could take too long: there is too much in it that is done for each of many".into()) }
    }

    /// What comes out of a term for all that goes in.
    fn flow(&mut self, term: &'t Term<&'t str>, input: Flow) -> Result<Flow, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("it goes more than {DEEPEST} levels deep"));
        }
        let out = self.term(term, input)?;
        self.depth -= 1;
        self.pay(out.count + 1.0)?;
        Ok(out)
    }

    fn term(&mut self, term: &'t Term<&'t str>, input: Flow) -> Result<Flow, String> {
        match term {
            Term::Id => Ok(Flow { each: 1.0, ..input }),
            Term::Recurse => Ok(Flow { count: input.total, total: input.total * LEVELS, largest: input.largest, each: input.largest }),
            Term::Num(text) => Ok(constant(input, size_of_text(text))),
            Term::Str(None, parts) => self.text(parts, input),
            Term::Str(Some(format), _) => refused(format),
            Term::Arr(None) => Ok(constant(input, 1.0)),
            Term::Arr(Some(inner)) => {
                let inner = self.flow(inner, input)?;
                let largest = (inner.each * inner.largest).min(inner.total) + 1.0;
                self.built(Flow { count: input.count, total: inner.total + input.count, largest, each: 1.0 })
            }
            Term::Obj(pairs) => {
                let mut out = constant(input, 1.0);
                for (key, value) in pairs {
                    let key = self.flow(key, input)?;
                    let value = value.as_ref().map_or(Ok(Flow { each: 1.0, ..input }), |value| self.flow(value, input))?;
                    out = product(product(out, key, input), value, input);
                    self.pay(out.count)?;
                }
                self.built(out)
            }
            Term::Neg(inner) => self.flow(inner, input),
            Term::BinOp(left, operator, right) => self.operation(left, operator, right, input),
            Term::Label(..) | Term::Break(_) => refused("label"),
            Term::Fold(name, ..) => refused(name),
            Term::Def(..) => refused("def"),
            Term::TryCatch(_, Some(_)) => refused("catch"),
            Term::TryCatch(inner, None) => self.flow(inner, input),
            Term::IfThenElse(cases, other) => self.cases(cases, other.as_deref(), input),
            Term::Call(name, arguments) => self.call(name, arguments, input),
            Term::Var(name) => match self.variables.iter().rev().find(|(known, _)| known == name) {
                Some((_, size)) => Ok(constant(input, *size)),
                None => Err(format!("there is no {name}")),
            },
            Term::Path(head, path) => {
                let mut out = self.flow(head, input)?;
                for (part, _) in &path.0 {
                    out = self.part(part, out, input)?;
                    self.pay(out.count)?;
                }
                Ok(out)
            }
        }
    }

    fn text(&mut self, parts: &'t [StrPart<&'t str, Term<&'t str>>], input: Flow) -> Result<Flow, String> {
        let mut out = constant(input, 1.0);
        for part in parts {
            let part = match part {
                StrPart::Str(text) => constant(input, size_of_text(text)),
                StrPart::Char(_) => constant(input, 1.0),
                // What is no text is written as JSON, and what needs it is escaped.
                StrPart::Term(term) => larger(self.flow(term, input)?, 8.0),
            };
            out = product(out, part, input);
            self.pay(out.count + out.total)?;
        }
        self.built(out)
    }

    fn cases(
        &mut self,
        cases: &'t [(Term<&'t str>, Term<&'t str>)],
        other: Option<&'t Term<&'t str>>,
        input: Flow,
    ) -> Result<Flow, String> {
        let mut out = nothing(input);
        let mut left = input;
        for (condition, then) in cases {
            let condition = self.flow(condition, left)?;
            left = again(left, condition.each);
            out = sum(out, self.flow(then, left)?);
        }
        let other = other.map_or(Ok(left), |other| self.flow(other, left))?;
        let out = sum(out, other);
        Ok(Flow { each: out.each * left.count / input.count.max(1.0), ..out })
    }

    fn operation(
        &mut self,
        left: &'t Term<&'t str>,
        operator: &'t BinaryOp<&'t str>,
        right: &'t Term<&'t str>,
        input: Flow,
    ) -> Result<Flow, String> {
        let first = self.flow(left, input)?;
        match operator {
            BinaryOp::Pipe(None) => {
                let second = self.flow(right, first)?;
                Ok(Flow { each: first.each * second.each, ..second })
            }
            BinaryOp::Pipe(Some(Pattern::Var(name))) => {
                self.variables.push((name, first.largest));
                let second = self.flow(right, again(input, first.each))?;
                self.variables.pop();
                Ok(Flow { each: first.each * second.each, ..second })
            }
            BinaryOp::Pipe(Some(_)) => refused("a pattern after `as` that is no variable"),
            BinaryOp::Comma | BinaryOp::Alt => Ok(sum(first, self.flow(right, input)?)),
            BinaryOp::Or | BinaryOp::And | BinaryOp::Cmp(_) => {
                let second = self.flow(right, input)?;
                let both = product(first, second, input);
                // Most differ where they begin, and all are cheap to compare.
                self.pay(both.count * first.largest.min(second.largest) / 16.0)?;
                Ok(sized(both, 1.0))
            }
            BinaryOp::Math(Math::Mul) => refused("*"),
            BinaryOp::Math(how) => {
                let second = self.flow(right, input)?;
                let both = product(first, second, input);
                let cost = if *how == Math::Sub { first.largest * second.largest } else { both.largest };
                self.pay(both.count * cost)?;
                // Dividing a text splits it, into single letters at the worst.
                self.built(if *how == Math::Div { larger(both, 128.0) } else { both })
            }
            BinaryOp::Assign | BinaryOp::Update | BinaryOp::UpdateMath(_) | BinaryOp::UpdateAlt => refused("an assignment"),
        }
    }

    fn part(&mut self, part: &'t Part<Term<&'t str>>, of: Flow, input: Flow) -> Result<Flow, String> {
        match part {
            Part::Range(None, None) => Ok(Flow { count: of.total, each: of.each * of.largest, ..of }),
            Part::Index(Term::Str(None, parts)) if parts.iter().all(|part| !matches!(part, StrPart::Term(_))) => Ok(of),
            Part::Index(Term::Num(_)) => Ok(of),
            // An array as an index gives the places where it is.
            Part::Index(index) => {
                let index = self.flow(index, input)?;
                let both = product(of, index, input);
                self.pay(both.count * of.largest * index.largest)?;
                Ok(sized(both, of.largest * 2.0))
            }
            Part::Range(from, to) => {
                let mut out = of;
                for end in [from, to].into_iter().flatten() {
                    let end = self.flow(end, input)?;
                    out = sized(product(out, end, input), of.largest);
                }
                self.pay(out.count * out.largest)?;
                Ok(out)
            }
        }
    }

    fn call(&mut self, name: &'t str, arguments: &'t [Term<&'t str>], input: Flow) -> Result<Flow, String> {
        let find = |table: &[(&str, Call)]| table.iter().find(|(known, _)| *known == name).map(|(_, call)| *call);
        match arguments {
            [] => {
                let call = find(CALLS).ok_or_else(|| unknown(name, 0))?;
                self.effect(call, input)
            }
            [argument] => {
                if let Some(call) = find(WITH_VALUE) {
                    let argument = self.flow(argument, input)?;
                    let both = product(Flow { each: 1.0, ..input }, argument, input);
                    self.pay(both.count * input.largest * argument.largest.max(1.0))?;
                    return self.effect(call, both);
                }
                self.with_filter(name, argument, input)
            }
            [from, condition] if ["any", "all"].contains(&name) => {
                let from = self.flow(from, input)?;
                self.flow(condition, from)?;
                Ok(constant(input, 1.0))
            }
            _ => Err(unknown(name, arguments.len())),
        }
    }

    fn with_filter(&mut self, name: &'t str, argument: &'t Term<&'t str>, input: Flow) -> Result<Flow, String> {
        let parts = Flow { count: input.total, each: input.largest, ..input };
        match name {
            "select" => {
                let condition = self.flow(argument, input)?;
                Ok(Flow { each: condition.each, ..again(input, condition.each) })
            }
            "map" => {
                let out = self.flow(argument, parts)?;
                let largest = (input.largest * out.each * out.largest).min(out.total) + 1.0;
                self.built(Flow { count: input.count, total: out.total + input.count, largest, each: 1.0 })
            }
            "any" | "all" => self.flow(argument, parts).map(|_| constant(input, 1.0)),
            "first" | "last" => {
                let out = self.flow(argument, input)?;
                Ok(Flow { count: input.count, each: 1.0, total: out.total, largest: out.largest })
            }
            _ => Err(unknown(name, 1)),
        }
    }

    fn effect(&mut self, call: Call, input: Flow) -> Result<Flow, String> {
        match call {
            Call::Small(size) => {
                self.pay(input.total.min(input.count * input.largest))?;
                Ok(sized(Flow { each: input.each.max(1.0), ..input }, size))
            }
            Call::Same(factor) => {
                self.pay(input.total * factor)?;
                self.built(larger(Flow { each: input.each.max(1.0), ..input }, factor))
            }
            Call::Sorted => {
                self.pay(input.total * 16.0)?;
                Ok(Flow { each: 1.0, ..input })
            }
            Call::Joined(factor) => {
                self.pay(input.count * input.largest * input.largest / 64.0)?;
                self.built(Flow { each: input.each.max(1.0), ..larger(input, factor) })
            }
            Call::Empty => Ok(nothing(input)),
            Call::Select => Ok(Flow { each: 1.0, ..input }),
        }
    }

    /// What is built anew takes room.
    fn built(&mut self, out: Flow) -> Result<Flow, String> {
        if out.total > BUILT || out.largest > BUILT {
            return Err("it could build too much".into());
        }
        self.pay(out.count)?;
        Ok(out)
    }
}

fn unknown(name: &str, arguments: usize) -> String {
    let name = crate::audit::clip(name);
    match arguments {
        0 => format!("{name} can not be used here; there are {}", allowed()),
        1 => format!("{name} with an argument can not be used here; there are {}", allowed()),
        _ => format!("{name} with {arguments} arguments can not be used here; there are {}", allowed()),
    }
}

/// One value of this size for each that goes in.
fn constant(input: Flow, size: f64) -> Flow {
    Flow { count: input.count, total: input.count * size, largest: size, each: 1.0 }
}

fn nothing(input: Flow) -> Flow {
    Flow { count: 0.0, total: 0.0, largest: input.largest.min(1.0), each: 0.0 }
}

/// The same values, each so many times.
fn again(flow: Flow, times: f64) -> Flow {
    Flow { count: flow.count * times, total: flow.total * times, ..flow }
}

fn larger(flow: Flow, factor: f64) -> Flow {
    Flow { total: flow.total * factor, largest: flow.largest * factor, ..flow }
}

/// As many, of this size.
fn sized(flow: Flow, size: f64) -> Flow {
    Flow { total: flow.count * size, largest: size, ..flow }
}

fn sum(first: Flow, second: Flow) -> Flow {
    Flow {
        count: first.count + second.count,
        total: first.total + second.total,
        largest: first.largest.max(second.largest),
        each: first.each + second.each,
    }
}

/// Each of one with each of the other, where both come of the same input.
fn product(first: Flow, second: Flow, input: Flow) -> Flow {
    let count = (first.count * second.each).min(second.count * first.each).min(input.count * first.each * second.each);
    Flow {
        count,
        total: first.total * second.each + second.total * first.each,
        largest: first.largest + second.largest,
        each: first.each * second.each,
    }
}
