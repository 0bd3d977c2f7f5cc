//! Evaluations: what has to be true of a model before it may go on.

use purlin_derive::{Choice, Kind, Record};

use crate::kinds::data::Pipeline;
use crate::kinds::gateway::Route;
use crate::kinds::models::{Adapter, Model};
use crate::kinds::parts::{Arg, DataUse, Image, Metric, Placement, SecretUse};
use crate::kinds::serving::Serving;
use crate::units::{Measure, Ratio, Version};
use crate::view::{List, Many, Map, Ref, Text};

/// Measurements that decide whether a model may go on.
#[derive(Kind)]
pub struct Evaluation {
    /// What is measured.
    #[field(required)]
    pub of: Ref<(Model, Adapter, Pipeline, Serving)>,
    /// Where it runs, and how much it takes.
    pub on: Placement,
    /// The program that measures.
    pub run: EvaluationRun,
    /// The image with the program.
    pub image: Image,
    /// The data that it measures on.
    pub data: Many<DataUse>,
    /// The score above which a case counts as positive.
    pub threshold: f64,
    /// The endpoint that judges answers.
    pub judge: Ref<(Serving, Route, Model)>,
    /// Bounds that must hold.
    pub metric: Many<Metric>,
    /// Bounds on public, or the team's own, benchmarks.
    pub benchmark: Many<Benchmark>,
    /// Bounds on how far groups of people may lie apart.
    pub fairness: Many<Fairness>,
    /// Bounds relative to another model.
    pub compare: Many<Compare>,
    /// What may not happen while it fails. Default: nothing, it only reports.
    pub blocks: Blocks,
    /// Environment variables, as the program names them.
    pub env: Map,
    /// Secrets that it is handed.
    pub secret: Many<SecretUse>,
}

/// The program of an evaluation.
#[derive(Record)]
pub struct EvaluationRun {
    /// Which.
    #[field(argument, required)]
    pub variant: EvaluationProgram,
    /// Its version.
    pub version: Version,
    /// Arguments handed to it as written, checked against the flags that it is known to have.
    pub arg: Many<Arg>,
    /// The command and its words.
    #[field(only("custom"))]
    pub command: List<Text>,
}

/// Programs that measure.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum EvaluationProgram {
    /// EleutherAI's harness for language models.
    LmEvaluationHarness,
    /// XGBoost.
    Xgboost,
    /// Any other: `command` says how it is started.
    Custom,
}

/// A benchmark and what must be reached on it.
#[derive(Record)]
pub struct Benchmark {
    /// Its name, as the program knows it.
    #[field(argument, key, required)]
    pub name: Text,
    /// Solved examples that precede each question. Default: the benchmark's own.
    pub few_shot: u64,
    /// Bounds that must hold.
    pub metric: Many<Metric>,
}

/// How far groups of people may lie apart: by one metric on the line, or by several in the block.
#[derive(Record)]
pub struct Fairness {
    /// The field that makes the groups.
    #[field(argument, key, required)]
    pub group: Text,
    /// The metrics by which the groups are compared.
    #[field(key = 2)]
    pub metric: Many<FairnessMetric>,
    /// The least that the lowest group's value may be of the highest one's, for every metric that says no other.
    pub min_ratio: Ratio,
    /// The most that the highest and the lowest group's value may differ, for every metric that says no other.
    pub max_gap: Measure,
    /// Groups with fewer cases are not judged. Default: all are.
    pub min_size: u64,
    /// Ranges of the field that make the groups: `18..25`, `61..`. Default: each value is a group.
    pub bands: List<Text>,
}

/// One metric by which groups are compared.
#[derive(Record)]
pub struct FairnessMetric {
    /// The metric.
    #[field(argument, key, required)]
    pub metric: Text,
    /// The least that the lowest group's value may be of the highest one's.
    pub min_ratio: Ratio,
    /// The most that the highest and the lowest group's value may differ.
    pub max_gap: Measure,
}

/// A bound relative to another model.
#[derive(Record)]
pub struct Compare {
    /// The other model.
    #[field(argument, key, required)]
    pub against: Rival,
    /// What is compared.
    #[field(key = 2, required)]
    pub metric: Text,
    /// By how much this one must be better; below 0 it may be worse by that much.
    #[field(required)]
    pub min_gain: f64,
}

/// With what a model is compared.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rival {
    /// The model that serves today.
    Champion,
}

/// What an evaluation may block.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Blocks {
    /// A model's way into production.
    Promotion,
}
