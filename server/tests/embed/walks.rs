//! What somebody does with each example.

use super::{client::start, custom_backend, minimal, nested_prefix, per_route, static_users, tonic_example};

/// The bar of the whole thing: what a developer reads and writes to put the door into an app.
#[test]
fn the_minimal_example_is_whole_within_forty_lines() {
    let text = include_str!("../../examples/minimal.rs");
    assert!(text.lines().count() <= 40, "{} lines", text.lines().count());
    let of_the_door = text.lines().filter(|line| !line.trim_start().starts_with("//") && line.to_lowercase().contains("door"));
    assert!(of_the_door.count() <= 5, "five lines are the door's");
}

#[tokio::test]
async fn minimal() {
    let mut browser = start(minimal::serve).await;
    let away = browser.get("/").await;
    assert_eq!((away.status.as_u16(), away.place()), (303, "/login?next=/"));
    assert_eq!(browser.send("GET", "/", &[("accept", "application/json")], "").await.status, 401);
    assert_eq!(browser.get("/login").await.status, 200);
    let wrong = browser.sign_in("/login", "admin", "guess", "/").await;
    assert!(wrong.status == 401 && wrong.text.contains("alert"), "{wrong:?}");
    let right = browser.sign_in("/login", "admin", "secret", "/").await;
    assert_eq!((right.status.as_u16(), right.place()), (303, "/"), "{}", right.text);
    assert_eq!(browser.get("/").await.text, "Hello admin");
    let token = browser.token("", "admin", "secret").await;
    let mut program = start(minimal::serve).await;
    let bearer = format!("Bearer {token}");
    assert_eq!(program.send("GET", "/", &[("authorization", &bearer)], "").await.status, 401, "another door");
    assert_eq!(browser.form("/logout", &[]).await.place(), "/login");
    assert_eq!(browser.get("/").await.status, 303);
}

#[tokio::test]
async fn static_users() {
    let mut browser = start(static_users::serve).await;
    assert_eq!(browser.get("/").await.text, "Welcome, whoever you are");
    assert_eq!(browser.get("/inside").await.place(), "/login?next=/inside");
    assert_eq!(browser.sign_in("/login", "bo", "three otters", "/inside").await.status, 401, "that is Ada's");
    assert_eq!(browser.sign_in("/login", "bo", "two foxes", "/inside").await.place(), "/inside");
    assert_eq!(browser.get("/").await.text, "Welcome, bo");
    assert_eq!(browser.get("/inside").await.text, "bo is here as viewer");
}

#[tokio::test]
async fn custom_backend() {
    let mut browser = start(custom_backend::serve).await;
    assert_eq!(browser.sign_in("/login", "mara", "mara likes coffee", "/").await.status, 401);
    let away = browser.sign_in("/login", "nobody-knows", "whatever", "/").await;
    assert_eq!(away.status, 503, "who is away says nothing about a password");
    assert_eq!(browser.sign_in("/login", "mara", "mara likes tea", "/").await.place(), "/");
    assert_eq!(browser.get("/").await.text, "Hello mara");
}

#[tokio::test]
async fn per_route() {
    let mut browser = start(per_route::serve).await;
    let jobs = [("GET", "/jobs"), ("POST", "/jobs/run"), ("POST", "/jobs/in/default/default"), ("POST", "/jobs/in/default/nowhere")];
    for (role, may) in [("viewer", [200, 403, 403, 403]), ("operator", [200, 200, 403, 403]), ("developer", [200, 200, 200, 403])] {
        let token = format!("Bearer {}", browser.token("", role, "the same for all").await);
        for ((method, path), status) in jobs.into_iter().zip(may) {
            let answer = browser.send(method, path, &[("authorization", &token)], "").await;
            assert_eq!(answer.status, status, "{role} {path}: {}", answer.text);
            assert_eq!(browser.send(method, path, &[], "").await.status, 401, "{path}");
        }
    }
}

#[tokio::test]
async fn nested_prefix() {
    let mut browser = start(nested_prefix::serve).await;
    assert_eq!(browser.get("/").await.text, "Nothing to sign in to here");
    assert_eq!(browser.get("/tasks").await.place(), "/tasks/auth/login?next=/tasks");
    let page = browser.get("/tasks/auth/login?next=/tasks").await;
    assert!(page.text.contains("action=\"/tasks/auth/login\""), "{}", page.text);
    assert_eq!(browser.sign_in("/tasks/auth/login", "admin", "secret", "/tasks").await.place(), "/tasks");
    assert_eq!(browser.get("/tasks").await.text, "No tasks for admin");
    let token = format!("Bearer {}", browser.token("/tasks/auth", "admin", "secret").await);
    let me = browser.send("GET", "/tasks/auth/api/v1/auth/me", &[("authorization", &token)], "").await;
    assert!(me.status == 200 && me.text.contains("admin"), "{me:?}");
    assert_eq!(browser.form("/tasks/auth/logout", &[]).await.place(), "/tasks/auth/login");
    assert_eq!(browser.get("/tasks").await.status, 303);
}

#[tokio::test]
async fn tonic() {
    const METHOD: &str = "/greeter.Greeter/Hello";
    let mut browser = start(tonic_example::serve).await;
    assert_eq!(browser.call(METHOD, None).await.0, 401);
    let token = browser.token("", "admin", "secret").await;
    let (status, code, text) = browser.call(METHOD, Some(&token)).await;
    assert_eq!((status.as_u16(), code.as_deref(), text.as_str()), (200, Some("0"), "Hello admin"));
}
