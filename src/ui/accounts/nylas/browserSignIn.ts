/** Signs in to Nylas in the browser. The answer returns to this machine, or the person copies it over. */
import { FreightError } from "../../../base/errors.ts";
import { explain, redact } from "../../../base/log.ts";
import type { LoopbackListener } from "../../../net/loopbackListener.ts";
import {
  type Application,
  beginSignIn,
  CALLBACK,
  CALLBACK_PORT,
  codeOf,
  exchangeCode,
  isAnswerTo,
  type MailboxToken,
  pastedAnswer,
  type SignInAttempt,
} from "../../../services/nylas/nylasSignIn.ts";
import { t } from "../../../shared/l10n.ts";
import { plain } from "../../notices/plain.ts";
import { type Answer, BACK, type StepFrame } from "../pages/pageInput.ts";
import type { PageTools } from "../pages/servicePages.ts";

/** The person wants to sign in with another application. */
export const OTHER_CLIENT = "other client";
type Outcome = Answer<URLSearchParams | typeof OTHER_CLIENT>;
type Tools = Pick<PageTools, "browser" | "dialogs" | "http" | "input" | "listen">;

export class NylasSignIn {
  readonly #tools: Tools;

  constructor(tools: Tools) {
    this.#tools = tools;
  }

  /**
   * Lets the person sign in, until that works or they go back or cancel.
   * @param loginHint address of the mailbox to sign in to
   */
  async run(
    frame: StepFrame,
    application: Application,
    loginHint?: string,
  ): Promise<Answer<MailboxToken | typeof OTHER_CLIENT>> {
    const { http, input } = this.#tools;
    for (;;) {
      const attempt = beginSignIn(application, loginHint);
      const answer = await this.#answerTo(frame, attempt);
      if (!(answer instanceof URLSearchParams)) return answer;
      try {
        const code = codeOf(answer);
        return await input.busy(frame.title, t("Signing in…"), (signal) =>
          exchangeCode(http, attempt, code, signal),
        );
      } catch (reason) {
        if (!(reason instanceof FreightError && reason.is("credential-missing"))) throw reason;
        const next = await this.#askAgain(frame, reason);
        if (next !== true) return next;
      }
    }
  }

  /** Opens the sign-in page, and waits for its answer. */
  async #answerTo(frame: StepFrame, attempt: SignInAttempt): Promise<Outcome> {
    const { browser } = this.#tools;
    let hear = (_: URLSearchParams) => {};
    const heard = new Promise<URLSearchParams>((resolve) => {
      hear = resolve;
    });
    const listener = await this.#listen((answer) => {
      if (!isAnswerTo(attempt, answer)) return false;
      hear(answer);
      return true;
    });
    try {
      if (listener !== undefined) await browser.forward(CALLBACK_PORT);
      await browser.open(attempt.page);
      return await this.#wait(frame, attempt, listener === undefined ? undefined : heard);
    } finally {
      listener?.dispose();
    }
  }

  /** Undefined if the port is taken: then the answer has to be copied by hand. */
  async #listen(take: (answer: URLSearchParams) => boolean): Promise<LoopbackListener | undefined> {
    try {
      return await this.#tools.listen({ port: CALLBACK_PORT, path: new URL(CALLBACK).pathname, take });
    } catch {
      return undefined;
    }
  }

  async #wait(
    frame: StepFrame,
    attempt: SignInAttempt,
    heard: Promise<URLSearchParams> | undefined,
  ): Promise<Outcome> {
    const { browser, dialogs, input } = this.#tools;
    for (;;) {
      const next = await input.choose<
        URLSearchParams | "code" | "open" | "page" | "callback" | typeof OTHER_CLIENT
      >(
        frame,
        heard === undefined
          ? t("Sign in on the page in your browser, then enter its code.")
          : t("Waiting for you to sign in on the page in your browser…"),
        [
          {
            label: t("Enter the Code…"),
            detail: t(
              "If your browser stops at a page that it cannot open: the page's address contains the code",
            ),
            icon: "edit",
            value: "code",
          },
          { label: t("Open the Page Again"), icon: "globe", value: "open" },
          { label: t("Copy the Page's Address"), icon: "copy", value: "page" },
          {
            label: t("Copy the Callback Address"),
            detail: t("If the page does not allow it: an administrator adds it in Nylas (platform: desktop)"),
            icon: "copy",
            value: "callback",
          },
          {
            label: t("Enter Another Client ID…"),
            detail: t("If the page says that it does not know this one"),
            icon: "edit",
            value: OTHER_CLIENT,
          },
        ],
        heard,
      );
      if (next === undefined || next === BACK || next === OTHER_CLIENT || next instanceof URLSearchParams)
        return next;
      if (next === "open") await browser.open(attempt.page);
      else if (next === "code") {
        const pasted = await this.#askCode(frame, attempt);
        if (pasted !== BACK) return pasted;
      } else await dialogs.copy(next === "page" ? attempt.page : CALLBACK, t("Copied"), 5000);
    }
  }

  async #askCode(frame: StepFrame, attempt: SignInAttempt): Promise<Answer<URLSearchParams>> {
    const text = await this.#tools.input.ask(frame, {
      prompt: t(
        "The address of the page that your browser stopped at, even if it could not be opened; or the code in it.",
      ),
      placeholder: `${CALLBACK}?code=…`,
      // Until it is used, anybody who has it could sign in with it.
      password: true,
      problem: (typed) =>
        pastedAnswer(attempt, typed) === undefined
          ? t("This is neither a code nor the address of this sign-in's page.")
          : undefined,
    });
    return typeof text === "string" ? pastedAnswer(attempt, text) : text;
  }

  /** Says why the sign-in failed. @returns true to try again */
  async #askAgain(frame: StepFrame, reason: FreightError): Promise<Answer<true>> {
    const { dialogs, input } = this.#tools;
    const said = reason.cause instanceof Error ? reason.cause.message : "";
    const [, code] = /AADSTS(?!65004\b)(\d{4,9})/.exec(said) ?? [];
    const needsConsent = /^(65001|9009[345]|900941)$/.test(code ?? "");
    const sentence = needsConsent
      ? t("An administrator has to approve your organization's Nylas application ({0}).", `AADSTS${code}`)
      : code === undefined
        ? reason.message
        : t("Microsoft refused the sign-in ({0}).", `AADSTS${code}`);
    for (;;) {
      const next = await input.choose(frame, plain(sentence), [
        { label: t("Sign In Again"), icon: "sign-in", value: true },
        { label: t("Copy Details"), detail: t("For your administrator"), icon: "copy", value: false },
      ]);
      if (next !== false) return next;
      await dialogs.copy(redact(explain(reason)), t("Copied"), 5000);
    }
  }
}
