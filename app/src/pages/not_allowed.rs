//! Where somebody ends whom a provider knows and this installation does not let in. It says the same
//! whatever the reason is: that stands in the audit log.

use super::{entry::Entry, sign_in_words::is_request};
use crate::pages::title::PageTitle;
use crate::{
    state::session::Session,
    ui::{ButtonVariant, CopyButton, Fact, Facts, Icon, LinkButton, Size},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use wire::{check, next::escaped};

/// The page.
#[component]
pub fn NotAllowedPage() -> impl IntoView {
    let session = expect_context::<Session>();
    let (name, contact) =
        session.capabilities.with_untracked(|capabilities| (capabilities.name.clone(), capabilities.help_contact.clone()));
    let request = use_query_map().with_untracked(|query| query.get("request")).filter(|request| is_request(request));
    let mail = contact.as_deref().and_then(|contact| mail_to(contact, &name, request.as_deref()));
    let ask = contact.unwrap_or_else(|| "An admin of this installation".into());
    let is_mail = mail.is_some();
    let number = request.map(|request| {
        view! {
            <Fact name="Request">
                <span class="row">
                    <code class="break">{request.clone()}</code>
                    <CopyButton text=request what="request number" variant=ButtonVariant::Ghost size=Size::Small />
                </span>
            </Fact>
        }
    });
    view! {
        <PageTitle text="Not let in" />
        <Entry
            title=["Your provider let you in, but ", &name, " didn’t"].concat()
            lead="Signing in worked. This installation just does not open for that account: whom it lets in is up to its admins."
                .to_owned()
        >
            <Facts>
                <Fact name="Ask">{ask}</Fact>
                {number}
            </Facts>
            <div class="stack" data-gap="3">
                {mail
                    .map(|href| {
                        view! {
                            <LinkButton href=href variant=ButtonVariant::Primary size=Size::Large block=true icon=Icon::Mail>
                                "Ask for access by mail"
                            </LinkButton>
                        }
                    })}
                <LinkButton
                    href="/login"
                    attr:rel="external"
                    variant=if is_mail { ButtonVariant::Plain } else { ButtonVariant::Primary }
                    size=Size::Large
                    block=true
                >
                    "Sign in another way"
                </LinkButton>
                <p class="hint">"To come with another account of the provider, sign out there first."</p>
            </div>
        </Entry>
    }
    .into_any()
}

/// The mail that asks for access, where the contact is an address.
fn mail_to(contact: &str, name: &str, request: Option<&str>) -> Option<String> {
    let contact = contact.trim();
    let is_plain = contact.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"@.-_+".contains(&byte));
    if !is_plain || check::email(contact).is_some() {
        return None;
    }
    let subject = match request {
        Some(request) => ["Access to ", name, ", request ", request].concat(),
        None => ["Access to ", name].concat(),
    };
    Some(["mailto:", contact, "?subject=", &escaped(&subject)].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_that_is_an_address_can_be_written_to() {
        let href = mail_to(" it@example.com ", "Halden & Co", Some("01jd-3k7m")).unwrap();
        assert_eq!(href, "mailto:it@example.com?subject=Access%20to%20Halden%20%26%20Co%2C%20request%2001jd-3k7m");
        assert_eq!(mail_to("Ada, extension 4410", "Halden", None), None);
        assert_eq!(mail_to("it@example.com?bcc=eve@evil.example", "Halden", None), None);
    }
}
