/** The lines of a matrix: for each step of a service, what goes wrong and what is expected of it. */
import type { Fault } from "../../src/sandbox/http/faultRules.ts";
import { type Cell, cell } from "./cell.ts";

/** A fault before it is aimed at a step. */
export type Loose<F = Fault> = F extends Fault ? Omit<F, "step"> & { readonly step?: Fault["step"] } : never;
export type Line = readonly [fault: string, expected: string, ...rules: readonly Loose[]];

export const refuse = (status: number, more: Partial<Extract<Fault, { fault: "refuse" }>> = {}): Loose => ({
  fault: "refuse",
  status,
  ...more,
});
/** As often as it takes until the engine gives up. */
export const always = { times: 99 };
export const page = { body: "html" } as const;

/** Declares a step's lines. @param aim where faults strike that say no other step */
export function lines(
  of: Pick<Cell, "section" | "step" | "size" | "door">,
  aim: Fault["step"],
  all: readonly Line[],
): void {
  describe(`at “${of.step}”`, () => {
    for (const [fault, expected, ...rules] of all)
      cell({ ...of, fault, expected, rules: rules.map((rule) => ({ ...rule, step: rule.step ?? aim })) });
  });
}
