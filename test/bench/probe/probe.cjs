/**
 * Measures how long the event loop of the extension host is held and how much memory there is. The file `phase` in
 * FREIGHT_BENCH_PROBE says what is going on; when it changes, what was measured in the phase before is written next to it.
 */
const { readFileSync, renameSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { monitorEventLoopDelay } = require("node:perf_hooks");

const RESOLUTION_MS = 1;
const LOOK_MS = 50;

/** @param nanoseconds between two looks at the clock */
const delayMs = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);

function readPhase(folder) {
  try {
    return readFileSync(join(folder, "phase"), "utf8");
  } catch {
    return ""; // Nobody has begun yet.
  }
}

exports.activate = () => {
  const folder = process.env.FREIGHT_BENCH_PROBE;
  if (folder === undefined) return;
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let phase = readPhase(folder);
  let peakBytes = 0;
  setInterval(() => {
    const rssBytes = process.memoryUsage.rss();
    peakBytes = Math.max(peakBytes, rssBytes);
    const now = readPhase(folder);
    if (now === phase) return;
    const file = join(folder, `${phase}.json`);
    const result = {
      longestMs: delayMs(delay.max),
      p99Ms: delayMs(delay.percentile(99)),
      peakBytes,
      rssBytes,
    };
    writeFileSync(`${file}.part`, JSON.stringify(result));
    renameSync(`${file}.part`, file);
    phase = now;
    peakBytes = rssBytes;
    delay.reset();
  }, LOOK_MS).unref();
};
