/**
 * One test file in one process: says which of its tests run which mutant, then puts one mutant after the other into the
 * running program, as a debugger does with edited code, and runs those tests until one fails.
 */
import { Session } from "node:inspector";
import { registerHooks } from "node:module";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import Mocha from "mocha";
import { type Mutant, withMutant } from "./mutants.ts";

/** A mutant in one of the files. */
export interface Target extends Mutant {
  readonly path: string;
}

export interface Job {
  readonly test: string;
  readonly targets: readonly Target[];
  /** Which tests run each target; undefined: find out. */
  readonly plan?: readonly (readonly string[])[];
  /** Load the file with the first target in it: for what runs only once, or what a debugger cannot change. */
  readonly isLoadedWithIt?: boolean;
}

export type Report =
  | { readonly plan: readonly (readonly string[])[] }
  /** The file does not pass as it is. */
  | { readonly fails: string }
  | { readonly target: number; readonly by?: string | undefined }
  /** This process cannot go on: a change was refused, or a test fails without a mutant. */
  | { readonly spoiltAt: number };

/** A test that waits this much longer than it does without a mutant waits for ever, also where others keep the disk busy. */
const patienceMs = 8_000;
/** So much work without a look at anything else is an endless loop. */
const loopMs = 5_000;

// Tests may replace these.
const { setInterval, setTimeout } = globalThis;
// Between two runs nobody else listens for what an ended test has left behind.
process.on("unhandledRejection", () => undefined);
process.on("uncaughtException", () => undefined);
// Tests that cannot even be loaded with a mutant have noticed it.
process.once("message", (job: Job) =>
  work(job).then(
    () => process.exit(0),
    () => process.exit(1),
  ),
);

async function work({ test, targets, plan, isLoadedWithIt = false }: Job): Promise<void> {
  const program = new Program();
  const [first] = targets;
  if (isLoadedWithIt && first !== undefined) loadWith(first);
  const reach = plan === undefined ? program.reach(targets) : undefined;
  const tests = await Tests.load(test, reach?.hooks);
  endEndlessLoops();

  let wanted = plan ?? [];
  if (reach !== undefined) {
    const fails = await tests.run();
    if (fails !== undefined) return report({ fails });
    wanted = reach.end();
    await report({ plan: wanted });
  }
  for (const [at, target] of targets.entries()) {
    const titles = new Set(wanted[at]);
    if (titles.size === 0) continue;
    if (isLoadedWithIt) return report({ target: at, by: await tests.run(titles) });
    if (!(await program.change(target, target))) return report({ spoiltAt: at });
    const by = await tests.run(titles);
    const isClean =
      (await program.change(target)) && (by === undefined || (await tests.run(new Set([by]))) === undefined);
    // What one has left behind is not taken for the work of the next.
    if (isClean || at === 0) await report({ target: at, by });
    if (!isClean) return report({ spoiltAt: at === 0 ? 1 : at });
  }
}

function report(message: Report): Promise<void> {
  return new Promise((done) => process.send?.(message, undefined, undefined, () => done()));
}

function loadWith({ path, ...mutant }: Target): void {
  const mutated = pathToFileURL(path).href;
  registerHooks({
    load: (url, context, next) => {
      const loaded = next(url, context);
      return url === mutated ? { ...loaded, source: withMutant(String(loaded.source), mutant) } : loaded;
    },
  });
}

/** The program that runs, as an inspector sees it. */
class Program {
  readonly #inspector = new Session();
  readonly #ids = new Map<string, string>();
  readonly #sources = new Map<string, string>();

  constructor() {
    this.#inspector.connect();
    this.#inspector.on("Debugger.scriptParsed", ({ params }) => this.#ids.set(params.url, params.scriptId));
    this.#inspector.post("Debugger.enable");
  }

  /** Puts a mutant into a file, or takes it out again. @returns whether that was possible */
  async change(target: Target, mutant?: Mutant): Promise<boolean> {
    // A function that waits for something cannot be changed; what a failed test has left behind may soon be over.
    for (let tries = 5; tries > 0; tries--) {
      if (this.#changeNow(target, mutant)) return true;
      await new Promise((done) => setTimeout(done, 50));
    }
    return false;
  }

  #changeNow({ path }: Target, mutant?: Mutant): boolean {
    const scriptId = this.#ids.get(pathToFileURL(path).href) ?? "";
    let isChanged = false;
    if (!this.#sources.has(path))
      this.#inspector.post("Debugger.getScriptSource", { scriptId }, (_, found) =>
        this.#sources.set(path, found?.scriptSource ?? ""),
      );
    const source = this.#sources.get(path) ?? "";
    const scriptSource = mutant === undefined ? source : withMutant(source, mutant);
    this.#inspector.post("Debugger.setScriptSource", { scriptId, scriptSource }, (error, result) => {
      // Refused where what runs only once would change, or while the function is waiting for something.
      isChanged = error === null && (result as { readonly status?: string }).status === "Ok";
    });
    return isChanged;
  }

  /** From now on notes which test runs which target. */
  reach(targets: readonly Target[]): { hooks: Mocha.RootHookObject; end(): string[][] } {
    const byTarget = targets.map(() => new Set<string>());
    const forAll = new Set<number>();
    const places = new Map<string, [number, Target][]>();
    for (const [at, target] of targets.entries()) {
      const { href } = pathToFileURL(target.path);
      places.set(href, [...(places.get(href) ?? []), [at, target]]);
    }
    let isOver = false;
    const take = (note: (target: number) => void) => {
      if (isOver) return;
      this.#inspector.post("Profiler.takePreciseCoverage", (_, { result }) => {
        for (const { url, functions } of result) {
          const ranges = functions.flatMap((each) => each.ranges);
          for (const [at, { reachedAt }] of places.get(url) ?? []) {
            // V8 nests its ranges: the smallest one around a place tells how often it ran.
            const around = ranges.filter(
              ({ startOffset, endOffset }) => startOffset <= reachedAt && reachedAt < endOffset,
            );
            around.sort((a, b) => a.endOffset - a.startOffset - (b.endOffset - b.startOffset));
            if ((around[0]?.count ?? 0) > 0) note(at);
          }
        }
      });
    };
    this.#inspector.post("Profiler.enable");
    this.#inspector.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
    let all = new Set<string>();
    return {
      hooks: {
        // What runs while the file is loaded, or before a group of tests, is part of all.
        beforeEach: () => take((at) => forAll.add(at)),
        afterEach(this: Mocha.Context) {
          const title = this.currentTest?.fullTitle() ?? "";
          all = all.add(title);
          take((at) => byTarget[at]?.add(title));
        },
      },
      end: () => {
        isOver = true;
        this.#inspector.post("Profiler.stopPreciseCoverage");
        this.#inspector.post("Profiler.disable");
        return byTarget.map((titles, at) => [...(forAll.has(at) ? all : titles)]);
      },
    };
  }
}

class Tests {
  readonly #mocha: Mocha;
  /** How long each of them waits, without a mutant. */
  readonly #idleMs = new Map<string, number>();

  private constructor(mocha: Mocha) {
    this.#mocha = mocha;
  }

  static async load(file: string, rootHooks: Mocha.RootHookObject = {}): Promise<Tests> {
    const mocha = new Mocha({ timeout: 0, bail: true, reporter: Mocha.reporters.Base, rootHooks });
    mocha.cleanReferencesAfterRun(false).addFile(file);
    await mocha.loadFilesAsync();
    return new Tests(mocha);
  }

  /** Runs the tests with these titles, or all. @returns the title of the first that fails */
  async run(titles?: ReadonlySet<string>): Promise<string | undefined> {
    if (titles !== undefined)
      this.#mocha.grep(Object.assign(/(?:)/, { test: (title: string) => titles.has(title) }));
    let failed: string | undefined;
    let since = performance.eventLoopUtilization();
    const idle = () => performance.eventLoopUtilization(since).idle;
    await new Promise<void>((done) => {
      const runner = this.#mocha.run(() => done());
      const watch = setInterval(() => {
        const waits = runner.currentRunnable as
          | (Mocha.Runnable & { callback?(error: Error): void })
          | undefined;
        if (
          titles !== undefined &&
          idle() > patienceMs + 3 * (this.#idleMs.get(waits?.fullTitle() ?? "") ?? 0)
        )
          waits?.callback?.(new Error("It waits for ever."));
      }, 100);
      runner.on("hook", () => (since = performance.eventLoopUtilization()));
      runner.on("test", () => (since = performance.eventLoopUtilization()));
      runner.on("test end", (test) => titles ?? this.#idleMs.set(test.fullTitle(), idle()));
      // A hook's failure is its test's, or that of the first test after it.
      runner.on("fail", (test: Mocha.Runnable & { type?: string; ctx?: Mocha.Context }) => {
        failed ??=
          test.type === "test" ? test.fullTitle() : (test.ctx?.currentTest?.fullTitle() ?? test.fullTitle());
      });
      runner.on("end", () => clearInterval(watch));
    });
    return failed;
  }
}

/** Ends the process when a mutant has made a loop endless: nothing in this thread could. */
function endEndlessLoops(): void {
  const beats = new Int32Array(new SharedArrayBuffer(4));
  setInterval(() => Atomics.add(beats, 0, 1), 100);
  const watch = `
    const { workerData: { beats, loopMs } } = require("node:worker_threads");
    let last = -1, from = process.cpuUsage();
    setInterval(() => {
      const now = Atomics.load(beats, 0);
      if (now !== last) from = process.cpuUsage();
      last = now;
      if (process.cpuUsage(from).user > loopMs * 1000) process.kill(process.pid, "SIGKILL");
    }, 200);`;
  new Worker(watch, { eval: true, workerData: { beats, loopMs } }).unref();
}
