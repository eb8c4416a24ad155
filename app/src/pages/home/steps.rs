//! What is left to do on a fresh installation.

use crate::ui::{ButtonVariant, Card, Checklist, LinkButton, Progress, Size, Step};
use leptos::prelude::*;
use wire::stats::FirstSteps;

/// One thing to do: what, why, where, and on which button.
struct Task {
    is_done: bool,
    title: &'static str,
    text: &'static str,
    href: &'static str,
    action: &'static str,
}

fn tasks(steps: &FirstSteps) -> [Task; 5] {
    [
        Task {
            is_done: steps.has_sign_in,
            title: "Turn sign-in on",
            text: "Until then, anyone who reaches this address may do everything",
            href: "/settings/authentication",
            action: "Turn it on",
        },
        Task {
            is_done: steps.has_app,
            title: "Guard your first app",
            text: "Point Doorward at a dashboard or an API and choose who gets in",
            href: "/apps/new",
            action: "Add an app",
        },
        Task {
            is_done: steps.has_colleague,
            title: "Add somebody else",
            text: "Each person gets a name, a role, and a password of their own",
            href: "/settings/users/new",
            action: "Add a user",
        },
        Task {
            is_done: steps.has_second_admin,
            title: "Add a second admin",
            text: "If you lose your password, nobody else can let you back in",
            href: "/settings/users/new?role=admin",
            action: "Add an admin",
        },
        Task {
            is_done: steps.has_help_contact,
            title: "Say whom to ask for help",
            text: "Shown to people who can’t sign in",
            href: "/settings/general",
            action: "Write it",
        },
    ]
}

/// The checklist, while something on it is left.
pub fn left(steps: FirstSteps) -> Option<AnyView> {
    let tasks = tasks(&steps);
    let (done, of) = (count(&tasks, true), count(&tasks, true) + count(&tasks, false));
    if done == of {
        return None;
    }
    let first_open = tasks.iter().position(|task| !task.is_done);
    let rows: Vec<_> = tasks
        .into_iter()
        .enumerate()
        .map(|(at, task)| {
            let variant = if Some(at) == first_open { ButtonVariant::Primary } else { ButtonVariant::Plain };
            view! {
                <Step title=task.title text=task.text done=task.is_done>
                    <LinkButton href=task.href variant=variant size=Size::Small>
                        {task.action}
                    </LinkButton>
                </Step>
            }
        })
        .collect();
    let progress = move || {
        view! {
            <Progress done=done of=of />
            <span class="small muted">{[&done.to_string(), " of ", &of.to_string()].concat()}</span>
        }
    };
    Some(
        view! {
            <Card id="steps" title="Finish setting up".to_owned() beside=progress flush=true>
                <Checklist>{rows}</Checklist>
            </Card>
        }
        .into_any(),
    )
}

fn count(tasks: &[Task], is_done: bool) -> u32 {
    u32::try_from(tasks.iter().filter(|task| task.is_done == is_done).count()).unwrap_or_default()
}
