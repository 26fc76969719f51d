import assert from "node:assert/strict";
import type {
  Answer,
  BACK,
  Choice,
  PageInput,
  Question,
  StepFrame,
} from "../../src/ui/accounts/pages/pageInput.ts";

/** The person waits for what comes meanwhile. */
export const WAIT = Symbol("wait");

/** What is answered on a page: the label of a row, a text, or a way out. A text that is refused is the last answer. */
export type Entry = string | typeof BACK | typeof WAIT | undefined;

/** Characters of a row's second line that VS Code shows. */
const MAX_DETAIL = 90;
/** What has an address or a name in it is read in full when the pointer is on it. */
const isLonger = (detail: string) => /^\$\(warning\)|cannot be used here/.test(detail);

/** A person at the pages of the wizard who answers as the test says, and leaves when nothing is left to say. */
export class ScriptedInput implements PageInput {
  /** The pages in their order, with their place: "2/5 Which region is the application in?" */
  readonly pages: string[] = [];
  /** The rows of the last choice. */
  rows: readonly Choice<unknown>[] = [];
  /** Why texts could not be taken. */
  readonly refusals: string[] = [];
  /** Why pages were asked once more, with their place. */
  readonly saidAgain: string[] = [];
  /** The last page that asked for a text. */
  question: Question | undefined;
  readonly #entries: Entry[];

  constructor(...entries: readonly Entry[]) {
    this.#entries = [...entries];
  }

  readonly choose: PageInput["choose"] = async <T>(
    frame: StepFrame,
    text: string,
    rows: readonly Choice<T>[],
    meanwhile?: Promise<T>,
  ): Promise<Answer<T>> => {
    this.rows = rows;
    for (const { detail = "" } of rows) assert.ok(detail.length <= MAX_DETAIL || isLonger(detail), detail);
    const entry = this.#next(frame, text);
    if (entry === WAIT) {
      assert.ok(meanwhile, `nothing comes while “${text}” is asked`);
      return meanwhile;
    }
    if (typeof entry !== "string") return entry;
    const row = rows.find(({ label }) => label === entry);
    assert.ok(row, `no row “${entry}” among ${rows.map(({ label }) => label).join(", ")}`);
    return row.value;
  };

  readonly ask: PageInput["ask"] = async (frame, question) => {
    this.question = question;
    for (;;) {
      const entry = this.#next(frame, question.prompt);
      assert.ok(entry !== WAIT, "a text does not come by itself");
      if (typeof entry !== "string") return entry;
      const problem = question.problem(entry);
      if (problem === undefined) return entry;
      this.refusals.push(problem);
    }
  };

  readonly busy: PageInput["busy"] = (_title, text, work) => {
    this.pages.push(text);
    return work(new AbortController().signal);
  };

  /** Throws when an answer was not asked for. */
  checkDone(): void {
    assert.deepEqual(this.#entries, []);
  }

  #next({ canGoBack, refused }: StepFrame, text: string): Entry {
    const back = canGoBack ? "← " : "";
    if (refused !== undefined) this.saidAgain.push(`${back}${refused}`);
    this.pages.push(`${back}${text}`);
    return this.#entries.shift();
  }
}
