//! Writing a rule: methods, path, what it needs.

use super::{
    sheet::{Sheet, Writing},
    told,
};
use crate::{
    pages::{
        summary::{FieldName, Summary},
        words,
    },
    state::attempt::Attempt,
    ui::{Button, ButtonKind, ButtonVariant, Choice, Dialog, Field, Select, TagInput},
};
use leptos::prelude::*;
use wire::{
    Failure, Permission,
    rules::{self, Allow, Rule},
};

const FIELDS: &[FieldName] = &[("rules[0].methods", "rule-methods", "Methods"), ("rules[0].path", "rule-path", "Path")];

/// What is typed about a rule.
#[derive(Clone, Copy)]
struct Draft {
    methods: RwSignal<Vec<String>>,
    path: RwSignal<String>,
    allow: RwSignal<String>,
}

impl Draft {
    fn of(rule: Option<&Rule>) -> Self {
        let allow = rule.map_or(Allow::Permission(Permission::Read), |rule| rule.allow);
        Self {
            methods: RwSignal::new(rule.map(|rule| rule.methods.clone()).unwrap_or_default()),
            path: RwSignal::new(rule.and_then(|rule| rule.path.clone()).unwrap_or_default()),
            allow: RwSignal::new(allow.as_str().to_owned()),
        }
    }

    /// The rule.
    ///
    /// # Errors
    /// What is wrong with it.
    fn rule(self) -> Result<Rule, Failure> {
        let methods = self.methods.with_untracked(|methods| methods.iter().map(|method| method.to_uppercase()).collect());
        let rule = Rule {
            methods,
            path: words::given(&self.path.get_untracked()),
            allow: self.allow.with_untracked(|allow| allow.parse()).unwrap_or(Allow::Deny),
        };
        let problems = rules::problems(std::slice::from_ref(&rule), "rules");
        if problems.is_empty() { Ok(rule) } else { Err(Failure::invalid(problems)) }
    }
}

/// The dialog; it is open while a rule is being written.
#[component]
pub fn Write(sheet: Sheet) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move || {
        if sheet.writing.with(Option::is_some) {
            open.set(true);
        }
    });
    // The words stay while the dialog closes.
    let writing = Memo::new(move |before: Option<&Option<Writing>>| sheet.writing.get().or_else(|| before.cloned().flatten()));
    let title = move || {
        writing.with(|writing| match writing {
            Some(Writing { at, rule: Some(_) }) => ["Change rule ", &(at + 1).to_string()].concat(),
            _ => "Add a rule".to_owned(),
        })
    };
    let attempt = Attempt::new();
    let draft = StoredValue::new(None::<Draft>);
    let submit = move |()| {
        let (Some(draft), Some(writing)) = (draft.get_value(), writing.get_untracked()) else { return };
        match draft.rule() {
            Ok(rule) => {
                sheet.put(&writing, rule);
                open.set(false);
            }
            Err(failure) => attempt.failure.set(Some(failure)),
        }
    };
    let foot = move || {
        view! {
            <Button on_press=move |()| open.set(false)>"Cancel"</Button>
            <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary>
                "Use this rule"
            </Button>
        }
    };
    view! {
        <Dialog
            id="write-rule"
            title=Signal::derive(title)
            lead="It counts once the rules are saved.".to_owned()
            open=open
            on_submit=submit
            on_close=move |()| sheet.writing.set(None)
            foot=foot
        >
            {
                attempt.failure.set(None);
                let typed = Draft::of(writing.get_untracked().and_then(|writing| writing.rule).as_ref());
                draft.set_value(Some(typed));
                fields(typed, attempt)
            }
        </Dialog>
    }
    .into_any()
}

fn fields(draft: Draft, attempt: Attempt) -> AnyView {
    let needs: Vec<_> = Allow::all().map(|allow| Choice::new(allow.as_str(), told::choice(allow))).collect();
    view! {
        <Summary id="write-rule-error" attempt=attempt fields=FIELDS />
        <TagInput
            id="rule-methods"
            label="Methods"
            tags=draft.methods
            placeholder="GET"
            help="Any when there is none. Enter adds one."
            error=attempt.problem("rules[0].methods")
        />
        <Field
            id="rule-path"
            label="Path"
            help="* is anything between two slashes, ** any number of parts: /api/*/runs/**. Every path when it is empty."
            value=draft.path
            error=attempt.problem("rules[0].path")
            optional=true
            mono=true
            exact=true
            autocomplete="off"
        />
        <Select id="rule-needs" label="Needs" choices=needs value=draft.allow />
    }
    .into_any()
}
