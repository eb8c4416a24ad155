//! Providers of the configuration: checked as those of the dashboard are, before anything is started.
//! Whether they answer is found out later.

use super::change::address_problem;
use crate::{config::Config, mapping::Mapping};
use std::collections::HashSet;
use wire::Check;

impl Config {
    /// Looks for what can not be in the providers.
    ///
    /// # Errors
    /// A sentence for each thing that is wrong, with the provider and the field; never a secret.
    pub fn check_providers(&self) -> Result<(), Vec<String>> {
        let mut problems = Vec::new();
        let mut ids = HashSet::new();
        for new in &self.auth.oidc {
            let mut wrong = |field: &str, text: &str| problems.push(format!("auth.oidc.{}.{}: {text}", new.id, in_file(field)));
            for error in new.problems() {
                wrong(&error.field, &error.message);
            }
            if !ids.insert(&new.id) {
                wrong("id", "There are two providers of this id.");
            }
            if new.client_url.is_none() && self.http.public_url.is_none() {
                wrong("clientUrl", "Set it to the address under which browsers reach Doorward, or set public_url.");
            }
            if let Some((field, problem)) = address_problem(self.http.insecure_http, new) {
                wrong(field, &problem);
            }
            if let Err((field, problem)) = Mapping::new(new.role_mapping.clone())
                && field == "roleAttributePath"
            {
                wrong("roleMapping.roleAttributePath", &problem);
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }
}

/// A field as it is called in the configuration file.
fn in_file(field: &str) -> String {
    let mut name = String::with_capacity(field.len() + 4);
    for c in field.chars() {
        if c.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}
