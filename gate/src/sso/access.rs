//! Who gets in: the lists of a provider. An address counts only where the provider says that it is
//! verified, with the boolean `true`.

use crate::users::name::email_key;
use serde_json::{Map, Value};
use wire::sso::Access;

/// The address that the claims vouch for.
pub(super) fn verified_email(claims: &Map<String, Value>) -> Option<&str> {
    let email = claims.get("email")?.as_str()?;
    (claims.get("email_verified") == Some(&Value::Bool(true)) && wire::check::email(email).is_none()).then_some(email)
}

/// Whether these lists let in who has this verified address.
pub(super) fn judge(allowed_domains: &[String], whitelist: &[String], email: Option<&str>) -> Access {
    let say = |is_allowed: bool, because: String| Access { is_allowed, because };
    if allowed_domains.is_empty() && whitelist.is_empty() {
        return say(true, "There is no list, so everybody is let in whom the provider lets in.".into());
    }
    let Some(email) = email else {
        return say(false, "The provider vouches for no address: email_verified is not true, so no list can let the person in.".into());
    };
    let key = email_key(email);
    if whitelist.iter().any(|entry| email_key(entry) == key) {
        return say(true, format!("{email} is on the list of addresses."));
    }
    let domain = key.rsplit_once('@').map_or("", |(_, domain)| domain);
    if allowed_domains.iter().any(|entry| email_key(entry) == domain) {
        return say(true, format!("{domain} is an allowed domain."));
    }
    say(false, format!("Neither {email} nor its domain is on a list."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn is_allowed(domains: &[&str], addresses: &[&str], email: Option<&str>) -> bool {
        let own = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        judge(&own(domains), &own(addresses), email).is_allowed
    }

    #[test]
    fn either_list_lets_in_and_none_lets_everybody_in() {
        assert!(is_allowed(&[], &[], None));
        assert!(!is_allowed(&["example.com"], &[], None));
        assert!(is_allowed(&["Example.com"], &[], Some("Mara@EXAMPLE.com")));
        for email in ["mara@sub.example.com", "mara@example.com.evil", "mara@evilexample.com", "example.com@evil.test"] {
            assert!(!is_allowed(&["example.com"], &[], Some(email)), "{email}");
        }
        assert!(is_allowed(&[], &["mara@example.com"], Some("MARA@example.com")));
        assert!(!is_allowed(&[], &["mara@example.com"], Some("leo@example.com")));
        assert!(is_allowed(&["other.example"], &["mara@example.com"], Some("leo@other.example")));
    }

    /// OID-122
    #[test]
    fn an_address_is_verified_by_true_alone() {
        for value in [json!(false), json!("true"), json!("false"), json!(0), json!(1), json!(null), json!([true]), json!({})] {
            let claims = json!({ "email": "ada@example.com", "email_verified": value });
            assert_eq!(verified_email(claims.as_object().unwrap()), None, "{claims}");
        }
        assert_eq!(verified_email(json!({ "email": "ada@example.com" }).as_object().unwrap()), None);
        let claims = json!({ "email": "ada@example.com", "email_verified": true });
        assert_eq!(verified_email(claims.as_object().unwrap()), Some("ada@example.com"));
    }
}
