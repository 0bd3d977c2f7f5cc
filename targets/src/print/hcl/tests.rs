use super::*;
use crate::print::testing::{May, Random, TRAPS, meaning, same, terraform_fmt, terraform_value};
use purlin_core::emit::tape::Expr;
use serde_json::{Map as Object, Value};

fn printed(tape: &Tape) -> String {
    let mut out = String::new();
    print(tape, &mut out);
    out
}

/// Prints as expected, and `terraform fmt` changes nothing.
fn check(build: impl FnOnce(&mut Tape), expect: &str) {
    let mut tape = Tape::default();
    build(&mut tape);
    let out = printed(&tape);
    assert_eq!(out, expect);
    check_fmt(&out);
}

fn check_fmt(out: &str) {
    let Some(formatted) = terraform_fmt(out) else { return };
    let Some(at) = out.lines().zip(formatted.lines()).position(|(printed, formatted)| printed != formatted)
    else {
        assert_eq!(out.len(), formatted.len());
        return;
    };
    let around = |text: &str| text.lines().skip(at.saturating_sub(5)).take(10).collect::<Vec<_>>().join("\n");
    panic!("printed:\n{}\nformatted:\n{}", around(out), around(&formatted));
}

/// Each value of a root map is read back by terraform as it is meant.
fn check_values(name: &str, build: impl FnOnce(&mut purlin_core::emit::tape::Map<'_>)) {
    let mut tape = Tape::default();
    tape.map(build);
    let out = format!("locals {{\n{}}}\n", printed(&tape));
    let Value::Object(meant) = meaning(&tape) else { unreachable!("a root map") };
    let names: Vec<&str> = meant.keys().map(String::as_str).collect();
    let all = names.iter().map(|name| format!("{name} = local.{name}")).collect::<Vec<_>>().join(", ");
    let Some(read) = terraform_value(name, &[("x.tf".to_owned(), out.clone())], &format!("{{ {all} }}"))
    else {
        return;
    };
    let empty = Object::new();
    let read = read.as_object().unwrap_or(&empty);
    for (name, meant) in &meant {
        let read = read.get(name).unwrap_or(&Value::Null);
        assert!(same(read, meant), "{name}: {read}\nmeant: {meant}\n{out}");
    }
}

#[test]
fn a_resource_reads_as_terraform_fmt_leaves_it() {
    check(
        |tape| {
            tape.comment("cluster.train");
            tape.block("resource", &["aws_eks_cluster", "train"], |b| {
                b.set("name", "train");
                b.expr("role_arn", "aws_iam_role.train.arn");
                b.set("version", "1.33");
                b.block("vpc_config", &[], |b| {
                    b.items("subnet_ids", [Expr("aws_subnet.a.id"), Expr("aws_subnet.b.id")]);
                    b.set("endpoint_public_access", false);
                });
                b.block("empty", &[], |_| ());
                b.map("tags", |t| {
                    t.set("Name", "train");
                    t.set("purlin.dev/address", "cluster.train");
                });
                b.set("after", 1);
            });
            tape.block("locals", &[], |b| {
                b.set("n", -1);
                b.map("none", |_| ());
                b.list("empty", |_| ());
                b.list("rules", |t| {
                    t.map(|t| {
                        t.set("from", 1);
                    });
                    t.comment("why");
                    t.item("x");
                });
            });
        },
        r#"# cluster.train
resource "aws_eks_cluster" "train" {
  name     = "train"
  role_arn = aws_iam_role.train.arn
  version  = "1.33"

  vpc_config {
    subnet_ids             = [aws_subnet.a.id, aws_subnet.b.id]
    endpoint_public_access = false
  }

  empty {}

  tags = {
    Name                 = "train"
    "purlin.dev/address" = "cluster.train"
  }
  after = 1
}

locals {
  n     = -1
  none  = {}
  empty = []
  rules = [
    {
      from = 1
    },
    # why
    "x",
  ]
}
"#,
    );
}

#[test]
fn calls_hug_their_last_argument() {
    check(
        |tape| {
            tape.block("x", &[], |b| {
                b.key("policy").call("jsonencode", |t| {
                    t.map(|t| {
                        t.set("Version", "2012-10-17");
                        t.list("Statement", |t| {
                            t.map(|t| {
                                t.items("Action", ["s3:GetObject"]);
                            });
                        });
                    });
                });
                b.key("tags").call("merge", |t| {
                    t.item(Expr("local.tags"));
                    t.map(|t| {
                        t.set("a", 1);
                    });
                });
                b.key("both").call("merge", |t| {
                    t.map(|t| {
                        t.set("a", 1);
                    });
                    t.item(Expr("local.tags"));
                });
                b.key("short").call("max", |t| {
                    t.item(1);
                    t.item(2);
                });
            });
        },
        r#"x {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Action = ["s3:GetObject"]
      },
    ]
  })
  tags = merge(local.tags, {
    a = 1
  })
  both = merge(
    {
      a = 1
    },
    local.tags
  )
  short = max(1, 2)
}
"#,
    );
}

#[test]
fn whole_lines_are_heredocs_and_align() {
    check(
        |tape| {
            tape.block("x", &[], |b| {
                b.set("a", 1);
                b.set("script", "#!/bin/sh\n\n  echo ${HOME}\n");
                b.key("data").template(|t| {
                    t.text("id: ");
                    t.expr("local.id");
                    t.text("\nend\n");
                });
                b.key("arn").template(|t| {
                    t.text("arn:$");
                    t.expr("local.x");
                    t.text(":\"y\"");
                });
                b.key("alone").template(|t| t.expr("local.x"));
                b.set("no", "a\nb");
            });
        },
        r#"x {
  a      = 1
  script = <<-EOT
    #!/bin/sh

      echo $${HOME}
  EOT
  data   = <<-EOT
    id: ${local.id}
    end
  EOT
  arn    = "arn:\u0024${local.x}:\"y\""
  alone  = local.x
  no     = "a\nb"
}
"#,
    );
}

#[test]
fn a_second_tape_follows_after_a_blank_line() {
    let mut tape = Tape::default();
    tape.block("a", &[], |_| ());
    let mut out = String::new();
    print(&tape, &mut out);
    print(&tape, &mut out);
    assert_eq!(out, "a {}\n\na {}\n");
    check(
        |tape| {
            tape.map(|t| {
                t.set("region", "x");
            });
        },
        "region = \"x\"\n",
    );
}

#[test]
fn every_trap_is_read_back_as_a_value_and_as_a_key() {
    let fill = |t: &mut purlin_core::emit::tape::Map<'_>| {
        for (index, trap) in TRAPS.iter().enumerate() {
            t.set(&format!("v{index}"), *trap);
        }
        t.items("values", TRAPS.iter().copied());
        t.pairs("keys", TRAPS.iter().map(|trap| (trap, *trap)));
    };
    check_values("traps", fill);
    let mut tape = Tape::default();
    tape.map(fill);
    check_fmt(&printed(&tape));
}

#[test]
fn random_values_are_read_back() {
    let mut random = Random(11);
    check_values("random", |t| {
        for index in 0..60 {
            t.map(&format!("v{index}"), |t| random.fill_map(t, 3, May { null: true, comment: true }));
        }
    });
}

#[test]
fn terraform_fmt_changes_no_random_file() {
    let mut random = Random(5);
    let mut tape = Tape::default();
    for _ in 0..25 {
        tape.comment(&random.string());
        tape.block("resource", &["x", "y"], |b| random.fill_body(b, 4));
    }
    check_fmt(&printed(&tape));
}
