//! Search and jump: a list of commands that narrows as one types.
use leptos::{
    ev::{KeyboardEvent, MouseEvent},
    html,
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::HtmlElement,
};

use super::{Icon, matching::matching, modal};
use crate::prefix;

/// Something the palette can do.
#[derive(Clone)]
pub struct Command {
    /// What it does, or where it leads.
    pub label: String,
    /// A word at the end: keys, a role, a count.
    pub hint: Option<String>,
    /// Under which heading it stands.
    pub group: &'static str,
    /// Its drawing.
    pub icon: Icon,
    /// What it does.
    pub act: Act,
}

/// What a command does.
#[derive(Clone)]
pub enum Act {
    /// Leads to a path of ours; with Ctrl in a new tab.
    Go(String),
    /// Does something here.
    Run(Callback<()>),
}

impl Command {
    /// Makes a command that leads somewhere.
    pub fn go(group: &'static str, icon: Icon, label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), hint: None, group, icon, act: Act::Go(href.into()) }
    }

    /// Makes a command that does something here.
    pub fn run(group: &'static str, icon: Icon, label: impl Into<String>, run: impl Fn() + Send + Sync + 'static) -> Self {
        Self { label: label.into(), hint: None, group, icon, act: Act::Run(Callback::new(move |()| run())) }
    }

    /// Adds a word at the end.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// A command that answers the search, and which of its letters do.
#[derive(Clone, PartialEq)]
struct Hit {
    command: usize,
    score: i32,
    letters: Vec<usize>,
}

/// The palette. Stands once, outside of the page; Ctrl K opens it through `use_shortcuts`.
#[component]
pub fn Palette(
    /// Whether it is open, both ways.
    open: RwSignal<bool>,
    /// What it can do now; may follow `query`.
    #[prop(into)]
    commands: Signal<Vec<Command>>,
    /// What one may search for.
    #[prop(into)]
    placeholder: String,
    /// What is typed, both ways; give one to look things up while someone types.
    #[prop(optional)]
    query: RwSignal<String>,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    modal::follow(node, open);
    let chosen = RwSignal::new(0_usize);
    Effect::new(move |_| {
        if open.get() {
            query.set(String::new());
        }
    });
    Effect::new(move |_| {
        query.track();
        chosen.set(0);
    });
    let hits = Memo::new(move |_| find(&commands.read(), query.read().trim()));
    let count = move || hits.read_untracked().iter().map(|(_, hits)| hits.len()).sum::<usize>();

    let pressed = move |event: KeyboardEvent| {
        let (now, count) = (chosen.get_untracked(), count());
        if event.key() == "Enter" {
            event.prevent_default();
            let option = document().get_element_by_id(&option_id(now));
            if let Some(option) = option.and_then(|option| option.dyn_into::<HtmlElement>().ok()) {
                press(&option, event.ctrl_key() || event.meta_key());
            }
            return;
        }
        let to = match event.key().as_str() {
            "ArrowDown" if count > 0 => (now + 1) % count,
            "ArrowUp" if count > 0 => (now + count - 1) % count,
            _ => return,
        };
        event.prevent_default();
        chosen.set(to);
        if let Some(option) = document().get_element_by_id(&option_id(to)) {
            option.scroll_into_view_with_bool(false);
        }
    };
    let list = move || open.get().then(|| draw(hits, commands, chosen, open));
    view! {
        <dialog
            class="dialog palette"
            id="palette"
            node_ref=node
            tabindex="-1"
            aria-label="Search or jump to"
            on:close=move |_| open.set(false)
        >
            <div class="palette__input">
                {Icon::Search.draw()}
                <input
                    type="text"
                    role="combobox"
                    aria-expanded="true"
                    aria-autocomplete="list"
                    aria-controls="palette-list"
                    aria-activedescendant=move || option_id(chosen.get())
                    aria-label="Search or jump to"
                    placeholder=placeholder
                    autofocus=true
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=query
                    on:input=move |event| query.set(event_target_value(&event))
                    on:keydown=pressed
                />
                <kbd>"Esc"</kbd>
            </div>
            <div class="palette__list" id="palette-list" role="listbox" aria-label="Results">
                {list}
            </div>
            <div class="palette__foot">
                <span><kbd>"↑"</kbd> " " <kbd>"↓"</kbd> " move"</span>
                <span><kbd>"Enter"</kbd> " open"</span>
                <span><kbd>"Ctrl"</kbd> " " <kbd>"Enter"</kbd> " open in a new tab"</span>
            </div>
        </dialog>
    }
    .into_any()
}

/// Finds what answers the search, by group, the best first.
fn find(commands: &[Command], query: &str) -> Vec<(&'static str, Vec<Hit>)> {
    let mut groups: Vec<(&'static str, Vec<Hit>)> = Vec::new();
    for (at, command) in commands.iter().enumerate() {
        let Some(found) = matching(&command.label, query) else { continue };
        let hit = Hit { command: at, score: found.score, letters: found.letters };
        match groups.iter_mut().find(|(group, _)| *group == command.group) {
            Some((_, hits)) => hits.push(hit),
            None => groups.push((command.group, vec![hit])),
        }
    }
    if !query.is_empty() {
        for (_, hits) in &mut groups {
            hits.sort_by_key(|hit| std::cmp::Reverse(hit.score));
        }
        groups.sort_by_key(|(_, hits)| std::cmp::Reverse(hits[0].score));
    }
    groups
}

fn draw(
    hits: Memo<Vec<(&'static str, Vec<Hit>)>>,
    commands: Signal<Vec<Command>>,
    chosen: RwSignal<usize>,
    open: RwSignal<bool>,
) -> AnyView {
    let mut at = 0;
    let groups: Vec<_> = hits
        .get()
        .into_iter()
        .enumerate()
        .map(|(group_at, (group, hits))| {
            let heading = ["palette-group-", &group_at.to_string()].concat();
            let commands = commands.read_untracked();
            let options: Vec<_> = hits
                .into_iter()
                .filter_map(|hit| {
                    let command = commands.get(hit.command)?.clone();
                    let option = option(command, &hit.letters, at, chosen, open);
                    at += 1;
                    Some(option)
                })
                .collect();
            view! {
                <div role="group" aria-labelledby=heading>
                    <div class="menu__label" id=heading.clone()>
                        {group}
                    </div>
                    {options}
                </div>
            }
        })
        .collect();
    if groups.is_empty() {
        return view! { <p class="palette__none" role="status">"Nothing matches. Try other words."</p> }.into_any();
    }
    groups.into_any()
}

fn option(command: Command, letters: &[usize], at: usize, chosen: RwSignal<usize>, open: RwSignal<bool>) -> AnyView {
    let content = view! {
        {command.icon.draw()}
        <span class="truncate">{marked(&command.label, letters)}</span>
        {command.hint.map(|hint| view! { <small>{hint}</small> })}
    };
    let is_chosen = move || if chosen.get() == at { "true" } else { "false" };
    match command.act {
        Act::Go(href) => view! {
            <a
                role="option"
                id=option_id(at)
                href=prefix::at(&href)
                tabindex="-1"
                aria-selected=is_chosen
                on:click=move |event: MouseEvent| {
                    if !event.ctrl_key() && !event.meta_key() {
                        open.set(false);
                    }
                }
            >
                {content}
            </a>
        }
        .into_any(),
        Act::Run(run) => view! {
            <div
                role="option"
                id=option_id(at)
                aria-selected=is_chosen
                on:click=move |_| {
                    open.set(false);
                    run.run(());
                }
            >
                {content}
            </div>
        }
        .into_any(),
    }
}

/// Presses an option; a link in a new tab if asked to.
fn press(option: &HtmlElement, in_new_tab: bool) {
    match option.get_attribute("href") {
        Some(href) if in_new_tab => drop(window().open_with_url_and_target(&href, "_blank")),
        _ => option.click(),
    }
}

/// Sets the letters that were searched for apart.
fn marked(label: &str, letters: &[usize]) -> Vec<AnyView> {
    let mut parts: Vec<(bool, String)> = Vec::new();
    for (at, letter) in label.chars().enumerate() {
        let is_marked = letters.contains(&at);
        match parts.last_mut() {
            Some((was_marked, part)) if *was_marked == is_marked => part.push(letter),
            _ => parts.push((is_marked, letter.into())),
        }
    }
    let part = |(is_marked, part)| {
        if is_marked { view! { <mark>{part}</mark> }.into_any() } else { String::into_any(part) }
    };
    parts.into_iter().map(part).collect()
}

fn option_id(at: usize) -> String {
    ["palette-", &at.to_string()].concat()
}
