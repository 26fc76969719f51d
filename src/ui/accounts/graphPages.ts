/** Adds an account of Microsoft 365, straight: which cloud, how to sign in, whose mailbox. */
import * as vscode from "vscode";
import * as z from "zod";
import type { Account } from "../../accounts/accountBook.ts";
import { GRAPH, graphFacts } from "../../accounts/accountFacts.ts";
import { FreightError } from "../../base/errors.ts";
import { Slots } from "../../net/slots.ts";
import { type AccountFacts, permit } from "../../policy/accountRules.ts";
import { GraphService } from "../../services/graph/graph.ts";
import {
  GRAPH_CALENDAR_SCOPE,
  GRAPH_CLOUDS,
  GRAPH_SCOPES,
  readToken,
} from "../../services/graph/graphApi.ts";
import { readSetting } from "../editor/settings.ts";
import { plain } from "../notices/plain.ts";
import { addressProblem } from "./address.ts";
import { cloudOf, signIn, signInAgain, signInForMore, wantedSignIn } from "./graphSignIn.ts";
import { marked } from "./markedChoice.ts";
import { type Step as AnyStep, walk } from "./pageSequence.ts";
import { type Answer, ask, BACK, busy, choose } from "./quickInput.ts";
import type { PageTools, ServicePages } from "./servicePages.ts";
import { type SignIn, silentToken } from "./signInToken.ts";

const TITLE = "Add Account";
/** What can be done where the mailbox of somebody else takes no large files. */
const SHARED_WORDS =
  "This is a known limit of Graph in many organizations. If nobody can sign in as that mailbox, go back and send from your own.";
const STEPS = 5;

interface Answers {
  baseUrl?: string;
  /** "me", or the address of a shared mailbox. */
  mailbox?: string;
  signIn?: SignIn;
  token?: string;
}

type Step = AnyStep<Answers, Account>;

export class GraphPages implements ServicePages {
  readonly key = GRAPH.service;
  readonly name = GRAPH.serviceName;
  readonly detail = "Your Microsoft mailbox directly, with no other service in between";
  readonly icon = "mail";
  readonly #tools: PageTools;

  constructor(tools: PageTools) {
    this.#tools = tools;
  }

  add(): Promise<Answer<Account>> {
    const steps = [askCloud, askMailbox, askSignIn, this.#checkAndSave];
    return walk<Answers, Account>(steps, {}, async (reason) => {
      if (!(reason instanceof FreightError)) return undefined;
      if (reason.is("provider-unsupported")) {
        // Too much for a message in the corner, which shows the beginning only.
        await vscode.window.showErrorMessage(plain(reason.message), { modal: true, detail: SHARED_WORDS });
        return askSignIn;
      }
      const mend = reason.is("credential-rejected", "credential-missing", "scope-missing")
        ? askSignIn
        : reason.is("grant-unknown", "grant-invalid")
          ? askMailbox
          : undefined;
      // Without its remedy: the question is the remedy.
      const { code, message, requestId, cause } = reason;
      if (mend !== undefined) this.#tools.report(new FreightError(code, message, { requestId, cause }));
      return mend;
    });
  }

  async renew(account: Account): Promise<boolean> {
    if (account.signIn !== undefined) {
      await this.#tools.save({ ...account, signIn: await signInAgain(account.signIn, account) }, undefined);
      return true;
    }
    // Into a shared mailbox several people may have a way.
    const old = account.grantId === "me" ? await this.#tools.credential(account).catch(() => "") : "";
    const frame = { title: "Update Key", step: 1, totalSteps: 1 };
    const token = await askToken(frame, { email: account.email, userId: readToken(old)?.userId });
    if (typeof token !== "string") return false;
    await this.#tools.save(withExpiry(account, token), token);
    return true;
  }

  async allowCalendar(account: Account): Promise<Account> {
    const known = account.signIn;
    const scope = `${cloudOf(account.apiUri).baseUrl}/${GRAPH_CALENDAR_SCOPE}`;
    if (known === undefined || known.scopes.includes(scope)) return account;
    const wider = { ...account, signIn: await signInForMore(known, scope, account) };
    await this.#tools.save(wider, undefined);
    return wider;
  }

  readonly #checkAndSave: Step = async ({ baseUrl, mailbox, signIn: signedIn, token }) => {
    if (baseUrl === undefined || mailbox === undefined) return undefined;
    permit(graphFacts(baseUrl, signedIn ?? token ?? ""));
    const { http, newId, save } = this.#tools;
    const credential = async () =>
      token ??
      (signedIn === undefined ? "" : silentToken(signedIn, mailbox === "me" ? "The account" : mailbox));
    const service = new GraphService({ baseUrl, mailbox, token: credential, turns: new Slots() }, http);
    const found = await busy(TITLE, "Checking the mailbox…", (signal) => service.check(signal));
    const account: Account = {
      id: newId(),
      ...GRAPH,
      hasCalendar: true,
      email: found.email ?? found.id,
      provider: found.provider,
      apiUri: baseUrl,
      grantId: mailbox,
      ...(signedIn === undefined ? {} : { signIn: signedIn }),
    };
    const whole = token === undefined ? account : withExpiry(account, token);
    await save(whole, token);
    return whole;
  };
}

const askCloud: Step = async (answers) => {
  const frame = { title: TITLE, step: 2, totalSteps: STEPS };
  for (;;) {
    const answer = await choose<string>(frame, "Which Microsoft cloud is the mailbox in?", [
      ...GRAPH_CLOUDS.map(({ label, detail, baseUrl }) =>
        marked({ label, description: baseUrl, detail, value: baseUrl }, placeFacts(baseUrl)),
      ),
      { label: "Custom URL…", description: "a gateway or a sandbox", value: "" },
    ]);
    if (answer === undefined || answer === BACK) return answer;
    const baseUrl = answer === "" ? await askUrl(frame) : answer;
    if (baseUrl === BACK) continue;
    if (baseUrl === undefined) return undefined;
    permit(placeFacts(baseUrl));
    answers.baseUrl = baseUrl;
    return true;
  }
};

async function askUrl(frame: { title: string; step: number; totalSteps: number }): Promise<Answer<string>> {
  const answer = await ask(frame, {
    prompt:
      "Address of Microsoft Graph, without a version. The sign-in is sent there, so it must use https or be on this machine.",
    placeholder: "https://graph.example.com",
    value: readSetting("graph.baseUrl", z.string().catch("")),
    problem: (text) => addressProblem(text, { example: "https://graph.example.com", secret: "sign-in" }),
  });
  return typeof answer === "string" ? new URL(answer).origin : answer;
}

const askMailbox: Step = async (answers) => {
  const frame = { title: TITLE, step: 3, totalSteps: STEPS };
  for (;;) {
    const answer = await choose<string>(frame, "Send from whose mailbox?", [
      { label: "Mine", detail: "The mailbox of the account you sign in with", value: "me" },
      {
        label: "A shared mailbox…",
        detail: "A team's or somebody else's. Not all of them accept large files; this is tested first.",
        value: "",
      },
    ]);
    if (answer === undefined || answer === BACK) return answer;
    const mailbox =
      answer === ""
        ? await ask(frame, {
            prompt: "The address of the shared mailbox",
            problem: (text) =>
              /^[^\s@]+@[^\s@]+$/.test(text) ? undefined : "Enter an address, such as team@example.com.",
          })
        : answer;
    if (mailbox === BACK) continue;
    if (mailbox === undefined) return undefined;
    answers.mailbox = mailbox;
    return true;
  }
};

/** How Microsoft knows the person, and with it their sign-in: one that was refused is asked for with its kind. */
const askSignIn: Step = async (answers) => {
  delete answers.token;
  delete answers.signIn;
  for (;;) {
    const signsIn = await askKind();
    if (signsIn === undefined || signsIn === BACK) return signsIn;
    if (signsIn) {
      const { baseUrl = "", mailbox = "me" } = answers;
      const wanted = await wantedSignIn(baseUrl, mailbox);
      if (wanted === undefined) continue;
      permit(graphFacts(baseUrl, wanted));
      answers.signIn = await signIn(wanted);
      return true;
    }
    const token = await askToken({ title: TITLE, step: 5, totalSteps: STEPS });
    if (token === BACK) continue;
    if (token === undefined) return undefined;
    answers.token = token;
    return true;
  }
};

function askKind(): Promise<Answer<boolean>> {
  return choose({ title: TITLE, step: 4, totalSteps: STEPS }, "How do you want to sign in to Microsoft?", [
    {
      label: "Sign in with Microsoft",
      detail: "Through VS Code's own accounts. Needs an app registration in your organization.",
      iconPath: new vscode.ThemeIcon("sign-in"),
      value: true,
    },
    {
      label: "Access token",
      detail: "Paste one; it is valid for about an hour",
      iconPath: new vscode.ThemeIcon("key"),
      value: false,
    },
  ]);
}

/** @param holder whom the token has to be of, when a new one is asked for */
function askToken(
  frame: { title: string; step: number; totalSteps: number },
  holder?: { readonly email: string; readonly userId: string | undefined },
): Promise<Answer<string>> {
  return ask(frame, {
    prompt: `${holder === undefined ? "An access token" : `A new access token for ${holder.email}`} with the scopes ${GRAPH_SCOPES.join(", ")}. It is kept in VS Code's secret storage only.`,
    password: true,
    problem: (text) => {
      if (text === "") return "Enter the token.";
      if (!/^[\x21-\x7e]+$/.test(text)) return "A token has no spaces, line breaks or non-ASCII characters.";
      const { expiresAt, userId } = readToken(text) ?? {};
      if (expiresAt !== undefined && expiresAt <= Date.now())
        return `This token expired on ${new Date(expiresAt).toLocaleString()}.`;
      // Mails of this account would leave from somebody else's mailbox.
      return holder?.userId !== undefined && userId !== undefined && userId !== holder.userId
        ? `This token is not for ${holder.email}.`
        : undefined;
    },
  });
}

function withExpiry(account: Account, token: string): Account {
  const { expiresAt } = readToken(token) ?? {};
  const { credentialExpiresAt: _, ...rest } = account;
  return expiresAt === undefined ? rest : { ...rest, credentialExpiresAt: expiresAt };
}

function placeFacts(apiUri: string): AccountFacts {
  return { ...GRAPH, apiUri };
}
