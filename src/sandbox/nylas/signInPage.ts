/**
 * The pages of signing in at Nylas, as HTML: the choice of a mailbox, and the code to copy. What they lead to:
 * `hostedAuth.ts`.
 */
import type { Grant } from "./grants.ts";

const style = `
:root { color-scheme: light dark; --line: #8884 }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem } fieldset, code { border: 1px solid var(--line); border-radius: 8px; margin: 1rem 0; padding: .6rem 1rem }
label { display: block; padding: .2rem 0 } button { font: inherit; padding: .4rem 1rem; margin: 0 .4rem .4rem 0 }
code { display: block; overflow-wrap: anywhere; user-select: all }`;

/** Where people say who signs in, and whether the application may send. No script, nothing from elsewhere. */
export function signInPage(ticket: string, grants: readonly Grant[], chosen: Grant | undefined): string {
  const mailboxes = grants.map(
    ({ id, email }) =>
      `<label><input type="radio" name="grant" value="${escaped(id)}"${id === chosen?.id ? " checked" : ""} required> ${escaped(email)}</label>`,
  );
  return page(
    "Sign in to the practice mailbox",
    `<p><strong>Freight Mail</strong> wants to send mail from your mailbox. This page stands in for your mail service's own: nothing here leaves this machine.</p>
<form method="post" action="/v3/connect/auth">
<input type="hidden" name="ticket" value="${escaped(ticket)}">
<fieldset><legend>Mailbox</legend>${mailboxes.join("\n")}</fieldset>
<button name="answer" value="allow">Allow</button>
<button name="answer" value="deny" formnovalidate>Deny</button>
<button name="answer" value="administrator" formnovalidate>Needs an administrator</button>
</form>`,
  );
}

/** Shown when no program listens for the answer: the person copies the code by hand. */
export function codePage(code: string): string {
  return page(
    "Signed in",
    `<p>Copy this code into Visual Studio Code. It works once.</p><code id="code">${escaped(code)}</code>`,
  );
}

function page(title: string, content: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
