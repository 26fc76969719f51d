/** The outbox for people: one page, no script, nothing from elsewhere. Who gets it: `outboxService.ts`. */
import type { MailView } from "./mailView.ts";

const style = `
:root { color-scheme: light dark; --line: #8884; --faint: color-mix(in srgb, currentColor 65%, transparent) }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem; margin-bottom: 0 }
h2 { font-size: 1.1rem; margin: 0 }
article { border: 1px solid var(--line); border-radius: 8px; padding: 1rem; margin: 1rem 0; overflow-wrap: anywhere }
header p, .faint { color: var(--faint); margin: .2rem 0 }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 .8rem; margin: .5rem 0 }
dt { color: var(--faint) } dd { margin: 0 }
pre { white-space: pre-wrap; border-left: 3px solid var(--line); padding-left: .8rem; max-height: 20rem; overflow: auto }
ul { padding-left: 1.2rem } code { font-size: .85em }
strong.twice { color: light-dark(#b00020, #ff8a8a) }`;

export function outboxPage(mails: readonly MailView[]): string {
  const list = mails.length === 0 ? `<p>Nothing has been sent yet.</p>` : mails.map(article).join("\n");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Practice mailbox</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>Practice mailbox</h1>
<p>${mails.length} ${mails.length === 1 ? "mail" : "mails"} sent, newest first. Nothing here left this machine.</p>
</header>
<main>
${list}
</main>
</body>
</html>
`;
}

function article(mail: MailView): string {
  const rows = [
    ["From", people(mail.from)],
    ["To", people(mail.to)],
    ["Cc", people(mail.cc)],
    ["Bcc", people(mail.bcc)],
    ["Date", mail.date],
    ["Sent back by", mail.refused_by.join(", ")],
  ].filter(([, value]) => value !== "");
  const twice =
    mail.deliveries > 1
      ? `<p><strong class="twice">This mail was sent ${mail.deliveries} times.</strong></p>`
      : "";
  return `<article>
<h2>${escaped(mail.subject || "(no subject)")}</h2>
<dl>${rows.map(([name = "", value = ""]) => `<dt>${name}</dt><dd>${escaped(value)}</dd>`).join("")}</dl>
${twice}
${mail.text === "" ? "" : `<pre>${escaped(mail.text)}</pre>`}
${mail.attachments.length === 0 ? "" : `<ul>${mail.attachments.map(file).join("")}</ul>`}
<p><a href="${escaped(mail.eml)}">Open in a mail program (.eml)</a></p>
</article>`;
}

function file({ filename, size, content_type, sha256 }: MailView["attachments"][number]): string {
  return `<li>${escaped(filename)}, ${size.toLocaleString("en")} bytes, ${escaped(content_type)}<br>
<code class="faint">SHA-256 ${sha256}</code></li>`;
}

function people(list: MailView["to"]): string {
  return list.map(({ name, email }) => (name ? `${name} <${email}>` : email)).join(", ");
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
