//! Dialogs before something that can't be undone: they ask for the name, or for the password.
use leptos::prelude::*;

use super::{Button, ButtonKind, ButtonVariant, Dialog, ErrorSummary, Input, PasswordField, Tone};

/// Asks to type the name before deleting. The list of what ends and what stays is the children.
#[component]
pub fn ConfirmDelete(
    /// Its id, the same on server and browser.
    #[prop(into)]
    id: String,
    /// The question: "Delete Samir Patel?"
    #[prop(into)]
    title: Signal<String>,
    /// What can't be undone, and what would be milder.
    #[prop(into)]
    lead: Signal<Option<String>>,
    /// Whether it is open, both ways.
    open: RwSignal<bool>,
    /// What to type.
    #[prop(into)]
    name: Signal<String>,
    /// The answer, in the words of the question: "Delete Samir Patel".
    #[prop(into)]
    action: Signal<String>,
    /// Runs when the name was typed and the answer pressed.
    #[prop(into)]
    on_confirm: Callback<()>,
    /// Whether the work is under way.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// What went wrong.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// The milder way: a button "Disable instead".
    #[prop(optional, into)]
    milder: ViewFn,
    /// `Checks`: what ends, what stays.
    children: ChildrenFn,
) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    Effect::new(move |_| {
        if open.get() {
            typed.set(String::new());
        }
    });
    let is_typed = Memo::new(move |_| *typed.read() == *name.read());
    let confirm = move |()| {
        if is_typed.get_untracked() && !busy.get_untracked() {
            on_confirm.run(());
        }
    };
    let field = [&id, "-name"].concat();
    let problem = [&id, "-problem"].concat();
    let foot = move || {
        view! {
            <Button on_press=move |()| open.set(false)>"Cancel"</Button>
            {milder.run()}
            <Button
                kind=ButtonKind::Submit
                variant=ButtonVariant::Danger
                disabled=move || !is_typed.get()
                busy=busy
            >
                {action}
            </Button>
        }
    };
    view! {
        <Dialog id=id title=title lead=lead open=open tone=Tone::Danger on_submit=confirm foot=foot>
            <ErrorSummary id=problem.clone() title=error />
            {children()}
            <div class="field">
                <label for=field.clone()>"Type " <b>{name}</b> " to confirm"</label>
                <Input
                    id=field.clone()
                    value=typed
                    mono=true
                    exact=true
                    autofocus=true
                    autocomplete="off"
                />
            </div>
        </Dialog>
    }
}

/// Asks for one's own password before something dangerous. What will happen is the children.
#[component]
pub fn ConfirmPassword(
    /// Its id, the same on server and browser.
    #[prop(into)]
    id: String,
    /// The question: "Turn sign-in off?"
    #[prop(into)]
    title: Signal<String>,
    /// Whether it is open, both ways.
    open: RwSignal<bool>,
    /// The other answer: "Keep sign-in on".
    #[prop(into)]
    keep: String,
    /// The answer, in the words of the question: "Turn sign-in off".
    #[prop(into)]
    action: Signal<String>,
    /// Runs with the password when the answer is pressed.
    #[prop(into)]
    on_confirm: Callback<String>,
    /// Whether the work is under way.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// What is wrong with the password.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// What will happen.
    children: ChildrenFn,
) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    Effect::new(move |_| {
        open.track();
        typed.set(String::new());
    });
    let confirm = move |()| {
        let password = typed.get_untracked();
        if !password.is_empty() && !busy.get_untracked() {
            on_confirm.run(password);
        }
    };
    let field = [&id, "-password"].concat();
    let keep = StoredValue::new(keep);
    let foot = move || {
        view! {
            <Button on_press=move |()| open.set(false)>{keep.get_value()}</Button>
            <Button
                kind=ButtonKind::Submit
                variant=ButtonVariant::Danger
                disabled=move || typed.read().is_empty()
                busy=busy
            >
                {action}
            </Button>
        }
    };
    view! {
        <Dialog id=id title=title open=open tone=Tone::Danger on_submit=confirm foot=foot>
            {children()}
            <PasswordField
                id=field.clone()
                label="Your password"
                value=typed
                error=error
                autofocus=true
            />
        </Dialog>
    }
}
