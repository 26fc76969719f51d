/**
 * The cards of files sent as links, below a mail's text. They use tables and inline styles, because mail programs
 * drop style sheets. Text and background keep the recipient's colours; the button is readable on white and on black.
 */

import { labelled, noted } from "../../shared/format.ts";
import { sentences, t } from "../../shared/l10n.ts";
import { escapeHtml, htmlWith } from "../body/bodyHtml.ts";
import type { LinkCard } from "./linkWords.ts";

const FONT = "font-family:Arial,Helvetica,sans-serif";
const MONOSPACE = "font-family:Consolas,Menlo,monospace";
/** White text on it has a contrast of 5.5:1. */
const BUTTON = "#0f6cbd";

export function htmlWithCards(body: string, cards: readonly LinkCard[]): string {
  return htmlWith(body, cards.map(printCard).join(""));
}

/** An event's text with the cards it lacks; its service may have rewritten those that it has. */
export function withLinkCards(html: string, cards: readonly LinkCard[]): string {
  const known = html.replaceAll(/&(?:amp|#38|#x26);/gi, "&");
  return htmlWithCards(
    html,
    cards.filter(({ url }) => !known.includes(`"${url}"`) && !known.includes(`'${url}'`)),
  );
}

export function textWithCards(body: string, cards: readonly LinkCard[]): string {
  if (cards.length === 0) return body;
  const texts = cards.map(({ name, size, url, who, until, sha256 }) =>
    [noted(name, size), url, who, ...(until === "" ? [] : [until]), labelled("SHA-256", sha256)].join("\n"),
  );
  return [body.trimEnd(), ...texts]
    .filter((part) => part !== "")
    .join("\n\n")
    .concat("\n");
}

function printCard({ name, size, url, sha256, who, until }: LinkCard): string {
  const href = escapeHtml(url);
  const line = escapeHtml(sentences(t("{0}.", size), who, until));
  return (
    `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:600px;margin:16px 0 0;border:1px solid #999;border-collapse:separate;border-radius:6px;${FONT}"><tr>` +
    `<td valign="top" style="padding:14px 0 14px 16px;${FONT}">` +
    `<div style="font-size:16px;line-height:1.4;font-weight:bold;word-break:break-word">${escapeHtml(name)}</div>` +
    `<div style="margin-top:4px;font-size:13px;line-height:1.5">${line}</div>` +
    `<div style="margin-top:6px;font-size:11px;line-height:1.5;word-break:break-all;${MONOSPACE}">SHA-256 ${escapeHtml(sha256)}</div></td>` +
    `<td width="1" align="right" valign="middle" style="padding:14px 16px"><table role="presentation" cellpadding="0" cellspacing="0" border="0"><tr>` +
    `<td bgcolor="${BUTTON}" style="border-radius:4px;background-color:${BUTTON}"><a href="${href}" style="display:inline-block;padding:9px 18px;font-size:14px;font-weight:bold;line-height:1.2;color:#ffffff;text-decoration:none;white-space:nowrap;${FONT}">${escapeHtml(t("Open"))}</a></td>` +
    `</tr></table></td></tr></table>`
  );
}
