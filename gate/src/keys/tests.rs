//! The ceiling of rights: who manages keys without being an admin. No role that is built in does, so
//! the caller is made here.

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
    Permissions, RoleName,
    keys::{ApiKeyPatch, ApiKeyQuery},
    users::NewUser,
};

/// A caller who may see everything and manage keys, and no more.
async fn keeper(door: &Door) -> Ctx {
    let new = NewUser { username: "keeper".into(), password: PASSWORD.into(), ..NewUser::default() };
    let user = users::create(&door.gate.system("test"), new).await.unwrap();
    let person = Person {
        user: Arc::new(user),
        permissions: Permissions::of(&[Permission::Read, Permission::Subscribe, Permission::Keys]),
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

fn new(role: &str, kind: KeyKind) -> NewApiKey {
    NewApiKey { name: role.into(), role: RoleName(role.into()), kind, ..NewApiKey::default() }
}

fn code<T>(result: Result<T>) -> Option<Code> {
    result.err().map(|error| error.code())
}

#[tokio::test]
async fn who_manages_keys_manages_those_that_can_do_no_more() {
    let door = Door::claimed().await;
    let keeper = keeper(&door).await;
    let mild = create(&keeper, new("viewer", KeyKind::Service)).await.unwrap().api_key;
    for kind in [KeyKind::Service, KeyKind::Personal] {
        assert_eq!(code(create(&keeper, new("operator", kind)).await), Some(Code::RoleExceedsOwn));
    }
    let raise = ApiKeyPatch { role: Some(RoleName("operator".into())), ..ApiKeyPatch::default() };
    assert_eq!(code(update(&keeper, mild.id, raise).await), Some(Code::RoleExceedsOwn));

    let strong = create(&door.gate.system("test"), new("operator", KeyKind::Service)).await.unwrap().api_key;
    let lower = ApiKeyPatch { role: Some(RoleName("viewer".into())), ..ApiKeyPatch::default() };
    assert_eq!(list(&keeper, ApiKeyQuery::default()).await.unwrap().total, Some(2));
    assert_eq!(code(update(&keeper, strong.id, lower).await), Some(Code::RoleExceedsOwn));
    assert_eq!(code(rotate(&keeper, strong.id, Rotate::default()).await), Some(Code::RoleExceedsOwn));
    assert_eq!(code(revoke(&keeper, strong.id).await), Some(Code::RoleExceedsOwn));
    assert_eq!(get(&keeper, strong.id).await.unwrap(), strong, "nothing was changed");

    assert!(rotate(&keeper, mild.id, Rotate::default()).await.is_ok());
    assert!(revoke(&keeper, mild.id).await.is_ok());
}
