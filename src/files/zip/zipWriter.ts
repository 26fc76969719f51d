/** Writes a zip archive to a file, entry by entry. Holds one entry's line of the directory in memory, never its bytes. */
import { pipeline } from "node:stream/promises";
import { crc32, createDeflateRaw, deflateRawSync } from "node:zlib";
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
  /** Bytes: exactly as many as its chunks have together. */
  readonly size: number;
}

const GATHERED_BYTES = 1024 * 1024;
const DIRECTORY_BLOCK_BYTES = 256 * 1024;

export class ZipWriter {
  readonly #output: ZipOutput;
  /** Small writes are gathered: 60,000 files would be 120,000 of them. */
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

  /** Adds a file that is in memory. It is compressed where it stands: keep it below 128 KiB. */
  async addSmall(item: ZipItem, content: Uint8Array): Promise<void> {
    const packed = content.length === 0 ? content : deflateRawSync(content);
    const deflated = packed.length < content.length;
    const body = deflated ? packed : content;
    const entry = {
      ...this.#describe(item),
      deflated,
      crc32: crc32(content),
      packedSize: body.length,
    };
    await this.#append(localHeader(entry));
    await this.#append(body);
    this.#list(entry);
  }

  /**
   * Adds a file as its chunks come. When they fail, the archive is as it was before, and takes others.
   * @throws whatever the chunks throw; an AbortError when `signal` ended it; an Error when writing fails
   */
  async addLarge(item: ZipItem, chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    const begun = this.#describe(item);
    let sum = 0;
    await this.#flush();
    // Its numbers are known at its end: the header's place is kept, and filled then.
    this.#written += localHeaderBytes(begun.name, item.size);
    const bodyOffset = this.#written;
    try {
      await pipeline(
        async function* () {
          for await (const chunk of chunks) {
            sum = crc32(chunk, sum);
            yield chunk;
          }
        },
        createDeflateRaw({ chunkSize: GATHERED_BYTES / 4 }),
        async (packed: AsyncIterable<Uint8Array>) => {
          for await (const bytes of packed) await this.#append(bytes);
        },
        { signal },
      );
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
