/** Asks for Nylas API keys and access tokens, tests them, and replaces one that is no longer accepted. */
import type { Account } from "../../../accounts/accountBook.ts";
import { FreightError } from "../../../base/errors.ts";
import { isTransient } from "../../../net/retry.ts";
import { NYLAS_REGIONS } from "../../../services/nylas/nylasApi.ts";
import { checkGrant } from "../../../services/nylas/nylasGrants.ts";
import { tokenEnd } from "../../../services/nylas/nylasSignIn.ts";
import { sentences, t } from "../../../shared/l10n.ts";
import { addressKey } from "../../../shared/recipients.ts";
import { withoutIcons } from "../../notices/plain.ts";
import type { Answer, StepFrame } from "../pages/pageInput.ts";
import type { PageTools } from "../pages/servicePages.ts";
import { title } from "./nylasChoices.ts";

/** Where to find an application's keys. https://developer.nylas.com/docs/v3/getting-started/ */
const DASHBOARD = "https://dashboard-v3.nylas.com/";

export class NylasKeys {
  readonly #tools: PageTools;

  constructor(tools: PageTools) {
    this.#tools = tools;
  }

  /** @returns false when the person cancelled */
  async renew(account: Account): Promise<boolean> {
    const answer = await this.#askNewKey(account);
    if (answer === undefined) return false;
    const { credentialExpiresAt: _, ...rest } = account;
    const end = account.grantId === "me" ? await this.endOf(account.apiUri, answer) : {};
    await this.#tools.save({ ...rest, ...end }, answer);
    return true;
  }

  /** @returns a key that reaches the account's mailbox; undefined when the person cancelled */
  async #askNewKey(account: Account): Promise<string | undefined> {
    for (let refused: string | undefined, typed = ""; ; ) {
      const frame = { title: t("Update Key"), canGoBack: false, refused };
      const answer = await this.#ask(frame, t("New key for {0}", account.email), typed);
      if (typeof answer !== "string") return undefined;
      try {
        await this.#assertSameMailbox(account, answer);
        return answer;
      } catch (reason) {
        if (!isTransient(reason) && !(reason instanceof FreightError && reason.is("credential-rejected")))
          throw reason;
        this.#tools.noted(reason);
        // A key that could not be tested may be right, so it stays in the box.
        typed = isTransient(reason) ? answer : "";
        refused = reason.message;
      }
    }
  }

  /** When an access token expires; empty if Nylas does not say. */
  async endOf(apiUri: string, token: string): Promise<{ credentialExpiresAt?: number }> {
    const { http, input } = this.#tools;
    const end = await input.busy(title(), t("Checking the token…"), (signal) =>
      tokenEnd(http, apiUri, token, signal),
    );
    return end === undefined ? {} : { credentialExpiresAt: end };
  }

  /**
   * An access token determines its own mailbox; a key has to reach the account's.
   * @throws FreightError when the mailbox is another one, or cannot be used
   */
  async #assertSameMailbox({ apiUri, grantId, email }: Account, credential: string): Promise<void> {
    const mailbox = await this.#tools.input.busy(t("Update Key"), t("Checking the mailbox…"), (signal) =>
      checkGrant({ apiUri, credential }, grantId, this.#tools.http, signal),
    );
    const found = mailbox.email ?? mailbox.id;
    if (addressKey(found) === addressKey(email)) return;
    throw new FreightError(
      "credential-rejected",
      grantId === "me"
        ? t("This token is for {0}, not for {1}. To send from {0}, add it as an account.", found, email)
        : t("This key is for {0}, not for {1}. To send from {0}, add it as an account.", found, email),
      { remedy: "addAccount" },
    );
  }

  /** Asks for the key of a new account. */
  ask(frame: StepFrame, prompt: string): Promise<Answer<string>> {
    return this.#ask(frame, sentences(prompt, this.#remoteNote()));
  }

  #ask(frame: StepFrame, prompt: string, value = ""): Promise<Answer<string>> {
    return this.#tools.input.ask(frame, {
      prompt,
      value,
      password: true,
      help: { label: t("Where Is My Key?"), open: () => this.#tools.browser.open(DASHBOARD) },
      problem: (text) => {
        if (text === "") return t("Enter the key.");
        // It becomes an HTTP header. With any other character it is incomplete or from elsewhere.
        return /^[\x21-\x7e]+$/.test(text)
          ? undefined
          : t("A key has no spaces, line breaks or non-ASCII characters.");
      },
    });
  }
  /** In a remote window VS Code passes the key to the remote machine, where the extension runs. */
  #remoteNote(): string | undefined {
    const { remoteName } = this.#tools;
    return remoteName === undefined
      ? undefined
      : t(
          "This window is connected to a remote machine ({0}): whoever controls it can read the key.",
          withoutIcons(remoteName),
        );
  }
}

/** Why a key was rejected, for the page that asks for it again. */
export function rejectedKey(apiUri: string | undefined): string {
  const region = Object.values(NYLAS_REGIONS).find((one) => one.apiUri === apiUri);
  return region === undefined
    ? t("Nylas rejected this key. Check that it was copied whole.")
    : t(
        "Nylas rejected this key. Check that it was copied whole and belongs to the region “{0}”.",
        region.label,
      );
}
