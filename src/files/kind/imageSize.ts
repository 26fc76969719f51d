/** The size of an image, from its first bytes, in the formats that mail programs show. */
import { readAt, withFile } from "../fileBytes.ts";

export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/** Enough for all headers but JPEG's, which comes after whatever a camera has written. */
const HEAD_BYTES = 32;
/** How many parts may precede the one with the size: a camera writes a handful. */
const MAX_JPEG_PARTS = 200;

/**
 * @returns pixels; undefined when the bytes do not tell
 * @throws the system's error when the file cannot be read
 */
export async function imageSize(path: string): Promise<PixelSize | undefined> {
  return withFile(path, async (file) => {
    const head = await readAt(file, 0, HEAD_BYTES);
    if (head.length < HEAD_BYTES) return undefined;
    const size = head.readUInt16BE(0) === 0xffd8 ? await jpegSize(file) : headSize(head);
    return size !== undefined && size.width > 0 && size.height > 0 ? size : undefined;
  });
}

function headSize(head: Buffer): PixelSize | undefined {
  const kind = head.toString("latin1", 0, 16);
  if (kind.startsWith("\x89PNG")) return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
  if (kind.startsWith("GIF8")) return { width: head.readUInt16LE(6), height: head.readUInt16LE(8) };
  // The height is negative when the rows are saved from the top.
  if (kind.startsWith("BM")) return { width: head.readInt32LE(18), height: Math.abs(head.readInt32LE(22)) };
  if (!kind.startsWith("RIFF")) return undefined;
  switch (kind.slice(12)) {
    case "VP8 ":
      return { width: head.readUInt16LE(26) & 0x3fff, height: head.readUInt16LE(28) & 0x3fff };
    case "VP8L": {
      const bits = head.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case "VP8X":
      return { width: head.readUIntLE(24, 3) + 1, height: head.readUIntLE(27, 3) + 1 };
    default:
      return undefined;
  }
}

async function jpegSize(file: Parameters<typeof readAt>[0]): Promise<PixelSize | undefined> {
  let at = 2;
  for (let part = 0; part < MAX_JPEG_PARTS; part++) {
    const head = await readAt(file, at, 9);
    if (head.length < 9 || head[0] !== 0xff) return undefined;
    const marker = head[1] ?? 0;
    // The start of a frame: C0 to CF, except for three that mean something else.
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      return { width: head.readUInt16BE(7), height: head.readUInt16BE(5) };
    // A marker may be preceded by fill bytes.
    at += marker === 0xff ? 1 : 2 + head.readUInt16BE(2);
  }
  return undefined;
}
