/** Upload to the URL of a resumable session of Google's storage. */
import type { Bench } from "./bench.ts";
import { HASHINGS, type Hashing } from "./build.ts";
import { type Contender, contest, type Run, runCurl, runNode } from "./contest.ts";
import { type Goal, goal, mebibytes, precise, type Section, table } from "./report.ts";

const GIGABIT = 125_000_000;

const names: Readonly<Record<Hashing, string>> = {
  none: "Freight Mail, no hash",
  sha256: "Freight Mail, SHA-256",
  crc32c: "Freight Mail, CRC-32C",
  "sha256,crc32c": "Freight Mail as it ships (SHA-256 and CRC-32C)",
  "sha256,crc32c,once": "Freight Mail, both hashes, the file read once",
};
/** As an extension host is after its first mails. */
const WARM = ", warm process";
/** As many laptops and cloud machines have them: OpenSSL is told that there are none. */
const NO_SHA = ", processor without SHA instructions";
const WITHOUT_SHA = { OPENSSL_ia32cap: ":~0x20000000" };
const CURL = "curl -T";
const TWO = "two curl -T at once (each)";
const GUIDE = "readFile + fetch (the guide)";
const GOOGLE = "@google-cloud/storage, resumable";

export async function gcsTable(bench: Bench): Promise<Section> {
  const goals: Goal[] = [];
  const parts: string[] = [];
  const tenth = await bench.makeFile(bench.options.fileBytes / 10, "tenth.bin");
  for (const isSecure of [false, true]) {
    const where = isSecure ? "TLS" : "plain";
    const runs = await contest(bench, contenders(bench, isSecure));
    const start = await startsOf(bench, isSecure, tenth, runs);
    const load = runs.get(CURL)?.sinkLoad ?? 0;
    const limit = `The sink was busy for ${Math.round(load * 100)} % of curl's time${load > 0.9 ? ": it decrypts on one core, and here it is what limits curl" : ", so it is not what limits curl"}.`;
    parts.push(`### ${where}`, show(bench, runs), limit, start.text);
    goals.push(...judge(bench, runs, where, start.why));
  }
  for (const isSecure of [false, true]) {
    const where = `1 Gbit/s, ${isSecure ? "TLS" : "plain"}`;
    const runs = await onGigabit(bench, isSecure);
    parts.push(`### ${where}`, show(bench, runs));
    for (const machine of ["", NO_SHA]) {
      const seconds = (hashing: Hashing) => runs.get(names[hashing] + machine)?.seconds ?? Number.NaN;
      const slower = (seconds("sha256,crc32c") / seconds("none") - 1) * 100;
      goals.push(goal(`hashes beside the stream, ${where}${machine}: slower by`, slower, "<=", 2, " %"));
    }
  }
  return {
    title: "Upload to a resumable session of Google's storage",
    text: [
      "The sink's load says how busy its process was: below 100 % it waited for the contender. Two curls at once share the cores with it; together they show what it takes. A warm process has uploaded before: once in the life of a process, after some answers, V8 compiles undici's parser a second time, which takes about 22 MiB and 45 ms of processor time from whatever goes on then. As it ships, the last bytes leave only when the whole file was read a second time and compared (a CRC-32 a piece), and the hashes are taken in a thread of their own; the rows for single hashes, and the one that says so, are without the second look.",
      ...parts,
    ].join("\n\n"),
    goals,
  };
}

function contenders(bench: Bench, isSecure: boolean): Contender[] {
  const urls = () => [bench.url("gcs", isSecure)];
  return [
    { name: CURL, run: () => runCurl(bench, bench.url("gcs", isSecure)) },
    {
      name: TWO,
      run: async () => {
        const [one, other] = await Promise.all(
          urls()
            .concat(urls())
            .map((url) => runCurl(bench, url)),
        );
        if (one === undefined || other === undefined) throw new Error("Two were asked for");
        return { ...one, seconds: Math.max(one.seconds, other.seconds) };
      },
    },
    { name: GUIDE, run: () => runNode(bench, "guide.ts", { urls: urls() }) },
    { name: GOOGLE, run: () => runNode(bench, "google.ts", { urls: urls() }) },
    ...HASHINGS.map((hashing) => ({
      name: names[hashing],
      run: () => runNode(bench, bench.engines[hashing], { urls: urls() }),
    })),
    {
      name: `${names["sha256,crc32c"]}${NO_SHA}`,
      run: () => runNode(bench, bench.engines["sha256,crc32c"], { urls: urls() }, WITHOUT_SHA),
    },
    ...(["none", "sha256,crc32c"] as const).map((hashing) => ({
      name: `${names[hashing]}${WARM}`,
      run: () => {
        const first = bench.url("gcs", isSecure);
        return runNode(bench, bench.engines[hashing], { urls: urls(), first });
      },
    })),
  ];
}

/** What each needs before the bytes flow, and how they flow then: from the time for a tenth of the file. */
async function startsOf(bench: Bench, isSecure: boolean, tenth: string, whole: ReadonlyMap<string, Run>) {
  const { fileBytes } = bench.options;
  const runs = await contest(bench, [
    { name: CURL, run: () => runCurl(bench, bench.url("gcs", isSecure), tenth) },
    {
      name: names.none,
      run: () => runNode(bench, bench.engines.none, { urls: [bench.url("gcs", isSecure)], file: tenth }),
    },
  ]);
  const of = (name: string) => {
    const [all, part] = [whole.get(name)?.seconds ?? Number.NaN, runs.get(name)?.seconds ?? Number.NaN];
    return { startMs: ((10 * part - all) / 9) * 1000, rate: (0.9 * fileBytes) / (all - part) };
  };
  const [curl, ours] = [of(CURL), of(names.none)];
  const ratio = precise(ours.rate / curl.rate);
  const warm = whole.get(`${names.none}${WARM}`)?.seconds ?? Number.NaN;
  const warmRatio = precise((whole.get(CURL)?.seconds ?? Number.NaN) / warm);
  return {
    text: `Once bytes flow (the difference between the whole file and a tenth of it), our road moves ${precise(ours.rate / 1e6)} MB/s, ${ratio} × curl's ${precise(curl.rate / 1e6)}; before that, it needs ${precise(ours.startMs)} ms and curl ${precise(Math.max(0, curl.startMs))}.`,
    why: `${precise(ours.startMs)} ms of start (connecting, and code that runs for the first time) against curl's ${precise(Math.max(0, curl.startMs))}, and ${ratio} × its speed after that (a warm process: ${warmRatio} × curl in all); 1 MiB read and handed over in turns of an event loop, where curl copies 64 KiB inside its cache. Larger buffers would be faster and would time out on slow lines`,
  };
}

async function onGigabit(bench: Bench, isSecure: boolean) {
  const line = await bench.line(isSecure, 0, GIGABIT);
  try {
    const ours = (["", NO_SHA] as const).flatMap((machine) =>
      (["none", "sha256,crc32c"] as const).map((hashing) => ({
        name: names[hashing] + machine,
        run: () => {
          const urls = [bench.url("gcs", isSecure, line.port)];
          return runNode(bench, bench.engines[hashing], { urls }, machine === "" ? {} : WITHOUT_SHA);
        },
      })),
    );
    return await contest(bench, ours);
  } finally {
    await line.end();
  }
}

function show(bench: Bench, runs: ReadonlyMap<string, Run>): string {
  const { fileBytes } = bench.options;
  const curl = runs.get(CURL)?.seconds;
  return table(
    ["", "MB/s", "× curl", "CPU s/GB", "peak MiB", "over idle", "longest event-loop delay ms", "sink's load"],
    [...runs].map(([name, run]) => [
      name,
      precise(fileBytes / run.seconds / 1e6),
      curl === undefined ? "" : precise(curl / run.seconds),
      precise((run.cpuSeconds / fileBytes) * 1e9),
      run.peakBytes === 0 ? "–" : mebibytes(run.peakBytes),
      run.idleBytes === 0 ? "–" : mebibytes(run.peakBytes - run.idleBytes),
      run.longestDelayMs === undefined ? "–" : precise(run.longestDelayMs),
      // It was busy with what came before, too.
      name.endsWith(WARM) ? "–" : `${Math.round(run.sinkLoad * 100)} %`,
    ]),
  );
}

function judge(bench: Bench, runs: ReadonlyMap<string, Run>, where: string, why: string): Goal[] {
  const seconds = (name: string) => runs.get(name)?.seconds ?? Number.NaN;
  const shipped = runs.get(names["sha256,crc32c"]);
  const road = seconds(names.none);
  const cost = (hashing: Hashing) =>
    precise(((seconds(names[hashing]) - road) / bench.options.fileBytes) * 1e9);
  const overIdle = (run: Run | undefined) =>
    ((run?.peakBytes ?? Number.NaN) - (run?.idleBytes ?? Number.NaN)) / 1024 / 1024;
  const warm = seconds(`${names.none}${WARM}`);
  const warmOver = precise(overIdle(runs.get(`${names["sha256,crc32c"]}${WARM}`)));
  return [
    { ...goal(`the road alone, ${where}: × curl`, seconds(CURL) / road, ">=", 0.97), why },
    {
      ...goal(`the road alone, ${where}: × the guide`, seconds(GUIDE) / road, ">=", 5),
      why: `the start counts; a process that is warm has ${precise(seconds(GUIDE) / warm)} ×`,
    },
    {
      ...goal(
        `with both hashes, ${where}: × the guide`,
        seconds(GUIDE) / seconds(names["sha256,crc32c"]),
        ">=",
        1,
      ),
      measured: `${precise(seconds(GUIDE) / seconds(names["sha256,crc32c"]))} (s/GB: SHA-256 ${cost("sha256")}, CRC-32C ${cost("crc32c")}, both ${cost("sha256,crc32c")})`,
    },
    {
      ...goal(`memory of one file over idle, ${where}`, overIdle(shipped), "<=", 24, " MiB"),
      why: `V8 compiles undici's parser (WebAssembly) a second time once it has read some answers, once in the life of a process; one that is warm needs ${warmOver} MiB`,
    },
    {
      ...goal(
        `the second look at the file, ${where}: slower by`,
        (seconds(names["sha256,crc32c"]) / seconds(names["sha256,crc32c,once"]) - 1) * 100,
        "<=",
        5,
        " %",
      ),
      why: "here nothing but the hashes limits the speed; their thread pays for it, and the rows for 1 Gbit/s say what is left on a line",
    },
    goal(`longest event-loop delay, ${where}`, shipped?.longestDelayMs ?? Number.NaN, "<=", 10, " ms"),
  ];
}
