//! One file for each screen; a screen of several panels is a folder of them.

mod audit;
mod beside;
pub mod change_password;
mod decision;
mod entry;
mod events;
mod failed;
pub mod forgot;
mod home;
mod inside;
mod keys;
pub mod login;
pub mod logout;
mod narrow;
pub mod parts;
mod profile;
pub mod reset;
mod role;
mod roles;
mod settings;
pub mod setup;
mod strength;
mod summary;
mod title;
mod trail;
mod users;
mod words;
