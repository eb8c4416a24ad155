//! The test bench: claims, pasted or those of the last sign-in, and what becomes of somebody who
//! brings them. It tries what is typed, saved or not.

use super::{mapping::Mapping, told};
use crate::{
    calls::sso::try_mapping,
    pages::summary::{FieldName, Summary},
    state::attempt::Attempt,
    ui::{Button, ButtonKind, Card, RelativeTime, Size, TextArea, Timeline, TimelineStep},
};
use leptos::{ev::SubmitEvent, prelude::*};
use serde_json::Value;
use wire::{
    Check, Failure,
    sso::{MappingTrial, Provider, RoleMapping, TrialResult},
};

const FIELDS: &[FieldName] = &[
    ("claims", "trial-claims", "Claims"),
    ("roleMapping.groupsClaim", "groups-claim", "Claim with the groups"),
    ("roleMapping.roleAttributePath", "role-expression", "Expression"),
];

/// What is tried: a mapping and the lists of who may sign in.
#[derive(Clone, Copy)]
pub struct Tried {
    pub mapping: Mapping,
    pub domains: RwSignal<Vec<String>>,
    pub whitelist: RwSignal<Vec<String>>,
}

impl Tried {
    fn trial(self, claims: Option<Value>, provider: &Provider) -> MappingTrial {
        MappingTrial {
            role_mapping: self.mapping.typed(),
            allowed_domains: self.domains.get(),
            whitelist: self.whitelist.get(),
            provider: claims.is_none().then(|| provider.id.clone()),
            claims,
        }
    }
}

/// Claims as they are typed.
fn read(text: &str) -> Result<Value, Failure> {
    wire::objects::from_str(text).map_err(|error| {
        let place = ["This is not JSON: see line ", &error.line().to_string(), ", column ", &error.column().to_string(), "."].concat();
        Failure::field("claims", &if text.trim().is_empty() { "Paste the claims of an ID token: a JSON object.".to_owned() } else { place })
    })
}

/// The card.
#[component]
pub fn Bench(tried: Tried, provider: Provider) -> impl IntoView {
    let claims = RwSignal::new(String::new());
    let attempt = Attempt::new();
    let told = RwSignal::new(None::<(TrialResult, RoleMapping)>);
    // What was found is about what was tried, and goes with it.
    Effect::new(move |before: Option<(RoleMapping, Vec<String>, Vec<String>, String)>| {
        let now = (tried.mapping.typed(), tried.domains.get(), tried.whitelist.get(), claims.get());
        if before.is_some_and(|before| before != now) && told.with_untracked(Option::is_some) {
            told.set(None);
        }
        now
    });
    let (by, at) = (provider.last_sign_in_by.clone(), provider.last_sign_in_at);
    let provider = StoredValue::new(provider);
    let run = move |trial: Result<MappingTrial, Failure>| {
        let mapping = trial.as_ref().map(|trial| trial.role_mapping.clone()).unwrap_or_default();
        attempt.run(
            move || {
                let trial = trial.clone();
                async move {
                    let trial = trial?;
                    trial.check().map_err(super::draft::folded)?;
                    try_mapping(trial).await.map_err(super::draft::folded)
                }
            },
            move |result| {
                let text = serde_json::to_string_pretty(&result.claims).unwrap_or_default();
                if read(&claims.get_untracked()).ok().as_ref() != Some(&result.claims) {
                    let _ = claims.try_set(text);
                }
                // After what is above has been noticed.
                request_animation_frame(move || drop(told.try_set(Some((result, mapping)))));
            },
        );
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        run(read(&claims.get_untracked()).map(|claims| untrack(|| provider.with_value(|provider| tried.trial(Some(claims), provider)))));
    };
    let last = at.map(|at| {
        let take = move |()| run(Ok(untrack(|| provider.with_value(|provider| tried.trial(None, provider)))));
        let who = by.unwrap_or_else(|| "Somebody".into());
        view! {
            <div class="stack" data-gap="1">
                <div>
                    <Button size=Size::Small busy=attempt.is_busy on_press=take>
                        "Take those of the last sign-in"
                    </Button>
                </div>
                <p class="hint">{who} ", " <RelativeTime at=at.millis() /></p>
            </div>
        }
    });
    let steps = move || {
        told.with(|told| {
            let (result, mapping) = told.as_ref()?;
            let each = told::steps(result, mapping).into_iter().map(|step| {
                view! { <TimelineStep icon=step.icon tone=step.tone title=step.title detail=step.detail /> }
            });
            Some(view! { <Timeline>{each.collect::<Vec<_>>()}</Timeline> })
        })
    };
    view! {
        <Card id="bench" title="Test the mapping".to_owned() lead="Nobody’s role changes by it. What is typed counts, saved or not.".to_owned()>
            <form class="stack" data-gap="4" novalidate on:submit=submit>
                <Summary id="bench-error" attempt=attempt fields=FIELDS />
                <TextArea
                    id="trial-claims"
                    label="Claims"
                    value=claims
                    placeholder="{ \"sub\": \"42\", \"groups\": [\"ops\"] }"
                    error=attempt.problem("claims")
                    rows=8
                />
                <div>
                    <Button kind=ButtonKind::Submit busy=attempt.is_busy>
                        "Try these claims"
                    </Button>
                </div>
            </form>
            {last}
            <div role="status">{steps}</div>
        </Card>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_json_says_where() {
        assert!(read("{ \"sub\": \"42\" }").is_ok());
        assert_eq!(read("").unwrap_err().of("claims"), Some("Paste the claims of an ID token: a JSON object."));
        assert_eq!(read("{\n \"sub\" 42 }").unwrap_err().of("claims"), Some("This is not JSON: see line 2, column 8."));
    }
}
