/** The text of an HTML mail: for people who look into the outbox, and beside the HTML in the mail itself. */

const NAMED: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
};

export function plainText(html: string): string {
  return html
    .replace(/<(script|style|head)\b[\s\S]*?<\/\1\s*>|<!--[\s\S]*?-->/gi, "")
    .replace(/<img\b[^>]*?\balt="([^"]*)"[^>]*>/gi, "[$1]")
    .replace(/<li\b[^>]*>/gi, "- ")
    .replace(/<\/t[dh]\s*>/gi, "\t")
    .replace(/<br\b[^>]*>|<\/(?:li|tr)\s*>/gi, "\n")
    .replace(/<\/(?:p|h[1-6]|ul|ol|table|pre|blockquote|div)\s*>|<hr\b[^>]*>/gi, "\n\n")
    .replace(/<[^>]*>/g, "")
    .replace(/&(?:#(\d{1,6}|x[\da-f]{1,5})|([a-z]+));/gi, (typed, code?: string, name?: string) =>
      code === undefined
        ? (NAMED[name ?? ""] ?? typed)
        : String.fromCodePoint(Number(code.replace(/^x/i, "0x"))),
    )
    .replace(/[ \t]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}
