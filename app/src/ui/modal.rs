//! What dialog, drawer and palette share: a native dialog that follows a signal.
use leptos::{
    html,
    prelude::*,
    web_sys::{Event, HtmlDialogElement, KeyboardEvent},
};

use super::{Icon, IconButton, dom};

/// Opens and closes a native dialog as the signal says.
pub(super) fn follow(node: NodeRef<html::Dialog>, open: RwSignal<bool>) {
    Effect::new(move |_| {
        let is_wanted = open.get();
        let Some(dialog) = node.get() else { return };
        if is_wanted {
            show(dialog, open, PATIENCE);
        } else if dialog.open() {
            dialog.close();
        }
    });
}

/// For how many frames a dialog may wait to be put into the page.
const PATIENCE: u8 = 60;

fn show(dialog: HtmlDialogElement, open: RwSignal<bool>, frames: u8) {
    // What waited for data is drawn before it is put into the page, and only there it can open.
    if !dialog.is_connected() {
        if frames > 0 && open.try_get_untracked() == Some(true) {
            request_animation_frame(move || show(dialog, open, frames - 1));
        }
        return;
    }
    if dialog.open() {
        if dialog.matches(":modal").unwrap_or_default() {
            return;
        }
        // The server sent it open, so that it can be read without script; that isn't modal yet.
        dialog.set_open(false);
    }
    drop(dialog.show_modal());
    // The content is drawn by the same change of the signal, perhaps after this.
    request_animation_frame(move || {
        if dom::first_inside(&dialog, "[autofocus]:focus").is_some() {
            return;
        }
        let first = ["[autofocus]", FIELDS].iter().find_map(|selector| dom::first_inside(&dialog, selector));
        drop(match first {
            Some(field) => field.focus(),
            None => dialog.focus(),
        });
    });
}

const FIELDS: &str = ".dialog__body :is(input:not([type=hidden]), select, textarea):enabled";

/// Everything a dialog or a drawer is made of.
pub(super) struct Parts {
    pub class: &'static str,
    pub id: String,
    pub title: Signal<String>,
    pub lead: Signal<Option<String>>,
    pub open: RwSignal<bool>,
    pub tone: &'static str,
    pub size: &'static str,
    pub sticky: Signal<bool>,
    pub on_submit: Option<Callback<()>>,
    pub on_close: Option<Callback<()>>,
    pub before: ViewFn,
    pub under: ViewFn,
    pub foot: Option<ViewFn>,
    pub children: ChildrenFn,
}

/// Draws it. The content is made anew each time it opens, so nothing is left of the last time.
pub(super) fn draw(parts: Parts) -> AnyView {
    let Parts { class, id, title, lead, open, tone, size, sticky, on_submit, on_close, .. } = parts;
    let node = NodeRef::<html::Dialog>::new();
    follow(node, open);
    let title_id = [&id, "-title"].concat();

    let turns = Memo::new(move |last: Option<&(u32, bool)>| {
        let (turn, was_open) = last.copied().unwrap_or_default();
        let is_open = open.get();
        (turn + u32::from(is_open && !was_open), is_open)
    });
    let turn = Memo::new(move |_| turns.read().0);

    let ended = move |_: Event| {
        open.set(false);
        if let Some(on_close) = on_close {
            on_close.run(());
        }
    };
    let refused = move |event: Event| {
        if sticky.get_untracked() {
            event.prevent_default();
        }
    };
    let pressed = move |event: KeyboardEvent| {
        if event.key() == "Escape" && sticky.get_untracked() {
            event.prevent_default();
        }
    };
    let sent = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Some(on_submit) = on_submit {
            on_submit.run(());
        }
    };

    let (before, under, foot, children) = (parts.before, parts.under, parts.foot, parts.children);
    let heading = title_id.clone();
    let content = move || {
        (turn.get() > 0).then(|| {
            let foot = foot.clone();
            view! {
                <form novalidate=true on:submit=sent>
                    <div class="dialog__head">
                        {before.run()} <div>
                            <h2 id=heading.clone()>{title}</h2>
                            {move || lead.get().map(|lead| view! { <p>{lead}</p> })}
                            {under.run()}
                        </div>
                        {move || {
                            (!sticky.get())
                                .then(|| {
                                    view! {
                                        <IconButton
                                            icon=Icon::X
                                            label="Close"
                                            on_press=move |()| open.set(false)
                                        />
                                    }
                                })
                        }}
                    </div>
                    <div class="dialog__body">{children()}</div>
                    {foot.map(|foot| view! { <div class="dialog__foot">{foot.run()}</div> })}
                </form>
            }
            .into_any()
        })
    };
    view! {
        <dialog
            class=class
            id=id
            node_ref=node
            tabindex="-1"
            aria-labelledby=title_id
            data-tone=tone
            data-size=size
            open=open.get_untracked()
            on:close=ended
            on:cancel=refused
            on:keydown=pressed
        >
            {content}
        </dialog>
    }
    .into_any()
}
