/** Adds an account of Nylas in a few questions, and checks it before it is kept. */
import * as z from "zod";
import type { Account } from "../../accounts/accountBook.ts";
import { NYLAS } from "../../accounts/accountFacts.ts";
import { FreightError } from "../../base/errors.ts";
import { capacity } from "../../delivery/words/sendMethod.ts";
import { type AccountFacts, permit } from "../../policy/accountRules.ts";
import { NYLAS_REGIONS } from "../../services/nylas/nylasApi.ts";
import { checkGrant, type ListedGrant, listGrants, providerName } from "../../services/nylas/nylasGrants.ts";
import { addressKey } from "../../shared/recipients.ts";
import { plain, withoutIcons } from "../notices/plain.ts";
import { addressQuestion } from "./address.ts";
import { marked } from "./markedChoice.ts";
import { type Answer, BACK, type StepFrame } from "./pageInput.ts";
import { type Step as AnyStep, chooseOrAsk, walk } from "./pageSequence.ts";
import type { PageTools, ServicePages } from "./servicePages.ts";

const TITLE = "Add Account";

/** What the person has answered so far; each step fills in its part, Back empties it again. */
interface Answers {
  kind?: "apiKey" | "accessToken";
  credential?: string;
  apiUri?: string;
  grantId?: string;
}

type Step = AnyStep<Answers, Account>;

export class NylasPages implements ServicePages {
  readonly key = NYLAS.service;
  readonly name = NYLAS.serviceName;
  readonly detail =
    "Mailboxes of your Nylas application: Microsoft with files of up to 150 MB, others up to 25 MB";
  readonly icon = "cloud";
  readonly #tools: PageTools;

  constructor(tools: PageTools) {
    this.#tools = tools;
  }

  add(): Promise<Answer<Account>> {
    const steps = [this.#askKind, this.#askCredential, this.#askRegion, this.#askGrant, this.#checkAndSave];
    return walk<Answers, Account>(steps, {}, (reason, answers) => this.#mend(reason, answers));
  }

  async renew(account: Account): Promise<boolean> {
    const answer = await this.#askKey(
      { title: "Update Key", step: 1, totalSteps: 1 },
      `New key for ${account.email}`,
    );
    if (typeof answer !== "string") return false;
    if (account.grantId === "me") await this.#assertSameMailbox(account, answer);
    await this.#tools.save(account, answer);
    return true;
  }

  /** An access token says itself whose mailbox it is for. @throws FreightError when that is another one, or cannot be used */
  async #assertSameMailbox({ apiUri, grantId, email }: Account, credential: string): Promise<void> {
    const mailbox = await this.#tools.input.busy("Update Key", "Checking the mailbox…", (signal) =>
      checkGrant({ apiUri, credential }, grantId, this.#tools.http, signal),
    );
    const found = mailbox.email ?? mailbox.id;
    if (addressKey(found) === addressKey(email)) return;
    throw new FreightError(
      "credential-rejected",
      `This token is for ${found}, not for ${email}. To send from ${found}, add it as an account.`,
      { remedy: "addAccount" },
    );
  }

  #facts({ apiUri, kind }: Pick<Answers, "apiUri" | "kind">): AccountFacts {
    return { ...NYLAS, apiUri, hasApiKey: kind === "apiKey" };
  }

  /** The step that can mend a refusal; undefined when none can. */
  async #mend(reason: unknown, answers: Answers): Promise<Step | undefined> {
    if (!(reason instanceof FreightError)) return undefined;
    if (reason.is("credential-rejected")) {
      this.#report(reason);
      return this.#askCredential;
    }
    if (reason.is("wrong-region")) {
      const other = Object.values(NYLAS_REGIONS).find(({ apiUri }) => apiUri !== answers.apiUri);
      const use = `Use ${other?.label}`;
      if (
        other === undefined ||
        (await this.#tools.dialogs.tell("warning", plain(reason.message), use)) !== use
      )
        return undefined;
      answers.apiUri = other.apiUri;
      return this.#askGrant;
    }
    const blamesGrant = reason.is("grant-unknown", "grant-invalid", "scope-missing", "provider-unsupported");
    // An access token speaks for this mailbox only: there is no other to choose.
    if (!blamesGrant || answers.kind === "accessToken") return undefined;
    this.#report(reason);
    return this.#askGrant;
  }

  /** Without its remedy: the next step is the remedy, and there is no account yet that another could be for. */
  #report({ code, message, requestId, cause }: FreightError): void {
    this.#tools.report(new FreightError(code, message, { requestId, cause }));
  }

  readonly #checkAndSave: Step = async (answers) => {
    const { http, newId, save, input } = this.#tools;
    const { credential, apiUri, grantId } = answers;
    if (credential === undefined || apiUri === undefined || grantId === undefined) return undefined;
    permit(this.#facts(answers));
    const mailbox = await input.busy(TITLE, "Checking the mailbox…", (signal) =>
      checkGrant({ apiUri, credential }, grantId, http, signal),
    );
    const account: Account = {
      id: newId(),
      ...NYLAS,
      hasCalendar: false,
      email: mailbox.email ?? mailbox.id,
      provider: mailbox.provider,
      apiUri,
      // A session is completed under the grant's own id only, whatever was typed.
      grantId: grantId === "me" ? grantId : mailbox.id,
    };
    await save(account, credential);
    return account;
  };

  readonly #askCredential: Step = async (answers) => {
    const prompt =
      answers.kind === "apiKey"
        ? "An API key reaches every mailbox of its Nylas application. It is kept in VS Code's secret storage only."
        : "An access token gives access to one mailbox. It is kept in VS Code's secret storage only.";
    const answer = await this.#askKey({ title: TITLE, step: 3, totalSteps: 5 }, prompt);
    if (typeof answer !== "string") return answer;
    answers.credential = answer;
    return true;
  };

  readonly #askRegion: Step = async (answers) => {
    const answer = await chooseOrAsk(
      this.#tools.input,
      { title: TITLE, step: 4, totalSteps: 5 },
      "Which region is the application in?",
      [
        ...Object.values(NYLAS_REGIONS).map(({ label, apiUri }) =>
          marked<string>({ label, description: apiUri, value: apiUri }, this.#facts({ apiUri })),
        ),
        { label: "Custom URL…", description: "a gateway or a sandbox", value: "" },
      ],
      addressQuestion(
        "Address of the Nylas API. The key is sent there, so it must use https or be on this machine.",
        this.#tools.readSetting("nylas.apiUri", z.string().catch("")),
        "https://nylas.example.com",
        "key",
      ),
    );
    if (typeof answer !== "string") return answer;
    answers.apiUri = new URL(answer).origin;
    // Before the key goes there.
    permit(this.#facts({ apiUri: answers.apiUri }));
    return true;
  };

  readonly #askKind: Step = async (answers) => {
    const answer = await this.#tools.input.choose(
      { title: TITLE, step: 2, totalSteps: 5 },
      "How do you want to sign in to Nylas?",
      [
        marked(
          {
            label: "API key",
            detail: `For a Nylas application. It reaches every mailbox of that application: keep it to yourself.${this.#remoteNote()}`,
            icon: "key",
            value: "apiKey" as const,
          },
          this.#facts({ kind: "apiKey" }),
        ),
        {
          label: "Access token",
          detail: "Gives access to one mailbox only",
          icon: "person",
          value: "accessToken" as const,
        },
      ],
    );
    if (answer === undefined || answer === BACK) return answer;
    permit(this.#facts({ kind: answer }));
    answers.kind = answer;
    return true;
  };

  /** Chooses a mailbox from those of the application; an access token has only one. */
  readonly #askGrant: Step = async (answers) => {
    const { credential, apiUri, kind } = answers;
    if (credential === undefined || apiUri === undefined) return undefined;
    if (kind === "accessToken") {
      answers.grantId = "me";
      return true;
    }
    const { http, input } = this.#tools;
    const grants = await input.busy(TITLE, "Loading your mailboxes from Nylas…", (signal) =>
      listGrants({ apiUri, credential }, http, signal),
    );
    const answer = await chooseOrAsk(
      input,
      { title: TITLE, step: 5, totalSteps: 5 },
      "Send from which mailbox?",
      [...grants.map(grantChoice), { label: "Enter a grant ID…", alwaysShow: true, value: "" }],
      {
        prompt: "The grant's ID, or the address of its mailbox",
        problem: (text) => (text === "" ? "Enter a grant ID." : undefined),
      },
    );
    if (typeof answer !== "string") return answer;
    answers.grantId = answer;
    return true;
  };

  /** Over a remote connection VS Code hands the key to the machine at the other end, where the extension runs. */
  #remoteNote(): string {
    const { remoteName } = this.#tools;
    return remoteName === undefined
      ? ""
      : ` This window is connected to a remote machine (${withoutIcons(remoteName)}): whoever controls it can read the key.`;
  }

  #askKey(frame: StepFrame, prompt: string): Promise<Answer<string>> {
    return this.#tools.input.ask(frame, {
      prompt,
      password: true,
      problem: (text) => {
        if (text === "") return "Enter the key.";
        // It becomes an HTTP header: anything else in it was not copied whole or comes from elsewhere.
        return /^[\x21-\x7e]+$/.test(text)
          ? undefined
          : "A key has no spaces, line breaks or non-ASCII characters.";
      },
    });
  }
}

function grantChoice({ id, email, provider, obstacle }: ListedGrant) {
  return {
    label: withoutIcons(email ?? id),
    description: withoutIcons(providerName(provider)),
    ...(obstacle === null ? { detail: capacity(provider) } : { detail: `$(warning) ${obstacle}` }),
    value: id,
  };
}
