/** The wizard's page after a failed sign-in with Microsoft: why it failed, and what helps. */

import { type Help, readRefusal } from "../../../accounts/microsoftRefusals.ts";
import { redact } from "../../../base/log.ts";
import { t } from "../../../shared/l10n.ts";
import type { Dialogs } from "../../notices/dialogs.ts";
import { plain, withoutIcons } from "../../notices/plain.ts";
import { type Answer, BACK, type PageInput, type StepFrame } from "../pages/pageInput.ts";

/** What to do next: the same again, or another page first. */
export type NextTry = "again" | "client" | "directory";

export interface TroubleOptions {
  readonly input: PageInput;
  readonly dialogs: Pick<Dialogs, "copy">;
}

export interface Attempt {
  readonly clientId: string;
  readonly consentLink: string;
}

const AGAIN = "again";
const CODE = "code";

/**
 * Shows why a sign-in failed until the person goes on. Copying something does not leave the page.
 * @param message why, in Microsoft's or VS Code's words
 */
export async function askAboutTrouble(
  { input, dialogs }: TroubleOptions,
  frame: StepFrame,
  message: string,
  { clientId, consentLink }: Attempt,
): Promise<Answer<NextTry>> {
  let words = message;
  for (;;) {
    const refusal = readRefusal(words, clientId);
    const answer = await input.choose<Help | typeof AGAIN | typeof CODE>(
      frame,
      plain(refusal?.sentence ?? t("The sign-in with Microsoft was not finished: {0}", words)),
      [
        ...(refusal?.help ?? []).map((help) => ({
          label: withoutIcons(plain(help.label)),
          detail: help.detail,
          icon: "copy" in help ? "copy" : "edit",
          value: help,
        })),
        { label: t("Sign In Again"), icon: "sign-in", value: AGAIN },
        ...(refusal === undefined
          ? [
              {
                label: t("Enter an Error Code…"),
                detail: t("If Microsoft's page in the browser showed one that begins with AADSTS"),
                icon: "question",
                value: CODE,
              } as const,
            ]
          : []),
      ],
    );
    if (answer === undefined || answer === BACK || answer === AGAIN) return answer;
    if (answer === CODE) {
      const typed = await input.ask(frame, {
        prompt: t("The code or the whole message that Microsoft's page shows"),
        placeholder: "AADSTS50011",
        problem: (text) =>
          readRefusal(text, clientId) === undefined ? t("A code looks like AADSTS50011.") : undefined,
      });
      if (typed === undefined) return undefined;
      if (typed !== BACK) words = typed;
    } else if ("page" in answer) return answer.page;
    else {
      const texts = { consentLink, details: redact(words) };
      const { copy } = answer;
      await dialogs.copy(
        copy === "consentLink" || copy === "details" ? texts[copy] : copy,
        t("Copied"),
        5000,
      );
    }
  }
}
