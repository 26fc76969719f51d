/** The account wizard with a person, services and an editor that a test scripts. */
import { mock } from "node:test";
import type { Account } from "../../src/accounts/accountBook.ts";
import type { FreightError } from "../../src/base/errors.ts";
import type { LoopbackListener } from "../../src/net/loopbackListener.ts";
import { machinePolicy } from "../../src/policy/policyFile.ts";
import { Policy } from "../../src/policy/policySchema.ts";
import type { CalendarEvent } from "../../src/services/calendar.ts";
import type { MailService } from "../../src/services/mailService.ts";
import type { PracticeMailbox } from "../../src/services/practice.ts";
import { AccountWizard } from "../../src/ui/accounts/accountWizard.ts";
import type { Authentication } from "../../src/ui/accounts/pages/signInToken.ts";
import { ScriptedDialogs } from "./scriptedDialogs.ts";
import { answer, type Line, ScriptedHttp } from "./scriptedHttp.ts";
import { type Entry, ScriptedInput } from "./scriptedInput.ts";

/** A mailbox of Nylas, as its API tells it. */
export const grant = (id: string, email: string | null, change = {}) => ({
  id,
  email,
  provider: "microsoft",
  grant_status: "valid",
  ...change,
});

/** A token as Microsoft makes them. @param minutes for which it is still valid */
export function token(claims: Readonly<Record<string, unknown>> = {}, minutes = 60): string {
  const exp = Math.floor(Date.now() / 1000) + minutes * 60;
  const payload = { exp, scp: "Mail.ReadWrite Mail.Send User.Read", oid: "ada", ...claims };
  return `e30.${Buffer.from(JSON.stringify(payload)).toString("base64url")}.x`;
}
/** Whose mailbox it is, as Graph says, and that there is one. */
export const me = [
  answer(200, { id: "ada", mail: "ada@example.com" }),
  answer(200, { id: "inbox" }),
] as const;

export interface Scene {
  readonly http?: readonly Line[];
  readonly presses?: readonly string[];
  readonly settings?: Readonly<Record<string, string>>;
  /** VS Code cannot write its settings. */
  readonly settingsAreBroken?: boolean;
  readonly remoteName?: string;
  readonly policy?: unknown;
  readonly kept?: string;
  /** Who signs in, in this order, or why nobody can; nobody: the person closes the browser. */
  readonly people?: readonly (string | Error)[];
  readonly events?: readonly CalendarEvent[];
  /** What comes back to this machine for a page that was opened; unset: nothing, as on another machine. */
  readonly comesBack?: (page: URL) => Record<string, string>;
  /** Another program has the port. */
  readonly portIsTaken?: boolean;
}

export function setUpWizard(scene: Scene, ...entries: readonly Entry[]) {
  const input = new ScriptedInput(...entries);
  const dialogs = new ScriptedDialogs(...(scene.presses ?? []));
  const http = new ScriptedHttp(...(scene.http ?? []));
  const saved: (readonly [Account, string | undefined])[] = [];
  const reported: FreightError[] = [];
  const noted: FreightError[] = [];
  const settings = { ...scene.settings };
  const asked: unknown[] = [];
  const people = [...(scene.people ?? [])];
  let signedIn: string | undefined;
  const authentication = {
    getAccounts: async () => [{ id: "ada", label: "ada@example.com" }],
    getSession: async (provider: string, scopes: readonly string[], options: object) => {
      asked.push({ provider, scopes, ...options });
      // Whoever has signed in is known from then on.
      const id = "silent" in options ? signedIn : people.shift();
      if (id instanceof Error) throw id;
      signedIn = id;
      return id === undefined
        ? undefined
        : { id: "session", accessToken: token(), scopes, account: { id, label: id } };
    },
  };
  mock.restoreAll();
  mock.getter(machinePolicy, "rules", () => Policy.parse(scene.policy ?? {}));
  const pages: URL[] = [];
  const forwarded: number[] = [];
  const listening: number[] = [];
  let take: ((answer: URLSearchParams) => boolean) | undefined;
  const taken: boolean[] = [];
  const addresses = async () => ({
    nylas: {
      apiUri: "http://127.0.0.1:9",
      clientId: "practice-client",
      grants: [grant("practice-grant", "you@practice.example")],
    },
  });
  const service = { comingEvents: async () => scene.events ?? [] };
  const wizard = new AccountWizard({
    input,
    dialogs,
    http,
    authentication: authentication as unknown as Authentication,
    practice: { addresses } as unknown as PracticeMailbox,
    serviceFor: async (from) => {
      asked.push(["serviceFor", from.signIn?.scopes.length]);
      return service as unknown as MailService;
    },
    credential: async () => scene.kept ?? "",
    save: async (...what) => void saved.push(what),
    newId: () => "new",
    noted: (reason) => void noted.push(reason),
    report: (reason) => void reported.push(reason),
    browser: {
      open: async (address) => {
        const page = new URL(address);
        pages.push(page);
        const back = scene.comesBack?.(page);
        if (back !== undefined && take !== undefined) taken.push(take(new URLSearchParams(back)));
      },
      forward: async (port) => void forwarded.push(port),
    },
    listen: async (options) => {
      if (scene.portIsTaken === true) throw new Error("EADDRINUSE");
      take = options.take;
      listening.push(options.port);
      return { dispose: () => void listening.pop() } as unknown as LoopbackListener;
    },
    remoteName: scene.remoteName,
    readSetting: (name, schema) => schema.parse(settings[name]),
    writeSetting: async (name, value) => {
      if (scene.settingsAreBroken === true) throw new Error("Unable to write into user settings.");
      settings[name] = value;
    },
  });
  return {
    wizard,
    input,
    dialogs,
    http,
    saved,
    reported,
    noted,
    settings,
    asked,
    pages,
    taken,
    forwarded,
    listening,
  };
}
