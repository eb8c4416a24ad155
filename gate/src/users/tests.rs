//! The ceiling of rights: who manages people without being an admin. No role that is built in does,
//! so the caller is made here.

use super::*;
use crate::{
    Principal,
    ctx::{Origin, Person},
    place::Place,
    sessions::cookie::Carried,
    testing::{Door, PASSWORD},
};
use std::{net::IpAddr, sync::Arc};
use wire::{
    Permission, Permissions,
    links::LinkKind,
    users::{NewInvitation, PasswordReset, UserPatch},
};

fn role(name: &str) -> RoleName {
    RoleName(name.into())
}

fn new(name: &str, role_name: &str) -> NewUser {
    NewUser { username: name.into(), role: role(role_name), password: PASSWORD.into(), ..NewUser::default() }
}

/// A caller who may see everything and manage people, and no more, with a password given just now.
async fn steward(door: &Door) -> Ctx {
    let user = create(&door.gate.system("test"), new("steward", "viewer")).await.unwrap();
    let person = Person {
        user: Arc::new(user),
        permissions: Permissions::of(&[Permission::Read, Permission::Subscribe, Permission::Users]),
        session: uuid::Uuid::nil().into(),
        proved_at: door.now(),
        confirmed_at: None,
        token_expires_at: door.now(),
        is_by_token: true,
        gate: door.gate.clone(),
    };
    let origin = Origin {
        address: IpAddr::from([127, 0, 0, 1]),
        is_local: true,
        is_encrypted: false,
        user_agent: String::new(),
        base_url: "http://localhost".into(),
        setup_code: None,
        carried: Carried::default(),
    };
    Ctx::new(door.gate.clone(), Principal::Person(Arc::new(person)), door.now(), "test".into(), origin, Place::default())
}

fn code<T>(result: Result<T>) -> Option<Code> {
    result.err().map(|error| error.code())
}

#[tokio::test]
async fn nobody_gives_out_more_than_they_have() {
    let door = Door::claimed().await;
    let steward = steward(&door).await;
    let viewer = create(&steward, new("v", "viewer")).await.unwrap();
    for above in ["operator", "manager", "admin"] {
        assert_eq!(code(create(&steward, new("x", above)).await), Some(Code::RoleExceedsOwn), "{above}");
        let invitation = NewInvitation { username: "x".into(), role: role(above), ..NewInvitation::default() };
        assert_eq!(code(links::invite(&steward, invitation).await), Some(Code::RoleExceedsOwn), "{above}");
        let patch = UserPatch { role: Some(role(above)), ..UserPatch::default() };
        assert_eq!(code(update(&steward, viewer.id, patch).await), Some(Code::RoleExceedsOwn), "{above}");
    }
    assert_eq!(get(&steward, viewer.id).await.unwrap().role, role("viewer"));
}

#[tokio::test]
async fn whoever_can_do_more_is_out_of_reach() {
    let door = Door::claimed().await;
    let steward = steward(&door).await;
    let system = door.gate.system("test");
    for above in ["operator", "admin"] {
        let victim = create(&system, new(&format!("the-{above}"), above)).await.unwrap();
        let patches = [
            UserPatch { is_disabled: Some(true), ..UserPatch::default() },
            UserPatch { role: Some(role("viewer")), ..UserPatch::default() },
            // An address is a way to somebody's account, so it is out of reach too.
            UserPatch { email: Some(Some("eve@example.com".into())), ..UserPatch::default() },
            UserPatch::default(),
        ];
        for patch in patches {
            assert_eq!(code(update(&steward, victim.id, patch).await), Some(Code::RoleExceedsOwn), "{above}");
        }
        let reset = PasswordReset { new_password: "nine copper kettles sing".into(), must_change: false };
        assert_eq!(code(reset_password(&steward, victim.id, reset).await), Some(Code::RoleExceedsOwn));
        assert_eq!(code(links::reset(&steward, victim.id).await), Some(Code::RoleExceedsOwn));
        assert_eq!(code(delete(&steward, victim.id).await), Some(Code::RoleExceedsOwn));
        assert_eq!(get(&steward, victim.id).await.unwrap(), victim, "nothing of it was done");
    }
    let viewer = create(&system, new("v", "viewer")).await.unwrap();
    assert_eq!(links::reset(&steward, viewer.id).await.unwrap().kind, LinkKind::Reset);
    assert_eq!(code(delete(&steward, viewer.id).await), None);
}

#[tokio::test]
async fn a_user_is_found_by_either_name() {
    let door = Door::claimed().await;
    let system = door.gate.system("test");
    let mara = create(&system, NewUser { email: Some("Mara@example.com".into()), ..new("Mara", "viewer") }).await.unwrap();
    for name in ["mara", "MARA", "mara@EXAMPLE.com"] {
        assert_eq!(by_name(&system, name).await.unwrap().id, mara.id, "{name}");
    }
    for name in ["", "nobody", "mara@", "mara\0", "%", "' OR 1=1--"] {
        assert_eq!(code(by_name(&system, name).await), Some(Code::NotFound), "{name}");
    }
}
