//! What fits, and what it costs.

use std::borrow::Cow;
use std::fmt::Write as _;

use purlin_core::plan::Facts;
use purlin_core::plan::consequences::{fit_text, money, total};

use super::View;
use crate::planning::Planned;
use crate::views::escape;
use crate::views::plan_parts as parts;
use crate::views::words::{count, fit, grouped};

impl View<'_> {
    /// What fits, and by how much.
    pub(super) fn fits(&mut self, planned: &Planned) {
        let fitted = parts::fitted(planned);
        if fitted.is_empty() {
            return;
        }
        let known = fitted.iter().filter(|(_, facts)| facts.fit.is_some()).count();
        let unknown = fitted.len() - known;
        let aside = if unknown == 0 { String::new() } else { format!(", of {unknown} it is not known") };
        self.title("Fits", &format!("memory of one GPU, {}{aside}", count(known, "workload")));
        let width = fitted.iter().map(|(address, _)| address.chars().count()).max().unwrap_or(0);
        for (address, facts) in fitted {
            let address = escape::line(address).into_owned();
            let line =
                fit_line(facts).or_else(|| facts.unfit.clone().map(Cow::into_owned)).unwrap_or_default();
            self.hanging(&address, width, &line);
        }
    }

    pub(super) fn costs(&mut self, planned: &Planned) {
        let paid = parts::paid(planned);
        if paid.is_empty() {
            return;
        }
        let now = total(planned.now());
        let unknown = paid.iter().filter(|(_, facts)| facts.monthly.is_none()).count();
        let mut aside = money(now.as_ref());
        if unknown > 0 && now.is_some() {
            let _ = write!(aside, ", and {unknown} without a known price");
        }
        self.title("Costs", &aside);
        let width = paid.iter().map(|(address, _)| address.chars().count()).max().unwrap_or(0);
        for (address, facts) in paid {
            let amount = match &facts.monthly {
                Some(monthly) => money(Some(monthly)),
                None => "no known price".to_owned(),
            };
            let bought = facts.purchase.as_ref().map_or(String::new(), |what| format!(" · {what}"));
            let nodes = facts.nodes.map_or(String::new(), |(low, high)| {
                if low == high {
                    format!(" · {}", count(high as usize, "node"))
                } else {
                    format!(" · {low} to {high} nodes")
                }
            });
            let line = escape::line(&format!("{amount}{nodes}{bought}")).into_owned();
            let address = escape::line(address).into_owned();
            let _ = writeln!(
                self.out,
                "  {address:width$}  {}",
                fit(&line, self.screen.width.saturating_sub(width + 4))
            );
        }
    }
}

/// `61.2–74.0 of 79.1 GiB on h100-sxm5-80gb × 8, fits`.
pub(crate) fn fit_line(facts: &Facts) -> Option<String> {
    let text = fit_text(facts)?;
    let fit = facts.fit.as_ref()?;
    let gpus = fit.gpus.map_or(String::new(), |gpus| format!(" × {gpus}"));
    let contexts = fit.contexts.map_or(String::new(), |(low, high)| {
        let number =
            if low == high { grouped(high) } else { format!("{}–{}", grouped(low), grouped(high)) };
        format!(", {number} contexts at once")
    });
    let verdict = match fit.verdict.as_str() {
        "fits" => "fits",
        "does-not-fit" => "does not fit",
        _ => "too close to tell",
    };
    Some(format!("{verdict}: {text}{gpus}{contexts}"))
}
