//! Messages as rows, and which of them are looked for.

use super::heard::Entry;
use crate::ui::{Cell, MainCell, Place, Row, TableState, Time, TimeStyle};
use leptos::prelude::*;
use wire::live::Message;

/// How many columns the list has.
pub const COLUMNS: usize = 4;
/// What is longer is folded.
const SHORT: usize = 120;

/// What is looked for among messages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// A type; any when it is empty.
    pub kind: String,
    /// A text of the type, the channel or the data; any when it is empty.
    pub text: String,
}

impl Wanted {
    /// Whether an entry is meant; what says that some are missing always is.
    #[must_use]
    pub fn fits(&self, entry: &Entry) -> bool {
        let Some(message) = &entry.message else { return true };
        let text = self.text.trim().to_lowercase();
        let has = |part: &str| part.to_lowercase().contains(&text);
        (self.kind.is_empty() || self.kind == message.kind)
            && (text.is_empty() || has(&message.kind) || has(message.channel.as_str()) || has(&message.data.to_string()))
    }
}

/// An entry as a row.
pub fn row(entry: Entry) -> AnyView {
    match entry.message {
        Some(message) => said(message),
        None => view! {
            <TableState columns=COLUMNS>
                <p class="small muted">
                    "Messages are missing here: the line was broken for longer than they are kept."
                </p>
            </TableState>
        }
        .into_any(),
    }
}

fn said(message: Message) -> AnyView {
    let data = data(&message);
    view! {
        <Row>
            <Cell label="Time" place=Place::Right fit=true>
                <Time at=message.at.millis() style=TimeStyle::Clock />
            </Cell>
            <MainCell>
                <span class="mono break">{message.kind}</span>
            </MainCell>
            <Cell label="Channel" place=Place::Left>
                <span class="mono break" data-size="sm">
                    {message.channel.to_string()}
                </span>
            </Cell>
            <Cell label="Data" place=Place::Line>
                {data}
            </Cell>
        </Row>
    }
    .into_any()
}

/// What a message says: in one line, folded where that is long.
fn data(message: &Message) -> AnyView {
    let line = message.data.to_string();
    if line.chars().count() <= SHORT {
        return view! {
            <span class="mono break" data-size="sm">
                {line}
            </span>
        }
        .into_any();
    }
    let short: String = line.chars().take(SHORT).chain(['…']).collect();
    let whole = serde_json::to_string_pretty(&message.data).unwrap_or(line);
    view! {
        <details>
            <summary class="mono break" data-size="sm">
                {short}
            </summary>
            <div class="code" data-wrap=true>
                <pre tabindex="0" aria-label="The whole message">
                    <code>{whole}</code>
                </pre>
            </div>
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use wire::Timestamp;

    #[test]
    fn messages_are_found_by_type_and_by_what_they_say() {
        let message = Message {
            channel: "build:7".parse().unwrap(),
            id: 1,
            at: Timestamp(0),
            kind: "step.done".into(),
            data: json!({ "step": "Load" }),
        };
        let (entry, gap) = (Entry { number: 1, message: Some(message) }, Entry { number: 2, message: None });
        let wanted = |kind: &str, text: &str| Wanted { kind: kind.into(), text: text.into() };
        for fitting in [wanted("", ""), wanted("step.done", ""), wanted("", "load"), wanted("", "build:"), wanted("", " STEP ")] {
            assert!(fitting.fits(&entry) && fitting.fits(&gap), "{fitting:?}");
        }
        for other in [wanted("step", ""), wanted("", "deploy"), wanted("other", "load")] {
            assert!(!other.fits(&entry) && other.fits(&gap), "{other:?}");
        }
    }
}
