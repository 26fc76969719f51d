/**
 * The records of a zip archive, as bytes: UTF-8 names, times in UTC seconds, Unix modes, and 64-bit forms
 * where a number needs them. Pure. The format is PKWARE's APPNOTE.TXT 6.3, sections 4.3 and 4.5; the time is
 * Info-ZIP's extra field 0x5455.
 */

export interface ZipEntry {
  /** UTF-8, with slashes. */
  readonly name: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly mtimeMs: number;
  /** Permission bits. */
  readonly mode: number;
  readonly deflated: boolean;
  readonly crc32: number;
  /** Bytes of the file. */
  readonly size: number;
  /** Bytes in the archive. */
  readonly packedSize: number;
  /** Where its local header begins. */
  readonly offset: number;
}

const MAX_16 = 0xffff;
const MAX_32 = 0xffffffff;
/** Deflate makes what it cannot shrink 0.03% larger: sizes this far below the limit stay below it. */
const WIDE_BYTES = 0xf0000000;

const MADE_ON_UNIX = 3 << 8;
const VERSION = 20;
const VERSION_64 = 45;
const NAME_IS_UTF8 = 1 << 11;
const REGULAR_FILE = 0o100000;
const FOLDER = 0o040000;
/** DOS's attribute of a folder. */
const DOS_FOLDER = 0x10;
const SLASH = "/".charCodeAt(0);

/** True when the entry's sizes are written with 64 bits, which must be known before its bytes are. */
function isWide(size: number): boolean {
  return size >= WIDE_BYTES;
}

/** The length of `localHeader`, which depends only on the name and `isWide`. */
export function localHeaderBytes(name: Uint8Array, size: number): number {
  return 30 + name.length + 9 + (isWide(size) ? 20 : 0);
}

export function localHeader(entry: ZipEntry): Buffer {
  const wide = isWide(entry.size);
  const header = new Writer(localHeaderBytes(entry.name, entry.size));
  header.u32(0x04034b50);
  header.u16(wide ? VERSION_64 : VERSION);
  writeCommon(header, entry, wide);
  header.u16(entry.name.length);
  header.u16(9 + (wide ? 20 : 0));
  header.bytes(entry.name);
  writeTime(header, entry.mtimeMs);
  if (wide) writeWide(header, [entry.size, entry.packedSize]);
  return header.buffer;
}

/** The entry's line in the directory at the archive's end. */
export function directoryRecord(entry: ZipEntry): Buffer {
  const wide = isWide(entry.size);
  const far = entry.offset >= MAX_32;
  const wideNumbers = [...(wide ? [entry.size, entry.packedSize] : []), ...(far ? [entry.offset] : [])];
  const extraBytes = 9 + (wideNumbers.length > 0 ? 4 + 8 * wideNumbers.length : 0);
  const record = new Writer(46 + entry.name.length + extraBytes);
  record.u32(0x02014b50);
  record.u16(MADE_ON_UNIX | VERSION_64);
  record.u16(wideNumbers.length > 0 ? VERSION_64 : VERSION);
  writeCommon(record, entry, wide);
  record.u16(entry.name.length);
  record.u16(extraBytes);
  record.u16(0); // comment
  record.u16(0); // disk
  record.u16(0); // internal attributes
  const isFolder = entry.name.at(-1) === SLASH;
  const kind = isFolder ? FOLDER : REGULAR_FILE;
  record.u32((((kind | (entry.mode & 0o777)) << 16) >>> 0) + (isFolder ? DOS_FOLDER : 0));
  record.u32(far ? MAX_32 : entry.offset);
  record.bytes(entry.name);
  writeTime(record, entry.mtimeMs);
  if (wideNumbers.length > 0) writeWide(record, wideNumbers);
  return record.buffer;
}

/** The records that end an archive. */
export function endRecords(directory: {
  readonly entries: number;
  readonly offset: number;
  readonly bytes: number;
}): Buffer {
  const { entries, offset, bytes } = directory;
  const wide = entries >= MAX_16 || offset >= MAX_32 || bytes >= MAX_32;
  const end = new Writer(22 + (wide ? 76 : 0));
  if (wide) {
    end.u32(0x06064b50);
    end.u64(44);
    end.u16(MADE_ON_UNIX | VERSION_64);
    end.u16(VERSION_64);
    end.u32(0);
    end.u32(0);
    end.u64(entries);
    end.u64(entries);
    end.u64(bytes);
    end.u64(offset);
    end.u32(0x07064b50); // where the record above begins
    end.u32(0);
    end.u64(offset + bytes);
    end.u32(1);
  }
  end.u32(0x06054b50);
  end.u16(0);
  end.u16(0);
  end.u16(Math.min(entries, MAX_16));
  end.u16(Math.min(entries, MAX_16));
  end.u32(Math.min(bytes, MAX_32));
  end.u32(Math.min(offset, MAX_32));
  end.u16(0); // comment
  return end.buffer;
}

/** The fields that are in the same order in the local header and in the directory. */
function writeCommon(to: Writer, entry: ZipEntry, wide: boolean): void {
  to.u16(NAME_IS_UTF8);
  to.u16(entry.deflated ? 8 : 0);
  const { time, date } = dosTime(entry.mtimeMs);
  to.u16(time);
  to.u16(date);
  to.u32(entry.crc32);
  to.u32(wide ? MAX_32 : entry.packedSize);
  to.u32(wide ? MAX_32 : entry.size);
}

function writeTime(to: Writer, mtimeMs: number): void {
  to.u16(0x5455);
  to.u16(5);
  to.u8(1); // the time of the last change is the one that follows
  to.i32(Math.min(0x7fffffff, Math.max(-0x80000000, Math.floor(mtimeMs / 1000))));
}

function writeWide(to: Writer, numbers: readonly number[]): void {
  to.u16(0x0001);
  to.u16(8 * numbers.length);
  for (const number of numbers) to.u64(number);
}

/** Local time in steps of two seconds, from 1980 to 2107: all that old readers understand. */
function dosTime(mtimeMs: number): { time: number; date: number } {
  const at = new Date(mtimeMs);
  if (!(at.getFullYear() >= 1980)) return { time: 0, date: (1 << 5) | 1 };
  if (at.getFullYear() > 2107) return { time: 0, date: (127 << 9) | (12 << 5) | 31 };
  return {
    time: (at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1),
    date: ((at.getFullYear() - 1980) << 9) | ((at.getMonth() + 1) << 5) | at.getDate(),
  };
}

/** Writes little-endian numbers one after the other. */
class Writer {
  readonly buffer: Buffer;
  #at = 0;

  constructor(bytes: number) {
    this.buffer = Buffer.alloc(bytes);
  }

  u8(value: number): void {
    this.#at = this.buffer.writeUInt8(value, this.#at);
  }
  u16(value: number): void {
    this.#at = this.buffer.writeUInt16LE(value, this.#at);
  }
  u32(value: number): void {
    this.#at = this.buffer.writeUInt32LE(value, this.#at);
  }
  i32(value: number): void {
    this.#at = this.buffer.writeInt32LE(value, this.#at);
  }
  u64(value: number): void {
    this.#at = this.buffer.writeBigUInt64LE(BigInt(value), this.#at);
  }
  bytes(value: Uint8Array): void {
    this.buffer.set(value, this.#at);
    this.#at += value.length;
  }
}
