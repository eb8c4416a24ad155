use super::*;
use crate::{
    Principal, apps,
    ctx::{Origin, Person},
    sessions::cookie::Carried,
    testing::{Door, PASSWORD},
    users,
};
use std::{net::IpAddr, sync::Arc};
use wire::{
    apps::NewApp,
    users::{NewUser, User},
    workspaces::{NewWorkspace, Slug},
};

/// A request of this principal, acting at this place.
fn request(door: &Door, principal: Principal, place: Place) -> Ctx {
    let origin = Origin {
        address: IpAddr::from([127, 0, 0, 1]),
        is_local: true,
        is_encrypted: false,
        user_agent: String::new(),
        base_url: "http://localhost".into(),
        setup_code: None,
        carried: Carried::default(),
    };
    Ctx::new(door.gate.clone(), principal, door.now(), "test".into(), origin, place)
}

fn person(door: &Door, user: User) -> Principal {
    Principal::Person(Arc::new(Person {
        user: Arc::new(user),
        permissions: Permissions::NONE,
        session: uuid::Uuid::nil().into(),
        proved_at: wire::Timestamp(0),
        confirmed_at: None,
        token_expires_at: wire::Timestamp(0),
        is_by_token: true,
        gate: door.gate.clone(),
    }))
}

async fn user(door: &Door, name: &str, role: &str) -> User {
    let new = NewUser { username: name.into(), role: RoleName(role.into()), password: PASSWORD.into(), ..NewUser::default() };
    users::create(&door.gate.system("test"), new).await.unwrap()
}

/// An app in this workspace, with something public and the rest by default.
async fn app(door: &Door, slug: &str, workspace: &str) -> Arc<LiveApp> {
    let rules = serde_json::from_value(json!([{ "path": "/healthz", "allow": "public" }])).unwrap();
    let new = NewApp {
        slug: Slug(slug.into()),
        upstream: "http://127.0.0.1:9".into(),
        workspace: Slug(workspace.into()),
        rules: Some(rules),
        ..NewApp::default()
    };
    apps::create(&door.gate.system("test"), new).await.unwrap();
    door.gate.apps().by_slug(&Slug(slug.into())).unwrap()
}

/// What becomes of the request, and what a refused caller is told.
async fn judged(ctx: &Ctx, app: &LiveApp, method: &str, path: &str) -> std::result::Result<(), Failure> {
    let path = CanonicalPath::parse(path).unwrap();
    let verdict = judge(ctx, app, method, &path).await.unwrap();
    if verdict.answer == Answer::Allowed { Ok(()) } else { Err(refuse(ctx, &app.app, &path, &verdict)) }
}

#[tokio::test]
async fn who_is_refused_is_told_why_and_an_auditor_how() {
    let door = Door::claimed().await;
    let tasks = app(&door, "tasks", "default").await;
    let nobody = request(&door, Principal::Nobody, Place::default());
    assert!(judged(&nobody, &tasks, "GET", "/healthz").await.is_ok());
    let refused = judged(&nobody, &tasks, "GET", "/").await.unwrap_err();
    assert_eq!((refused.code, refused.decision_id), (Code::Unauthenticated, None), "strangers fill no log");
    let viewer = request(&door, person(&door, user(&door, "mara", "viewer").await), Place::default());
    assert!(judged(&viewer, &tasks, "GET", "/").await.is_ok());
    let refused = judged(&viewer, &tasks, "POST", "/x").await.unwrap_err();
    assert_eq!(refused.code, Code::Forbidden);
    assert!(refused.detail.contains("“write”") && refused.detail.contains("“viewer”") && refused.detail.contains("Ask ada"), "{refused}");
    let event = wire::EventId(refused.decision_id.unwrap().0).to_string();
    let seen = door.admin().await.get(&format!("/api/v1/audit/{event}")).await;
    let steps = seen.body["detail"]["decision"].as_array().unwrap().clone();
    let looked: Vec<_> = steps.iter().map(|step| step["looked"].as_str().unwrap().to_owned()).collect();
    assert_eq!(looked, ["principal", "app", "scope", "role", "permissions", "path", "rule", "needs", "result"]);
    assert_eq!((&seen.body["action"], &seen.body["target"]["id"]), (&json!("access.denied"), &json!("tasks")));
}

#[tokio::test]
async fn who_has_to_change_the_password_has_nothing_but_what_is_public() {
    let door = Door::claimed().await;
    let tasks = app(&door, "tasks", "default").await;
    let pending = User { must_change_password: true, ..user(&door, "mara", "admin").await };
    let ctx = request(&door, person(&door, pending), Place::default());
    assert!(judged(&ctx, &tasks, "GET", "/healthz").await.is_ok());
    assert_eq!(judged(&ctx, &tasks, "GET", "/").await.unwrap_err().code, Code::PasswordChangeRequired);
}

#[tokio::test]
async fn a_place_elsewhere_gives_nothing_here() {
    let door = Door::claimed().await;
    let new = NewWorkspace { slug: Slug("billing".into()), is_private: true, ..NewWorkspace::default() };
    workspaces::create(&door.gate.system("test"), new).await.unwrap();
    let (tasks, bills) = (app(&door, "tasks", "default").await, app(&door, "bills", "billing").await);
    let member = user(&door, "mara", "viewer").await;
    let grant = wire::workspaces::Grant { workspace: Slug("billing".into()), environment: None, role: RoleName::admin() };
    let member = User { grants: vec![grant], ..member };
    let scope: Scope = "billing/default".parse().unwrap();
    let inside = Place::In { scope, is_private: true };
    let at = |place: &Place| request(&door, person(&door, member.clone()), place.clone());
    assert!(judged(&at(&inside), &bills, "DELETE", "/x").await.is_ok());
    assert!(judged(&at(&Place::default()), &bills, "DELETE", "/x").await.is_ok(), "the app's own workspace counts when none is named");
    assert_eq!(judged(&at(&inside), &tasks, "DELETE", "/x").await.unwrap_err().code, Code::EnvironmentNotFound);
    assert_eq!(judged(&at(&Place::Nowhere), &bills, "GET", "/x").await.unwrap_err().code, Code::EnvironmentNotFound);
    assert_eq!(judged(&at(&Place::default()), &tasks, "DELETE", "/x").await.unwrap_err().code, Code::Forbidden);
    let stranger = request(&door, person(&door, user(&door, "joe", "manager").await), Place::default());
    assert_eq!(judged(&stranger, &bills, "GET", "/x").await.unwrap_err().code, Code::NotAMember);
    assert!(judged(&stranger, &bills, "GET", "/healthz").await.is_ok(), "what is public is everybody's");
    let open = request(&door, Principal::Open, Place::default());
    assert!(judged(&open, &bills, "DELETE", "/x").await.is_ok());
}
