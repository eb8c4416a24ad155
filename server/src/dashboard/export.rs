//! The audit log as a file, for a browser to save. The page links here: a link brings the cookie but
//! no token, and a file comes piece by piece, however long it is.

use super::page;
use axum::{Extension, extract::Request, response::Response};
use gate::{Ctx, audit};
use http::HeaderMap;
use wire::{Code, Failure, audit::EventExport};

/// The page that the file belongs to.
const PAGE: &str = "/settings/audit";

pub(super) async fn export_events(Extension(ctx): Extension<Ctx>, request: Request) -> Response {
    if !page::is_open(&ctx, request.uri().path()).await {
        return page::show(Extension(ctx), request).await;
    }
    // Whoever is led here by another site asks on the page.
    if is_from_elsewhere(request.headers()) {
        return page::onward(&ctx, PAGE);
    }
    let outcome = match wanted(request.uri().query().unwrap_or_default()) {
        Some(wanted) => audit::download(&ctx, wanted).await,
        None => Err(Failure::new(Code::BadRequest, "This download's address has a filter that can't be. Set it again here.").into()),
    };
    match outcome {
        Ok(file) => file,
        Err(error) => page::show_again(&ctx, request, PAGE, error, Vec::new()).await,
    }
}

/// The filters and the format in the query of the address.
fn wanted(query: &str) -> Option<EventExport> {
    let mut fields = serde_json::Map::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if fields.insert(name.into_owned(), value.into_owned().into()).is_some() {
            return None;
        }
    }
    serde_json::from_value(fields.into()).ok()
}

/// Whether a browser says that another site has led here.
fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| !matches!(site.as_bytes(), b"same-origin" | b"none"))
}

#[cfg(test)]
mod tests {
    use wire::audit::{ExportFormat, Outcome};

    #[test]
    fn the_address_says_what_is_exported() {
        let wanted = |query| super::wanted(query).map(|wanted| (wanted.format, wanted.action, wanted.outcome));
        assert_eq!(wanted(""), Some((ExportFormat::Jsonl, None, None)));
        let expected = (ExportFormat::Csv, Some("user.".to_owned()), Some(Outcome::Denied));
        assert_eq!(wanted("format=csv&action=user.&outcome=denied"), Some(expected));
        for query in ["format=xml", "from=yesterday", "cursor=x", "action=a&action=b"] {
            assert_eq!(wanted(query), None, "{query}");
        }
    }
}
