//! The loop: messages in, changes into the session, answers out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lsp_server::{Connection, ExtractError, Message, Notification, Request, Response};
use lsp_types::notification::{
    DidChangeTextDocument, DidChangeWatchedFiles, DidCloseTextDocument, DidOpenTextDocument,
    DidSaveTextDocument, Notification as _, PublishDiagnostics,
};
use lsp_types::request::{
    CodeActionRequest, Completion, DocumentSymbolRequest, Formatting, GotoDefinition, HoverRequest,
    References, Request as _,
};
use lsp_types::{
    CodeActionOrCommand, CodeActionProviderCapability, CompletionOptions, CompletionResponse, Diagnostic,
    DocumentSymbolResponse, GotoDefinitionResponse, Hover, HoverContents, HoverProviderCapability,
    InitializeParams, MarkupContent, MarkupKind, OneOf, Position, PublishDiagnosticsParams, Range,
    ServerCapabilities, TextDocumentSyncCapability, TextDocumentSyncKind, TextEdit, Uri,
};
use purlin_core::{Change, Options, Serial, Session, World as _};
use purlin_engine::DiskWorld;
use serde_json::Value;

use crate::convert::{to_offset, to_path, to_range, to_uri};
use crate::{actions, completion, diagnostics, navigation};

/// Why a server stopped before it was told to.
#[derive(Debug)]
pub struct Error(String);

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the language server stopped: {}", self.0)
    }
}

impl std::error::Error for Error {}

/// Serves one editor over standard input and output, until it says goodbye.
pub fn run_stdio(options: Options) -> Result<(), Error> {
    let (connection, threads) = Connection::stdio();
    let served = run(&connection, options);
    // The writing thread ends when the connection is gone.
    drop(connection);
    threads.join().map_err(|error| Error(error.to_string()))?;
    served
}

/// Serves one editor over any connection.
pub fn run(connection: &Connection, options: Options) -> Result<(), Error> {
    let capabilities = serde_json::to_value(capabilities()).map_err(|error| Error(error.to_string()))?;
    let params = connection.initialize(capabilities).map_err(|error| Error(error.to_string()))?;
    let params: InitializeParams =
        serde_json::from_value(params).map_err(|error| Error(error.to_string()))?;
    let mut server = Server {
        connection,
        options: Options { track: true, ..options },
        folders: folders(&params),
        project: None,
        published: BTreeMap::new(),
    };
    server.open_first();
    server.publish()?;
    server.serve()
}

fn capabilities() -> ServerCapabilities {
    ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Kind(TextDocumentSyncKind::INCREMENTAL)),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(vec![" ".to_owned(), "=".to_owned(), ".".to_owned()]),
            ..CompletionOptions::default()
        }),
        definition_provider: Some(OneOf::Left(true)),
        references_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        document_formatting_provider: Some(OneOf::Left(true)),
        code_action_provider: Some(CodeActionProviderCapability::Simple(true)),
        ..ServerCapabilities::default()
    }
}

/// The folders that the editor has open.
#[expect(deprecated, reason = "older clients say their folder in `rootUri` alone")]
fn folders(params: &InitializeParams) -> Vec<PathBuf> {
    let named = params.workspace_folders.iter().flatten().filter_map(|folder| to_path(&folder.uri));
    named.chain(params.root_uri.as_ref().and_then(to_path)).collect()
}

/// A project that is open.
struct Project {
    root: PathBuf,
    session: Session,
}

struct Server<'c> {
    connection: &'c Connection,
    options: Options,
    folders: Vec<PathBuf>,
    project: Option<Project>,
    published: BTreeMap<String, Vec<Diagnostic>>,
}

impl Server<'_> {
    fn serve(&mut self) -> Result<(), Error> {
        while let Ok(message) = self.connection.receiver.recv() {
            match message {
                Message::Request(request) => {
                    let goodbye = self.connection.handle_shutdown(&request);
                    if goodbye.map_err(|error| Error(error.to_string()))? {
                        return Ok(());
                    }
                    let answer = self.answer(request);
                    self.send(Message::Response(answer))?;
                }
                Message::Notification(notification) => {
                    if self.hear(notification) {
                        self.publish()?;
                    }
                }
                Message::Response(_) => {}
            }
        }
        Ok(())
    }

    fn send(&self, message: Message) -> Result<(), Error> {
        self.connection.sender.send(message).map_err(|error| Error(error.to_string()))
    }

    /// Opens the project of the first folder that is one.
    fn open_first(&mut self) {
        if let Some(folder) = self.folders.iter().find(|folder| folder.join("purlin.kdl").is_file()).cloned()
        {
            self.open(&folder);
        }
    }

    fn open(&mut self, root: &Path) {
        let Ok(world) = DiskWorld::open(root) else { return };
        let Ok(session) = purlin_core::compile(&world, self.options.clone(), &Serial) else { return };
        self.project = Some(Project { root: root.to_owned(), session });
    }

    /// The path of a file within the project, which is opened if none is.
    fn path_of(&mut self, uri: &Uri) -> Option<String> {
        let path = to_path(uri)?;
        if self.project.is_none() {
            let root =
                path.ancestors().skip(1).find(|folder| folder.join("purlin.kdl").is_file())?.to_owned();
            self.open(&root);
        }
        let project = self.project.as_ref()?;
        Some(path.strip_prefix(&project.root).ok()?.to_string_lossy().replace('\\', "/"))
    }

    fn change(&mut self, change: Change) {
        if let Some(project) = &mut self.project {
            project.session.apply(vec![change], &Serial);
        }
    }

    /// Takes a notification; whether findings may have changed.
    fn hear(&mut self, notification: Notification) -> bool {
        match notification.method.as_str() {
            DidOpenTextDocument::METHOD => self.opened(notification).is_some(),
            DidChangeTextDocument::METHOD => self.edited(notification).is_some(),
            DidCloseTextDocument::METHOD => self.closed(notification).is_some(),
            DidSaveTextDocument::METHOD => false,
            DidChangeWatchedFiles::METHOD => self.watched(notification).is_some(),
            _ => false,
        }
    }

    fn opened(&mut self, notification: Notification) -> Option<()> {
        let params = told::<DidOpenTextDocument>(notification)?;
        let path = self.path_of(&params.text_document.uri)?;
        self.change(Change::Set { path, text: params.text_document.text });
        Some(())
    }

    fn edited(&mut self, notification: Notification) -> Option<()> {
        let params = told::<DidChangeTextDocument>(notification)?;
        let path = self.path_of(&params.text_document.uri)?;
        for event in params.content_changes {
            let change = match event.range {
                None => Change::Set { path: path.clone(), text: event.text },
                Some(range) => {
                    let session = &self.project.as_ref()?.session;
                    let lo = to_offset(session, &path, range.start)?;
                    let hi = to_offset(session, &path, range.end)?.max(lo);
                    Change::Edit { path: path.clone(), lo, hi, text: event.text }
                }
            };
            self.change(change);
        }
        Some(())
    }

    /// A closed file is again what it is on disk.
    fn closed(&mut self, notification: Notification) -> Option<()> {
        let params = told::<DidCloseTextDocument>(notification)?;
        let path = self.path_of(&params.text_document.uri)?;
        self.reread(path)
    }

    fn watched(&mut self, notification: Notification) -> Option<()> {
        let params = told::<DidChangeWatchedFiles>(notification)?;
        for event in params.changes {
            let path = self.path_of(&event.uri)?;
            self.reread(path)?;
        }
        Some(())
    }

    fn reread(&mut self, path: String) -> Option<()> {
        let world = DiskWorld::open(&self.project.as_ref()?.root).ok()?;
        let here = world.files().ok()?.contains(&path);
        let change = match world.read(&path) {
            Ok(text) if here => Change::Set { path, text },
            _ => Change::Remove { path },
        };
        self.change(change);
        Some(())
    }

    /// Sends the findings of every file whose findings changed.
    fn publish(&mut self) -> Result<(), Error> {
        let Some(project) = &self.project else { return Ok(()) };
        let now = diagnostics::by_file(&project.session, &project.root);
        let mut changed: Vec<(&String, Vec<Diagnostic>)> = Vec::new();
        for path in self.published.keys().filter(|path| !now.contains_key(*path)) {
            changed.push((path, Vec::new()));
        }
        for (path, found) in &now {
            if self.published.get(path) != Some(found) {
                changed.push((path, found.clone()));
            }
        }
        for (path, diagnostics) in changed {
            let Some(uri) = to_uri(&project.root.join(path)) else { continue };
            let params = PublishDiagnosticsParams { uri, diagnostics, version: None };
            let notification = Notification::new(PublishDiagnostics::METHOD.to_owned(), params);
            self.send(Message::Notification(notification))?;
        }
        self.published = now;
        Ok(())
    }

    fn answer(&mut self, request: Request) -> Response {
        let id = request.id.clone();
        let method = request.method.clone();
        let result = match method.as_str() {
            HoverRequest::METHOD => self.hover(request),
            Completion::METHOD => self.completion(request),
            GotoDefinition::METHOD => self.definition(request),
            References::METHOD => self.references(request),
            DocumentSymbolRequest::METHOD => self.symbols(request),
            Formatting::METHOD => self.formatting(request),
            CodeActionRequest::METHOD => self.code_actions(request),
            _ => {
                let code = lsp_server::ErrorCode::MethodNotFound as i32;
                return Response::new_err(id, code, format!("`{method}` is not served"));
            }
        };
        Response::new_ok(id, result.unwrap_or(Value::Null))
    }

    /// The project, and the path and byte offset that a request names.
    fn place(&mut self, uri: &Uri, position: Position) -> Option<(&Project, String, u32)> {
        let path = self.path_of(uri)?;
        let project = self.project.as_ref()?;
        let offset = to_offset(&project.session, &path, position)?;
        Some((project, path, offset))
    }

    fn hover(&mut self, request: Request) -> Option<Value> {
        let params = asked::<HoverRequest>(request)?.text_document_position_params;
        let (project, path, offset) = self.place(&params.text_document.uri, params.position)?;
        let (value, span) = navigation::hover(&project.session, &path, offset)?;
        let at = project.session.sources.position(span)?;
        let range = to_range(&project.session, at.path, at.lo, at.hi);
        let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value });
        serde_json::to_value(Hover { contents, range }).ok()
    }

    fn completion(&mut self, request: Request) -> Option<Value> {
        let params = asked::<Completion>(request)?.text_document_position;
        let (project, path, offset) = self.place(&params.text_document.uri, params.position)?;
        let items = completion::complete(&project.session, &path, offset);
        serde_json::to_value(CompletionResponse::Array(items)).ok()
    }

    fn definition(&mut self, request: Request) -> Option<Value> {
        let params = asked::<GotoDefinition>(request)?.text_document_position_params;
        let (project, path, offset) = self.place(&params.text_document.uri, params.position)?;
        let found = navigation::definition(&project.session, &project.root, &path, offset)?;
        serde_json::to_value(GotoDefinitionResponse::Scalar(found)).ok()
    }

    fn references(&mut self, request: Request) -> Option<Value> {
        let params = asked::<References>(request)?;
        let at = params.text_document_position;
        let (project, path, offset) = self.place(&at.text_document.uri, at.position)?;
        let declaration = params.context.include_declaration;
        serde_json::to_value(navigation::references(
            &project.session,
            &project.root,
            &path,
            offset,
            declaration,
        ))
        .ok()
    }

    fn symbols(&mut self, request: Request) -> Option<Value> {
        let params = asked::<DocumentSymbolRequest>(request)?;
        let path = self.path_of(&params.text_document.uri)?;
        let symbols = navigation::symbols(&self.project.as_ref()?.session, &path);
        serde_json::to_value(DocumentSymbolResponse::Nested(symbols)).ok()
    }

    fn formatting(&mut self, request: Request) -> Option<Value> {
        let params = asked::<Formatting>(request)?;
        let path = self.path_of(&params.text_document.uri)?;
        let document = &self.project.as_ref()?.session.sources.by_path(&path)?.document;
        let new_text = purlin_syntax::format::format(document.text()).ok()?;
        if new_text == document.text() {
            return serde_json::to_value(Vec::<TextEdit>::new()).ok();
        }
        let end = Position { line: document.lines().count(), character: 0 };
        let range = Range { start: Position { line: 0, character: 0 }, end };
        serde_json::to_value([TextEdit { range, new_text }]).ok()
    }

    fn code_actions(&mut self, request: Request) -> Option<Value> {
        let params = asked::<CodeActionRequest>(request)?;
        let path = self.path_of(&params.text_document.uri)?;
        let project = self.project.as_ref()?;
        let actions = actions::cures(&project.session, &project.root, &path, params.range);
        let actions: Vec<_> = actions.into_iter().map(CodeActionOrCommand::CodeAction).collect();
        serde_json::to_value(actions).ok()
    }
}

/// The parameters of a notification; none when the client sent something else.
fn told<N: lsp_types::notification::Notification>(notification: Notification) -> Option<N::Params> {
    notification.extract(N::METHOD).map_err(|_: ExtractError<Notification>| ()).ok()
}

/// The parameters of a request; none when the client sent something else.
fn asked<R: lsp_types::request::Request>(request: Request) -> Option<R::Params> {
    request.extract(R::METHOD).map(|(_, params)| params).map_err(|_: ExtractError<Request>| ()).ok()
}

#[cfg(test)]
mod tests;
