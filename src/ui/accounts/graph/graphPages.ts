/** Adds a Microsoft 365 account used directly: asks which cloud, how to sign in, whose mailbox. */
import * as z from "zod";
import type { Account } from "../../../accounts/accountBook.ts";
import { GRAPH, graphFacts } from "../../../accounts/accountFacts.ts";
import { FreightError } from "../../../base/errors.ts";
import { isTransient } from "../../../net/retry.ts";
import { Slots } from "../../../net/slots.ts";
import { type AccountFacts, permit } from "../../../policy/accountRules.ts";
import { DriveLinks } from "../../../services/drive/driveLinks.ts";
import { GraphService } from "../../../services/graph/graph.ts";
import {
  GRAPH_CALENDAR_SCOPE,
  GRAPH_CLOUDS,
  GRAPH_FILES_SCOPE,
  readToken,
} from "../../../services/graph/graphApi.ts";
import { t } from "../../../shared/l10n.ts";
import { plain } from "../../notices/plain.ts";
import { addressQuestion } from "../pages/address.ts";
import { marked } from "../pages/markedChoice.ts";
import { type Answer, BACK, type StepFrame } from "../pages/pageInput.ts";
import { type Step as AnyStep, askAgain, chooseOrAsk, walk } from "../pages/pageSequence.ts";
import type { PageTools, ServicePages } from "../pages/servicePages.ts";
import { type SignIn, silentToken } from "../pages/signInToken.ts";
import { cloudOf, GraphSignIn, permissionsFor } from "./graphSignIn.ts";
import { GraphSignInPages } from "./graphSignInPages.ts";
import { askToken, withExpiry } from "./tokenPage.ts";

const title = () => t("Add Account");

interface Answers {
  baseUrl?: string;
  /** "me", or the address of a shared mailbox. */
  mailbox?: string;
  signIn?: SignIn;
  token?: string;
  /** Why the page that can fix it is asked again. */
  refused?: string;
}

type Step = AnyStep<Answers, Account>;

export class GraphPages implements ServicePages {
  readonly key = GRAPH.service;
  readonly name = GRAPH.serviceName;
  readonly detail = t("Your Microsoft mailbox, with no other service in between");
  readonly icon = "mail";
  readonly #tools: PageTools;
  readonly #signIns: GraphSignIn;

  constructor(tools: PageTools) {
    this.#tools = tools;
    this.#signIns = new GraphSignIn(tools.authentication);
  }

  add(): Promise<Answer<Account>> {
    const steps = [this.#askCloud, this.#askMailbox, this.#askSignIn, this.#checkAndSave];
    return walk<Answers, Account>(steps, {}, async (reason, answers) => {
      if (isTransient(reason)) return askAgain(this.#tools, title(), reason);
      if (!(reason instanceof FreightError)) return undefined;
      if (reason.is("provider-unsupported")) {
        // Too long for a notification, which shows only the beginning.
        await this.#tools.dialogs.ask(
          "error",
          plain(reason.message),
          t(
            "This is a known limit of Graph in many organizations. If nobody can sign in as that mailbox, go back and send from your own.",
          ),
        );
        return this.#askSignIn;
      }
      const mend = reason.is("credential-rejected", "credential-missing", "scope-missing")
        ? this.#askSignIn
        : reason.is("grant-unknown", "grant-invalid")
          ? this.#askMailbox
          : undefined;
      if (mend === undefined) return undefined;
      this.#tools.noted(reason);
      answers.refused = reason.message;
      return mend;
    });
  }

  async renew(account: Account): Promise<boolean> {
    const known = account.signIn;
    if (known !== undefined) {
      const signIn = await this.#pagesOf(account, t("Update Key")).repeat(known, (wanted) =>
        this.#signIns.again(wanted, account),
      );
      if (signIn === undefined || signIn === BACK) return false;
      await this.#tools.save({ ...account, signIn }, undefined);
      return true;
    }
    // For a shared mailbox another person's token may be right.
    const old = account.grantId === "me" ? await this.#tools.credential(account).catch(() => "") : "";
    const frame = { title: t("Update Key"), canGoBack: false };
    const token = await askToken(this.#tools.input, frame, {
      email: account.email,
      userId: readToken(old)?.userId,
    });
    if (typeof token !== "string") return false;
    await this.#tools.save(withExpiry(account, token), token);
    return true;
  }

  allowCalendar(account: Account): Promise<Account | undefined> {
    return this.#allow(account, [GRAPH_CALENDAR_SCOPE], t("Attach to Calendar Event"));
  }

  async allowDrafts(account: Account): Promise<Account | undefined> {
    // A pasted token cannot be given more permissions: it takes a new one.
    if (account.signIn === undefined) return (await this.renew(account)) ? account : undefined;
    return this.#allow(account, permissionsFor(account.grantId), t("Allow More"));
  }

  async allowLinks(account: Account): Promise<Account | undefined> {
    if (account.signIn === undefined) return (await this.renew(account)) ? account : undefined;
    return this.#allow(account, [GRAPH_FILES_SCOPE], t("Allow Files as Links"));
  }

  /** @param permissions short names of the permissions */
  async #allow(
    account: Account,
    permissions: readonly string[],
    title: string,
  ): Promise<Account | undefined> {
    const known = account.signIn;
    const { baseUrl } = cloudOf(account.apiUri);
    const missing = permissions
      .map((permission) => `${baseUrl}/${permission}`)
      .filter((scope) => known?.scopes.includes(scope) === false);
    if (known === undefined || missing.length === 0) return account;
    const signIn = await this.#pagesOf(account, title).repeat(known, (wanted) =>
      this.#signIns.forMore(wanted, missing, account),
    );
    if (signIn === undefined || signIn === BACK) return undefined;
    const wider = { ...account, signIn };
    await this.#tools.save(wider, undefined);
    return wider;
  }

  /** The pages for signing in again to an account. */
  #pagesOf({ apiUri, grantId }: Account, title: string): GraphSignInPages {
    const frame = { title, canGoBack: false };
    return new GraphSignInPages(this.#tools, this.#signIns, frame, apiUri, grantId);
  }

  readonly #checkAndSave: Step = async ({ baseUrl, mailbox, signIn: signedIn, token }) => {
    if (baseUrl === undefined || mailbox === undefined) return undefined;
    permit(graphFacts(baseUrl, signedIn ?? token ?? ""));
    const { http, newId, save, input, authentication } = this.#tools;
    const credential = async () =>
      token ??
      (signedIn === undefined
        ? ""
        : silentToken(authentication, signedIn, mailbox === "me" ? undefined : mailbox));
    const endpoint = { baseUrl, mailbox, token: credential, turns: new Slots() };
    const service = new GraphService(endpoint, http, undefined, new DriveLinks(endpoint, http));
    const found = await input.busy(title(), t("Checking the mailbox…"), (signal) => service.check(signal));
    const account: Account = {
      id: newId(),
      ...GRAPH,
      hasCalendar: true,
      email: found.email ?? found.id,
      provider: found.provider,
      apiUri: baseUrl,
      grantId: mailbox,
      ...(found.sendOnly === true ? { sendOnly: true } : {}),
      ...(found.hasLinks === true ? { hasLinks: true } : {}),
      ...(signedIn === undefined ? {} : { signIn: signedIn }),
    };
    const whole = token === undefined ? account : withExpiry(account, token);
    await save(whole, token);
    return whole;
  };

  readonly #askCloud: Step = async (answers) => {
    const answer = await chooseOrAsk(
      this.#tools.input,
      { title: title(), canGoBack: true },
      t("Which Microsoft cloud is the mailbox in?"),
      [
        ...GRAPH_CLOUDS.map(({ label, detail, baseUrl }) =>
          marked<string>({ label, description: baseUrl, detail, value: baseUrl }, placeFacts(baseUrl)),
        ),
        { label: t("Custom URL…"), description: t("a gateway or a sandbox"), value: "" },
      ],
      addressQuestion(
        t(
          "Address of Microsoft Graph, without a version. The sign-in is sent there, so it must use https or be on this machine.",
        ),
        this.#tools.readSetting("graph.baseUrl", z.string().catch("")),
        "https://graph.example.com",
        t("The sign-in would travel unprotected: use https, or an address on this machine."),
      ),
    );
    if (typeof answer !== "string") return answer;
    answers.baseUrl = new URL(answer).origin;
    permit(placeFacts(answers.baseUrl));
    return true;
  };

  readonly #askMailbox: Step = async (answers) => {
    const answer = await chooseOrAsk(
      this.#tools.input,
      this.#frame(answers),
      t("Send from whose mailbox?"),
      [
        { label: t("My mailbox"), detail: t("The mailbox of the account you sign in with"), value: "me" },
        {
          label: t("A shared mailbox…"),
          detail: t("A team's or somebody else's. Not all of them accept large files; this is tested first."),
          value: "",
        },
      ],
      {
        prompt: t("The address of the shared mailbox"),
        problem: (text) =>
          /^[^\s@]+@[^\s@]+$/.test(text) ? undefined : t("Enter an address, such as team@example.com."),
      },
    );
    if (typeof answer !== "string") return answer;
    answers.mailbox = answer;
    return true;
  };

  /** Asks how to sign in, and then for the sign-in itself: after a refusal both are asked again. */
  readonly #askSignIn: Step = async (answers) => {
    delete answers.token;
    delete answers.signIn;
    for (;;) {
      const signsIn = await this.#askKind(this.#frame(answers));
      if (signsIn === undefined || signsIn === BACK) return signsIn;
      if (signsIn) {
        const { baseUrl = "", mailbox = "me" } = answers;
        const frame = { title: title(), canGoBack: true };
        const pages = new GraphSignInPages(this.#tools, this.#signIns, frame, baseUrl, mailbox);
        const signIn = await pages.run();
        if (signIn === BACK) continue;
        if (signIn === undefined) return undefined;
        answers.signIn = signIn;
        return true;
      }
      const token = await askToken(this.#tools.input, { title: title(), canGoBack: true });
      if (token === BACK) continue;
      if (token === undefined) return undefined;
      answers.token = token;
      return true;
    }
  };

  /** The frame of a page asked again, which says why, only once. */
  #frame(answers: Answers): StepFrame {
    const { refused } = answers;
    delete answers.refused;
    return { title: title(), canGoBack: true, refused };
  }

  #askKind(frame: StepFrame): Promise<Answer<boolean>> {
    return this.#tools.input.choose(frame, t("How do you want to sign in to Microsoft?"), [
      {
        label: t("Sign in with Microsoft"),
        detail: t("Through VS Code's own accounts. Needs an app registration in your organization."),
        icon: "sign-in",
        value: true,
      },
      {
        label: t("Access token"),
        detail: t("Paste one; it is valid for about an hour"),
        icon: "key",
        value: false,
      },
    ]);
  }
}

function placeFacts(apiUri: string): AccountFacts {
  return { ...GRAPH, apiUri };
}
