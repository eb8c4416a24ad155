//! By what somebody signs in: the password, and the identities that belong to the account.

use crate::{
    calls::sso::{list_identities, unlink_identity},
    given::resource,
    pages::{came_back::CameBack, decision::report, failed::failed},
    state::{
        attempt::Attempt,
        session::{Session, retry_failed},
    },
    ui::{
        Badge, Button, Card, Icon, LinkButton, List, ListRow, Node, Note, RelativeTime, Size, Skeleton, SkeletonShape, Tone, use_toaster,
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use wire::{sso::Identity, users::Source};

/// What stands below an identity's name.
#[must_use]
pub fn about(identity: &Identity) -> String {
    let kind = match identity.source {
        Source::Local => "Account",
        Source::Oidc => "Provider",
        Source::Issuer => "Trusted issuer",
        Source::Ldap => "Directory",
    };
    [kind, " · ", identity.email.as_deref().unwrap_or(&identity.subject)].concat()
}

/// When it was used last, or linked.
pub fn when(identity: &Identity) -> AnyView {
    let (word, at) = identity.last_used_at.map_or(("Linked ", identity.linked_at), |at| ("Used ", at));
    view! { <span class="caption muted">{word} <RelativeTime at=at.millis() /></span> }.into_any()
}

/// The card on one's own page.
#[component]
pub fn MyIdentities() -> impl IntoView {
    let session = expect_context::<Session>();
    let version = RwSignal::new(0_u32);
    let identities = resource(move || (session.revision.get(), version.get()), |_| list_identities());
    retry_failed(session, identities);
    let query = use_query_map();
    let body = move || {
        Suspend::new(async move {
            match identities.await {
                Ok(part) => untrack(|| {
                    // What stands in an address may be anything: what is linked is known here alone.
                    let named = query.with(|query| query.get("linked"));
                    let linked = part.items.iter().find(|identity| named.as_ref() == Some(&identity.provider.0)).map(news);
                    view! {
                        {linked}
                        {rows(session, part.items, version)}
                    }
                    .into_any()
                }),
                Err(failure) => failed("Couldn’t load the ways you sign in", &failure),
            }
        })
    };
    view! {
        <Card id="identities" title="Ways you sign in".to_owned() flush=true>
            <Transition fallback=waiting>{body}</Transition>
        </Card>
    }
    .into_any()
}

fn news(identity: &Identity) -> AnyView {
    view! {
        <div class="card__body">
            <Note tone=Tone::Success title=["“", &identity.label, "” is linked"].concat()>
                "From now on it signs you in as well."
            </Note>
        </div>
    }
    .into_any()
}

/// What did not become of a link that was begun here.
#[component]
pub fn LinkNews() -> impl IntoView {
    let session = expect_context::<Session>();
    let query = use_query_map();
    let again = move |()| {
        let named = query.with(|query| query.get("provider"))?;
        let is_known = session.capabilities.with(|capabilities| capabilities.providers.iter().any(|way| way.id.0 == named));
        is_known.then(|| link_address(&named))
    };
    view! { <CameBack again=again /> }
}

fn link_address(id: &str) -> String {
    ["/auth/oidc/", id, "/link"].concat()
}

/// The password, what is linked, and what could be.
fn rows(session: Session, identities: Vec<Identity>, version: RwSignal<u32>) -> AnyView {
    let user = session.me.with(|me| me.as_ref().and_then(|me| me.user.clone()));
    let has_password = user.as_ref().is_some_and(|user| user.has_password);
    let (ways, is_password_on) = session.capabilities.with(|capabilities| (capabilities.providers.clone(), capabilities.password_sign_in));
    let (detail, badge) = match (has_password, is_password_on) {
        (true, true) => ("Below you change it.", Some((Tone::Success, "In use"))),
        (true, false) => ("Password sign-in is off here; yours is kept.", Some((Tone::Off, "Off"))),
        (false, _) => ("You have none. An admin can make a link to set one.", None),
    };
    let others =
        ways.into_iter().filter(|way| !identities.iter().any(|identity| identity.source == Source::Oidc && identity.provider == way.id));
    let others: Vec<_> = others
        .map(|way| {
            let (href, name) = (link_address(&way.id.0), way.label.clone());
            view! {
                <ListRow title=way.label detail="Not linked".to_owned() before=|| view! { <Node icon=Icon::Gate /> }>
                    <LinkButton href=href size=Size::Small attr:rel="external">
                        "Link"
                        <span class="sr-only">" " {name}</span>
                    </LinkButton>
                </ListRow>
            }
        })
        .collect();
    let linked: Vec<_> = identities.into_iter().map(|identity| view! { <Linked identity=identity version=version /> }).collect();
    view! {
        <List label="Ways you sign in" wrap=true>
            <ListRow title="Password" detail=detail.to_owned() before=|| view! { <Node icon=Icon::Lock /> }>
                {badge.map(|(tone, word)| view! { <Badge tone=tone>{word}</Badge> })}
            </ListRow>
            {linked}
            {others}
        </List>
    }
    .into_any()
}

#[component]
fn Linked(identity: Identity, version: RwSignal<u32>) -> impl IntoView {
    let attempt = Attempt::new();
    let reports = use_toaster();
    Effect::new(move || {
        if let Some(failure) = attempt.failure.get() {
            reports.say(report("It is still linked", &failure));
        }
    });
    let (id, label) = (identity.id, identity.label.clone());
    let name = label.clone();
    let unlink = move |()| {
        let done = [&label, " is no longer linked"].concat();
        attempt.run(
            move || unlink_identity(id),
            move |()| {
                reports.say(done);
                version.update(|version| *version += 1);
            },
        );
    };
    let (detail, used) = (about(&identity), when(&identity));
    view! {
        <ListRow title=identity.label detail=detail before=|| view! { <Node icon=Icon::Gate tone=Tone::Success /> }>
            {used}
            <Button size=Size::Small busy=attempt.is_busy on_press=unlink>
                "Unlink"
                <span class="sr-only">" " {name}</span>
            </Button>
        </ListRow>
    }
    .into_any()
}

fn waiting() -> AnyView {
    view! {
        <Skeleton shape=SkeletonShape::Large width=3 />
        <Skeleton width=4 />
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::{IdentityId, Timestamp, workspaces::Slug};

    #[test]
    fn an_identity_says_who_vouches_and_for_whom() {
        let mut identity = Identity {
            id: IdentityId(Default::default()),
            source: Source::Oidc,
            provider: Slug("okta".into()),
            label: "Okta".into(),
            issuer: "https://example.okta.com".into(),
            subject: "00u8f2kq".into(),
            email: None,
            linked_at: Timestamp(0),
            last_used_at: None,
        };
        assert_eq!(about(&identity), "Provider · 00u8f2kq");
        identity.email = Some("jonas@example.com".into());
        identity.source = Source::Ldap;
        assert_eq!(about(&identity), "Directory · jonas@example.com");
    }
}
