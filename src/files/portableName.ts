/**
 * A file's name in a mail or a zip: one that every system can create, that has nothing hidden in it, and that
 * no other file of the same mail or folder has. Its name on the disk does not change.
 */
import { withoutHidden } from "../shared/foreignText.ts";

/** The longest name in bytes, on Linux; Windows and macOS count differently, and allow no less. */
export const NAME_BYTES = 255;
/**
 * Names that mean a device on Windows, whatever ending follows.
 * https://learn.microsoft.com/windows/win32/fileio/naming-a-file#naming-conventions
 */
const DEVICE = /^(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]|conin\$|conout\$|clock\$)(?=\s*(?:\.|$))/i;
/** Most names: they need no second look. */
const PLAIN = /^[\w.-][\w .-]{0,200}$/;

/** @param instead used when nothing is left of the name */
export function portableName(name: string, instead = "file", maxBytes = NAME_BYTES): string {
  if (PLAIN.test(name) && !/[. ]$/.test(name) && !DEVICE.test(name)) return name;
  const visible = withoutHidden(name.replace(/[\t-\r\u2028\u2029]+/g, " ")).normalize("NFC");
  const legal = visible
    .replace(/[<>:"/\\|?*]/g, "_")
    .trim()
    .replace(/[\s.]+$/, "");
  return shortened(legal.replace(DEVICE, "$1_") || instead, maxBytes);
}

/** Equal for names that some system takes for one: by case (Windows, macOS) or Unicode composition. */
export function nameKey(name: string): string {
  return name.normalize("NFC").toUpperCase().toLowerCase().normalize("NFC");
}

/** Makes names distinct from each other and from `taken`. A name that is not in use yet stays as it is. */
export function distinctNames(names: readonly string[], taken: readonly string[] = []): string[] {
  const used = new Set(taken.map(nameKey));
  const wanted = new Set(names.map(nameKey));
  return names.map((name) => {
    const own = used.has(nameKey(name)) ? numbered(name, (key) => used.has(key) || wanted.has(key)) : name;
    used.add(nameKey(own));
    return own;
  });
}

/** "report.pdf" → "report (2).pdf", with the first free number. @param isTaken called with a `nameKey` */
export function numbered(name: string, isTaken: (key: string) => boolean): string {
  const [stem, ending] = divided(name);
  for (let number = 2; ; number++) {
    const mark = ` (${number})${ending}`;
    const candidate = shortened(stem, NAME_BYTES - Buffer.byteLength(mark)) + mark;
    if (!isTaken(nameKey(candidate))) return candidate;
  }
}

/** Cuts a name to at most `maxBytes`; its ending stays. */
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

/** Splits off the ending. An ending is short: what follows a dot further back is part of the name. */
function divided(name: string): [stem: string, ending: string] {
  const ending = /(?<=.)(?:\.tar)?\.[^.\s]{1,16}$/s.exec(name)?.[0] ?? "";
  return [name.slice(0, name.length - ending.length), ending];
}
