/**
 * What a file is called in a mail or a zip: a name that every system can make, that reads as it is, and that no other file
 * of the same mail or folder has. What a disk calls it stays its own affair.
 */
import { withoutHidden } from "../shared/foreignText.ts";

/** Bytes of a name on Linux; Windows and macOS count others, and take no fewer. */
export const NAME_BYTES = 255;
/**
 * Names of devices, which Windows means whatever follows them.
 * https://learn.microsoft.com/windows/win32/fileio/naming-a-file#naming-conventions
 */
const DEVICE = /^(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]|conin\$|conout\$|clock\$)(?=\s*(?:\.|$))/i;
/** Most names, which need no second look. */
const PLAIN = /^[\w.-][\w .-]{0,200}$/;

/** @param instead of a name of which nothing is left */
export function portableName(name: string, instead = "file", maxBytes = NAME_BYTES): string {
  if (PLAIN.test(name) && !/[. ]$/.test(name) && !DEVICE.test(name)) return name;
  const visible = withoutHidden(name.replace(/[\t-\r\u2028\u2029]+/g, " ")).normalize("NFC");
  const legal = visible
    .replace(/[<>:"/\\|?*]/g, "_")
    .trim()
    .replace(/[\s.]+$/, "");
  return shortened(legal.replace(DEVICE, "$1_") || instead, maxBytes);
}

/** Equal for two names that are one on some system: by case, as Windows and macOS take it, or by composition. */
export function nameKey(name: string): string {
  return name.normalize("NFC").toUpperCase().toLowerCase().normalize("NFC");
}

/** Names of which each is another one, and none is taken. A name that is not met before stays as it is. */
export function distinctNames(names: readonly string[], taken: readonly string[] = []): string[] {
  const used = new Set(taken.map(nameKey));
  const wanted = new Set(names.map(nameKey));
  return names.map((name) => {
    const own = used.has(nameKey(name)) ? numbered(name, (key) => used.has(key) || wanted.has(key)) : name;
    used.add(nameKey(own));
    return own;
  });
}

/** "report.pdf" → "report (2).pdf", with the first number that is free. @param isTaken asked by `nameKey` */
export function numbered(name: string, isTaken: (key: string) => boolean): string {
  const [stem, ending] = divided(name);
  for (let number = 2; ; number++) {
    const mark = ` (${number})${ending}`;
    const candidate = shortened(stem, NAME_BYTES - Buffer.byteLength(mark)) + mark;
    if (!isTaken(nameKey(candidate))) return candidate;
  }
}

/** As much of a name as has at most so many bytes; its ending stays. */
function shortened(name: string, maxBytes: number): string {
  if (Buffer.byteLength(name) <= maxBytes) return name;
  const [stem, ending] = divided(name);
  const room = maxBytes - Buffer.byteLength(ending);
  let short = "";
  for (const { segment } of new Intl.Segmenter().segment(stem)) {
    if (Buffer.byteLength(short + segment) > room) break;
    short += segment;
  }
  return short.replace(/[\s.]+$/, "") + ending;
}

/** An ending is short; what comes after a dot far back is part of the name. */
function divided(name: string): [stem: string, ending: string] {
  const ending = /(?<=.)(?:\.tar)?\.[^.\s]{1,16}$/s.exec(name)?.[0] ?? "";
  return [name.slice(0, name.length - ending.length), ending];
}
