-- Certificates in PEM of authorities that may vouch for an upstream besides those that are believed anyhow.
ALTER TABLE apps ADD COLUMN upstream_ca TEXT;
