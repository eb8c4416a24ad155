//! The file of a backup: a head, each table's name and columns with its rows below, and an end by which
//! one sees that it is whole. Every line is JSON.

use super::refuse;
use crate::{Result, db::dump::Column, hash::hex};
use aws_lc_rs::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io::{BufRead, Write};
use wire::Timestamp;

/// How a backup's head begins.
pub(super) const NAME: &str = "backup";
/// How the lines are written; another way of writing them is another number.
pub(super) const FORMAT: u32 = 1;
/// No line of ours is longer: an event's detail is far shorter, and so is a list of rules.
const LONGEST: u64 = 16 * 1024 * 1024;

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Head {
    pub(super) doorward: String,
    pub(super) format: u32,
    /// Which Doorward wrote it.
    pub(super) version: String,
    /// The last migration of its database.
    pub(super) schema: i64,
    /// The moment that it shows.
    pub(super) at: Timestamp,
    /// Names the signing secret.
    pub(super) kid: String,
    /// The signing secret, unless it is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) secret: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Began {
    table: String,
    columns: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct End {
    /// How many rows there are.
    end: u64,
    /// SHA-256 of all lines before, in hex.
    sha256: String,
}

/// What a line holds, below the first.
pub(super) enum Line {
    /// A table begins.
    Table(String, Vec<String>),
    /// A row of it.
    Row(Vec<Value>),
    /// It is whole: so many rows.
    End(u64),
}

/// A backup that is being written.
pub(super) struct Out<'w> {
    out: &'w mut dyn Write,
    digest: Context,
    rows: u64,
}

impl<'w> Out<'w> {
    pub(super) fn begin(out: &'w mut dyn Write, head: &Head) -> Result<Self> {
        let mut begun = Self { out, digest: Context::new(&SHA256), rows: 0 };
        begun.line(head)?;
        Ok(begun)
    }

    pub(super) fn table(&mut self, name: &str, columns: &[Column]) -> Result<()> {
        self.line(&Began { table: name.to_owned(), columns: columns.iter().map(|column| column.name.clone()).collect() })
    }

    pub(super) fn row(&mut self, row: &[Value]) -> Result<()> {
        self.rows += 1;
        self.line(row)
    }

    /// Ends it; gives the number of rows.
    pub(super) fn end(mut self) -> Result<u64> {
        let sha256 = hex(self.digest.clone().finish().as_ref());
        let rows = self.rows;
        self.line(&End { end: rows, sha256 })?;
        self.out.flush().map_err(failed)?;
        Ok(rows)
    }

    fn line(&mut self, value: &(impl Serialize + ?Sized)) -> Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        self.digest.update(&line);
        self.out.write_all(&line).map_err(failed)
    }
}

fn failed(error: std::io::Error) -> crate::Error {
    refuse(format!("The backup can not be written: {error}."))
}

/// A backup that is being read.
pub(super) struct In<'r> {
    input: &'r mut dyn BufRead,
    digest: Context,
    number: u64,
    is_over: bool,
    rows: u64,
}

impl<'r> In<'r> {
    /// Reads the first line.
    ///
    /// # Errors
    /// A sentence, when it is no backup of ours, or of a newer Doorward.
    pub(super) fn begin(input: &'r mut dyn BufRead) -> Result<(Self, Head)> {
        let mut begun = Self { input, digest: Context::new(&SHA256), number: 0, is_over: false, rows: 0 };
        let none = || refuse("This is no backup of Doorward's.");
        let line = begun.line()?.ok_or_else(none)?;
        let value: Value = serde_json::from_slice(&line).map_err(|_| none())?;
        if value["doorward"] != NAME {
            return Err(none());
        }
        if value["format"].as_u64() != Some(u64::from(FORMAT)) {
            return Err(refuse(
                "This backup was made by a newer Doorward, which writes them in another way. Restore it with that version.",
            ));
        }
        let head = serde_json::from_value(value).map_err(|_| none())?;
        Ok((begun, head))
    }

    /// The next line; nothing after the end.
    ///
    /// # Errors
    /// A sentence with the line's number, when the file is not as it was written.
    pub(super) fn next(&mut self) -> Result<Option<Line>> {
        if self.is_over {
            return match self.line()? {
                None => Ok(None),
                Some(_) => Err(self.damaged("something follows its end")),
            };
        }
        let before = self.digest.clone();
        let Some(line) = self.line()? else { return Err(self.damaged("it ends too early")) };
        let value: Value = serde_json::from_slice(&line).map_err(|_| self.damaged("this is not JSON"))?;
        if let Value::Array(row) = value {
            self.rows += 1;
            return Ok(Some(Line::Row(row)));
        }
        if value.get("table").is_some() {
            let began: Began = serde_json::from_value(value).map_err(|_| self.damaged("this is no line of a backup"))?;
            return Ok(Some(Line::Table(began.table, began.columns)));
        }
        let end: End = serde_json::from_value(value).map_err(|_| self.damaged("this is no line of a backup"))?;
        if end.end != self.rows || end.sha256 != hex(before.finish().as_ref()) {
            return Err(self.damaged("its checksum does not fit: the file was changed"));
        }
        self.is_over = true;
        Ok(Some(Line::End(end.end)))
    }

    fn line(&mut self) -> Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let read = std::io::Read::take(&mut *self.input, LONGEST).read_until(b'\n', &mut line);
        read.map_err(|error| refuse(format!("The backup can not be read: {error}.")))?;
        self.number += 1;
        self.digest.update(&line);
        match line.last() {
            None => Ok(None),
            Some(b'\n') => Ok(Some(line)),
            Some(_) => Err(self.damaged("it ends in the middle of a line")),
        }
    }

    pub(super) fn damaged(&self, why: &str) -> crate::Error {
        refuse(format!("This backup is damaged, line {}: {why}. Nothing was changed.", self.number))
    }
}
