/** Writes a zip archive to a file, entry by entry. Keeps only directory records in memory, no contents. */
import { joinedCrc32 } from "./crc32.ts";
import type { Block, Deflated } from "./deflatePool.ts";
import { directoryRecord, endRecords, localHeader, localHeaderBytes, type ZipEntry } from "./zipFormat.ts";

/** The part of a `FileHandle` that an archive is written through. */
export interface ZipOutput {
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>;
  truncate(bytes: number): Promise<void>;
}

export interface ZipItem {
  /** With slashes. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly mtimeMs: number;
  /** Permission bits. */
  readonly mode: number;
  /** Bytes: exactly as many as its blocks have together. */
  readonly size: number;
}

/** A block of a file with the result of its compression. */
export interface PackedBlock extends Pick<Block, "bytes" | "isLast"> {
  readonly deflated: Deflated;
}

/** The most that a stored deflate block holds. */
const STORED_BYTES = 0xffff;
const GATHERED_BYTES = 1024 * 1024;
const DIRECTORY_BLOCK_BYTES = 256 * 1024;

export class ZipWriter {
  readonly #output: ZipOutput;
  /** Small writes are gathered: 60,000 files would otherwise mean 120,000 of them. */
  readonly #gathered = Buffer.allocUnsafeSlow(GATHERED_BYTES);
  #gatheredBytes = 0;
  /** Bytes that are in the file. */
  #written = 0;
  /** The directory so far: full blocks, and one that is being filled. */
  readonly #blocks: Buffer[] = [];
  #block = Buffer.alloc(0);
  #blockBytes = 0;
  #entries = 0;

  constructor(output: ZipOutput) {
    this.#output = output;
  }

  /** How many bytes the archive has so far, its directory not counted. */
  get bytes(): number {
    return this.#written + this.#gatheredBytes;
  }

  /** Adds a file that is in memory. */
  async addSmall(item: ZipItem, content: Uint8Array, { body, sum }: Deflated): Promise<void> {
    const bytes = body ?? content;
    const deflated = body !== undefined;
    const entry = { ...this.#describe(item), deflated, crc32: sum, packedSize: bytes.length };
    await this.#append(localHeader(entry));
    await this.#append(bytes);
    this.#list(entry);
  }

  /**
   * Adds a file as its blocks come. If they fail, the archive is as it was before, and takes other files.
   * @throws whatever the blocks throw; an Error when writing fails
   */
  async addLarge(item: ZipItem, blocks: AsyncIterable<PackedBlock>): Promise<void> {
    const begun = this.#describe(item);
    let sum = 0;
    await this.#flush();
    // Its numbers are known only at its end: leave room for the header, and fill it then.
    this.#written += localHeaderBytes(begun.name, item.size);
    const bodyOffset = this.#written;
    try {
      for await (const { bytes, isLast, deflated } of blocks) {
        sum = joinedCrc32(sum, deflated.sum, bytes.length);
        if (deflated.body !== undefined) await this.#append(deflated.body);
        else await this.#appendStored(bytes, isLast);
      }
      await this.#flush();
    } catch (reason) {
      this.#gatheredBytes = 0;
      this.#written = begun.offset;
      throw reason;
    }
    const entry = { ...begun, deflated: true, crc32: sum, packedSize: this.#written - bodyOffset };
    await this.#write(localHeader(entry), entry.offset);
    this.#list(entry);
  }

  /** Deflate blocks that are stored as they are (RFC 1951, 3.2.4). The block before ends at a whole byte. */
  async #appendStored(bytes: Uint8Array, isLast: boolean): Promise<void> {
    for (let at = 0; at < bytes.length; at += STORED_BYTES) {
      const part = bytes.subarray(at, at + STORED_BYTES);
      const header = Buffer.alloc(5);
      header.writeUInt8(isLast && at + part.length === bytes.length ? 1 : 0, 0);
      header.writeUInt16LE(part.length, 1);
      header.writeUInt16LE(part.length ^ 0xffff, 3);
      await this.#append(header);
      await this.#append(part);
    }
  }

  /** Writes the directory; nothing can be added afterwards. @returns the archive's size in bytes */
  async finish(): Promise<number> {
    const offset = this.bytes;
    for (const block of this.#blocks) await this.#append(block);
    await this.#append(this.#block.subarray(0, this.#blockBytes));
    await this.#append(endRecords({ entries: this.#entries, offset, bytes: this.bytes - offset }));
    await this.#flush();
    // An entry that failed near the end may have left bytes behind it.
    await this.#output.truncate(this.#written);
    return this.#written;
  }

  #describe({ name, mtimeMs, mode, size }: ZipItem): Omit<ZipEntry, "deflated" | "crc32" | "packedSize"> {
    return { name: Buffer.from(name), mtimeMs, mode, size, offset: this.bytes };
  }

  #list(entry: ZipEntry): void {
    const record = directoryRecord(entry);
    if (this.#blockBytes + record.length > this.#block.length) {
      if (this.#blockBytes > 0) this.#blocks.push(this.#block.subarray(0, this.#blockBytes));
      this.#block = Buffer.alloc(DIRECTORY_BLOCK_BYTES);
      this.#blockBytes = 0;
    }
    this.#block.set(record, this.#blockBytes);
    this.#blockBytes += record.length;
    this.#entries += 1;
  }

  async #append(bytes: Uint8Array): Promise<void> {
    if (this.#gatheredBytes + bytes.length > GATHERED_BYTES) await this.#flush();
    if (bytes.length > GATHERED_BYTES) {
      await this.#write(bytes, this.#written);
      this.#written += bytes.length;
      return;
    }
    this.#gathered.set(bytes, this.#gatheredBytes);
    this.#gatheredBytes += bytes.length;
  }

  async #flush(): Promise<void> {
    await this.#write(this.#gathered.subarray(0, this.#gatheredBytes), this.#written);
    this.#written += this.#gatheredBytes;
    this.#gatheredBytes = 0;
  }

  async #write(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const length = bytes.length - done;
      done += (await this.#output.write(bytes, done, length, position + done)).bytesWritten;
    }
  }
}
