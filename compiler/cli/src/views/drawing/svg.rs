//! A picture in layers: what refers to something stands left of it.

use std::fmt::Write as _;

use super::{Drawing, entities};
use crate::views::escape;

const WIDTH: usize = 190;
const HEIGHT: usize = 44;
const GAP_X: usize = 90;
const GAP_Y: usize = 16;
const MARGIN: usize = 20;

/// Draws the graph.
pub(crate) fn draw(drawing: &Drawing) -> String {
    let places = places(drawing);
    let right = places.iter().map(|(x, _)| x + WIDTH).max().unwrap_or(0) + MARGIN;
    let bottom = places.iter().map(|(_, y)| y + HEIGHT).max().unwrap_or(0) + MARGIN;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{right}\" height=\"{bottom}\" viewBox=\"0 0 {right} {bottom}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <defs><marker id=\"a\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
         orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#777\"/></marker></defs>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    if let Some(title) = &drawing.title {
        let title = entities(&escape::line(title));
        let _ = writeln!(
            out,
            "<title>{title}</title>\n<text x=\"{MARGIN}\" y=\"14\" fill=\"#555\">{title}</text>"
        );
    }
    for (from, to, relation) in &drawing.arrows {
        arrow(&mut out, places[*from], places[*to], relation);
    }
    for (shown, (x, y)) in drawing.boxes.iter().zip(&places) {
        let (middle, first, second) = (x + WIDTH / 2, y + 18, y + 35);
        let _ = writeln!(
            out,
            "<g><rect x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"6\" fill=\"{}\" stroke=\"#555\"/>\
             <text x=\"{middle}\" y=\"{first}\" text-anchor=\"middle\" fill=\"#555\">{}</text>\
             <text x=\"{middle}\" y=\"{second}\" text-anchor=\"middle\" font-weight=\"bold\">{}</text></g>",
            fill(shown.kind),
            entities(shown.kind),
            entities(&short(&shown.name))
        );
    }
    out.push_str("</svg>\n");
    out
}

fn arrow(out: &mut String, from: (usize, usize), to: (usize, usize), relation: &str) {
    let (x1, y1) = (from.0 + WIDTH, from.1 + HEIGHT / 2);
    let (x2, y2) = (to.0, to.1 + HEIGHT / 2);
    let bend = GAP_X / 2;
    // A relation back to the left leaves and arrives on the outer sides, too: the curve swings around.
    let (c1, c2) = (x1 + bend, x2.saturating_sub(bend));
    let _ = writeln!(
        out,
        "<path d=\"M{x1} {y1}C{c1} {y1} {c2} {y2} {x2} {y2}\" fill=\"none\" stroke=\"#999\" marker-end=\"url(#a)\">\
         <title>{}</title></path>",
        entities(relation)
    );
}

/// The top left corner of each box.
fn places(drawing: &Drawing) -> Vec<(usize, usize)> {
    let layers = layers(drawing);
    let depth = layers.iter().max().map_or(0, |deepest| deepest + 1);
    let mut columns: Vec<Vec<usize>> = vec![Vec::new(); depth];
    for (n, layer) in layers.iter().enumerate() {
        columns[*layer].push(n);
    }
    let mut places = vec![(0, 0); drawing.boxes.len()];
    let mut rows = vec![0_usize; drawing.boxes.len()];
    for (layer, column) in columns.iter_mut().enumerate() {
        // Near to those who refer to them, who are placed already.
        let mut keyed: Vec<(usize, usize)> =
            column.iter().map(|n| (mean_row(drawing, &layers, &rows, *n), *n)).collect();
        keyed.sort_unstable();
        for (row, (_, n)) in keyed.into_iter().enumerate() {
            rows[n] = row;
            places[n] = (MARGIN + layer * (WIDTH + GAP_X), MARGIN + row * (HEIGHT + GAP_Y));
        }
    }
    places
}

/// The mean row of those who refer to a box from the left, in hundredths; its own number where nobody does.
fn mean_row(drawing: &Drawing, layers: &[usize], rows: &[usize], n: usize) -> usize {
    let before: Vec<usize> = drawing
        .arrows
        .iter()
        .filter(|(from, to, _)| *to == n && layers[*from] < layers[n])
        .map(|(from, ..)| rows[*from] * 100)
        .collect();
    if before.is_empty() { n * 100 } else { before.iter().sum::<usize>() / before.len() }
}

/// How many relations lead to a box at most; within a circle, no more than there are boxes.
fn layers(drawing: &Drawing) -> Vec<usize> {
    let count = drawing.boxes.len();
    let mut outgoing: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut waiting = vec![0_usize; count];
    for (from, to, _) in drawing.arrows.iter().filter(|(from, to, _)| from != to) {
        outgoing[*from].push(*to);
        waiting[*to] += 1;
    }
    let mut layers = vec![0; count];
    let mut done = vec![false; count];
    let mut ready: Vec<usize> = (0..count).rev().filter(|n| waiting[*n] == 0).collect();
    for _ in 0..count {
        // In a circle nobody is ready: the first that is left breaks it.
        let Some(n) = ready.pop().or_else(|| (0..count).find(|n| !done[*n])) else { break };
        if std::mem::replace(&mut done[n], true) {
            continue;
        }
        for &to in outgoing[n].iter().filter(|to| !done[**to]).collect::<Vec<_>>() {
            layers[to] = layers[to].max(layers[n] + 1);
            waiting[to] = waiting[to].saturating_sub(1);
            if waiting[to] == 0 {
                ready.push(to);
            }
        }
    }
    layers
}

fn short(name: &str) -> String {
    super::super::words::fit(name, 24)
}

/// A colour for each sort of kind.
fn fill(kind: &str) -> &'static str {
    match kind {
        "cloud" | "network" | "cluster" | "gpu-pool" | "cpu-pool" | "tpu-pool" | "queue" | "key" => "#e8f0fe",
        "storage" | "broker" | "stream" | "dataset" | "data-contract" | "database" | "pipeline"
        | "feature-view" => "#e6f4ea",
        "model" | "architecture" | "training-job" | "evaluation" | "tracking" => "#fef7e0",
        "serving" | "route" | "gateway" | "batch-inference" | "agent" | "tool" | "monitor" => "#fce8e6",
        _ => "#f3f3f3",
    }
}
