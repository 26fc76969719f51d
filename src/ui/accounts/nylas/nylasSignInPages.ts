/** The wizard's pages for signing in to Nylas: with which application, and where the token comes from. */
import * as z from "zod";
import type { Account } from "../../../accounts/accountBook.ts";
import { NYLAS } from "../../../accounts/accountFacts.ts";
import { permit } from "../../../policy/accountRules.ts";
import {
  type Application,
  askBroker,
  CALLBACK,
  type MailboxToken,
} from "../../../services/nylas/nylasSignIn.ts";
import { t } from "../../../shared/l10n.ts";
import { type Answer, BACK, type StepFrame } from "../pages/pageInput.ts";
import { keepAnswer, type PageTools } from "../pages/servicePages.ts";
import { NylasSignIn, OTHER_CLIENT } from "./browserSignIn.ts";

/** How long a broker may take in the background. */
const BROKER_MS = 30_000;
const Text = z.string().trim().catch("");

export class NylasSignInPages {
  readonly #tools: PageTools;

  constructor(tools: PageTools) {
    this.#tools = tools;
  }

  /** A new token for an account that can be renewed. @returns undefined when the person cancelled */
  async tokenFor({ renewal, apiUri, clientId = "", email }: Account): Promise<MailboxToken | undefined> {
    permit({ ...NYLAS, apiUri });
    if (renewal === "broker") return this.askBroker(AbortSignal.timeout(BROKER_MS));
    const token = await this.signIn({ title: t("Sign In"), canGoBack: false }, { apiUri, clientId }, email);
    return token === BACK ? undefined : token;
  }

  async askClientId(frame: StepFrame): Promise<Answer<string>> {
    const clientId = await this.#tools.input.ask(frame, {
      prompt: t(
        "Client ID of your organization's Nylas application. Your administrator has it; it is not a secret. The callback address {0} (platform: desktop) has to be added to the application once.",
        CALLBACK,
      ),
      value: this.#tools.readSetting("nylas.clientId", Text),
      problem: (text) => {
        if (/^ny[kt]_/.test(text)) return t("This is a key, and not a client ID. Keep it to yourself.");
        return /^[\w.-]{4,100}$/.test(text)
          ? undefined
          : t("Enter the client ID, as the Nylas dashboard shows it.");
      },
    });
    if (typeof clientId === "string") await keepAnswer(this.#tools, "nylas.clientId", clientId);
    return clientId;
  }

  /** Lets the person sign in, with another application if they want. @param hint address of the mailbox */
  async signIn(frame: StepFrame, application: Application, hint?: string): Promise<Answer<MailboxToken>> {
    let { clientId } = application;
    for (;;) {
      const answer = await new NylasSignIn(this.#tools).run(frame, { ...application, clientId }, hint);
      if (answer !== OTHER_CLIENT) return answer;
      const other = await this.askClientId(frame);
      if (other === undefined) return undefined;
      if (other !== BACK) clientId = other;
    }
  }

  /** Asks the company's token broker. @throws FreightError when the policy forbids it */
  async askBroker(signal: AbortSignal): Promise<MailboxToken> {
    const address = this.#tools.readSetting("nylas.tokenUrl", Text);
    permit({ ...NYLAS, apiUri: URL.parse(address)?.origin });
    return askBroker(this.#tools.http, address, signal);
  }
}
