/** The system's browser, which VS Code opens on the person's own machine, wherever the extension runs. */
import * as vscode from "vscode";

/** The person's browser, which may run on another machine. */
export interface Browser {
  /** Opens a page in it. */
  open(address: string): Promise<void>;
  /** Lets it reach a port of this machine, under the same number if VS Code can. */
  forward(port: number): Promise<void>;
}

export const editorBrowser: Browser = {
  open: async (address) => {
    await vscode.env.openExternal(vscode.Uri.parse(address));
  },
  forward: async (port) => {
    // Under another number the sign-in page cannot return here; the person then copies its address over.
    await vscode.env.asExternalUri(vscode.Uri.parse(`http://localhost:${port}/`));
  },
};
