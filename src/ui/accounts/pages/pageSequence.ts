/** The way through a wizard's questions: on, back, and back to the one that mends a refusal. */
import type { FreightError } from "../../../base/errors.ts";
import { t } from "../../../shared/l10n.ts";
import {
  type Answer,
  BACK,
  type Choice,
  type PageInput,
  type Question,
  type StepFrame,
} from "./pageInput.ts";
import type { PageTools } from "./servicePages.ts";

/** What a step resolves to that has nothing to ask: it is passed in either direction. */
export const SKIP = Symbol("skip");

/** Asks one thing; what it resolves to says where to go: on (true, or what came of it at the end), back, or out. */
export type Step<A, R> = (answers: A) => Promise<Answer<true | R> | typeof SKIP>;

/** What comes of a refusal: the step that can mend it, the same step again, the one before, or the way out. */
export type Mending<A, R> = Step<A, R> | "again" | typeof BACK | "leave" | undefined;

/**
 * Asks one question after another. Each fills in its part of `answers`; Back returns to the one before.
 * @param mend how a refusal is mended; undefined when it cannot be, and is thrown; "leave" when the person was told and left
 * @returns what the last step made; BACK from the first one; undefined when the person left
 */
export async function walk<A, R extends object>(
  steps: readonly Step<A, R>[],
  answers: A,
  mend: (reason: unknown, answers: A) => Promise<Mending<A, R>>,
): Promise<Answer<R>> {
  /** The step that was refused, while an earlier one mends it. */
  let refusedAt: number | undefined;
  let isGoingBack = false;
  for (let at = 0; ; ) {
    try {
      const outcome = await steps[at]?.(answers);
      if (outcome === undefined || typeof outcome === "object") return outcome;
      if (outcome === BACK && at === 0) return BACK;
      if (outcome === SKIP) {
        at += isGoingBack ? -1 : 1;
        continue;
      }
      isGoingBack = outcome === BACK;
      at = outcome === BACK ? at - 1 : (refusedAt ?? at + 1);
      refusedAt = undefined;
    } catch (reason) {
      // What was typed stays: only the step that can mend it is asked again.
      const mending = await mend(reason, answers);
      if (mending === undefined) throw reason;
      if (mending === "leave") return undefined;
      isGoingBack = mending === BACK;
      if (mending === BACK && at === 0) return BACK;
      if (mending === BACK) at -= 1;
      if (mending === BACK || mending === "again") continue;
      const mendAt = steps.indexOf(mending);
      refusedAt = mendAt < at ? at : undefined;
      at = mendAt;
    }
  }
}

/** For a fault that passes, such as a lost connection: the step is done again when the person says so, with what was typed. */
export async function askAgain(
  { input, noted }: Pick<PageTools, "input" | "noted">,
  title: string,
  reason: FreightError,
): Promise<"again" | typeof BACK | "leave"> {
  noted(reason);
  const frame = { title, canGoBack: true, refused: reason.message };
  const retry = { label: t("Retry"), icon: "refresh", value: "again" } as const;
  return (await input.choose(frame, t("What you entered is kept."), [retry])) ?? "leave";
}

/** Has one thing chosen from a list, or typed where "" is chosen; Back leads from there to the list again. */
export async function chooseOrAsk(
  input: PageInput,
  frame: StepFrame,
  placeholder: string,
  choices: readonly Choice<string>[],
  question: Question,
): Promise<Answer<string>> {
  for (;;) {
    const chosen = await input.choose(frame, placeholder, choices);
    const answer = chosen === "" ? await input.ask({ ...frame, refused: undefined }, question) : chosen;
    if (chosen === BACK || answer !== BACK) return answer;
  }
}
