/** Files that fit in no mail: what their parts are, as attachments, and the whole ones that they came from. */
import { ContentHash, type HashedSource } from "../../files/contentHash.ts";
import { fileChangedUnsent } from "../../files/fileTrouble.ts";
import { compareVersions, type FileVersion, versionOf } from "../../files/fileVersion.ts";
import { UNKNOWN_TYPE } from "../../files/kind/fileType.ts";
import { portableName } from "../../files/portableName.ts";
import { withoutSession } from "../record/advanceAttachment.ts";
import type { AttachmentRecord, SavedAttachment } from "../record/delivery.ts";
import type { CutFile, CutPart } from "../record/mailSet.ts";

/** The file, open. */
interface FileToCut extends HashedSource {
  readonly version: FileVersion;
  assertVersion(): Promise<"same" | "touched">;
}

/** A cut of which nobody has read the file yet. */
export interface PlannedCut {
  readonly file: AttachmentRecord;
  /** See `CutFile`. */
  readonly joined: string;
  readonly parts: readonly Omit<CutPart, "sha256">[];
}

/** What nobody has begun to upload, nor decided anything about. */
const UNBEGUN = { status: "queued", reused: false, versionKept: false, error: null } as const;
/** Letters and digits of any language, and what no shell takes for anything but itself. */
const NOT_PLAIN = /[^\p{L}\p{M}\p{N}._-]+/gu;
const MOST_LETTERS = 60;

/** A name that needs no quotes on any command line: "My film (2).mp4" → "My_film_2_.mp4". */
export function plainName(name: string): string {
  const plain = name
    .normalize("NFC")
    .replace(NOT_PLAIN, "_")
    .replace(/^[._-]+/, "");
  const letters = [...plain];
  const short =
    letters.length <= MOST_LETTERS
      ? plain
      : [...letters.slice(0, MOST_LETTERS / 2), ...letters.slice(-MOST_LETTERS / 2)].join("");
  // Without what it began with it may be a device: to Windows, `con.mp4` is the console.
  return portableName(short);
}

/**
 * Reads a file that is to be cut, all of it once.
 * @throws FreightError `file-changed` where it is not what a person has agreed to send; as its source does
 */
export async function readCut(
  { file, joined, parts }: PlannedCut,
  source: FileToCut,
  signal: AbortSignal,
): Promise<CutFile> {
  const { id, name, path, contentType, size, agreed } = file;
  const whole = new ContentHash(source);
  const read: CutPart[] = [];
  try {
    for (const part of parts) {
      // Beside the threads of the whole: a part is small.
      const own = new ContentHash(source, { threadsFrom: Number.POSITIVE_INFINITY });
      for await (const chunk of source.reader().read(part.start, part.size)) {
        signal.throwIfAborted();
        await whole.take(whole.bytes, chunk);
        await own.take(own.bytes, chunk);
      }
      read.push({ ...part, sha256: (await own.checkpoint()).sha256 });
    }
    const { bytes, sha256 } = await whole.checkpoint();
    const isStill = bytes === size && (await source.assertVersion()) === "same";
    const isAgreed =
      agreed?.sha256 == null
        ? compareVersions(source.version, agreed ?? file) === "same"
        : agreed.sha256 === sha256;
    if (!isStill || !isAgreed) throw fileChangedUnsent(path);
    return { file: id, name, joined, contentType, ...versionOf(source.version), sha256, parts: read };
  } finally {
    await whole.end();
  }
}

/** The parts of files that one of the mails has. @param at which mail, from 0 */
export function partsIn(
  at: number,
  cut: readonly CutFile[],
  files: readonly AttachmentRecord[],
): SavedAttachment[] {
  return cut.flatMap((whole) => {
    const file = files.find(({ id }) => id === whole.file);
    if (file === undefined) return [];
    const of = { of: whole.file, whole: whole.size };
    return whole.parts
      .filter(({ mail }) => mail === at)
      .map(({ id, name, start, size, sha256 }) => {
        const version = { ...versionOf(whole), size };
        const part = { id, name, ...version, part: { ...of, start }, contentType: UNKNOWN_TYPE };
        return { ...withoutSession(file), ...UNBEGUN, ...part, agreed: { ...version, sha256 } };
      });
  });
}

/** The files that parts came from, of which there may be any. @param newId of each */
export function wholeFiles(
  parts: readonly AttachmentRecord[],
  cut: readonly CutFile[],
  newId: () => string,
): SavedAttachment[] {
  return cut.flatMap((whole) => {
    const found = parts.find(({ part }) => part?.of === whole.file);
    if (found === undefined) return [];
    const { part: _, ...file } = withoutSession(found);
    const { name, contentType, sha256 } = whole;
    const version = versionOf(whole);
    return [
      { ...file, ...UNBEGUN, id: newId(), name, contentType, ...version, agreed: { ...version, sha256 } },
    ];
  });
}
