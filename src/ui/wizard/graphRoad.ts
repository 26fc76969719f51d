/** Adds an account of Microsoft 365, straight: which cloud, how to sign in, whose mailbox. */
import * as vscode from "vscode";
import * as z from "zod";
import type { Account } from "../../accounts.ts";
import { FreightError } from "../../errors.ts";
import { Slots } from "../../net/slots.ts";
import { GraphService } from "../../services/graph.ts";
import { GRAPH_CALENDAR_SCOPE, GRAPH_CLOUDS, GRAPH_SCOPES, readToken } from "../../services/graphApi.ts";
import type { MailService } from "../../services/mailService.ts";
import { readSetting } from "../settings.ts";
import { apiUriProblem } from "./nylasRoad.ts";
import { type Answer, ask, BACK, busy, choose } from "./quickInput.ts";
import type { Road, RoadTools } from "./road.ts";
import { type Step as AnyStep, walk } from "./walk.ts";

const TITLE = "Add Account";
const STEPS = 5;

type SignIn = NonNullable<Account["signIn"]>;

interface Answers {
  baseUrl?: string;
  /** "me", or the address of a shared mailbox. */
  mailbox?: string;
  signsIn?: boolean;
  signIn?: SignIn;
  token?: string;
}

type Step = AnyStep<Answers, Account>;

export class GraphRoad implements Road {
  readonly key = "graph";
  readonly name = "Microsoft 365";
  readonly detail = "Your own Microsoft mailbox, straight and without another service between";
  readonly icon = "mail";
  readonly #tools: RoadTools;
  /** By account. */
  readonly #turns = new Map<string, Slots>();

  constructor(tools: RoadTools) {
    this.#tools = tools;
  }

  add(): Promise<Answer<Account>> {
    const steps = [askCloud, askMailbox, askKind, askCredential, this.#checkAndSave];
    return walk<Answers, Account>(steps, {}, async (reason) => {
      if (!(reason instanceof FreightError)) return undefined;
      const mend = reason.is("credential-rejected", "credential-missing", "scope-missing")
        ? askKind
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
      const { accountId } = await signInNow(account.signIn, true);
      await this.#tools.save({ ...account, signIn: { ...account.signIn, accountId } }, undefined);
      return true;
    }
    const token = await askToken({ title: "Update Key", step: 1, totalSteps: 1 }, account.email);
    if (typeof token !== "string") return false;
    await this.#tools.save(withExpiry(account, token), token);
    return true;
  }

  async allowCalendar(account: Account): Promise<Account> {
    const { signIn } = account;
    const scope = `${cloudOf(account.apiUri).baseUrl}/${GRAPH_CALENDAR_SCOPE}`;
    if (signIn === undefined || signIn.scopes.includes(scope)) return account;
    const wider = {
      ...account,
      signIn: await signInNow({ ...signIn, scopes: [...signIn.scopes, scope] }, false),
    };
    await this.#tools.save(wider, undefined);
    return wider;
  }

  async service(account: Account): Promise<MailService> {
    const { id, signIn } = account;
    const turns = this.#turns.get(id) ?? new Slots();
    this.#turns.set(id, turns);
    let known: string | undefined;
    const token = async (isRefused: boolean) => {
      if (known === undefined || isRefused)
        known =
          signIn === undefined
            ? await this.#tools.credential(account)
            : await silentToken(signIn, account.email);
      return known;
    };
    return new GraphService(
      { baseUrl: account.apiUri, mailbox: account.grantId, token, turns },
      this.#tools.http,
    );
  }

  readonly #checkAndSave: Step = async ({ baseUrl, mailbox, signIn, token }) => {
    if (baseUrl === undefined || mailbox === undefined) return undefined;
    const { http, newId, save } = this.#tools;
    const credential = async () => token ?? (signIn === undefined ? "" : silentToken(signIn, mailbox));
    const service = new GraphService({ baseUrl, mailbox, token: credential, turns: new Slots() }, http);
    const found = await busy(TITLE, "Checking the mailbox…", (signal) => service.check(signal));
    const account: Account = {
      id: newId(),
      service: this.key,
      serviceName: this.name,
      hasCalendar: true,
      email: found.email ?? found.id,
      provider: found.provider,
      apiUri: baseUrl,
      grantId: mailbox,
      ...(signIn === undefined ? {} : { signIn }),
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
      ...GRAPH_CLOUDS.map(({ label, detail, baseUrl }) => ({
        label,
        description: baseUrl,
        detail,
        value: baseUrl,
      })),
      { label: "Custom URL…", description: "a gateway or a sandbox", value: "" },
    ]);
    if (answer === undefined || answer === BACK) return answer;
    const baseUrl = answer === "" ? await askUrl(frame) : answer;
    if (baseUrl === BACK) continue;
    if (baseUrl === undefined) return undefined;
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
    problem: apiUriProblem,
  });
  return typeof answer === "string" ? new URL(answer).origin : answer;
}

const askMailbox: Step = async (answers) => {
  const frame = { title: TITLE, step: 3, totalSteps: STEPS };
  for (;;) {
    const answer = await choose<string>(frame, "Send from whose mailbox?", [
      { label: "Mine", detail: "The mailbox of the account that signs in", value: "me" },
      {
        label: "A shared mailbox…",
        detail:
          "Of somebody else, or of a team. Not every organization lets large files into it: that is tried first.",
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

const askKind: Step = async (answers) => {
  const answer = await choose({ title: TITLE, step: 4, totalSteps: STEPS }, "How does Microsoft know you?", [
    {
      label: "Sign in with Microsoft",
      detail: "Through VS Code's own accounts. Needs an app registration of your organization.",
      iconPath: new vscode.ThemeIcon("sign-in"),
      value: true,
    },
    {
      label: "Access token",
      detail: "Pasted; it is good for about an hour",
      iconPath: new vscode.ThemeIcon("key"),
      value: false,
    },
  ]);
  if (answer === undefined || answer === BACK) return answer;
  answers.signsIn = answer;
  return true;
};

const askCredential: Step = async (answers) => {
  delete answers.token;
  delete answers.signIn;
  if (answers.signsIn === true) {
    const wanted = await wantedSignIn(answers);
    if (wanted === undefined) return BACK;
    answers.signIn = await signInNow(wanted, false);
    return true;
  }
  const token = await askToken({ title: TITLE, step: 5, totalSteps: STEPS }, undefined);
  if (token === undefined || token === BACK) return token;
  answers.token = token;
  return true;
};

function askToken(
  frame: { title: string; step: number; totalSteps: number },
  email: string | undefined,
): Promise<Answer<string>> {
  return ask(frame, {
    prompt: `${email === undefined ? "A token" : `New token for ${email}`} with ${GRAPH_SCOPES.join(", ")}. It is kept in VS Code's secret storage only.`,
    password: true,
    problem: (text) => {
      if (text === "") return "Enter the token.";
      if (!/^[\x21-\x7e]+$/.test(text)) return "A token has no spaces, line breaks or letters outside ASCII.";
      const { expiresAt } = readToken(text) ?? {};
      return expiresAt !== undefined && expiresAt <= Date.now()
        ? `This token expired on ${new Date(expiresAt).toLocaleString()}.`
        : undefined;
    },
  });
}

/** A custom address is a gateway or a sandbox in front of the global cloud. */
function cloudOf(baseUrl: string) {
  return GRAPH_CLOUDS.find((known) => known.baseUrl === baseUrl) ?? GRAPH_CLOUDS[0];
}

/** What to ask VS Code's Microsoft accounts for; undefined when the person would rather prepare something first. */
async function wantedSignIn({ baseUrl = "", mailbox }: Answers): Promise<SignIn | undefined> {
  const clientId = readSetting("graph.clientId", z.string().trim().catch(""));
  const tenant = readSetting("graph.tenant", z.string().trim().catch(""));
  if (clientId === "") {
    const [open, anyway] = ["Open Settings", "Sign In Anyway"];
    const chosen = await vscode.window.showWarningMessage(
      "VS Code's own registration may not send mail. Enter the ID of an app registration of your organization in the setting “Graph: Client Id” first.",
      open,
      anyway,
    );
    if (chosen === open)
      await vscode.commands.executeCommand("workbench.action.openSettings", "freightMail.graph.clientId");
    if (chosen !== anyway) return undefined;
  }
  const cloud = cloudOf(baseUrl);
  const shared = mailbox === "me" ? [] : ["Mail.ReadWrite.Shared", "Mail.Send.Shared"];
  return {
    // National clouds have a provider of their own, which the person sets up with its settings.
    provider: cloud === GRAPH_CLOUDS[0] ? "microsoft" : "microsoft-sovereign-cloud",
    scopes: [
      ...(clientId === "" ? [] : [`VSCODE_CLIENT_ID:${clientId}`]),
      ...(tenant === "" ? [] : [`VSCODE_TENANT:${tenant}`]),
      // All of one resource: others cannot be asked for together with it.
      ...[...GRAPH_SCOPES, ...shared].map((scope) => `${cloud.baseUrl}/${scope}`),
      "offline_access",
    ],
    accountId: "",
  };
}

/** @param anew true when the person signs in again although there is a session */
async function signInNow(wanted: SignIn, anew: boolean): Promise<SignIn> {
  const { provider, scopes } = wanted;
  try {
    // Without `silent` it rejects when the person does not sign in.
    const session = await (anew
      ? vscode.authentication.getSession(provider, scopes, { forceNewSession: true })
      : vscode.authentication.getSession(provider, scopes, { createIfNone: true }));
    return { ...wanted, accountId: session.account.id };
  } catch (reason) {
    throw new FreightError(
      "credential-missing",
      `The sign-in with Microsoft was not finished: ${reason instanceof Error ? reason.message : reason}`,
      { cause: reason, remedy: "updateKey" },
    );
  }
}

/** The token of a session that is there, renewed by VS Code where that is due. */
async function silentToken({ provider, scopes, accountId }: SignIn, email: string): Promise<string> {
  const accounts = await vscode.authentication.getAccounts(provider);
  const account = accounts.find(({ id }) => id === accountId);
  const session = await vscode.authentication.getSession(provider, scopes, {
    silent: true,
    ...(account === undefined ? {} : { account }),
  });
  if (session !== undefined) return session.accessToken;
  throw new FreightError("credential-missing", `${email} is signed out of Microsoft in VS Code.`, {
    remedy: "updateKey",
  });
}

function withExpiry(account: Account, token: string): Account {
  const { expiresAt } = readToken(token) ?? {};
  const { credentialExpiresAt: _, ...rest } = account;
  return expiresAt === undefined ? rest : { ...rest, credentialExpiresAt: expiresAt };
}
