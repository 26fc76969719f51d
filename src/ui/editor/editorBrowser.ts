/** The system's browser, as VS Code opens it: on the person's own machine, wherever the extension runs. */
import * as vscode from "vscode";

/** The browser of the person, which may run on another machine than this. */
export interface Browser {
  /** Shows a page in it. */
  open(address: string): Promise<void>;
  /** Has it reach a port of this machine under the same number, as far as VS Code can. */
  forward(port: number): Promise<void>;
}

export const editorBrowser: Browser = {
  open: async (address) => {
    await vscode.env.openExternal(vscode.Uri.parse(address));
  },
  forward: async (port) => {
    // Under another number the page cannot come back by itself; the person carries its address over then.
    await vscode.env.asExternalUri(vscode.Uri.parse(`http://localhost:${port}/`));
  },
};
