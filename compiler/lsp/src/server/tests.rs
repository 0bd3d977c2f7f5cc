//! The server, driven over the wire: messages in, messages out.

use std::path::Path;

use lsp_server::{Connection, Message, Notification, Request, RequestId};
use purlin_core::Options;
use serde_json::{Value, json};

const ENTRY: &str =
    "platform acme { language \"0.1\"; owner ml }\nteam ml { contact \"ml@acme.example\"; namespace ml }\n";
const POOL: &str = "cpu-pool general cluster=main {\n    instance m7i.4xlarge\n    nodes min=1 max=2\n}\n";

/// A client on the other end of a server that runs in a thread.
struct Client {
    connection: Connection,
    next: i32,
    root: tempfile::TempDir,
    published: Vec<Value>,
}

impl Client {
    fn open() -> Client {
        let root = tempfile::tempdir().expect("a folder");
        std::fs::write(root.path().join("purlin.kdl"), ENTRY).expect("a file");
        std::fs::write(root.path().join("pool.kdl"), POOL).expect("a file");
        let (server, connection) = Connection::memory();
        std::thread::spawn(move || super::run(&server, Options::default()));
        let mut client = Client { connection, next: 0, root, published: Vec::new() };
        let folder = client.uri("");
        client.ask(
            "initialize",
            json!({"capabilities": {}, "workspaceFolders": [{"uri": folder, "name": "p"}]}),
        );
        client.tell("initialized", json!({}));
        client
    }

    fn uri(&self, file: &str) -> String {
        let path = self.root.path().join(Path::new(file));
        format!("file://{}", path.display())
    }

    fn tell(&self, method: &str, params: Value) {
        let message = Message::Notification(Notification { method: method.to_owned(), params });
        self.connection.sender.send(message).expect("the server listens");
    }

    /// Asks, and waits for the answer; what the server tells meanwhile is kept.
    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = RequestId::from(self.next);
        let request = Request { id: id.clone(), method: method.to_owned(), params };
        self.connection.sender.send(Message::Request(request)).expect("the server listens");
        loop {
            match self.connection.receiver.recv().expect("the server answers") {
                Message::Response(response) if response.id == id => {
                    let value = serde_json::to_value(response).expect("an answer is JSON");
                    return value["result"].clone();
                }
                Message::Notification(told) => self.published.push(told.params),
                other => panic!("unexpected message: {other:?}"),
            }
        }
    }

    /// The newest findings of a file, after everything sent so far was heard.
    fn findings(&mut self, file: &str) -> Vec<String> {
        let uri = self.uri(file);
        self.ask("textDocument/documentSymbol", json!({"textDocument": {"uri": uri}}));
        let newest = self.published.iter().rev().find(|params| params["uri"] == uri.as_str());
        let diagnostics =
            newest.and_then(|params| params["diagnostics"].as_array()).cloned().unwrap_or_default();
        diagnostics
            .iter()
            .map(|diagnostic| diagnostic["code"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    fn edit(&self, file: &str, (line, from): (u32, u32), to: u32, text: &str) {
        let range =
            json!({"start": {"line": line, "character": from}, "end": {"line": line, "character": to}});
        let change = json!([{"range": range, "text": text}]);
        self.tell(
            "textDocument/didChange",
            json!({"textDocument": {"uri": self.uri(file), "version": 2}, "contentChanges": change}),
        );
    }

    fn at(&self, file: &str, line: u32, character: u32) -> Value {
        json!({"textDocument": {"uri": self.uri(file)}, "position": {"line": line, "character": character}})
    }
}

#[test]
fn findings_come_when_a_project_is_opened_and_go_when_it_is_mended() {
    let mut client = Client::open();
    assert!(client.findings("pool.kdl").contains(&"reference.unknown".to_owned()));
    client.edit("pool.kdl", (0, 17), 29, "");
    let left = client.findings("pool.kdl");
    assert!(!left.contains(&"reference.unknown".to_owned()), "{left:?}");
}

#[test]
fn a_wrong_word_is_found_on_the_key_stroke_and_cured_by_an_action() {
    let mut client = Client::open();
    client.edit("purlin.kdl", (0, 38), 40, "mx");
    assert!(client.findings("purlin.kdl").contains(&"reference.unknown".to_owned()));
    let uri = client.uri("purlin.kdl");
    let range = json!({"start": {"line": 0, "character": 38}, "end": {"line": 0, "character": 40}});
    let actions = client.ask(
        "textDocument/codeAction",
        json!({"textDocument": {"uri": uri}, "range": range, "context": {"diagnostics": []}}),
    );
    let edit = &actions[0]["edit"]["changes"][&uri][0];
    assert_eq!(edit["newText"], "ml", "{actions}");
}

#[test]
fn hover_tells_what_a_field_is() {
    let mut client = Client::open();
    let at = client.at("pool.kdl", 2, 6);
    let hover = client.ask("textDocument/hover", at);
    let text = hover["contents"]["value"].as_str().unwrap_or_default();
    assert!(text.starts_with("**nodes**"), "{hover}");
}

#[test]
fn a_name_leads_to_its_declaration_and_back_to_its_readers() {
    let mut client = Client::open();
    let at = client.at("purlin.kdl", 0, 39);
    let definition = client.ask("textDocument/definition", at);
    assert_eq!(definition["range"]["start"], json!({"line": 1, "character": 5}), "{definition}");
    let mut at = client.at("purlin.kdl", 1, 6);
    at["context"] = json!({"includeDeclaration": true});
    let references = client.ask("textDocument/references", at);
    assert_eq!(references.as_array().map(Vec::len), Some(2), "{references}");
}

#[test]
fn completion_offers_what_may_stand_there() {
    let mut client = Client::open();
    client.edit("pool.kdl", (2, 0), 22, "    capacity ");
    let at = client.at("pool.kdl", 2, 13);
    let values = client.ask("textDocument/completion", at);
    let labels: Vec<&str> =
        values.as_array().into_iter().flatten().filter_map(|item| item["label"].as_str()).collect();
    assert!(labels.contains(&"on-demand") && labels.contains(&"spot"), "{labels:?}");
    client.edit("pool.kdl", (2, 0), 13, "    ");
    let at = client.at("pool.kdl", 2, 4);
    let fields = client.ask("textDocument/completion", at);
    let labels: Vec<&str> =
        fields.as_array().into_iter().flatten().filter_map(|item| item["label"].as_str()).collect();
    assert!(labels.contains(&"nodes") && !labels.contains(&"instance"), "{labels:?}");
}

#[test]
fn formatting_lays_a_file_out() {
    let mut client = Client::open();
    client.edit("pool.kdl", (1, 0), 4, "");
    let uri = client.uri("pool.kdl");
    let edits = client.ask(
        "textDocument/formatting",
        json!({"textDocument": {"uri": uri}, "options": {"tabSize": 4, "insertSpaces": true}}),
    );
    assert_eq!(edits[0]["newText"], POOL, "{edits}");
}

#[test]
fn a_message_that_nobody_understands_is_no_end() {
    let mut client = Client::open();
    assert_eq!(client.ask("purlin/unheard-of", json!({})), Value::Null);
    let at = client.at("elsewhere.kdl", 99, 99);
    assert_eq!(client.ask("textDocument/hover", at), Value::Null);
    client.tell("textDocument/didChange", json!({"nonsense": true}));
    assert!(!client.findings("pool.kdl").is_empty());
}
