//! The product's tests, through the router, on the database that the environment names.

mod guard;
mod house;
mod links;
mod policy;
mod protections;
mod refresh;
mod sessions;
mod settings;
mod setup;
mod stats;
mod user_lists;
mod users;
