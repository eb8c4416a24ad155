//! The real binary as a process: how it starts, refuses to, obeys commands, and survives its end.

mod commands;
mod crash;
mod harness;
mod obey;
mod refusals;
mod start;
