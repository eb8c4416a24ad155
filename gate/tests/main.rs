//! The product's tests, through the router, on the database that the environment names.
#![expect(clippy::unwrap_used, reason = "a helper of a test that panics has failed the test")]

mod apps;
mod apps_live;
mod audit;
mod audit_chain;
mod audit_export;
mod audit_sinks;
mod grants;
mod guard;
mod house;
mod key_lists;
mod keys;
mod keys_live;
mod keys_used;
mod links;
mod policy;
mod protections;
mod refresh;
mod roles;
mod scope;
mod sessions;
mod settings;
mod setup;
mod stats;
mod user_lists;
mod users;
mod workspaces;
