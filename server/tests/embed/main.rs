//! The examples, as they are: each is served on a port of its own, and walked by a browser without script.
#![expect(clippy::unwrap_used, reason = "a helper of a test that panics has failed the test")]

mod below;
mod client;
mod walks;

/// An example, whose `main` nobody calls here.
macro_rules! examples {
    ($($name:ident $file:literal),*) => {
        $(
            #[path = $file]
            #[expect(dead_code, reason = "a test serves it on another port than `main` does")]
            mod $name;
        )*
    };
}

examples!(
    minimal "../../examples/minimal.rs",
    static_users "../../examples/static_users.rs",
    custom_backend "../../examples/custom_backend.rs",
    per_route "../../examples/per_route.rs",
    nested_prefix "../../examples/nested_prefix.rs",
    tonic_example "../../examples/tonic.rs"
);
