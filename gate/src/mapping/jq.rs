//! Expressions in jq over claims, in this process: what may run is judged before (see [`judge`]), and
//! what runs has 50 ms beside the threads that answer requests.

mod judge;
#[cfg(test)]
mod tests;

use crate::audit::clip;
use jaq_core::{
    Compiler, Ctx, Filter, Vars,
    data::JustLut,
    load::{Arena, File, Loader, parse::Term},
};
use jaq_json::{Val, read};
use serde_json::{Map, Value};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

/// The most bytes of an expression.
pub(crate) const LONGEST: usize = 2048;
/// The most brackets that are open at once.
const NESTED: usize = 32;
/// The most bytes of claims that are looked at.
const CLAIMS: usize = 64 * 1024;
/// The most results that are taken.
const RESULTS: usize = 64;
/// How long one may take.
const PATIENCE: Duration = Duration::from_millis(50);
/// How long one may wait for its turn.
const QUEUE: Duration = Duration::from_secs(2);
/// How many run at once.
const AT_ONCE: usize = 2;
/// Claims as most people have them; what would cost too much with those is refused when it is saved.
const USUAL: f64 = 128.0;
/// The parser goes down as deep as an expression does, whatever it is.
const STACK: usize = 32 * 1024 * 1024;

/// What the definitions that come with the language are made of, as far as they are needed here.
const DEFINITIONS: [&str; 35] = [
    "empty",
    "true",
    "false",
    "null",
    "not",
    "select",
    "tostring",
    "map",
    "first",
    "last",
    "any",
    "all",
    "isempty",
    "join",
    "to_entries",
    "values",
    "add",
    "keys",
    "type",
    "isboolean",
    "isnumber",
    "isstring",
    "isarray",
    "isobject",
    "min",
    "min_by",
    "max",
    "max_by",
    "unique",
    "unique_by",
    "split",
    "in",
    "inside",
    "index",
    "error",
];

/// Of the same names, but made of what is not there.
const NOT_EVEN: [(&str, usize); 1] = [("split", 2)];

/// An expression that may run.
pub(crate) struct Expression {
    source: Arc<str>,
    filter: Filter<JustLut<Val>>,
}

impl std::fmt::Debug for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Expression").field(&self.source).finish()
    }
}

impl Expression {
    /// Reads an expression, judges and compiles it.
    ///
    /// # Errors
    /// What is wrong with it, to be read after the name of its field.
    pub(crate) fn compile(source: &str) -> Result<Self, String> {
        if source.len() > LONGEST {
            return Err(format!("it is longer than {LONGEST} bytes"));
        }
        let mut open = 0_usize;
        for byte in source.bytes() {
            match byte {
                b'(' | b'[' | b'{' => open += 1,
                b')' | b']' | b'}' => open = open.saturating_sub(1),
                _ => {}
            }
            if open > NESTED {
                return Err(format!("more than {NESTED} brackets are open at once"));
            }
        }
        let own = source.to_owned();
        let compiling = std::thread::Builder::new().name("jq".into()).stack_size(STACK).spawn(move || compile(&own, USUAL));
        let compiled = compiling.map_err(|error| format!("it can not be compiled now: {error}"))?;
        let filter = compiled.join().map_err(|_| "it can not be compiled".to_owned())??;
        Ok(Self { source: source.into(), filter })
    }

    /// What it makes of claims: texts alone; what is null, or false, is nothing.
    ///
    /// # Errors
    /// Why it does not do with these claims.
    fn run(&self, claims: &Map<String, Value>) -> Result<Vec<String>, String> {
        let json = serde_json::to_vec(claims).map_err(|error| error.to_string())?;
        if json.len() > CLAIMS {
            return Err("there are more than 64 KiB of claims".into());
        }
        let size = size_of(claims.values()) + claims.keys().map(|key| judge::size_of_text(key)).sum::<f64>();
        if size > USUAL {
            within(&self.source, size)?;
        }
        let input = read::parse_single(&json).map_err(|_| "the claims can not be read".to_owned())?;
        let ctx = Ctx::<JustLut<Val>>::new(&self.filter.lut, Vars::new([]));
        let mut texts = Vec::new();
        for result in self.filter.id.run((ctx, input)).take(RESULTS) {
            match result {
                Ok(Val::Null | Val::Bool(false)) => {}
                Ok(Val::TStr(text)) => texts.push(String::from_utf8_lossy(&text).into_owned()),
                Ok(other) => return Err(clip(&format!("it gave {other}, which is no text"))),
                Err(error) => {
                    let error = error.get_err().map_or_else(|_| "it broke off".to_owned(), |error| error.to_string());
                    return Err(clip(&error));
                }
            }
        }
        Ok(texts)
    }
}

/// Judges an expression once more, for claims that are larger than most.
fn within(source: &str, size: f64) -> Result<(), String> {
    parsed(source, |term| judge::judge(term, size))
}

/// How large values are together, as [`judge`] counts.
fn size_of<'v>(values: impl Iterator<Item = &'v Value>) -> f64 {
    values
        .map(|value| match value {
            Value::String(text) => judge::size_of_text(text),
            Value::Array(items) => 1.0 + size_of(items.iter()),
            Value::Object(pairs) => 1.0 + size_of(pairs.values()) + pairs.keys().map(|key| judge::size_of_text(key)).sum::<f64>(),
            _ => 1.0,
        })
        .sum()
}

fn parsed<T>(source: &str, then: impl FnOnce(&Term<&str>) -> Result<T, String>) -> Result<T, String> {
    use jaq_core::load::{Lexer, Parser};
    let near = |at: &str| {
        let start: String = at.chars().take(20).collect();
        if start.is_empty() { "it ends too early".to_owned() } else { format!("it can not be read at `{start}`") }
    };
    let tokens = Lexer::new(source).lex().map_err(|errors| near(errors.first().map_or("", |(_, at)| at)))?;
    let term = Parser::new(&tokens)
        .parse(Parser::term)
        .map_err(|errors| near(errors.first().and_then(|(_, token)| token.map(|token| token.0)).unwrap_or_default()))?;
    then(&term)
}

fn compile(source: &str, size: f64) -> Result<Filter<JustLut<Val>>, String> {
    parsed(source, |term| judge::judge(term, size))?;
    let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
    let definitions = definitions.filter(|it| DEFINITIONS.contains(&it.name) && !NOT_EVEN.contains(&(it.name, it.args.len())));
    // The one native among those that ends the process is not even compiled in.
    let natives = jaq_core::funs().chain(jaq_std::base_funs()).chain(jaq_json::funs()).filter(|(name, ..)| *name != "halt");
    let arena = Arena::default();
    let modules = Loader::new(definitions)
        .load(&arena, File { code: source, path: () })
        .map_err(|_| "it is no expression of jq alone; modules can not be used here".to_owned())?;
    Compiler::default().with_funs(natives).compile(modules).map_err(|errors| {
        let names = errors.iter().flat_map(|(_, errors)| errors).map(|(name, _)| clip(name)).collect::<Vec<_>>().join(", ");
        format!("it can not be compiled: {names}")
    })
}

/// Runs expressions, a few at once.
pub(crate) struct Runner(Arc<Semaphore>);

impl Default for Runner {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Runner {
    /// What an expression makes of claims.
    ///
    /// # Errors
    /// Why it made nothing; it may name what is in the claims.
    pub(crate) async fn run(&self, expression: Arc<Expression>, claims: Map<String, Value>) -> Result<Vec<String>, String> {
        let turn = timeout(QUEUE, self.0.clone().acquire_owned()).await;
        let Ok(Ok(turn)) = turn else { return Err("too many expressions run at the moment".into()) };
        let running = spawn_blocking(move || {
            // The place is taken until the work is done, whether somebody still waits for it or not.
            let _turn = turn;
            expression.run(&claims)
        });
        match timeout(PATIENCE, running).await {
            Ok(Ok(done)) => done,
            Ok(Err(_)) => Err("it broke off".into()),
            Err(_) => Err("it took longer than 50 ms".into()),
        }
    }
}
