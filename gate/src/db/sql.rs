//! Statements that are put together from pieces.

use sqlx::{Any, AssertSqlSafe, any::AnyArguments, query::Query};

enum Value {
    Text(String),
    Number(i64),
}

/// A statement that is put together. Its text is ours; what comes from outside is bound.
#[derive(Default)]
pub(crate) struct Sql {
    text: String,
    values: Vec<Value>,
}

impl Sql {
    pub(crate) fn text(&mut self, piece: &'static str) -> &mut Self {
        self.text.push_str(piece);
        self
    }

    /// The same statement between two more pieces.
    pub(crate) fn within(mut self, before: &'static str, after: &'static str) -> Self {
        self.text = [before, &self.text, after].concat();
        self
    }

    pub(crate) fn value(&mut self, text: String) -> &mut Self {
        self.bind(Value::Text(text))
    }

    pub(crate) fn number(&mut self, number: i64) -> &mut Self {
        self.bind(Value::Number(number))
    }

    fn bind(&mut self, value: Value) -> &mut Self {
        self.values.push(value);
        self.text.push_str(&format!("${}", self.values.len()));
        self
    }

    pub(crate) fn query(self) -> Query<'static, Any, AnyArguments> {
        let query = sqlx::query(AssertSqlSafe(self.text));
        self.values.into_iter().fold(query, |query, value| match value {
            Value::Text(text) => query.bind(text),
            Value::Number(number) => query.bind(number),
        })
    }
}
