/** Splits HTML into tags and text as a browser does, in time linear in its length. */
import MarkdownIt from "markdown-it";
import { isRaw } from "./htmlElements.ts";

export type Attributes = ReadonlyMap<string, string>;

export interface HtmlSink {
  /** An element for which `isVoid` is true is never closed. */
  open(name: string, attributes: Attributes): void;
  close(name: string): void;
  text(text: string): void;
}

const { unescapeAll } = new MarkdownIt().utils;
const ATTRIBUTE = /[\s/]*([^\s/>][^\s/>=]*)(?:\s*=\s*("[^"]*"|'[^']*'|(?!["'])[^\s>]*))?/y;
const TAG_END = /[\s/]*>/y;
const NAME = /[a-zA-Z][^\s/>]*/y;

/** A tag or comment that is cut off at the end is dropped, as in a browser. */
export function readTags(html: string, sink: HtmlSink): void {
  let at = 0;
  while (at < html.length) {
    const start = html.indexOf("<", at);
    if (start !== at) sink.text(decode(html.slice(at, start === -1 ? undefined : start)));
    if (start === -1) return;
    const next = html[start + 1] ?? "";
    if (/[a-zA-Z]/.test(next)) at = readStart(html, start + 1, sink);
    else if (next === "/" && /[a-zA-Z]/.test(html[start + 2] ?? "")) at = readEnd(html, start + 2, sink);
    else if (/[!?/]/.test(next)) at = commentEnd(html, start);
    else {
      sink.text("<");
      at = start + 1;
    }
  }
}

function readStart(html: string, from: number, sink: HtmlSink): number {
  const tag = readTag(html, from);
  if (tag === undefined) return html.length;
  sink.open(tag.name, tag.attributes);
  if (!isRaw(tag.name)) return tag.end;
  const closing = new RegExp(`</${tag.name}(?=[\\s/>])`, "gi");
  closing.lastIndex = tag.end;
  const end = closing.exec(html)?.index ?? html.length;
  sink.text(decode(html.slice(tag.end, end)));
  return end;
}

function readEnd(html: string, from: number, sink: HtmlSink): number {
  const tag = readTag(html, from);
  if (tag === undefined) return html.length;
  if (tag.name === "br") sink.open("br", new Map());
  else sink.close(tag.name);
  return tag.end;
}

function readTag(html: string, from: number) {
  NAME.lastIndex = from;
  const name = NAME.exec(html)?.[0].toLowerCase() ?? "";
  const attributes = new Map<string, string>();
  let end = from + name.length;
  for (;;) {
    TAG_END.lastIndex = end;
    if (TAG_END.test(html)) return { name, attributes, end: TAG_END.lastIndex };
    ATTRIBUTE.lastIndex = end;
    const [, key = "", value = ""] = ATTRIBUTE.exec(html) ?? [];
    // The rest is an unfinished tag, or a quote that is never closed.
    if (ATTRIBUTE.lastIndex <= end || /[="']/.test(html[ATTRIBUTE.lastIndex] ?? "")) return undefined;
    end = ATTRIBUTE.lastIndex;
    const known = attributes.has(key.toLowerCase());
    if (!known) attributes.set(key.toLowerCase(), decode(value.replace(/^(["'])(.*)\1$/s, "$2")));
  }
}

function commentEnd(html: string, start: number): number {
  if (!html.startsWith("<!--", start)) return after(html, ">", start + 2);
  if (html.startsWith(">", start + 4)) return start + 5;
  if (html.startsWith("->", start + 4)) return start + 6;
  return after(html, "-->", start + 4);
}

function after(html: string, mark: string, from: number): number {
  const at = html.indexOf(mark, from);
  return at === -1 ? html.length : at + mark.length;
}

function decode(text: string): string {
  if (!text.includes("&")) return text;
  // Old entities need no semicolon. `unescapeAll` also resolves backslashes: doubled, they stay.
  const named = text.replace(/&(amp|lt|gt|quot|nbsp|copy|reg)(?![\w;=])/g, "&$1;");
  return unescapeAll(named.replaceAll("\\", "\\\\"));
}
