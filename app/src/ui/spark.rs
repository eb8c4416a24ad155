//! A line without axes, and the paths all charts are drawn with.
use leptos::prelude::*;

use super::Tone;

/// The shape of some numbers, beside one of them. Says nothing on its own, so nothing is read out.
#[component]
pub fn Spark(
    /// The numbers, oldest first.
    #[prop(into)]
    values: Signal<Vec<u64>>,
    /// Danger for numbers that should be small.
    #[prop(optional)]
    tone: Tone,
) -> impl IntoView {
    let line = Memo::new(move |_| {
        let values = values.read();
        let most = values.iter().copied().max().unwrap_or_default().max(1);
        // Two units of air, so that the line is not cut at the edges.
        path(&values, most, 88, 28, 2)
    });
    let area = move || closed(&line.read(), 88, 32);
    view! {
        <svg
            class="spark"
            data-tone=tone.as_str()
            viewBox="0 0 88 32"
            preserveAspectRatio="none"
            aria-hidden="true"
        >
            <path class="c-area" d=area />
            <path class="c-line" d=line />
        </svg>
    }
    .into_any()
}

/// Draws values from 0 to `most` as a soft line, `width` by `height`, `top` below the edge.
pub(super) fn path(values: &[u64], most: u64, width: u64, height: u64, top: u64) -> String {
    let last = (values.len().max(2) - 1) as u64;
    let x = |at: usize| width * 10 * at as u64 / last;
    let y = |value: u64| top * 10 + height * 10 * (most - value.min(most)) / most.max(1);
    let mut out = String::with_capacity(values.len() * 32);
    for (at, value) in values.iter().enumerate() {
        if at == 0 {
            point(&mut out, 'M', x(0), y(*value));
            continue;
        }
        let middle = x(at - 1).midpoint(x(at));
        point(&mut out, 'C', middle, y(values[at - 1]));
        point(&mut out, ' ', middle, y(*value));
        point(&mut out, ' ', x(at), y(*value));
    }
    out
}

/// Closes a line to an area above the base.
pub(super) fn closed(line: &str, width: u64, base: u64) -> String {
    if line.is_empty() {
        return String::new();
    }
    let mut out = line.to_owned();
    point(&mut out, 'L', width * 10, base * 10);
    point(&mut out, 'L', 0, base * 10);
    out.push('Z');
    out
}

/// Writes a point given in tenths: formatting floats would cost more than all charts.
fn point(out: &mut String, before: char, x: u64, y: u64) {
    out.push(before);
    tenths(out, x);
    out.push(' ');
    tenths(out, y);
}

fn tenths(out: &mut String, number: u64) {
    out.push_str(&(number / 10).to_string());
    if !number.is_multiple_of(10) {
        out.push('.');
        out.push_str(&(number % 10).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_value_touches_the_top_and_nothing_the_base() {
        let line = path(&[0, 10], 10, 88, 28, 2);
        assert_eq!(line, "M0 30C44 30 44 2 88 2");
        assert_eq!(closed(&line, 88, 32), "M0 30C44 30 44 2 88 2L88 32L0 32Z");
    }

    #[test]
    fn nothing_and_one_value_draw_without_trouble() {
        assert_eq!(path(&[], 1, 88, 28, 2), "");
        assert_eq!(path(&[1], 1, 88, 28, 2), "M0 2");
    }
}
