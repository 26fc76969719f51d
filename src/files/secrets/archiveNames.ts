/**
 * The names of an archive's files, without unpacking it: zip (and what is one: jar, docx, vsix, whl), tar,
 * and gzipped tar. Bounded, because an archive is a stranger's file.
 */
import type { FileHandle } from "node:fs/promises";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { readAt } from "../fileBytes.ts";

/** No more names than this are looked at. */
const MOST_NAMES = 20_000;
/** The most that is read of a zip's directory, in bytes. */
const LARGEST_DIRECTORY = 8 * 1024 * 1024;
/** The longest last record of a zip, with its comment. */
const LAST_RECORD_BYTES = 22 + 0xffff;
/** The most that is unpacked of a gzip to get at the names in it, in bytes. */
const MOST_UNPACKED = 64 * 1024 * 1024;
/** The longest name of a file in a tar, in bytes. */
const LONGEST_NAME = 64 * 1024;
const BLOCK = 512;

/** The names in an archive; empty for other files and broken ones. @param head its first block at least */
export async function archiveNames(file: FileHandle, size: number, head: Buffer): Promise<string[]> {
  if (head.length >= 4 && (head.readUInt32LE(0) === 0x04034b50 || head.readUInt32LE(0) === 0x06054b50))
    return zipNames(file, size);
  if (isTarHeader(head)) return tarNames(bytesOf(file));
  if (head[0] === 0x1f && head[1] === 0x8b && head[2] === 8) return gzippedTarNames(file);
  return [];
}

async function zipNames(file: FileHandle, size: number): Promise<string[]> {
  const start = Math.max(0, size - LAST_RECORD_BYTES);
  const end = await readAt(file, start, size - start);
  const at = end.lastIndexOf("PK\u0005\u0006", undefined, "latin1");
  if (at === -1 || at + 22 > end.length) return [];
  let length = end.readUInt32LE(at + 12);
  let offset = end.readUInt32LE(at + 16);
  if (offset === 0xffffffff || length === 0xffffffff) {
    // The locator of the 64-bit record comes right before.
    if (at < 20) return [];
    const wide = await readAt(file, Number(end.readBigUInt64LE(at - 20 + 8)), 56);
    if (wide.length < 56) return [];
    length = Number(wide.readBigUInt64LE(40));
    offset = Number(wide.readBigUInt64LE(48));
  }
  if (!(offset < size)) return [];
  const directory = await readAt(file, offset, Math.min(length, LARGEST_DIRECTORY, size - offset));
  const names: string[] = [];
  for (let next = 0; next + 46 <= directory.length && names.length < MOST_NAMES; ) {
    if (directory.readUInt32LE(next) !== 0x02014b50) break;
    const nameLength = directory.readUInt16LE(next + 28);
    names.push(directory.toString("utf8", next + 46, next + 46 + nameLength));
    next += 46 + nameLength + directory.readUInt16LE(next + 30) + directory.readUInt16LE(next + 32);
  }
  return names;
}

function isTarHeader(block: Buffer): boolean {
  return block.length >= BLOCK && block.toString("latin1", 257, 262) === "ustar";
}

/** Bytes that are taken in order; fewer than asked for at the end. */
interface Bytes {
  next(length: number): Promise<Buffer>;
  skip(length: number): Promise<void>;
}

function bytesOf(file: FileHandle): Bytes {
  let at = 0;
  return {
    next: async (length) => {
      const bytes = await readAt(file, at, length);
      at += length;
      return bytes;
    },
    skip: async (length) => {
      at += length;
    },
  };
}

async function tarNames(bytes: Bytes): Promise<string[]> {
  const names: string[] = [];
  // A long name is the content of an entry of its own, right before the one it belongs to.
  let longName: string | undefined;
  while (names.length < MOST_NAMES) {
    const header = await bytes.next(BLOCK);
    const size = Number.parseInt(text(header, 124, 12).trim(), 8);
    if (!isTarHeader(header) || !Number.isSafeInteger(size) || size < 0) break;
    const padded = Math.ceil(size / BLOCK) * BLOCK;
    const type = text(header, 156, 1);
    if (/^[Lxg]$/.test(type) && size <= LONGEST_NAME) {
      const content = (await bytes.next(padded)).toString("utf8", 0, size);
      // Either the name itself, or lines of which one may be `27 path=…`.
      if (type !== "g")
        longName = type === "x" ? /^\d+ path=(.*)$/m.exec(content)?.[1] : content.replace(/\0.*$/s, "");
      continue;
    }
    const [prefix, name] = [text(header, 345, 155), text(header, 0, 100)];
    names.push(longName ?? (prefix === "" ? name : `${prefix}/${name}`));
    longName = undefined;
    await bytes.skip(padded);
  }
  return names;
}

function text(block: Buffer, from: number, length: number): string {
  return block.toString("utf8", from, from + length).replace(/\0.*$/s, "");
}

async function gzippedTarNames(file: FileHandle): Promise<string[]> {
  const packed = file.createReadStream({ start: 0, autoClose: false });
  const unpacked = createGunzip();
  packed.on("error", (reason) => unpacked.destroy(reason)).pipe(unpacked);
  try {
    return await tarNames(bytesOfStream(unpacked));
  } catch {
    return []; // Broken, or not a tar: nobody can unpack a key from it either.
  } finally {
    packed.destroy();
    unpacked.destroy();
  }
}

function bytesOfStream(stream: Readable): Bytes {
  const chunks = stream.iterator();
  let rest: Buffer = Buffer.alloc(0);
  let seen = 0;
  const fill = async (): Promise<boolean> => {
    const { value, done } = await chunks.next();
    if (done === true || !Buffer.isBuffer(value) || seen > MOST_UNPACKED) return false;
    seen += value.length;
    rest = rest.length === 0 ? value : Buffer.concat([rest, value]);
    return true;
  };
  const take = (length: number): Buffer => {
    const bytes = rest.subarray(0, length);
    rest = rest.subarray(length);
    return bytes;
  };
  return {
    next: async (length) => {
      while (rest.length < length && (await fill()));
      return take(length);
    },
    skip: async (length) => {
      for (let left = length - take(length).length; left > 0 && (await fill()); ) left -= take(left).length;
    },
  };
}
