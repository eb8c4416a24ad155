//! Moving in: accounts of another program, with the hashes of their passwords, so that everybody goes on
//! with the password they have. A hash that is not ours is replaced at the next sign-in.

mod boltbase;
mod dumb;
mod htpasswd;

use crate::{
    Result,
    audit::NewEvent,
    bus::Signal,
    change::{Change, Turn},
    ctx::Ctx,
    roles, setup,
    users::{self, name, store},
};
use serde_json::json;
use wire::{RoleName, audit::Action, check, keys::NewApiKey, rights::BUILT_IN};

/// So much work at the most may a foreign hash ask for at each sign-in: the logarithm of bcrypt's rounds.
const MOST_WORK: u32 = 14;

/// Another program's accounts, as its files have them.
#[derive(Debug, Clone, Default)]
pub struct Incoming {
    /// The accounts, in the order of the files.
    pub users: Vec<Person>,
    /// The keys; their texts are in no file, so each is made anew.
    pub keys: Vec<NewApiKey>,
    /// Whether one had to sign in there, where that is said.
    pub is_sign_in_on: Option<bool>,
}

/// An account of another program.
#[derive(Clone, Default)]
pub struct Person {
    /// The name to sign in with.
    pub username: String,
    /// The role, where the other program has one.
    pub role: Option<RoleName>,
    /// The hash of the password.
    pub hash: Option<String>,
    /// Whether the account is kept out.
    pub is_disabled: bool,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person").field("username", &self.username).finish_non_exhaustive()
    }
}

/// What became of an account, or would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It comes, with its password.
    Comes,
    /// It comes without a password, for its hash is of a kind that is not taken: it needs a reset link.
    ComesWithoutPassword,
    /// Somebody here has this name already, and stays as they are.
    IsThere,
    /// It can not come; why.
    Stays(String),
}

/// What became of an account, or would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The name.
    pub username: String,
    /// The role here.
    pub role: RoleName,
    /// Whether it is kept out.
    pub is_disabled: bool,
    /// What became of it.
    pub fate: Fate,
}

/// Reads DUMB's `users.json`.
///
/// # Errors
/// A sentence, where it is not.
pub fn dumb(text: &str) -> std::result::Result<Incoming, String> {
    dumb::read(text)
}

/// Reads a file of Boltbase's users or API keys; all that there are together.
///
/// # Errors
/// A sentence with the file's name, where it is neither.
pub fn boltbase<'t>(files: impl IntoIterator<Item = (String, &'t str)>) -> std::result::Result<Incoming, String> {
    boltbase::read(files)
}

/// Reads a file of `htpasswd`.
///
/// # Errors
/// A sentence with the line, where it is not.
pub fn htpasswd(text: &str) -> std::result::Result<Incoming, String> {
    htpasswd::read(text)
}

/// Takes accounts over, all in one transaction; those that bring no role get this one. On a dry run
/// nothing is changed.
///
/// # Errors
/// 403 but for the server's own shell; 422 for a role that there is not.
pub async fn run(ctx: &Ctx, from: &str, incoming: &Incoming, role: &RoleName, is_dry: bool) -> Result<Vec<Moved>> {
    ctx.at_the_shell()?;
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    roles::exists(ctx, &mut change, role, "role").await?;
    let mut moved: Vec<Moved> = Vec::new();
    for person in &incoming.users {
        let role = person.role.clone().unwrap_or_else(|| role.clone());
        let fate = judge(ctx, &mut change, person, &role, &moved).await?;
        if matches!(fate, Fate::Comes | Fate::ComesWithoutPassword) {
            add(ctx, &mut change, person, &role).await?;
        }
        moved.push(Moved { username: person.username.clone(), role, is_disabled: person.is_disabled, fate });
    }
    let count = moved.iter().filter(|moved| matches!(moved.fate, Fate::Comes | Fate::ComesWithoutPassword)).count();
    if is_dry || count == 0 {
        return Ok(moved);
    }
    change.signal(Signal::Everything);
    change.commit(NewEvent::new(Action::ImportRun).on("program", from, from).with(json!({ "users": count }))).await?;
    Ok(moved)
}

async fn judge(ctx: &Ctx, change: &mut Change, person: &Person, role: &RoleName, before: &[Moved]) -> Result<Fate> {
    if let Some(problem) = check::username(&person.username) {
        return Ok(Fate::Stays(problem));
    }
    if role.built_in().is_none() && ctx.gate().roles().find(role).is_none() {
        let known = BUILT_IN.map(|role| role.name).join(", ");
        return Ok(Fate::Stays(format!("there is no role {role} here; make it first, or change it in the file to one of {known}")));
    }
    let key = name::username_key(&person.username);
    if before.iter().any(|moved| name::username_key(&moved.username) == key && !matches!(moved.fate, Fate::Stays(_))) {
        return Ok(Fate::Stays("the same name is there twice".into()));
    }
    if store::is_name_taken(change.db(), &person.username).await? {
        return Ok(Fate::IsThere);
    }
    Ok(match person.hash.as_deref().map(is_taken) {
        Some(true) => Fate::Comes,
        _ => Fate::ComesWithoutPassword,
    })
}

/// Whether a hash is of a kind that can be checked here, with bearable work.
fn is_taken(hash: &str) -> bool {
    let bcrypt = ["$2a$", "$2b$", "$2y$"].iter().find_map(|prefix| hash.strip_prefix(prefix));
    match bcrypt {
        Some(rest) => hash.len() == 60 && rest.get(..2).and_then(|work| work.parse::<u32>().ok()).is_some_and(|work| work <= MOST_WORK),
        None => hash.starts_with("$argon2id$v=19$") && hash.len() < 256,
    }
}

async fn add(ctx: &Ctx, change: &mut Change, person: &Person, role: &RoleName) -> Result<()> {
    let hash = person.hash.as_deref().filter(|hash| is_taken(hash));
    let mut user = users::build(ctx, &person.username, None, None, role);
    user.is_disabled = person.is_disabled;
    user.has_password = hash.is_some();
    if !user.is_disabled && hash.is_some() {
        setup::claim_from_shell(ctx, change, &user).await?;
    }
    users::insert_refusing_duplicates(change, &user, hash).await?;
    change
        .also(NewEvent::new(Action::UserCreate).to(&user).with(json!({ "after": users::seen(&user), "disabled": user.is_disabled })))
        .await
}

#[cfg(test)]
mod tests {
    use super::is_taken;

    #[test]
    fn only_hashes_that_can_be_checked_with_bearable_work_are_taken() {
        let bcrypt = |work: &str| format!("$2b${work}${}", "a".repeat(53));
        for (hash, is) in [
            (bcrypt("10"), true),
            (bcrypt("14"), true),
            (bcrypt("31"), false),
            (bcrypt("xx"), false),
            ("$2b$10$short".into(), false),
            ("$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g".into(), true),
            ("$argon2i$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g".into(), false),
            ("$apr1$salt$hash".into(), false),
            ("{SHA}hash".into(), false),
            ("plain".into(), false),
        ] {
            assert_eq!(is_taken(&hash), is, "{hash}");
        }
    }
}
