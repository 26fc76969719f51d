/** How large a zip of a file would be, estimated from a sample. */
import { open } from "node:fs/promises";
import { promisify } from "node:util";
import { deflateRaw } from "node:zlib";
import { formatBytes } from "../../shared/format.ts";
import { t } from "../../shared/l10n.ts";
import { fileError } from "../fileTrouble.ts";
import { LEVEL } from "./lane.ts";

export interface Estimate {
  /** Bytes of the file. */
  readonly size: number;
  /** The size of its zip in bytes, as far as the sample tells. */
  readonly likely: number;
  /** How far off that may be: 0.3 for 30 percent. */
  readonly margin: number;
}

const BLOCKS = 32;
const BLOCK_BYTES = 256 * 1024;
/** Even a uniform sample says nothing about what lies between its blocks. */
const LEAST_MARGIN = 0.1;
const MOST_MARGIN = 0.9;
const compress = promisify(deflateRaw);

/**
 * Reads blocks spread evenly over the file, at most 8 MiB, and compresses each.
 * @throws FreightError when the file cannot be read; an AbortError when `signal` ended it
 */
export async function estimateZip(path: string, signal: AbortSignal): Promise<Estimate> {
  const fail = (reason: unknown) => {
    throw fileError(path, reason);
  };
  const ratios: number[] = [];
  const handle = await open(path, "r").catch(fail);
  const { size } = await handle.stat();
  try {
    const length = Math.min(BLOCK_BYTES, size);
    const block = Buffer.allocUnsafeSlow(length);
    for (let at = 0; at < BLOCKS; at++) {
      signal.throwIfAborted();
      const offset = Math.floor(((size - length) / (BLOCKS - 1)) * at);
      const { bytesRead } = await handle.read(block, 0, length, offset).catch(fail);
      if (bytesRead === 0) break; // It has shrunk: what was read has to do.
      ratios.push(
        Math.min(1, (await compress(block.subarray(0, bytesRead), { level: LEVEL })).length / bytesRead),
      );
    }
  } finally {
    await handle.close();
  }
  if (ratios.length === 0) return { size, likely: size, margin: MOST_MARGIN };
  const mean = sum(ratios) / ratios.length;
  // Two standard errors of the mean: the more the blocks differ, the less they say about the rest.
  const variance = sum(ratios.map((ratio) => (ratio - mean) ** 2)) / Math.max(1, ratios.length - 1);
  const spread = (2 * Math.sqrt(variance / ratios.length)) / mean;
  return {
    size,
    likely: Math.ceil(size * mean),
    margin: Math.min(MOST_MARGIN, Math.max(LEAST_MARGIN, spread)),
  };
}

/** A zip larger than this share of the file is not worth opening. */
const WORTH = 0.9;

/** Whether a zip would be small enough to be worth it. */
export function pays({ likely, size }: Estimate): boolean {
  return likely <= size * WORTH;
}

/** What compresses no better than this is already compressed, or noise. */
const HOPELESS = 0.97;

function isHopeless({ likely, size }: Estimate): boolean {
  return likely > size * HOPELESS;
}

/** Whether the zip is within a limit: "no" when even the lower end of the estimate is above it, or nothing is gained. */
export function verdict(estimate: Estimate, maxBytes: number): "likely" | "perhaps" | "no" {
  const { likely, margin } = estimate;
  if (likely * (1 + margin) <= maxBytes) return "likely";
  const isOver = likely > maxBytes && isHopeless(estimate);
  return isOver || likely * (1 - margin) > maxBytes ? "no" : "perhaps";
}

/** The estimate in one sentence that promises nothing. */
export function describeEstimate(estimate: Estimate, maxBytes: number): string {
  const percent = Math.max(10, Math.ceil((estimate.margin * 100) / 5) * 5);
  const sizes = [formatBytes(estimate.likely), formatBytes(estimate.size), percent] as const;
  switch (verdict(estimate, maxBytes)) {
    case "likely":
      return t("A sample suggests that its zip would be about {0} (of {1}; {2}% margin).", ...sizes);
    case "perhaps":
      return t(
        "A sample suggests that its zip would be about {0} (of {1}; {2}% margin): it may or may not fit.",
        ...sizes,
      );
    case "no":
      if (isHopeless(estimate))
        return t("Compressing it would not help: a sample suggests that it is compressed already.");
      return t("A zip would not fit either: a sample suggests about {0} (of {1}; {2}% margin).", ...sizes);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
