//! Numbers over time as bars: what adds up stands on top of each other, and as a table.
use leptos::{html, prelude::*, web_sys::PointerEvent};

use super::chart::{HEIGHT, NUMBERS, Series, WIDTH, as_table, below, ceiling, legend, pointed_at, readout, scale};

/// The share of its place that a bar takes, in percent.
const FILLED: u64 = 72;

/// A chart of bars with up to four parts each.
#[component]
pub fn BarChart(
    /// What it shows, for those who can't see it: "Requests of the last hour".
    #[prop(into)]
    label: String,
    /// The parts, the lowest first.
    #[prop(into)]
    series: Signal<Vec<Series>>,
    /// The name of each point in time: "08:30".
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
        let sum = |at: usize| series.iter().map(|part| part.values.get(at).copied().unwrap_or_default()).sum::<u64>();
        ceiling((0..points.read().len()).map(sum).max().unwrap_or(0))
    });
    let head = readout(series, points, shown);
    let bars = move || {
        let (most, series, count) = (most.get(), series.read(), points.read().len());
        (0..count)
            .flat_map(|at| {
                let values: Vec<u64> = series.iter().map(|part| part.values.get(at).copied().unwrap_or_default()).collect();
                stacked(&values, at, count, most)
            })
            .map(|bar| {
                view! { <rect class="c-bar" data-series=bar.number x=bar.x y=bar.y width=bar.width height=bar.height /> }
            })
            .collect::<Vec<_>>()
    };
    let hit = move || {
        pointed.get().map(|_| {
            let count = points.read().len().max(1) as u64;
            let x = (shown.get() as u64 * WIDTH / count).to_string();
            view! { <rect class="c-hit" x=x y="0" width=(WIDTH / count).to_string() height=HEIGHT.to_string() /> }
        })
    };
    let moved = move |event: PointerEvent| {
        let count = points.read_untracked().len();
        if let Some(plot) = plot.get_untracked().filter(|_| count > 0) {
            let share = f64::from(event.offset_x()) / f64::from(plot.client_width().max(1));
            pointed.set(Some((share * count as f64).max(0.0) as usize));
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
                        {hit}
                        {bars}
                    </svg>
                </div>
                {below(ticks)}
            </div>
            <div class="chart__foot">{legend(series, Some("bars"))} {as_table(series, points)}</div>
        </figure>
    }
    .into_any()
}

/// A part of a bar.
#[derive(Debug, PartialEq, Eq)]
struct Bar {
    number: &'static str,
    x: String,
    y: String,
    width: String,
    height: String,
}

/// The parts of one bar, from below; what is there at all is seen.
fn stacked(values: &[u64], at: usize, count: usize, most: u64) -> Vec<Bar> {
    let place = WIDTH * 10 / count.max(1) as u64;
    let width = place * FILLED / 100;
    let x = place * at as u64 + (place - width) / 2;
    let mut base = HEIGHT * 10;
    let mut bars = Vec::new();
    for (value, number) in values.iter().zip(NUMBERS).filter(|(value, _)| **value > 0) {
        let height = (HEIGHT * 10 * value / most.max(1)).max(10).min(base);
        base -= height;
        bars.push(Bar { number, x: tenths(x), y: tenths(base), width: tenths(width), height: tenths(height) });
    }
    bars
}

fn tenths(number: u64) -> String {
    [(number / 10).to_string(), ".".into(), (number % 10).to_string()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stand_on_each_other_and_the_smallest_is_seen() {
        let bars = stacked(&[30, 0, 10], 1, 2, 40);
        let shape: Vec<_> = bars.iter().map(|bar| (bar.number, bar.y.as_str(), bar.height.as_str())).collect();
        assert_eq!(shape, [("1", "40.0", "120.0"), ("3", "0.0", "40.0")]);
        assert_eq!((bars[0].x.as_str(), bars[0].width.as_str()), ("456.0", "288.0"));
        assert_eq!(stacked(&[1], 0, 1, 100_000)[0].height, "1.0");
        assert_eq!(stacked(&[0, 0], 0, 60, 4), []);
    }
}
