//! A device in words, from what its program says of itself.

/// What a `User-Agent` names, as people would: "Firefox on Linux". What is not a browser's is given
/// back up to its first blank, without the version: "curl". A guess, for display alone.
#[must_use]
pub fn name(user_agent: &str) -> String {
    // Each says that it is the others too; so the rarer ones are looked for first.
    const BROWSERS: [(&str, &str); 9] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("FxiOS/", "Firefox"),
        ("Firefox/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chromium/", "Chromium"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("CrOS", "ChromeOS"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let find = |known: &[(&str, &'static str)]| known.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name);
    let is_browser = user_agent.starts_with("Mozilla/");
    match (find(&BROWSERS).filter(|_| is_browser), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => [browser, " on ", system].concat(),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) if is_browser => ["A browser on ", system].concat(),
        _ => program(user_agent),
    }
}

/// The name of a program that is no browser.
fn program(user_agent: &str) -> String {
    let first = user_agent.split_whitespace().next().unwrap_or_default().split('/').next().unwrap_or_default();
    if first.is_empty() { "An unnamed program".to_owned() } else { first.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn browsers_are_named_with_their_system() {
        for (text, device) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
                "Chrome on Windows",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64)", "A browser on Linux"),
        ] {
            assert_eq!(name(text), device, "{text}");
        }
    }

    #[test]
    fn other_programs_are_called_by_their_own_name() {
        assert_eq!(name("curl/8.7.1"), "curl");
        assert_eq!(name("python-requests/2.32 CPython/3.12 Linux/6.8"), "python-requests");
        assert_eq!(name(""), "An unnamed program");
        assert_eq!(name(" / "), "An unnamed program");
    }
}
