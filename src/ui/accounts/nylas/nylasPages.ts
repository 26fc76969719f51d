/** Adds a Nylas account with a few questions, and checks it before saving it. */
import * as z from "zod";
import { type Account, PRACTICE_ID } from "../../../accounts/accountBook.ts";
import { NYLAS, PRACTICE } from "../../../accounts/accountFacts.ts";
import { keepToken } from "../../../accounts/nylasTokens.ts";
import { FreightError } from "../../../base/errors.ts";
import { isTransient } from "../../../net/retry.ts";
import { permit } from "../../../policy/accountRules.ts";
import { NYLAS_REGIONS } from "../../../services/nylas/nylasApi.ts";
import { checkGrant, listGrants } from "../../../services/nylas/nylasGrants.ts";
import type { PracticeMailbox } from "../../../services/practice.ts";
import { t } from "../../../shared/l10n.ts";
import { addressQuestion } from "../pages/address.ts";
import { type Answer, BACK, type StepFrame } from "../pages/pageInput.ts";
import {
  type Step as AnyStep,
  askAgain,
  chooseOrAsk,
  type Mending,
  SKIP,
  walk,
} from "../pages/pageSequence.ts";
import { practiceAccount } from "../pages/practicePages.ts";
import { keepAnswer, type PageTools, type ServicePages } from "../pages/servicePages.ts";
import { factsOf, grantChoice, type Kind, kindChoices, regionChoices, title } from "./nylasChoices.ts";
import { NylasKeys, rejectedKey } from "./nylasKeys.ts";
import { NylasSignInPages } from "./nylasSignInPages.ts";

const REGIONS = ["us", "eu"] as const;

/** The answers so far. Each step fills in its part; Back leads to a step that overwrites it. */
interface Answers {
  kind?: Kind;
  credential?: string;
  apiUri?: string;
  grantId?: string;
  clientId?: string;
  /** In milliseconds since the epoch. */
  expiresAt?: number;
  /** Signs in to the practice mailbox, to try out how that works. */
  isPractice?: boolean;
  /** Why the page that can fix it is asked again. */
  refused?: string;
}

type Step = AnyStep<Answers, Account>;

const Text = z.string().trim().catch("");
const Region = z.enum(["", "us", "eu"]).catch("");

export class NylasPages implements ServicePages {
  readonly key = NYLAS.service;
  readonly name = NYLAS.serviceName;
  readonly detail = t("A paid service: Microsoft up to 150 MB a file; Google, IMAP and others up to 25 MB");
  readonly icon = "cloud";
  readonly #tools: PageTools;
  readonly #signInPages: NylasSignInPages;
  readonly #keys: NylasKeys;
  readonly #practice: Pick<PracticeMailbox, "addresses">;

  constructor(tools: PageTools, practice: Pick<PracticeMailbox, "addresses">) {
    this.#tools = tools;
    this.#practice = practice;
    this.#signInPages = new NylasSignInPages(tools);
    this.#keys = new NylasKeys(tools);
  }

  add(): Promise<Answer<Account>> {
    const steps = [
      this.#askKind,
      this.#askCredential,
      this.#askRegion,
      this.#askClient,
      this.#getToken,
      this.#askGrant,
      this.#checkAndSave,
    ];
    return walk<Answers, Account>(steps, {}, (reason, answers) => this.#mend(reason, answers));
  }

  async renew(account: Account): Promise<boolean> {
    if (account.renewal !== undefined) {
      const token = await this.#signInPages.tokenFor(account);
      if (token !== undefined) await keepToken(this.#tools, account, token);
      return token !== undefined;
    }
    return this.#keys.renew(account);
  }

  async #mend(reason: unknown, answers: Answers): Promise<Mending<Answers, Account>> {
    if (isTransient(reason)) return askAgain(this.#tools, title(), reason);
    if (!(reason instanceof FreightError)) return undefined;
    const signsIn = answers.kind === "signIn" || answers.kind === "broker";
    if (reason.is("credential-rejected")) {
      this.#refuse(reason, answers, signsIn ? reason.message : rejectedKey(answers.apiUri));
      return signsIn ? this.#getToken : this.#askCredential;
    }
    if (reason.is("wrong-region")) return this.#mendRegion(reason, answers, signsIn);
    const blamesGrant = reason.is("grant-unknown", "grant-invalid", "scope-missing", "provider-unsupported");
    // A token is for one mailbox, so there is no other to choose; only signing in again can help.
    if (!blamesGrant || answers.kind === "accessToken" || answers.kind === "broker") return undefined;
    this.#refuse(reason, answers, reason.message);
    return signsIn ? this.#getToken : this.#askGrant;
  }

  async #mendRegion(
    reason: FreightError,
    answers: Answers,
    signsIn: boolean,
  ): Promise<Step | "leave" | undefined> {
    const other = Object.values(NYLAS_REGIONS).find(({ apiUri }) => apiUri !== answers.apiUri);
    if (other === undefined) return undefined;
    this.#tools.noted(reason);
    const frame = { title: title(), canGoBack: true, refused: reason.message };
    const next = await this.#tools.input.choose(frame, t("Use the other region?"), [
      { label: t("Use {0}", other.label), icon: "globe", value: true },
    ]);
    if (next === undefined) return "leave";
    if (next === BACK) return this.#askRegion;
    answers.apiUri = other.apiUri;
    return signsIn ? this.#getToken : this.#askGrant;
  }

  /** Lets the page that can fix it say why. A broker has none, and a second sign-in would not help. */
  #refuse(reason: FreightError, answers: Answers, words: string): void {
    if (answers.kind === "broker") throw reason;
    this.#tools.noted(reason);
    answers.refused = words;
  }

  /** The frame of a page asked again, which says why, only once. */
  #frame(answers: Answers): StepFrame {
    const { refused } = answers;
    delete answers.refused;
    return { title: title(), canGoBack: true, refused };
  }

  readonly #checkAndSave: Step = async (answers) => {
    const { http, newId, save, input } = this.#tools;
    const { credential, apiUri, grantId, kind, clientId, expiresAt, isPractice } = answers;
    if (credential === undefined || apiUri === undefined || grantId === undefined) return undefined;
    permit(isPractice === true ? PRACTICE : factsOf(answers));
    const mailbox = await input.busy(title(), t("Checking the mailbox…"), (signal) =>
      checkGrant({ apiUri, credential }, grantId, http, signal),
    );
    const [email, provider] = [mailbox.email ?? mailbox.id, mailbox.provider];
    if (isPractice === true) {
      // From here on it is the usual practice account, which has a key of its own.
      const account = practiceAccount({ id: mailbox.id, email, provider });
      await save(account, undefined);
      return account;
    }
    const account: Account = {
      id: newId(),
      ...NYLAS,
      hasCalendar: false,
      email,
      provider,
      apiUri,
      // A session can be completed only under the grant's own ID, whatever was typed.
      grantId: kind === "accessToken" ? "me" : mailbox.id,
      ...(kind === "accessToken" ? await this.#keys.endOf(apiUri, credential) : {}),
      ...(expiresAt === undefined ? {} : { credentialExpiresAt: expiresAt }),
      ...(kind === "signIn" || kind === "broker" ? { renewal: kind } : {}),
      ...(clientId === undefined ? {} : { clientId }),
    };
    await save(account, credential);
    return account;
  };

  readonly #askCredential: Step = async (answers) => {
    if (answers.kind === "signIn" || answers.kind === "broker") return SKIP;
    const prompt =
      answers.kind === "apiKey"
        ? t(
            "An API key reaches every mailbox of its Nylas application. It is kept in VS Code's secret storage only.",
          )
        : t("An access token gives access to one mailbox. It is kept in VS Code's secret storage only.");
    const answer = await this.#keys.ask(this.#frame(answers), prompt);
    if (typeof answer !== "string") return answer;
    answers.credential = answer;
    return true;
  };

  readonly #askRegion: Step = async (answers) => {
    const signsIn = answers.kind === "signIn";
    const known = this.#tools.readSetting("nylas.region", Region);
    if (known !== "" && (signsIn || answers.kind === "broker")) {
      answers.apiUri = NYLAS_REGIONS[known].apiUri;
      permit(factsOf({ apiUri: answers.apiUri }));
      return SKIP;
    }
    const answer = await chooseOrAsk(
      this.#tools.input,
      { title: title(), canGoBack: true },
      t("Which region is the application in?"),
      regionChoices(signsIn),
      addressQuestion(
        t("Address of the Nylas API. The key is sent there, so it must use https or be on this machine."),
        this.#tools.readSetting("nylas.apiUri", z.string().catch("")),
        "https://nylas.example.com",
        t("The key would travel unprotected: use https, or an address on this machine."),
      ),
    );
    if (typeof answer !== "string") return answer;
    if (answer === PRACTICE_ID) return this.#preparePractice(answers);
    answers.isPractice = false;
    answers.apiUri = new URL(answer).origin;
    // Checked before the key is sent there.
    permit(factsOf({ apiUri: answers.apiUri }));
    const region = REGIONS.find((one) => NYLAS_REGIONS[one].apiUri === answers.apiUri);
    if (signsIn && region !== undefined) await keepAnswer(this.#tools, "nylas.region", region);
    return true;
  };

  async #preparePractice(answers: Answers): Promise<true> {
    permit(PRACTICE);
    const { nylas } = await this.#tools.input.busy(title(), t("Starting the practice mailbox…"), () =>
      this.#practice.addresses(),
    );
    answers.isPractice = true;
    answers.apiUri = nylas.apiUri;
    answers.clientId = nylas.clientId;
    return true;
  }

  /** The client ID to sign in with: asked for once, then a setting. */
  readonly #askClient: Step = async (answers) => {
    if (answers.kind !== "signIn" || answers.isPractice === true) return SKIP;
    answers.clientId = this.#tools.readSetting("nylas.clientId", Text);
    if (answers.clientId !== "") return SKIP;
    const clientId = await this.#signInPages.askClientId({ title: title(), canGoBack: true });
    if (typeof clientId !== "string") return clientId;
    answers.clientId = clientId;
    return true;
  };

  /** Gets an access token by signing in, or from the broker. */
  readonly #getToken: Step = async (answers, isGoingBack) => {
    const { kind, apiUri = "", clientId = "" } = answers;
    if (kind !== "signIn" && kind !== "broker") return SKIP;
    // A broker asks the person nothing: nobody can go back to it.
    if (kind === "broker" && isGoingBack) return SKIP;
    const token =
      kind === "broker"
        ? await this.#tools.input.busy(title(), t("Signing in through your company…"), (signal) =>
            this.#signInPages.askBroker(signal),
          )
        : await this.#signInPages.signIn(this.#frame(answers), { apiUri, clientId });
    if (token === undefined || token === BACK) return token;
    answers.credential = token.accessToken;
    answers.grantId = token.grantId;
    answers.expiresAt = token.expiresAt;
    if (token.clientId !== undefined) answers.clientId = token.clientId;
    return true;
  };

  readonly #askKind: Step = async (answers) => {
    const answer = await this.#tools.input.choose(
      { title: title(), canGoBack: true },
      t("How do you want to sign in to Nylas?"),
      kindChoices(this.#tools.readSetting("nylas.tokenUrl", Text) !== ""),
    );
    if (answer === undefined || answer === BACK) return answer;
    permit(factsOf({ kind: answer }));
    answers.kind = answer;
    return true;
  };

  /** Lets the person choose one of the application's mailboxes; an access token has only one. */
  readonly #askGrant: Step = async (answers) => {
    const { credential, apiUri, kind } = answers;
    if (credential === undefined || apiUri === undefined) return undefined;
    if (kind === "accessToken") answers.grantId = "me";
    if (kind !== "apiKey") return SKIP;
    const { http, input } = this.#tools;
    const grants = await input.busy(title(), t("Loading your mailboxes from Nylas…"), (signal) =>
      listGrants({ apiUri, credential }, http, signal),
    );
    const answer = await chooseOrAsk(
      input,
      this.#frame(answers),
      t("Send from which mailbox?"),
      [...grants.map(grantChoice), { label: t("Enter a grant ID…"), alwaysShow: true, value: "" }],
      {
        prompt: t("The grant's ID, or the address of its mailbox"),
        problem: (text) => (text === "" ? t("Enter a grant ID.") : undefined),
      },
    );
    if (typeof answer !== "string") return answer;
    answers.grantId = answer;
    return true;
  };
}
