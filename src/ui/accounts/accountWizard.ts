/** Adds an account: which service, then what that service asks for. */
import * as vscode from "vscode";
import type { Account } from "../../accounts/accounts.ts";
import { FreightError } from "../../base/errors.ts";
import type { CalendarEvent, MailService } from "../../services/mailService.ts";
import type { PracticeMailbox } from "../../services/practice.ts";
import { withoutIcons } from "../notices/plain.ts";
import { GraphRoad } from "./graphRoad.ts";
import { NylasRoad, type NylasRoadOptions } from "./nylasRoad.ts";
import { marked, permit } from "./permit.ts";
import { PracticeRoad } from "./practiceRoad.ts";
import { BACK, busy, choose } from "./quickInput.ts";
import type { Road, RoadTools } from "./road.ts";

export interface AccountWizardOptions extends RoadTools, NylasRoadOptions {
  readonly practice: PracticeMailbox;
}

export class AccountWizard {
  readonly #roads: readonly Road[];
  readonly #practice: PracticeRoad;

  constructor(options: AccountWizardOptions) {
    this.#practice = new PracticeRoad(options, options.practice);
    this.#roads = [new NylasRoad(options, options), new GraphRoad(options), this.#practice];
  }

  /** @returns the account that was added; undefined when the person left @throws FreightError when the check fails */
  async run(): Promise<Account | undefined> {
    for (;;) {
      const road = await this.#askService();
      if (road !== undefined) permit(plainFacts(road));
      const account = await road?.add();
      if (account !== BACK) return account;
    }
  }

  /** Adds the practice mailbox, or finds the one that is there. */
  async addPractice(): Promise<Account> {
    permit(plainFacts(this.#practice));
    return this.#practice.add();
  }

  /** Asks for a new key or sign-in of an account. @returns false when the person left */
  async renew(account: Account): Promise<boolean> {
    const road = this.#roadOf(account);
    permit({ ...plainFacts(road), apiUri: account.apiUri });
    return road.renew(account);
  }

  /**
   * The service that carries the mail of an account: whatever is asked of one, and every byte, goes through here.
   * @throws FreightError `credential-missing`, `no-account`, `policy-refused`, `policy-unusable`
   */
  async serviceOf(account: Account): Promise<MailService> {
    const road = this.#roadOf(account);
    permit(await road.facts(account));
    return road.service(account);
  }

  /**
   * Asks for one of the coming events of an account's calendar.
   * @returns undefined when the person left @throws FreightError when the calendar cannot be read
   */
  async chooseEvent(account: Account): Promise<CalendarEvent | undefined> {
    const title = "Attach to Calendar Event";
    const road = this.#roadOf(account);
    const allowed = (await road.allowCalendar?.(account)) ?? account;
    const service = await this.serviceOf(allowed);
    const events = await busy(
      title,
      "Asking for your coming events…",
      async (signal) => (await service.comingEvents?.(signal)) ?? [],
    );
    if (events.length === 0)
      throw new FreightError("request-refused", `${account.email} has no events in the coming weeks.`);
    const answer = await choose(
      { title, step: 1, totalSteps: 1 },
      "Attach to which event?",
      events.map((event) => ({
        label: event.subject === "" ? "(no subject)" : withoutIcons(event.subject),
        description: new Date(event.startsAt).toLocaleString([], { dateStyle: "medium", timeStyle: "short" }),
        value: event,
      })),
    );
    return answer === BACK ? undefined : answer;
  }

  #roadOf({ service, email }: Account): Road {
    const road = this.#roads.find(({ key }) => key === service);
    if (road !== undefined) return road;
    throw new FreightError(
      "no-account",
      `The account ${email} is of a service that this version of Freight Mail does not know. Choose another one.`,
      { remedy: "addAccount" },
    );
  }

  async #askService(): Promise<Road | undefined> {
    const answer = await choose(
      { title: "Add Account", step: 1, totalSteps: 5 },
      "Which service carries your mail?",
      this.#roads.map((road) =>
        marked(
          {
            label: road.name,
            detail: road.detail,
            iconPath: new vscode.ThemeIcon(road.icon),
            value: road,
          },
          plainFacts(road),
        ),
      ),
    );
    return answer === BACK ? undefined : answer;
  }
}

function plainFacts({ key, name }: Road) {
  return { service: key, serviceName: name };
}
