//! The pictures of the book, taken by the browser suite.
use crate::{
    Result,
    build::{self, Profile},
    command::run,
    test,
};

/// Takes them anew, from the release.
pub fn take() -> Result {
    build::all(Profile::Release)?;
    run(test::playwright()?.args(["test", "screenshots"]).env("SCREENSHOTS", "book"))
}
