//! Adding an app: the drawer over the list.

use super::{
    found::{Look, Looked},
    query::LIST,
    rules::Listed,
};
use crate::{
    calls::apps::{create_app, list_presets},
    given::resource,
    pages::{
        failed::failed,
        summary::{FieldName, Summary},
        title::PageTitle,
        words,
    },
    state::{
        attempt::Attempt,
        session::{Session, retry_failed},
    },
    ui::{Button, ButtonKind, ButtonVariant, Choice, Drawer, Field, InputKind, Select, use_toaster},
};
use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use wire::{
    Check, Failure, Permission,
    apps::{NewApp, PresetInfo, slug_of},
    rules::{Allow, Rule},
    workspaces::Slug,
};

const FIELDS: &[FieldName] = &[
    ("upstream", "new-upstream", "Upstream"),
    ("name", "new-app-name", "Name"),
    ("slug", "new-slug", "Short name"),
    ("workspace", "new-workspace", "Workspace"),
    ("preset", "new-start", "Rules to start with"),
];

/// Rules to start with that are no preset.
const EVERYBODY: &str = "everybody";
/// The same, for as long as nobody else is to come in.
const ADMINS: &str = "admins";
/// The preset for everything that is not known.
const GENERIC: &str = "generic";

/// What is typed about a new app.
#[derive(Clone, Copy)]
struct Draft {
    look: Look,
    name: RwSignal<String>,
    slug: RwSignal<String>,
    start: RwSignal<String>,
    workspace: RwSignal<String>,
}

impl Draft {
    fn new() -> Self {
        Self {
            look: Look::new(RwSignal::new(String::new())),
            name: RwSignal::new(String::new()),
            slug: RwSignal::new(String::new()),
            start: RwSignal::new(GENERIC.to_owned()),
            workspace: RwSignal::new(Slug::default().0),
        }
    }

    /// The slug as it is typed, or as the name makes it.
    fn slug(self) -> Slug {
        let typed = self.slug.with(|slug| slug.trim().to_owned());
        // An empty one is refused with the words about slugs.
        if typed.is_empty() { self.name.with(|name| slug_of(name)).unwrap_or(Slug(typed)) } else { Slug(typed) }
    }

    /// The app to make.
    fn new_app(self) -> NewApp {
        let start = self.start.get();
        let rules = rules_of_ones_own(&start);
        NewApp {
            slug: self.slug(),
            name: words::given(&self.name.get()),
            upstream: self.look.upstream.with(|text| text.trim().to_owned()),
            workspace: Slug(self.workspace.with(|text| text.trim().to_owned())),
            preset: rules.is_none().then_some(start),
            rules,
            ..NewApp::default()
        }
    }
}

/// The rules of a start that is no preset.
fn rules_of_ones_own(start: &str) -> Option<Vec<Rule>> {
    let allow = match start {
        EVERYBODY => Allow::Authenticated,
        ADMINS => Allow::Permission(Permission::Apps),
        _ => return None,
    };
    Some(vec![Rule { methods: Vec::new(), path: None, allow }])
}

/// The rules that a start gives.
fn rules_of(start: &str, presets: &[PresetInfo]) -> Vec<Rule> {
    let of_preset = || presets.iter().find(|preset| preset.name == start).map(|preset| preset.rules.clone()).unwrap_or_default();
    rules_of_ones_own(start).unwrap_or_else(of_preset)
}

/// The starts to choose from: those for anything first, then what is known.
fn starts(presets: &[PresetInfo]) -> Vec<Choice> {
    const PLAIN: &str = "For anything";
    let plain = [
        Choice::new(GENERIC, "Viewers look, developers change").group(PLAIN),
        Choice::new(EVERYBODY, "Anyone who is signed in").group(PLAIN),
        Choice::new(ADMINS, "Admins only").group(PLAIN),
    ];
    let known = presets.iter().filter(|preset| preset.name != GENERIC);
    plain.into_iter().chain(known.map(|preset| Choice::new(preset.name.clone(), preset.title.clone()).group("Ready for"))).collect()
}

/// The drawer over the list.
#[component]
pub fn Create() -> impl IntoView {
    let session = expect_context::<Session>();
    let presets = resource(|| (), |()| list_presets());
    retry_failed(session, presets);
    let drawer = move || {
        Suspend::new(async move {
            view! { <Shown presets=presets.await.map(|part| part.items) /> }
        })
    };
    view! {
        <PageTitle text="Add an app" />
        <Transition fallback=|| ()>{drawer}</Transition>
    }
    .into_any()
}

#[component]
fn Shown(presets: Result<Vec<PresetInfo>, Failure>) -> impl IntoView {
    let draft = Draft::new();
    let attempt = Attempt::new();
    let open = RwSignal::new(true);
    let reports = use_toaster();
    let navigate = use_navigate();
    let made = RwSignal::new(None::<Slug>);
    let closed = move |()| {
        let place = made.get_untracked().map_or(LIST.to_owned(), |slug| [LIST, "/", &slug.0].concat());
        navigate(&place, NavigateOptions { scroll: false, ..NavigateOptions::default() });
    };
    let submit = move |()| {
        let new = untrack(|| draft.new_app());
        attempt.run(
            move || {
                let new = new.clone();
                async move {
                    new.check()?;
                    create_app(new).await
                }
            },
            move |app| {
                reports.say([&app.name, " is added"].concat());
                made.set(Some(app.slug));
                open.set(false);
            },
        );
    };
    let foot = move || {
        view! {
            <Button on_press=move |()| open.set(false)>"Cancel"</Button>
            <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary busy=attempt.is_busy>
                {move || words::given(&draft.name.get()).map_or("Add the app".to_owned(), |name| ["Add ", &name].concat())}
            </Button>
        }
    };
    view! {
        <Drawer id="add-app" title="Add an app" open=open on_submit=submit on_close=closed foot=foot>
            {match presets.clone() {
                Ok(presets) => view! { <Fields draft=draft attempt=attempt presets=presets /> }.into_any(),
                Err(failure) => failed("Couldn’t load the ready rules", &failure),
            }}
        </Drawer>
    }
    .into_any()
}

#[component]
fn Fields(draft: Draft, attempt: Attempt, presets: Vec<PresetInfo>) -> impl IntoView {
    let presets = StoredValue::new(presets);
    draft.look.follow();
    // What is found fills in what nobody has chosen yet.
    Effect::new(move || {
        let Some(report) = draft.look.report() else { return };
        let known = report.preset.filter(|name| presets.with_value(|presets| presets.iter().any(|preset| preset.name == *name)));
        if let Some(name) = known.clone().filter(|_| draft.start.with_untracked(|start| start == GENERIC)) {
            draft.start.set(name);
        }
        if draft.name.with_untracked(|name| name.trim().is_empty()) {
            let title = known.and_then(|name| {
                presets.with_value(|presets| presets.iter().find(|preset| preset.name == name).map(|preset| preset.title.clone()))
            });
            if let Some(title) = report.title.or(title) {
                draft.name.set(title);
            }
        }
    });
    let about = move || {
        let start = draft.start.get();
        let description = presets
            .with_value(|presets| presets.iter().find(|preset| preset.name == start).map(|preset| preset.description.clone()))
            .unwrap_or_else(|| "One rule; it can be changed afterwards.".into());
        Some(description)
    };
    let rules = move || presets.with_value(|presets| rules_of(&draft.start.get(), presets));
    let about_slug = Signal::derive(move || {
        let slug = draft.slug();
        let slug = if slug.0.is_empty() { "tasks".to_owned() } else { slug.0 };
        Some(["Its address: ", &slug, ".localhost on this machine, and the same below the public name. It stays."].concat())
    });
    view! {
        <Summary id="add-app-error" attempt=attempt fields=FIELDS />
        <Field
            id="new-upstream"
            label="Upstream"
            kind=InputKind::Url
            help="Where it runs, as this server reaches it: http://127.0.0.1:8000."
            value=draft.look.upstream
            error=attempt.problem("upstream")
            mono=true
            exact=true
            autofocus=true
            autocomplete="off"
        />
        <Looked look=draft.look />
        <Field id="new-app-name" label="Name" value=draft.name error=attempt.problem("name") autocomplete="off" />
        <Field
            id="new-slug"
            label="Short name"
            help=about_slug
            value=draft.slug
            error=attempt.problem("slug")
            optional=true
            mono=true
            exact=true
            autocomplete="off"
        />
        <Field
            id="new-workspace"
            label="Workspace"
            help="The role there counts."
            value=draft.workspace
            error=attempt.problem("workspace")
            mono=true
            exact=true
            autocomplete="off"
        />
        <Select
            id="new-start"
            label="Rules to start with"
            choices=presets.with_value(|presets| starts(presets))
            value=draft.start
            help=Signal::derive(about)
            error=attempt.problem("preset")
        />
        {move || view! { <Listed rules=rules() /> }}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::apps::HealthCheck;

    fn preset(name: &str) -> PresetInfo {
        let rules = vec![Rule { methods: vec!["GET".into()], path: Some("/x".into()), allow: Allow::Public }];
        PresetInfo { name: name.into(), title: name.to_uppercase(), description: String::new(), rules, health: HealthCheck::default() }
    }

    #[test]
    fn what_is_shown_before_is_what_is_saved() {
        let presets = [preset("flower"), preset(GENERIC)];
        assert_eq!(rules_of("flower", &presets), presets[0].rules);
        assert_eq!(rules_of(EVERYBODY, &presets)[0].allow, Allow::Authenticated);
        assert_eq!(rules_of(ADMINS, &presets)[0].allow, Allow::Permission(Permission::Apps));
        assert!(rules_of("gone", &presets).is_empty());
    }

    #[test]
    fn every_preset_can_be_chosen_once() {
        let values: Vec<_> = starts(&[preset("flower"), preset(GENERIC)]).into_iter().map(|choice| choice.value).collect();
        assert_eq!(values, [GENERIC, EVERYBODY, ADMINS, "flower"]);
    }
}
