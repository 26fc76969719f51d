/**
 * What a thread of a `DeflatePool` does: it reads small files, and looks for secrets in them and at the ends
 * of large ones, while libuv's pool compresses.
 */
import { basename } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import type { ListedPath } from "../folder/listedFiles.ts";
import { HEAD_BYTES, secretContent, TAIL_BYTES } from "../secrets/secretContents.ts";
import { secretName } from "../secrets/secretNames.ts";
import type { SecretFinding } from "../secrets/secretWords.ts";
import { entryMode } from "./entryModes.ts";
import { Lane, type PackedPart, type Part } from "./lane.ts";
import { readSmall, type SmallContent } from "./smallFile.ts";

export interface BlockOrder extends Part {
  /** The file's name, if it is searched for secrets. */
  readonly lookedThrough: string | undefined;
}

export interface SmallOrder extends ListedPath {
  /** Its size when it was listed: the room it has in the memory. */
  readonly size: number;
}

export interface FilesOrder {
  /** They follow one another in the memory. */
  readonly files: readonly SmallOrder[];
  /**
   * The memory to use (default: that of the last such order). Each transfer of the same memory would count
   * again towards what the thread uses.
   */
  readonly memory: SharedArrayBuffer | undefined;
  readonly offset: number;
  /** The system whose disk is read. */
  readonly platform: NodeJS.Platform;
}

/** Null: no more will follow. */
export type Order = BlockOrder | FilesOrder | null;

export interface Made extends PackedPart {
  readonly secret: SecretFinding | undefined;
}

export interface MadeFile extends Made, Pick<SmallContent, "mtimeMs"> {
  /** For the archive. */
  readonly mode: number;
  readonly length: number;
  /** The memory it is in, if not the one given. */
  readonly elsewhere: SharedArrayBuffer | undefined;
}

/** For a block, or for each small file as from `readSmall`. Answers come in the order of the orders. */
export type Answer = Made | readonly (MadeFile | "large" | undefined)[];

const NOTHING = new Uint8Array();
const free = Array.from({ length: Number(workerData) }, () => new Lane());
const waiting: ((lane: Lane) => void)[] = [];
let memory = new SharedArrayBuffer(0);
let begun = Promise.resolve();
let answered = Promise.resolve();
let isOver = false;

parentPort?.on("message", (order: Order) => {
  if (order === null) {
    isOver = true;
    parentPort?.close();
  } else begun = begun.then(() => begin(order));
});

/** Resolves when everything in the order is under way and the next one can begin. */
async function begin(order: BlockOrder | FilesOrder): Promise<void> {
  if ("bytes" in order) return answer(packBlock(await freeLane(), order));
  memory = order.memory ?? memory;
  let { offset } = order;
  const files: Promise<MadeFile | "large" | undefined>[] = [];
  for (const file of order.files) {
    const lane = await freeLane();
    if (isOver) return;
    files.push(packFile(lane, file, new Uint8Array(memory, offset, file.size), order.platform));
    offset += file.size;
  }
  answer(Promise.all(files));
}

function answer(coming: Promise<Answer>): void {
  answered = answered.then(async () => parentPort?.postMessage(await coming));
}

async function freeLane(): Promise<Lane> {
  return free.pop() ?? new Promise((resolve) => waiting.push(resolve));
}

function release(lane: Lane): void {
  const next = waiting.shift();
  if (next === undefined) free.push(lane);
  else next(lane);
}

async function packFile(
  lane: Lane,
  file: SmallOrder,
  room: Uint8Array<SharedArrayBuffer>,
  platform: NodeJS.Platform,
): Promise<MadeFile | "large" | undefined> {
  const read = readSmall(file, room);
  if (read === undefined || read === "large") {
    release(lane);
    return read;
  }
  const { content, mtimeMs } = read;
  const mode = entryMode(read.mode, content, platform);
  const elsewhere = content.buffer === memory ? undefined : content.buffer;
  const order = { bytes: content, before: 0, isLast: true, lookedThrough: basename(file.given) };
  return { ...(await packBlock(lane, order)), mode, mtimeMs, length: content.length, elsewhere };
}

async function packBlock(lane: Lane, order: BlockOrder): Promise<Made> {
  const packing = lane.deflate(order);
  const secret = secretOf(order);
  const packed = await packing;
  release(lane);
  return { ...packed, secret };
}

/**
 * Searches the name and the beginning of a file's first block, and the end of its last, which may reach back
 * into the block before.
 */
function secretOf({ bytes, before, isLast, lookedThrough }: BlockOrder): SecretFinding | undefined {
  if (lookedThrough === undefined) return undefined;
  const { buffer, byteOffset, length } = bytes;
  const isFirst = before === 0;
  const hasTail = isLast && (!isFirst || length > HEAD_BYTES);
  if (!isFirst && !hasTail) return undefined;
  const byName = isFirst ? secretName(lookedThrough) : undefined;
  if (byName !== undefined) return { kind: byName };
  const tailBytes = Math.min(TAIL_BYTES, before + length);
  return secretContent(
    isFirst ? bytes.subarray(0, HEAD_BYTES) : NOTHING,
    hasTail ? new Uint8Array(buffer, byteOffset + length - tailBytes, tailBytes) : NOTHING,
  );
}
