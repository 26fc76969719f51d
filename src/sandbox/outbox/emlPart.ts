/**
 * Reads one file of a mail from its `.eml`, as a mail program would: what a recipient gets, and not what was uploaded.
 */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

/** @param index of the file among those that are attached or shown in the text, in the order of the `.eml` */
export async function* emlPart(emlPath: string, index: number): AsyncGenerator<Buffer> {
  const boundaries: string[] = [];
  let headers: string[] | undefined = [];
  let seen = -1;
  let isWanted = false;
  let rest = "";
  // Latin-1 preserves every byte, and lines of base64 are ASCII only.
  const lines = createInterface({
    input: createReadStream(emlPath, "latin1"),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  for await (const line of lines) {
    if (
      headers === undefined &&
      boundaries.some((boundary) => line === boundary || line === `${boundary}--`)
    ) {
      if (isWanted) break;
      headers = [];
    } else if (headers !== undefined && line !== "") {
      if (/^[ \t]/.test(line)) headers.push(`${headers.pop() ?? ""} ${line.trim()}`);
      else headers.push(line);
    } else if (headers !== undefined) {
      const type = headerOf(headers, "content-type");
      const boundary = /boundary="?([^";]+)/i.exec(type)?.[1];
      if (boundary !== undefined) boundaries.push(`--${boundary}`);
      else if (headerOf(headers, "content-disposition") !== "") seen += 1;
      const isFile = boundary === undefined && headerOf(headers, "content-disposition") !== "";
      isWanted = isFile && seen === index;
      headers = undefined;
    } else if (isWanted) {
      // Whole groups of four characters: each is three bytes.
      const text = rest + line;
      const whole = text.length - (text.length % 4);
      rest = text.slice(whole);
      if (whole > 0) yield Buffer.from(text.slice(0, whole), "base64");
    }
  }
}

function headerOf(headers: readonly string[], name: string): string {
  const found = headers.find((line) => line.toLowerCase().startsWith(`${name}:`));
  return found?.slice(name.length + 1).trim() ?? "";
}
