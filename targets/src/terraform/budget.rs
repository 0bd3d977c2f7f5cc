//! `budget.tf`: what AWS warns of by mail, from the budgets of the platform and of its teams.

use purlin_core::Resource;
use purlin_core::compose;
use purlin_core::emit::Part;
use purlin_schema::Field;
use purlin_schema::kinds::organisation::{Platform, Team};
use purlin_schema::units::{Currency, Money, MoneyRate};
use purlin_schema::{Reference, View};

use super::files::{Files, OWNER_TAG, Subject, tags};
use super::layout::Scope;

/// Warnings: how much of the month's amount, spent or as AWS foresees it.
const WARNINGS: [(u64, &str); 2] = [(80, "ACTUAL"), (100, "FORECASTED")];

pub(super) fn write(scope: &Scope<'_>, files: &mut Files<'_>) {
    // Budgets are of environments: what they share is paid for with the rest of the account.
    if scope.sound().part == Part::Shared {
        return;
    }
    files.file("budget.tf");
    for (resource, view) in scope.sound().all::<Platform>() {
        let mail = contact(scope, view.owner());
        budget(scope, files, &Subject::of(resource, view), view.budget(), mail.as_deref(), None);
    }
    for (resource, view) in scope.sound().all::<Team>() {
        let mail = view.contact().get().filter(|contact| contact.contains('@'));
        budget(scope, files, &Subject::of(resource, view), view.budget(), mail, Some(resource));
    }
}

fn contact(scope: &Scope<'_>, owner: Field<Reference>) -> Option<String> {
    let (_, team) = scope.sound().ask.get::<Team>(owner).ok()?;
    team.contact().get().filter(|contact| contact.contains('@')).map(str::to_owned)
}

fn budget(
    scope: &Scope<'_>,
    files: &mut Files<'_>,
    subject: &Subject<'_>,
    rate: Field<MoneyRate>,
    mail: Option<&str>,
    team: Option<&Resource>,
) {
    let Some(amount) = rate.get().and_then(MoneyRate::month) else { return };
    let Some(dollars) = in_dollars(scope, amount) else {
        let reason = "AWS counts in USD, and the platform says no exchange-rate";
        return scope.layout.loss(subject.resource, "budget", reason);
    };
    files.resource(subject, "aws_budgets_budget", "", |b| {
        let parts =
            [scope.layout.platform, team.map_or("", |team| team.name.as_str()), scope.cloud.0.name.as_str()];
        b.set("name", scope.layout.name(compose::AWS_NAME, &parts));
        b.set("budget_type", "COST");
        b.set("time_unit", "MONTHLY");
        b.set("limit_amount", decimal(dollars)).from(rate.span());
        b.set("limit_unit", "USD");
        tags(b, subject, None);
        if let Some(team) = team {
            b.block("cost_filter", &[], |b| {
                b.set("name", "TagKeyValue");
                b.items("values", [format!("user:{OWNER_TAG}${}", team.name)]);
            });
        }
        for (percent, kind) in WARNINGS {
            let Some(mail) = mail else { continue };
            b.block("notification", &[], |b| {
                b.set("comparison_operator", "GREATER_THAN");
                b.set("threshold", percent);
                b.set("threshold_type", "PERCENTAGE");
                b.set("notification_type", kind);
                b.items("subscriber_email_addresses", [mail]);
            });
        }
    });
}

/// An amount in dollars, by the platform's own exchange rate where it is in another currency.
fn in_dollars(scope: &Scope<'_>, amount: Money) -> Option<Money> {
    if amount.currency == Currency::USD {
        return Some(amount);
    }
    let platforms = scope.sound().ask.all::<Platform>();
    let (_, platform): &(_, View<'_, Platform>) = platforms.first()?;
    let code = amount.currency.code();
    platform.exchange_rate().iter().find_map(|row| {
        let (from, to, rate) = (row.from().get()?, row.to().get()?, row.rate().get()?);
        match (from, to) {
            (from, "USD") if from == code => amount.convert(Currency::USD, rate),
            ("USD", to) if to == code && rate > 0.0 => amount.convert(Currency::USD, 1.0 / rate),
            _ => None,
        }
    })
}

/// An amount with cents, and without them where there are none.
fn decimal(money: Money) -> String {
    let cents = (money.micros + 5_000) / 10_000;
    if cents % 100 == 0 { (cents / 100).to_string() } else { format!("{}.{:02}", cents / 100, cents % 100) }
}
