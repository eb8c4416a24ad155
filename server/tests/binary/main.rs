//! The real binary as a process: how it starts, refuses to, obeys commands, and survives its end.
#![expect(clippy::unwrap_used, reason = "a helper of a test that panics has failed the test")]

mod acme;
mod authority;
mod broken;
mod canary;
mod commands;
mod crash;
mod deploy;
mod disk;
mod doctor;
mod harness;
mod look;
mod nodes;
mod obey;
mod operate;
mod power;
mod refusals;
mod reload;
mod signed;
mod slow;
mod start;
mod tls;
mod writing;
