// Starts `purlin lsp` and shows plans. Everything that knows the language is in the server.

import { execFile } from "node:child_process";
import * as path from "node:path";
import * as vscode from "vscode";
import { LanguageClient, TransportKind } from "vscode-languageclient/node";

const PLAN_SCHEME = "purlin-plan";

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const plans = new Plans();
  context.subscriptions.push(
    vscode.workspace.registerTextDocumentContentProvider(PLAN_SCHEME, plans),
    vscode.commands.registerCommand("purlin.plan", () => plans.show()),
    vscode.commands.registerCommand("purlin.restart", () => client?.restart()),
  );
  client = server();
  context.subscriptions.push(client);
  try {
    await client.start();
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    void vscode.window.showErrorMessage(`\`${program()} lsp\` did not start: ${said}. The setting purlin.path names the program.`);
  }
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

function program(): string {
  return vscode.workspace.getConfiguration("purlin").get<string>("path", "purlin");
}

function server(): LanguageClient {
  const run = { command: program(), args: ["lsp"], transport: TransportKind.stdio };
  return new LanguageClient(
    "purlin",
    "Purlin",
    { run, debug: run },
    {
      documentSelector: [{ scheme: "file", language: "kdl" }],
      synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/*.kdl") },
    },
  );
}

/** The folder of the project that the active editor, or else the workspace, is in. */
async function project(): Promise<string | undefined> {
  const entries = await vscode.workspace.findFiles("**/purlin.kdl", "**/{node_modules,out}/**");
  const folders = entries.map((entry) => path.dirname(entry.fsPath)).sort();
  const active = vscode.window.activeTextEditor?.document.uri.fsPath;
  return folders.find((folder) => active?.startsWith(folder + path.sep)) ?? folders[0];
}

/** Plans as read-only documents. */
class Plans implements vscode.TextDocumentContentProvider {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;

  async show(): Promise<void> {
    const folder = await project();
    if (folder === undefined) {
      void vscode.window.showInformationMessage("No folder of this workspace holds a purlin.kdl.");
      return;
    }
    const uri = vscode.Uri.from({ scheme: PLAN_SCHEME, path: `${folder}/plan.md` });
    this.changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: true });
  }

  provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const folder = path.dirname(uri.path);
    return new Promise((resolve) => {
      const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024 };
      execFile(program(), ["plan", folder, "--format", "markdown"], options, (error, out, err) => {
        resolve(out === "" ? `${err}\n${error?.message ?? ""}` : out);
      });
    });
  }
}
