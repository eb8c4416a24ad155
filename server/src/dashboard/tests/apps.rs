//! Apps in the dashboard, without script: the wizard's step, and the pages that only show.

use super::Browser;

/// Nobody listens there.
const NOBODY: &str = "http://127.0.0.1:1";

#[tokio::test]
async fn the_wizard_looks_at_an_app_and_adds_it() {
    let mut browser = Browser::claimed().await;
    let page = browser.get("/setup/app").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Guard your first app") && page.text.contains(r#"href="/setup/done""#), "it can be skipped");

    let wrong = browser.post("/setup/app", &[("do", "check"), ("upstream", "tasks"), ("name", "Task queue")]).await;
    assert_eq!(wrong.status, 422, "{}", wrong.text);
    assert!(wrong.text.contains(r#"value="tasks""#) && wrong.text.contains(r#"value="Task queue""#), "what was typed stays");
    assert!(wrong.text.contains("aria-invalid"), "and the field is marked");

    let silent = browser.post("/setup/app", &[("do", "check"), ("upstream", NOBODY), ("name", "Task queue")]).await;
    assert_eq!(silent.status, 200);
    assert!(silent.text.contains("It can be added all the same"), "{}", silent.text);
    assert!(silent.text.contains(NOBODY) && silent.text.contains(r#"value="Task queue""#));

    let added = browser.post("/setup/app", &[("do", "add"), ("upstream", NOBODY), ("name", "Task queue"), ("preset", "flower")]).await;
    assert_eq!((added.status, added.place()), (303, "/setup/done"), "{}", added.text);
    let again = browser.post("/setup/app", &[("do", "add"), ("upstream", NOBODY), ("name", "Task queue"), ("preset", "")]).await;
    assert_eq!(again.status, 409);
    assert!(again.text.contains("There is an app of this slug already"), "{}", again.text);
}

#[tokio::test]
async fn an_app_is_seen_whole_without_script() {
    let mut browser = Browser::claimed().await;
    let empty = browser.get("/apps").await;
    assert!(empty.text.contains("No apps yet") && empty.text.contains(r#"href="/apps/new""#), "{}", empty.text);
    assert!(browser.get("/").await.text.contains("Guard your first app"), "the checklist names it");
    browser.post("/setup/app", &[("do", "add"), ("upstream", NOBODY), ("name", "Task queue"), ("preset", "flower")]).await;

    for (path, shown) in [
        ("/apps", "task-queue.localhost:8080"),
        ("/apps?query=queue", "Task queue"),
        ("/apps?query=wiki", "No app matches"),
        ("/apps/new", "Rules to start with"),
        ("/apps/task-queue", "What happens to a request"),
        ("/apps/task-queue", "No requests in the last hour"),
        ("/apps/task-queue/rules", "Who may do what"),
        ("/apps/task-queue/rules", "/healthcheck"),
        ("/apps/task-queue/connect", "proxy_set_header X-Forwarded-For"),
        ("/apps/task-queue/connect", "http://task-queue.localhost:8080"),
        ("/apps/task-queue/settings", "Delete the app"),
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.text.contains(shown), "{path}: {shown}");
    }
    for (path, shown) in [
        ("/apps/nothing", "There is no such app"),
        ("/apps/nothing/rules", "There is no such app"),
        ("/settings/api-keys/nothing", "There is no such key"),
        ("/settings/users/00000000-0000-7000-8000-000000000000", "There is nobody here"),
        ("/apps/task-queue/people", "404"),
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.text.contains(shown), "{path}: {shown}");
    }
}
