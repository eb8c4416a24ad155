//! An event as one text of the database, and the lines of JSON and CSV that are made of it. A row of
//! many columns would be copied column by column on its way; this is copied once.

use std::io::Write as _;
use wire::Timestamp;

/// Between two fields. No field has one: text from outside loses its control characters before it is
/// kept, and JSON writes them as escapes.
const PART: char = '\u{1f}';
/// In place of what is absent.
pub(super) const ABSENT: &str = "\u{1e}";
/// The number of fields.
const FIELDS: usize = 17;

/// The columns of a line, in the order of its fields.
pub(super) const HEAD: [&str; FIELDS] = [
    "id",
    "at",
    "action",
    "outcome",
    "actorKind",
    "actorId",
    "actorName",
    "targetKind",
    "targetId",
    "targetName",
    "ip",
    "userAgent",
    "requestId",
    "sessionId",
    "workspace",
    "environment",
    "detail",
];

/// An event, as it lies in the database.
#[derive(Clone, Copy)]
pub(super) struct Line<'t> {
    fields: [&'t str; FIELDS],
    at: Timestamp,
}

impl<'t> Line<'t> {
    /// Takes the text apart; nothing when it is no line of ours.
    pub(super) fn read(text: &'t str) -> Option<Self> {
        let mut fields = [""; FIELDS];
        let mut parts = text.splitn(FIELDS, PART);
        for field in &mut fields {
            *field = parts.next()?;
        }
        Some(Self { fields, at: Timestamp(fields[1].parse().ok()?) })
    }

    /// The event's id.
    pub(super) const fn id(&self) -> &'t str {
        self.fields[0]
    }

    /// When it happened.
    pub(super) const fn at(&self) -> Timestamp {
        self.at
    }

    /// A field, unless it is absent.
    fn present(&self, at: usize) -> Option<&'t str> {
        Some(self.fields[at]).filter(|text| *text != ABSENT)
    }

    /// Writes the event as the interface has it, as JSON on one line.
    pub(super) fn write_json(&self, out: &mut Vec<u8>) {
        let [id, _, action, outcome, actor_kind, actor_id, actor_name, ..] = self.fields;
        write_part(out, "{\"id\":", id);
        put(out, format_args!(",\"at\":\"{}\"", self.at));
        write_part(out, ",\"action\":", action);
        write_part(out, ",\"outcome\":", outcome);
        write_part(out, ",\"actor\":{\"kind\":", actor_kind);
        write_part(out, ",\"id\":", actor_id);
        write_part(out, ",\"name\":", actor_name);
        match self.present(7) {
            Some(kind) => {
                write_part(out, "},\"target\":{\"kind\":", kind);
                write_part(out, ",\"id\":", self.present(8).unwrap_or_default());
                write_part(out, ",\"name\":", self.present(9).unwrap_or_default());
                out.push(b'}');
            }
            None => out.extend_from_slice(b"},\"target\":null"),
        }
        for (name, at) in [
            (",\"ip\":", 10),
            (",\"userAgent\":", 11),
            (",\"requestId\":", 12),
            (",\"sessionId\":", 13),
            (",\"workspace\":", 14),
            (",\"environment\":", 15),
        ] {
            match self.present(at) {
                Some(value) => write_part(out, name, value),
                None => {
                    out.extend_from_slice(name.as_bytes());
                    out.extend_from_slice(b"null");
                }
            }
        }
        out.extend_from_slice(b",\"detail\":");
        let detail = self.fields[16];
        if is_json_on_one_line(detail) {
            out.extend_from_slice(detail.as_bytes());
        } else {
            write_string(out, detail);
        }
        out.extend_from_slice(b"}\n");
    }

    /// Writes the names of the columns.
    pub(super) fn write_head(out: &mut Vec<u8>) {
        out.extend_from_slice(HEAD.join(",").as_bytes());
        out.extend_from_slice(b"\r\n");
    }

    /// Writes the event as a record of CSV (RFC 4180), every field in quotes.
    pub(super) fn write_csv(&self, out: &mut Vec<u8>) {
        for (at, _) in HEAD.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            out.push(b'"');
            if at == 1 {
                put(out, format_args!("{}", self.at));
            } else {
                write_cell(out, self.present(at).unwrap_or_default());
            }
            out.push(b'"');
        }
        out.extend_from_slice(b"\r\n");
    }
}

fn put(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("writing to memory does not fail");
}

/// Whether what the database holds can stand in a line of JSON as it is.
fn is_json_on_one_line(text: &str) -> bool {
    !text.contains(['\n', '\r']) && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// A name as it stands, and a text as JSON has it.
fn write_part(out: &mut Vec<u8>, name: &str, text: &str) {
    out.extend_from_slice(name.as_bytes());
    write_string(out, text);
}

/// A text as JSON has it.
fn write_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            0..=0x1f | 0x7f => "",
            _ => continue,
        };
        out.extend_from_slice(&text.as_bytes()[from..at]);
        from = at + 1;
        if escape.is_empty() { put(out, format_args!("\\u{byte:04x}")) } else { out.extend_from_slice(escape.as_bytes()) }
    }
    out.extend_from_slice(&text.as_bytes()[from..]);
    out.push(b'"');
}

/// A cell of CSV, inside its quotes. What a spreadsheet would take for a formula gets a `'` before it.
fn write_cell(out: &mut Vec<u8>, text: &str) {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        out.push(b'\'');
    }
    let mut from = 0;
    for (at, _) in text.match_indices('"') {
        out.extend_from_slice(&text.as_bytes()[from..=at]);
        out.push(b'"');
        from = at + 1;
    }
    out.extend_from_slice(&text.as_bytes()[from..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(name: &str, detail: &str) -> String {
        let at = "1800000000000";
        let all =
            ["i", at, "user.create", "success", "user", "u", name, ABSENT, ABSENT, ABSENT, "::1", "curl", "r", ABSENT, "w", ABSENT, detail];
        all.join("\u{1f}")
    }

    #[test]
    fn a_line_of_json_is_json_whatever_it_holds() {
        for name in ["ada", "a\"b\\c", "a\r\nb\u{1b}[31m\u{7f}", "\u{202e}ä", "\"},{\"id\":\"x"] {
            for detail in ["{\"a\":[1,null]}", "{\"a\":1}\n{\"b\":2}", "no json", ""] {
                let text = fields(name, detail);
                let mut out = Vec::new();
                Line::read(&text).unwrap().write_json(&mut out);
                let line = String::from_utf8(out).unwrap();
                assert_eq!(line.find('\n'), Some(line.len() - 1), "{line}");
                assert!(!line.trim_end().contains(char::is_control), "{line}");
                let value: serde_json::Value = serde_json::from_str(&line).unwrap();
                assert_eq!((&value["actor"]["name"], &value["at"]), (&name.into(), &"2027-01-15T08:00:00.000Z".into()));
                assert_eq!((&value["target"], &value["workspace"]), (&serde_json::Value::Null, &"w".into()));
                let kept = value["detail"].as_str().map_or_else(|| value["detail"].to_string(), str::to_owned);
                assert_eq!(kept, detail);
            }
        }
    }

    #[test]
    fn no_cell_of_csv_is_a_formula_or_ends_its_record() {
        for (name, cell) in [
            ("ada", "\"ada\""),
            ("=1+1", "\"'=1+1\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM", "\"'@SUM\""),
            ("\t=1", "\"'\t=1\""),
            ("a\",\"b", "\"a\"\",\"\"b\""),
        ] {
            let text = fields(name, "{\"a\":\"=1\"}");
            let mut out = Vec::new();
            Line::read(&text).unwrap().write_csv(&mut out);
            let record = String::from_utf8(out).unwrap();
            assert!(record.contains(&format!("\"u\",{cell},\"\"")), "{record}");
            assert!(record.ends_with("\"{\"\"a\"\":\"\"=1\"\"}\"\r\n"), "{record}");
        }
    }

    #[test]
    fn a_text_with_fields_missing_is_no_line() {
        assert!(Line::read("a\u{1f}b").is_none());
    }
}
