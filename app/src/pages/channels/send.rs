//! Publishing a message by hand, and by a program.

use crate::{
    calls::live::publish_message,
    pages::summary::{FieldName, Summary},
    prefix::at,
    state::attempt::Attempt,
    ui::{Button, ButtonKind, ButtonVariant, Card, Code, Field, TextArea, use_toaster},
};
use leptos::{ev::SubmitEvent, prelude::*};
use wire::{
    Check, Failure,
    live::{Channel, NewMessage},
};

const FIELDS: &[FieldName] = &[("type", "message-type", "Type"), ("data", "message-data", "Data")];

/// The form.
#[component]
pub fn Send(channel: Channel) -> impl IntoView {
    let reports = use_toaster();
    let attempt = Attempt::new();
    let (kind, data) = (RwSignal::new("test".to_owned()), RwSignal::new(String::new()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let (channel, kind, data) = (channel.clone(), kind.get_untracked(), data.get_untracked());
        attempt.run(
            move || {
                let (channel, new) = (channel.clone(), message(&kind, &data));
                async move {
                    let new = new?;
                    new.check()?;
                    publish_message(channel, new).await
                }
            },
            move |published| reports.say(["Message ", &published.id.to_string(), " is published"].concat()),
        );
    };
    let foot = move || {
        view! {
            <span class="push"></span>
            <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary busy=attempt.is_busy attr:form="send-form">
                "Send"
            </Button>
        }
    };
    view! {
        <Card
            id="send"
            title="Send a test message".to_owned()
            lead="It goes to everybody who watches, as if a program had published it.".to_owned()
            foot=foot
        >
            <form class="stack" data-gap="4" id="send-form" novalidate on:submit=submit>
                <Summary id="send-error" attempt=attempt fields=FIELDS />
                <Field
                    id="message-type"
                    label="Type"
                    value=kind
                    error=attempt.problem("type")
                    mono=true
                    exact=true
                    autocomplete="off"
                />
                <TextArea
                    id="message-data"
                    label="Data"
                    help="JSON, 64 KiB at most."
                    value=data
                    error=attempt.problem("data")
                    optional=true
                    placeholder="{ \"step\": \"load\" }"
                />
            </form>
        </Card>
    }
    .into_any()
}

/// The message, if its data is JSON; nothing at all is an empty object.
fn message(kind: &str, data: &str) -> Result<NewMessage, Failure> {
    let text = if data.trim().is_empty() { "{}" } else { data };
    let data = wire::objects::from_str(text).map_err(|error| Failure::field("data", format!("This is no JSON: {error}.")))?;
    Ok(NewMessage { kind: kind.trim().to_owned(), data })
}

/// The lines with which a program watches, and publishes where one may.
#[component]
pub fn Script(channel: String, origin: String, can_publish: bool) -> impl IntoView {
    let watch = ["curl -N -H \"X-API-Key: $KEY\" '", &origin, &at("/api/v1/live?channel="), &channel, "'"].concat();
    let publish = can_publish.then(|| {
        let text = [
            "curl -H \"X-API-Key: $KEY\" -H 'Content-Type: application/json' -d '{\"type\":\"test\",\"data\":{}}' '",
            &origin,
            &at("/api/v1/channels/"),
            &channel,
            "/messages'",
        ]
        .concat();
        view! { <Code title="Publish" text=text wrap=true /> }
    });
    view! {
        <Card id="script" title="From a program, with an API key".to_owned()>
            <Code title="Watch" text=watch wrap=true />
            {publish}
        </Card>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_json_is_said_at_its_field() {
        assert_eq!(message(" go ", " ").unwrap(), NewMessage { kind: "go".into(), data: serde_json::json!({}) });
        assert_eq!(message("go", "[1]").unwrap().data, serde_json::json!([1]));
        assert!(message("go", "{").unwrap_err().of("data").is_some_and(|text| text.starts_with("This is no JSON")));
    }
}
