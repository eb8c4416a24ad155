//! The product's tests, through the router, on the database that the environment names.

mod guard;
mod house;
mod policy;
mod refresh;
mod sessions;
mod settings;
mod setup;
