/**
 * What the extension itself does when it is activated, without the editor's own work around it: its code is loaded and
 * called with a `vscode` that answers at once. Prints milliseconds. Argument: the bundle.
 */
import { registerHooks } from "node:module";
import { tmpdir } from "node:os";
import { pathToFileURL } from "node:url";

const vscode = `
  const disposable = { dispose() {} };
  const event = () => disposable;
  const log = () => {};
  export class EventEmitter { event = event; fire() {} dispose() {} }
  export const Uri = { joinPath: (base, ...parts) => ({ fsPath: [base.fsPath, ...parts].join("/") }) };
  export const window = {
    createOutputChannel: () => ({ ...disposable, trace: log, info: log, warn: log, error: log, show: log }),
    createTreeView: () => ({ ...disposable, visible: false, onDidChangeVisibility: event }),
    registerWebviewPanelSerializer: () => disposable,
  };
  export const commands = { registerCommand: () => disposable };
`;
const address = `data:text/javascript,${encodeURIComponent(vscode)}`;
registerHooks({
  resolve: (name, context, next) =>
    name === "vscode" ? { url: address, shortCircuit: true } : next(name, context),
});
await import(address);

const startedAt = performance.now();
const { activate } = await import(pathToFileURL(process.argv[2] ?? "").href);
activate({ subscriptions: [], globalStorageUri: { fsPath: tmpdir() } });
console.log(performance.now() - startedAt);
process.exit();
