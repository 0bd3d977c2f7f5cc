//! `security.image-pinned`: an image without a digest may be another one tomorrow.

use purlin_schema::Value;
use purlin_schema::units::Quantity;
use purlin_syntax::{Level, Span};

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::walk;

/// The rule.
pub static RULE: Rule = Rule {
    id: "security.image-pinned",
    level: Level::Warning,
    summary: "an image without a digest",
    scope: Scope::Item,
    page: include_str!("image_pinned.md"),
    run: Run::Each(
        &["training-job", "serving", "batch-inference", "pipeline", "evaluation", "tool", "guardrail"],
        check,
    ),
};

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let resource = check.ask.resource(id).ok_or(purlin_schema::Silent)?;
    let mut loose: Vec<(String, Span)> = Vec::new();
    walk::scalars(&resource.record, &mut |found| {
        if let Value::Quantity(Quantity::ImageRef(image)) = found.value
            && image.digest().is_none()
        {
            loose.push((image.to_string(), found.span));
        }
    });
    for (image, span) in loose {
        let finding = check
            .finding(format!("the image of {} has no digest", resource.address()), span)
            .with_note(format!("`{image}` may be another image tomorrow, with the same name"))
            .with_note("write the digest behind it: `@sha256:…`");
        check.report(finding);
    }
    Ok(())
}
