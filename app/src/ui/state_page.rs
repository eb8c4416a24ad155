//! A page that is only a state.
use leptos::prelude::*;

/// What the gate looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {
    /// Barred: the role doesn't open it.
    Barred,
    /// Dashed: there is no such page.
    Missing,
    /// Dark: no answer.
    Dark,
}

/// The picture, what happened, and what to do now.
#[component]
pub fn StatePage(
    /// The picture.
    scene: Scene,
    /// What happened.
    #[prop(into)]
    title: Signal<String>,
    /// The number of the state and of the request: "403 · req_01JD3KC4".
    #[prop(optional, into)]
    code: Signal<Option<String>>,
    /// What to do now: at most one primary button.
    #[prop(optional, into)]
    actions: Option<ViewFnOnce>,
    /// A `<p>`, perhaps `Facts`.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="state">
            {art(scene)} <div class="state__body">
                <h1>{title}</h1>
                {children()}
                {actions.map(|actions| view! { <div class="row">{actions.run()}</div> })}
                {move || code.get().map(|code| view! { <p class="state__code">{code}</p> })}
            </div>
        </div>
    }
    .into_any()
}

fn art(scene: Scene) -> AnyView {
    let edge = "M46 196V114a54 54 0 0 1 108 0v82";
    let inside = if scene == Scene::Dark { "dark" } else { "lit" };
    let detail = match scene {
        Scene::Barred => view! {
            <path
                class="bars"
                d="M64 196V72M82 196V63M100 196V60M118 196V63M136 196V72M46 104h108M46 134h108M46 164h108"
            />
            <path class="edge" d=edge />
            <circle class="glow" cx="100" cy="134" r="9" />
        }
        .into_any(),
        Scene::Missing => view! {
            <path class="edge" d=edge />
            <path
                class="edge"
                stroke-dasharray="4 5"
                d="M68 196v-78a32 32 0 0 1 64 0v78M84 196v-74a16 16 0 0 1 32 0v74"
            />
        }
        .into_any(),
        Scene::Dark => view! {
            <path class="edge" d=edge />
            <circle class="glow" cx="100" cy="128" r="3.5" />
            <path class="edge" stroke-dasharray="3 6" d="M78 128h12M110 128h12" />
        }
        .into_any(),
    };
    view! {
        <svg class="state__art" viewBox="0 0 200 200" aria-hidden="true">
            <path class="stone" d="M14 196V110a86 86 0 0 1 172 0v86z" />
            <path class="edge" d="M14 196V110a86 86 0 0 1 172 0v86" />
            <path class=inside d="M46 196V114a54 54 0 0 1 108 0v82z" />
            {detail}
            <path class="edge" d="M2 196h196" />
        </svg>
    }
    .into_any()
}
