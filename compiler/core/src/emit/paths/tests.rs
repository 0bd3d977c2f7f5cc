use super::*;

fn check(format: Format, text: &str, expect: &[(&str, &str)]) {
    let fields = fields(text, format);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(path, text)| (&**path, &**text)).collect();
    assert_eq!(fields, expect);
}

fn check_diff(format: Format, old: &str, new: &str, expect: &[(&str, Option<&str>, Option<&str>)]) {
    let changes = diff_fields(old, new, format);
    let changes: Vec<(&str, Option<&str>, Option<&str>)> = changes
        .iter()
        .map(|change| (&*change.path, change.before.as_deref(), change.after.as_deref()))
        .collect();
    assert_eq!(changes, expect);
}

#[test]
fn yaml_goes_by_its_indentation() {
    check(
        Format::Yaml,
        r#"# serving.chat
metadata:
  labels:
    app.kubernetes.io/name: chat
    "yes": "1: 2"
  annotations: {}
containers:
  - name: server
    args:
      - --port
      - "a: b"
  - # why
    image: x
matrix:
  - - 1
    - 2
script: |
  set -e

  if: x
? "long"
: 1
"#,
        &[
            ("metadata.labels.\"app.kubernetes.io/name\"", "chat"),
            ("metadata.labels.yes", "\"1: 2\""),
            ("metadata.annotations", "{}"),
            ("containers[server].name", "server"),
            ("containers[server].args[0]", "--port"),
            ("containers[server].args[1]", "\"a: b\""),
            ("containers[1].image", "x"),
            ("matrix[0][0]", "1"),
            ("matrix[0][1]", "2"),
            ("script", "set -e\n\nif: x\n"),
            ("long", "1"),
        ],
    );
}

#[test]
fn several_documents_go_by_kind_and_name() {
    check(
        Format::Yaml,
        "kind: Service\nmetadata:\n  name: a\n---\nkind: Job\nmetadata:\n  name: a\n---\nx: 1\n",
        &[
            ("Service/a.kind", "Service"),
            ("Service/a.metadata.name", "a"),
            ("Job/a.kind", "Job"),
            ("Job/a.metadata.name", "a"),
            ("document-3.x", "1"),
        ],
    );
}

#[test]
fn hcl_goes_by_labels_and_repeated_blocks_by_number() {
    check(
        Format::Hcl,
        r#"# cluster.train
resource "aws_eks_cluster" "train" {
  name     = "train"
  role_arn = aws_iam_role.train.arn
  zones    = ["a, b", "c"]
  picked   = [element(x, 0), y]
  policy = jsonencode({
    Statement = [
      {
        Action = ["s3:GetObject"]
      },
      "x",
    ]
  })
  script = <<-EOT
    a

      b
  EOT

  taint {
    key = "x"
  }

  taint {
    key = "y"
  }

  empty {}
  tags = {
    "purlin.dev/address" = "cluster.train"
  }
}

resource "aws_eks_cluster" "other" {
  a = 1
}
"#,
        &[
            ("resource.aws_eks_cluster.train.name", "\"train\""),
            ("resource.aws_eks_cluster.train.role_arn", "aws_iam_role.train.arn"),
            ("resource.aws_eks_cluster.train.zones[0]", "\"a, b\""),
            ("resource.aws_eks_cluster.train.zones[1]", "\"c\""),
            ("resource.aws_eks_cluster.train.picked", "[element(x, 0), y]"),
            ("resource.aws_eks_cluster.train.policy", "jsonencode({"),
            ("resource.aws_eks_cluster.train.policy.Statement[0].Action[0]", "\"s3:GetObject\""),
            ("resource.aws_eks_cluster.train.policy.Statement[1]", "\"x\""),
            ("resource.aws_eks_cluster.train.script", "a\n\n  b\n"),
            ("resource.aws_eks_cluster.train.taint.key", "\"x\""),
            ("resource.aws_eks_cluster.train.taint#2.key", "\"y\""),
            ("resource.aws_eks_cluster.train.empty", "{}"),
            ("resource.aws_eks_cluster.train.tags.\"purlin.dev/address\"", "\"cluster.train\""),
            ("resource.aws_eks_cluster.other.a", "1"),
        ],
    );
}

#[test]
fn json_goes_by_its_brackets() {
    check(
        Format::Json,
        "{\n  \"a\": 1,\n  \"l\": [\n    \"x: y\",\n    {},\n    {\n      \"name\": \"n\",\n      \"v\": \"{\"\n    }\n  ]\n}\n",
        &[("a", "1"), ("l[0]", "\"x: y\""), ("l[1]", "{}"), ("l[n].name", "\"n\""), ("l[n].v", "\"{\"")],
    );
}

#[test]
fn toml_goes_by_its_headers() {
    check(
        Format::Toml,
        "version = 3\nlist = [1, { a = 1 }]\ntext = \"\"\"\na\n\"\"\"\n\n[plugins.\"io.x\"]\nb = 1\n\n[[proxy]]\nname = \"p\"\n\n[proxy.in]\nx = 1\n\n[[proxy]]\nx = 2\n",
        &[
            ("version", "3"),
            ("list", "[1, { a = 1 }]"),
            ("text", "a\n"),
            ("plugins.\"io.x\".b", "1"),
            ("proxy[p].name", "\"p\""),
            ("proxy[p].in.x", "1"),
            ("proxy[1].x", "2"),
        ],
    );
}

#[test]
fn a_difference_names_the_fields() {
    check_diff(
        Format::Yaml,
        "replicas: 3\nenv:\n  - name: A\n    value: x\n  - name: B\n    value: y\ngone: 1\n",
        "replicas: 4\nenv:\n  - name: B\n    value: y\n  - name: C\n    value: z\n",
        &[
            ("replicas", Some("3"), Some("4")),
            ("env[C].name", None, Some("C")),
            ("env[C].value", None, Some("z")),
            ("env[A].name", Some("A"), None),
            ("env[A].value", Some("x"), None),
            ("gone", Some("1"), None),
        ],
    );
}

#[test]
fn no_text_makes_a_reader_fail() {
    for format in [Format::Yaml, Format::Hcl, Format::Json, Format::Toml] {
        for text in [
            "",
            "}",
            "- ",
            "-",
            ":",
            "? ",
            "\"",
            "a: |",
            "a = <<",
            "[",
            "[[",
            "[[]]",
            "[.]",
            "{\n}\n}\n",
            "[\"a\"b]",
            "é: |\n  é",
        ] {
            fields(text, format);
        }
    }
}
