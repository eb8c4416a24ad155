//! OpenTelemetry's own variables, as other programs beside it have them too; Doorward's own go before them.

use super::{Environment, Given, Reading, keys};

/// Takes what is there.
pub(super) fn read(reading: &mut Reading, environment: &Environment) {
    for (name, path) in [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "traces.endpoint"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "traces.headers"),
        ("OTEL_SERVICE_NAME", "traces.service"),
    ] {
        let is_said = reading.sources.get(path).is_some_and(|source| source.starts_with("DOORWARD_"));
        if let (Some(value), Some(key), false) = (environment.get(name), keys::find(path), is_said) {
            reading.take(key, name, &Given::One(value.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::load::tests::{load_text, problems};
    use secrecy::ExposeSecret;

    #[test]
    fn its_own_variables_do_and_ours_go_before() {
        assert!(load_text("", &[]).unwrap().settings.gate.traces.endpoint.is_none());
        let own = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=canary=1, x-other=b"),
            ("OTEL_SERVICE_NAME", "front"),
        ];
        let loaded = load_text("", &own).unwrap();
        assert!(!format!("{loaded:?} {:?}", loaded.show()).contains("canary"));
        let traces = loaded.settings.gate.traces;
        assert_eq!((traces.endpoint.as_deref(), traces.service.as_str(), traces.sample), (Some("http://collector:4318"), "front", 100));
        let headers: Vec<_> = traces.headers.iter().map(|(name, value)| format!("{name}: {}", value.expose_secret())).collect();
        assert_eq!(headers, ["x-key: canary=1", "x-other: b"]);
        let both = [own.as_slice(), &[("DOORWARD_TRACES_SERVICE", "ours"), ("DOORWARD_TRACES_SAMPLE", "5")]].concat();
        let traces = load_text("", &both).unwrap().settings.gate.traces;
        assert_eq!((traces.service.as_str(), traces.sample), ("ours", 5));
    }

    #[test]
    fn what_can_not_be_is_said_without_its_secret() {
        assert!(problems("traces: { sample: 101 }", &[])[0].starts_with("doorward.yaml:1: traces.sample: expected a number from 0 to 100"));
        assert!(problems("traces: { endpoint: 'collector:4318' }", &[])[0].starts_with("doorward.yaml:1: traces.endpoint: expected"));
        let problem = problems("traces: { headers: 'canary' }", &[]).remove(0);
        assert!(problem.starts_with("doorward.yaml:1: traces.headers: expected") && !problem.contains("canary"), "{problem}");
    }
}
