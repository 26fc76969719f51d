/** The wizard's pages for signing in with Microsoft: account type, app registration, and retries. */
import * as z from "zod";
import { graphFacts } from "../../../accounts/accountFacts.ts";
import {
  type App,
  clientIdProblem,
  consentLink,
  directoryProblem,
  isOneDirectory,
  ORGANIZATIONS,
  PERSONAL,
  registrationCommand,
  registrationSteps,
} from "../../../accounts/appRegistration.ts";
import { FreightError } from "../../../base/errors.ts";
import { isOutOf, permit } from "../../../policy/accountRules.ts";
import { machinePolicy } from "../../../policy/policyFile.ts";
import { GRAPH_CLOUDS } from "../../../services/graph/graphApi.ts";
import { t } from "../../../shared/l10n.ts";
import { type Answer, BACK, type Choice, type StepFrame } from "../pages/pageInput.ts";
import { keepAnswer, type PageTools } from "../pages/servicePages.ts";
import type { SignIn } from "../pages/signInToken.ts";
import { appOf, cloudOf, type GraphSignIn, ofApp, permissionsFor } from "./graphSignIn.ts";
import { askAboutTrouble } from "./signInTrouble.ts";

const Text = z.string().trim().catch("");
type Page = () => Promise<Answer<true>>;

export class GraphSignInPages {
  readonly #tools: PageTools;
  readonly #signIns: GraphSignIn;
  readonly #frame: StepFrame;
  readonly #baseUrl: string;
  readonly #mailbox: string;
  #app: App;

  /** @param mailbox "me", or the address of a shared mailbox */
  constructor(tools: PageTools, signIns: GraphSignIn, frame: StepFrame, baseUrl: string, mailbox: string) {
    this.#tools = tools;
    this.#signIns = signIns;
    this.#frame = frame;
    this.#baseUrl = baseUrl;
    this.#mailbox = mailbox;
    const tenant = this.#known("graph.tenant");
    this.#app = {
      clientId: this.#known("graph.clientId"),
      tenant: tenant === PERSONAL && !this.#mayBePersonal ? ORGANIZATIONS : tenant,
    };
  }

  /** Not for a shared mailbox or national cloud, which only companies have, or if the policy forbids it. */
  get #mayBePersonal(): boolean {
    const isOutside = isOutOf(machinePolicy.rules.tenants, PERSONAL);
    return this.#mailbox === "me" && cloudOf(this.#baseUrl) === GRAPH_CLOUDS[0] && !isOutside;
  }

  /** Asks for what is missing, and signs in. @returns BACK from the first page, undefined when cancelled */
  async run(): Promise<Answer<SignIn>> {
    const isNew = this.#app.clientId === "";
    const pages = [
      ...(this.#mayBePersonal ? [this.#askAccountType] : []),
      ...(isNew ? [this.#askClient] : []),
      ...(isNew || isOutOf(machinePolicy.rules.tenants, this.#app.tenant) ? [this.#askDirectory] : []),
      ...(isNew ? [this.#askApproval] : []),
    ];
    for (let at = 0; ; ) {
      const answer = at === pages.length ? await this.#signInAnew() : await pages[at]?.();
      if (answer === BACK && at === 0) return BACK;
      if (answer === BACK) at = this.#pageBefore(pages, at);
      else if (answer === true) at++;
      else return answer;
    }
  }

  /** The page before; on the way back, too, skips pages that ask nothing of a personal account. */
  #pageBefore(pages: readonly Page[], at: number): number {
    const before = at - 1;
    const isSilent =
      this.#isPersonal && [this.#askDirectory, this.#askApproval].includes(pages[before] ?? this.#askClient);
    return isSilent ? this.#pageBefore(pages, before) : before;
  }

  get #isPersonal(): boolean {
    return this.#app.tenant === PERSONAL;
  }

  /**
   * Signs in again for an existing account.
   * @param attempt signs in with the app registration chosen by then
   */
  repeat(known: SignIn, attempt: (wanted: SignIn) => Promise<SignIn>): Promise<Answer<SignIn>> {
    this.#app = appOf(known);
    return this.#signIn(() => ofApp(known, this.#app), attempt);
  }

  #signInAnew(): Promise<Answer<SignIn>> {
    return this.#signIn(
      () => this.#signIns.wanted(this.#baseUrl, this.#mailbox, this.#app),
      (wanted) => this.#signIns.signIn(wanted),
    );
  }

  async #signIn(wish: () => SignIn, attempt: (wanted: SignIn) => Promise<SignIn>): Promise<Answer<SignIn>> {
    for (;;) {
      const wanted = wish();
      permit(graphFacts(this.#baseUrl, wanted));
      try {
        return await attempt(wanted);
      } catch (reason) {
        if (!(reason instanceof FreightError && reason.is("credential-missing"))) throw reason;
        const answer = await this.#mend(reason);
        if (answer !== true) return answer;
      }
    }
  }

  /** @returns true to try again */
  async #mend(reason: FreightError): Promise<Answer<true>> {
    for (;;) {
      const { clientId } = this.#app;
      const link = this.#consentLink();
      const next = await askAboutTrouble(this.#tools, this.#frame, wordsOf(reason), {
        clientId,
        consentLink: link,
      });
      if (next === undefined || next === BACK) return next;
      if (next === "again") return true;
      const answer = next === "client" ? await this.#askClientId() : await this.#askPlace();
      if (answer !== BACK) return answer;
    }
  }

  /** Asks both questions about the directory, even if they were answered before. */
  async #askPlace(): Promise<Answer<true>> {
    for (;;) {
      const answer = this.#mayBePersonal ? await this.#askAccountType() : true;
      if (answer !== true || this.#isPersonal) return answer;
      const directory = await this.#askDirectory();
      if (directory !== BACK || !this.#mayBePersonal) return directory;
    }
  }

  readonly #askAccountType: Page = async () => {
    const { tenant } = this.#app;
    const company: Choice<string> = {
      label: t("Company or School Account"),
      ...(isOneDirectory(tenant) ? { description: tenant } : {}),
      icon: "organization",
      value: tenant === "" || tenant === PERSONAL ? this.#knownCompany() : tenant,
    };
    const personal: Choice<string> = {
      label: t("Personal Account"),
      description: t("Outlook.com, Hotmail, Live"),
      icon: "person",
      value: PERSONAL,
    };
    const rows = tenant === PERSONAL ? [personal, company] : [company, personal];
    const answer = await this.#tools.input.choose(
      this.#frame,
      t("Which kind of Microsoft account is it?"),
      rows,
    );
    if (answer === undefined || answer === BACK) return answer;
    this.#app = { ...this.#app, tenant: answer };
    // Keep a directory that is named in the settings: this account has its own.
    if (!isOneDirectory(this.#known("graph.tenant"))) await this.#keep("graph.tenant", answer);
    return true;
  };

  #knownCompany(): string {
    const known = this.#known("graph.tenant");
    return isOneDirectory(known) ? known : ORGANIZATIONS;
  }

  readonly #askClient: Page = async () => {
    const { input, dialogs } = this.#tools;
    for (;;) {
      const answer = await input.choose(
        this.#frame,
        t("Your organization's app registration is needed, once."),
        [
          {
            label: t("Enter Client ID…"),
            detail: t("The registration's application (client) ID; ask your administrator for it"),
            icon: "edit",
            value: "enter",
          },
          {
            label: t("Copy Registration Command"),
            detail: t("One line for Azure's Cloud Shell (Bash): it makes the registration and prints its ID"),
            icon: "copy",
            value: "command",
          },
          {
            label: t("Copy Steps"),
            detail: t("The same by hand in the Microsoft Entra admin center, for you or your administrator"),
            icon: "list-ordered",
            value: "steps",
          },
        ],
      );
      if (answer === undefined || answer === BACK) return answer;
      if (answer === "enter") {
        const entered = await this.#askClientId();
        if (entered !== BACK) return entered;
      } else
        await dialogs.copy(
          answer === "command"
            ? registrationCommand(this.#isPersonal)
            : registrationSteps(this.#isPersonal, permissionsFor(this.#mailbox)),
          t("Copied"),
          5000,
        );
    }
  };

  async #askClientId(): Promise<Answer<true>> {
    const answer = await this.#tools.input.ask(this.#frame, {
      prompt: t(
        "Application (client) ID of the app registration. You find it in the registration's overview in the Microsoft Entra admin center; it is not a secret.",
      ),
      placeholder: "11111111-2222-3333-4444-555555555555",
      value: this.#app.clientId,
      problem: (text) =>
        clientIdProblem(text) ??
        (isOutOf(machinePolicy.rules.clientIds, text)
          ? t("Your organization does not allow this app registration here.")
          : undefined),
    });
    if (typeof answer !== "string") return answer;
    this.#app = { ...this.#app, clientId: answer };
    await this.#keep("graph.clientId", answer);
    return true;
  }

  readonly #askDirectory: Page = async () => {
    if (this.#isPersonal) return true;
    const { tenant } = this.#app;
    const answer = await this.#tools.input.ask(this.#frame, {
      prompt: t(
        "Your organization's domain or directory (tenant) ID. Leave it empty only if the registration is for several organizations.",
      ),
      placeholder: "contoso.com",
      value: isOneDirectory(tenant) ? tenant : "",
      problem: (text) =>
        directoryProblem(text) ??
        (isOutOf(machinePolicy.rules.tenants, text)
          ? t("Your organization does not allow this directory here.")
          : undefined),
    });
    if (typeof answer !== "string") return answer;
    this.#app = { ...this.#app, tenant: answer === "" ? ORGANIZATIONS : answer };
    await this.#keep("graph.tenant", this.#app.tenant);
    return true;
  };

  /** Only for a new registration, which nobody can have approved yet. */
  readonly #askApproval: Page = async () => {
    if (this.#isPersonal) return true;
    for (;;) {
      const answer = await this.#tools.input.choose(this.#frame, t("Ready to sign in?"), [
        { label: t("Sign In"), icon: "sign-in", value: true },
        {
          label: t("Copy Administrator's Consent Link"),
          detail: t("With it an administrator approves Freight Mail for everybody, where that is required"),
          icon: "copy",
          value: false,
        },
      ]);
      if (answer !== false) return answer;
      await this.#tools.dialogs.copy(this.#consentLink(), t("Copied"), 5000);
    }
  };

  #consentLink(): string {
    return consentLink(cloudOf(this.#baseUrl).baseUrl, this.#app, permissionsFor(this.#mailbox));
  }

  /** The policy's value if it allows only one, else the setting. */
  #known(name: "graph.clientId" | "graph.tenant"): string {
    const { clientIds, tenants } = machinePolicy.rules;
    const allowed = name === "graph.clientId" ? clientIds : tenants;
    const [only] = allowed ?? [];
    return allowed?.length === 1 && only !== undefined
      ? only
      : name === "graph.clientId"
        ? this.#tools.readSetting("graph.clientId", Text)
        : this.#tools.readSetting("graph.tenant", Text);
  }

  async #keep(name: "graph.clientId" | "graph.tenant", value: string): Promise<void> {
    if (this.#known(name) !== value) await keepAnswer(this.#tools, name, value);
  }
}

/** The reason in the original words of Microsoft or VS Code. */
function wordsOf(reason: FreightError): string {
  return reason.cause instanceof Error ? reason.cause.message : t("nobody signed in.");
}
