//! A picture in layers: what refers to something stands left of it.

use std::fmt::Write as _;

use super::layout::{GAP_X, HEIGHT, Layout, MARGIN, WIDTH, left};
use super::{Drawing, entities};
use crate::views::escape;

/// Draws the graph.
pub(crate) fn draw(drawing: &Drawing) -> String {
    let layout = Layout::of(drawing);
    let (right, bottom) = layout.size();
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
        let path = path(&layout, *from, *to);
        let _ = writeln!(
            out,
            "<path d=\"{path}\" fill=\"none\" stroke=\"#999\" marker-end=\"url(#a)\"><title>{}</title></path>",
            entities(relation)
        );
    }
    for (shown, (layer, y)) in drawing.boxes.iter().zip(&layout.boxes) {
        let x = left(*layer);
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

/// From box to box, in the lanes of the columns between them. A relation back to the left leaves and arrives on the outer
/// sides, too: its curve swings around.
fn path(layout: &Layout, from: usize, to: usize) -> String {
    let ((first, y), (last, end)) = (layout.boxes[from], layout.boxes[to]);
    let (mut x, mut y) = (left(first) + WIDTH, y + HEIGHT / 2);
    let mut path = format!("M{x} {y}");
    for layer in first + 1..last {
        let Some(lane) = layout.lane(layer, to) else { continue };
        curve(&mut path, (x, y), (left(layer), lane));
        (x, y) = (left(layer) + WIDTH, lane);
        let _ = write!(path, "H{x}");
    }
    curve(&mut path, (x, y), (left(last), end + HEIGHT / 2));
    path
}

fn curve(path: &mut String, (x1, y1): (usize, usize), (x2, y2): (usize, usize)) {
    let bend = GAP_X / 2;
    let _ = write!(path, "C{} {y1} {} {y2} {x2} {y2}", x1 + bend, x2.saturating_sub(bend));
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
