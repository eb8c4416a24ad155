//! Centrifugo's own variables, as other programs beside it have them too; Doorward's own go before them.

use super::{Environment, Given, Reading, keys};

/// Its port where none is said.
const PORT: &str = "5001";

/// Takes what is there.
pub(super) fn read(reading: &mut Reading, environment: &Environment) {
    let port = environment.get("CENTRIFUGO_PORT").unwrap_or(PORT);
    let url = environment.get("CENTRIFUGO_HOST").map(|host| format!("http://{host}:{port}"));
    let text = |name: &str| environment.get(name).map(str::to_owned);
    for (name, path, value) in [
        ("CENTRIFUGO_HOST", "centrifugo.url", url),
        ("CENTRIFUGO_API_KEY", "centrifugo.api_key", text("CENTRIFUGO_API_KEY")),
        ("CENTRIFUGO_JWT_SECRET", "centrifugo.token_secret", text("CENTRIFUGO_JWT_SECRET")),
    ] {
        let is_said = reading.sources.get(path).is_some_and(|source| source.starts_with("DOORWARD_"));
        if let (Some(value), Some(key), false) = (value, keys::find(path), is_said) {
            reading.take(key, name, &Given::One(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::load::tests::{load_text, problems};
    use secrecy::ExposeSecret;

    const SECRET: &str = "a secret of thirty-two characters";

    #[test]
    fn its_own_variables_do_and_ours_go_before() {
        let own = [("CENTRIFUGO_HOST", "engine"), ("CENTRIFUGO_API_KEY", "canary"), ("CENTRIFUGO_JWT_SECRET", SECRET)];
        let loaded = load_text("", &own).unwrap();
        assert!(!format!("{loaded:?} {:?}", loaded.show()).contains("canary"));
        let centrifugo = loaded.settings.gate.live.centrifugo.unwrap();
        assert_eq!((centrifugo.url.as_str(), centrifugo.api_key.expose_secret()), ("http://engine:5001", "canary"));
        let both = [own.as_slice(), &[("CENTRIFUGO_PORT", "9"), ("DOORWARD_CENTRIFUGO_API_KEY", "ours")]].concat();
        let centrifugo = load_text("centrifugo: { url: 'http://file:1' }", &both).unwrap().settings.gate.live.centrifugo.unwrap();
        assert_eq!((centrifugo.url.as_str(), centrifugo.api_key.expose_secret()), ("http://engine:9", "ours"));
    }

    #[test]
    fn what_belongs_together_is_asked_for() {
        let half = "centrifugo: url, api_key and token_secret belong together; set all three";
        assert_eq!(problems("centrifugo: { url: 'http://a:1' }", &[]), [format!("doorward.yaml:1: {half}")]);
        assert_eq!(problems("", &[("CENTRIFUGO_HOST", "a")]), [format!("CENTRIFUGO_HOST: {half}")]);
        let whole = |url: &str, secret: &str| format!("centrifugo: {{ url: '{url}', api_key: k, token_secret: '{secret}' }}");
        assert!(problems(&whole("http://a:1", "short"), &[])[0].starts_with("centrifugo.token_secret is shorter than 32"));
        assert!(problems(&whole("ftp://a", SECRET), &[])[0].starts_with("centrifugo.url: expected an address"));
    }
}
