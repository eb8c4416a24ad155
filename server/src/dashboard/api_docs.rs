//! `/api/docs`: the interface on one page, made from its own document, each operation to be tried.
//! It is a document with a small script of its own, so that it weighs nothing in the dashboard.

mod schema;

use super::page;
use crate::assets;
use axum::{
    Extension,
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use gate::{Ctx, Gate};
use http::{HeaderValue, header};
use schema::{example, fields, kind};
use serde_json::Value;
use std::{fmt::Write, sync::LazyLock};
use wire::{
    policy::{Needs, OPERATIONS, Operation},
    prefix::at,
};

/// Its address.
pub(super) const PATH: &str = "/api/docs";

/// All but what differs from answer to answer; the interface is the same while the process runs.
static BODY: LazyLock<String> = LazyLock::new(|| body(&Gate::openapi()));

pub(super) async fn show(Extension(ctx): Extension<Ctx>, request: Request) -> Response {
    if !page::is_open(&ctx, PATH).await {
        return page::show(Extension(ctx), request).await;
    }
    let nonce = ctx.new_secret();
    let mut response = Body::from(document(&ctx.gate().config().http.prefix, &nonce)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, page::policy(&nonce));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn document(prefix: &str, nonce: &str) -> String {
    let css = assets::bundle().under(prefix).css;
    let main = Some(css).filter(|css| !css.is_empty()).map(|css| format!("<link rel=\"stylesheet\" href=\"{css}\">"));
    let below = if prefix.is_empty() { String::new() } else { format!(" data-prefix=\"{prefix}\"") };
    format!(
        "<!DOCTYPE html><html lang=\"en\"{below}><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
         <meta name=\"robots\" content=\"noindex\"><title>API · Doorward</title>\
         <link rel=\"icon\" href=\"{prefix}/favicon.svg\" type=\"image/svg+xml\"><script src=\"{prefix}/theme.js\" nonce=\"{nonce}\"></script>\
         {}<link rel=\"stylesheet\" href=\"{prefix}/api-docs.css\"><script type=\"module\" src=\"{prefix}/api-docs.js\" nonce=\"{nonce}\"></script></head>\
         <body>{}{}</body></html>",
        main.unwrap_or_default(),
        top(prefix),
        *BODY,
    )
}

/// The bar above all, with the ways out of here.
fn top(prefix: &str) -> String {
    format!(
        "<a class=\"docs__skip\" href=\"#main\">Skip to the operations</a>\
         <header class=\"docs__top\"><a class=\"link\" href=\"{}\">← Doorward</a><span class=\"push\"></span>\
         <a class=\"link\" href=\"{}\">OpenAPI document</a></header>",
        at(prefix, "/"),
        at(prefix, "/api/v1/openapi.json"),
    )
}

/// Text that stands for itself in HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A sentence of a doc comment: what stands between backticks is code.
fn prose(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts.map(|(at, part)| if at % 2 == 1 { format!("<code>{}</code>", escaped(part)) } else { escaped(part) }).collect()
}

fn body(document: &Value) -> String {
    let mut groups: Vec<(String, Vec<(&Operation, &Value)>)> = Vec::new();
    for row in OPERATIONS {
        let described = &document["paths"][format!("/api/v1{}", row.path)][row.method.as_str().to_lowercase()];
        let tag = described["tags"][0].as_str().unwrap_or_default().to_owned();
        match groups.iter_mut().find(|(known, _)| *known == tag) {
            Some((_, rows)) => rows.push((row, described)),
            None => groups.push((tag, vec![(row, described)])),
        }
    }
    let mut html = String::from("<div class=\"docs\"><nav class=\"docs__nav\" aria-label=\"Operations by subject\"><ul>");
    for (tag, _) in &groups {
        _ = write!(html, "<li><a href=\"#tag-{0}\">{0}</a></li>", escaped(tag));
    }
    html.push_str("<li><a href=\"#types\">Types</a></li></ul></nav><main class=\"docs__main\" id=\"main\" tabindex=\"-1\">");
    html.push_str(HEAD);
    for (tag, rows) in &groups {
        _ = write!(
            html,
            "<section class=\"stack\" data-gap=\"2\" data-group aria-labelledby=\"tag-{0}\"><h2 id=\"tag-{0}\">{0}</h2>",
            escaped(tag)
        );
        for (row, described) in rows {
            operation(&mut html, row, described, document);
        }
        html.push_str("</section>");
    }
    types(&mut html, document);
    html.push_str("</main></div>");
    html
}

/// What stands above the operations: whom requests come from, where they act, and the search.
const HEAD: &str = "<div class=\"stack\" data-gap=\"1\"><h1>API</h1>\
    <p class=\"muted\">Every operation, as this server answers it. What is sent from here acts for real. \
    Every refusal is a <a href=\"#type-Failure\">Failure</a>.</p></div>\
    <noscript><p class=\"note\">To send requests from this page, allow its script. Everything can be read without it.</p></noscript>\
    <form class=\"card\" id=\"sender\" autocomplete=\"off\" hidden><div class=\"card__body\">\
    <fieldset class=\"stack\" data-gap=\"1\"><legend class=\"label\">Send as</legend>\
    <label class=\"check\"><input type=\"radio\" name=\"as\" value=\"session\" checked><span>Myself, as I am signed in here</span></label>\
    <label class=\"check\"><input type=\"radio\" name=\"as\" value=\"key\"><span>A program with an API key</span></label>\
    <label class=\"check\"><input type=\"radio\" name=\"as\" value=\"nobody\"><span>Nobody</span></label></fieldset>\
    <div class=\"field\" id=\"key-field\" hidden><label for=\"key\">API key</label>\
    <input class=\"input\" data-mono id=\"key\" type=\"password\" autocomplete=\"off\" spellcheck=\"false\" placeholder=\"dw_…\" aria-describedby=\"key-hint\">\
    <p class=\"hint\" id=\"key-hint\">It stays on this page, and is gone with it.</p></div>\
    <div class=\"fields\"><div class=\"field\"><label for=\"scope\">Environment <span class=\"optional\">(optional)</span></label>\
    <input class=\"input\" data-mono id=\"scope\" autocomplete=\"off\" spellcheck=\"false\" placeholder=\"default/default\"></div>\
    <div class=\"field\"><label for=\"find\">Find an operation</label><input class=\"input\" id=\"find\" type=\"search\" autocomplete=\"off\"></div></div>\
    <p class=\"sr-only\" id=\"found\" role=\"status\"></p></div></form>";

/// What an operation needs, in words, and the mark in its line.
fn needs(row: &Operation) -> (String, Option<String>) {
    let people = if row.by_people_only { " An API key does not do." } else { "" };
    match row.needs {
        Needs::Nothing if row.by_people_only => ("Open to all, but not to API keys.".into(), None),
        Needs::Nothing => ("Open to all.".into(), None),
        Needs::SetupOpen => ("Only until Doorward is set up.".into(), Some("setup open".into())),
        Needs::SignedIn => (format!("Needs to know who asks.{people}"), Some("signed in".into())),
        Needs::Session => ("Needs a session of one’s own. An API key does not do.".into(), Some("session".into())),
        Needs::Permission(permission) => {
            (format!("Needs the permission <code>{permission}</code>. {}.{people}", permission.words()), Some(permission.to_string()))
        }
    }
}

fn operation(html: &mut String, row: &Operation, described: &Value, document: &Value) {
    let (words, mark) = needs(row);
    let (id, method, path, what) = (row.id, row.method.as_str(), escaped(row.path), prose(row.summary));
    let mark = mark.map(|mark| format!("<span class=\"badge\" data-variant=\"outline\">{mark}</span>")).unwrap_or_default();
    _ = write!(
        html,
        "<details class=\"card op\" id=\"{id}\" data-words=\"{method} {path} {what_plain} {id}\">\
         <summary><span class=\"op__method\" data-method=\"{method}\">{method}</span> <code class=\"op__path\">{path}</code> \
         <span class=\"op__what\">{what}</span> {mark}</summary><div class=\"card__body\"><p class=\"hint\">{words}</p>\
         <form class=\"stack\" data-gap=\"4\" data-try=\"{id}\" data-method=\"{method}\" data-path=\"/api/v1{path}\" aria-label=\"Try {what_plain}\" novalidate>",
        what_plain = escaped(&row.summary.replace('`', "")),
    );
    let own = described["parameters"].as_array().into_iter().flatten();
    // Which environment is meant is asked once, above.
    let own: Vec<_> = own.filter(|parameter| parameter["in"] != "header" || parameter["name"] == "Idempotency-Key").collect();
    if !own.is_empty() {
        html.push_str("<div class=\"fields\">");
        for parameter in own {
            input(html, id, parameter);
        }
        html.push_str("</div>");
    }
    let wanted = &described["requestBody"]["content"]["application/json"]["schema"];
    if wanted.is_object() {
        let text = serde_json::to_string_pretty(&example(wanted, document)).unwrap_or_default();
        _ = write!(
            html,
            "<div class=\"field\"><label for=\"{id}-body\">Body</label>\
             <textarea class=\"textarea\" data-mono id=\"{id}-body\" data-in=\"body\" rows=\"{}\" spellcheck=\"false\">{}</textarea>\
             <p class=\"hint\">{}</p></div>",
            text.lines().count().clamp(3, 12) + 1,
            escaped(&text),
            kind(wanted),
        );
    }
    html.push_str(
        "<div class=\"row\" data-send hidden><button class=\"btn\" data-variant=\"primary\" type=\"submit\">Send</button>\
         <button class=\"btn\" type=\"button\" data-curl>Copy as curl</button></div>\
         <p class=\"sr-only\" role=\"status\" data-told></p><div class=\"op__answer\" data-answer></div></form>",
    );
    if wanted.is_object() {
        _ = write!(html, "<h3>Fields of the body</h3>{}", fields(wanted, document));
    }
    html.push_str("<h3>Answers</h3><ul class=\"op__fields\">");
    for (status, answer) in described["responses"].as_object().into_iter().flatten() {
        _ = write!(html, "<li><b class=\"num\">{status}</b> {}</li>", words_of(answer));
    }
    html.push_str("</ul></div></details>");
}

/// What an answer holds. Every refusal has the same shape, which is not said each time.
fn words_of(answer: &Value) -> String {
    match answer["content"].as_object() {
        None => "No body".to_owned(),
        Some(content) if content.contains_key("application/problem+json") => prose(answer["description"].as_str().unwrap_or_default()),
        Some(content) => {
            let shapes = content.iter().map(|(media, content)| match media.as_str() {
                "application/json" => kind(&content["schema"]),
                media => format!("<code>{}</code>", escaped(media)),
            });
            shapes.collect::<Vec<_>>().join(" or ")
        }
    }
}

/// The field of a parameter.
fn input(html: &mut String, operation: &str, parameter: &Value) {
    let text = |name: &str| parameter[name].as_str().unwrap_or_default();
    let (name, place) = (escaped(text("name")), text("in"));
    let id = format!("{operation}-{name}");
    let optional = if parameter["required"] == true { "" } else { " <span class=\"optional\">(optional)</span>" };
    _ = write!(
        html,
        "<div class=\"field\"><label for=\"{id}\"><code>{name}</code>{optional}</label>\
         <input class=\"input\" data-mono id=\"{id}\" data-in=\"{place}\" data-name=\"{name}\" autocomplete=\"off\" spellcheck=\"false\" \
         aria-describedby=\"{id}-hint\"><p class=\"hint\" id=\"{id}-hint\">{} <span class=\"faint\">{}</span></p></div>",
        prose(text("description")),
        kind(&parameter["schema"]),
    );
}

fn types(html: &mut String, document: &Value) {
    html.push_str("<section class=\"stack\" data-gap=\"2\" aria-labelledby=\"types\"><h2 id=\"types\">Types</h2>");
    for (name, shape) in document["components"]["schemas"].as_object().into_iter().flatten() {
        let about = prose(shape["description"].as_str().unwrap_or_default());
        _ = write!(
            html,
            "<details class=\"card op\" id=\"type-{name}\"><summary><code class=\"op__path\">{name}</code></summary>\
             <div class=\"card__body\"><p>{about}</p>{}</div></details>",
            fields(shape, document),
        );
    }
    html.push_str("</section>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_and_every_type_is_on_the_page_once() {
        let document = Gate::openapi();
        let html = body(&document);
        for row in OPERATIONS {
            assert_eq!(html.matches(&format!("id=\"{}\"", row.id)).count(), 1, "{}", row.id);
        }
        for place in html.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert_eq!(html.matches(&format!("id=\"{place}\"")).count(), 1, "{place}");
        }
    }

    #[test]
    fn nothing_on_the_page_is_inline_and_nothing_foreign() {
        let html = document("", "n0nce");
        assert!(!html.contains(" style=") && !html.contains(" on") || !html.contains("onclick"), "the policy allows neither");
        assert!(!html.contains("http://") && !html.contains("https://"), "{html}");
        assert_eq!(html.matches("<script").count(), html.matches("nonce=\"n0nce\"").count());
    }

    #[test]
    fn below_a_prefix_every_address_of_the_page_is() {
        let html = document("/tasks/auth", "n0nce");
        assert!(html.contains("<html lang=\"en\" data-prefix=\"/tasks/auth\">"), "the script learns it there");
        for name in ["href=\"/", "src=\"/"] {
            let all = html.matches(name).count();
            assert!(all > 0 && html.matches(&format!("{name}tasks/auth")).count() == all, "{name}");
        }
    }

    #[test]
    fn text_of_the_document_stays_text() {
        assert_eq!(prose("a <b> of `x<y>`"), "a &lt;b&gt; of <code>x&lt;y&gt;</code>");
    }
}
