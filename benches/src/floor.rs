//! The floor: a bare program that parses a file of services and prints a Deployment and a Service for each, with no
//! checking at all. What a compiler costs above it is what knowing costs.

use std::io::Write as _;
use std::path::Path;

use purlin_syntax::document::Document;

/// Reads, parses, prints to standard output.
pub(crate) fn run(path: &Path) {
    let text = std::fs::read_to_string(path).expect("a generated file");
    let document = Document::parse(text);
    let mut out = String::with_capacity(1 << 20);
    let mut stdout = std::io::stdout().lock();
    for (index, item) in document.items().iter().enumerate() {
        let Some(root) = item.tree.root().filter(|root| item.tree.node(*root).name.as_str() == "serving")
        else {
            continue;
        };
        let text = document.item_text(index);
        let name = item.tree.entries(root).first().map(|entry| entry.text(text)).unwrap_or_default();
        let image = item
            .tree
            .children(root)
            .find(|child| item.tree.node(*child).name.as_str() == "image")
            .and_then(|child| item.tree.entries(child).first())
            .map(|entry| entry.text(text))
            .unwrap_or_default();
        print(&mut out, &name, &image);
        if out.len() > 1 << 20 {
            let _ = stdout.write_all(out.as_bytes());
            out.clear();
        }
    }
    let _ = stdout.write_all(out.as_bytes());
}

fn print(out: &mut String, name: &str, image: &str) {
    for part in [
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ",
        name,
        "\n  namespace: ops\n  labels:\n    app.kubernetes.io/name: ",
        name,
        "\nspec:\n  replicas: 2\n  selector:\n    matchLabels:\n      app.kubernetes.io/name: ",
        name,
        "\n  template:\n    metadata:\n      labels:\n        app.kubernetes.io/name: ",
        name,
        "\n    spec:\n      containers:\n        - name: main\n          image: ",
        image,
        "\n          resources:\n            requests:\n              cpu: 500m\n              memory: 512Mi\n            limits:\n              memory: 512Mi\n---\napiVersion: v1\nkind: Service\nmetadata:\n  name: ",
        name,
        "\n  namespace: ops\nspec:\n  selector:\n    app.kubernetes.io/name: ",
        name,
        "\n  ports:\n    - port: 80\n      targetPort: 8080\n",
    ] {
        out.push_str(part);
    }
}
