/** Walks through a wizard's questions: forward, back, and back to the one that can fix a refusal. */
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

/** The result of a step with nothing to ask: it is skipped in either direction. */
export const SKIP = Symbol("skip");

/** Asks one thing. The result says where to go: on (true, or the final result), back, or out (undefined). */
export type Step<A, R> = (answers: A, isGoingBack: boolean) => Promise<Answer<true | R> | typeof SKIP>;

/** How to go on after a refusal: the step that can fix it, the same again, the one before, or out. */
export type Mending<A, R> = Step<A, R> | "again" | typeof BACK | "leave" | undefined;

/**
 * Asks one question after another. Each fills in its part of `answers`; Back returns to the one before.
 * @param mend decides how to go on after an error; undefined: throw it; "leave": the person was told and
 * cancelled
 * @returns the last step's result; BACK from the first one; undefined when the person cancelled
 */
export async function walk<A, R extends object>(
  steps: readonly Step<A, R>[],
  answers: A,
  mend: (reason: unknown, answers: A) => Promise<Mending<A, R>>,
): Promise<Answer<R>> {
  /** The index of the step that was refused, while an earlier one fixes it. */
  let refusedAt: number | undefined;
  let isGoingBack = false;
  for (let at = 0; ; ) {
    try {
      const outcome: Awaited<ReturnType<Step<A, R>>> = await steps[at]?.(answers, isGoingBack);
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
      // The answers are kept: only the step that can fix it is asked again.
      const mending = await mend(reason, answers);
      if (mending === undefined) throw reason;
      if (mending === "leave") return undefined;
      isGoingBack = mending === BACK;
      if (mending === BACK && at === 0) return BACK;
      if (mending === "again") continue;
      if (mending === BACK) {
        // From here on each page is asked in its turn: the answers that were refused may change.
        at -= 1;
        refusedAt = undefined;
        continue;
      }
      const mendAt = steps.indexOf(mending);
      refusedAt = mendAt < at ? at : undefined;
      at = mendAt;
    }
  }
}

/** After a temporary fault, such as a lost connection: offers to repeat the step with the same answers. */
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

/** Lets the person choose from a list, or type if the value "" is chosen; Back then returns to the list. */
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
