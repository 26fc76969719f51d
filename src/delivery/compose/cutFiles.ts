/** Files that fit in no mail: turns them into parts that are attachments, and parts back into whole files. */
import { ContentHash, type HashedSource } from "../../files/contentHash.ts";
import { fileChangedUnsent } from "../../files/fileTrouble.ts";
import { compareVersions, type FileVersion, versionOf } from "../../files/fileVersion.ts";
import { UNKNOWN_TYPE } from "../../files/kind/fileType.ts";
import { portableName } from "../../files/portableName.ts";
import { withoutSession } from "../record/advanceAttachment.ts";
import type { AttachmentRecord, SavedAttachment } from "../record/delivery.ts";
import type { CutFile, CutPart } from "../record/mailSet.ts";

/** The opened file. */
interface FileToCut extends HashedSource {
  readonly version: FileVersion;
  assertVersion(): Promise<"same" | "touched">;
}

/** A cut whose file was not read yet. */
export interface PlannedCut {
  readonly file: AttachmentRecord;
  /** See `CutFile`. */
  readonly joined: string;
  readonly parts: readonly Omit<CutPart, "sha256">[];
}

/** The state of an attachment before its upload, and before any decision about it. */
const UNBEGUN = { status: "queued", reused: false, versionKept: false, error: null } as const;
/** Anything but letters and digits of any language, and characters that are special to no shell. */
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
  // Without its first characters, the name may be a device: to Windows, `con.mp4` is the console.
  return portableName(short);
}

/**
 * Reads all of a file that is to be cut once, for the hashes of the whole and of its parts.
 * @throws FreightError `file-changed` if it is not what a person has agreed to send; or as its source does
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
      // Without threads: the hash of the whole has some already, and a part is small.
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

/** The parts of cut files that belong in one of the mails. @param at which mail, from 0 */
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

/** The whole files, each made from any of its parts. @param newId makes the id of each */
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
