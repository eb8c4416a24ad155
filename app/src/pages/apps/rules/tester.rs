//! Trying a request: method, path, as whom; which rule it meets is marked in the list below.

use super::{
    asked::Asked,
    sheet::Sheet,
    tried::{As, tried},
};
use crate::{
    pages::words,
    state::{roles::Roles, session::Session},
    ui::{Card, Choice, Field, Icon, Note, Select, Tone},
};
use leptos::prelude::*;
use wire::{Permission, Permissions, RoleName, workspaces::Slug};

/// The methods that one can try.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// The card.
#[component]
pub fn Tester(sheet: Sheet, slug: Slug, is_enabled: bool) -> impl IntoView {
    let session = expect_context::<Session>();
    let known = expect_context::<Roles>();
    let method = RwSignal::new(METHODS[0].to_owned());
    let path = RwSignal::new("/".to_owned());
    let role = RwSignal::new("viewer".to_owned());
    let methods: Vec<_> = METHODS.iter().map(|method| Choice::new(*method, *method)).collect();
    let roles: Vec<_> = untrack(|| known.all())
        .into_iter()
        .map(|role| Choice::new(role.name.0.clone(), words::role(&role.name)))
        .chain([Choice::new("", "Nobody (not signed in)")])
        .collect();
    let told = Memo::new(move |_| {
        let name = words::given(&role.get());
        let permissions = name.as_ref().map_or(Permissions::NONE, |name| known.permissions(&RoleName(name.clone())));
        let who = As { role: name, permissions };
        sheet.rules.with(|rules| method.with(|method| path.with(|path| tried(rules, method, path, &who))))
    });
    Effect::new(move || {
        let met = told.with(|told| told.rule);
        if sheet.met.get_untracked() != met {
            sheet.met.set(met);
        }
    });
    let off = (!is_enabled).then(|| {
        view! {
            <Note tone=Tone::Warning>"The app is disabled, so nothing is let through now, whatever the rules say."</Note>
        }
    });
    let may_ask = session.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.permissions.has(Permission::Users)));
    let person = may_ask.then(|| view! { <Asked slug=slug method=method path=path /> });
    let verdict = move || {
        let told = told.get();
        let icon = if told.tone == Tone::Success { Icon::GateOpen } else { Icon::GateClosed };
        view! {
            <Note tone=told.tone icon=icon title=told.title>
                {told.text}
            </Note>
        }
    };
    view! {
        <Card
            id="tester"
            title="Try a request".to_owned()
            lead="Nothing is sent to the app. The answer is by the rules below, saved or not.".to_owned()
        >
            <div class="fields">
                <Select id="try-method" label="Method" choices=methods value=method />
                <Field id="try-path" label="Path" value=path mono=true exact=true autocomplete="off" />
                <Select id="try-role" label="As" choices=roles value=role />
            </div>
            <div role="status">{verdict}</div>
            {off} {person}
        </Card>
    }
    .into_any()
}
