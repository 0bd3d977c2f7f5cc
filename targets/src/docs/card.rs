//! A model card: what the spec knows of a model, and an honest gap where it knows nothing.

use std::collections::BTreeSet;

use purlin_core::Resource;
use purlin_core::emit::Sound;
use purlin_core::query::{model as shapes, placement};
use purlin_schema::View;
use purlin_schema::kinds::contracts::{DataContract, Personal};
use purlin_schema::kinds::data::Dataset;
use purlin_schema::kinds::evaluation::Evaluation;
use purlin_schema::kinds::governance::AiSystem;
use purlin_schema::kinds::models::{Model, ModelSource};
use purlin_schema::kinds::organisation::Team;
use purlin_schema::kinds::parts::{DataUse, Metric};
use purlin_schema::kinds::training::TrainingJob;
use purlin_schema::units::Measure;
use purlin_schema::view::{ChoiceType, Rows};

use super::markdown::Page;

/// The card of one model. Fields of the model are said; those of what it is made from are read.
pub(super) fn write(sound: &Sound<'_>, resource: &Resource, model: View<'_, Model>) -> String {
    let mut page = Page::default();
    page.comment(&resource.address());
    page.heading(1, &format!("Model card: {}", resource.name));
    if let Some(doc) = model.doc().get() {
        page.paragraph(doc);
    }
    page.table(&["", ""], &facts(sound, model));
    page.heading(2, "Intended use");
    page.paragraph(model.intended_use().get().unwrap_or("Not stated."));
    page.heading(2, "Out of scope");
    page.list(&model.out_of_scope().values().map(str::to_owned).collect::<Vec<_>>());
    if let Some(job) = model.from().get().map(View::<ModelSource>::job)
        && let Ok((id, job)) = sound.ask.get::<TrainingJob>(job)
    {
        training(&mut page, sound, id, job);
    }
    evaluations(&mut page, sound, resource);
    systems(&mut page, sound, resource);
    page.finish()
}

fn row(name: &str, value: Option<String>) -> Option<Vec<String>> {
    value.map(|value| vec![name.to_owned(), value])
}

fn facts(sound: &Sound<'_>, model: View<'_, Model>) -> Vec<Vec<String>> {
    let shape = shape(sound, model);
    let from = model.from().get();
    let hub = from.and_then(|from| from.huggingface().get()).map(|repository| {
        let revision = from.and_then(|from| from.revision().get());
        revision.map_or_else(|| repository.to_owned(), |revision| format!("{repository} at {revision}"))
    });
    let owner = model.owner().get().map(|team| {
        let contact = sound.ask.get::<Team>(model.owner()).ok().and_then(|(_, team)| team.contact().get());
        contact.map_or_else(|| team.name.to_string(), |contact| format!("{}, {contact}", team.name))
    });
    let quantization = model.quantization().get().and_then(|stored| stored.variant().get());
    let rows = [
        row("Owner", owner),
        row(
            "Task",
            model.task().get().and_then(|task| task.variant().get()).map(|task| task.word().to_owned()),
        ),
        row("Architecture", shape),
        row("Taken from", hub),
        row(
            "Trained by",
            from.and_then(|from| from.job().get()).map(|job| format!("training-job.{}", job.name)),
        ),
        row("Format", model.format().get().map(|format| format.word().to_owned())),
        row("Stored in", quantization.map(|kind| kind.word().to_owned())),
        row("License", model.license().get().map(str::to_owned)),
    ];
    rows.into_iter().flatten().collect()
}

fn shape(sound: &Sound<'_>, model: View<'_, Model>) -> Option<String> {
    let name = model.architecture().get()?.name;
    let known = purlin_core::catalog::architecture(&sound.ask, name.as_str())?;
    Some(match known.parameters {
        Some(parameters) => format!("{name}, {parameters} parameters"),
        None => name.to_string(),
    })
}

fn training(page: &mut Page, sound: &Sound<'_>, id: purlin_core::ResourceId, job: View<'_, TrainingJob>) {
    page.heading(2, "Training");
    let program = job.run().get().and_then(|run| {
        let word = run.variant().get()?.word();
        Some(run.version().get().map_or_else(|| word.to_owned(), |version| format!("{word} {version}")))
    });
    let machines = placement::of(&sound.ask, id).ok().and_then(|placed| {
        let gpu = placed.gpu.as_ref().map(|gpu| gpu.name)?;
        placed.gpus().filter(|gpus| *gpus > 0).map(|gpus| format!("{gpus} × {gpu}"))
    });
    let base = shapes::shape(&sound.ask, job.model()).ok().flatten();
    let rows = [
        row("Program", program),
        row("Machines", machines),
        row("Starts from", job.model().get().map(|model| model.name.to_string())),
        row("Shape", base.map(|shape| shape.architecture.name.to_owned())),
        row(
            "Method",
            job.method().get().and_then(|method| method.variant().get()).map(|kind| kind.word().to_owned()),
        ),
        row(
            "Precision",
            job.precision()
                .get()
                .and_then(|precision| precision.compute().get())
                .map(|dtype| dtype.word().to_owned()),
        ),
        row("Tokens", job.tokens().get().map(|tokens| tokens.to_string())),
        row("Steps", job.steps().get().map(|steps| steps.to_string())),
        row("Epochs", job.epochs().get().map(|epochs| epochs.to_string())),
        row("Seed", job.seed().get().map(|seed| seed.to_string())),
        row("Calibration", job.calibrate().get().map(|kind| kind.word().to_owned())),
    ];
    page.table(&["", ""], &rows.into_iter().flatten().collect::<Vec<_>>());
    page.heading(2, "Training data");
    let rows: Vec<_> = job.data().iter().map(|used| data(sound, used)).collect();
    page.table(&["Dataset", "Version", "Part", "Contract", "Personal data", "Left out"], &rows);
}

fn data(sound: &Sound<'_>, used: View<'_, DataUse>) -> Vec<String> {
    let name = used.dataset().get().map_or(String::new(), |dataset| dataset.name.to_string());
    let dataset = sound.ask.get::<Dataset>(used.dataset()).ok().map(|(_, dataset)| dataset);
    let version = dataset.and_then(|dataset| dataset.version().get()).unwrap_or("not stated");
    let contract = dataset.and_then(|dataset| sound.ask.get::<DataContract>(dataset.contract()).ok());
    let named = contract.map(|(id, contract)| {
        let name = sound.graph().get(id).map_or("", |resource| resource.name.as_str());
        contract.version().get().map_or_else(|| name.to_owned(), |version| format!("{name} {version}"))
    });
    let personal = contract.map(|(_, contract)| {
        let fields = contract.schema().iter().flat_map(|schema| schema.field_().iter());
        let classes: BTreeSet<&str> = fields
            .filter_map(|field| field.personal().get())
            .filter(|personal| *personal != Personal::None)
            .map(ChoiceType::word)
            .collect();
        if classes.is_empty() {
            "none".to_owned()
        } else {
            classes.into_iter().collect::<Vec<_>>().join(", ")
        }
    });
    let excluded = used.exclude().get().map(|exclude| {
        let mut left_out: Vec<&str> = exclude.personal().values().map(ChoiceType::word).collect();
        left_out.extend(exclude.fields().values());
        left_out.join(", ")
    });
    let unstated = || "not stated".to_owned();
    vec![
        name,
        version.to_owned(),
        used.split().get().unwrap_or("all").to_owned(),
        named.unwrap_or_else(unstated),
        personal.unwrap_or_else(unstated),
        excluded.unwrap_or_else(|| "nothing".to_owned()),
    ]
}

/// What must be true of the model before it goes on: bounds, not results, which no spec knows.
fn evaluations(page: &mut Page, sound: &Sound<'_>, resource: &Resource) {
    page.heading(2, "Evaluation");
    let mut rows = Vec::new();
    for (measuring, evaluation) in sound.all::<Evaluation>() {
        let Some(of) = View::<Evaluation>::of(evaluation.record()).of_().get() else { continue };
        if sound.ask.follow(of, &["model"]) != Ok(resource.id) {
            continue;
        }
        let name = measuring.name.as_str();
        bounds(&mut rows, name, "", evaluation.metric());
        for benchmark in evaluation.benchmark().iter() {
            bounds(&mut rows, name, benchmark.name().get().unwrap_or(""), benchmark.metric());
        }
        for fairness in evaluation.fairness().iter() {
            let group = fairness.group().get().unwrap_or("");
            for metric in fairness.metric().iter() {
                let ratio = metric.min_ratio().get().or(fairness.min_ratio().get());
                let gap = metric.max_gap().get().or(fairness.max_gap().get());
                let bound = [
                    ratio.map(|ratio| format!("lowest at least {ratio} of highest")),
                    gap.map(|gap| format!("at most {gap} apart")),
                ];
                rows.push(vec![
                    name.to_owned(),
                    format!("{} by {group}", metric.metric().get().unwrap_or("")),
                    bound.into_iter().flatten().collect::<Vec<_>>().join(", "),
                ]);
            }
        }
    }
    page.table(&["Evaluation", "Measure", "Bound"], &rows);
}

fn bounds(rows: &mut Vec<Vec<String>>, evaluation: &str, benchmark: &str, metrics: Rows<'_, Metric>) {
    for metric in metrics.iter() {
        let bound = |word: &str, bound: Option<Measure>| bound.map(|bound| format!("{word} {bound}"));
        let both = [bound("at least", metric.min().get()), bound("at most", metric.max().get())];
        let name = metric.metric().get().unwrap_or("");
        let measure = if benchmark.is_empty() { name.to_owned() } else { format!("{name} on {benchmark}") };
        rows.push(vec![
            evaluation.to_owned(),
            measure,
            both.into_iter().flatten().collect::<Vec<_>>().join(", "),
        ]);
    }
}

fn systems(page: &mut Page, sound: &Sound<'_>, resource: &Resource) {
    page.heading(2, "Systems");
    let mut rows = Vec::new();
    for (system_resource, system) in sound.all::<AiSystem>() {
        let includes = |kind: &str, name: &str| (resource.kind.name, resource.name.as_str()) == (kind, name);
        let named = system.includes().values().any(|part| {
            let kind = part.kind.map_or("model", |kind| kind.as_str());
            includes(kind, part.name.as_str())
        });
        if named {
            rows.push(vec![
                system_resource.name.as_str().to_owned(),
                system.intended_purpose().get().unwrap_or("not stated").to_owned(),
                system.risk().get().map_or("not stated", ChoiceType::word).to_owned(),
            ]);
        }
    }
    page.table(&["System", "Purpose", "Class that is claimed"], &rows);
}
