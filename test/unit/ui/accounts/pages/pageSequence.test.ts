import assert from "node:assert/strict";
import { BACK } from "../../../../../src/ui/accounts/pages/pageInput.ts";
import { type Mending, SKIP, type Step, walk } from "../../../../../src/ui/accounts/pages/pageSequence.ts";

type Answers = Record<string, never>;
type Steps = Readonly<Record<string, Step<Answers, object>>>;
type Scripts = Readonly<Record<string, readonly (Awaited<ReturnType<Step<Answers, object>>> | Error)[]>>;
const DONE = { done: true } as const;
const LOST = new Error("lost");

/** Walks through steps that are scripted by name; what is left of a script, it stays with. @returns the steps asked */
async function trace(
  scripts: Scripts,
  mend: (reason: unknown, steps: Steps) => Mending<Answers, object>,
): Promise<string> {
  const asked: string[] = [];
  const steps: Record<string, Step<Answers, object>> = {};
  for (const [name, script] of Object.entries(scripts)) {
    const left = [...script];
    steps[name] = async (_, isGoingBack) => {
      asked.push(isGoingBack ? `←${name}` : name);
      const outcome = left.length > 1 ? left.shift() : left[0];
      if (outcome instanceof Error) throw outcome;
      return outcome;
    };
  }
  await walk<Answers, object>(Object.values(steps), {}, async (reason) => mend(reason, steps));
  return asked.join(" ");
}

describe("A wizard's pages", () => {
  it("are asked one after another, without those that have nothing to ask, in either direction", async () => {
    const scripts: Scripts = { kind: [true, true], region: [SKIP], key: [BACK, true], check: [DONE] };
    assert.equal(await trace(scripts, () => undefined), "kind region key ←region ←kind region key check");
  });

  it("are left out up to the one that was refused, once an earlier one has mended it", async () => {
    const scripts: Scripts = { key: [true], region: [true], check: [LOST, DONE] };
    assert.equal(await trace(scripts, (_, { key }) => key), "key region check key check");
  });

  it("are each asked again after going back from one that could not be shown, whatever was refused before", async () => {
    const scripts: Scripts = { key: [true], region: [true], list: [true, LOST, true], check: [LOST, DONE] };
    const mendings = ["list", BACK];
    const mend = (_: unknown, steps: Steps) => {
      const next = mendings.shift();
      return next === BACK ? BACK : steps[String(next)];
    };
    assert.equal(await trace(scripts, mend), "key region list check list ←region list check");
  });
});
