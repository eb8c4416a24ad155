//! Numbers over time: lines told apart by dash, read out in the head, and as a table.
use leptos::{html, prelude::*, web_sys::PointerEvent};

use super::{
    number::grouped,
    spark::{closed, path},
};

pub(super) const WIDTH: u64 = 800;
pub(super) const HEIGHT: u64 = 160;
const LINES: u64 = 4;
/// What tells the lines, or the parts of a bar, apart.
pub(super) const NUMBERS: [&str; 4] = ["1", "2", "3", "4"];

/// A line of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// What it counts: "signed in".
    pub name: String,
    /// The numbers, oldest first, one for each point in time.
    pub values: Vec<u64>,
}

impl Series {
    /// Makes a line.
    pub fn new(name: impl Into<String>, values: Vec<u64>) -> Self {
        Self { name: name.into(), values }
    }
}

/// A chart of up to three lines; the first has an area.
#[component]
pub fn AreaChart(
    /// What it shows, for those who can't see it: "Sign-ins in the last 24 hours".
    #[prop(into)]
    label: String,
    /// The lines.
    #[prop(into)]
    series: Signal<Vec<Series>>,
    /// The name of each point in time: "08:30–09:00".
    #[prop(into)]
    points: Signal<Vec<String>>,
    /// What stands below, from left to right.
    #[prop(into)]
    ticks: Signal<Vec<String>>,
) -> impl IntoView {
    let plot = NodeRef::<html::Div>::new();
    let pointed = RwSignal::new(None::<usize>);
    let shown = pointed_at(points, pointed);
    let most = Memo::new(move |_| {
        let series = series.read();
        ceiling(series.iter().flat_map(|line| line.values.iter().copied()).max().unwrap_or(0))
    });
    let head = readout(series, points, shown);
    let lines = move || {
        let most = most.get();
        let lines = series
            .read()
            .iter()
            .zip(NUMBERS)
            .map(|(line, number)| {
                let line = path(&line.values, most, WIDTH, HEIGHT, 0);
                let area = (number == "1").then(|| closed(&line, WIDTH, HEIGHT));
                view! {
                    {area.map(|area| view! { <path class="c-area" d=area /> })}
                    <path class="c-line" data-series=number d=line />
                }
            })
            .collect::<Vec<_>>();
        lines.into_any()
    };
    let rule = move || {
        let last = points.read().len().max(2) as u64 - 1;
        let x = (shown.get() as u64 * WIDTH / last).to_string();
        ["M", &x, " 0V160"].concat()
    };
    let moved = move |event: PointerEvent| {
        let count = points.read_untracked().len();
        if let Some(plot) = plot.get_untracked().filter(|_| count > 1) {
            let width = f64::from(plot.client_width().max(1));
            let share = f64::from(event.offset_x()) / width;
            let at = (share * (count - 1) as f64).round().max(0.0);
            pointed.set(Some(at as usize));
        }
    };
    view! {
        <figure class="chart" aria-label=label>
            <figcaption class="chart__head">{head}</figcaption>
            <div class="chart__plot">
                {scale(most)}
                <div
                    class="chart__area"
                    node_ref=plot
                    on:pointermove=moved
                    on:pointerdown=moved
                    on:pointerleave=move |_| pointed.set(None)
                >
                    <svg viewBox="0 0 800 160" preserveAspectRatio="none" aria-hidden="true">
                        <path class="c-grid" d="M0 0H800M0 40H800M0 80H800M0 120H800" />
                        <path class="c-base" d="M0 160H800" />
                        {lines}
                        <path class="c-rule" d=rule />
                    </svg>
                </div>
                {below(ticks)}
            </div>
            <div class="chart__foot">{legend(series, None)} {as_table(series, points)}</div>
        </figure>
    }
    .into_any()
}

/// The point in time that is read out: the one that is pointed at, else the last.
pub(super) fn pointed_at(points: Signal<Vec<String>>, pointed: RwSignal<Option<usize>>) -> Signal<usize> {
    Signal::derive(move || {
        let last = points.read().len().saturating_sub(1);
        pointed.get().map_or(last, |at| at.min(last))
    })
}

/// The numbers of one point in time.
pub(super) fn readout(series: Signal<Vec<Series>>, points: Signal<Vec<String>>, shown: Signal<usize>) -> impl Fn() -> AnyView + Copy {
    move || {
        let at = shown.get();
        let point = points.read().get(at).cloned().unwrap_or_default();
        let values: Vec<_> = series
            .read()
            .iter()
            .map(|line| {
                let value = line.values.get(at).copied().unwrap_or_default();
                view! { <span><b class="num">{grouped(value)}</b> " " {line.name.clone()}</span> }
            })
            .collect();
        view! {
            <span><b class="num">{point}</b></span>
            {values}
        }
        .into_any()
    }
}

/// The numbers on the left.
pub(super) fn scale(most: Memo<u64>) -> AnyView {
    let steps = move || {
        let most = most.get();
        (0..=LINES).rev().map(|step| view! { <span>{grouped(most * step / LINES)}</span> }).collect::<Vec<_>>()
    };
    view! {
        <div class="chart__y" aria-hidden="true">
            {steps}
        </div>
    }
    .into_any()
}

/// What stands below, from left to right.
pub(super) fn below(ticks: Signal<Vec<String>>) -> AnyView {
    let ticks = move || ticks.get().into_iter().map(|tick| view! { <span>{tick}</span> }).collect::<Vec<_>>();
    view! {
        <div class="chart__x" aria-hidden="true">
            {ticks}
        </div>
    }
    .into_any()
}

/// What each line, or part of a bar, counts.
pub(super) fn legend(series: Signal<Vec<Series>>, kind: Option<&'static str>) -> AnyView {
    let entries = move || {
        let series = series.read();
        let entries = series.iter().zip(NUMBERS).map(|(line, number)| {
            view! { <li data-series=number>{line.name.clone()}</li> }
        });
        entries.collect::<Vec<_>>()
    };
    view! {
        <ul class="legend" data-kind=kind>
            {entries}
        </ul>
    }
    .into_any()
}

/// The same numbers in words, made when someone asks for them.
pub(super) fn as_table(series: Signal<Vec<Series>>, points: Signal<Vec<String>>) -> AnyView {
    let is_open = RwSignal::new(false);
    let table = move || {
        is_open.get().then(|| {
            let series = series.get();
            let rows = points.get().into_iter().enumerate().rev().map(|(at, point)| {
                let values = series.iter().map(|line| {
                    let value = line.values.get(at).copied().unwrap_or_default();
                    view! { <td data-num=true>{grouped(value)}</td> }
                });
                let values = values.collect::<Vec<_>>();
                view! {
                    <tr>
                        <th scope="row">{point}</th>
                        {values}
                    </tr>
                }
            });
            let rows = rows.collect::<Vec<_>>();
            let heads = series.iter().map(|line| {
                view! { <th scope="col" data-num=true>{line.name.clone()}</th> }
            });
            let heads = heads.collect::<Vec<_>>();
            view! {
                <div class="table-wrap" data-scroll=true tabindex="0">
                    <table class="table" data-dense=true>
                        <thead>
                            <tr>
                                <th scope="col">"Time"</th>
                                {heads}
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            }
            .into_any()
        })
    };
    view! {
        <details on:toggle=move |_| is_open.set(true)>
            <summary>"Show as a table"</summary>
            {table}
        </details>
    }
    .into_any()
}

/// Rounds up to a number whose quarters are whole.
pub(super) fn ceiling(most: u64) -> u64 {
    let mut step = 1;
    loop {
        for times in [1, 2, 5] {
            if step * times * LINES >= most {
                return step * times * LINES;
            }
        }
        step *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_has_whole_quarters() {
        for (most, top) in [(0, 4), (4, 4), (5, 8), (30, 40), (41, 80), (300, 400), (42_170, 80_000)] {
            assert_eq!(ceiling(most), top, "{most}");
        }
    }
}
