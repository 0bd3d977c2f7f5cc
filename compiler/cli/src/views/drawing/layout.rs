//! Where boxes stand, and where arrows pass between them.

use std::collections::{BTreeMap, BTreeSet};

use super::Drawing;

/// A box.
pub(super) const WIDTH: usize = 190;
/// A box.
pub(super) const HEIGHT: usize = 44;
/// Between columns.
pub(super) const GAP_X: usize = 90;
/// Around everything.
pub(super) const MARGIN: usize = 20;
const GAP_Y: usize = 16;

/// Columns of boxes. An arrow that passes columns goes through a lane of its own in each, beside the boxes; all arrows to
/// the same box share it.
pub(super) struct Layout {
    /// The column and the upper edge of each box.
    pub(super) boxes: Vec<(usize, usize)>,
    /// The height of a lane, by its column and the box it leads to.
    lanes: BTreeMap<(usize, usize), usize>,
}

impl Layout {
    /// Lays a drawing out from left to right.
    pub(super) fn of(drawing: &Drawing) -> Layout {
        let mut layers = layers(drawing);
        draw_near(drawing, &mut layers);
        let mut incoming: Vec<Vec<usize>> = vec![Vec::new(); drawing.boxes.len()];
        for (from, to, _) in &drawing.arrows {
            incoming[*to].push(*from);
        }
        let mut layout =
            Layout { boxes: layers.iter().map(|layer| (*layer, 0)).collect(), lanes: BTreeMap::new() };
        for (layer, column) in columns(drawing, &layers).into_iter().enumerate() {
            // Near to those who refer to them, who are placed already.
            let mut keyed: Vec<(usize, bool, usize)> =
                column.into_iter().map(|(lane, n)| (layout.wish(layer, n, &incoming[n]), lane, n)).collect();
            keyed.sort_unstable();
            let mut y = MARGIN;
            for (_, lane, n) in keyed {
                if lane {
                    layout.lanes.insert((layer, n), y);
                    y += GAP_Y;
                } else {
                    layout.boxes[n].1 = y;
                    y += HEIGHT + GAP_Y;
                }
            }
        }
        layout
    }

    /// Width and height of the picture.
    pub(super) fn size(&self) -> (usize, usize) {
        let right = self.boxes.iter().map(|(layer, _)| left(*layer) + WIDTH).max().unwrap_or(0);
        let boxes = self.boxes.iter().map(|(_, y)| y + HEIGHT);
        let bottom = boxes.chain(self.lanes.values().copied()).max().unwrap_or(0);
        (right + MARGIN, bottom + MARGIN)
    }

    /// The height at which arrows to a box pass a column.
    pub(super) fn lane(&self, layer: usize, to: usize) -> Option<usize> {
        self.lanes.get(&(layer, to)).copied()
    }

    /// The mean height of what leads to a box from the column before; its own number where nothing does.
    fn wish(&self, layer: usize, n: usize, incoming: &[usize]) -> usize {
        let Some(before) = layer.checked_sub(1) else { return n };
        let boxes = incoming.iter().map(|from| self.boxes[*from]);
        let near = boxes.filter(|(layer, _)| *layer == before).map(|(_, y)| y + HEIGHT / 2);
        let heights: Vec<usize> = near.chain(self.lane(before, n)).collect();
        if heights.is_empty() { n } else { heights.iter().sum::<usize>() / heights.len() }
    }
}

/// The left edge of a column.
pub(super) fn left(layer: usize) -> usize {
    MARGIN + layer * (WIDTH + GAP_X)
}

/// What stands in each column: whether it is a lane, and the box, or the box that the lane leads to.
fn columns(drawing: &Drawing, layers: &[usize]) -> Vec<BTreeSet<(bool, usize)>> {
    let depth = layers.iter().max().map_or(0, |deepest| deepest + 1);
    let mut columns = vec![BTreeSet::new(); depth];
    for (n, layer) in layers.iter().enumerate() {
        columns[*layer].insert((false, n));
    }
    for (from, to, _) in &drawing.arrows {
        for column in columns.iter_mut().take(layers[*to]).skip(layers[*from] + 1) {
            column.insert((true, *to));
        }
    }
    columns
}

/// Moves boxes to which nothing leads next to the first of those they lead to.
fn draw_near(drawing: &Drawing, layers: &mut [usize]) {
    let mut nearest = vec![usize::MAX; layers.len()];
    let mut led_to = vec![false; layers.len()];
    for (from, to, _) in drawing.arrows.iter().filter(|(from, to, _)| from != to) {
        nearest[*from] = nearest[*from].min(layers[*to]);
        led_to[*to] = true;
    }
    for (n, layer) in layers.iter_mut().enumerate() {
        if !led_to[n] && nearest[n] != usize::MAX {
            *layer = nearest[n].saturating_sub(1);
        }
    }
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

#[cfg(test)]
mod tests {
    use super::super::{Box, Drawing};
    use super::{HEIGHT, Layout};

    /// No arrow may pass behind a box: its lane in each column is beside all of them.
    #[track_caller]
    fn check(count: usize, arrows: &[(usize, usize)]) {
        let boxes = (0..count).map(|n| Box { kind: "team", name: n.to_string() }).collect();
        let arrows = arrows.iter().map(|(from, to)| (*from, *to, "to")).collect();
        let drawing = Drawing { title: None, boxes, arrows };
        let layout = Layout::of(&drawing);
        for (from, to, _) in &drawing.arrows {
            for layer in layout.boxes[*from].0 + 1..layout.boxes[*to].0 {
                let lane = layout.lane(layer, *to).expect("a lane in every column between");
                let column = layout.boxes.iter().filter(|(column, _)| *column == layer);
                assert!(column.into_iter().all(|(_, y)| lane < *y || lane > y + HEIGHT), "{from} → {to}");
            }
        }
    }

    #[test]
    fn arrows_pass_beside_boxes() {
        check(3, &[(0, 1), (1, 2), (0, 2)]);
        check(6, &[(0, 1), (1, 2), (2, 3), (0, 3), (4, 1), (4, 3), (5, 3), (0, 2)]);
    }

    #[test]
    fn a_circle_is_laid_out_too() {
        check(3, &[(0, 1), (1, 2), (2, 0), (1, 1)]);
    }
}
