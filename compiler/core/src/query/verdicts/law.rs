//! Facts of the EU AI Act: Regulation (EU) 2024/1689 as amended by Regulation (EU) 2026/1744 (in force 2026-07-27).
//!
//! Status of the law as read on 2026-08-05. The original articles were read in the Official Journal's text; the dates of
//! the amendment in its consolidated Article 113 as quoted by two independent sources, not in the Journal itself.

use purlin_schema::kinds::governance::AnnexIii;
use purlin_schema::units::Date;

/// Articles 1 to 5: literacy, prohibitions. Art. 113(a), unchanged.
pub const LITERACY: (i32, u32, u32) = (2025, 2, 2);
/// Chapter V: general-purpose models. Art. 113(b), unchanged.
pub const GENERAL_PURPOSE: (i32, u32, u32) = (2025, 8, 2);
/// General-purpose models that were placed on the market before Chapter V applied. Art. 111(3).
pub const GENERAL_PURPOSE_EARLIER: (i32, u32, u32) = (2027, 8, 2);
/// Article 50: transparency. Art. 113, the general date.
pub const TRANSPARENCY: (i32, u32, u32) = (2026, 8, 2);
/// Art. 50(2) for systems placed on the market before the general date. Art. 111(4), new in 2026/1744.
pub const MARKING_EARLIER: (i32, u32, u32) = (2026, 12, 2);
/// Chapter III sections 1 to 3 for systems of Annex III. Art. 113(c) as amended; 2026-08-02 before.
pub const ANNEX_III: (i32, u32, u32) = (2027, 12, 2);
/// Chapter III sections 1 to 3 for systems of Annex I. Art. 113(c) as amended; 2027-08-02 before.
pub const ANNEX_I: (i32, u32, u32) = (2028, 8, 2);

/// Computation above which a model that generates is taken for a general-purpose one, in FLOP. Commission guidelines
/// C(2025) 7719, point 17.
pub const GENERAL_PURPOSE_FLOP: f64 = 1e23;
/// Computation above which systemic risk is presumed, in FLOP. Art. 51(2).
pub const SYSTEMIC_FLOP: f64 = 1e25;
/// The share of the original's computation above which who modifies a model becomes its provider. Guidelines, points 60
/// and 61: where the original's is unknown, a third of the threshold counts.
pub const MODIFIER_SHARE: f64 = 1.0 / 3.0;

/// The least time that logs are kept, in months. Art. 19(1) and 26(6).
pub const LOG_MONTHS: u32 = 6;
/// The time that the technical file is kept, in years. Art. 18(1).
pub const FILE_YEARS: u32 = 10;

/// Licenses under which third parties make components freely available, so that Art. 25(4) asks no written agreement of
/// them. SPDX identifiers, lower case; the Open Source Initiative has approved each.
pub const FREE_LICENSES: [&str; 9] =
    ["apache-2.0", "bsd-2-clause", "bsd-3-clause", "gpl-2.0", "gpl-3.0", "isc", "lgpl-3.0", "mit", "mpl-2.0"];

/// A date of this table.
pub fn date((year, month, day): (i32, u32, u32)) -> Option<Date> {
    Date::of(year, month, day)
}

/// Whether Art. 27(1) asks every deployer for an assessment of fundamental rights: points 5(b) and 5(c) of Annex III.
pub fn assesses_rights(use_: AnnexIii) -> bool {
    matches!(use_, AnnexIii::Creditworthiness | AnnexIii::LifeAndHealthInsurance)
}

/// Whether a use is one of employment, of which workers are told before (Art. 26(7)): point 4 of Annex III.
pub fn at_work(use_: AnnexIii) -> bool {
    matches!(use_, AnnexIii::Recruitment | AnnexIii::WorkManagement)
}

/// Whether a notified body may have to assess conformity (Art. 43(1)): point 1 of Annex III.
pub fn is_biometric(use_: AnnexIii) -> bool {
    matches!(
        use_,
        AnnexIii::RemoteIdentification | AnnexIii::BiometricCategorisation | AnnexIii::EmotionRecognition
    )
}
