/** A request made of texts and files: each try sends the same bytes, or too few to pass for the whole. */

import { ContentHash } from "../files/contentHash.ts";
import { FileSource } from "../files/fileSource.ts";
import { fileChangedUnsent } from "../files/fileTrouble.ts";
import { asBase64, base64Length } from "./base64.ts";

/** A file as it was when the request was written down. */
export interface FilePiece {
  readonly path: string;
  /** Offset in the file (default: 0). */
  readonly start?: number | undefined;
  /** Bytes. */
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly as: "bytes" | "base64";
}

export type Piece = string | FilePiece;

/** Exactly the bytes that `assembled` yields. */
export function assembledLength(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + pieceLength(piece), 0);
}

function pieceLength(piece: Piece): number {
  if (typeof piece === "string") return Buffer.byteLength(piece);
  return piece.as === "bytes" ? piece.size : base64Length(piece.size);
}

/**
 * Reads the files while they are sent. What follows a file is sent only if the file is still the one that was
 * recorded; otherwise the request stays shorter than announced, and no service takes it for complete. The
 * last piece must therefore be a text.
 * @throws FreightError `file-changed`, or as `FileSource.open`
 */
export async function* assembled(pieces: readonly Piece[], signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    signal.throwIfAborted();
    if (typeof piece === "string") yield Buffer.from(piece);
    else yield* fileBytes(piece, signal);
  }
}

async function* fileBytes(
  { path, start = 0, size, sha256, as }: FilePiece,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const source = await FileSource.open(path, Number.MAX_SAFE_INTEGER);
  const read = (offset: number, length: number) => source.reader().read(start + offset, length);
  const hash = new ContentHash({ version: { size }, reader: () => ({ read }) });
  try {
    // The file may have grown since, but it must not have shrunk.
    if (source.version.size < start + size) throw fileChangedUnsent(path);
    const chunks = hashed(read(0, size), hash, signal);
    yield* as === "bytes" ? chunks : asBase64(chunks);
    if ((await hash.checkpoint()).sha256 !== sha256) throw fileChangedUnsent(path);
  } finally {
    await Promise.all([source.close(), hash.end()]);
  }
}

async function* hashed(
  chunks: AsyncIterable<Uint8Array>,
  hash: ContentHash,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    await hash.take(hash.bytes, chunk);
    yield chunk;
  }
}
