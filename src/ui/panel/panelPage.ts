/** The page that a panel loads: nothing in it comes from a person, a file or a service. */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { locale, spokenTexts } from "../../shared/l10n.ts";

/** @param deliveryId letters, digits and dashes, as it is inserted into the HTML */
export function panelPage(webview: vscode.Webview, extensionUri: vscode.Uri, deliveryId: string): string {
  const asset = (...path: string[]) =>
    webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, ...path)).toString();
  const nonce = randomBytes(16).toString("base64url");
  const policy = [
    "default-src 'none'",
    `style-src ${webview.cspSource}`,
    `img-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    `script-src 'nonce-${nonce}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  // Data, not a script. A text that contains "</script>" must not end it.
  const texts = JSON.stringify(spokenTexts() ?? null).replaceAll("<", "\\u003c");
  return `<!DOCTYPE html>
<html lang="${locale()}">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${asset("media", "panel.css")}">
<title>Freight Mail</title>
</head>
<body data-delivery-id="${deliveryId}">
<main id="app"></main>
<script type="application/json" id="texts">${texts}</script>
<script nonce="${nonce}" src="${asset("dist", "webview.js")}"></script>
</body>
</html>`;
}
