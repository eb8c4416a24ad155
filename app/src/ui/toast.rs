//! Short reports at the edge: polite, gone after eight seconds, never the only way to do something.
use std::time::Duration;

use leptos::prelude::*;

use super::{Button, ButtonVariant, Icon, IconButton, Size, Tone};

const STAYS: Duration = Duration::from_secs(8);

/// A report.
#[derive(Clone)]
pub struct Toast {
    title: String,
    detail: Option<String>,
    tone: Tone,
    action: Option<(String, Callback<()>)>,
    more: Option<ViewFn>,
}

impl Toast {
    /// Says that something was done.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), detail: None, tone: Tone::Success, action: None, more: None }
    }

    /// Says that something failed.
    pub fn failure(title: impl Into<String>) -> Self {
        Self { tone: Tone::Danger, ..Self::new(title) }
    }

    /// Adds a sentence.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds something to look up below the sentence.
    #[must_use]
    pub fn more(mut self, more: impl Into<ViewFn>) -> Self {
        self.more = Some(more.into());
        self
    }

    /// Adds a button, such as "Undo".
    #[must_use]
    pub fn action(mut self, label: impl Into<String>, run: impl Fn() + Send + Sync + 'static) -> Self {
        self.action = Some((label.into(), Callback::new(move |()| run())));
        self
    }
}

impl From<&str> for Toast {
    fn from(title: &str) -> Self {
        Self::new(title)
    }
}

impl From<String> for Toast {
    fn from(title: String) -> Self {
        Self::new(title)
    }
}

/// Where reports are said.
#[derive(Clone, Copy)]
pub struct Reports {
    shown: RwSignal<Vec<(u32, Toast)>>,
    next: StoredValue<u32>,
}

impl Reports {
    /// Says something.
    pub fn say(self, toast: impl Into<Toast>) {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        let toast = toast.into();
        self.shown.update(|shown| shown.push((id, toast)));
    }

    fn remove(self, id: u32) {
        self.shown.try_update(|shown| shown.retain(|(own, _)| *own != id));
    }
}

/// Makes reports possible below here. Call once, in the root component, beside `Toaster`.
pub fn provide_toaster() -> Reports {
    let reports = Reports { shown: RwSignal::default(), next: StoredValue::new(0) };
    provide_context(reports);
    reports
}

/// Returns where to say reports.
pub fn use_toaster() -> Reports {
    expect_context()
}

/// Shows the reports. Stands once, outside of the page.
#[component]
pub fn Toaster() -> impl IntoView {
    let reports = use_toaster();
    view! {
        <div class="toasts" role="status">
            <For
                each=move || reports.shown.get()
                key=|(id, _)| *id
                children=move |(id, toast)| one(reports, id, toast)
            />
        </div>
    }
}

fn one(reports: Reports, id: u32, toast: Toast) -> AnyView {
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let hold = move || {
        if let Some(timer) = timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    };
    let start = move || {
        hold();
        let handle = set_timeout_with_handle(move || reports.remove(id), STAYS);
        timer.set_value(handle.ok());
    };
    Effect::new(move |_| start());
    on_cleanup(hold);
    let icon = match toast.tone {
        Tone::Danger => Icon::Error,
        Tone::Warning => Icon::Warn,
        _ => Icon::Check,
    };
    let action = toast.action.map(|(label, run)| {
        let pressed = move |_| {
            run.run(());
            reports.remove(id);
        };
        view! {
            <Button variant=ButtonVariant::Ghost size=Size::Small on_press=pressed>
                {label}
            </Button>
        }
    });
    view! {
        <div
            class="toast"
            data-tone=toast.tone.as_str()
            on:mouseenter=move |_| hold()
            on:mouseleave=move |_| start()
            on:focusin=move |_| hold()
            on:focusout=move |_| start()
        >
            {icon.draw()}
            <div>
                <b>{toast.title}</b>
                {toast.detail.map(|detail| view! { <p>{detail}</p> })}
                {toast.more.map(|more| more.run())}
            </div>
            <div class="toast__actions">
                {action}
                <IconButton
                    icon=Icon::X
                    label="Dismiss"
                    on_press=move |()| reports.remove(id)
                />
            </div>
        </div>
    }
    .into_any()
}
